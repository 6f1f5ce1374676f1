"""Questions about goals: which a plan has, in the order of its tree, and what was changed of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.measure.metrics.dimensions import Value
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.goals.errors import NoSuchGoal
from huoshui.plan.plans.goals.paths import EVEN, Kind
from huoshui.plan.plans.goals.targets import How, Said
from huoshui.plan.plans.models import Change, Goal


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalSeen:
    """A goal as it is kept; see `models.Goal`. ``depth`` is 0 for one without a parent.

    ``target`` is None while it is relative and waits for its baseline, ``baseline`` where it could not be known.
    """

    id: int
    plan_id: int
    parent_id: int | None
    part: str
    depth: int
    name: str
    metric: str
    cut: tuple[tuple[str, Value], ...]
    first_day: date
    last_day: date
    baseline: Decimal | None
    baseline_kind: str
    baseline_of: tuple[date, date] | None
    target: Decimal | None
    said: Said
    path: Kind
    points: tuple[tuple[date, Decimal], ...]
    shares: tuple[float, ...]
    owner_id: int | None
    owner: str
    note: str
    usual: str
    version: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One line of a goal's history."""

    act: str
    detail: Mapping[str, Any]
    reason: str
    by: str
    at: datetime


def goals(*, actor: Actor, plan_id: int) -> tuple[GoalSeen, ...]:
    """The goals of a plan, each followed by its parts. Raises `NoSuchPlan`, `NotAllowed`."""
    return tree(plans.plan(actor, plan_id).id)


def goal(*, actor: Actor, plan_id: int, goal_id: int) -> GoalSeen:
    """One goal. Raises `NoSuchGoal`, `NoSuchPlan`, `NotAllowed`."""
    found = {one.id: one for one in goals(actor=actor, plan_id=plan_id)}
    if goal_id not in found:
        raise NoSuchGoal("There is no such goal in this plan", received=str(goal_id)[:40])
    return found[goal_id]


def history(*, actor: Actor, plan_id: int, goal_id: int) -> list[Changed]:
    """What was changed of a goal and why, the newest first. Raises `NoSuchPlan`, `NotAllowed`."""
    plans.plan(actor, plan_id)
    rows = Change.objects.filter(plan_id=plan_id, act__startswith="goal.", detail__goal=goal_id)
    return [Changed(act=r.act, detail=r.detail, reason=r.reason, by=r.by, at=r.at) for r in rows]


def tree(plan_id: int) -> tuple[GoalSeen, ...]:
    """The goals of a plan in the order of their tree, for verbs and jobs that have asked for rights already."""
    rows = list(Goal.objects.filter(plan_id=plan_id, deleted_at=None))
    names = users.names({row.owner_id for row in rows if row.owner_id})
    there = {row.pk for row in rows}
    parts: dict[int | None, list[Goal]] = defaultdict(list)
    for row in rows:
        parts[row.parent_id if row.parent_id in there else None].append(row)
    found: list[GoalSeen] = []

    def follow(parent: int | None, depth: int) -> None:
        for row in parts[parent]:
            found.append(seen(row, depth=depth, names=names))
            follow(row.pk, depth + 1)

    follow(None, 0)
    return tuple(found)


def seen(row: Goal, *, depth: int = 0, names: Mapping[int, str] | None = None) -> GoalSeen:
    """A row as others see it."""
    said = row.said or {"how": "absolute", "amount": row.target}
    how: How = said["how"]
    kind: Any = row.path
    return GoalSeen(
        id=row.pk,
        plan_id=row.plan_id,
        parent_id=row.parent_id,
        part=row.part,
        depth=depth,
        name=row.name,
        metric=row.metric,
        cut=tuple(sorted(row.slice.items())),
        first_day=row.first_day,
        last_day=row.last_day,
        baseline=_decimal(row.baseline),
        baseline_kind=row.baseline_kind,
        baseline_of=_days(row.baseline_of),
        target=_decimal(row.target),
        said=Said(how=how, amount=Decimal(said["amount"])),
        path=kind,
        points=tuple((date.fromisoformat(day), Decimal(value)) for day, value in row.points),
        shares=tuple(map(float, row.shares)) or EVEN,
        owner_id=row.owner_id,
        owner=(names or {}).get(row.owner_id or 0, ""),
        note=row.note,
        usual=row.usual,
        version=row.version,
        made_at=row.made_at,
    )


def parts_of(goals: Sequence[GoalSeen], parent_id: int) -> list[GoalSeen]:
    """The parts of a goal, in their order."""
    return [one for one in goals if one.parent_id == parent_id]


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _days(kept: list[str]) -> tuple[date, date] | None:
    return (date.fromisoformat(kept[0]), date.fromisoformat(kept[1])) if len(kept) == 2 else None
