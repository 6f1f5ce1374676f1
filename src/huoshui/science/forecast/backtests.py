"""The whole forecast, told again from earlier origins by nothing but what was known then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from huoshui.science.forecast.past import LEAST, naive_ahead
from huoshui.science.forecast.reaching import probability_of_reaching
from huoshui.science.forecast.series import forecast
from huoshui.science.forecast.smoothing import Array


@dataclass(frozen=True, slots=True)
class Backtest:
    """Forecasts from ``origins`` against what came, over all steps together.

    ``error`` and ``naive_error`` are mean absolute errors, of the forecast and of the seasonal naive one. ``covered``
    is the share of values within the interval. ``reached`` are the chances given to a sum of the steps as large as the
    one that came, of whole horizons: they lie evenly between 0 and 1 where chances are honest.
    """

    origins: int
    error: float
    naive_error: float
    covered: float
    reached: tuple[float, ...]

    @property
    def beats_naive(self) -> bool:
        """Whether it was nearer to what came."""
        return self.error < self.naive_error


def backtest(
    values: Any,
    *,
    steps: int,
    season: int = 12,
    level: float = 0.8,
    minimum: float | None = None,
    origins: Sequence[int] | None = None,
) -> Backtest | None:
    """`forecast` from every origin with at least two seasons before it (or three values), or from ``origins``.

    Slower than what `forecast` says of itself, as everything is made anew at each origin, the scale too (rolling
    origin: L. J. Tashman, International Journal of Forecasting 16 (4), 2000). ``None`` without an origin. Raises as
    `forecast`.
    """
    told_all = forecast(values, steps=steps, season=season, level=level, minimum=minimum)  # checks them
    known: Array = np.asarray(values, dtype=np.float64)
    first = max(2 * season if season > 1 and len(known) > 2 * season else LEAST, LEAST)
    asked = list(origins) if origins is not None else list(range(first, len(known)))
    asked = [one for one in asked if LEAST <= one < len(known)]
    if not asked:
        return None
    errors: list[float] = []
    naive: list[float] = []
    covered: list[bool] = []
    reached: list[float] = []
    for origin in asked:
        came = known[origin : origin + steps]
        told = forecast(known[:origin], steps=len(came), season=season, level=told_all.level, minimum=minimum)
        errors.extend(np.abs(told.mean - came))
        naive.extend(np.abs(naive_ahead(known[:origin], len(came), season) - came))
        covered.extend((told.low <= came) & (came <= told.high))
        if len(came) == steps:
            reached.append(probability_of_reaching(told, float(came.sum())))
    return Backtest(
        origins=len(asked),
        error=float(np.mean(errors)),
        naive_error=float(np.mean(naive)),
        covered=float(np.mean(covered)),
        reached=tuple(reached),
    )
