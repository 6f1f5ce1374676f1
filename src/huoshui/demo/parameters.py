"""The numbers that the processes of the company are drawn from, with their meaning.

What belongs to one product, rule, segment, channel or campaign stands in `catalogue`, what belongs to a place in
`places`, the factors of the season in `seasons`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from huoshui.kernel.texts import Text


def _number(value: Any, en: str, zh: str) -> Any:
    return field(default=value, metadata={"meaning": Text(en, zh)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The true parameters. Days are days of 24 hours; money is in house currency; shares and odds are parts of 1."""

    # -- arriving
    growth: float = _number(
        1.43,
        "arrivals grow: the share that has come by time t of n days is (t ÷ n)^growth, times the season",
        "新客增长：到时刻 t（共 n 天）为止到来的占比为 (t ÷ n)^growth，再乘以季节",
    )
    never_buys: float = _number(
        0.10, "share of people who leave their data and never buy", "留下资料但从不购买的人占比"
    )
    known_by_visit: float = _number(
        0.4,
        "share of people whose anonymous visits before joining are known",
        "加入之前有匿名访问记录的人占比",
    )
    strangers: float = _number(
        0.5, "visitors who never say who they are, per customer", "始终匿名的访客数（每位客户）"
    )
    # -- buying
    rate_shape: float = _number(
        1.2,
        "shape r of the Gamma distribution of purchase rates λ between people",
        "人际购买率 λ 所服从 Gamma 分布的形状 r",
    )
    rate_scale: float = _number(
        144.0,
        "its rate α in days: mean λ = r ÷ α per day at season 1",
        "其尺度 α（天）：季节为 1 时 λ 的均值为 r ÷ α（每天）",
    )
    leaving_shape: float = _number(
        2.5,
        "shape s of the Gamma distribution of drop-out rates μ between people",
        "人际流失率 μ 所服从 Gamma 分布的形状 s",
    )
    leaving_scale: float = _number(
        900.0, "its rate β in days: mean μ = s ÷ β per day", "其尺度 β（天）：μ 的均值为 s ÷ β（每天）"
    )
    amount_shape: float = _number(
        6.0,
        "shape p of the Gamma distribution of what one order may cost, within a person",
        "同一人每单预算所服从 Gamma 分布的形状 p",
    )
    budget_shape: float = _number(
        4.0,
        "shape q of the Gamma distribution of the rate ν between people",
        "人际尺度 ν 所服从 Gamma 分布的形状 q",
    )
    budget_scale: float = _number(
        350.0,
        "its rate γ: the mean budget of an order is p × γ ÷ (q - 1)",
        "其尺度 γ：每单预算均值为 p × γ ÷ (q - 1)",
    )
    price_distance: float = _number(
        0.6,
        "σ: a product's odds fall with exp(-(ln price - ln budget)² ÷ 2σ²)",
        "σ：商品被选中的几率按 exp(-(ln 价格 - ln 预算)² ÷ 2σ²) 下降",
    )
    further_lines: float = _number(
        0.45, "mean number of further lines of an order (Poisson)", "每单附加行数的均值（泊松）"
    )
    walk_ins: float = _number(
        0.06, "anonymous orders in stores, per known order", "门店匿名订单数（每笔实名订单）"
    )
    business_share: float = _number(0.006, "share of people who buy for a company", "为企业采购的人占比")
    business_rate: float = _number(2.5, "how much more often they buy", "其购买频率的倍数")
    business_quantity: float = _number(
        4.0, "mean of the pieces more per line (Poisson)", "其每行多买件数的均值（泊松）"
    )
    # -- experience
    promised_days: int = _number(3, "days within which delivery is promised", "承诺送达天数")
    late_complaint: float = _number(0.25, "odds that a late delivery makes a complaint", "延误引起投诉的概率")
    fault_complaint: float = _number(0.6, "odds that a fault does", "故障引起投诉的概率")
    other_complaint: float = _number(0.01, "odds without a reason we know", "无已知原因时的概率")
    resolved: float = _number(0.7, "share of complaints that are resolved", "投诉得到解决的占比")
    leaves_unresolved: float = _number(
        0.5,
        "odds that an unresolved complaint makes the customer leave at once",
        "投诉未解决致使客户当即离开的概率",
    )
    returned: float = _number(0.03, "share of lines returned without a fault", "无故障退货行占比")
    fault_returned: float = _number(0.7, "odds that a faulty product is returned", "故障商品被退货的概率")
    # -- answers
    answers_nps: float = _number(
        0.07, "odds that an order is followed by an answer on recommendation", "订单后回答推荐意愿的概率"
    )
    answers_service: float = _number(
        0.4,
        "odds that a service contact is followed by answers on satisfaction and effort",
        "服务接触后回答满意度与费力度的概率",
    )
    nps_usual: float = _number(
        8.4,
        "recommendation after a good order by a person of average mildness",
        "一般宽容度的人在顺利订单后的推荐分",
    )
    nps_mildness: float = _number(1.3, "standard deviation of mildness between people", "人际宽容度的标准差")
    nps_late: float = _number(-2.2, "change by a late delivery", "延误使其变化")
    nps_fault: float = _number(-3.2, "change by a fault", "故障使其变化")
    nps_unresolved: float = _number(-1.5, "change by an unresolved complaint", "未解决的投诉使其变化")
    csat_resolved: float = _number(
        4.3, "satisfaction after a complaint that was resolved", "投诉得到解决后的满意度"
    )
    csat_unresolved: float = _number(2.0, "satisfaction after one that was not", "投诉未解决后的满意度")
    ces_resolved: float = _number(
        5.6, "effort score after a complaint that was resolved", "投诉得到解决后的费力度得分"
    )
    ces_unresolved: float = _number(2.8, "effort score after one that was not", "投诉未解决后的费力度得分")
    nps_noise: float = _number(1.1, "standard deviation within a person", "同一人回答的标准差")
    # -- visits
    three_views_before_order: float = _number(
        0.35,
        "share of orders whose main product was viewed three times or more before",
        "下单前主商品被浏览三次以上的订单占比",
    )
    idle_visits: float = _number(
        2.0, "visits without a purchase, per customer (Poisson)", "未购买的访问次数均值（每位客户，泊松）"
    )
    three_views_idle: float = _number(
        0.35, "share of these with three views or more of one product", "其中同一商品被浏览三次以上的占比"
    )
    # -- profiles
    leaves_phone: float = _number(0.88, "share who leave their phone number", "留下手机号的占比")
    leaves_email: float = _number(0.35, "share who leave their e-mail address", "留下邮箱的占比")
    tells_age: float = _number(0.80, "share who tell their year of birth", "填写出生年份的占比")
    tells_job: float = _number(0.60, "share who tell their occupation too", "还填写职业的占比")
    tells_home: float = _number(
        0.45,
        "share who tell income, size of the home and renovation too",
        "还填写收入、住房面积与装修阶段的占比",
    )
    # -- consent
    consent_sms: float = _number(0.45, "share who agree to SMS when they join", "加入时同意短信的占比")
    consent_email: float = _number(0.20, "share who agree to e-mail", "同意邮件的占比")
    consent_wecom: float = _number(0.30, "share who agree to WeCom", "同意企业微信的占比")
    withdrawn: float = _number(
        0.10, "share of consents withdrawn at some later time", "之后某时撤回的同意占比"
    )
    opts_out: float = _number(
        0.01, "odds that a campaign's message makes a person withdraw", "一次活动触达致使撤回同意的概率"
    )
    # -- campaigns
    control: float = _number(
        0.2, "share of those eligible who are kept in the control group", "合格者中留作对照组的占比"
    )
    coupon_anyway: float = _number(
        0.5,
        "odds that a treated person uses the coupon for an order that was coming anyway",
        "被触达者把优惠券用于本来就会发生的订单的概率",
    )


PARAMETERS = Parameters()


def meanings() -> list[tuple[str, Any, Text]]:
    """Name, value and meaning of every parameter, in their order."""
    return [(f.name, getattr(PARAMETERS, f.name), f.metadata["meaning"]) for f in fields(Parameters)]
