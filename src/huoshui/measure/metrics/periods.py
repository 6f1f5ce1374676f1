"""Periods: spans of whole house days, and the rows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from huoshui.kernel.clock import AsOf, start_of_day
from huoshui.measure.metrics.errors import EmptyPeriod, UnknownGrain


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` up to, not including, ``end``; both UTC, both the start of a house day."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    label: str

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise EmptyPeriod(
                "This period has no days",
                received=f"{self.start.isoformat()} to {self.end.isoformat()}",
                valid="an end after the start",
            )

    @classmethod
    def days(cls, first: date, end: date, zone: ZoneInfo, label: str = "") -> Period:
        """From the day ``first`` up to the day before ``end``. Raises `EmptyPeriod`."""
        return cls(
            start=start_of_day(first, zone),
            end=start_of_day(end, zone),
            zone=zone,
            label=label or f"{first.isoformat()} – {(end - timedelta(days=1)).isoformat()}",
        )

    @classmethod
    def month(cls, year: int, month: int, zone: ZoneInfo) -> Period:
        """A calendar month."""
        first = date(year, month, 1)
        return cls.days(first, months_after(first, 1), zone, f"{year}-{month:02d}")

    @classmethod
    def before(cls, as_of: AsOf, *, days: int) -> Period:
        """The ``days`` whole house days before ``as_of``; a day that ``as_of`` lies inside counts as the last."""
        end = as_of.at.astimezone(as_of.zone)
        last = (
            end.date() if start_of_day(end.date(), as_of.zone) == as_of.at else end.date() + timedelta(days=1)
        )
        return cls.days(last - timedelta(days=days), last, as_of.zone)

    @classmethod
    def all_until(cls, as_of: AsOf) -> Period:
        """Everything that happened before ``as_of``."""
        return cls(
            start=datetime(1900, 1, 1, tzinfo=UTC), end=as_of.at, zone=as_of.zone, label=f"until {as_of}"
        )

    @property
    def end_as_of(self) -> AsOf:
        """The house as it was when the period ended."""
        return AsOf(at=self.end, zone=self.zone)

    @property
    def first_day(self) -> date:
        """Its first day, in the house zone."""
        return self.start.astimezone(self.zone).date()

    @property
    def end_day(self) -> date:
        """The day after its last one."""
        local = self.end.astimezone(self.zone)
        return (
            local.date()
            if start_of_day(local.date(), self.zone) == self.end
            else local.date() + timedelta(days=1)
        )

    def months_earlier(self, months: int) -> datetime:
        """The start of the house day that lies ``months`` calendar months before the end."""
        return start_of_day(months_after(self.end_day, -months), self.zone)

    def preceding(self) -> Period:
        """The period of the same length just before: of whole calendar months as many months, else as many days."""
        first, end = self.first_day, self.end_day
        months = (end.year - first.year) * 12 + end.month - first.month
        if first.day == end.day == 1:
            return Period.days(months_after(first, -months), first, self.zone)
        return Period.days(first - (end - first), first, self.zone)

    def year_before(self) -> Period:
        """The same days a year before; of a leap day the day before it."""
        first, end = months_after(self.first_day, -12), months_after(self.end_day, -12)
        return Period.days(min(first, end - timedelta(days=1)), end, self.zone)

    def year_to_its_end(self) -> Period:
        """The twelve months that end with it."""
        return Period.days(months_after(self.end_day, -12), self.end_day, self.zone)

    def days_earlier(self, days: int) -> Period:
        """As long, but so many house days earlier."""
        apart = timedelta(days=days)
        return Period.days(self.first_day - apart, self.end_day - apart, self.zone)


def months_after(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it is shorter."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def months_between(first: date, end: date, zone: ZoneInfo) -> list[Period]:
    """The calendar months that have days in ``first`` up to, not including, ``end``, each whole.

    Raises `EmptyPeriod`.
    """
    if first >= end:
        raise EmptyPeriod(
            "This period has no days", received=f"{first} to {end}", valid="an end after the start"
        )
    found = []
    month = first.replace(day=1)
    while month < end:
        found.append(Period.month(month.year, month.month, zone))
        month = months_after(month, 1)
    return found


GRAINS = ("day", "week", "month", "quarter", "year")
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


def in_grains(first: date, end: date, grain: str, zone: ZoneInfo) -> list[Period]:
    """The days, weeks (from Monday), months … that have days in ``first`` up to, not including, ``end``.

    The first and the last are cut to these days, so that together they are just these. Raises `EmptyPeriod`,
    `UnknownGrain`.
    """
    if grain not in GRAINS:
        raise UnknownGrain("There is no such length of periods", received=grain, valid=", ".join(GRAINS))
    if first >= end:
        raise EmptyPeriod(
            "This period has no days", received=f"{first} to {end}", valid="an end after the start"
        )
    found = []
    start = first
    while start < end:
        after = _after(start, grain)
        # Where a zone crossed the date line there are days without a moment.
        if start_of_day(start, zone) < start_of_day(min(after, end), zone):
            found.append(Period.days(start, min(after, end), zone))
        start = after
    return found


def begin_of(day: date, grain: str) -> date:
    """The first day of the day, week, month … that a day lies in."""
    if grain in ("day", "week"):
        return day - timedelta(days=day.weekday() if grain == "week" else 0)
    return months_after(day.replace(day=1), -((day.month - 1) % MONTHS_OF[grain]))


def _after(day: date, grain: str) -> date:
    """The first day of the next period of this length."""
    if grain == "day":
        return day + timedelta(days=1)
    if grain == "week":
        return day + timedelta(days=7 - day.weekday())
    return months_after(begin_of(day, grain), MONTHS_OF[grain])


def apart(periods: Sequence[Period]) -> list[list[tuple[int, Period]]]:
    """The periods with their numbers in as few groups as it takes for those of a group not to overlap, by start."""
    groups: list[list[tuple[int, Period]]] = []
    for number, period in sorted(enumerate(periods), key=lambda pair: pair[1].start):
        free = next((group for group in groups if group[-1][1].end <= period.start), None)
        if free is None:
            groups.append([(number, period)])
        else:
            free.append((number, period))
    return groups


def numbered(rows: Any, at: Any, periods: Sequence[tuple[int, Period]]) -> tuple[Any, Any]:
    """``rows`` whose moment ``at`` lies in the periods, a group of `apart`, and the number of the period of each.

    ``at`` may be a date, which is a day of the house.
    """
    spans = [span(at, one) for _, one in periods]
    inside = rows.filter(at >= ibis.literal(spans[0][0]), at < ibis.literal(spans[-1][1]))
    number = _told(
        at,
        [
            (start, ibis.literal(number, "int64"))
            for (start, _), (number, _) in zip(spans, periods, strict=True)
        ],
    )
    gaps = [
        (at >= ibis.literal(end)) & (at < ibis.literal(start))
        for (_, end), (start, _) in pairwise(spans)
        if end < start
    ]
    return (inside.filter(~ibis.or_(*gaps)) if gaps else inside), number


def first_day_of(at: Any, periods: Sequence[Period]) -> Any:
    """The first day of the period that a moment lies in, which is one of them; they are in order and none overlap.

    Much less work for an engine than days made of moments, which it looks up in the tables of the zone one by one.
    """
    return _told(at, [(span(at, one)[0], ibis.literal(one.first_day)) for one in periods])


def span(at: Any, period: Period) -> tuple[date, date]:
    """Where a period begins, and where it is over, as moments or, where ``at`` is a date, as days of the house."""
    return (period.first_day, period.end_day) if at.type().is_date() else (period.start, period.end)


def _told(at: Any, since: Sequence[tuple[date, Any]]) -> Any:
    """The answer of the last start that is not after the moment, or of the first one.

    Halves them again and again, so that a row is compared a few times, however many there are.
    """
    if len(since) == 1:
        return since[0][1]
    half = len(since) // 2
    later = at >= ibis.literal(since[half][0])
    return ibis.ifelse(later, _told(at, since[half:]), _told(at, since[:half]))
