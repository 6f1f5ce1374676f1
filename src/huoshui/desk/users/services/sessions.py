"""Browsers that are signed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session as DjangoSession
from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic
from huoshui.desk.users.errors import NoSuchUser
from huoshui.desk.users.models import Link, Session, Tries, User
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
SWEEP = "users.sweep"


@transaction.atomic
def note_sign_in(*, user_id: int, key: str, address: str, agent: str, actor: Actor, now: datetime) -> int:
    """Note that a browser signed in, and return the number of its session."""
    row = Session.objects.create(
        user_id=user_id,
        key=key,
        began_at=now,
        seen_at=now,
        confirmed_at=now,
        address=address[:45],
        agent=agent[:80],
    )
    audit.record(actor=actor, act="user.signed_in", subject=f"user:{user_id}", now=now)
    return int(row.pk)


@transaction.atomic
def end_session(*, actor: Actor, session_id: int, now: datetime) -> None:
    """End one session: one's own, or with the right to manage colleagues anybody's. Raises `NoSuchUser`."""
    row = Session.objects.filter(pk=session_id).first()
    if row is None or (row.user_id != actor.user_id and not actor.may(Right.USERS_MANAGE)):
        raise NoSuchUser("There is no such session", received=str(session_id))
    DjangoSession.objects.filter(pk=row.key).delete()
    row.delete()
    audit.record(actor=actor, act="session.ended", subject=f"user:{row.user_id}", now=now)


@transaction.atomic
def end_sessions(*, actor: Actor, user_id: int, but: int | None = None, now: datetime) -> int:
    """End all sessions of a colleague, but for the one with the number ``but``, and return how many there were.

    One's own, or with the right to manage colleagues anybody's. Raises `NotAllowed`, `NoSuchUser`.
    """
    if user_id != actor.user_id:
        actor.require(Right.USERS_MANAGE)
    if not User.objects.filter(pk=user_id).exists():
        raise NoSuchUser("No colleague has this number", received=str(user_id))
    rows = Session.objects.filter(user_id=user_id).exclude(pk=but or 0)
    DjangoSession.objects.filter(pk__in=list(rows.values_list("key", flat=True))).delete()
    number, _ = rows.delete()
    audit.record(
        actor=actor, act="session.ended", subject=f"user:{user_id}", detail={"number": number}, now=now
    )
    return number


def declare() -> None:
    """The job that takes away what has run out."""
    label = Text("Sign-ins that have run out", "过期的登录")
    KINDS.declare(JobKind(slug=SWEEP, label=label, run=_sweep, quick=True, hidden=True))
    PERIODIC.declare(Periodic(slug=SWEEP, label=label, kind=SWEEP, every=timedelta(hours=6)))


def _sweep(job: JobContext) -> None:
    sweep(now=job.now)


def sweep(*, now: datetime) -> None:
    """Take away what has run out: sessions, links, counts of tries."""
    Session.objects.filter(seen_at__lt=now - IDLE).delete()
    Session.objects.filter(began_at__lt=now - LONGEST).delete()
    Link.objects.filter(expires_at__lt=now).delete()
    Tries.objects.filter(until__lt=now).delete()
    DjangoSession.objects.filter(expire_date__lt=now).delete()
