"""Taking a goal out with its parts, and bringing them back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from huoshui.kernel.actors import Actor
from huoshui.plan.plans.changing import held, last_by, row_changed
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.goals.errors import NoSuchGoal
from huoshui.plan.plans.goals.services.rows import below, locked, number
from huoshui.plan.plans.models import Goal


@transaction.atomic
def remove(
    *, actor: Actor, plan_id: int, goal_id: int, version: int, reason: str = "", now: datetime
) -> None:
    """Take a goal out, with its parts; `restore` brings them back.

    Raises `PlanChanged`, `NoSuchGoal`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = locked(plan, goal_id)
    if row.version != version:
        raise PlanChanged(by=last_by(plan, "goal", row.pk), version=row.version)
    parts = below(plan, row.pk)
    Goal.objects.filter(pk__in=[row.pk, *parts]).update(deleted_at=now)
    row_changed(plan, row, "goal.removed", actor=actor, reason=reason, now=now, detail={"parts": len(parts)})


@transaction.atomic
def restore(*, actor: Actor, plan_id: int, goal_id: int, now: datetime) -> None:
    """Bring a goal back that was taken out, with the parts that went with it.

    Raises `NoSuchGoal`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = Goal.objects.filter(plan=plan, pk=number(goal_id)).exclude(deleted_at=None).first()
    if row is None:
        raise NoSuchGoal("There is no such goal to bring back", received=str(goal_id)[:40])
    Goal.objects.filter(pk__in=[row.pk, *below(plan, row.pk)], deleted_at=row.deleted_at).update(
        deleted_at=None
    )
    row_changed(plan, row, "goal.restored", actor=actor, now=now)
