"""The overview as its template shows it: figures, curves, what was sold where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.urls import reverse

from huoshui.desk.organisation.festivals import Calendar
from huoshui.kernel.charts import Chart
from huoshui.kernel.plugs import METRICS, House
from huoshui.kernel.texts import Language, Text
from huoshui.measure.dashboards.pages import curves, people
from huoshui.measure.dashboards.pages.people import Cohorts, Flow, Grid
from huoshui.measure.dashboards.queries import Compared, Comparison, Overview
from huoshui.measure.metrics import cells
from huoshui.measure.metrics.dimensions import IN, OF_SALES, Value, named, valued
from huoshui.measure.metrics.pages import groups
from huoshui.measure.metrics.pages.groups import Menu
from huoshui.web import charts, figures
from huoshui.web.address import COMPARISONS, PERIODS, Chosen
from huoshui.web.lists import Part, Tab

Number = Decimal | int | float
FESTIVALS_BACK = 400
MOST_FESTIVALS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """A headline figure, beside the days chosen to compare with and, as ``also``, beside others."""

    label: str
    value: figures.Figure | str
    difference: figures.Difference | None
    note: str
    also: tuple[figures.Difference | None, str] | None
    spark: charts.Spark | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A line of a list with bars: ``share`` of the greatest, ``address`` of the customers, ``cut`` to the slice."""

    label: str
    number: str
    change: figures.Difference | None
    size: Decimal
    address: str
    cut: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page. ``verdict`` is a sentence before the chart; ``of_people`` says that a slice of sales leaves those parts
    alone that speak of customers."""

    empty: bool
    silent: bool
    as_of: datetime
    refreshed: bool
    stale: bool
    days: tuple[date, date]
    before: str
    stats: Sequence[Stat]
    verdict: str
    periods: Sequence[Tab]
    menus: Sequence[Menu]
    sliced: Sequence[tuple[str, str]]
    revenue: Chart
    customers: Chart
    months: Chart
    flow: Flow | None
    flow_address: str
    grid: Grid
    cohorts: Cohorts | None
    classes: Sequence[Part]
    of_people: bool
    products: Sequence[Bar]
    places: Sequence[Bar]
    places_title: str
    last_order_at: datetime | None
    loads: int
    loaded_at: datetime | None
    computed_at: datetime | None


def page(view: Overview, *, chosen: Chosen, house: House, calendar: Calendar, language: Language) -> Page:
    """The page for a reader of ``language``."""
    period = view.period
    here = reverse("dashboards:overview")
    last = period.end_day - timedelta(days=1)
    other = view.compared[view.against]
    return Page(
        empty=view.empty,
        silent=view.silent,
        as_of=view.as_of,
        refreshed=view.computed_at is not None,
        stale=view.stale,
        days=(period.first_day, last),
        before=_before(other, language),
        stats=[_stat(slug, view, house, language) for slug in view.lately],
        verdict=_verdict(view, house, language),
        periods=[
            Tab(
                label=label.in_(language),
                address=here + chosen.with_(period=code),
                current=code == chosen.period,
            )
            for code, label in PERIODS.items()
        ],
        menus=_menus(view, chosen, calendar, here, language),
        sliced=[
            (
                f"{named(name).in_(language)}{'：' if language == 'zh' else ': '}{valued(name, value).in_(language)}",
                here + chosen.with_(**{name: None}),
            )
            for name, value in chosen.slice.items()
        ],
        revenue=curves.by_day(
            view, ("revenue",), house, calendar, Text("Revenue by day", "每日净收入"), "money"
        ),
        customers=curves.by_day(
            view,
            ("active_customers", "new_customers"),
            house,
            calendar,
            Text("Customers by day", "每日客户数"),
            "count",
        ),
        months=curves.by_month(view, house),
        flow=people.flow(view, language),
        flow_address=f"{here}{chosen.query}{'&' if chosen.query else '?'}moves=1",
        grid=people.grid(view, house, language),
        cohorts=people.cohorts(view, language),
        classes=people.parts("value_class", view, language),
        of_people=any(name in OF_SALES for name in view.where),
        products=_products(view, chosen, here, house, language),
        places=_places(view, chosen, here, house, language),
        places_title=named(view.places.by).in_(language) if view.places else "",
        last_order_at=view.last_order_at,
        loads=view.loads,
        loaded_at=view.loaded_at,
        computed_at=view.computed_at,
    )


def _stat(slug: str, view: Overview, house: House, language: Language) -> Stat:
    metric, now = METRICS[slug], view.lately[slug]
    main = view.compared[view.against]
    second = view.compared["previous" if view.against != "previous" else "year"]

    def difference(to: Compared) -> figures.Difference | None:
        return figures.difference(
            now,
            to.values[slug],
            language=language,
            direction=metric.direction,
            of_shares=metric.unit == "share",
        )

    days, before = view.days.get(slug, ()), view.days_before.get(slug, ())
    return Stat(
        label=metric.label.in_(language),
        value=figures.headline(metric, now, house.currency, language),
        difference=difference(main),
        note=_was(metric.slug, main, house, language),
        also=(difference(second), SHORT[second.kind].in_(language)) if second.known else None,
        spark=charts.spark([value for _, value in days], [value for _, value in before]),
        address=cells.of_period(slug, view.period, view.where).customers if now else "",
    )


SHORT: dict[Comparison, Text] = {
    "previous": Text("on the days before", "较前期"),
    "year": Text("on a year ago", "较去年同期"),
    "festival": Text("on that festival", "较去年同节日"),
}


def _was(slug: str, other: Compared, house: House, language: Language) -> str:
    if not other.known:
        return "那时还没有数据" if language == "zh" else "no data back then"
    was = other.values[slug]
    if was is None:
        return ""
    text = figures.headline(METRICS[slug], was, house.currency, language)
    words = {"previous": "前期", "year": "去年同期", "festival": "去年同节日"}
    return f"{words[other.kind]} {text}" if language == "zh" else f"was {text}"


def _before(other: Compared, language: Language) -> str:
    """Which days are compared with, in words."""
    first, last = other.period.first_day, other.period.end_day - timedelta(days=1)
    days = f"{first} – {last}"
    if other.festival is not None:
        name = other.festival.name.in_(language)
        return f"{days}（{name}）" if language == "zh" else f"{days} ({name})"
    return days


def _verdict(view: Overview, house: House, language: Language) -> str:
    """What happened to revenue and which of its two factors moved more."""
    other = view.compared[view.against]
    now, before = view.lately["revenue"], other.values["revenue"]
    if not now or not before or before < 0:
        return ""
    changes = {
        slug: figures.difference(view.lately[slug], other.values[slug], language=language)
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
            f"{names['revenue']}比{COMPARISONS[other.kind].zh}{'多' if more else '少'}了 {gap}（{revenue.text}）："
            f"{names['orders']} {orders.text}，{names['average_order_value']} {size.text}。"
        )
    return (
        f"{names['revenue']} is {gap} {'above' if more else 'below'} {COMPARISONS[other.kind].en} ({revenue.text}): "
        f"{names['orders'].lower()} {orders.text}, {names['average_order_value'].lower()} {size.text}."
    )


def _menus(view: Overview, chosen: Chosen, calendar: Calendar, here: str, language: Language) -> list[Menu]:
    """What the figures can be compared with and cut to."""
    menus = []
    tabs = [
        Tab(
            label=COMPARISONS[kind].in_(language),
            address=here + chosen.with_(compare=kind),
            current=kind == view.against,
        )
        for kind in view.compared
    ]
    menus.append(Menu(icon="arrows-sort", label=_against(view.against, language), tabs=tabs))
    end = view.counted_until
    lately = [one for one in calendar.within(end - timedelta(days=FESTIVALS_BACK), end) if one.first < end]
    menus.append(
        Menu(
            icon="calendar",
            label="节日" if language == "zh" else "Festivals",
            tabs=[
                Tab(
                    label=f"{one.name.in_(language)} {one.first.year}",
                    address=here + chosen.with_(period=f"{one.first}..{one.last}", compare="festival"),
                    current=chosen.period == f"{one.first}..{one.last}",
                )
                for one in reversed(lately[-MOST_FESTIVALS:])
            ],
        )
    )
    if len(view.channels) > 1 or "channel" in chosen.slice:
        everything = "全部渠道" if language == "zh" else "All channels"
        menus.append(_slice("channel", "shopping-bag", everything, view.channels, chosen, here))
    if view.places and (len(view.places.rows) > 1 or view.places.by in chosen.slice):
        everything = "全部地区" if language == "zh" else "All regions"
        names = [place for place, _, _ in view.places.rows]
        menus.append(_slice(view.places.by, "map-pin", everything, names, chosen, here))
    menus.append(groups.menu(chosen, lambda group: here + chosen.with_(**{IN: group}), language))
    return menus


def _against(kind: Comparison, language: Language) -> str:
    words = COMPARISONS[kind].in_(language)
    return f"对比：{words}" if language == "zh" else f"Against {words}"


def _slice(name: str, icon: str, everything: str, values: Sequence[str], chosen: Chosen, here: str) -> Menu:
    current = chosen.slice.get(name, "")
    tabs = [Tab(label=everything, address=here + chosen.with_(**{name: None}), current=not current)]
    tabs += [
        Tab(label=value, address=here + chosen.with_(**{name: value}), current=value == current)
        for value in dict.fromkeys([*values, *([current] if current else [])])
    ]
    return Menu(icon=icon, label=current or everything, tabs=tabs)


def _products(view: Overview, chosen: Chosen, here: str, house: House, language: Language) -> list[Bar]:
    return [
        _bar(view, "product", p.product_id, p.name, p.revenue, None, chosen, here, house, language)
        for p in view.top_products
    ]


def _places(view: Overview, chosen: Chosen, here: str, house: House, language: Language) -> list[Bar]:
    if view.places is None:
        return []
    return [
        _bar(view, view.places.by, place, place, now, before, chosen, here, house, language)
        for place, now, before in view.places.rows
    ]


def _bar(
    view: Overview,
    name: str,
    value: str,
    label: str,
    now: Decimal,
    before: Decimal | None,
    chosen: Chosen,
    here: str,
    house: House,
    language: Language,
) -> Bar:
    where: dict[str, Value] = {**view.where, name: value}
    return Bar(
        label=label,
        number=figures.money(now, house.currency, language),
        change=figures.difference(now, before, language=language, direction="up"),
        size=max(now, Decimal(0)),
        address=cells.of_period("revenue", view.period, where).customers,
        cut=here + chosen.with_(**{name: value}),
    )
