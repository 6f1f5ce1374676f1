"""Goals as rows of a plan that is held."""

from __future__ import annotations

from huoshui.plan.plans.goals.errors import NoSuchGoal
from huoshui.plan.plans.models import Goal, Plan


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
