"""The festivals that make days of different years comparable.

Most move: the Spring Festival of 2025 began on 29 January, that of 2026 on 17 February. Whoever compares February with
February compares a shop that is closed with one that is open; whoever compares the festival's days with the same
festival's days a year before does not.

Each festival has *days of trade*: for a public holiday its days off, for one on which people give presents the days up
to it, for a sale its days. They are what is usual in trade and no law; a house may put its own in their place.

The days of the Chinese calendar stand here for 2015 to 2035. They follow from the new moons over Beijing (GB/T
33661-2017, *Calculation and promulgation of the Chinese calendar*) and were checked against those by the series of
J. Meeus, *Astronomical Algorithms*, 1998, ch. 49; the new moons of 6 February 2027 and 3 February 2030 fall within ten
minutes of midnight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Festival:
    """A festival of one year: its days of trade, ``first`` to ``last``, both in."""

    first: date
    last: date
    slug: str
    name: Text = field(compare=False)

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1

    def within(self, first: date, end: date) -> int:
        """How many of its days lie in ``first`` up to, not including, ``end``."""
        return max(0, (min(end, self.last + timedelta(days=1)) - max(first, self.first)).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class SameDays:
    """The days a year before that compare with a period: ``first`` up to, not including, ``end``.

    ``festival`` is the one by whose days they were found; without one they are the same days of the calendar.
    """

    first: date
    end: date
    festival: Festival | None


@dataclass(frozen=True)
class Calendar:
    """All festivals. ``own`` are the house's; of one slug and year, they stand in the place of the usual one."""

    own: tuple[Festival, ...] = ()

    def of_year(self, year: int) -> tuple[Festival, ...]:
        """The festivals whose first day lies in a year, by day."""
        replaced = {(one.slug, one.first.year) for one in self.own}
        usual = [one for one in _usual(year) if (one.slug, year) not in replaced]
        return tuple(sorted([*usual, *(one for one in self.own if one.first.year == year)]))

    def within(self, first: date, end: date) -> tuple[Festival, ...]:
        """The festivals with a day in ``first`` up to, not including, ``end``, by day."""
        years = range(first.year - 1, (end - timedelta(days=1)).year + 1)
        return tuple(one for year in years for one in self.of_year(year) if one.within(first, end))

    def festival_of(self, day: date) -> Festival | None:
        """The festival that a day belongs to, the shortest of several."""
        return min(self.within(day, day + timedelta(days=1)), key=lambda one: one.days, default=None)

    def a_year_before(self, festival: Festival) -> Festival | None:
        """The same festival the year before."""
        return next((one for one in self.of_year(festival.first.year - 1) if one.slug == festival.slug), None)

    @staticmethod
    def same_dates_last_year(first: date, end: date) -> SameDays:
        """As many days a year before, by their dates."""
        start = first.replace(year=first.year - 1, day=min(first.day, 28 if first.month == 2 else 31))
        return SameDays(first=start, end=start + (end - first), festival=None)

    def same_days_last_year(self, first: date, end: date) -> SameDays:
        """As many days a year before ``first`` up to, not including, ``end``, moved by the festival in them.

        Of several festivals the one with the most days in the period counts, then the one that moved most.
        """
        found: list[tuple[int, int, Festival]] = []
        for one in self.within(first, end):
            if (before := self.a_year_before(one)) is not None:
                found.append((one.within(first, end), (one.first - before.first).days, one))
        if not found:
            return self.same_dates_last_year(first, end)
        _, shift, festival = max(found, key=lambda each: (each[0], abs(each[1] - 365), each[2].first))
        move = timedelta(days=shift)
        return SameDays(first=first - move, end=end - move, festival=festival)


def usual_festivals() -> Iterable[tuple[str, Text]]:
    """Slug and name of each usual festival, in the order of the year."""
    return [(slug, name) for slug, name, *_ in (*_BY_DATE, *_BY_MOON, *_BY_WEEKDAY)]


