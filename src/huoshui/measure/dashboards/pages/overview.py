"""The overview as its template shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.plugs import METRICS, TRAITS, House
from huoshui.kernel.texts import Language, Text
from huoshui.measure.dashboards.queries import Overview
from huoshui.measure.metrics.queries import Number
from huoshui.web import charts, figures
from huoshui.web.address import PERIODS, Chosen
from huoshui.web.lists import Part, Tab

BY_DAY = ("revenue", "orders", "active_customers", "new_customers")
COLOURS = {
    "stage": {"active": "c1", "silent": "c2", "new": "c3", "potential": "c5", "lost": "c0"},
    "value_class": {"high": "c1", "potential": "c3", "ordinary": "c0", "at_risk": "c2"},
}
"""A thing keeps its colour everywhere; codes without one get theirs by place."""
SPARE = ("c1", "c3", "c5", "c2", "c6", "c4", "c0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was asked for the page: ``days`` and ``days_before`` are the figures of each day, by metric."""

    view: Overview
    days: Mapping[str, Sequence[tuple[date, Number]]]
    days_before: Mapping[str, Sequence[tuple[date, Number]]]
    channels: Sequence[tuple[str, Number]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """A headline figure."""

    label: str
    value: figures.Figure | str
    difference: figures.Difference | None
    note: str
    spark: charts.Spark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Customers split by a trait."""

    title: str
    meaning: str
    parts: Sequence[Part]
    most: float

    @property
    def few(self) -> bool:
        """Whether the parts fit one bar side by side."""
        return len(self.parts) <= 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page. ``verdict`` is a sentence before the chart."""

    empty: bool
    as_of: datetime
    refreshed: bool
    stale: bool
    days: tuple[date, date]
    stats: Sequence[Stat]
    verdict: str
    periods: Sequence[Tab]
    channels: Sequence[Tab]
    channel: str
    revenue: Chart
    months: Chart
    groups: Sequence[Group]
    totals: Sequence[tuple[str, str, str]]
    products: Sequence[tuple[str, str, str, str]]


def page(seen: Seen, *, chosen: Chosen, house: House, language: Language) -> Page:
    """The page for a reader of ``language``."""
    view = seen.view
    period = view.period
    here = reverse("dashboards:overview")
    channel = chosen.slice.get("channel", "")
    # The last day of the period, not the day after it.
    last = date.fromordinal(period.end_day.toordinal() - 1)
    return Page(
        empty=view.empty,
        as_of=view.as_of,
        refreshed=view.computed_at is not None,
        stale=view.stale,
        days=(period.first_day, last),
        stats=[_stat(slug, seen, house, language) for slug in view.lately],
        verdict=_verdict(view, house, language),
        periods=[
            Tab(
                label=label.in_(language),
                address=here + chosen.with_(period=code),
                current=code == chosen.period,
            )
            for code, label in PERIODS.items()
        ],
        channels=[
            Tab(
                label="全部渠道" if language == "zh" else "All channels",
                address=here + chosen.with_(channel=None),
                current=not channel,
            ),
            *(
                Tab(label=name, address=here + chosen.with_(channel=name), current=name == channel)
                for name, _count in seen.channels
            ),
        ],
        channel=channel,
        revenue=_revenue(seen, house),
        months=_months(view, house),
        groups=[_group(trait, counts, language) for trait, counts in view.groups.items()],
        totals=[
            (
                METRICS[slug].label.in_(language),
                figures.of_metric(METRICS[slug], value, house.currency, language),
                METRICS[slug].meaning.in_(language),
            )
            for slug, value in view.totals.items()
        ],
        products=[
            (
                p.name,
                p.product_id,
                figures.money(p.revenue, house.currency, language),
                figures.count(p.quantity, language),
            )
            for p in view.top_products
        ],
    )


def _stat(slug: str, seen: Seen, house: House, language: Language) -> Stat:
    metric, view = METRICS[slug], seen.view
    now, before = view.lately[slug], view.previously[slug]
    if before is None:
        note = ""
    else:
        was = figures.headline(metric, before, house.currency, language)
        note = f"前期 {was}" if language == "zh" else f"was {was}"
    return Stat(
        label=metric.label.in_(language),
        value=figures.headline(metric, now, house.currency, language),
        difference=figures.difference(
            now, before, language=language, direction=metric.direction, of_shares=metric.unit == "share"
        ),
        note=note,
        spark=charts.spark(_values(seen.days[slug]), _values(seen.days_before[slug]))
        if slug in BY_DAY
        else None,
    )


def _values(days: Sequence[tuple[date, Number]]) -> list[Number]:
    return [value for _day, value in days]


def _verdict(view: Overview, house: House, language: Language) -> str:
    """What happened to revenue and which of its two factors moved more."""
    now, before = view.lately["revenue"], view.previously["revenue"]
    if not now or not before or before < 0:
        return ""
    changes = {
        slug: figures.difference(view.lately[slug], view.previously[slug], language=language)
        for slug in ("revenue", "orders", "average_order_value")
    }
    revenue, orders, size = changes["revenue"], changes["orders"], changes["average_order_value"]
    if revenue is None or orders is None or size is None:
        return ""
    gap = figures.short_money(abs(Decimal(now) - Decimal(before)), house.currency, language)
    more = now > before
    names = {slug: METRICS[slug].label.in_(language) for slug in changes}
    if language == "zh":
        return (
            f"{names['revenue']}比前期{'多' if more else '少'}了 {gap}（{revenue.text}）："
            f"{names['orders']} {orders.text}，{names['average_order_value']} {size.text}。"
        )
    return (
        f"{names['revenue']} is {gap} {'above' if more else 'below'} the period before ({revenue.text}): "
        f"{names['orders'].lower()} {orders.text}, {names['average_order_value'].lower()} {size.text}."
    )


def _revenue(seen: Seen, house: House) -> Chart:
    days = seen.days["revenue"]
    return Chart(
        kind="line",
        title=Text("Revenue by day", "每日净收入"),
        axis=Text("Day", "日期"),
        unit="money",
        currency=house.currency,
        places=tuple(day for day, _value in days),
        series=(
            Series(name=Text("this period", "本期"), values=tuple(_values(days))),
            Series(
                name=Text("period before", "前期"),
                values=tuple(_values(seen.days_before["revenue"])),
                part="previous",
            ),
        ),
    )


def _months(view: Overview, house: House) -> Chart:
    return Chart(
        kind="bar",
        title=Text("Revenue by month", "各月净收入"),
        axis=Text("Month", "月份"),
        unit="money",
        currency=house.currency,
        monthly=True,
        places=tuple(month for month, _value in view.months),
        series=(Series(name=METRICS["revenue"].label, values=tuple(value for _month, value in view.months)),),
    )


def _group(slug: str, counts: Mapping[str | None, int], language: Language) -> Group:
    trait = TRAITS[slug]
    try:
        listed = reverse("customers:list")
    except NoReverseMatch:
        listed = ""
    parts = []
    for place, (code, number) in enumerate(counts.items()):
        name = trait.values[code].in_(language) if code is not None else _NOBODY.in_(language)
        parts.append(
            Part(
                label=name,
                number=figures.count(number, language),
                size=number,
                colour=COLOURS.get(slug, {}).get(code or "", SPARE[place % len(SPARE)]),
                address=f"{listed}?{urlencode({slug: code})}" if listed and code is not None else "",
            )
        )
    return Group(
        title=trait.label.in_(language),
        meaning=trait.meaning.in_(language),
        parts=parts,
        most=max(counts.values(), default=0),
    )


_NOBODY = Text("without a purchase", "未购买")
