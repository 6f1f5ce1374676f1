"""BG/NBD and its modified form: customers may leave right after a purchase."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import betaln, expit, gammaln, hyp2f1, log_expit, polygamma, psi

from huoshui.kernel.texts import Text
from huoshui.science.clv.buying import BuyTillYouDie, counts_tail
from huoshui.science.clv.histories import Histories, Matrix, Vector, coded
from huoshui.science.clv.newton import Objective, in_logarithms

_ROWS = 8_192
"""Rows computed together: what is derived from them fits the processor's cache."""

_FAR = 0.9
"""Share of the time ahead in all time beyond which SciPy's hypergeometric function is not relied on."""
_NODES = 160


def _sum(weights: Any, terms: Any) -> float:
    return float((weights * terms).sum())


class BetaGeo(BuyTillYouDie):
    """BG/NBD: purchases at a gamma-distributed rate; after each *repeat* purchase, a beta-distributed chance to leave.

    Source: P. S. Fader, B. G. S. Hardie, K. L. Lee, "'Counting Your Customers' the Easy Way: An Alternative to the
    Pareto/NBD Model", Marketing Science 24 (2), 2005, 275–284.

    ``params_``: ``r`` (shape of the rates), ``alpha`` (their scale, a time), ``a`` and ``b`` (of the chance to leave;
    its mean is a ÷ (a + b)).
    """

    NAME = Text("BG/NBD", "BG/NBD 模型")
    SOURCE = "Fader, Hardie and Lee, Marketing Science 24 (2), 2005"
    PARAMETERS = {  # noqa: RUF012
        "r": Text("shape of the rates of purchase", "购买率分布的形状"),
        "alpha": Text("scale of the rates of purchase", "购买率分布的尺度"),
        "a": Text("chance to leave, first parameter", "流失概率的第一个参数"),
        "b": Text("chance to leave, second parameter", "流失概率的第二个参数"),
    }
    TIMES = frozenset({"alpha"})
    CENTRE = (0.5, 0.5, 0.8, 2.4)
    STARTS = ((0.3, 0.2, 0.8, 2.4), (1.0, 1.0, 1.0, 1.0), (2.0, 0.5, 0.2, 4.0))

    _FLIPS = 0
    """Chances to leave that came before the first repeat purchase."""

    def _objective(self, data: Histories) -> Objective:
        customers = data.customers
        number, place = coded(data.frequency)
        number_w = np.bincount(place, weights=data.weights)
        number_flips = number + self._FLIPS
        ages, place = coded(data.age)
        ages_w = np.bincount(place, weights=data.weights)
        ages_x = np.bincount(place, weights=data.weights * data.frequency)
        gone_perhaps = data.frequency + self._FLIPS > 0
        x_all, w_all = data.frequency[gone_perhaps], data.weights[gone_perhaps]
        age_all, last_all = data.age[gone_perhaps], data.recency[gone_perhaps]

        def objective(logs: Vector) -> tuple[float, Vector, Matrix]:
            place = np.exp(logs)
            r, alpha, a, b = place
            # What depends on the number of purchases or on the age alone is summed over the few values that occur.
            until = alpha + ages
            shapes, log_until = r * ages_w + ages_x, np.log(until)
            value = (
                customers * r * logs[1]
                + _sum(number_w, gammaln(r + number) - gammaln(r) + gammaln(b + number_flips) - gammaln(b))
                + _sum(number_w, gammaln(a + b) - gammaln(a + b + number_flips))
                - _sum(shapes, log_until)
            )
            both = _sum(number_w, psi(a + b) - psi(a + b + number_flips))
            slope = np.array(
                [
                    customers * logs[1] + _sum(number_w, psi(r + number) - psi(r)) - _sum(ages_w, log_until),
                    customers * r / alpha - _sum(shapes, 1.0 / until),
                    both,
                    both + _sum(number_w, psi(b + number_flips) - psi(b)),
                ]
            )
            curvature = np.zeros((4, 4))
            curvature[0, 0] = _sum(number_w, polygamma(1, r + number) - polygamma(1, r))
            curvature[0, 1] = customers / alpha - _sum(ages_w, 1.0 / until)
            curvature[1, 1] = _sum(shapes, 1.0 / until**2) - customers * r / alpha**2
            curvature[2:, 2:] = _sum(number_w, polygamma(1, a + b) - polygamma(1, a + b + number_flips))
            curvature[3, 3] += _sum(number_w, polygamma(1, b + number_flips) - polygamma(1, b))
            # What remains is the logarithm of 1 + odds, the odds of having left right after the last purchase.
            for start in range(0, len(x_all), _ROWS):
                rows = slice(start, start + _ROWS)
                x, w = x_all[rows], w_all[rows]
                by_until, by_last = 1.0 / (alpha + age_all[rows]), 1.0 / (alpha + last_all[rows])
                shape, by_survived = r + x, 1.0 / (b + x + (self._FLIPS - 1.0))
                lag, dip = np.log(by_last / by_until), by_until - by_last
                odds = shape * lag + np.log(a * by_survived)
                small = np.exp(-np.abs(odds))
                gone = np.where(odds >= 0, 1.0, small) / (1.0 + small)
                value += _sum(w, np.maximum(odds, 0.0) + np.log1p(small))
                weight = w * gone
                by = np.stack([lag, shape * dip, np.full_like(lag, 1.0 / a), -by_survived])
                slope += by @ weight
                curvature += (by * (weight * (1.0 - gone))) @ by.T
                curvature[0, 1] += weight @ dip
                # dip · (by_until + by_last) is the difference of their squares.
                curvature[1, 1] -= weight @ (by[1] * (by_until + by_last))
                curvature[2, 2] -= weight.sum() / a**2
                curvature[3, 3] += weight @ by_survived**2
            # The lower half lacks what was added to one entry alone.
            curvature = np.triu(curvature) + np.triu(curvature, 1).T
            return float(value), *in_logarithms(place, slope, curvature)

        return objective

    def _alive(self, x: Vector, t: Vector, end: Vector) -> Vector:
        r, alpha, a, b = self._place("r", "alpha", "a", "b")
        flips = x + self._FLIPS
        may_be_gone = flips > 0
        survived = np.where(may_be_gone, b + flips - 1.0, 1.0)
        odds = np.log(a / survived) + (r + x) * (np.log(alpha + end) - np.log(alpha + t))
        return np.where(may_be_gone, 1.0 / (1.0 + np.exp(np.minimum(odds, 700.0))), 1.0)

    def _while_alive(self, x: Vector, end: Vector, ahead: Vector) -> Vector:
        # Equation 10 of the paper after Euler's transformation, which keeps every factor near 1 where the printed one
        # multiplies a huge number with a tiny one. Near the end of its range SciPy's series fails at random.
        r, alpha, a, b = self._place("r", "alpha", "a", "b")
        if abs(a - 1.0) < 1e-6:
            a = 1.0 + 1e-6  # a removable singularity; this is right to a millionth
        flips = b + x + self._FLIPS
        part = ahead / (alpha + end + ahead)
        far = part > _FAR
        near = np.where(far, 0.0, part)
        with np.errstate(over="ignore", invalid="ignore"):
            series = hyp2f1(a + flips - 1.0 - r - x, a - 1.0, a + flips - 1.0, near)
            answer = (a + flips - 1.0) / (a - 1.0) * (1.0 - (1.0 - near) ** (a - 1.0) * series)
        far |= ~np.isfinite(answer)  # the series overflows where somebody bought hundreds of times
        if far.any():
            answer[far] = _mean_over_leavers(a, flips[far], r + x[far], ahead[far] / (alpha + end[far]))
        return answer

    def _survival(self, x: Vector, end: Vector, ahead: float, most: int) -> Matrix:
        r, alpha, a, b = self._place("r", "alpha", "a", "b")
        flips = (b + x + self._FLIPS)[:, None]
        n = np.arange(most)
        stays = gammaln(flips + n) - gammaln(flips) + gammaln(a + flips) - gammaln(a + flips + n)
        return counts_tail(r + x, alpha + end, np.full_like(end, ahead), most) * np.exp(stays)


