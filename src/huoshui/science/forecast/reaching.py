"""The chance of reaching a target, and the interval of the sum of what comes."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Literal

import numpy as np

from huoshui.science.errors import NotASetting
from huoshui.science.forecast.series import Forecast


def probability_of_reaching(
    told: Forecast,
    target: float | Decimal,
    *,
    done: float | Decimal = 0.0,
    direction: Literal["up", "down"] = "up",
    of: Literal["sum", "last"] = "sum",
) -> float:
    """The chance, 0 to 1, that a target is reached.

    Parameters
    ----------
    told
        The forecast of the periods that remain.
    target
        To be reached or exceeded; with ``direction`` "down", not to be exceeded.
    done
        What was reached before the first step; counts for the sum only.
    of
        "sum" for what adds up (sales of a year), "last" for what is measured at the end (a rate, a number held).

    Raises
    ------
    NotASetting
        For a target that is no finite number, another direction or another ``of``.
    """
    goal, reached = float(target), float(done)
    if not math.isfinite(goal) or not math.isfinite(reached):
        raise NotASetting("This is not a target", received=f"{target}, {done}", valid="a finite number")
    if direction not in ("up", "down") or of not in ("sum", "last"):
        raise NotASetting("This is not asked so", received=f"{direction}, {of}", valid="up, down; sum, last")
    mean, sd = _of(told, of)
    missing = goal - (reached if of == "sum" else 0.0)
    if told.minimum is not None:
        least = told.minimum * (len(told.mean) if of == "sum" else 1)
        if missing <= least and direction == "up":
            return 1.0
        if missing < least and direction == "down":
            return 0.0
    below = _below(told, missing, mean, sd)
    if direction == "down":
        return below if sd > 0 else float(mean <= missing)
    return 1.0 - below


def total_interval(told: Forecast, *, done: float | Decimal = 0.0) -> tuple[float, float]:
    """The interval of ``done`` and the sum of the steps, at the level of the forecast."""
    from scipy.stats import t

    mean, sd = _of(told, "sum")
    reach = float(t.ppf((1 + told.level) / 2, told.freedom))
    if told.scale == "log":
        middle, spread = _logarithmic(mean, sd)
        low, high = math.exp(middle - reach * spread), math.exp(min(middle + reach * spread, 700.0))
    else:
        low, high = mean - reach * sd, mean + reach * sd
    if told.minimum is not None:
        least = told.minimum * len(told.mean)
        low, high = max(low, least), max(high, least)
    return float(done) + low, float(done) + high


def _of(told: Forecast, of: str) -> tuple[float, float]:
    if of == "last":
        return float(told.mean[-1]), float(told.sd[-1])
    total = told.total()
    return total.mean, total.sd


def _below(told: Forecast, amount: float, mean: float, sd: float) -> float:
    """The chance of less than ``amount``; a sum of skewed values is taken as skewed alike (Fenton, 1960)."""
    from scipy.stats import t

    if sd <= 0:
        return float(mean < amount)
    if told.scale == "log":
        if amount <= 0:
            return 0.0
        middle, spread = _logarithmic(mean, sd)
        return (
            float(t.cdf((math.log(amount) - middle) / spread, told.freedom))
            if spread
            else float(mean < amount)
        )
    return float(t.cdf((amount - mean) / sd, told.freedom))


def _logarithmic(mean: float, sd: float) -> tuple[float, float]:
    """Middle and spread of the logarithm of a value of this mean and standard deviation."""
    variance = math.log1p((sd / mean) ** 2)
    return float(np.log(mean)) - variance / 2, math.sqrt(variance)
