"""The maximum of a likelihood in a few logarithms of parameters, by Newton's method with exact derivatives.

Our own and not ``scipy.optimize``: with exact second derivatives a fit needs a handful of passes over the data where
L-BFGS-B needs dozens, the curvature that standard errors need comes for free, and no linear algebra over threads is
called for matrices of 4 × 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.science.clv.histories import Matrix, Vector

Objective = Callable[[Vector], tuple[float, Vector, Matrix]]
"""At a place: the value, its gradient and its second derivatives."""

_LONGEST = 1.5
_NOISE = 1e-13
"""Relative error of a sum of many logarithms; what changes less is not a change."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where the search ended, what it found there, and whether that is a maximum inside the bounds."""

    place: Vector
    value: float
    curvature: Matrix
    converged: bool
    at_bound: NDArray[np.bool_]

    @property
    def covariance(self) -> Matrix | None:
        """Inverse of the negative second derivatives; nothing where they do not describe a maximum."""
        if self.at_bound.any() or not np.isfinite(self.curvature).all():
            return None
        values, vectors = np.linalg.eigh(-self.curvature)
        if values[0] <= 1e-10 * values[-1]:
            return None
        found: Matrix = (vectors / values) @ vectors.T
        return found


def highest(objective: Objective, starts: Sequence[Vector], low: float, high: float) -> Maximum:
    """The best of the maxima that `climb` finds from several starts."""
    return max((climb(objective, start, low, high) for start in starts), key=lambda one: one.value)


def climb(
    objective: Objective, start: Vector, low: float, high: float, *, tolerance: float = 1e-9, most: int = 80
) -> Maximum:
    """Newton's method from one start, within a box.

    Directions in which the function is not concave are followed upwards with the size of their curvature; a step is
    halved until the value grows. Ends when the next step would gain less than ``tolerance`` (in units of the value).
    """
    place = np.clip(start, low, high)
    value, slope, curvature = objective(place)
    for _ in range(most):
        free = ~(((place <= low) & (slope < 0)) | ((place >= high) & (slope > 0)))
        if not free.any():
            return Maximum(place, value, curvature, True, ~free)
        step = np.zeros_like(place)
        values, vectors = np.linalg.eigh(-curvature[np.ix_(free, free)])
        sizes = np.maximum(np.abs(values), 1e-9 * np.abs(values).max() + 1e-12)
        step[free] = vectors @ ((vectors.T @ slope[free]) / sizes)
        gain = 0.5 * float(step @ slope)
        enough = max(tolerance, _NOISE * abs(value))
        step *= _LONGEST / max(_LONGEST, float(np.abs(step).max()))
        for _halving in range(30):
            there = np.clip(place + step, low, high)
            reached = objective(there)
            if np.isfinite(reached[0]) and reached[0] >= value - _NOISE * abs(value):
                break
            step = step / 2
        else:
            return Maximum(place, value, curvature, gain < 1e3 * enough, ~free)
        place, (value, slope, curvature) = there, reached
        if gain <= enough:
            bound = ((place <= low) & (slope < 0)) | ((place >= high) & (slope > 0))
            return Maximum(place, value, curvature, True, bound)
    return Maximum(place, value, curvature, False, (place <= low) | (place >= high))


def in_logarithms(parameters: Vector, slope: Vector, curvature: Matrix) -> tuple[Vector, Matrix]:
    """First and second derivatives by the logarithms of parameters, from those by the parameters."""
    turned = curvature * np.outer(parameters, parameters)
    turned[np.diag_indices_from(turned)] += parameters * slope
    return parameters * slope, turned
