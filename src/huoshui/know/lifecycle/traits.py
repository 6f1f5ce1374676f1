"""The traits of rhythm and stage (formulas: ``science/lifecycle``)."""

from __future__ import annotations

from typing import Any

import ibis

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import RELATIONS, TRAITS, Trait
from huoshui.kernel.texts import Text
from huoshui.know.lifecycle import relations
from huoshui.know.lifecycle.relations import RETURNS
from huoshui.know.value.traits import DAYS, PURCHASES
from huoshui.science import elapsed, lifecycle
from huoshui.science.lifecycle import USUAL_RHYTHM, USUAL_STAGES, FixedDays, OwnRhythm

MEDIAN_PURCHASE_INTERVAL = Trait(
    slug="median_purchase_interval",
    label=Text("Median purchase interval", "购买间隔中位数"),
    meaning=Text(
        "Median number of days between the customer's days of purchase. Empty with fewer than two.",
        "客户各购买日之间间隔天数的中位数。购买日少于两个者为空。",
    ),
    type="float64",
    unit=DAYS,
    over=PURCHASES,
    expression=lambda rows, as_of: rows.days_since_previous.median(),
)

PURCHASE_INTERVALS = Trait(
    slug="purchase_intervals",
    label=Text("Purchase intervals", "购买间隔数"),
    meaning=Text(
        "Number of intervals between the customer's days of purchase: one less than those days.",
        "客户各购买日之间的间隔个数，即购买日数减一。",
    ),
    type="int64",
    unit=Text("intervals", "个"),
    over=PURCHASES,
    expression=lambda rows, as_of: rows.days_since_previous.count(),
    empty=0,
)


def _rhythm(row: Any, as_of: AsOf) -> Any:
    typical = lifecycle.typical_interval(row.median_purchase_interval, row.purchase_intervals)
    own = lifecycle.purchase_rhythm(row.median_purchase_interval, row.purchase_intervals, typical)
    return row.recency.notnull().ifelse(own, ibis.null("float64"))


PURCHASE_RHYTHM = Trait(
    slug="purchase_rhythm",
    label=Text("Purchase rhythm", "购买节奏"),
    meaning=Text(
        f"Days after which the customer can be expected to buy again: the median purchase interval; with n < "
        f"{USUAL_RHYTHM.enough} intervals, (n × it + ({USUAL_RHYTHM.enough} - n) × typical) ÷ {USUAL_RHYTHM.enough}, "
        f"where typical is the median over customers with at least {USUAL_RHYTHM.enough} intervals, or "
        f"{USUAL_RHYTHM.unknown:.0f} days; kept between {USUAL_RHYTHM.shortest:.0f} and {USUAL_RHYTHM.longest:.0f}. "
        "Empty without a purchase.",
        f"预计再次购买所隔的天数：购买间隔中位数；间隔数 n 少于 {USUAL_RHYTHM.enough} 时为（n × 中位数 + "
        f"（{USUAL_RHYTHM.enough} - n）× 典型间隔）÷ {USUAL_RHYTHM.enough}，典型间隔取间隔数不少于 "
        f"{USUAL_RHYTHM.enough} 的客户之中位数，没有则为 {USUAL_RHYTHM.unknown:.0f} 天；限于 "
        f"{USUAL_RHYTHM.shortest:.0f} 至 {USUAL_RHYTHM.longest:.0f} 天。从未购买者为空。",
    ),
    type="float64",
    unit=DAYS,
    needs=("median_purchase_interval", "purchase_intervals", "recency"),
    expression=_rhythm,
)

OVERDUE_RATIO = Trait(
    slug="overdue_ratio",
    label=Text("Overdue ratio", "逾期倍数"),
    meaning=Text(
        "Recency ÷ purchase rhythm: 1 means due today. Empty without a purchase.",
        "最近一次消费天数 ÷ 购买节奏：1 表示今天正好到期。从未购买者为空。",
    ),
    type="float64",
    needs=("recency", "purchase_rhythm"),
    expression=lambda row, as_of: lifecycle.overdue_ratio(row.recency, row.purchase_rhythm),
)


