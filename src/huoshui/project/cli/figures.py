"""``huoshui refresh``, ``huoshui overview`` and ``huoshui metric``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import METRICS, TRAITS, Metric
from huoshui.kernel.texts import Language
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say
from huoshui.project.keeping.words import FENCES

if TYPE_CHECKING:
    from huoshui.desk.organisation.queries import Organisation
    from huoshui.lake.snapshot import Snapshot
    from huoshui.measure.dashboards.queries import Overview
    from huoshui.measure.metrics.periods import Period
    from huoshui.measure.metrics.queries import Cell


@click.command()
@click.option("--as-of", metavar="DATE", help="Look from the start of this day, house time (default: now).")
@shows_result
def refresh(choices: Choices, as_of: str | None) -> None:
    """Compute everything that is known of every customer.

    With --as-of only what happened before 00:00 of that day in the house time zone counts, so any past day can be
    computed again. customer, overview and the table traits show the values of the last refresh.

    \b
    Examples:
      huoshui refresh
      huoshui refresh --as-of 2011-12-10
    """
    day = clock.parse_day(as_of) if as_of is not None else None
    zone = open_house().organisation.zone
    from huoshui.data.traits import services
    from huoshui.lake import open_lake

    now = clock.now()
    at = AsOf(at=now, zone=zone) if day is None else AsOf.day(day, zone)
    with output.progress() as tell:
        tell("traits", 0.0)
        done = services.refresh(actor=CONSOLE, lake=open_lake(), as_of=at, now=now)
    if choices.as_json:
        output.print_json(
            {
                "as_of": done.as_of,
                "computed_at": done.computed_at,
                "customers": done.customers,
                "traits": done.traits,
                "seconds": round(done.seconds, 3),
            }
        )
    elif choices.language == "zh":
        click.echo(
            f"已计算 {done.customers:,} 位客户的 {done.traits} 个特征，截至 {at}（{done.seconds:.1f} 秒）"
        )
    else:
        click.echo(f"{done.traits} traits of {done.customers:,} customers as of {at} ({done.seconds:.1f} s)")
    if not done.customers:
        say("there is no customer yet. Load some first: huoshui import orders.csv --as transactions")


@click.command()
@shows_result
def overview(choices: Choices) -> None:
    """Show the figures of the shop as of the last refresh.

    Each is a metric that huoshui metric explains and splits: totals, the last 30 days beside the 30 before, customers
    by stage of life, by value and by RFM segment, revenue by month, the products that bring most.
    """
    print_overview(choices, open_house().organisation)


def print_overview(choices: Choices, house: Organisation) -> None:
    """Compute the overview and print it."""
    from huoshui.desk.organisation import queries as organisation
    from huoshui.lake import open_lake
    from huoshui.measure.dashboards import queries

    now = clock.now()
    view = open_lake().read(
        lambda tables: queries.overview(actor=CONSOLE, tables=tables, zone=house.zone, now=now)
    )
    if choices.as_json:
        output.print_json(overview_as_plain(view, house))
    elif not view.empty:
        _print_overview(view, choices, house)
    if view.empty:
        say("nothing is loaded yet. Start with: huoshui import orders.csv --as transactions")
    elif view.computed_at is None:
        say("customers have not been computed yet. Do it with: huoshui refresh")
    elif view.stale:
        say("something was loaded after the last refresh. Bring all up to date with: huoshui refresh")
    if fence := organisation.fence():
        say(FENCES[fence.because].in_(choices.language))


def overview_as_plain(view: Overview, house: Organisation) -> dict[str, Any]:
    """The overview as it is printed with ``--json``: every figure under the slug of its metric."""
    return {
        "as_of": view.as_of,
        "computed_at": view.computed_at,
        "currency": house.currency,
        "time_zone": house.time_zone,
        "totals": {
            "customers" if slug == "customers_by_stage" else slug: value
            for slug, value in view.totals.items()
        },
        "last_30_days": view.lately,
        "previous_30_days": view.previously,
        **{
            f"customers_by_{group}": {code or "none": count for code, count in counts.items()}
            for group, counts in view.groups.items()
        },
        "revenue_by_month": [
            {"month": f"{month:%Y-%m}", "revenue": revenue} for month, revenue in view.months
        ],
        "top_products": [
            {"product_id": p.product_id, "name": p.name, "revenue": p.revenue, "quantity": p.quantity}
            for p in view.top_products
        ],
        "last_order_at": view.last_order_at,
        "loads": view.loads,
        "stale": view.stale,
    }


def _print_overview(view: Overview, choices: Choices, house: Organisation) -> None:
    language = choices.language
    zh = language == "zh"
    as_of = AsOf(at=view.as_of, zone=house.zone)
    when = output.moment(view.last_order_at, house.zone)
    click.echo(f"概览（截至 {as_of}）" if zh else f"Overview as of {as_of}")
    click.echo(
        f"  最近一笔订单 {when} · {view.loads} 次导入 · {house.time_zone}"
        if zh
        else f"  last order {when} · {'1 load' if view.loads == 1 else f'{view.loads} loads'} · {house.time_zone}"
    )
    output.heading("全部" if zh else "All time")
    pairs = [
        (METRICS[s].label.in_(language), figure(METRICS[s], value, house)) for s, value in view.totals.items()
    ]
    output.print_table((), pairs, right=(1,), indent=2)
    output.heading("近 30 天与此前 30 天" if zh else "Last 30 days, and the 30 before")
    output.print_table(
        (),
        [
            (
                METRICS[slug].label.in_(language),
                figure(METRICS[slug], value, house),
                figure(METRICS[slug], view.previously[slug], house),
                _trend(value, view.previously[slug]),
            )
            for slug, value in view.lately.items()
        ],
        right=(1, 2, 3),
        indent=2,
    )
    for group, counts in view.groups.items():
        _print_group(group, counts, language)
    _print_months(view, language, house)


def _print_group(group: str, counts: Any, language: Language) -> None:
    trait = TRAITS[group]
    everybody = sum(counts.values())
    label = trait.label.in_(language)
    if language == "zh":
        output.heading(f"客户按{' ' if label[0].isascii() else ''}{label}")
    else:
        output.heading(f"Customers by {_lower(label)}")
    nobody = "未购买" if language == "zh" else "without a purchase"
    output.print_table(
        (),
        [
            (
                trait.values[code].in_(language) if code is not None else nobody,
                output.number(count),
                output.share(count / everybody),
                _bar(count, max(counts.values())),
            )
            for code, count in counts.items()
        ],
        right=(1, 2),
        indent=2,
    )


def _print_months(view: Overview, language: Language, house: Organisation) -> None:
    output.heading(f"各月{METRICS['revenue'].label.zh}" if language == "zh" else "Revenue by month")
    most = max((revenue for _, revenue in view.months), default=0)
    rows = [(f"{month:%Y-%m}", output.money(r, house.currency), _bar(r, most)) for month, r in view.months]
    output.print_table((), rows, right=(1,), indent=2)
    if view.top_products:
        output.heading(
            "这些月份中净收入最高的商品"
            if language == "zh"
            else "Products that brought most in these months, after returns"
        )
        best = [
            (output.cell(p.name), output.cell(p.product_id), output.money(p.revenue, house.currency))
            for p in view.top_products
        ]
        output.print_table((), best, right=(2,), indent=2)


def figure(metric: Metric, value: Any, house: Organisation) -> str:
    """A value of a metric for people."""
    if value is None:
        return "–"
    if metric.unit == "money":
        return output.money(value, house.currency)
    return output.share(value) if metric.unit == "share" else output.number(value)


def _trend(now: Any, before: Any) -> str:
    return f"{float(now) / float(before) - 1:+.0%}" if now is not None and before else ""


def _bar(value: Any, most: Any, width: int = 20) -> str:
    return "█" * round(float(value) / float(most) * width) if most and value > 0 else ""


def _lower(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


@click.command()
@click.argument("slug", required=False)
@click.option("--from", "first", metavar="DATE", help="First day (default: everything before --to).")
@click.option("--to", "last", metavar="DATE", help="Last day, included (default: up to the last refresh).")
@click.option(
    "--by",
    multiple=True,
    metavar="DIM",
    help="Split by this: month, channel, stage, country … May be repeated.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="DIM=VALUE",
    help="Only this slice; DIM= means those without a value. May be repeated.",
)
@shows_result
def metric(
    choices: Choices,
    slug: str | None,
    first: str | None,
    last: str | None,
    by: tuple[str, ...],
    where: tuple[str, ...],
) -> None:
    """Evaluate one metric; without SLUG, list all with their meaning.

    Days are those of the house. Dimensions: day, week, month, channel, store, source, every attribute of customers,
    and stage, value_class, rfm_segment as of the end of the period.

    
    Examples:
      huoshui metric
      huoshui metric revenue --from 2011-01-01 --to 2011-12-09 --by month
      huoshui metric active_customers --by stage --where country=France --json
    """
    first_day = clock.parse_day(first) if first is not None else None
    last_day = clock.parse_day(last) if last is not None else None
    sliced = dict(_pair(text) for text in where)
    house = open_house().organisation
    from huoshui.lake import open_lake
    from huoshui.measure.metrics import queries

    if slug is None:
        _print_catalogue(choices)
        return
    declared = queries.metric(slug)

    def evaluate(tables: Snapshot) -> tuple[Period, list[Cell]]:
        period = _period(tables, house, first_day, last_day)
        return period, queries.evaluate(slug, tables=tables, period=period, by=by, where=sliced)

    period, cells = open_lake().read(evaluate)
    if choices.as_json:
        output.print_json(
            {
                "metric": slug,
                "unit": declared.unit,
                "currency": house.currency if declared.unit == "money" else None,
                "from": first_day,
                "until": period.end,
                "cells": [
                    {
                        **cell.dimensions,
                        "value": cell.value,
                        "numerator": cell.numerator,
                        "denominator": cell.denominator,
                    }
                    for cell in cells
                ],
            }
        )
        return
    click.echo(f"{declared.label.in_(choices.language)} · {period.label}")
    headers = (*by, slug)
    rows = [
        (
            *(_dimension(name, value, choices.language) for name, value in cell.dimensions.items()),
            figure(declared, cell.value, house),
        )
        for cell in cells
    ]
    if by:
        output.print_table(headers, rows, right=(len(by),))
    else:
        output.print_table((), rows, indent=2)
    say(declared.meaning.in_(choices.language))


def _pair(text: str) -> tuple[str, str | None]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise click.UsageError(f"--where {text} is not of the form DIM=VALUE, as in --where country=France")
    return name.strip(), value.strip() or None


def _period(tables: Snapshot, house: Organisation, first: date | None, last: date | None) -> Period:
    from huoshui.data.traits import queries as traits
    from huoshui.measure.metrics.periods import Period

    refreshed = traits.last_refresh(tables=tables)
    as_of = AsOf(at=refreshed[0] if refreshed else clock.now(), zone=house.zone)
    if last is not None:
        as_of = AsOf.day(last + timedelta(days=1), house.zone)
    if first is None:
        return Period.all_until(as_of)
    return Period.days(first, Period.before(as_of, days=1).end_day, house.zone)


def _dimension(name: str, value: Any, language: Language) -> str:
    if value is None:
        return "–"
    labels = TRAITS[name].values if name in TRAITS else {}
    return labels[value].in_(language) if value in labels else output.cell(value)


def _print_catalogue(choices: Choices) -> None:
    language = choices.language
    if choices.as_json:
        output.print_json([_declared(metric, language) for metric in METRICS])
        return
    for metric in METRICS:
        click.echo(f"{metric.slug} · {metric.label.in_(language)}")
        click.echo(f"  {metric.meaning.in_(language)}")
        parts: Sequence[str] = [metric.numerator.in_(language)]
        if metric.denominator is not None:
            parts = [*parts, metric.denominator.in_(language)]
        click.echo("  = " + "\n  ÷ ".join(parts))


def _declared(metric: Metric, language: Language) -> dict[str, Any]:
    return {
        "slug": metric.slug,
        "label": metric.label.in_(language),
        "meaning": metric.meaning.in_(language),
        "unit": metric.unit,
        "numerator": metric.numerator.in_(language),
        "denominator": metric.denominator.in_(language) if metric.denominator is not None else None,
        "direction": metric.direction,
    }
