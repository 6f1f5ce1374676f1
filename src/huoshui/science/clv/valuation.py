"""The value of every customer in one call, with an answer also where the data do not suffice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from huoshui.kernel.texts import Text
from huoshui.science.clv.beta_geo import BetaGeo
from huoshui.science.clv.buying import BuyTillYouDie
from huoshui.science.clv.errors import NotEnoughPurchases
from huoshui.science.clv.fitting import THIN
from huoshui.science.clv.gamma_gamma import GammaGamma
from huoshui.science.clv.histories import Vector, aligned, checked
from huoshui.science.clv.predictive import value_intervals
from huoshui.science.clv.steady import SteadyRate
from huoshui.science.clv.summary import days_in


@dataclass(frozen=True, slots=True)
class Valuation:
    """What each customer is expected to buy and to bring in twelve months, and how it was found."""

    model: BuyTillYouDie
    money: GammaGamma | None
    probability_alive: Vector | None
    """Missing where the simple rule stands in: it knows nobody who leaves."""
    expected_orders_90d: Vector
    clv_12m: Vector
    clv_12m_low: Vector | None
    clv_12m_high: Vector | None
    reasons: tuple[Text, ...]
    """Why a simple rule stands in, or why to read the answer with care; empty when nothing is amiss."""


def value_customers(
    frequency: Any,
    recency: Any,
    T: Any,  # noqa: N803
    monetary_value: Any,
    *,
    usual_value: float,
    unit: str = "D",
    model: BuyTillYouDie | None = None,
    discount_rate: float = 0.1,
    intervals: bool = True,
    level: float = 0.95,
) -> Valuation:
    """Fit both models and value everybody; where a model cannot be fitted, the stated simple rule stands in.

    Parameters
    ----------
    frequency, recency, T, monetary_value
        Columns of `purchase_summary`.
    usual_value
        Mean value of a day of purchase of the whole house, first purchases included; stands in where nobody came back.
    unit
        Unit of the times.
    model
        An unfitted or fitted model of repeat buying; `BetaGeo` if left out.
    discount_rate
        Per year.
    intervals, level
        Whether, and with which level, to give the predictive interval of the realised (undiscounted) value: this
        takes far longer than all the rest.

    Raises
    ------
    NotASummary
        For histories that cannot have happened. Too few of them never raise: an empty table gives empty columns.
    """
    x, t, end = checked(frequency, recency, T)
    m = aligned(monetary_value, x)[0]
    reasons: list[Text] = []
    buying = BetaGeo(unit=unit) if model is None else model
    money: GammaGamma | None = GammaGamma(unit=unit)
    if not len(x) or end.max() <= 0:
        reasons.append(Text("Nobody has been seen for a whole day yet", "还没有客户被观察满一天"))
        buying = SteadyRate.from_dict({"unit": unit, "params": {"r": 1e-9, "alpha": 1.0}})
    elif not buying.params_:
        buying.fit(x, t, end)
        if not (buying.repeaters_ and buying.converged_):
            reasons.append(
                Text(
                    "Nobody has come back yet, so a steady rate stands in for a model",
                    "还没有客户复购，暂以固定频率代替模型",
                )
                if not buying.repeaters_
                else Text(
                    "The model found no best parameters, so a steady rate stands in",
                    "模型未能找到最优参数，暂以固定频率代替",
                )
            )
            buying = SteadyRate(unit=unit).fit(x, t, end)
    if buying.prior_used_:
        reasons.append(
            Text(
                "Few customers have come back: a weak prior joins in, and intervals are too narrow",
                "复购客户很少：已加入弱先验，区间偏窄",
            )
            if buying.repeaters_ < THIN
            else Text(
                "Purchases fit no single set of parameters, so a weak prior joins in: read with care",
                "购买记录无法确定唯一参数，已加入弱先验，请谨慎解读",
            )
        )
    try:
        money = GammaGamma(unit=unit).fit(x, m)
    except NotEnoughPurchases:
        money = None
        reasons.append(
            Text(
                "No repeat purchase has a value above 0, so the usual value of a purchase stands in",
                "没有金额大于 0 的复购，暂以平均订单金额代替",
            )
        )
    each = np.full_like(x, max(usual_value, 0.0)) if money is None else money.expected_value(x, m)
    year = days_in("Y") / days_in(unit)
    ends = (
        value_intervals(buying, money, x, t, end, each if money is None else m, time=year, level=level)
        if intervals and len(x)
        else None
    )
    return Valuation(
        model=buying,
        money=money,
        probability_alive=None if isinstance(buying, SteadyRate) else buying.probability_alive(x, t, end),
        expected_orders_90d=buying.expected_purchases(90 / days_in(unit), x, t, end),
        clv_12m=buying.lifetime_value(x, t, end, each, discount_rate=discount_rate),
        clv_12m_low=ends.low if ends else None,
        clv_12m_high=ends.high if ends else None,
        reasons=tuple(reasons),
    )
