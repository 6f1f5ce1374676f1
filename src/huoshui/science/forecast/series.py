"""The forecast of an equally spaced series, with its interval.

What comes is told by a family of exponential smoothing models together (`smoothing`). Errors of the steps hang
together: an error of one month moves all that follow it by as much as the models learn from it (the linear state space
form: R. J. Hyndman, A. B. Koehler, J. K. Ord and R. D. Snyder, "Forecasting with Exponential Smoothing", 2008, chapter
6). Their size is taken from errors that were really made from earlier origins (L. J. Tashman, "Out-of-sample tests of
forecasting accuracy", International Journal of Forecasting 16 (4), 2000), as far as there are any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from huoshui.kernel.texts import Text
from huoshui.science.errors import NotASetting
from huoshui.science.forecast import smoothing
from huoshui.science.forecast.errors import NotASeries, TooFewValues
from huoshui.science.forecast.smoothing import Array, Family, Run

LEAST = 3
MOST_STEPS = 1000
PRIOR = 4.0
"""As many origins the spread that the models derive for themselves is worth against the errors really made."""
SMALLEST, LARGEST = 0.5, 9.0
"""How much the errors really made may change the variance that the models derive."""

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
    scale ``log`` the logarithm of a value is spread evenly about its middle.
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


@dataclass(frozen=True, slots=True)
class Told:
    """Steps as told from one origin, on the scale of the models: ``middle``, and ``root`` of the covariance."""

    middle: Array
    root: Array
    sigma: float


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
    return model.forecast(told, level=level, minimum=minimum, errors=errors)


@dataclass(frozen=True, slots=True)
class Model:
    """The family, run over a series on the scale that fits it better."""

    values: Array
    season: int
    used: int
    steps: int
    scale: str
    members: Family
    run: Run

    @classmethod
    def of(cls, values: Array, *, season: int, steps: int) -> Model:
        """Run over the values and their logarithms, as far as they have any, and keep what fits better."""
        used = season if len(values) >= 2 * season else 1
        members = smoothing.family(used)
        plain = smoothing.run(values, season=used, steps=steps, members=members)
        made = cls(values, season, used, steps, "plain", members, plain)
        if (values <= 0).any():
            return made
        logs = np.log(values)
        other = smoothing.run(logs, season=used, steps=steps, members=members)
        # The likelihood of the values themselves: that of the logarithms times their derivative.
        counted = smoothing.remembered(other, len(values))
        better = smoothing.merit(other, members, known=len(values)) + 2 * float(counted @ logs)
        if better >= smoothing.merit(plain, members, known=len(values)):
            return made
        return cls(values, season, used, steps, "log", members, other)

    @property
    def scaled(self) -> Array:
        """The values on the scale of the models."""
        return np.log(self.values) if self.scale == "log" else self.values

    @property
    def unsure(self) -> float:
        """By how much the variance grows as the parts of the models are themselves estimated.

        Half of the final prediction error of H. Akaike ("Fitting autoregressive models for prediction", Annals of the
        Institute of Statistical Mathematics 21, 1969), as many models share their parts; back-tested on simulated
        series.
        """
        known = len(self.values)
        parts = float(smoothing.weights(self.run, self.members, known=known) @ self.members.parts)
        return 1.0 + parts / (2 * known)

    def told(self, known: int) -> Told:
        """What is told when ``known`` values are known, by nothing but these."""
        weight = smoothing.weights(self.run, self.members, known=known)
        middle = weight @ self.run.ahead[known]
        responses = weight @ self.run.responses
        root = np.eye(self.steps)
        for lag in range(1, self.steps):
            root += np.diag(np.full(self.steps - lag, responses[lag - 1]), -lag)
        sigma = self._sigma(weight, known)
        return Told(middle=middle, root=root * sigma, sigma=sigma)

    def _sigma(self, weight: Array, known: int) -> float:
        """The standard deviation of an error one step ahead.

        Errors while the beginning was learnt are too small: they are counted by the freedom they leave.
        """
        errors = self.run.errors[:known] @ weight
        learnt = min(self.run.learnt, known)
        early, late = (errors[:learnt] ** 2).sum(), (errors[learnt:] ** 2).sum()
        parts = float(weight @ self.members.parts)
        freedom = max(learnt - parts, learnt / 4, 1.0) if self.used > 1 else max(learnt - 1.0, 1.0)
        return float(np.sqrt((early + late) / (freedom + known - learnt)))

    def forecast(self, told: Told, *, level: float, minimum: float | None, errors: Errors | None) -> Forecast:
        """The steps in the unit of the series."""
        from scipy.stats import t

        known = len(self.values)
        freedom = max(known - float(self.used if self.used > 1 else 1) - 2.0, 2.0)
        covariance = told.root @ told.root.T * (errors.inflation if errors else self.unsure)
        if self.used < self.season:  # the season that nobody knows yet
            missing = np.maximum(self.scaled.var(ddof=1) - np.diag(covariance), 0.0)
            covariance = covariance + np.diag(missing)
        sd = np.sqrt(np.diag(covariance))
        reach = float(t.ppf(0.5 + level / 2, freedom)) * sd
        low, high, mean = told.middle - reach, told.middle + reach, told.middle
        if self.scale == "log":
            # The mean of a skewed spread lies above its middle; a shock of long ago must not carry it away.
            mean = np.exp(told.middle + np.minimum((told.root**2).sum(axis=1), LARGEST_LIFT) / 2)
            low, high = np.exp(np.minimum(low, 700.0)), np.exp(np.minimum(high, 700.0))
            covariance = np.outer(mean, mean) * np.expm1(np.minimum(covariance, 2.0))
        if minimum is not None:
            mean, low, high = (np.maximum(one, minimum) for one in (mean, low, high))
        same = bool((self.values == self.values[0]).all())
        name = (
            "constant" if same else "seasonal" if self.used > 1 else "smooth" if self.season == 1 else "level"
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
            scale=self.scale,
            covariance=covariance,
        )


@dataclass(frozen=True, slots=True)
class Errors:
    """Forecasts from earlier origins against what came: mean absolute errors, and the variance against that derived."""

    origins: int
    error: float
    naive: float
    inflation: float


def backtested(values: Array, model: Model, *, steps: int) -> Errors | None:
    """The model from every origin after its beginning; ``None`` where there is none.

    The scale of the models is that of the whole series; everything else knows nothing of what came later.
    """
    first = max(model.run.learnt, LEAST)
    origins = range(first, len(values))
    if not origins:
        return None
    scaled = model.scaled
    errors: list[float] = []
    naive: list[float] = []
    ratios: list[float] = []
    worth = 0.0
    for origin in origins:
        told = model.told(origin)
        came = values[origin : origin + steps]
        middle = told.middle[: len(came)]
        there = np.exp(middle) if model.scale == "log" else middle
        errors.extend(np.abs(there - came))
        naive.extend(np.abs(naive_ahead(values[:origin], len(came), model.season) - came))
        variance = (told.root**2).sum(axis=1)[: len(came)]
        off = (scaled[origin : origin + steps] - middle) ** 2
        if (variance > 0).all():
            ratios.append(float((off / variance).mean()))
            worth += 1.0
    apart = worth / max(min(steps, len(values) - first) / 2, 1.0)  # origins share what came
    ratio = float(np.mean(ratios)) if ratios else 1.0
    inflation = (apart * ratio + PRIOR * model.unsure) / (apart + PRIOR)
    return Errors(
        origins=len(origins),
        error=float(np.mean(errors)),
        naive=float(np.mean(naive)),
        inflation=float(np.clip(inflation, SMALLEST, LARGEST)),
    )


def naive_ahead(values: Array, steps: int, season: int) -> Array:
    """The seasonal naive forecast: the same place of the last season, or the last value where none is known."""
    if len(values) < season:
        return np.full(steps, values[-1])
    found: Array = values[-season:][np.arange(steps) % season]
    return found


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
