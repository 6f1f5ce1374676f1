"""Purchase histories as arrays: checked, and equal ones kept once with their number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huoshui.science.clv.errors import NotASummary, NotEnoughPurchases

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
_TABLE = 1 << 26
"""Largest key looked up in a table instead of by sorting."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Repeat purchases, time of the last one, age and how many customers have this history."""

    frequency: Vector
    recency: Vector
    age: Vector
    weights: Vector

    @property
    def customers(self) -> float:
        """Number of customers."""
        return float(self.weights.sum())

    @property
    def repeaters(self) -> float:
        """Number of customers who came back."""
        return float((self.weights * (self.frequency > 0)).sum())

    def in_units_of(self, scale: float) -> Histories:
        """The same with times divided by ``scale``."""
        return Histories(self.frequency, self.recency / scale, self.age / scale, self.weights)

    def some(self, number: int) -> Histories:
        """About ``number`` of the rows, every n-th, with weights that add up to all customers."""
        step = max(1, len(self.weights) // number)
        weights = self.weights[::step]
        weights = weights * (self.weights.sum() / weights.sum())
        return Histories(self.frequency[::step], self.recency[::step], self.age[::step], weights)


def checked(frequency: Any, recency: Any, age: Any) -> tuple[Vector, Vector, Vector]:
    """The three columns as arrays of numbers.

    Raises
    ------
    NotASummary
        For columns of different lengths, missing or infinite values, a frequency that is no whole number ≥ 0, a
        recency below 0 or above T, or a recency above 0 without repeat purchases.
    """
    x, t, end = aligned(frequency, recency, age)
    rules = (
        (np.isfinite(x) & np.isfinite(t) & np.isfinite(end), "numbers, none missing"),
        ((x >= 0) & (x == np.floor(x)), "whole numbers of repeat purchases, 0 or more"),
        (
            (t >= 0) & (t <= end),
            "0 <= recency <= T; a last purchase after the end of observation is a mistake",
        ),
        ((t == 0) | (x > 0), "recency 0 where there is no repeat purchase"),
    )
    for holds, valid in rules:
        if not holds.all():
            row = int(np.argmin(holds))
            raise NotASummary(
                "A purchase history cannot be right",
                received=f"frequency {x[row]:g}, recency {t[row]:g}, T {end[row]:g} in row {row}",
                valid=valid,
                next_step="Make the columns with purchase_summary, in one query",
            )
    return x, t, end


def column(values: Any) -> Vector:
    """One column as numbers; a missing value becomes NaN. Raises `NotASummary` where there are none."""
    try:
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise NotASummary("This is not a column of numbers", received=str(error), valid="numbers") from error
    if array.ndim != 1:
        raise NotASummary("This is not a column", received=f"{array.ndim} dimensions", valid="one dimension")
    return array


def aligned(*columns: Any) -> list[Vector]:
    """Columns of numbers of one length; a single number is repeated. Raises `NotASummary` otherwise."""
    arrays = [column(one) for one in columns]
    try:
        return [np.asarray(one) for one in np.broadcast_arrays(*arrays)]
    except ValueError as error:
        raise NotASummary(
            "The columns differ in length",
            received=", ".join(str(len(one)) for one in arrays),
            valid="as many rows in each",
        ) from error


def weighed(weights: Any, length: int) -> Vector | None:
    """Weights as an array, or nothing. Raises `NotASummary` for negative or missing ones."""
    if weights is None:
        return None
    array = np.broadcast_to(column(weights), (length,))
    if not (np.isfinite(array) & (array >= 0)).all():
        raise NotASummary("These are not weights", received=f"{array.min()}", valid="numbers, 0 or more")
    return array


def gather(frequency: Any, recency: Any, age: Any, weights: Any = None) -> Histories:
    """Checked histories, equal ones kept once.

    Rows that come with weights are taken as they are: whoever has them has counted already.

    Raises
    ------
    NotASummary
        See `checked`.
    NotEnoughPurchases
        Without a customer, or where nobody was seen for any time.
    """
    x, t, end = checked(frequency, recency, age)
    given = weighed(weights, len(x))
    if len(x) == 0 or end.max() <= 0 or (given is not None and given.sum() <= 0):
        raise NotEnoughPurchases(
            "There is nobody whose behaviour could be learnt from",
            received=f"{len(x)} customers",
            valid="customers with a time between first purchase and end of observation",
            next_step="Load purchases, or look from a later day",
        )
    if given is not None:
        return Histories(x, t, end, np.array(given))
    last, last_code = coded(t)
    ends, end_code = coded(end)
    if max(len(last), len(ends)) > len(x) // 2 + 16 or x.max() * len(last) * len(ends) > 2**62:
        return Histories(x, t, end, np.ones(len(x)))
    keys = np.sort((x.astype(np.int64) * len(last) + last_code) * len(ends) + end_code)
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    counts = np.diff(starts, append=len(keys)).astype(np.float64)
    rest, at_end = np.divmod(keys[starts], len(ends))
    number, at_last = np.divmod(rest, len(last))
    return Histories(number.astype(np.float64), last[at_last], ends[at_end], counts)


def once(columns: Sequence[Vector], compute: Callable[..., Matrix]) -> Matrix:
    """``compute(*columns)``, one answer for each row, but computed only once for rows that are equal."""
    if len(columns[0]) < 1000:
        return compute(*columns)
    codes = [coded(one) for one in columns]
    if max(len(values) for values, _ in codes) > len(columns[0]) // 2 + 16:
        return compute(*columns)
    keys, highest = np.zeros(len(columns[0]), dtype=np.int64), 1
    for values, code in codes:
        keys = keys * len(values) + code
        highest *= len(values)
    if highest > _TABLE:
        found, back = np.unique(keys, return_inverse=True)
    else:
        there = np.zeros(highest, dtype=bool)
        there[keys] = True
        found, back = np.flatnonzero(there), (np.cumsum(there) - 1)[keys]
    distinct: list[Vector] = []
    for values, _ in reversed(codes):
        found, at = np.divmod(found, len(values))
        distinct.insert(0, values[at])
    return compute(*distinct)[back]


def coded(values: Vector) -> tuple[Vector, NDArray[np.int64]]:
    """Values in order, all those that occur among them, and the place of each row's value."""
    top = values.max(initial=0.0)
    if top < 100_000 and (values == np.floor(values)).all():
        return np.arange(top + 1), values.astype(np.int64)
    distinct = np.unique(values)
    return distinct, np.searchsorted(distinct, values).astype(np.int64)
