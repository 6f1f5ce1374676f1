"""What every verb of plans begins and ends with: holding the plan, and telling its story and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.plan.plans.errors import NoSuchPlan, PlanArchived
from huoshui.plan.plans.models import Change, Goal, Measure, Plan, Review
from huoshui.plan.plans.queries import KIND

LONGEST_REASON = 500
LONGEST_SUBJECT = 200


def held(*, actor: Actor, plan_id: int, archived: bool = False, deleted: bool = False) -> Plan:
    """The row of a plan, locked until the caller's transaction ends, for who may write plans.

    ``archived`` and ``deleted`` say that such a plan is wanted too. Raises `NoSuchPlan`, `PlanArchived`, `NotAllowed`;
    outside a transaction `TransactionManagementError`.
    """
    actor.require(Right.PLANS_EDIT)
    row = Plan.objects.select_for_update().filter(pk=plan_id if 0 < plan_id < 2**63 else 0).first()
    if row is None or (row.deleted_at is not None and not deleted):
        raise NoSuchPlan("There is no such plan", received=str(plan_id)[:40])
    if row.state == Plan.State.ARCHIVED and not archived:
        raise PlanArchived("This plan is archived", received=row.title, next_step="Bring it back first")
    return row


def changed(
    plan: Plan,
    *,
    actor: Actor,
    act: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
    reason: str = "",
    now: datetime,
    review: Review | None = None,
    told: Mapping[str, Any] | None = None,
) -> int:
    """Count the change, write a line of the plan's story and an entry of the audit log; return the new version.

    ``act`` is ``noun.verb`` (``goal.added``), ``subject`` names in words what was changed, ``detail`` says from what
    to what, for the story. ``told`` are ids, codes and counts for the audit log, which takes no words. Call it last,
    in the transaction of `held`.
    """
    plan.version += 1
    Plan.objects.filter(pk=plan.pk).update(version=plan.version)
    Change.objects.create(
        plan=plan,
        act=act,
        subject=subject[:LONGEST_SUBJECT],
        detail=dict(detail or {}),
        reason=reason.strip()[:LONGEST_REASON],
        review=review,
        by=actor.name[:200],
        at=now,
    )
    audit.record(
        actor=actor,
        act=act,
        subject=f"{KIND}:{plan.pk}",
        detail={"version": plan.version, **(told or {})},
        now=now,
    )
    return plan.version


def row_changed(
    plan: Plan,
    row: Goal | Measure,
    act: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """`changed`, of one goal or measure: told by its name, and by its number under the noun of ``act``."""
    noun = act.partition(".")[0]
    changed(
        plan,
        actor=actor,
        act=act,
        subject=row.name,
        detail={noun: row.pk, **(detail or {})},
        reason=reason,
        now=now,
        told={noun: row.pk},
    )


def last_by(plan: Plan, noun: str, number: int) -> str:
    """Who changed the goal or measure of this ``number`` last."""
    last = Change.objects.filter(plan=plan, act__startswith=f"{noun}.", **{f"detail__{noun}": number}).first()
    return last.by if last else ""


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as the story of a plan holds them."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
