"""The whole house on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args
from zoneinfo import ZoneInfo

from huoshui.data.connectors import queries as connectors
from huoshui.data.traits import queries as traits
from huoshui.desk.organisation.festivals import Calendar, Festival
from huoshui.kernel.actors import CONSOLE, Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.measure.dashboards.queries import narrow, sold
from huoshui.measure.dashboards.queries import people as standings
from huoshui.measure.dashboards.queries.people import Flow
from huoshui.measure.dashboards.queries.sold import Places, TopProduct
from huoshui.measure.dashboards.standing import of_people
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import Value
from huoshui.measure.metrics.periods import Period, in_grains, months_after
from huoshui.measure.metrics.queries import Number
from huoshui.science.cohorts import Cohort

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

PEOPLE = "customers_by_stage"
TOTALS = (
    PEOPLE,
    "gross_revenue",
    "returns",
    "revenue",
    "orders",
    "average_order_value",
    "active_customers",
    "repeat_rate",
    "retention_12m",
)
"""Metrics over everything before the moment of the overview."""

LATELY = ("revenue", "orders", "average_order_value", "active_customers", "new_customers")
"""Metrics of the current days, beside those of the days compared with."""

BY_DAY = ("revenue", "orders", "active_customers", "new_customers")
DAYS = 30
MONTHS = 12

Comparison = Literal["previous", "year", "festival"]
COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Other days and their figures: as many days just before (``previous``), the same days a year before (``year``),
    or the days a year before that have the same ``festival``.

    ``known`` says whether the house has sales from before their first day; if not, ``values`` are all ``None``: nothing
    was known then, which is not zero.
    """

    kind: Comparison
    period: Period
    festival: Festival | None
    known: bool
    values: Mapping[str, Number | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The figures of the house as of one moment; money in the house currency, times in UTC.

    ``as_of`` is that of the last refresh; before the first it is now, and ``computed_at`` is empty.
    ``totals`` (metric → value) cover everything before ``as_of``; ``lately`` the days of ``period`` and the slice
    ``where``, ``compared`` the same of other days, by kind; ``days`` and ``days_before`` are figures of each day of the
    period and of ``against``. ``by_month`` has revenue of the last 12 calendar months, the last one as far as it has
    come, each with that of the same month a year before (``None`` before the first sale).

    ``groups``, ``grid``, ``flow`` and ``cohorts`` speak of customers, as of ``as_of``, and of what of the slice speaks
    of customers. ``cohorts``
    counts the days before ``counted_until``. ``flow`` is empty when nobody was there at its start, or when it would
    take too long (`overview`).
    ``last_order_at`` and ``loads`` tell of what is loaded by now; ``stale`` says that something was loaded after the
    last refresh.
    """

    as_of: datetime
    computed_at: datetime | None
    period: Period
    where: Mapping[str, Value]
    totals: Mapping[str, Number | None]
    lately: Mapping[str, Number | None]
    compared: Mapping[Comparison, Compared]
    against: Comparison
    days: Mapping[str, Sequence[tuple[date, Number]]]
    days_before: Mapping[str, Sequence[tuple[date, Number]]]
    by_month: Sequence[tuple[date, Decimal, Decimal | None]]
    groups: Mapping[str, Mapping[str | None, int]]
    grid: Mapping[tuple[int, int], tuple[int, Decimal]]
    flow: Flow | None
    cohorts: Sequence[Cohort]
    counted_until: date
    top_products: Sequence[TopProduct]
    places: Places | None
    channels: Sequence[str]
    first_order_at: datetime | None
    last_order_at: datetime | None
    loads: int
    loaded_at: datetime | None
    stale: bool

    @property
    def empty(self) -> bool:
        """Whether nothing was loaded yet that these figures speak of."""
        return not any(self.groups["stage"].values()) and self.last_order_at is None

    @property
    def silent(self) -> bool:
        """Whether nothing at all was sold or came back in the days and the slice."""
        return not self.lately["orders"] and not self.lately["revenue"]

    @property
    def previously(self) -> Mapping[str, Number | None]:
        """The figures of as many days just before."""
        return self.compared["previous"].values

    @property
    def months(self) -> Sequence[tuple[date, Decimal]]:
        """Revenue of each of the last months."""
        return [(month, value) for month, value, _ in self.by_month]


def overview(
    *,
    actor: Actor,
    tables: Snapshot,
    zone: ZoneInfo,
    now: datetime,
    lately: Period | None = None,
    where: Mapping[str, Value] | None = None,
    against: Comparison = "previous",
    calendar: Calendar | None = None,
    totals: bool = True,
    moves: bool = False,
    like: Overview | None = None,
) -> Overview:
    """The figures of the house as of the last refresh.

    ``lately`` are the days of the current figures, the last 30 if not given; ``where`` is a slice (dimension → value)
    of these figures; ``calendar`` has the festivals, the usual ones if not given. Without a festival in the days,
    ``against`` falls back from ``festival`` to ``year``. ``totals`` and, in a large house that has not kept the stages
    of the first day, ``moves`` take longer and can be left out. ``like`` is an overview of the same house version and
    slice: customers, cohorts and months, which are the same whatever the days, are taken from it.

    Raises `NotAllowed`, `UnknownDimension`, `UnknownValue`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    refreshed = traits.last_refresh(tables=tables)
    as_of = AsOf(at=refreshed[0] if refreshed else now, zone=zone)
    ever = Period.all_until(as_of)
    lately = lately or Period.before(as_of, days=DAYS)
    where = dict(where or {})
    first_order_at, last_order_at = (
        (like.first_order_at, like.last_order_at) if like else _first_and_last(tables)
    )
    loads, loaded_at = _loads()
    stale = bool(refreshed and loaded_at and loaded_at > refreshed[1])
    trusted = refreshed is not None and not stale and lately.end <= as_of.at
    others = days_compared(lately, calendar or Calendar())
    known = {kind: period for kind, (period, _) in others.items() if _reaches(first_order_at, period)}
    against = against if against in others else "year"
    with narrow.figures(tables, [lately, *known.values()], where, trusted=trusted) as figures:
        values = _values(figures, [lately, *known.values()])
        days, days_before = _by_day(figures, lately, known.get(against))
    compared = {
        kind: Compared(
            kind=kind,
            period=period,
            festival=festival,
            known=kind in known,
            values=values.get(period) or dict.fromkeys(LATELY),
        )
        for kind, (period, festival) in others.items()
    }
    end = Period.before(as_of, days=1).end_day
    cut = of_people(where)
    everybody = like or standings.people(tables, as_of.at, zone, cut)
    was_there = first_order_at is not None and first_order_at < lately.start < as_of.at
    sees_loads = Right.IMPORTS_RUN in actor.rights
    return Overview(
        as_of=as_of.at,
        computed_at=refreshed[1] if refreshed else None,
        period=lately,
        where=where,
        totals=_totals(tables, ever) if totals else {},
        lately=values[lately],
        compared=compared,
        against=against,
        days=days,
        days_before=days_before,
        by_month=like.by_month
        if like
        else _by_month(tables, where, first_order_at, _month_of(as_of), end, zone),
        groups=everybody.groups,
        grid=everybody.grid,
        flow=standings.flow(tables, lately.start, as_of.at, zone, cut, wait=moves) if was_there else None,
        cohorts=like.cohorts
        if like
        else standings.by_cohort(
            tables, end, months_after(_month_of(as_of), 1 - MONTHS), cut, trusted=trusted
        ),
        counted_until=end,
        top_products=sold.top_products(tables, lately, where),
        places=sold.places(tables, lately, known.get(against), where),
        channels=sold.channels(tables, lately),
        first_order_at=first_order_at,
        last_order_at=last_order_at,
        loads=loads if sees_loads else 0,
        loaded_at=loaded_at if sees_loads else None,
        stale=stale,
    )


def end_of_figures(*, tables: Snapshot, zone: ZoneInfo, now: datetime) -> date:
    """The day after the last one that the figures of an overview know of."""
    refreshed = traits.last_refresh(tables=tables)
    return Period.before(AsOf(at=refreshed[0] if refreshed else now, zone=zone), days=1).end_day


def days_compared(period: Period, calendar: Calendar) -> dict[Comparison, tuple[Period, Festival | None]]:
    """What a period is compared with, by kind; ``festival`` only where one moved its days."""
    first, end, zone = period.first_day, period.end_day, period.zone
    by_date = Calendar.same_dates_last_year(first, end)
    found: dict[Comparison, tuple[Period, Festival | None]] = {
        "previous": (Period.days(first - (end - first), first, zone), None),
        "year": (Period.days(by_date.first, by_date.end, zone), None),
    }
    by_festival = calendar.same_days_last_year(first, end)
    if by_festival.festival is not None:
        found["festival"] = (
            Period.days(by_festival.first, by_festival.end, zone),
            by_festival.festival,
        )
    return found


def _totals(tables: Snapshot, ever: Period) -> dict[str, Number | None]:
    found = metrics.evaluate_many(TOTALS, tables=tables, periods=[ever])
    return {slug: found[slug][0][1][0].value for slug in TOTALS}


def _values(figures: narrow.Figures, periods: Sequence[Period]) -> dict[Period, Mapping[str, Number | None]]:
    """The figures of each period."""
    found = figures.of(LATELY, periods)
    return {
        one: {slug: found[slug][number][1][0].value for slug in LATELY} for number, one in enumerate(periods)
    }


def _reaches(first_order_at: datetime | None, period: Period) -> bool:
    """Whether the house had begun to sell when a period began, or on its first day."""
    return first_order_at is not None and first_order_at.astimezone(period.zone).date() <= period.first_day


Days = dict[str, list[tuple[date, Number]]]


def _by_day(figures: narrow.Figures, period: Period, other: Period | None) -> tuple[Days, Days]:
    """The figures of each day of both periods, 0 on days without any."""
    periods = [period] if other is None else [period, other]
    found = figures.of(BY_DAY, periods, ("day",))
    answer = []
    for number, one in enumerate(periods):
        every = [date.fromordinal(n) for n in range(one.first_day.toordinal(), one.end_day.toordinal())]
        answer.append({slug: _filled(found[slug][number][1], "day", every) for slug in BY_DAY})
    return answer[0], answer[1] if other is not None else {slug: [] for slug in BY_DAY}


def _by_month(
    tables: Snapshot,
    where: Mapping[str, Value],
    first_order_at: datetime | None,
    month: date,
    end: date,
    zone: ZoneInfo,
) -> list[tuple[date, Decimal, Decimal | None]]:
    """Revenue of the 12 months up to ``month``, which has come to ``end``, each beside the same month a year before."""
    first = months_after(month, 1 - 2 * MONTHS)
    periods = in_grains(first, end, "month", zone)
    found = metrics.series("revenue", tables=tables, periods=periods, where=where)
    every = [one.first_day for one in periods]
    values = {one.first_day: Decimal(cell.value or 0) for one, (cell,) in found}
    begun = first_order_at.astimezone(zone).date() if first_order_at else end
    return [
        (
            m,
            values[m],
            values[months_after(m, -MONTHS)] if months_after(m, -MONTHS) >= begun.replace(day=1) else None,
        )
        for m in every[MONTHS:]
    ]


def _filled(cells: Sequence[metrics.Cell], by: str, every: Sequence[date]) -> list[tuple[date, Number]]:
    known: dict[Any, Number] = {cell.dimensions[by]: cell.value or 0 for cell in cells}
    return [(day, known.get(day, 0)) for day in every]


def _month_of(as_of: AsOf) -> date:
    """The first day of the month that ``as_of`` closes: midnight of the first belongs to the month before."""
    return (Period.before(as_of, days=1).first_day).replace(day=1)


def _first_and_last(tables: Snapshot) -> tuple[datetime | None, datetime | None]:
    orders = tables.table("orders")
    ends = orders.aggregate(first=orders.ordered_at.min(), last=orders.ordered_at.max())
    (row,) = tables.arrow(ends).to_pylist()
    first, last = row["first"], row["last"]
    return (first.astimezone(UTC), last.astimezone(UTC)) if first is not None else (None, None)


def _loads() -> tuple[int, datetime | None]:
    """How many loads count, and when the last one came."""
    loads = connectors.loads(actor=CONSOLE)
    moments = [load.started_at for load in loads if load.state == "loaded"]
    return len(moments), max(moments, default=None)