def stage_trait(rule: OwnRhythm | FixedDays = USUAL_STAGES) -> Trait:
    """The trait ``stage`` by ``rule``; its meaning states the cuts."""
    if isinstance(rule, FixedDays):
        cuts = Text(
            f"lost from {rule.silent} days without a purchase, silent from {rule.active}",
            f"距最近购买满 {rule.silent} 天为流失，满 {rule.active} 天为沉默",
        )
    else:
        cuts = Text(
            f"lost from an overdue ratio of {rule.lost:g}, silent from {rule.silent:g}",
            f"逾期倍数达 {rule.lost:g} 为流失，达 {rule.silent:g} 为沉默",
        )

    def expression(row: Any, as_of: AsOf) -> Any:
        return lifecycle.stage(
            days_since_first=elapsed.whole_days(since=row.first_order_at, until=as_of.at),
            days_since_last=row.recency,
            ratio=row.overdue_ratio,
            by=rule,
        )

    return Trait(
        slug="stage",
        label=Text("Lifecycle stage", "生命周期阶段"),
        meaning=Text(
            f"Potential without a purchase; {cuts.en}; new in the first {rule.new} days after the first purchase; "
            "otherwise active.",
            f"从未购买为潜在；{cuts.zh}；首次购买后 {rule.new} 天内为新；其余为活跃。",
        ),
        type="string",
        needs=("recency", "first_order_at", "overdue_ratio"),
        expression=expression,
        values=lifecycle.STAGES,
    )


def days_in_stage_trait(rule: OwnRhythm | FixedDays = USUAL_STAGES) -> Trait:
    """The trait ``days_in_stage`` by the same rule as the stage."""

    def expression(row: Any, as_of: AsOf) -> Any:
        return lifecycle.days_in_stage(
            stage=row.stage,
            days_since_first=elapsed.whole_days(since=row.first_order_at, until=as_of.at),
            days_since_last=row.recency,
            rhythm_days=row.purchase_rhythm,
            days_since_return=elapsed.whole_days(since=row.returned_at, until=as_of.at),
            days_known=elapsed.whole_days(since=row.created_at, until=as_of.at),
            by=rule,
        )

    return Trait(
        slug="days_in_stage",
        label=Text("Days in this stage", "处于当前阶段的天数"),
        meaning=Text(
            "Potential: since the customer was known. New: since the first purchase. Active: since being new ended or, "
            "if later, since the purchase that ended the last silence. Silent, lost: since the day they became so. By "
            "today's rhythm.",
            "潜在：自建档起；新：自首次购买起；活跃：自新客期结束起，若之后曾沉默则自回归的那次购买起；沉默、流失：自进入该阶段之日起。"
            "均按当前购买节奏计算。",
        ),
        type="int64",
        unit=DAYS,
        needs=("stage", "first_order_at", "recency", "purchase_rhythm", "returned_at", "created_at"),
        expression=expression,
    )


RETURNED_AT = Trait(
    slug="returned_at",
    label=Text("Last return", "最近回归"),
    meaning=Text(
        "Time of the last purchase after a pause as long as a silence. Empty without one.",
        "最近一次在沉默期之后的购买时间。没有则为空。",
    ),
    type="timestamp('UTC', 6)",
    over=RETURNS,
    expression=lambda rows, as_of: rows.ordered_at.max(),
)


def declare(*, stage_days: tuple[int, int, int] | None = None) -> None:
    """Called once, when the app starts.

    ``stage_days`` chooses fixed days (new, active, silent) instead of the customer's own rhythm.
    Raises `huoshui.science.errors.NotASetting` for days that make no sense.
    """
    rule = FixedDays(*stage_days) if stage_days is not None else USUAL_STAGES
    TRAITS.declare(
        MEDIAN_PURCHASE_INTERVAL, PURCHASE_INTERVALS, PURCHASE_RHYTHM, OVERDUE_RATIO, stage_trait(rule)
    )
    TRAITS.declare(RETURNED_AT, days_in_stage_trait(rule))
    RELATIONS.declare(relations.returns(rule))
