"""Gamma-Gamma: what a purchase of a customer is worth."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from scipy.special import gammaln, polygamma, psi

from huoshui.kernel.texts import Text
from huoshui.science.clv.errors import NotASummary, NotEnoughPurchases
from huoshui.science.clv.fitting import Model
from huoshui.science.clv.histories import Matrix, Vector, aligned, coded, weighed
from huoshui.science.clv.newton import Objective, in_logarithms

_SAMPLE = 4_000


class GammaGamma(Model):
    """Gamma-Gamma: each customer's purchases scatter around a mean of their own; the means scatter among customers.

    Sources: M. Colombo, W. Jiang, "A stochastic RFM model", Journal of Interactive Marketing 13 (3), 1999, 2–12;
    P. S. Fader, B. G. S. Hardie, "The Gamma-Gamma Model of Monetary Value", note 025, 2013.

    Holds that value does not depend on how often somebody buys: ``dependence_`` is the correlation of the logarithms
    of both in the data, and should be near 0.

    ``params_``: ``p`` (shape within a customer), ``q`` (shape among customers), ``v`` (scale, in money).
    ``left_out_``: repeat customers without a value above 0, of whom the model cannot speak.
    """

    NAME = Text("Gamma-Gamma", "Gamma-Gamma 模型")
    SOURCE = "Fader and Hardie, note 025, 2013"
    PARAMETERS = {  # noqa: RUF012
        "p": Text("shape of the purchases of one customer", "单个客户消费额分布的形状"),
        "q": Text("shape of the means among customers", "客户间平均消费额分布的形状"),
        "v": Text("scale of the means, in money", "平均消费额分布的尺度（金额）"),
    }
    TIMES = frozenset({"v"})  # scaled like a time: by the mean of the data
    CENTRE = (4.0, 4.0, 0.75)
    STARTS = ((4.0, 4.0, 0.75), (1.0, 2.0, 1.0), (10.0, 2.0, 0.1))

    def __init__(self, *, unit: str = "D", prior: str = "auto") -> None:
        super().__init__(unit=unit, prior=prior)
        self.dependence_ = math.nan
        self.left_out_ = 0.0

    def fit(self, frequency: Any, monetary_value: Any, weights: Any = None) -> Self:
        """Find the parameters under which these values are most likely.

        Parameters
        ----------
        frequency, monetary_value
            Columns of `purchase_summary`. Customers without a repeat purchase do not count, nor do those whose
            mean value is not above 0.
        weights
            How many customers each row stands for; 1 each if left out.

        Raises
        ------
        NotASummary
            For missing values and frequencies below 0.
        NotEnoughPurchases
            Without a repeat customer whose mean value is above 0.
        """
        x, m = _checked(frequency, monetary_value)
        given = weighed(weights, len(x))
        w = np.ones(len(x)) if given is None else given
        used = (x > 0) & (m > 0) & (w > 0)
        self.left_out_ = float(w[(x > 0) & (m <= 0)].sum())
        x, m, w = x[used], m[used], w[used]
        if not len(x):
            raise NotEnoughPurchases(
                "No repeat customer has a value above 0",
                received=f"{len(used)} customers",
                valid="at least one customer with a second purchase of positive value",
                next_step="Use the mean value of all purchases until customers come back",
            )
        self.customers_ = self.repeaters_ = float(w.sum())
        self.dependence_ = _correlation(np.log(x), np.log(m), w)
        scale = float((w * m).sum() / w.sum())
        sample = None
        if len(x) > 2 * _SAMPLE:
            some = slice(None, None, len(x) // _SAMPLE)
            part = w[some] * (w.sum() / w[some].sum())
            sample = _objective(x[some], m[some] / scale, part)
        whole = _objective(x, m / scale, w)
        found = self._search(whole, sample, self.repeaters_)
        value = whole(found.place)[0] if self.prior_used_ else found.value
        self._keep(found, scale, value - self.customers_ * math.log(scale))
        return self

    def expected_value(self, frequency: Any, monetary_value: Any) -> Vector:
        """The mean value to expect of further purchases of each customer, in the unit of money.

        Between the customer's own mean and that of everybody, by how often the customer bought: customers without a
        repeat purchase get the mean of everybody. A mean below 0 counts as 0. Where ``q`` ≤ 1 the mean of everybody is
        infinite in the model; the median takes its place.
        """
        x, m = _checked(frequency, monetary_value)
        p, q, v = self._place("p", "q", "v")
        below = p * x + q - 1.0
        unknown = self._typical()
        with np.errstate(divide="ignore", invalid="ignore"):
            own = p * (v + x * np.maximum(m, 0.0)) / below
        answer: Vector = np.where((x > 0) & (below > 0), own, unknown)
        return answer

    def _typical(self) -> float:
        p, q, v = self._place("p", "q", "v")
        # p × v ÷ a gamma-distributed number with shape q, whose median is near q × (1 − 1 ÷ 9q)³.
        return p * v / (q - 1.0) if q > 1.0 + 1e-3 else p * v / (q * (max(1.0 - 1.0 / (9.0 * q), 0.1)) ** 3)


def _objective(x: Vector, m: Vector, w: Vector) -> Objective:
    customers = float(w.sum())
    number, place = coded(x)
    number_w = np.bincount(place, weights=w)
    number, number_w = number[number_w > 0], number_w[number_w > 0]
    spent = x * m
    log_m = float((w * np.log(m)).sum())
    fixed_p = float((w * x * np.log(spent)).sum())

    def objective(logs: Vector) -> tuple[float, Vector, Matrix]:
        parameters = np.exp(logs)
        p, q, v = parameters
        here = p * number
        both = here + q
        log_sum = np.log(v + spent)
        inverse = 1.0 / (v + spent)
        shape = p * x + q
        value = float(
            (number_w * (gammaln(both) - gammaln(here))).sum()
            + customers * (q * logs[2] - gammaln(q))
            + p * fixed_p
            - log_m
            - (w * shape * log_sum).sum()
        )
        rise = psi(both)
        bend = polygamma(1, both)
        slope = np.array(
            [
                (number_w * number * (rise - psi(here))).sum() + fixed_p - (w * x * log_sum).sum(),
                (number_w * rise).sum() + customers * (logs[2] - psi(q)) - (w * log_sum).sum(),
                customers * q / v - (w * shape * inverse).sum(),
            ]
        )
        curvature = np.empty((3, 3))
        curvature[0, 0] = (number_w * number**2 * (bend - polygamma(1, here))).sum()
        curvature[0, 1] = (number_w * number * bend).sum()
        curvature[1, 1] = (number_w * bend).sum() - customers * polygamma(1, q)
        curvature[0, 2] = -(w * x * inverse).sum()
        curvature[1, 2] = customers / v - (w * inverse).sum()
        curvature[2, 2] = -customers * q / v**2 + (w * shape * inverse**2).sum()
        for i, j in ((1, 0), (2, 0), (2, 1)):
            curvature[i, j] = curvature[j, i]
        return value, *in_logarithms(parameters, slope, curvature)

    return objective


def _checked(frequency: Any, monetary_value: Any) -> tuple[Vector, Vector]:
    x, m = aligned(frequency, monetary_value)
    holds = np.isfinite(x) & (x >= 0) & (x == np.floor(x)) & np.isfinite(m)
    if not holds.all():
        row = int(np.argmin(holds))
        raise NotASummary(
            "A purchase history cannot be right",
            received=f"frequency {x[row]:g}, monetary_value {m[row]:g} in row {row}",
            valid="whole numbers of repeat purchases, 0 or more, and mean values that are not missing",
            next_step="Make the columns with purchase_summary, in one query",
        )
    return x, m


def _correlation(one: Vector, other: Vector, w: Vector) -> float:
    one = one - (w * one).sum() / w.sum()
    other = other - (w * other).sum() / w.sum()
    scatter = math.sqrt(float((w * one**2).sum() * (w * other**2).sum()))
    return float((w * one * other).sum()) / scatter if scatter > 0 else 0.0
