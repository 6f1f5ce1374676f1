"""Whether the parts of a goal add up to it, and what is missing or over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from huoshui.kernel.plugs import METRICS, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.dimensions import IN
from huoshui.plan.plans.goals.accumulating import PARTS, adds_up
from huoshui.plan.plans.goals.parting import Sum, overlapping, uncovered
from huoshui.plan.plans.goals.queries import GoalSeen

PARTS_NAMED: Mapping[str, Text] = {
    "quarter": Text("quarters", "季度"),
    "segment": Text("segments", "客群"),
    "channel": Text("channels", "渠道"),
    "owner": Text("owners", "负责人"),
}
PART_NAMED: Mapping[str, Text] = {
    "quarter": Text("quarter", "季度"),
    "segment": Text("segment", "客群"),
    "channel": Text("channel", "渠道"),
    "owner": Text("owner", "负责人"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The parts of one kind of a goal. ``sum`` is None where they need not add up; ``notes`` say what is not in order.

    ``fine`` says that nothing is missing, over, or doubtful. ``why_not`` says why no sum is asked for.
    """

    goal: GoalSeen
    part: str
    parts: tuple[GoalSeen, ...]
    sum: Sum | None
    fine: bool
    why_not: Text | None
    notes: tuple[Text, ...]


def checks(goals: Sequence[GoalSeen], metrics: Mapping[str, Metric] | None = None) -> list[Check]:
    """For each goal with parts, each kind of them: in the order of the tree. ``metrics`` are those of the house."""
    known = {one.slug: one for one in METRICS} if metrics is None else metrics
    found = []
    for goal in goals:
        for part in PARTS:
            parts = tuple(one for one in goals if one.parent_id == goal.id and one.part == part)
            if parts and goal.metric in known:
                found.append(check(goal, part, parts, known[goal.metric]))
    return found


def check(goal: GoalSeen, part: str, parts: tuple[GoalSeen, ...], metric: Metric) -> Check:
    """The parts of one kind."""
    notes: list[Text] = []
    if part == "quarter":
        notes += _of_days(goal, parts)
    why_not, sum_ = None, None
    if not adds_up(metric, part):
        why_not = _why_not(metric, part)
    elif goal.target is None or any(one.target is None for one in parts):
        why_not = Text("A target is still waiting for its baseline.", "有目标值尚待基线。")
    elif part == "segment" and any(name == IN for one in parts for name, _ in one.cut):
        why_not = Text(
            "These segments may share customers, so their targets need not add up.",
            "这些客群可能有重叠，目标之和不必相等。",
        )
    else:
        sum_ = Sum(whole=goal.target, parts=sum((one.target or Decimal(0) for one in parts), Decimal(0)))
    return Check(
        goal=goal,
        part=part,
        parts=parts,
        sum=sum_,
        fine=not notes and (sum_ is None or sum_.exact),
        why_not=why_not,
        notes=tuple(notes),
    )


def _of_days(goal: GoalSeen, parts: Sequence[GoalSeen]) -> list[Text]:
    spans = [(one.first_day, one.last_day) for one in parts]
    notes = [
        Text(f"No part covers {first} – {last}.", f"{first} – {last} 没有对应的子目标。")
        for first, last in uncovered(goal.first_day, goal.last_day, spans)
    ]
    if overlapping(spans):
        notes.append(Text("Two parts share days.", "有子目标的时段重叠。"))
    return notes


def _why_not(metric: Metric, part: str) -> Text:
    if metric.denominator is not None or metric.entered:
        return Text(
            "A ratio does not add up: its parts would have to be weighted, which is not checked.",
            "比率不能相加：须加权计算，此处不作检查。",
        )
    named = PARTS_NAMED[part]
    return Text(
        f"This metric does not add up over {named.en}: a customer may count in several.",
        f"该指标不能按{named.zh}相加：同一客户可能在多处计入。",
    )
