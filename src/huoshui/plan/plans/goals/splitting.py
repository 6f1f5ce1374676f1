"""Splitting a goal into quarters, channels or segments: targets that add up exactly, by its path or by what was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import TRAITS, Metric
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics.dimensions import Value, valued
from huoshui.measure.metrics.periods import Period
from huoshui.plan.plans.figures import Ask, Figures, exact
from huoshui.plan.plans.goals import targets
from huoshui.plan.plans.goals.accumulating import adds_up, gathering
from huoshui.plan.plans.goals.errors import CannotSplit
from huoshui.plan.plans.goals.parting import distribute, quantum_of, quarters
from huoshui.plan.plans.goals.queries import GoalSeen, tree
from huoshui.plan.plans.goals.services import add_parts, draft_of
from huoshui.plan.plans.goals.setting import Draft, declared
from huoshui.plan.plans.goals.standing import path_of, refusal

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

DAY = timedelta(days=1)
MOST_PARTS = 12

NO_TARGET = Text(
    "The target waits for its baseline: there is nothing to split yet", "目标值尚待基线，暂时无法拆分"
)
ONE_QUARTER = Text("These days lie in one quarter already", "该目标已在一个季度之内")
NO_VALUES = Text(
    "Nothing is recorded that would say how to split: set the parts by hand",
    "没有可作拆分依据的数据：请手工设定子目标",
)
ALREADY = Text("The goal has such parts already: take them out first", "该目标已有这类子目标：请先移除")
OF_SPAN = Text(
    "This metric counts each customer once over all days: quarters would not add up to the year",
    "该指标在整个时段内每位客户只计一次，按季度拆分后不能相加",
)


def dimensions() -> dict[str, str]:
    """What a goal can be split by besides quarters: dimension → kind of part. Groups of a trait share nobody."""
    return {"channel": "channel", **{trait.slug: "segment" for trait in TRAITS if trait.values}}


def into_quarters(goal: GoalSeen, metric: Metric) -> list[Draft]:
    """A part for each calendar quarter of the goal's days.

    A sum is divided by the path, exactly; a level is what the path asks for by the end of each; a ratio is asked for in
    each. Raises `CannotSplit`.
    """
    if goal.target is None:
        raise CannotSplit(NO_TARGET)
    spans = quarters(goal.first_day, goal.last_day)
    if len(spans) < 2:
        raise CannotSplit(ONE_QUARTER)
    kind, path = gathering(metric), path_of(goal, metric)
    if kind == "count":
        raise CannotSplit(OF_SPAN)
    if kind == "sum" and path is not None:
        marks = [path.at(last) for _first, last in spans]
        steps = [max(mark - before, Decimal(0)) for before, mark in pairwise([Decimal(0), *marks])]
        values = list(distribute(goal.target, steps, quantum=quantum_of(metric.unit, goal.target)))
    elif kind == "level" and path is not None:
        whole = Decimal(1) if metric.unit in ("orders", "customers") else targets.FINEST
        values = [path.at(last).quantize(whole) for _first, last in spans[:-1]] + [goal.target]
    else:
        values = [goal.target for _span in spans]
    return [
        _part(
            goal,
            metric,
            value,
            part="quarter",
            name=f"{first.year} Q{(first.month + 2) // 3}",
            first=first,
            last=last,
        )
        for (first, last), value in zip(spans, values, strict=True)
    ]


def by_dimension(
    goal: GoalSeen, metric: Metric, by: str, *, tables: Snapshot, zone: ZoneInfo, language: Language
) -> list[Draft]:
    """A part for each value of a dimension, by the shares they had in the days of the baseline.

    What adds up is divided exactly; of a ratio each part is asked for the same. Raises `CannotSplit`.
    """
    if goal.target is None or goal.baseline_of is None:
        raise CannotSplit(NO_TARGET)
    first, last = goal.baseline_of
    period = Period.days(first, last + DAY, zone)
    try:
        cells = Figures(tables).cells(Ask(metric=metric, period=period, by=(by,), cut=goal.cut))
    except HuoshuiError as error:
        raise CannotSplit(refusal(error), received=by[:60]) from error
    weights = {cell.dimensions[by]: max(exact(cell.value) or Decimal(0), Decimal(0)) for cell in cells}
    found = {value: weight for value, weight in weights.items() if weight > 0}
    if not found:
        raise CannotSplit(NO_VALUES, received=by[:60])
    if len(found) > MOST_PARTS:
        raise CannotSplit(
            Text(
                f"There are {len(found)} values, more than {MOST_PARTS} parts: set those that matter by hand",
                f"共有 {len(found)} 个取值，超过 {MOST_PARTS} 个子目标：请手工设定重要的几个",
            ),
            received=by[:60],
        )
    part = dimensions().get(by, "segment")
    if adds_up(metric, part):
        quantum = quantum_of(metric.unit, goal.target)
        values = list(distribute(goal.target, list(found.values()), quantum=quantum))
    else:
        values = [goal.target for _value in found]
    return [
        _part(goal, metric, target, part=part, name=valued(by, value).in_(language), more={by: value})
        for value, target in zip(found, values, strict=True)
    ]


def _part(
    goal: GoalSeen,
    metric: Metric,
    target: Decimal,
    *,
    part: str,
    name: str,
    first: date | None = None,
    last: date | None = None,
    more: dict[str, Value] | None = None,
) -> Draft:
    said = targets.said(targets.Said(how="absolute", amount=target), metric)
    path = "linear" if goal.path == "own" else goal.path
    draft = replace(
        draft_of(goal),
        name=f"{goal.name} · {name}"[:200],
        target=said,
        cut={**dict(goal.cut), **(more or {})},
        path=path,
        points="",
        note="",
        parent_id=goal.id,
        part=part,
        usual="",
    )
    if first is not None and last is not None:
        draft = replace(draft, first_day=first, last_day=last)
    return draft


def split(
    *,
    actor: Actor,
    goal: GoalSeen,
    by: str,
    tables: Snapshot,
    zone: ZoneInfo,
    language: Language,
    now: datetime,
) -> tuple[int, ...]:
    """Split a goal ``by`` ``quarter`` or one of `dimensions`, and keep the parts; returns their ids.

    Raises `CannotSplit`, also where it has such parts already, `NotAGoal`, `NoSuchGoal`, `PlanArchived`, `NotAllowed`.
    """
    metric, part = declared(goal.metric), "quarter" if by == "quarter" else dimensions().get(by, "")
    if not part:
        raise CannotSplit(
            Text("A goal cannot be split by this", "不能按此拆分"),
            received=by[:60],
            valid=", ".join(["quarter", *dimensions()]),
        )
    if any(one.parent_id == goal.id and one.part == part for one in tree(goal.plan_id)):
        raise CannotSplit(ALREADY, received=by[:60])
    drafts = (
        into_quarters(goal, metric)
        if part == "quarter"
        else by_dimension(goal, metric, by, tables=tables, zone=zone, language=language)
    )
    return add_parts(
        actor=actor, plan_id=goal.plan_id, goal_id=goal.id, drafts=drafts, tables=tables, now=now
    )
