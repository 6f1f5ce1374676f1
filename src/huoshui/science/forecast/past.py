"""Forecasts from earlier origins against what came, as far as one pass over the series knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huoshui.science.forecast.models import Model
from huoshui.science.forecast.smoothing import Array

LEAST = 3
PRIOR = 4.0
"""As many origins the spread that the models derive for themselves is worth against the errors really made."""
SMALLEST, LARGEST = 0.5, 9.0
"""How much the errors really made may change the variance that the models derive."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Mean absolute errors, of the forecast and of the seasonal naive one, and the variance against that derived."""

    origins: int
    error: float
    naive: float
    inflation: float


def backtested(values: Array, model: Model, *, steps: int) -> Errors | None:
    """The model from every origin after its beginning; ``None`` where there is none.

    The scale of the models, and the places where something may have happened once, are those of the whole series;
    everything else knows nothing of what came later.
    """
    first = max(model.run.learnt, LEAST)
    origins = range(first, len(values))
    if not origins:
        return None
    scaled, happened = model.scaled, model.happened()
    errors: list[Array] = []
    naive: list[Array] = []
    ratios: list[float] = []
    counts: list[float] = []
    for origin in origins:
        told = model.told(origin)
        came = values[origin : origin + steps]
        middle = told.middle[: len(came)]
        there = np.exp(middle) if model.scale == "log" else middle
        errors.append(np.abs(there - came))
        naive.append(np.abs(naive_ahead(values[:origin], len(came), model.season) - came))
        variance = told.variance[: len(came)]
        if (variance > 0).all():
            ratios.append(float(((scaled[origin : origin + steps] - middle) ** 2 / variance).mean()))
            counts.append(_counts(origin, first, steps, happened))
    apart = len(ratios) / max(min(steps, len(values) - first) / 2, 1.0)  # origins share what came
    ratio = float(np.average(ratios, weights=counts)) if ratios else 1.0
    inflation = (apart * ratio + PRIOR * model.unsure) / (apart + PRIOR)
    return Errors(
        origins=len(origins),
        error=float(np.mean(np.concatenate(errors))),
        naive=float(np.mean(np.concatenate(naive))),
        inflation=float(np.clip(inflation, SMALLEST, LARGEST)),
    )


def _counts(origin: int, first: int, steps: int, happened: Sequence[int]) -> float:
    """What the errors from an origin count for: all who did not foresee an event count as one together."""
    missed = [at for at in happened if origin <= at < origin + steps]
    return 1.0 / min(steps, max(missed) - first + 1) if missed else 1.0


def naive_ahead(values: Array, steps: int, season: int) -> Array:
    """The seasonal naive forecast: the same place of the last season, or the last value where none is known."""
    if len(values) < season:
        return np.full(steps, values[-1])
    found: Array = values[-season:][np.arange(steps) % season]
    return found
