"""Cohorts: customers who began in the same period, followed by their age.

A cohort is everybody whose first purchase (or first event) fell into one day, week, month or quarter of the calendar.
Its *age* counts those periods: 0 is the period of the first purchase itself, 1 the next one. *Retention* at an age is
the share of the cohort that bought in that period; *still there* is the share that bought then or later. Both are
counted, not modelled; the newest period is mostly not over and says so.

Sources: the table of acquisition cohorts as in P. D. Berger and N. I. Nasr, "Customer lifetime value: marketing models
and applications", Journal of Interactive Marketing 12 (1), 1998, and in the practice of web analytics; intervals in
`huoshui.science.proportions`, how long it takes to come back in `huoshui.science.survival`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args

import ibis

from huoshui.science import exact, proportions
from huoshui.science.errors import NotASetting

Grain = Literal["day", "week", "month", "quarter"]
GRAINS: tuple[Grain, ...] = get_args(Grain)
Number = int | float | Decimal

MONDAY = date(1900, 1, 1)
"""The day and the week with number 0; weeks begin on Monday (ISO 8601)."""


def period_number(day: Any, grain: Grain) -> Any:
    """The number of the calendar period that a day lies in; periods that follow each other have numbers that do.

    Parameters
    ----------
    day
        Ibis date value.
    grain
        One of `GRAINS`.

    Returns
    -------
    Ibis int32 value.
    """
    if known_grain(grain) in ("day", "week"):
        days = day.delta(ibis.literal(MONDAY), unit="day").cast("int32")
        return days if grain == "day" else (days // 7).cast("int32")
    months = day.year().cast("int32") * 12 + day.month().cast("int32") - 1
    return (months if grain == "month" else months // 3).cast("int32")


def number_of(day: date, grain: Grain) -> int:
    """`period_number` of one day."""
    if known_grain(grain) in ("day", "week"):
        return (day - MONDAY).days // (1 if grain == "day" else 7)
    months = day.year * 12 + day.month - 1
    return months if grain == "month" else months // 3


def first_day(number: int, grain: Grain) -> date:
    """The first day of the period with a number."""
    if known_grain(grain) in ("day", "week"):
        return MONDAY + timedelta(days=number * (1 if grain == "day" else 7))
    months = number if grain == "month" else number * 3
    return date(months // 12, months % 12 + 1, 1)


def known_grain(grain: str) -> Grain:
    """The grain of this name. Raises `NotASetting` for another."""
    for one in GRAINS:
        if one == grain:
            return one
    raise NotASetting("There is no such period", received=repr(grain), valid=", ".join(GRAINS))


def periods_of_customers(
    purchases: Any, *, as_of: date, grain: Grain = "month", value: str | None = None
) -> Any:
    """In which periods each customer bought: what cohorts are counted from.

    Parameters and errors as for `cohort_table`.

    Returns
    -------
    Ibis table, one row per customer and period with a purchase: ``customer_id``, ``period``, ``born`` and ``latest``
    (int32, see `period_number`; the customer's first and last one), ``purchases``, and ``value`` where asked for.
    """
    known_grain(grain)
    needed = {"customer_id", "day"} | ({value} if value else set())
    if missing := needed - set(purchases.columns):
        raise NotASetting(
            "The table of purchases lacks columns",
            received=", ".join(purchases.columns),
            valid=", ".join(sorted(needed)),
            next_step=f"Add {', '.join(sorted(missing))}",
        )
    rows = purchases.filter(
        purchases.customer_id.notnull(),
        purchases.day.notnull(),
        purchases.day.cast("date") < ibis.literal(as_of),
    )
    rows = rows.select(
        "customer_id",
        period=period_number(rows.day.cast("date"), grain),
        **({"value": exact.known(rows[value])} if value else {}),
    )
    sums = {"value": rows["value"].sum()} if value else {}
    active = rows.group_by("customer_id", "period").aggregate(purchases=rows.count(), **sums)
    # A join with one row per customer, not two windows: half the work.
    each = active.group_by("customer_id").aggregate(born=active.period.min(), latest=active.period.max())
    return active.inner_join(each, "customer_id")


def cohort_table(
    purchases: Any,
    *,
    as_of: date,
    grain: Grain = "month",
    value: str | None = "revenue",
    since: date | None = None,
) -> Any:
    """What each cohort did at each age, in one pass over the purchases.

    Parameters
    ----------
    purchases
        Ibis table, one row per purchase: ``customer_id``, ``day`` (date, in the zone of the house) and the column of
        ``value``. Rows without a customer or a day are left out; a customer's duplicates within a period count once.
    as_of
        Only what happened before 00:00 of this day counts.
    grain
        ``day``, ``week`` (from Monday), ``month`` or ``quarter``.
    value
        Column of money (or anything that adds up); None where there is none, such as for events.
    since
        Only cohorts that began in the period of this day or later. Earlier purchases still decide who began when.

    Returns
    -------
    Ibis table with one row per cohort and age at which anybody bought: ``born`` (int32, `first_day` names the day),
    ``age`` (int32, periods since), ``customers`` (int64, who bought at that age), ``last`` (int64, those of them who
    have not bought later so far), ``purchases`` (int64) and, where asked for, ``value``. `read` makes cohorts of it.

    Raises
    ------
    NotASetting
        For another grain, or when a column is missing.
    """
    active = periods_of_customers(purchases, as_of=as_of, grain=grain, value=value)
    active = active.mutate(age=(active.period - active.born).cast("int32"))
    if since is not None:
        active = active.filter(active.born >= number_of(since, grain))
    sums = {"value": active["value"].sum()} if value else {}
    return active.group_by("born", "age").aggregate(
        customers=active.count(),
        last=active.count(where=active.period == active.latest),
        purchases=active.purchases.sum().cast("int64"),
        **sums,
    )


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort by age: entry k speaks of the k-th period after the first one.

    ``whole`` is the number of ages whose period was over at ``as_of``; the last entry is mostly still under way.
    ``value`` is empty where none was asked for.
    """

    start: date
    size: int
    active: tuple[int, ...]
    still: tuple[int, ...]
    purchases: tuple[int, ...]
    value: tuple[Number, ...]
    whole: int

    def retention(self, age: int) -> float:
        """The share that bought at an age, 0 to 1. Raises `NotASetting` for an age not reached."""
        self._reached(age)
        return self.active[age] / self.size

    def interval(self, age: int, *, level: float = 0.95) -> tuple[float, float]:
        """Where the retention of such customers lies, as far as a cohort of this size can say (Wilson)."""
        self._reached(age)
        return proportions.wilson(self.active[age], self.size, level=level)

    def value_per_customer(self, age: int, *, up_to: bool = False) -> float:
        """What the cohort brought at an age (or ``up_to`` and with it) for each customer who began."""
        self._reached(age)
        brought = self.value[: age + 1] if up_to else self.value[age : age + 1]
        return float(sum(brought)) / self.size

    def _reached(self, age: int) -> None:
        if not 0 <= age < len(self.active):
            raise NotASetting(
                "The cohort has not reached this age", received=str(age), valid=f"0 to {len(self.active) - 1}"
            )


def read(rows: Iterable[Mapping[str, Any]], *, as_of: date, grain: Grain = "month") -> tuple[Cohort, ...]:
    """The cohorts of a computed `cohort_table`, oldest first, with a 0 where nobody bought.

    Parameters
    ----------
    rows
        Its rows, in any order, such as ``table.to_pyarrow().to_pylist()``.
    as_of, grain
        As they were given to it.
    """
    cells: dict[int, dict[int, Mapping[str, Any]]] = {}
    for row in rows:
        cells.setdefault(int(row["born"]), {})[int(row["age"])] = row
    now = number_of(as_of - timedelta(days=1), grain)
    over = number_of(as_of, grain)  # the period of the last day has ended exactly when as_of begins another
    found = []
    for born in sorted(cells):
        of, ages = cells[born], range(now - born + 1)

        def column(name: str, of: Mapping[int, Any] = of, ages: range = ages) -> tuple[Any, ...]:
            return tuple((of[age].get(name) or 0) if age in of else 0 for age in ages)

        gone, still = 0, []
        size = int(of[0]["customers"])
        for lost in column("last"):
            still.append(size - gone)
            gone += int(lost)
        found.append(
            Cohort(
                start=first_day(born, grain),
                size=size,
                active=column("customers"),
                still=tuple(still),
                purchases=tuple(map(int, column("purchases"))),
                value=column("value") if "value" in of[0] else (),
                whole=over - born,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Point:
    """Retention at an age over all cohorts that have reached it whole, weighted by their size, with its interval."""

    age: int
    cohorts: int
    customers: int
    active: int
    share: float
    low: float
    high: float


def retention_curve(cohorts: Sequence[Cohort], *, level: float = 0.95) -> tuple[Point, ...]:
    """Retention by age over all cohorts; ages that are under way for a cohort leave it out.

    The interval (Wilson) takes customers as independent of each other; what all of a season share is not in it.
    """
    points = []
    for age in range(max((one.whole for one in cohorts), default=0)):
        there = [one for one in cohorts if one.whole > age]
        customers, active = sum(one.size for one in there), sum(one.active[age] for one in there)
        low, high = proportions.wilson(active, customers, level=level)
        points.append(Point(age, len(there), customers, active, active / customers, low, high))
    return tuple(points)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A cohort beside all others of its age: shares that bought, and where their difference lies."""

    start: date
    customers: int
    share: float
    low: float
    high: float
    others: float
    difference: float
    difference_low: float
    difference_high: float

    @property
    def stands_out(self) -> bool:
        """Whether the difference is more than chance."""
        return self.difference_low > 0 or self.difference_high < 0


def compare(cohorts: Sequence[Cohort], age: int, *, level: float = 0.95) -> tuple[Comparison, ...]:
    """Which cohorts came back at an age more, or less, often than the others that have reached it whole.

    The intervals of differences (Newcombe) hold for all cohorts together: with n of them, each has the level
    1 − (1 − level) ÷ n (Bonferroni), so that among equal cohorts none stands out in ``level`` of all cases.

    Raises
    ------
    NotASetting
        For an age below 1 (at age 0 everybody buys), or a level that is none.
    """
    if age < 1 or not 0 < level < 1:
        raise NotASetting(
            "Cohorts cannot be compared so",
            received=f"age {age}, level {level:g}",
            valid="age 1 or more, level between 0 and 1",
        )
    there = [one for one in cohorts if one.whole > age]
    if len(there) < 2:
        return ()
    each = 1 - (1 - level) / len(there)
    everybody, active = sum(one.size for one in there), sum(one.active[age] for one in there)
    found = []
    for one in there:
        rest, of_rest = everybody - one.size, active - one.active[age]
        low, high = one.interval(age, level=level)
        between = proportions.difference(one.active[age], one.size, of_rest, rest, level=each)
        share, others = one.retention(age), of_rest / rest
        found.append(Comparison(one.start, one.size, share, low, high, others, share - others, *between))
    return tuple(found)


def waiting_table(purchases: Any, *, as_of: date, grain: Grain = "month") -> Any:
    """How long it takes until the second day of purchase, by cohort: what `survival.survival_curve` reads.

    Parameters and errors as for `cohort_table`.

    Returns
    -------
    Ibis table: ``born`` (int32), ``days`` (int64, from the first day of purchase to the second one or, without, to the
    last day seen), ``came`` (whether there was a second one) and ``customers`` (int64, how many).
    """
    known_grain(grain)
    rows = purchases.filter(purchases.customer_id.notnull(), purchases.day.notnull())
    rows = rows.select("customer_id", day=rows.day.cast("date")).filter(lambda t: t.day < ibis.literal(as_of))
    born = rows.group_by("customer_id").aggregate(first=rows.day.min())
    rows = rows.inner_join(born, "customer_id")
    each = rows.group_by("customer_id", "first").aggregate(
        second=rows.day.min(where=rows.day > rows["first"])
    )
    until = each.second.fill_null(ibis.literal(as_of - timedelta(days=1)))
    each = each.select(
        born=period_number(each["first"], grain),
        days=until.delta(each["first"], unit="day").cast("int64"),
        came=each.second.notnull(),
    )
    return each.group_by("born", "days", "came").aggregate(customers=each.count())
