"""Where in the tree of its plan a goal may stand, and putting it there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text
from huoshui.plan.plans.changing import plain, row_changed
from huoshui.plan.plans.goals.accumulating import PARTS
from huoshui.plan.plans.goals.errors import NotAGoal
from huoshui.plan.plans.goals.services.rows import locked
from huoshui.plan.plans.goals.setting import Draft
from huoshui.plan.plans.models import Goal, Plan

MOST_GOALS = 200
DEEPEST = 4


def put(
    plan: Plan, draft: Draft, values: Mapping[str, Any], *, actor: Actor, reason: str, now: datetime
) -> int:
    """Put a goal at the end of a plan that is held; returns its id. Raises `NotAGoal`, `NoSuchGoal`."""
    rows = Goal.objects.filter(plan=plan, deleted_at=None)
    if rows.count() >= MOST_GOALS:
        raise NotAGoal(
            Text(f"A plan has at most {MOST_GOALS} goals", f"一个计划最多 {MOST_GOALS} 个目标"),
            received=str(MOST_GOALS + 1),
        )
    placed(plan, draft, values)
    last = rows.order_by("-place").values_list("place", flat=True).first()
    row = Goal.objects.create(
        plan=plan,
        **values,
        parent_id=draft.parent_id,
        part=draft.part,
        owner_id=owner(draft.owner_id),
        place=0 if last is None else last + 1,
        made_at=now,
    )
    row_changed(
        plan,
        row,
        "goal.added",
        actor=actor,
        reason=reason,
        now=now,
        detail={
            "to": plain(
                {n: values[n] for n in ("metric", "target", "said", "baseline", "first_day", "last_day")}
            )
        },
    )
    return int(row.pk)


def placed(plan: Plan, draft: Draft, values: Mapping[str, Any], *, but: int = 0) -> None:
    """Refuse a place in the tree that cannot be. Raises `NotAGoal`, `NoSuchGoal`."""
    if draft.parent_id is None:
        if draft.part:
            raise NotAGoal(
                Text("Only a part of a goal is of a kind of parts", "只有子目标才有拆分方式"), field="part"
            )
        return
    parent = locked(plan, draft.parent_id)
    if draft.part not in PARTS:
        raise NotAGoal(
            Text("Say what kind of part it is", "请选择拆分方式"), field="part", valid=", ".join(PARTS)
        )
    if parent.metric != values["metric"]:
        raise NotAGoal(
            Text("A part measures by the same metric as its goal", "子目标须与上级目标使用同一指标"),
            field="metric",
            received=values["metric"],
            valid=parent.metric,
        )
    if values["first_day"] < parent.first_day or values["last_day"] > parent.last_day:
        raise NotAGoal(
            Text("A part lies within the days of its goal", "子目标须在上级目标的时段之内"),
            field="first_day",
            valid=f"{parent.first_day} – {parent.last_day}",
        )
    depth, above = 1, parent
    while True:
        if above.pk == but:
            raise NotAGoal(
                Text("A goal cannot be a part of itself", "目标不能成为自己的子目标"), field="parent_id"
            )
        if above.parent_id is None:
            break
        above, depth = locked(plan, above.parent_id), depth + 1
    if depth > DEEPEST:
        raise NotAGoal(Text("The tree is at most five levels deep", "目标最多五层"), field="parent_id")


def owner(user_id: int | None) -> int | None:
    """The colleague who answers for a goal, or nobody. Raises `NotAGoal`."""
    if user_id is not None and user_id not in users.names({user_id}):
        raise NotAGoal(
            Text("There is no such colleague", "没有这位同事"), field="owner_id", received=str(user_id)[:20]
        )
    return user_id
