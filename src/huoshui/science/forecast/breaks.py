"""What happened once in a series: a level that changed and stayed, or a single odd value.

A change of level that is not known as one is read as a trend, as a season or as noise. The models are linear in the
series: what one makes of ``values - size * shape`` is what it makes of the values, less ``size`` times what it makes of
the shape. So the likeliest size is known in closed form for each model at each origin, by what was known there (least
squares on the innovations: C. Chen and L.-M. Liu, "Joint estimation of model parameters and outlier effects in time
series", Journal of the American Statistical Association 88 (421), 1993). Whether it happened at all, and which of
both it was, is weighed with the models (`weighing`): after one odd month nobody knows, and the interval says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from huoshui.science.forecast import smoothing
from huoshui.science.forecast.smoothing import Array, Family

LEAST_KNOWN = 12
"""With fewer values nothing is called odd."""
MOST = 2
"""How many places are looked at, each as a level that changed and as an odd value."""
CLEAR = 9.0
"""The square of Student's t from which a place is looked at."""
FOLLOWING = (0.05, 0.35)
"""How fast the level follows in the models by which places are looked for."""
LARGEST = 5e7
"""Series so long, told so far, are not searched: numbers that would have to be held."""
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Breaks:
    """Shapes whose size the models find, ``b`` of them; often none. Of each place there are two: a level, an odd value.

    ``at`` (b) is the place: the first value of the new level, or the odd one. ``errors`` (b × n × members) and
    ``ahead`` (b × n + 1 × members × steps) are what the models make of the shape.
    """

    at: NDArray[np.int64]
    errors: Array
    ahead: Array

    @property
    def stays(self) -> NDArray[np.bool_]:
        """Which of the shapes (b) are a level that changed; the others are a single odd value."""
        found: NDArray[np.bool_] = np.arange(len(self.at)) % 2 == 0
        return found


def none(count: int, members: Family, steps: int) -> Breaks:
    """Nothing that stands out in so many values."""
    wide = len(members.alpha)
    return Breaks(
        np.zeros(0, dtype=np.int64), np.zeros((0, count, wide)), np.zeros((0, count + 1, wide, steps))
    )


def find(values: Array, *, season: int, steps: int, members: Family) -> Breaks:
    """The places that stand out most, in the values themselves."""
    count = len(values)
    nothing = none(count, members, steps)
    if count < LEAST_KNOWN or float(count) * len(members.alpha) * steps > LARGEST:
        return nothing
    shapes, worth = _shapes(count), _standing_out(values, season)
    places = np.tile(np.arange(count), 2)
    chosen: list[int] = []
    for column in np.argsort(-worth):
        place = int(places[column])
        if worth[column] < CLEAR or len(chosen) == MOST:
            break
        if all(abs(place - one) > 1 for one in chosen):
            chosen.append(place)
    if not chosen:
        return nothing
    runs = [
        smoothing.run(shapes[:, column], season=season, steps=steps, members=members)
        for place in chosen
        for column in (place, count + place)
    ]
    return Breaks(
        at=np.repeat(np.array(chosen, dtype=np.int64), 2),
        errors=np.array([one.errors for one in runs]),
        ahead=np.array([one.ahead for one in runs]),
    )


def _shapes(count: int) -> Array:
    """A column for each place at which all values before stood at another level; then for each odd one."""
    return np.hstack([np.tri(count, k=-1).T, np.eye(count)])


@lru_cache(maxsize=32)
def _shaped(count: int, season: int, alpha: float) -> Array:
    """What a steady model makes of all shapes; the same for all series of a length. To be read only."""
    shapes = _shapes(count)
    many = smoothing.steady(alpha, season, shapes.shape[1])
    return smoothing.run(shapes, season=season, steps=1, members=many).errors


def _standing_out(values: Array, season: int) -> Array:
    """The square of Student's t of each shape, in the model of `FOLLOWING` in which it is largest."""
    found = np.zeros(2 * len(values))
    for alpha in FOLLOWING:
        one = smoothing.steady(alpha, season, 1)
        off = smoothing.run(values, season=season, steps=1, members=one).errors[:, 0]
        shaped = _shaped(len(values), season, alpha)
        size, whole = (shaped**2).sum(axis=0), float((off**2).sum())
        gain = (off @ shaped) ** 2 / np.maximum(size, TINY)
        left = np.maximum(whole - gain, TINY * max(whole, TINY)) / len(values)
        found = np.maximum(found, np.where(size > TINY, gain / left, 0.0))
    places = np.tile(np.arange(len(values)), 2)
    return np.where(places < 2, 0.0, found)  # the first two have nothing to stand out from
