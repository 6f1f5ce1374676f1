"""Verbs of links: making one, and ending it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.errors import NotAPlan
from huoshui.plan.plans.models import ShareLink, Snapshot
from huoshui.plan.plans.sharing.errors import NoSuchLink
from huoshui.plan.plans.sharing.queries import digest_of

BITS = 32
"""Bytes of a secret: nobody guesses 256 bits, however often they try."""
LONGEST = 365


def share(*, actor: Actor, plan_id: int, snapshot: int, days: int, now: datetime) -> str:
    """Make a link to a snapshot, by its number, for 1 to 365 ``days``; return its secret, which is told only now.

    Raises `NotAPlan` for another number of days or a snapshot that there is not; `NoSuchPlan`, `NotAllowed`.
    """
    actor.require(Right.PLANS_SHARE)
    plan = plans.plan(actor, plan_id)
    if not 1 <= days <= LONGEST:
        raise NotAPlan(
            Text(f"A link lasts 1 to {LONGEST} days", f"链接有效期为 1–{LONGEST} 天"), received=str(days)
        )
    secret = secrets.token_urlsafe(BITS)
    with transaction.atomic():
        row = Snapshot.objects.filter(plan_id=plan.id, number=snapshot).first()
        if row is None:
            raise NotAPlan(Text("There is no such snapshot", "没有这个快照"), received=str(snapshot))
        link = ShareLink.objects.create(
            plan_id=plan.id,
            snapshot=row,
            digest=digest_of(secret),
            expires_at=now + timedelta(days=days),
            made_by=actor.name[:200],
            made_at=now,
        )
        detail = {"link": link.pk, "snapshot": row.number, "days": days}
        audit.record(actor=actor, act="plan.shared", subject=plan.subject, detail=detail, now=now)
    return secret


def end(*, actor: Actor, plan_id: int, link_id: int, now: datetime) -> None:
    """End a link; one that is ended stays so. Raises `NoSuchLink`, `NoSuchPlan`, `NotAllowed`."""
    actor.require(Right.PLANS_SHARE)
    plan = plans.plan(actor, plan_id)
    with transaction.atomic():
        wanted = link_id if 0 < link_id < 2**63 else 0
        row = ShareLink.objects.select_for_update().filter(plan_id=plan.id, pk=wanted).first()
        if row is None:
            raise NoSuchLink("There is no such link", received=str(link_id)[:20])
        if row.ended_at is None:
            ShareLink.objects.filter(pk=row.pk).update(ended_at=now)
            detail = {"link": row.pk}
            audit.record(actor=actor, act="plan.link_ended", subject=plan.subject, detail=detail, now=now)
