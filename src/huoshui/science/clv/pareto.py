"""Pareto/NBD: customers may leave at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, polygamma, psi

from huoshui.kernel.texts import Text
from huoshui.science.clv.buying import BuyTillYouDie, counts_tail
from huoshui.science.clv.histories import Histories, Matrix, Vector, coded
from huoshui.science.clv.newton import Objective, in_logarithms

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(24)
_ROWS = 8_192
"""Rows computed together: their nodes fit the processor's cache."""
_NOTHING = 45.0
"""What has fallen by exp(-45) is left out of an integral."""


class ParetoNBD(BuyTillYouDie):
    """Pareto/NBD: purchases at a gamma-distributed rate, until a lifetime ends that is exponential at such a rate too.

    Sources: D. C. Schmittlein, D. G. Morrison, R. Colombo, "Counting Your Customers: Who Are They and What Will They
    Do Next?", Management Science 33 (1), 1987, 1–24; P. S. Fader, B. G. S. Hardie, "A Note on Deriving the Pareto/NBD
    Model and Related Expressions", 2005.

    The likelihood is not computed as a difference of hypergeometric functions, in which all digits may cancel, but as
    the integral that they stand for, over the moment of leaving: all terms are positive, and derivatives are means.

    ``params_``: ``r`` (shape of the rates of purchase), ``alpha`` (their scale, a time), ``s`` (shape of the rates of
    leaving), ``beta`` (their scale, a time).
    """

    NAME = Text("Pareto/NBD", "Pareto/NBD 模型")
    SOURCE = "Schmittlein, Morrison and Colombo, Management Science 33 (1), 1987"
    PARAMETERS = {  # noqa: RUF012
        "r": Text("shape of the rates of purchase", "购买率分布的形状"),
        "alpha": Text("scale of the rates of purchase", "购买率分布的尺度"),
        "s": Text("shape of the rates of leaving", "流失率分布的形状"),
        "beta": Text("scale of the rates of leaving", "流失率分布的尺度"),
    }
    TIMES = frozenset({"alpha", "beta"})
    CENTRE = (0.5, 0.5, 0.6, 0.5)
    STARTS = ((0.5, 0.4, 0.6, 0.4), (1.0, 1.0, 1.0, 1.0), (2.0, 0.5, 0.2, 2.0))

    _SAMPLE = 2_000

    def _objective(self, data: Histories) -> Objective:
        x, t, end, w = data.frequency, data.recency, data.age, data.weights
        customers = data.customers
        number, place = coded(x)
        number_w = np.bincount(place, weights=w)

        def objective(logs: Vector) -> tuple[float, Vector, Matrix]:
            place = np.exp(logs)
            r, alpha, s, beta = place
            value = float(
                (number_w * (gammaln(r + number) - gammaln(r))).sum()
                + customers * (r * logs[1] + s * logs[3])
            )
            slope = np.array(
                [
                    (number_w * (psi(r + number) - psi(r))).sum() + customers * logs[1],
                    customers * r / alpha,
                    customers * logs[3],
                    customers * s / beta,
                ]
            )
            curvature = np.zeros((4, 4))
            curvature[0, 0] = (number_w * (polygamma(1, r + number) - polygamma(1, r))).sum()
            curvature[0, 1] = customers / alpha
            curvature[1, 1] = -customers * r / alpha**2
            curvature[2, 3] = customers / beta
            curvature[3, 3] = -customers * s / beta**2
            for rows in _blocks(len(x)):
                ways = _ways(place, x[rows], t[rows], end[rows])
                weight = ways.share * w[rows, None]
                value += float((w[rows] * ways.log_sum).sum())
                shape = (r + x[rows])[:, None]
                leaving = np.full(ways.log_beta.shape[1], s + 1.0)
                leaving[-1] = s
                chosen = np.full(ways.log_beta.shape[1], 1.0 / s)
                chosen[-1] = 0.0
                by = np.stack(
                    [
                        -ways.log_alpha,
                        -shape * ways.by_alpha,
                        chosen - ways.log_beta,
                        -leaving * ways.by_beta,
                    ]
                )
                mean = (by * ways.share).sum(axis=2)
                flat = by.reshape(4, -1)
                slope += mean @ w[rows]
                curvature += (flat * weight.ravel()) @ flat.T - (mean * w[rows]) @ mean.T
                curvature[0, 1] -= (weight * ways.by_alpha).sum()
                curvature[1, 1] += (weight * shape * ways.by_alpha**2).sum()
                curvature[2, 2] -= weight[:, :-1].sum() / s**2
                curvature[2, 3] -= (weight * ways.by_beta).sum()
                curvature[3, 3] += (weight * leaving * ways.by_beta**2).sum()
            curvature[1, 0], curvature[3, 2] = curvature[0, 1], curvature[2, 3]
            return value, *in_logarithms(place, slope, curvature)

        return objective

    def _alive(self, x: Vector, t: Vector, end: Vector) -> Vector:
        place = np.array(self._place("r", "alpha", "s", "beta"))
        answer = np.empty_like(x)
        for rows in _blocks(len(x)):
            answer[rows] = _ways(place, x[rows], t[rows], end[rows]).share[:, -1]
        return answer

    def _while_alive(self, x: Vector, end: Vector, ahead: Vector) -> Vector:
        r, alpha, s, beta = self._place("r", "alpha", "s", "beta")
        rate = (r + x) / (alpha + end)
        stretch = np.log1p(ahead / (beta + end))
        left = s - 1.0
        if abs(left) < 1e-9:
            return rate * (beta + end) * stretch
        return rate * (beta + end) * -np.expm1(-left * stretch) / left

    def _survival(self, x: Vector, end: Vector, ahead: float, most: int) -> Matrix:
        r, alpha, s, beta = self._place("r", "alpha", "s", "beta")
        # The rest of the lifetime has a Pareto distribution; its integral in the logarithm of (beta + T + rest).
        far = np.log1p(ahead / (beta + end))
        stays = np.exp(-s * far)
        tail = stays[:, None] * counts_tail(r + x, alpha + end, np.full_like(end, ahead), most)
        for node, weight in zip(_NODES, _NODE_WEIGHTS, strict=True):
            passed = far * (node + 1.0) / 2
            chance = s * np.exp(-s * passed) * far * weight / 2
            rest = (beta + end) * np.expm1(passed)
            tail += chance[:, None] * counts_tail(r + x, alpha + end, rest, most)
        return tail


