"""Goals as rows of a plan that is held: finding them, and telling of them what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from huoshui.kernel.actors import Actor
from huoshui.plan.plans.changing import changed
from huoshui.plan.plans.goals.errors import NoSuchGoal
from huoshui.plan.plans.models import Change, Goal, Plan


def find(plan_id: int, goal_id: int) -> Goal:
    """A goal that is there. Raises `NoSuchGoal`."""
    row = Goal.objects.filter(plan_id=number(plan_id), pk=number(goal_id), deleted_at=None).first()
    if row is None:
        raise NoSuchGoal("There is no such goal in this plan", received=str(goal_id)[:40])
    return row


def locked(plan: Plan, goal_id: int) -> Goal:
    """A goal of a plan that is held, so that nobody else changes it. Raises `NoSuchGoal`."""
    return find(plan.pk, goal_id)


def number(given: int) -> int:
    """A number that the database can look for."""
    return given if 0 < given < 2**63 else 0


def below(plan: Plan, goal_id: int) -> list[int]:
    """All parts of a goal, and theirs."""
    parents = dict(Goal.objects.filter(plan=plan).values_list("pk", "parent_id"))
    found, ring = [], {goal_id}
    while ring:
        ring = {pk for pk, parent in parents.items() if parent in ring and pk not in found}
        found += sorted(ring)
    return found


def last_by(plan: Plan, row: Goal) -> str:
    """Who changed a goal last."""
    last = Change.objects.filter(plan=plan, act__startswith="goal.", detail__goal=row.pk).first()
    return last.by if last else ""


def tell(
    plan: Plan,
    row: Goal,
    act: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write what was done into the story of the plan."""
    changed(
        plan,
        actor=actor,
        act=act,
        subject=row.name,
        detail={"goal": row.pk, **(detail or {})},
        reason=reason,
        now=now,
        told={"goal": row.pk},
    )


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as plain values."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
