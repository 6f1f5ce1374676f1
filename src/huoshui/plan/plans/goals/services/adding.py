"""Setting goals: one, or the parts of one together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.kernel.actors import Actor
from huoshui.plan.plans.changing import held
from huoshui.plan.plans.goals.services.measuring import measured
from huoshui.plan.plans.goals.services.placing import put
from huoshui.plan.plans.goals.services.rows import locked
from huoshui.plan.plans.goals.setting import Draft

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


def add(
    *,
    actor: Actor,
    plan_id: int,
    draft: Draft,
    reason: str = "",
    tables: Snapshot | None = None,
    now: datetime,
) -> int:
    """Set a goal: its baseline is computed and kept, a relative target becomes an absolute one. Returns its id.

    Raises `NotAGoal`, `NoSuchGoal` (of the parent), `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    values = measured(draft, tables, now)
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        return put(plan, draft, values, actor=actor, reason=reason, now=now)


def add_parts(
    *,
    actor: Actor,
    plan_id: int,
    goal_id: int,
    drafts: Sequence[Draft],
    reason: str = "",
    tables: Snapshot | None = None,
    now: datetime,
) -> tuple[int, ...]:
    """Set several parts of a goal at once, all or none: what `splitting.split` has worked out. Raises as `add`."""
    values = [measured(draft, tables, now) for draft in drafts]
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        locked(plan, goal_id)
        return tuple(
            put(plan, replace(draft, parent_id=goal_id), one, actor=actor, reason=reason, now=now)
            for draft, one in zip(drafts, values, strict=True)
        )
