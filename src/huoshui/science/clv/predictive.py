"""What one customer will really spend: the distribution of the realised value, not of its mean.

Purchases ahead have the distribution of the model of repeat buying. Given a customer's past, the scale of their values
is gamma-distributed, so the sum of n purchases ahead, divided by v + x·m, is beta prime with shapes p·n and q + p·x,
and the chance that the value stays below z is a sum over n

    P(value ≤ z) = P(N = 0) + Σ P(N = n) · I(z ÷ (z + v + x·m); p·n, q + p·x)

with I the regularised incomplete beta function. Nothing is drawn at random. Parameters count as known: with the few
customers for whom the weak prior joins in, the intervals are too narrow, and `valuation` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln, expit, logit

from huoshui.science.clv.buying import BuyTillYouDie
from huoshui.science.clv.gamma_gamma import GammaGamma
from huoshui.science.clv.histories import Matrix, Vector, aligned, checked, once
from huoshui.science.errors import NotASetting

_CELLS = 400_000
"""Customers × purchases computed together."""
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

    def ends(number: Vector, last: Vector, age: Vector) -> Matrix:
        answer = np.empty((len(number), 3))
        waiting, most = np.arange(len(number)), 16
        while len(waiting):
            later: list[NDArray[np.intp]] = []
            step = max(1, _CELLS // most)
            for some in (waiting[i : i + step] for i in range(0, len(waiting), step)):
                chances = model.purchase_distribution(time, number[some], last[some], age[some], most)
                done = (chances[:, -1] <= _TINY) | (most >= _MOST)
                shape = q + p * number[some]
                answer[some[done]] = _ends(chances[done], p, shape[done] if money else None, level)
                later.append(some[~done])
            waiting, most = np.concatenate(later), most * 4
        return answer

    low, high, nothing = once((x, t, end), ends).T
    worth = v + x * np.maximum(m, 0.0) if money else np.maximum(m, 0.0)
    return ValueIntervals(low * worth, high * worth, np.ascontiguousarray(nothing))


def _ends(chances: Matrix, p: float, shape: Vector | None, level: float) -> Matrix:
    outer = (1 - level) / 2
    nothing = chances[:, 0]
    from_zero = nothing >= outer
    low = np.zeros_like(nothing)
    quantile = _quantile_of_counts if shape is None else _quantile_of_value
    high = quantile(chances, p, shape, np.where(from_zero, level, 1 - outer))
    if not from_zero.all():
        sure = ~from_zero
        low[sure] = quantile(
            chances[sure], p, None if shape is None else shape[sure], np.full(int(sure.sum()), outer)
        )
    return np.stack([low, high, nothing], axis=1)


def _quantile_of_counts(chances: Matrix, p: float, shape: Vector | None, level: Vector) -> Vector:
    """The smallest number of purchases that is reached with the chance ``level``."""
    below = np.cumsum(chances, axis=1) < level[:, None] - 1e-12
    number: Vector = below.sum(axis=1, dtype=np.float64)
    return number


def _quantile_of_value(chances: Matrix, p: float, shape: Vector | None, level: Vector) -> Vector:
    """The quantile of value ÷ (v + x·m): by Newton's method within a bracket, in the log odds of its beta."""
    answer = np.zeros(len(level))
    rows = np.flatnonzero(chances[:, 0] < level)
    if shape is None or not len(rows):
        return answer
    target, shape = level[rows] - chances[rows, 0], shape[rows]
    typical = np.maximum(_quantile_of_counts(chances[rows], p, None, level[rows]), 1.0)
    likely = np.flatnonzero(chances[rows, 1:].max(axis=0) > 1e-12) + 1
    n, chances = p * likely, chances[np.ix_(rows, likely)]
    log_beta = betaln(n, shape[:, None])
    odds = logit(p * typical / (p * typical + shape))
    low, high = np.full(len(rows), -60.0), np.full(len(rows), 60.0)
    going = np.arange(len(rows))
    for _ in range(60):
        at = expit(odds[going])
        below = (chances[going] * betainc(n, shape[going, None], at[:, None])).sum(axis=1) - target[going]
        # The density by the log odds: that of the beta times y (1 − y).
        logs = np.log(at)[:, None] * n + (np.log1p(-at) * shape[going])[:, None] - log_beta[going]
        density = (chances[going] * np.exp(logs)).sum(axis=1)
        high[going] = np.where(below >= 0, odds[going], high[going])
        low[going] = np.where(below < 0, odds[going], low[going])
        with np.errstate(divide="ignore", invalid="ignore"):
            reached = odds[going] - below / density
        inside = (reached > low[going]) & (reached < high[going])
        reached = np.where(inside, reached, (low[going] + high[going]) / 2)
        moved = np.abs(reached - odds[going])
        odds[going] = reached
        going = going[(moved > 1e-5) & (np.abs(below) > 1e-9)]
        if not len(going):
            break
    answer[rows] = np.exp(odds)
    return answer
