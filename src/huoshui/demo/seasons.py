"""The season: how much more or less is bought in an hour than in an average one.

    s(hour) = weekday × month × festival × time of day

Weekdays, months and hours have mean 1, so λ is the rate of an ordinary day. A process of rate λ s(t) is drawn in its
own time S(t) = ∫ s: there it is an ordinary Poisson process, and S⁻¹ takes its times back to the clock (E. Çinlar,
*Introduction to Stochastic Processes*, 1975, ch. 4.7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from huoshui.demo.draws import Numbers

HOUR = 3_600
DAY = 86_400

WEEKDAYS = (0.93, 0.90, 0.92, 0.95, 1.05, 1.15, 1.10)
MONTHS = (0.96, 0.84, 0.98, 0.98, 1.06, 1.04, 0.94, 0.94, 1.06, 1.02, 1.10, 1.08)
HOURS = (
    0.30, 0.15, 0.08, 0.05, 0.05, 0.10, 0.30, 0.60, 0.90, 1.20, 1.40, 1.40,
    1.50, 1.30, 1.20, 1.20, 1.20, 1.20, 1.30, 1.50, 2.00, 2.10, 1.80, 1.17,
)  # fmt: skip

PROMOTIONS = {
    **{(6, day): 1.2 for day in range(1, 16)},
    (6, 16): 2.0,
    (6, 17): 2.5,
    (6, 18): 6.0,
    (11, 1): 2.5,
    **{(11, day): 1.6 for day in (2, 3)},
    **{(11, day): 1.3 for day in range(4, 11)},
    (11, 11): 7.0,
    (12, 12): 2.5,
}
"""618, 双11 and 双12: factor by month and day."""

SALE_FROM = 2.5
"""Days of a factor from this on have sale prices."""

FESTIVAL_DIP = 0.35
"""Factor from the eve of the Spring Festival to its sixth day: parcels stand still."""

_NEW_MOON = date(2000, 1, 6)
_NEW_MOON_SHARE = 1.094  # days after 00:00 in Beijing: 18:14 UTC on that day is 02:14 of the next
_LUNATION = 29.530588853


def spring_festival(year: int) -> date:
    """The first day of the Chinese year: the first mean new moon in Beijing from 22 January on.

    The true new moon is up to 14 hours earlier or later than the mean one (J. Meeus, *Astronomical Algorithms*,
    1998, ch. 49), so the day may be off by one, which the season of a shop does not feel.
    """
    lunations = math.ceil(((date(year, 1, 22) - _NEW_MOON).days - _NEW_MOON_SHARE) / _LUNATION)
    return _NEW_MOON + timedelta(days=math.floor(lunations * _LUNATION + _NEW_MOON_SHARE))


def factors(first: date, days: int) -> Numbers:
    """The factor of each day from ``first`` on, without the time of day."""
    dips = {
        spring_festival(year) + timedelta(days=offset)
        for year in range(first.year, first.year + days // 365 + 2)
        for offset in range(-1, 6)
    }
    every = (first + timedelta(days=place) for place in range(days))
    return np.array(
        [
            WEEKDAYS[day.weekday()]
            * MONTHS[day.month - 1]
            * PROMOTIONS.get((day.month, day.day), 1.0)
            * (FESTIVAL_DIP if day in dips else 1.0)
            for day in every
        ]
    )


@dataclass(frozen=True, slots=True)
class Season:
    """The season of ``days`` days: its factor by day, and the inner time S at every hour."""

    first: date
    by_day: Numbers
    inner: Numbers

    @classmethod
    def of(cls, first: date, days: int) -> Season:
        """The season from ``first`` on."""
        by_day = factors(first, days)
        by_hour = np.outer(by_day, np.array(HOURS)).ravel() / 24.0
        return cls(first, by_day, np.concatenate([[0.0], np.cumsum(by_hour)]))

    def at(self, seconds: Numbers) -> Numbers:
        """S at times given in seconds after the beginning; in days at season 1."""
        return np.asarray(np.interp(seconds, np.arange(len(self.inner)) * HOUR, self.inner))

    def when(self, inner: Numbers) -> Numbers:
        """S⁻¹: the whole seconds after the beginning at which the inner time is ``inner``."""
        hours = np.arange(len(self.inner)) * float(HOUR)
        return np.asarray(np.interp(inner, self.inner, hours).astype(np.int64))

    def shopping_hour(self, days: Numbers, uniform: Numbers) -> Numbers:
        """Seconds on given days (counted from the beginning), at hours when people shop."""
        edges = np.concatenate([[0.0], np.cumsum(HOURS)]) / sum(HOURS)
        within = np.interp(uniform, edges, np.arange(25) * float(HOUR))
        return np.asarray(days.astype(np.int64) * DAY + np.minimum(within, DAY - 1).astype(np.int64))

    def on_sale(self, seconds: Numbers) -> Numbers:
        """Whether a time lies on a day with sale prices."""
        days = [self.first + timedelta(days=place) for place in range(len(self.by_day))]
        sale = np.array([PROMOTIONS.get((d.month, d.day), 1.0) >= SALE_FROM for d in days])
        return np.asarray(sale[seconds // DAY])
