"""The traits of what is to come: still a customer, orders and value ahead with their range, margin; satisfaction."""

from __future__ import annotations

import ibis

from huoshui.kernel.plugs import SHARE, TRAITS, Trait
from huoshui.kernel.texts import Text
from huoshui.know.value.traits import MONEY, MONEY_UNIT
from huoshui.science import exact

FORECASTS = "forecasts"

P_ALIVE = Trait(
    slug="p_alive",
    label=Text("Still a customer", "仍为客户的概率"),
    meaning=Text(
        "The chance, 0 to 1, that the customer has not left for good, by the model of repeat buying (see its card). "
        "Empty without a purchase, before a model is trained, and where a steady rate stands in.",
        "按复购模型推算客户尚未永久流失的概率（0 至 1），见模型卡。从未购买、模型尚未训练或以固定频率代替时为空。",
    ),
    type="float64",
    unit=SHARE,
    over=FORECASTS,
    expression=lambda rows, as_of: rows.p_alive.max(),
)

P_ALIVE_LOW = Trait(
    slug="p_alive_low",
    label=Text("Still a customer, low", "仍为客户的概率下限"),
    meaning=Text(
        "Low end of the range in which the chance that the customer has not left lies in 95 of 100 cases, as far as "
        "the data can tell the parameters of the model.",
        "客户尚未流失的概率的 95% 置信区间下限，只反映模型参数的不确定性。",
    ),
    type="float64",
    unit=SHARE,
    over=FORECASTS,
    expression=lambda rows, as_of: rows.p_alive_low.max(),
)

P_ALIVE_HIGH = Trait(
    slug="p_alive_high",
    label=Text("Still a customer, high", "仍为客户的概率上限"),
    meaning=Text(
        "High end of the range in which the chance that the customer has not left lies in 95 of 100 cases, as far as "
        "the data can tell the parameters of the model.",
        "客户尚未流失的概率的 95% 置信区间上限，只反映模型参数的不确定性。",
    ),
    type="float64",
    unit=SHARE,
    over=FORECASTS,
    expression=lambda rows, as_of: rows.p_alive_high.max(),
)

EXPECTED_ORDERS_90D = Trait(
    slug="expected_orders_90d",
    label=Text("Orders expected in 90 days", "未来 90 天预计购买"),
    meaning=Text(
        "Days with a purchase to expect in the 90 days after the refresh, on average over customers with such a past.",
        "计算时点后 90 天内预计的购买日数，为同类购买记录客户的平均。",
    ),
    type="float64",
    unit=Text("purchase days", "个购买日"),
    over=FORECASTS,
    expression=lambda rows, as_of: rows.expected_orders_90d.max(),
)

EXPECTED_ORDERS_90D_LOW = Trait(
    slug="expected_orders_90d_low",
    label=Text("Orders in 90 days, low", "未来 90 天购买下限"),
    meaning=Text(
        "Low end of the range in which the customer's real days with a purchase in the 90 days after the refresh will "
        "lie in 95 of 100 cases. 0 where there may well be none.",
        "计算时点后 90 天内实际购买日数 95% 预测区间的下限；可能完全不购买时为 0。",
    ),
    type="int64",
    unit=Text("purchase days", "个购买日"),
    over=FORECASTS,
    expression=lambda rows, as_of: rows.expected_orders_90d_low.max(),
)

EXPECTED_ORDERS_90D_HIGH = Trait(
    slug="expected_orders_90d_high",
    label=Text("Orders in 90 days, high", "未来 90 天购买上限"),
    meaning=Text(
        "High end of the range in which the customer's real days with a purchase in the 90 days after the refresh "
        "will lie in 95 of 100 cases.",
        "计算时点后 90 天内实际购买日数 95% 预测区间的上限。",
    ),
    type="int64",
    unit=Text("purchase days", "个购买日"),
    over=FORECASTS,
    expression=lambda rows, as_of: rows.expected_orders_90d_high.max(),
)

CLV_12M = Trait(
    slug="clv_12m",
    label=Text("Value of the next 12 months", "未来 12 个月价值"),
    meaning=Text(
        "What the customer is expected to spend in the next 12 months, before returns, discounted at 10 % a year: "
        "expected purchases by the model of repeat buying × expected value of each.",
        "客户未来 12 个月的预计消费金额（未扣除退货），按年 10% 折现：复购模型的预计购买次数 × 每次预计金额。",
    ),
    type=MONEY,
    unit=MONEY_UNIT,
    over=FORECASTS,
    expression=lambda rows, as_of: rows.clv_12m.max(),
)

