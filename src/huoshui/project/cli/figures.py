"""``huoshui refresh``, ``huoshui overview``, ``huoshui metrics`` and ``huoshui metric``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import TRAITS, Metric
from huoshui.kernel.texts import Language
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from huoshui.desk.organisation.queries import Organisation
    from huoshui.lake.snapshot import Snapshot
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


def figure(metric: Metric, value: Any, house: Organisation) -> str:
    """A value of a metric for people."""
    if value is None:
        return "–"
    if metric.unit == "money":
        return output.money(value, house.currency)
    if metric.unit == "share":
        return output.share(value)
    from huoshui.web.figures import ROUNDED

    return output.number(value, ROUNDED.get(metric.unit, 0))


@click.command()
@shows_result
def metrics(choices: Choices) -> None:
    """List all metrics with their meaning and formula: those of the house, and those that people defined."""
    open_house()
    _print_catalogue(choices)


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
@click.option("--in", "group", metavar="KIND:GROUP", help="Only these customers, as in segment:vip.")
@shows_result
def metric(
    choices: Choices,
    slug: str | None,
    first: str | None,
    last: str | None,
    by: tuple[str, ...],
    where: tuple[str, ...],
    group: str | None,
) -> None:
    """Evaluate one metric; without SLUG, list all as huoshui metrics does.

    Days are those of the house. Dimensions: day, week, month, quarter, year, channel, store, source, product, category,
    every attribute of customers such as province and city, and stage, value_class, rfm_segment as of the end of the
    period. An order counts once for each product or category it has money in, so those rows do not add up.
    --in cuts to a group of customers as they are now: a segment, or any other that a list can be asked for by in=.

    
    Examples:
      huoshui metric
      huoshui metric revenue --from 2011-01-01 --to 2011-12-09 --by month
      huoshui metric active_customers --by stage --where country=France --json
      huoshui metric revenue --in segment:vip --by month
    """
    first_day = clock.parse_day(first) if first is not None else None
    last_day = clock.parse_day(last) if last is not None else None
    sliced = {**dict(pair(text) for text in where), **({"in": group} if group else {})}
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
        if why := queries.why_unknown(declared, cells[0]):
            say(why.in_(choices.language))
    say(declared.meaning.in_(choices.language))


def pair(text: str) -> tuple[str, str | None]:
    """A dimension and its value, or none, of ``DIM=VALUE``."""
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
    from huoshui.measure.metrics import queries

    language, catalogue = choices.language, queries.catalogue()
    if choices.as_json:
        output.print_json([_declared(metric, language) for metric in catalogue])
        return
    for metric in catalogue:
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
        "grain": metric.grain,
        "direction": metric.direction,
    }
