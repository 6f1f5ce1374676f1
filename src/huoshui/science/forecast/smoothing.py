"""A family of exponential smoothing models, run over a series all at once.

Additive models with level, damped trend and season, each part present or not (E. S. Gardner, "Exponential smoothing:
the state of the art, part II", International Journal of Forecasting 22 (4), 2006; R. J. Hyndman and G. Athanasopoulos,
"Forecasting: Principles and Practice", 3rd edition, chapter 8). Parameters are taken from a grid instead of being
searched for: all members pass the series together as one array, so that their forecasts from *every* period are at
hand and a back-test costs no more than a forecast. All of them are weighed together (`weighing`), which leaves out the
choice of one member and the error of choosing wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ALPHAS = (0.01, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)
TRENDS = ((0.0, 0.0), (0.05, 0.9), (0.05, 0.98), (0.2, 0.9), (0.2, 0.98))
"""Share of ``alpha`` by which the trend follows, and its damping; the first is no trend."""
GAMMAS = (0.0, 0.1, 0.3, 0.6)
SLOWLY = 0.05
HALVED_SEASONS, HALVED = 3, 24
SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Family:
    """The members, one place each in arrays of equal length. ``parts`` counts what each has estimated."""

    alpha: Array
    beta: Array
    phi: Array
    gamma: Array
    seasonal: NDArray[np.bool_]
    parts: Array


def family(season: int) -> Family:
    """The members for a season of so many values; 1 is none."""
    rows = [(a, a * b, p, 0.0, False, 2.0 + 2 * (b > 0)) for a, (b, p) in product(ALPHAS, TRENDS)]
    if season > 1:
        rows += [
            (a, a * b, p, g * (1 - a), True, 2.0 + 2 * (b > 0) + season - 1 + (g > 0))
            for a, (b, p), g in product(ALPHAS, TRENDS, GAMMAS)
        ]
        rows.append((0.0, 0.0, 0.0, 1.0, True, float(season)))  # the same as a season ago
    alpha, beta, phi, gamma, seasonal, parts = (np.array(column) for column in zip(*rows, strict=True))
    return Family(alpha, beta, phi, gamma, seasonal.astype(bool), parts)


def steady(alpha: float, season: int, times: int) -> Family:
    """One member without trend, ``times`` over; its season is learnt from the beginning and follows slowly."""
    seasonal = season > 1
    return Family(
        alpha=np.full(times, alpha),
        beta=np.zeros(times),
        phi=np.zeros(times),
        gamma=np.full(times, SLOWLY if seasonal else 0.0),
        seasonal=np.full(times, seasonal),
        parts=np.full(times, 2.0 + (season if seasonal else 0)),
    )


@dataclass(frozen=True, slots=True)
class Run:
    """A family over a series of ``n`` values.

    ``errors`` (n × members) are those of each value, told from the one before it. ``ahead`` (n + 1 × members × steps)
    are the forecasts made when so many values were known. ``responses`` (members × steps) is by how much an error moves
    the forecasts of the steps after it. The first ``learnt`` errors are of values from which the beginning was learnt.
    An error counts half as much as one that is ``halved`` periods newer.
    """

    errors: Array
    ahead: Array
    responses: Array
    learnt: int
    halved: float


def run(values: Array, *, season: int, steps: int, members: Family) -> Run:
    """All members over ``values``; those with a season begin with what the first two seasons say.

    ``values`` are of shape (n,), or (n × members) where each member has a series of its own.
    """
    count = len(members.alpha)
    values = values if values.ndim == 2 else values[:, None]
    level, trend, places = _beginning(values, season, members)
    errors = np.zeros((len(values), count))
    ahead = np.zeros((len(values) + 1, count, steps))
    powers = members.phi[:, None] ** np.arange(1, steps + 1)
    damped = np.cumsum(powers, axis=1)
    horizon = np.arange(steps)
    for at in range(len(values) + 1):
        ahead[at] = level[:, None] + trend[:, None] * damped + places[:, (at + horizon) % season]
        if at == len(values):
            break
        place = at % season
        off = values[at] - ahead[at, :, 0]
        errors[at] = off
        carried = members.phi * trend
        level = level + carried + members.alpha * off
        trend = carried + members.beta * off
        places[:, place] += members.gamma * off
    responses = members.alpha[:, None] + members.beta[:, None] * damped
    returns = np.arange(1, steps + 1) % season == 0 if season > 1 else np.zeros(steps, dtype=bool)
    responses = responses + members.gamma[:, None] * returns
    learnt = min(2 * season, len(values)) if season > 1 else min(3, len(values))
    return Run(
        errors=errors,
        ahead=ahead,
        responses=responses,
        learnt=learnt,
        halved=float(max(HALVED_SEASONS * season, HALVED)),
    )


def _beginning(values: Array, season: int, members: Family) -> tuple[Array, Array, Array]:
    """Level, trend and places (members × season) before the first value."""
    count = len(members.alpha)
    values = np.broadcast_to(values, (len(values), count))
    level = values[: max(2, min(season, 4))].mean(axis=0)
    trend, places = np.zeros(count), np.zeros((count, season))
    if season > 1:
        one, two = values[:season].mean(axis=0), values[season : 2 * season].mean(axis=0)
        slope = (two - one) / season
        rises = members.seasonal & (members.phi > 0)
        middle = (season - 1) / 2
        offsets = np.arange(season)[:, None] - middle
        among = (values[:season] - one + values[season : 2 * season] - two) / 2
        found = among - np.where(rises, slope, 0.0) * offsets
        level = np.where(members.seasonal, one, level)
        level = np.where(rises, one - slope * (middle + 1), level)
        trend = np.where(rises, slope / 2, 0.0)  # half: two seasons may lie apart for other reasons
        places = np.where(members.seasonal, found, 0.0).T.copy()
        same = members.seasonal & (members.alpha == 0)
        places[same] = (values[:season] - one).T[same]
    return level, trend, places
