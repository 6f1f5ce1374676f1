"""The traits of value: RFM with its scores and segment, the value class, order figures, what they like, behaviour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ibis

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import TRAITS, Trait
from huoshui.kernel.texts import Text
from huoshui.science import elapsed, exact, rfm

MONEY = "decimal(18, 4)"
TIME = "timestamp('UTC', 6)"

DAYS = Text("days", "天")
ORDERS = Text("orders", "笔")
MONEY_UNIT = Text("house currency", "本位币")
POINTS = Text("points of 5", "分（满分 5）")
EVENTS = Text("events", "次")

WINDOWS = (30, 90, 365)
EVENT_WINDOWS = (30, 90)

PURCHASES = "purchases_in_order"

RECENCY = Trait(
    slug="recency",
    label=Text("Recency", "最近一次消费"),
    meaning=Text(
        "Whole elapsed days (24 hours each) from the last purchase to the moment of the refresh. Empty without a "
        "purchase.",
        "最近一次购买至计算时点的完整天数（每天 24 小时）。从未购买者为空。",
    ),
    type="int64",
    unit=DAYS,
    over=PURCHASES,
    expression=lambda rows, as_of: elapsed.whole_days(since=rows.ordered_at.max(), until=as_of.at),
)

FREQUENCY = Trait(
    slug="frequency",
    label=Text("Frequency", "消费频次"),
    meaning=Text(
        "Number of purchases: orders with revenue above zero, whatever was returned later.",
        "购买次数：金额大于零的订单数，不论之后是否退货。",
    ),
    type="int64",
    unit=ORDERS,
    over=PURCHASES,
    expression=lambda rows, as_of: rows.count(),
    empty=0,
)

MONETARY = Trait(
    slug="monetary",
    label=Text("Monetary value", "消费金额"),
    meaning=Text(
        "Revenue of all purchases, before returns, refunds and cancellations.",
        "全部购买的金额，未扣除退货、退款与取消。",
    ),
    type=MONEY,
    unit=MONEY_UNIT,
    over=PURCHASES,
    expression=lambda rows, as_of: rows.revenue.sum(),
    empty=0,
)

RETURNED = Trait(
    slug="returned",
    label=Text("Returns and corrections", "退货与更正"),
    meaning=Text(
        "Sum of all returns, refunds, cancellations and corrections, signed as they change revenue: mostly negative.",
        "全部退货、退款、取消与更正之和，按其对收入的影响计正负，通常为负。",
    ),
    type=MONEY,
    unit=MONEY_UNIT,
    over="changes",
    expression=lambda rows, as_of: rows.revenue.sum(),
    empty=0,
)

NET_MONETARY = Trait(
    slug="net_monetary",
    label=Text("Net monetary value", "净消费金额"),
    meaning=Text(
        "Monetary value plus returns and corrections. Below zero where more came back than the facts show was bought.",
        "消费金额加上退货与更正。若退回多于记录中的购买，则为负。",
    ),
    type=MONEY,
    unit=MONEY_UNIT,
    needs=("monetary", "returned"),
    expression=lambda row, as_of: row.monetary + row.returned,
)

AVERAGE_ORDER_VALUE = Trait(
    slug="average_order_value",
    label=Text("Average order value", "客单价"),
    meaning=Text(
        "Monetary value ÷ frequency. Empty without a purchase.", "消费金额 ÷ 消费频次。从未购买者为空。"
    ),
    type=MONEY,
    unit=MONEY_UNIT,
    needs=("monetary", "frequency"),
    expression=lambda row, as_of: exact.share(row.monetary, row.frequency),
)

FIRST_ORDER_AT = Trait(
    slug="first_order_at",
    label=Text("First order", "首次购买"),
    meaning=Text("Time of the first purchase.", "首次购买的时间。"),
    type=TIME,
    over=PURCHASES,
    expression=lambda rows, as_of: rows.ordered_at.min(),
)

LAST_ORDER_AT = Trait(
    slug="last_order_at",
    label=Text("Last order", "最近购买"),
    meaning=Text("Time of the last purchase.", "最近一次购买的时间。"),
    type=TIME,
    over=PURCHASES,
    expression=lambda rows, as_of: rows.ordered_at.max(),
)

FAVOURITE_CATEGORY = Trait(
    slug="favourite_category",
    label=Text("Favourite category", "偏好品类"),
    meaning=Text(
        "The category of goods the customer spent most in, before returns; where two are equal, the first in the "
        "alphabet. Service lines such as postage do not count.",
        "客户消费金额最多的商品品类（未扣除退货）；金额相同时取字母序靠前者。邮费等服务项不计。",
    ),
    type="string",
    over="favourite_categories",
    expression=lambda rows, as_of: rows.category.min(),
)

RFM_SEGMENT = Trait(
    slug="rfm_segment",
    label=Text("RFM segment", "RFM 分群"),
    meaning=Text(
        "Segment by R and F score in CleverTap's published table of ten segments. Empty without a purchase.",
        "按 R、F 得分，依 CleverTap 公布的十分群表划分。从未购买者为空。",
    ),
    type="string",
    needs=("r_score", "f_score"),
    expression=lambda row, as_of: rfm.segment(row.r_score, row.f_score),
    values={one.code: one.label for one in rfm.SEGMENTS},
)

VALUE_CLASS = Trait(
    slug="value_class",
    label=Text("Value class", "价值等级"),
    meaning=Text(
        "High: R ≥ 3 and F + M ≥ 8. At risk: R ≤ 2 and F + M ≥ 6. Potential: else R ≥ 4. Ordinary: all others. "
        "Empty without a purchase.",
        "高价值：R ≥ 3 且 F + M ≥ 8；流失风险：R ≤ 2 且 F + M ≥ 6；潜力：其余 R ≥ 4；普通：其他。从未购买者为空。",
    ),
    type="string",
    needs=("r_score", "f_score", "m_score"),
    expression=lambda row, as_of: rfm.value_class(row.r_score, row.f_score, row.m_score),
    values=rfm.VALUE_CLASSES,
)

LAST_EVENT_AT = Trait(
    slug="last_event_at",
    label=Text("Last event", "最近行为"),
    meaning=Text(
        "Time of the last event of any kind within 365 days; empty when there was none.",
        "365 天内最近一次任意行为的时间；期间没有则为空。",
    ),
    type=TIME,
    over="recent_behaviour",
    expression=lambda rows, as_of: rows.occurred_at.max(),
)


def scores() -> Iterator[Trait]:
    """The three quintiles: 5 is best, customers with equal values share a score, and only buyers are ranked."""
    for slug, need, letter, zh, larger_is_better in (
        ("r_score", "recency", "R", "最近一次消费", False),
        ("f_score", "frequency", "F", "消费频次", True),
        ("m_score", "monetary", "M", "消费金额", True),
    ):
        yield Trait(
            slug=slug,
            label=Text(f"{letter} score", f"{letter} 得分"),
            meaning=Text(
                f"1 + floor(5 × share of customers with a purchase whose {need} is strictly worse): 5 is best, equal "
                "values share a score. Empty without a purchase.",
                f"1 + floor(5 × {zh}严格更差的有购买客户占比)：5 分最好，数值相同者得分相同。从未购买者为空。",
            ),
            type="int64",
            unit=POINTS,
            needs=(need, "frequency") if need != "frequency" else (need,),
            expression=_score(need, larger_is_better=larger_is_better),
        )


def of_windows() -> Iterator[Trait]:
    """Orders and revenue of the last 30, 90 and 365 days, events of the last 30 and 90."""
    for days in WINDOWS:
        yield Trait(
            slug=f"orders_{days}d",
            label=Text(f"Orders in {days} days", f"近 {days} 天订单数"),
            meaning=Text(
                f"Purchases within the {days} calendar days of the house before the refresh.",
                f"计算时点前 {days} 个自然日（本地时区）内的购买次数。",
            ),
            type="int64",
            unit=ORDERS,
            over=PURCHASES,
            expression=_count("ordered_at", days),
            empty=0,
        )
    for days in WINDOWS:
        yield Trait(
            slug=f"revenue_{days}d",
            label=Text(f"Revenue in {days} days", f"近 {days} 天消费金额"),
            meaning=Text(
                f"Revenue of purchases within {days} calendar days of the house before the refresh, before returns.",
                f"计算时点前 {days} 个自然日（本地时区）内的购买金额，未扣除退货。",
            ),
            type=MONEY,
            unit=MONEY_UNIT,
            over=PURCHASES,
            expression=_revenue(days),
            empty=0,
        )
    for days in EVENT_WINDOWS:
        yield Trait(
            slug=f"events_{days}d",
            label=Text(f"Events in {days} days", f"近 {days} 天行为次数"),
            meaning=Text(
                f"Events of any kind within the {days} calendar days of the house before the refresh.",
                f"计算时点前 {days} 个自然日（本地时区）内的行为次数。",
            ),
            type="int64",
            unit=EVENTS,
            over="recent_behaviour",
            expression=_count("occurred_at", days),
            empty=0,
        )


def _score(need: str, *, larger_is_better: bool) -> Callable[[Any, AsOf], Any]:
    def expression(row: Any, as_of: AsOf) -> Any:
        of_buyers = (row.frequency > 0).ifelse(row[need], ibis.null(row[need].type()))
        return rfm.quintile(of_buyers, larger_is_better=larger_is_better)

    return expression


def _count(time: str, days: int) -> Callable[[Any, AsOf], Any]:
    return lambda rows, as_of: rows.count(where=rows[time] >= ibis.literal(as_of.days_before(days)))


def _revenue(days: int) -> Callable[[Any, AsOf], Any]:
    return lambda rows, as_of: rows.revenue.sum(
        where=rows.ordered_at >= ibis.literal(as_of.days_before(days))
    )


def declare() -> None:
    """Called once, when the app starts."""
    TRAITS.declare(RECENCY, FREQUENCY, MONETARY, RETURNED, NET_MONETARY, *scores(), RFM_SEGMENT, VALUE_CLASS)
    TRAITS.declare(AVERAGE_ORDER_VALUE, FIRST_ORDER_AT, LAST_ORDER_AT, *of_windows())
    TRAITS.declare(FAVOURITE_CATEGORY, LAST_EVENT_AT)
