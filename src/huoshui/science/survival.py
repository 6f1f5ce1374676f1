"""How long something lasts, where for some it still does: the product-limit estimate and the test between groups.

Sources: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", Journal of the American
Statistical Association 53, 1958; M. Greenwood, *The natural duration of cancer*, 1926 (variance); K. J. Rothman,
"Estimation of confidence limits for the cumulative probability of survival in life table analysis", Journal of Chronic
Diseases 31, 1978 (interval); N. Mantel, "Evaluation of survival data and two new rank order statistics", Cancer
Chemotherapy Reports 50, 1966 (test).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from huoshui.science.errors import NotASetting
from huoshui.science.proportions import wilson

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Survival:
    """A curve in steps: the share for whom it lasts longer than each ``time``, with its interval.

    ``time`` begins at 0 and goes on with the moments at which something ended; ``at_risk`` counts those who had been
    seen until just before, ``ended`` those for whom it ended then. ``longest`` is the longest time anybody was seen:
    beyond it nothing is known.
    """

    time: Vector
    at_risk: Vector
    ended: Vector
    share: Vector
    low: Vector
    high: Vector
    longest: float

    def at(self, time: float) -> tuple[float, float, float]:
        """The share that lasts longer than ``time``, with its interval.

        Raises `NotASetting` for a time below 0 or longer than anybody was seen.
        """
        if not 0 <= time <= self.longest:
            raise NotASetting(
                "Nobody was seen for so long", received=f"{time:g}", valid=f"0 up to {self.longest:g}"
            )
        place = int(np.searchsorted(self.time, time, side="right")) - 1
        return float(self.share[place]), float(self.low[place]), float(self.high[place])

    @property
    def median(self) -> float | None:
        """The time at which it has ended for half of them; None when fewer have come to an end so far."""
        reached = np.flatnonzero(self.share <= 0.5)
        return float(self.time[reached[0]]) if len(reached) else None


def survival_curve(duration: Any, ended: Any, weights: Any = None, *, level: float = 0.95) -> Survival:
    """The product-limit estimate of how long something lasts.

    Parameters
    ----------
    duration
        How long each was seen, 0 or more, in any unit.
    ended
        Whether it had come to an end then (true), or goes on as far as is known (false).
    weights
        How many each row stands for; 1 each if left out.
    level
        Of the interval at each time, between 0 and 1: Wilson's with the effective number of people (Rothman), so that
        it has an honest width also where nothing, or everything, has ended.

    Returns
    -------
    `Survival`. Without anybody it says nothing: share 1, interval 0 to 1, ``longest`` 0.

    Raises
    ------
    NotASetting
        For missing or negative durations, negative weights, columns of different lengths, and a level that is none.
    """
    times, over, w = _checked(duration, ended, weights)
    everybody = float(w.sum())
    moments = np.unique(times[over & (w > 0)])
    order = np.argsort(times, kind="stable")
    seen = np.concatenate([[0.0], np.cumsum(w[order])])
    at_risk = everybody - seen[np.searchsorted(times[order], moments, side="left")]
    endings = np.bincount(np.searchsorted(moments, times[over]), weights=w[over], minlength=len(moments))[
        : len(moments)
    ]
    share = np.cumprod(1.0 - endings / at_risk)
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(np.where(at_risk > endings, endings / (at_risk * (at_risk - endings)), 0.0))
    bounds = [wilson(everybody, everybody, level=level)]
    for survived, spread, left in zip(share, greenwood, at_risk, strict=True):
        # As many people without any gaps would leave the same variance.
        effective = (1.0 - survived) / (survived * spread) if 0 < survived < 1 and spread > 0 else left
        bounds.append(wilson(survived * effective, effective, level=level))
    return Survival(
        time=np.concatenate([[0.0], moments]),
        at_risk=np.concatenate([[everybody], at_risk]),
        ended=np.concatenate([[0.0], endings]),
        share=np.concatenate([[1.0], share]),
        low=np.array([one for one, _ in bounds]),
        high=np.array([one for _, one in bounds]),
        longest=float(times[w > 0].max()) if everybody else 0.0,
    )


@dataclass(frozen=True, slots=True)
class LogRank:
    """Whether groups last equally long: ``p`` is the chance of a difference this large among equal ones."""

    statistic: float
    degrees: int
    p: float
    observed: Vector
    expected: Vector


def log_rank(groups: Sequence[tuple[Any, Any, Any]], /) -> LogRank:
    """Compare how long something lasts in two or more groups.

    Parameters
    ----------
    groups
        For each group ``duration``, ``ended`` and ``weights`` (or None) as for `survival_curve`.

    Returns
    -------
    `LogRank`, with the endings observed in each group and those to expect if all were equal. Groups of nobody, and
    those of whom nothing can be said, do not count; with fewer than two left, ``p`` is 1.

    Raises
    ------
    NotASetting
        As `survival_curve`.
    """
    parts = [_checked(*one) for one in groups]
    moments = np.unique(np.concatenate([[0.0], *(times[over & (w > 0)] for times, over, w in parts)]))
    at_risk, endings = np.zeros((len(parts), len(moments))), np.zeros((len(parts), len(moments)))
    for row, (times, over, w) in enumerate(parts):
        order = np.argsort(times, kind="stable")
        seen = np.concatenate([[0.0], np.cumsum(w[order])])
        at_risk[row] = w.sum() - seen[np.searchsorted(times[order], moments, side="left")]
        counted = over & (w > 0)
        endings[row] = np.bincount(
            np.searchsorted(moments, times[counted]), weights=w[counted], minlength=len(moments)
        )
    total, ended = at_risk.sum(axis=0), endings.sum(axis=0)
    part = np.divide(at_risk, total, out=np.zeros_like(at_risk), where=total > 0)
    expected = (part * ended).sum(axis=1)
    observed = endings.sum(axis=1)
    scale = np.divide(ended * (total - ended), total - 1.0, out=np.zeros_like(total), where=total > 1)
    spread = np.diag((part * scale).sum(axis=1)) - (part * scale) @ part.T
    known = np.flatnonzero(np.diag(spread) > 1e-12)
    if len(known) < 2:
        return LogRank(0.0, 0, 1.0, observed, expected)
    off, used = (observed - expected)[known[1:]], spread[np.ix_(known[1:], known[1:])]
    statistic = float(off @ np.linalg.pinv(used) @ off)
    degrees = len(known) - 1
    return LogRank(statistic, degrees, float(chi2.sf(statistic, degrees)), observed, expected)


def _checked(duration: Any, ended: Any, weights: Any) -> tuple[Vector, NDArray[np.bool_], Vector]:
    times = np.asarray(duration, dtype=np.float64)
    over = np.asarray(ended, dtype=np.bool_)
    w = np.ones(len(times)) if weights is None else np.asarray(weights, dtype=np.float64)
    fine = len(times) == len(over) == len(w)
    if not fine or not (np.isfinite(times) & (times >= 0) & np.isfinite(w) & (w >= 0)).all():
        least = float(np.min(times)) if len(times) else math.nan
        raise NotASetting(
            "These durations cannot be right",
            received=f"{len(times)} durations from {least:g}, {len(over)} endings, {len(w)} weights",
            valid="as many endings and weights as durations, all 0 or more and none missing",
        )
    return times, over, w
