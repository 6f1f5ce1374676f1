"""What one customer will really spend: the distribution of the realised value, not of its mean.

Purchases ahead have the distribution of the model of repeat buying. Given a customer's past, the scale of their values
is gamma-distributed, so the sum of n purchases ahead, divided by v + x·m, is beta prime with shapes p·n and q + p·x,
and the chance that the value stays below z is a sum over n

    P(value ≤ z) = P(N = 0) + Σ P(N = n) · I(z ÷ (z + v + x·m); p·n, q + p·x)

with I the regularised incomplete beta function. Nothing is drawn at random. Given that somebody is a customer still,
this depends on x and T alone, of which there are few: for each x the sum is computed at `_PLACES` places, and each
customer's quantile is read between two of them. Parameters count as known: with the few customers for whom the weak
prior joins in, the intervals are too narrow, and `valuation` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, expit, logit

from huoshui.science.clv.buying import BuyTillYouDie
from huoshui.science.clv.gamma_gamma import GammaGamma
from huoshui.science.clv.histories import Matrix, Vector, aligned, checked
from huoshui.science.errors import NotASetting

_PLACES = 144
"""Values at which the distribution is computed."""
_AGES = 512
"""Ages computed together."""
_TINY = 1e-6
"""Chance of still more purchases that is left out of the sum."""
_MOST = 4096


@dataclass(frozen=True, slots=True)
class ValueIntervals:
    """For each customer: between which ends the realised value will lie, and the chance of no purchase at all."""

    low: Vector
    high: Vector
    nothing: Vector


def value_intervals(
    model: BuyTillYouDie,
    money: GammaGamma | None,
    frequency: Any,
    recency: Any,
    T: Any,  # noqa: N803
    monetary_value: Any,
    *,
    time: float,
    level: float = 0.95,
) -> ValueIntervals:
    """The predictive interval of the value that each customer will really bring in the ``time`` after T.

    Parameters
    ----------
    model
        A fitted model of repeat buying.
    money
        A fitted model of the value of purchases; without it, every purchase is worth ``monetary_value``.
    frequency, recency, T, monetary_value
        Columns of `purchase_summary`.
    time
        How far to look, in the unit of the model.
    level
        The share of customers that shall lie within. Where no purchase at all has a chance of (1 − level) ÷ 2 or
        more, the interval goes from 0 to the ``level`` quantile, otherwise between the two outer quantiles.

    Returns
    -------
    `ValueIntervals`, in the unit of money, not discounted: this is what the books will show.
    """
    if not 0 < level < 1:
        raise NotASetting("This is not a level", received=str(level), valid="between 0 and 1")
    x, t, end = checked(frequency, recency, T)
    m = aligned(monetary_value, x)[0]
    p, q, v = money._place("p", "q", "v") if money else (np.nan, np.nan, np.nan)
    alive = model.probability_alive(x, t, end)
    low, high, nothing = np.zeros_like(x), np.zeros_like(x), np.ones_like(x)
    for number, rows in _groups(x):
        ages, of_age = np.unique(end[rows], return_inverse=True)
        for some in np.array_split(np.arange(len(ages)), -(-len(ages) // _AGES)):
            here = np.flatnonzero((of_age >= some[0]) & (of_age <= some[-1]))
            at_least = _at_least(model, number, ages[some], time)
            read = _values(at_least, p, q + p * number, level) if money else _counts(at_least)
            whose, place = rows[here], of_age[here] - some[0]
            low[whose], high[whose], nothing[whose] = _ends(
                read, alive[whose], at_least[place, 0], place, level
            )
    worth = v + x * np.maximum(m, 0.0) if money else np.maximum(m, 0.0)
    return ValueIntervals(low * worth, high * worth, nothing)


def _groups(values: Vector) -> Iterator[tuple[float, NDArray[np.intp]]]:
    """Each value that occurs, and the rows that have it."""
    if not len(values):
        return
    order = np.argsort(values, kind="stable")
    distinct, first = np.unique(values[order], return_index=True)
    for value, rows in zip(distinct, np.split(order, first[1:]), strict=True):
        yield float(value), rows


def _at_least(model: BuyTillYouDie, number: float, ages: Vector, time: float) -> Matrix:
    """Chance of at least 1, 2, … purchases of a customer still, until hardly any more are left; a row for each age."""
    most = 16
    while True:
        found = model._survival(np.full_like(ages, number), ages, time, most)
        if found[:, -1].max() <= _TINY or most >= _MOST:
            return found
        most *= 4


Read = Callable[[Vector, NDArray[np.intp]], Vector]
"""Where the chance to lie above is a given one, by row; 0 where less than that is above nothing at all."""


def _counts(at_least: Matrix) -> Read:
    """Numbers of purchases."""

    def read(above: Vector, row: NDArray[np.intp]) -> Vector:
        answer: Vector = (at_least[row] > above[:, None] + 1e-12).sum(axis=1, dtype=np.float64)
        return answer

    return read


def _values(at_least: Matrix, p: float, shape: float, level: float) -> Read:
    """Values ÷ (v + x·m): what lies above each of some places, and the way back."""
    chances = -np.diff(at_least, axis=1, append=0.0)
    likely = np.flatnonzero(chances.max(axis=0) > 1e-8)
    outer = (1 - level) / 2
    most = 1.0 + float((at_least > outer / 2).sum(axis=1).max())
    # From where one purchase hardly ever ends to where the most that may be hardly ever do.
    first, last = betaincinv(p, shape, 1e-4), betaincinv(p * most, shape, 1 - outer / 4)
    odds = np.linspace(logit(max(first, 1e-300)), logit(min(last, 1 - 1e-16)), _PLACES)
    beyond = betainc(shape, (p * (likely + 1.0))[:, None], expit(-odds)[None, :])
    # At the left of all places stands 0, at the right nothing is left.
    above = np.hstack([at_least[:, :1], np.minimum(chances[:, likely] @ beyond, at_least[:, :1])])
    above = np.minimum.accumulate(above, axis=1)
    values = np.concatenate([[0.0], np.exp(odds)])

    def read(wanted: Vector, row: NDArray[np.intp]) -> Vector:
        left, right = np.zeros(len(row), dtype=np.intp), np.full(len(row), _PLACES, dtype=np.intp)
        for _ in range(int(np.ceil(np.log2(_PLACES + 1)))):
            middle = (left + right + 1) // 2
            still = above[row, middle] >= wanted
            left, right = np.where(still, middle, left), np.where(still, right, middle - 1)
        over = np.minimum(left + 1, _PLACES)
        a, b = above[row, left], above[row, over]
        part = np.divide(a - wanted, a - b, out=np.zeros_like(a), where=a > b)
        between = values[left] + (values[over] - values[left]) * part
        logs = np.where(left > 0, odds[left - 1] + (odds[over - 1] - odds[left - 1]) * part, 0.0)
        found = np.where(left > 0, np.exp(logs), between)
        answer: Vector = np.where(wanted >= above[row, 0], 0.0, found)
        return answer

    return read


def _ends(
    read: Read, alive: Vector, any_at_all: Vector, row: NDArray[np.intp], level: float
) -> tuple[Vector, Vector, Vector]:
    """Low and high end, and the chance of nothing at all, of customers who are there still with chance ``alive``."""
    outer = (1 - level) / 2
    nothing = 1.0 - alive * any_at_all
    from_zero = nothing >= outer
    with np.errstate(divide="ignore"):
        high = read(np.where(from_zero, 1 - level, outer) / alive, row)
        low = np.where(from_zero, 0.0, read((1 - outer) / alive, row))
    return low, high, nothing
