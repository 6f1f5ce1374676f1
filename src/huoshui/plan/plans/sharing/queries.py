"""Questions about links: which a plan has, and what one opens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from huoshui.documents import frozen
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.papers import Paper
from huoshui.kernel.texts import Language
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.models import ShareLink, Snapshot
from huoshui.plan.plans.sharing.errors import NoSuchLink


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSeen:
    """A link to the snapshot ``number`` of a plan. ``open`` says that it can be read by now."""

    id: int
    number: int
    made_by: str
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSeen:
    """A snapshot that can be shared."""

    number: int
    made_at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a secret opens: a snapshot of a plan, until a moment."""

    plan_id: int
    snapshot_id: int
    number: int
    made_at: datetime
    expires_at: datetime


def links(*, actor: Actor, plan_id: int, now: datetime) -> list[LinkSeen]:
    """The links of a plan, the newest first, at most 100. Raises `NoSuchPlan`, `NotAllowed`."""
    actor.require(Right.PLANS_SHARE)
    plans.plan(actor, plan_id)
    rows = ShareLink.objects.filter(plan_id=plan_id).select_related("snapshot").order_by("-made_at", "-pk")
    return [
        LinkSeen(
            id=row.pk,
            number=row.snapshot.number,
            made_by=row.made_by,
            made_at=row.made_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            open=row.ended_at is None and row.expires_at > now,
        )
        for row in rows[:100]
    ]


def snapshots(*, actor: Actor, plan_id: int) -> list[SnapshotSeen]:
    """The snapshots of a plan, the newest first, at most 100. Raises `NoSuchPlan`, `NotAllowed`."""
    actor.require(Right.PLANS_SHARE)
    plans.plan(actor, plan_id)
    rows = (
        Snapshot.objects.filter(plan_id=plan_id).order_by("-number").values("number", "made_at", "note")[:100]
    )
    return [SnapshotSeen(**row) for row in rows]


def paper(opened: Opened, *, language: Language) -> Paper:
    """The paper that a link opens, as it was frozen. Raises `NotAPaper` for what this version cannot read."""
    papers = Snapshot.objects.values_list("papers", flat=True).get(pk=opened.snapshot_id)
    return frozen.thaw(papers[language if language in papers else next(iter(papers))])


def opened(secret: str, *, now: datetime) -> Opened:
    """What a secret opens, for whoever holds it. Raises `NoSuchLink`."""
    row = (
        ShareLink.objects.filter(
            digest=digest_of(secret), ended_at=None, expires_at__gt=now, plan__deleted_at=None
        )
        .select_related("snapshot")
        .first()
    )
    if row is None:
        raise NoSuchLink(
            "This link is not valid, or no longer", next_step="Ask whoever sent it for a new one"
        )
    return Opened(
        plan_id=row.plan_id,
        snapshot_id=row.snapshot_id,
        number=row.snapshot.number,
        made_at=row.snapshot.made_at,
        expires_at=row.expires_at,
    )


def digest_of(secret: str) -> str:
    """What is kept of a secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