def _mean_over_leavers(a: float, b: Vector, shape: Vector, ahead: Vector) -> Vector:
    """The mean of ``(1 − (1 + p·ahead)^−shape) ÷ p``, purchases of somebody who leaves with chance p, over Beta(a, b).

    In the log odds of p the integrand is analytic in a strip of width 2π and falls like an exponential on both sides:
    the trapezoidal rule converges geometrically, and what lies beyond its last node is a geometric series.
    """
    spread = 12.0 * np.sqrt((a + b) / (a * b))
    centre = np.log(a / b)
    low = np.maximum(
        centre - np.maximum(spread, 40.0 / a), np.minimum(centre, 0.0) - 40.0 - np.log1p(ahead * shape)
    )
    high = np.minimum(centre + np.maximum(spread, 40.0 / b), np.maximum(centre, 0.0) + 40.0)
    step = (high - low) / (_NODES - 1)
    odds = low[:, None] + step[:, None] * np.arange(_NODES)
    chance = expit(odds)
    each = -np.expm1(-shape[:, None] * np.log1p(chance * ahead[:, None])) / chance
    logs = a * log_expit(odds) + b[:, None] * log_expit(-odds) - betaln(a, b)[:, None]
    each *= np.exp(logs)
    ends = each[:, 0] / np.expm1(a * step) + each[:, -1] / np.expm1(b * step)
    answer: Vector = step * (each.sum(axis=1) + ends)
    return answer


class ModifiedBetaGeo(BetaGeo):
    """MBG/NBD: as BG/NBD, but customers may leave after their first purchase too.

    BG/NBD holds that everybody who bought once is alive for ever; this model does not, and fits and forecasts CDNOW
    better. Source: E. P. Batislam, M. Denizel, A. Filiztekin, "Empirical validation and comparison of models for
    customer base analysis", International Journal of Research in Marketing 24 (3), 2007, 201–209.
    """

    NAME = Text("MBG/NBD", "MBG/NBD 模型")
    SOURCE = "Batislam, Denizel and Filiztekin, International Journal of Research in Marketing 24 (3), 2007"
    _FLIPS = 1
