"""How much each model counts, with what happened once and without it.

Akaike weights (S. Kolassa, "Combining exponential smoothing forecasts using Akaike weights", International Journal of
Forecasting 27 (2), 2011). A break costs one more parameter, and the odds against it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from huoshui.science.forecast.breaks import LEAST_KNOWN, TINY, Breaks
from huoshui.science.forecast.smoothing import SMALLEST, Array, Family, Run

RARE = 200.0
"""A level changes, or a value is odd, in one of so many periods: the odds before the values are seen."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sums over the errors at each of ``n + 1`` origins; older errors count less (`Run.halved`).

    ``counted`` (n + 1) how many errors; ``squares`` (n + 1 × members) theirs; ``along`` and ``shaped`` (b × n + 1 ×
    members) their products with the errors of each break, and the squares of these.
    """

    counted: Array
    squares: Array
    along: Array
    shaped: Array


@dataclass(frozen=True, slots=True)
class Weighed:
    """Alternatives at one origin: without a break, then with each; ``shares`` (1 + b × members) add up to 1.

    ``sizes`` (b × members) is how large each model takes each break to be. ``best`` is the smallest criterion.
    """

    shares: Array
    sizes: Array
    best: float

    @property
    def members(self) -> Array:
        """The weight of each member in all alternatives."""
        found: Array = self.shares.sum(axis=0)
        return found


def gather(run: Run, breaks: Breaks) -> Evidence:
    """The sums at each origin, in one pass."""
    kept = 0.5 ** (1 / run.halved)
    rows = np.concatenate([(run.errors**2)[None], run.errors[None] * breaks.errors, breaks.errors**2], axis=0)
    number, count = len(breaks.at), len(run.errors)
    sums = np.zeros((rows.shape[0], count + 1, rows.shape[2]))
    counted = np.zeros(count + 1)
    for known in range(count):
        sums[:, known + 1] = sums[:, known] * kept + rows[:, known]
        counted[known + 1] = counted[known] * kept + 1.0
    return Evidence(counted, sums[0], sums[1 : 1 + number], sums[1 + number :])


def weigh(evidence: Evidence, breaks: Breaks, members: Family, *, known: int) -> Weighed:
    """The alternatives when ``known`` values were known, by nothing but these."""
    count, squares = evidence.counted[known], evidence.squares[known]
    along, shaped = evidence.along[:, known], evidence.shaped[:, known]
    seen = (shaped > TINY) & (breaks.at[:, None] < known) & (known >= LEAST_KNOWN)
    sizes = np.where(seen, along / np.where(seen, shaped, 1.0), 0.0)
    left = np.vstack([squares[None], np.maximum(squares - sizes * along, 0.0)])
    worth = count * np.log(np.maximum(left / count, SMALLEST)) + 2 * members.parts
    worth[1:] = np.where(seen, worth[1:] + 2 + 2 * math.log(RARE), np.inf)
    best = float(worth.min())
    shares = np.exp(-0.5 * (worth - best))
    return Weighed(shares / shares.sum(), sizes, best)
