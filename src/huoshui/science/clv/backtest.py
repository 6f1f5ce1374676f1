"""Does it hold? What a model foretold from the calibration, beside what came in the hold-out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from huoshui.science.clv.buying import BuyTillYouDie
from huoshui.science.clv.errors import NotEnoughPurchases
from huoshui.science.clv.histories import Vector, aligned, checked, column
from huoshui.science.clv.steady import SteadyRate
from huoshui.science.errors import NotASetting


@dataclass(frozen=True, slots=True)
class Errors:
    """How far forecasts of single customers were off, in purchases."""

    predicted: float
    mean_absolute: float
    root_mean_square: float
    correlation: float | None
    """Missing where all forecasts, or all that came, are the same."""


@dataclass(frozen=True, slots=True)
class Class:
    """Customers with one number of repeat purchases in the calibration: what came and what was foretold, per head."""

    frequency: int
    and_more: bool
    customers: int
    actual: float
    predicted: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """A model against the hold-out and against simple rules."""

    customers: int
    actual: float
    model: Errors
    steady: Errors
    """`SteadyRate`: the rule that stands in where a model cannot be fitted."""
    own_rate: Errors
    """Each customer's own rate so far."""
    classes: tuple[Class, ...]

    @property
    def wins(self) -> bool:
        """Whether the model is nearer to the truth than both rules, in mean absolute error."""
        return self.model.mean_absolute < min(self.steady.mean_absolute, self.own_rate.mean_absolute)


def backtest(
    model: BuyTillYouDie,
    frequency: Any,
    recency: Any,
    T: Any,  # noqa: N803
    frequency_holdout: Any,
    duration_holdout: Any,
    *,
    classes: int = 7,
) -> Backtest:
    """Compare forecasts of single customers with what they bought in the hold-out.

    Parameters
    ----------
    model
        Fitted on these very columns, which know nothing of the hold-out.
    frequency, recency, T, frequency_holdout, duration_holdout
        Columns of `purchase_summary` with a ``calibration_end``.
    classes
        Frequencies from this one on form one class.

    Raises
    ------
    NotEnoughPurchases
        Without customers or without a hold-out.
    """
    x, t, end = checked(frequency, recency, T)
    x, came, ahead = aligned(x, frequency_holdout, duration_holdout)
    if not len(x) or ahead.max() <= 0:
        raise NotEnoughPurchases(
            "There is nothing to compare a forecast with",
            received=f"{len(x)} customers",
            valid="customers, and a hold-out after the calibration",
            next_step="End the calibration earlier",
        )
    time: Any = float(ahead[0]) if (ahead == ahead[0]).all() else ahead
    foretold = model.expected_purchases(time, x, t, end)
    steady = SteadyRate(unit=model.unit).fit(x, t, end).expected_purchases(time, x, t, end)
    own = np.divide(x * ahead, end, out=np.zeros_like(x), where=end > 0)
    capped = np.minimum(x, classes).astype(np.int64)
    number = np.bincount(capped, minlength=classes + 1)
    actual, predicted = (np.bincount(capped, weights=one, minlength=classes + 1) for one in (came, foretold))
    return Backtest(
        customers=len(x),
        actual=float(came.sum()),
        model=_errors(foretold, came),
        steady=_errors(steady, came),
        own_rate=_errors(own, came),
        classes=tuple(
            Class(
                i, i == classes, int(number[i]), float(actual[i] / number[i]), float(predicted[i] / number[i])
            )
            for i in range(classes + 1)
            if number[i]
        ),
    )


@dataclass(frozen=True, slots=True)
class Tracking:
    """Repeat purchases of a cohort up to each moment: all that came, and all that were foretold."""

    time: Vector
    actual: Vector
    predicted: Vector


def tracking_curve(model: BuyTillYouDie, first: Any, repeats: Any, times: Sequence[float] | Any) -> Tracking:
    """Follow a cohort: cumulative repeat purchases, as they came and as the model foretold them for new customers.

    Parameters
    ----------
    model
        A fitted model.
    first
        When each customer bought first, in the unit of the model from any start.
    repeats
        When each repeat purchase was made, from the same start.
    times
        The moments to look at.

    Raises
    ------
    NotASetting
        For missing values.
    """
    born, came, when = column(first), column(repeats), column(times)
    if not all(np.isfinite(one).all() for one in (born, came, when)):
        raise NotASetting("A moment is missing", valid="numbers in the unit of the model")
    births, number = np.unique(born, return_counts=True)
    predicted = np.zeros_like(when)
    for position, moment in enumerate(when):
        here = births < moment
        predicted[position] = (number[here] * model.expected_purchases_of_new(moment - births[here])).sum()
    actual = np.searchsorted(np.sort(came), when, side="right").astype(np.float64)
    return Tracking(when, actual, predicted)


def _errors(foretold: Vector, came: Vector) -> Errors:
    off = foretold - came
    varies = foretold.std() > 0 and came.std() > 0
    return Errors(
        predicted=float(foretold.sum()),
        mean_absolute=float(np.abs(off).mean()),
        root_mean_square=math.sqrt(float((off**2).mean())),
        correlation=float(np.corrcoef(foretold, came)[0, 1]) if varies else None,
    )
