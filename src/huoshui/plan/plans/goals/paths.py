"""The way to a target: what a goal should have reached by a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Literal

Kind = Literal["linear", "seasonal", "own"]
DAY = timedelta(days=1)
EVEN = tuple([1.0] * 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A path from ``start`` on the eve of ``first`` to ``target`` on the evening of ``last``.

    ``flat`` ones ask for the target on every day. ``shares`` weigh the twelve months, January first; ``points`` are
    last day and value, in order, for a path of one's own.
    """

    kind: Kind
    first: date
    last: date
    start: Decimal
    target: Decimal
    flat: bool = False
    shares: Sequence[float] = EVEN
    points: Sequence[tuple[date, Decimal]] = ()

    def at(self, day: date) -> Decimal:
        """What should be reached on the evening of ``day``."""
        if day >= self.last:
            return self.target
        if self.kind == "own":
            return self._own(day)
        if self.flat:
            return self.target
        if day < self.first:
            return self.start
        return self.start + (self.target - self.start) * self.done(day)

    def done(self, day: date) -> Decimal:
        """Which part of the way lies behind one on the evening of ``day``, 0 to 1: by days, or by the seasons."""
        if day < self.first:
            return Decimal(0)
        if day >= self.last:
            return Decimal(1)
        if self.kind != "seasonal":
            return Decimal((day - self.first).days + 1) / Decimal((self.last - self.first).days + 1)
        whole = _weight(self.first, self.last, self.shares)
        if whole <= 0:
            return Decimal((day - self.first).days + 1) / Decimal((self.last - self.first).days + 1)
        return Decimal(str(round(_weight(self.first, day, self.shares) / whole, 12)))

    def _own(self, day: date) -> Decimal:
        known = [(self.first - DAY, self.start if not self.flat else self._first_point()), *self.points]
        if known[-1][0] < self.last:
            known.append((self.last, self.target))
        if day <= known[0][0]:
            return known[0][1]
        for (before, low), (after, high) in pairwise(known):
            if day <= after:
                return low + (high - low) * Decimal((day - before).days) / Decimal((after - before).days)
        return self.target

    def _first_point(self) -> Decimal:
        return self.points[0][1] if self.points else self.target


def _weight(first: date, last: date, shares: Sequence[float]) -> float:
    """The weight of the days ``first`` to ``last``: each month's share, spread evenly over its days."""
    total, month = 0.0, first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        days = (min(last, following - DAY) - max(first, month)).days + 1
        total += float(shares[month.month - 1]) * days / (following - month).days
        month = following
    return total