@dataclass(frozen=True, slots=True)
class _Ways:
    """For each history the moments at which the customer may have left, and, last, that they have not."""

    log_sum: Vector
    share: Matrix
    log_alpha: Matrix
    by_alpha: Matrix
    log_beta: Matrix
    by_beta: Matrix


def _ways(place: NDArray[np.float64], x: Vector, t: Vector, end: Vector) -> _Ways:
    """The likelihood of histories as a sum over nodes: ∫ s (α+y)^−(r+x) (β+y)^−(s+1) dy from t to T, and being alive.

    Substituting z = log(min(α, β) + y) keeps all singularities of the integrand at distance π or more from the path, so
    Gauss–Legendre converges geometrically, whatever the parameters.
    """
    r, alpha, s, beta = place
    shape = r + x
    near = min(alpha, beta)
    with np.errstate(over="ignore", divide="ignore"):
        until = np.minimum(end, (alpha + t) * np.exp(np.minimum(_NOTHING / shape, 700.0)) - alpha)
        until = np.minimum(until, (beta + t) * np.exp(min(_NOTHING / s, 700.0)) - beta)
        first, last = np.log(near + t), np.log(near + until)
        half = (last - first) / 2
        z = (first + half)[:, None] + half[:, None] * _NODES
        growth = np.exp(z)
        log_weight = z + np.log(half)[:, None] + np.log(_NODE_WEIGHTS) + np.log(s)
    size = (len(x), len(_NODES) + 1)
    log_alpha, log_beta = np.empty(size), np.empty(size)
    log_alpha[:, :-1] = z if alpha <= beta else np.log(growth + (alpha - near))
    log_beta[:, :-1] = z if beta <= alpha else np.log(growth + (beta - near))
    log_alpha[:, -1] = np.log(alpha + end)
    log_beta[:, -1] = np.log(beta + end)
    share = -shape[:, None] * log_alpha - s * log_beta
    share[:, :-1] += log_weight - log_beta[:, :-1]
    top = share.max(axis=1)
    share -= top[:, None]
    np.exp(share, out=share)
    total = share.sum(axis=1)
    share /= total[:, None]
    return _Ways(top + np.log(total), share, log_alpha, np.exp(-log_alpha), log_beta, np.exp(-log_beta))


def _blocks(number: int) -> Iterator[slice]:
    for start in range(0, number, _ROWS):
        yield slice(start, start + _ROWS)
