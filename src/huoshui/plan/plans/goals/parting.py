"""Dividing a target into parts that add up to it exactly, and saying what is missing or over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """The parts of one kind against their whole: ``missing`` is what they lack; below zero they are over it."""

    whole: Decimal
    parts: Decimal

    @property
    def missing(self) -> Decimal:
        """Whole less parts."""
        return self.whole - self.parts

    @property
    def exact(self) -> bool:
        """Whether they add up."""
        return self.whole == self.parts


def distribute(total: Decimal, weights: Sequence[Decimal], *, quantum: Decimal) -> tuple[Decimal, ...]:
    """``total`` divided by weights, which are not negative, in whole ``quantum``; the parts add up to it exactly.

    What is left by rounding, and what of the total is finer than the quantum, goes to the largest weight, the first of
    equals. Weights that are all zero divide evenly. Raises ``ValueError`` without weights, or with a negative one.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("there must be weights, none of them negative")
    whole = sum(weights, Decimal(0))
    if whole == 0:
        weights, whole = [Decimal(1)] * len(weights), Decimal(len(weights))
    parts = [(total * weight / whole).quantize(quantum, rounding=ROUND_DOWN) for weight in weights]
    largest = max(range(len(weights)), key=lambda place: (weights[place], -place))
    parts[largest] += total - sum(parts, Decimal(0))
    return tuple(parts)


def quantum_of(unit: str, total: Decimal) -> Decimal:
    """What parts of a total are whole multiples of: cents of money, one of what is counted where the total is whole."""
    if unit == "money":
        return Decimal("0.01")
    if unit in ("orders", "customers", "number") and total == total.to_integral_value():
        return Decimal(1)
    return Decimal("0.0001")


def quarters(first: date, last: date) -> list[tuple[date, date]]:
    """The calendar quarters that have days in ``first`` to ``last``, cut to these days."""
    found, start = [], first
    while start <= last:
        month = start.month - (start.month - 1) % 3 + 3
        following = date(start.year + (month > 12), (month - 1) % 12 + 1, 1)
        found.append((start, min(last, following - DAY)))
        start = following
    return found


def uncovered(first: date, last: date, spans: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    """The days of ``first`` to ``last`` that lie in none of the spans, as spans."""
    found, start = [], first
    for begin, end in sorted(spans):
        if begin > start:
            found.append((start, min(last, begin - DAY)))
        start = max(start, end + DAY)
        if start > last:
            break
    if start <= last:
        found.append((start, last))
    return found


def overlapping(spans: Sequence[tuple[date, date]]) -> bool:
    """Whether two spans share a day."""
    ordered = sorted(spans)
    return any(end >= begin for (_, end), (begin, _) in pairwise(ordered))
