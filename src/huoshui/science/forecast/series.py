"""The forecast of an equally spaced series, with its interval.

What comes is told by a family of exponential smoothing models together (`smoothing`). Errors of the steps hang
together: an error of one month moves all that follow it by as much as the models learn from it (the linear state space
form: R. J. Hyndman, A. B. Koehler, J. K. Ord and R. D. Snyder, "Forecasting with Exponential Smoothing", 2008, chapter
6). What happened once is no error (`breaks`), and what the models disagree about makes the interval wider (`models`).
The size of errors is taken from those that were really made from earlier origins (L. J. Tashman, "Out-of-sample tests
of forecasting accuracy", International Journal of Forecasting 16 (4), 2000), as far as there are any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from huoshui.kernel.texts import Text
from huoshui.science.errors import NotASetting
from huoshui.science.forecast.errors import NotASeries, TooFewValues
from huoshui.science.forecast.models import Change, Model, Told
from huoshui.science.forecast.past import LEAST, Errors, backtested
from huoshui.science.forecast.smoothing import Array

MOST_STEPS = 1000
LARGEST_LIFT = 0.1

METHODS = {
    "seasonal": Text(
        "Exponential smoothing with trend and season, many models together",
        "指数平滑（含趋势与季节），多模型合成",
    ),
    "level": Text(
        "Exponential smoothing without season: less than two whole seasons are known",
        "指数平滑（不含季节）：已知数据不足两个完整季节周期",
    ),
    "smooth": Text(
        "Exponential smoothing with trend, many models together", "指数平滑（含趋势），多模型合成"
    ),
    "constant": Text("All values were the same", "历史数值全部相同"),
}


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of all steps: its mean, and its standard deviation with the correlation of the steps."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What comes in the next periods; arrays have one value a step, in the unit of the series.

    ``low`` and ``high`` hold each value with the chance ``level``. ``error`` and ``naive_error`` are mean absolute
    errors of this forecast and of the seasonal naive one (the same place a season before) in the back-test, from all
    origins and over all steps; missing where the series is too short for one. ``freedom`` is of Student's t. On the
    scale ``log`` the logarithm of a value is spread evenly about its middle. ``change`` is the level that changed and
    stayed, where the forecast goes by one (`Change`): its place in the series, its size, how sure.
    """

    mean: Array
    low: Array
    high: Array
    sd: Array
    level: float
    method: str
    error: float | None
    naive_error: float | None
    minimum: float | None
    freedom: float
    scale: str
    covariance: Array = field(repr=False)
    change: Change | None = None

    @property
    def said(self) -> Text:
        """How it was made, in words."""
        return METHODS[self.method]

    @property
    def beats_naive(self) -> bool | None:
        """Whether it was nearer to what came than the seasonal naive forecast; ``None`` where nobody knows."""
        if self.error is None or self.naive_error is None:
            return None
        return self.error < self.naive_error

    def total(self) -> Total:
        """The sum of the steps."""
        return Total(mean=float(self.mean.sum()), sd=float(np.sqrt(max(self.covariance.sum(), 0.0))))


def forecast(
    values: Any, *, steps: int, season: int = 12, level: float = 0.8, minimum: float | None = None
) -> Forecast:
    """The next ``steps`` values of a series.

    Parameters
    ----------
    values
        Numbers of whole periods of equal length, oldest first, 3 or more; shape (n,).
    steps
        How many periods are told, 1 to 1000.
    season
        How many values make a season: 12 for months, 4 for quarters, 52 for weeks, 7 for days; 1 is none. With less
        than two whole seasons the forecast has none, says so (``method``), and its interval holds at least the spread
        of the values themselves.
    level
        The chance that the interval of a step is to hold its value.
    minimum
        What no value can be less than, such as 0 for counts.

    Raises
    ------
    NotASeries
        For values that are missing, infinite or no numbers, or that lie below the minimum.
    TooFewValues
        For less than three.
    NotASetting
        For other parameters without meaning.
    """
    known = _checked(values, steps, season, level, minimum)
    model = Model.of(known, season=season, steps=steps)
    told = model.told(len(known))
    errors = backtested(known, model, steps=steps)
    return _in_units(model, told, level=level, minimum=minimum, errors=errors)


def _in_units(
    model: Model, told: Told, *, level: float, minimum: float | None, errors: Errors | None
) -> Forecast:
    """The steps in the unit of the series."""
    from scipy.stats import t

    known = len(model.values)
    freedom = max(known - float(model.used if model.used > 1 else 1) - 2.0, 2.0)
    covariance = told.covariance * (errors.inflation if errors else model.unsure)
    if model.used < model.season:  # the season that nobody knows yet
        missing = np.maximum(model.scaled.var(ddof=1) - np.diag(covariance), 0.0)
        covariance = covariance + np.diag(missing)
    sd = np.sqrt(np.diag(covariance))
    reach = float(t.ppf(0.5 + level / 2, freedom)) * sd
    low, high, mean = told.middle - reach, told.middle + reach, told.middle
    if model.scale == "log":
        # The mean of a skewed spread lies above its middle; a shock of long ago must not carry it away.
        mean = np.exp(told.middle + np.minimum(told.noise, LARGEST_LIFT) / 2)
        low, high = np.exp(np.minimum(low, 700.0)), np.exp(np.minimum(high, 700.0))
        covariance = np.outer(mean, mean) * np.expm1(np.minimum(covariance, 2.0))
    if minimum is not None:
        mean, low, high = (np.maximum(one, minimum) for one in (mean, low, high))
    same = bool((model.values == model.values[0]).all())
    name = (
        "constant" if same else "seasonal" if model.used > 1 else "smooth" if model.season == 1 else "level"
    )
    return Forecast(
        mean=mean,
        low=low,
        high=high,
        sd=np.sqrt(np.diag(covariance)),
        level=level,
        method=name,
        error=errors.error if errors else None,
        naive_error=errors.naive if errors else None,
        minimum=minimum,
        freedom=freedom,
        scale=model.scale,
        covariance=covariance,
        change=model.level_changed(),
    )


def _checked(
    values: Sequence[Any] | Array, steps: int, season: int, level: float, minimum: float | None
) -> Array:
    try:
        known = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise NotASeries("Values are no numbers", received=str(error)[:80], valid="numbers") from error
    if known.ndim != 1:
        raise NotASeries("A series has one row", received=f"{known.ndim} dimensions", valid="1")
    if not np.isfinite(known).all():
        raise NotASeries(
            "Values are missing or infinite",
            received=f"{int((~np.isfinite(known)).sum())} of {len(known)}",
            valid="a finite number for every period",
            next_step="Leave out periods at the beginning, or say what the missing ones were",
        )
    if len(known) < LEAST:
        raise TooFewValues(
            "There are too few values for a forecast", received=str(len(known)), valid=f"{LEAST} or more"
        )
    if not 1 <= steps <= MOST_STEPS:
        raise NotASetting("So many steps are not told", received=str(steps), valid=f"1 to {MOST_STEPS}")
    if season < 1:
        raise NotASetting("This is not a season", received=str(season), valid="1 or more")
    if not 0 < level < 1:
        raise NotASetting("This is not a chance", received=str(level), valid="between 0 and 1")
    if minimum is not None and (known < minimum).any():
        raise NotASeries(
            "Values lie below the minimum", received=f"{known.min()}", valid=f"{minimum} or more"
        )
    return known
