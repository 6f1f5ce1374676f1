"""``huoshui overview``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import METRICS, TRAITS
from huoshui.kernel.texts import Language
from huoshui.project.cli import output
from huoshui.project.cli.figures import figure
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say
from huoshui.project.keeping.words import FENCES

if TYPE_CHECKING:
    from huoshui.desk.organisation.queries import Organisation
    from huoshui.measure.dashboards.queries import Flow, Overview


@click.command()
@shows_result
def overview(choices: Choices) -> None:
    """Show the figures of the shop as of the last refresh.

    Each is a metric that huoshui metric explains and splits: totals, the last 30 days beside the 30 before and the same
    days last year, customers by stage of life, by value and by RFM segment, revenue by month, the products that bring
    most. With --json also where customers are, moves between stages, the R × F grid and cohorts.
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
        "same_30_days_last_year": view.compared["year"].values,
        **{
            f"customers_by_{group}": {code or "none": count for code, count in counts.items()}
            for group, counts in view.groups.items()
        },
        "revenue_by_month": [
            {"month": f"{month:%Y-%m}", "revenue": revenue} for month, revenue in view.months
        ],
        "top_products": [
            {"product_id": p.product_id, "name": p.name, "revenue": p.revenue} for p in view.top_products
        ],
        "places": [
            {view.places.by: place, "revenue": now, "previously": before}
            for place, now, before in view.places.rows
        ]
        if view.places
        else [],
        "moves_between_stages": _moves_as_plain(view.flow),
        "customers_by_r_and_f": [
            {"r_score": r, "f_score": f, "customers": number, "net_monetary": money}
            for (r, f), (number, money) in sorted(view.grid.items())
        ],
        "cohorts": [
            {"month": f"{one.start:%Y-%m}", "customers": one.size, "bought": one.active}
            for one in view.cohorts
        ],
        "last_order_at": view.last_order_at,
        "loads": view.loads,
        "stale": view.stale,
    }


def _moves_as_plain(flow: Flow | None) -> dict[str, Any] | None:
    if flow is None:
        return None
    moves = [{"from": was, "to": to, "customers": number} for (was, to), number in flow.moves.items()]
    return {"from": flow.before, "to": flow.after, "moves": moves}


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
    output.heading(
        "近 30 天、此前 30 天与去年同期" if zh else "Last 30 days, the 30 before, and the same days last year"
    )
    year = view.compared["year"].values
    output.print_table(
        (),
        [
            (
                METRICS[slug].label.in_(language),
                figure(METRICS[slug], value, house),
                figure(METRICS[slug], view.previously[slug], house),
                _trend(value, view.previously[slug]),
                figure(METRICS[slug], year[slug], house),
                _trend(value, year[slug]),
            )
            for slug, value in view.lately.items()
        ],
        right=(1, 2, 3, 4, 5),
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
            "近 30 天净收入最高的商品"
            if language == "zh"
            else "Products that brought most in the last 30 days, after returns"
        )
        best = [
            (output.cell(p.name), output.cell(p.product_id), output.money(p.revenue, house.currency))
            for p in view.top_products
        ]
        output.print_table((), best, right=(2,), indent=2)


def _trend(now: Any, before: Any) -> str:
    return f"{float(now) / float(before) - 1:+.0%}" if now is not None and before else ""


def _bar(value: Any, most: Any, width: int = 20) -> str:
    return "█" * round(float(value) / float(most) * width) if most and value > 0 else ""


def _lower(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
