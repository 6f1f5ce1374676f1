"""The simple rule: customers go on buying as often as they did, and nobody leaves."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from scipy.special import gammaln

from huoshui.kernel.texts import Text
from huoshui.science.clv.buying import BuyTillYouDie, counts_tail
from huoshui.science.clv.histories import Histories, Matrix, Vector, gather
from huoshui.science.clv.newton import Objective


class SteadyRate(BuyTillYouDie):
    """What stands in where nothing better can be learnt, and what a better model has to beat.

    Each customer's rate is between their own and that of everybody: ``(x + r) ÷ (T + alpha)``, as if they had been
    seen for one mean age more, at the mean rate. Half a purchase is added to all purchases of the house, so that a
    house without repeat purchases does not promise 0 for ever. Nothing is estimated beyond two means.

    Source: the Poisson model with a gamma prior; A. S. C. Ehrenberg, "The Pattern of Consumer Purchases", Applied
    Statistics 8 (1), 1959, 26–41.

    ``params_``: ``r`` (mean purchases in a mean age), ``alpha`` (mean age, a time).
    """

    NAME = Text("Steady rate", "固定频率")
    SOURCE = "Ehrenberg, Applied Statistics 8 (1), 1959"
    PARAMETERS = {  # noqa: RUF012
        "r": Text("mean repeat purchases in a mean age", "平均观察期内的平均复购次数"),
        "alpha": Text("mean age", "平均观察期"),
    }
    TIMES = frozenset({"alpha"})
    CENTRE = (1.0, 1.0)
    STARTS = ((1.0, 1.0),)

    def fit(self, frequency: Any, recency: Any, T: Any, weights: Any = None) -> Self:  # noqa: N803
        """Take the two means; errors as for every model of repeat buying."""
        data = gather(frequency, recency, T, weights)
        self.customers_, self.repeaters_ = data.customers, data.repeaters
        r = (float((data.weights * data.frequency).sum()) + 0.5) / data.customers
        alpha = float((data.weights * data.age).sum()) / data.customers
        self.params_ = {"r": r, "alpha": alpha}
        self.standard_errors_ = {"r": math.inf, "alpha": math.inf}
        self.log_likelihood_ = self._objective(data)(np.log([r, alpha]))[0]
        self.converged_ = True
        return self

    def _objective(self, data: Histories) -> Objective:
        x, end, w = data.frequency, data.age, data.weights

        def objective(logs: Vector) -> tuple[float, Vector, Matrix]:
            r, alpha = np.exp(logs)
            each = gammaln(r + x) - gammaln(r) + r * logs[1] - (r + x) * np.log(alpha + end)
            return float((w * each).sum()), np.zeros(2), np.zeros((2, 2))

        return objective

    def _alive(self, x: Vector, t: Vector, end: Vector) -> Vector:
        self._place()
        return np.ones_like(x)

    def _while_alive(self, x: Vector, end: Vector, ahead: Vector) -> Vector:
        r, alpha = self._place("r", "alpha")
        return (r + x) / (alpha + end) * ahead

    def _survival(self, x: Vector, end: Vector, ahead: float, most: int) -> Matrix:
        r, alpha = self._place("r", "alpha")
        return counts_tail(r + x, alpha + end, np.full_like(end, ahead), most)