CLV_12M_LOW = Trait(
    slug="clv_12m_low",
    label=Text("Value of 12 months, low", "未来 12 个月价值下限"),
    meaning=Text(
        "Low end of the range in which the customer's real spending of the next 12 months will lie in 95 of 100 "
        "cases, not discounted. 0 where it may well be nothing.",
        "客户未来 12 个月实际消费金额 95% 预测区间的下限，未折现；可能完全不购买时为 0。",
    ),
    type=MONEY,
    unit=MONEY_UNIT,
    over=FORECASTS,
    expression=lambda rows, as_of: rows.clv_12m_low.max(),
)

CLV_12M_HIGH = Trait(
    slug="clv_12m_high",
    label=Text("Value of 12 months, high", "未来 12 个月价值上限"),
    meaning=Text(
        "High end of the range in which the customer's real spending of the next 12 months will lie in 95 of 100 "
        "cases, not discounted.",
        "客户未来 12 个月实际消费金额 95% 预测区间的上限，未折现。",
    ),
    type=MONEY,
    unit=MONEY_UNIT,
    over=FORECASTS,
    expression=lambda rows, as_of: rows.clv_12m_high.max(),
)

MARGIN_RATE = Trait(
    slug="margin_rate",
    label=Text("Margin rate", "毛利率"),
    meaning=Text(
        "(Revenue − cost) ÷ revenue over the customer's order lines whose cost is known, before returns. Empty "
        "where no cost is known.",
        "客户成本已知的订单行的（金额 − 成本）÷ 金额，未扣除退货。没有成本数据时为空。",
    ),
    type="float64",
    unit=SHARE,
    over="costed_lines",
    expression=lambda rows, as_of: (rows.revenue.sum() - rows.cost.sum()) / rows.revenue.sum().nullif(0.0),
)

MARGIN_12M = Trait(
    slug="margin_12m",
    label=Text("Margin of the next 12 months", "未来 12 个月毛利"),
    meaning=Text(
        "Value of the next 12 months × margin rate of the customer. Empty where no cost is known.",
        "未来 12 个月价值 × 客户毛利率。没有成本数据时为空。",
    ),
    type=MONEY,
    unit=MONEY_UNIT,
    needs=("clv_12m", "margin_rate"),
    expression=lambda row, as_of: exact.money(row.clv_12m.cast("float64") * row.margin_rate),
)


def _margin(end: str, label: Text, meaning: Text) -> Trait:
    """An end of the range of the margin: that of the value × margin rate."""
    return Trait(
        slug=f"margin_12m_{end}",
        label=label,
        meaning=meaning,
        type=MONEY,
        unit=MONEY_UNIT,
        needs=(f"clv_12m_{end}", "margin_rate"),
        expression=lambda row, as_of: exact.money(row[f"clv_12m_{end}"].cast("float64") * row.margin_rate),
    )


MARGIN_12M_LOW = _margin(
    "low",
    Text("Margin of 12 months, low", "未来 12 个月毛利下限"),
    Text(
        "Low end of the value of the next 12 months × margin rate of the customer: what they buy varies, the rate is "
        "taken as it was. Empty where no cost is known.",
        "未来 12 个月价值下限 × 客户毛利率；购买次数与金额会变动，毛利率按以往取值。没有成本数据时为空。",
    ),
)

MARGIN_12M_HIGH = _margin(
    "high",
    Text("Margin of 12 months, high", "未来 12 个月毛利上限"),
    Text(
        "High end of the value of the next 12 months × margin rate of the customer: what they buy varies, the rate is "
        "taken as it was. Empty where no cost is known.",
        "未来 12 个月价值上限 × 客户毛利率；购买次数与金额会变动，毛利率按以往取值。没有成本数据时为空。",
    ),
)

SATISFACTION_LATEST = Trait(
    slug="satisfaction_latest",
    label=Text("Latest satisfaction", "最近满意度"),
    meaning=Text(
        "Score of the customer's last answer on satisfaction (CSAT), on the scale of the survey. Empty without one.",
        "客户最近一次满意度（CSAT）答复的得分，按问卷分制。没有答复时为空。",
    ),
    type="float64",
    unit=Text("points", "分"),
    over="satisfaction",
    expression=lambda rows, as_of: ibis.struct(
        {"at": rows.answered_at, "id": rows.answer_id, "score": rows.score}
    ).max()["score"],
)


def declare() -> None:
    """Called once, when the app starts."""
    TRAITS.declare(P_ALIVE, P_ALIVE_LOW, P_ALIVE_HIGH)
    TRAITS.declare(EXPECTED_ORDERS_90D, EXPECTED_ORDERS_90D_LOW, EXPECTED_ORDERS_90D_HIGH)
    TRAITS.declare(CLV_12M, CLV_12M_LOW, CLV_12M_HIGH)
    TRAITS.declare(MARGIN_RATE, MARGIN_12M, MARGIN_12M_LOW, MARGIN_12M_HIGH, SATISFACTION_LATEST)
