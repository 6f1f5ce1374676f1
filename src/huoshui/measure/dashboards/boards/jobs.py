"""Sending boards by mail: what the clock starts, and the letter of one subscription."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic
from huoshui.desk.jobs.services import start
from huoshui.desk.mail import services as mail
from huoshui.desk.users import queries as users
from huoshui.desk.users.errors import NoSuchUser
from huoshui.kernel.actors import Right
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Language, Text
from huoshui.lake import open_lake
from huoshui.measure.dashboards.boards import letters, queries, services
from huoshui.measure.dashboards.boards.errors import NoSuchBoard
from huoshui.measure.dashboards.models import Subscription

DUE, LETTER = "boards.due", "boards.letter"
EVERY = timedelta(minutes=5)


def start_due(job: JobContext) -> None:
    """Start a letter for each subscription that is due; each is claimed by moving it to its next time."""
    zone = HOUSE().zone
    for row in Subscription.objects.filter(next_at__lte=job.now).order_by("next_at", "pk"):
        following = services.following(row.every, row.hour, after=job.now, zone=zone)
        with transaction.atomic():
            mine = Subscription.objects.filter(pk=row.pk, next_at=row.next_at).update(next_at=following)
            if mine:
                arguments = {"subscription_id": row.pk, "due": row.next_at.isoformat()}
                start(actor=job.actor, slug=LETTER, arguments=arguments, now=job.now)


def write(job: JobContext, *, subscription_id: int, due: str) -> None:
    """Put the letter of a subscription into the outbox, once for the time it was ``due``.

    With the rights and the scope that the colleague has now. Nothing goes to who was deactivated, who may not see
    the board any more, or where nothing can be sent.
    """
    row = Subscription.objects.filter(pk=subscription_id).first()
    if row is None or not mail.can_send():
        return
    try:
        actor = users.actor_of(row.user_id)
        if not actor.may(Right.CUSTOMERS_VIEW):
            return
        board = queries.board(actor=actor, board_id=row.board_id)
    except (NoSuchUser, NoSuchBoard):
        return
    colleague = users.colleague(row.user_id)
    language: Language = "zh" if colleague.language.startswith("zh") else "en"
    leave = f"{settings.HUOSHUI_URL.rstrip('/')}{reverse('boards:leave', args=[services.leaving(row.pk)])}"
    written = letters.write(
        board,
        tables=open_lake().snapshot(),
        actor=actor,
        house=HOUSE(),
        language=language,
        leave=leave,
        now=job.now,
    )
    moment = datetime.fromisoformat(due)
    with transaction.atomic():
        # A job may run twice, and two workers may write at once: whoever notes the time first sends.
        unsent = Q(sent_for=None) | Q(sent_for__lt=moment)
        if Subscription.objects.filter(unsent, pk=row.pk).update(sent_for=moment):
            mail.send(
                to=colleague.email,
                subject=written.subject,
                text=written.text,
                html=written.html,
                pictures=written.pictures,
                leave=leave,
                now=job.now,
            )


def declare() -> None:
    """The kinds of job, and the clock's look for what is due."""
    label = Text("Boards by mail", "邮件发送看板")
    KINDS.declare(
        JobKind(slug=DUE, label=label, run=start_due, quick=True, hidden=True),
        JobKind(slug=LETTER, label=label, run=write, hidden=True),
    )
    PERIODIC.declare(Periodic(slug=DUE, label=label, kind=DUE, every=EVERY))
