"""Changing a goal that others may have changed meanwhile, and computing its baseline anew."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.desk.threads.differences import difference
from huoshui.kernel.actors import Actor
from huoshui.plan.plans.changing import held, last_by, plain, row_changed
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.goals import queries
from huoshui.plan.plans.goals.queries import GoalSeen
from huoshui.plan.plans.goals.services.measuring import draft_of, measured
from huoshui.plan.plans.goals.services.placing import owner, placed
from huoshui.plan.plans.goals.services.rows import find, locked
from huoshui.plan.plans.goals.setting import Baseline, Draft

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


def change(
    *,
    actor: Actor,
    plan_id: int,
    goal_id: int,
    version: int,
    draft: Draft,
    reason: str = "",
    tables: Snapshot | None = None,
    now: datetime,
) -> int:
    """Change a goal that was read as ``version``; returns its new version.

    The baseline stays as it was computed, unless metric, slice, days or its kind change: then it is computed anew.

    Raises `PlanChanged` when somebody else was quicker, `NotAGoal`, `NoSuchGoal`, `NoSuchPlan`, `PlanArchived`,
    `NotAllowed`.
    """
    before = find(plan_id, goal_id)
    kept = None
    seen = queries.seen(before)
    if seen.baseline is not None and seen.baseline_of and _same_baseline(seen, draft):
        kept = Baseline(value=seen.baseline, of=seen.baseline_of)
    values = measured(draft, tables, now, kept=kept)
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        row = locked(plan, goal_id)
        placed(plan, draft, values, but=row.pk)
        new = {**values, "owner_id": owner(draft.owner_id), "parent_id": draft.parent_id, "part": draft.part}
        old = {name: getattr(row, name) for name in new}
        if row.version != version:
            raise PlanChanged(
                by=last_by(plan, "goal", row.pk),
                version=row.version,
                changes=difference(plain(new), plain(old)),
            )
        moved = {name: (old[name], value) for name, value in new.items() if old[name] != value}
        if not moved:
            return row.version
        row.version = version + 1
        for name, value in new.items():
            setattr(row, name, value)
        row.save()
        row_changed(
            plan,
            row,
            "goal.changed",
            actor=actor,
            reason=reason,
            now=now,
            detail={
                "from": plain({n: o for n, (o, _) in moved.items()}),
                "to": plain({n: w for n, (_, w) in moved.items()}),
            },
        )
        return row.version


def rebase(
    *,
    actor: Actor,
    plan_id: int,
    goal_id: int,
    reason: str = "",
    tables: Snapshot | None = None,
    now: datetime,
) -> int:
    """Compute the baseline of a goal anew by the data of today, and a relative target with it; returns its version.

    Raises `NotAGoal`, `NoSuchGoal`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    seen = queries.seen(find(plan_id, goal_id))
    values = measured(draft_of(seen), tables, now)
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        row = locked(plan, goal_id)
        new = {n: values[n] for n in ("baseline", "baseline_of", "target", "shares")}
        old = {name: getattr(row, name) for name in new}
        if old == new:
            return row.version
        row.version += 1
        for name, value in new.items():
            setattr(row, name, value)
        row.save()
        row_changed(
            plan,
            row,
            "goal.rebased",
            actor=actor,
            reason=reason,
            now=now,
            detail={"from": plain(old), "to": plain(new)},
        )
        return row.version


def _same_baseline(seen: GoalSeen, draft: Draft) -> bool:
    return (seen.metric, dict(seen.cut), seen.first_day, seen.last_day, seen.baseline_kind) == (
        draft.metric,
        dict(draft.cut),
        draft.first_day,
        draft.last_day,
        draft.baseline_kind,
    )