def _usual(year: int) -> list[Festival]:
    found = []
    for slug, name, first, last in _BY_DATE:
        found.append(Festival(slug=slug, name=name, first=date(year, *first), last=date(year, *last)))
    for slug, name, days, before, after in _BY_MOON:
        if year in days:
            on = date(year, *days[year])
            first_day, last_day = on - timedelta(days=before), on + timedelta(days=after)
            found.append(Festival(slug=slug, name=name, first=first_day, last=last_day))
    for slug, name, month, weekday, nth, after, length in _BY_WEEKDAY:
        first_of_month = date(year, month, 1)
        nth_day = first_of_month + timedelta(days=(weekday - first_of_month.weekday()) % 7 + 7 * (nth - 1))
        start = nth_day + timedelta(days=after)
        found.append(Festival(slug=slug, name=name, first=start, last=start + timedelta(days=length - 1)))
    return found


_BY_DATE = (
    ("new_year", Text("New Year", "元旦"), (1, 1), (1, 3)),
    ("valentines_day", Text("Valentine's Day", "情人节"), (2, 12), (2, 14)),
    ("womens_day", Text("Women's Day", "38 节"), (3, 5), (3, 8)),
    ("labour_day", Text("Labour Day", "五一"), (5, 1), (5, 5)),
    ("may_20", Text("20 May", "520"), (5, 18), (5, 20)),
    ("june_18", Text("618", "618"), (6, 1), (6, 20)),
    ("national_day", Text("National Day", "国庆"), (10, 1), (10, 7)),
    ("double_11", Text("Double 11", "双11"), (11, 1), (11, 11)),
    ("double_12", Text("Double 12", "双12"), (12, 10), (12, 12)),
    ("christmas", Text("Christmas", "圣诞"), (12, 18), (12, 25)),
)
"""On the same dates every year: slug, name, first and last day."""

_SPRING = {
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12),
    2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26),
    2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
_DRAGON_BOAT = {
    2015: (6, 20), 2016: (6, 9), 2017: (5, 30), 2018: (6, 18), 2019: (6, 7), 2020: (6, 25), 2021: (6, 14),
    2022: (6, 3), 2023: (6, 22), 2024: (6, 10), 2025: (5, 31), 2026: (6, 19), 2027: (6, 9), 2028: (5, 28),
    2029: (6, 16), 2030: (6, 5), 2031: (6, 24), 2032: (6, 12), 2033: (6, 1), 2034: (6, 20), 2035: (6, 10),
}  # fmt: skip
_QIXI = {
    2015: (8, 20), 2016: (8, 9), 2017: (8, 28), 2018: (8, 17), 2019: (8, 7), 2020: (8, 25), 2021: (8, 14),
    2022: (8, 4), 2023: (8, 22), 2024: (8, 10), 2025: (8, 29), 2026: (8, 19), 2027: (8, 8), 2028: (8, 26),
    2029: (8, 16), 2030: (8, 5), 2031: (8, 24), 2032: (8, 12), 2033: (8, 1), 2034: (8, 20), 2035: (8, 10),
}  # fmt: skip
_MID_AUTUMN = {
    2015: (9, 27), 2016: (9, 15), 2017: (10, 4), 2018: (9, 24), 2019: (9, 13), 2020: (10, 1), 2021: (9, 21),
    2022: (9, 10), 2023: (9, 29), 2024: (9, 17), 2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3),
    2029: (9, 22), 2030: (9, 12), 2031: (10, 1), 2032: (9, 19), 2033: (9, 8), 2034: (9, 27), 2035: (9, 16),
}  # fmt: skip

_BY_MOON = (
    ("spring_festival", Text("Spring Festival", "春节"), _SPRING, 1, 6),
    ("dragon_boat", Text("Dragon Boat Festival", "端午"), _DRAGON_BOAT, 2, 0),
    ("qixi", Text("Qixi", "七夕"), _QIXI, 6, 0),
    ("mid_autumn", Text("Mid-Autumn", "中秋"), _MID_AUTUMN, 6, 0),
)
"""On a day of the Chinese calendar: slug, name, that day by year, how many days before and after it belong to it."""

_BY_WEEKDAY = (("black_friday", Text("Black Friday", "黑色星期五"), 11, 3, 4, 1, 4),)
"""By the n-th weekday of a month (0 is Monday): slug, name, month, weekday, n, days after it, how many days."""
