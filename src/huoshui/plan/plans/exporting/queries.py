"""Questions about snapshots of plans: which there are, and what one says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huoshui.documents import frozen as kept
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.papers import Paper
from huoshui.kernel.texts import Language
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.exporting.errors import NoSuchSnapshot
from huoshui.plan.plans.models import Snapshot

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSeen:
    """The snapshot ``number`` of a plan, of the house version it was made from and in a look of the organisation."""

    number: int
    plan_id: int
    title: str
    house_version: int
    look: int
    note: str
    made_by: str
    made_at: datetime


def snapshots(*, actor: Actor, plan_id: int) -> list[SnapshotSeen]:
    """The snapshots of a plan, the newest first, at most `MOST`. Raises `NoSuchPlan`, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    plan = plans.plan(actor, plan_id)
    rows = Snapshot.objects.filter(plan_id=plan.id).order_by("-number").defer("papers")[:MOST]
    return [_seen(row, plan.title) for row in rows]


def snapshot(*, actor: Actor, plan_id: int, number: int) -> SnapshotSeen:
    """One snapshot. Raises `NoSuchSnapshot`, `NoSuchPlan`, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    plan = plans.plan(actor, plan_id)
    return _seen(_row(plan_id, number), plan.title)


def frozen(*, plan_id: int, number: int, language: Language) -> Paper:
    """The paper of a snapshot as it was frozen; its number and its time are among its facts.

    The caller has asked whether the reader may. Raises `NoSuchSnapshot`; `NotAPaper` for what this version cannot read.
    """
    return kept.thaw(_row(plan_id, number).papers[language])


def paper_of(*, actor: Actor, plan_id: int, number: int, language: Language) -> Paper:
    """`frozen` for a reader. Raises `NoSuchSnapshot`, `NoSuchPlan`, `NotAllowed`, `NotAPaper`."""
    snapshot(actor=actor, plan_id=plan_id, number=number)
    return frozen(plan_id=plan_id, number=number, language=language)


def _row(plan_id: int, number: int) -> Snapshot:
    row = Snapshot.objects.filter(plan_id=plan_id, number=number).first() if 0 < number < 2**31 else None
    if row is None:
        there = Snapshot.objects.filter(plan_id=plan_id).order_by("number").values_list("number", flat=True)
        numbers = [str(one) for one in there[:MOST]]
        raise NoSuchSnapshot(
            "There is no such snapshot",
            received=str(number)[:20],
            valid=", ".join(numbers) or "none yet",
            next_step="Choose another, or leave it out for a snapshot of now",
        )
    return row


def _seen(row: Snapshot, title: str) -> SnapshotSeen:
    return SnapshotSeen(
        number=row.number,
        plan_id=row.plan_id,
        title=title,
        house_version=row.house_version,
        look=row.look,
        note=row.note,
        made_by=row.made_by,
        made_at=row.made_at,
    )
