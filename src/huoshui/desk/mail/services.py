"""Verbs of mail."""

from __future__ import annotations

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic, TryAgain
from huoshui.desk.jobs.services import start
from huoshui.desk.mail import delivery
from huoshui.desk.mail.models import Enclosure, Letter
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text

KIND = "mail.deliver"
RETRIES = 8
READABLE = timedelta(days=7)
"""How long the words of letters that were not sent can be read; no link in them works longer."""
REMEMBERED = timedelta(days=90)

PNG = b"\x89PNG\r\n\x1a\n"

MAILER = Actor(name="mail", rights=frozenset())

_NAME = re.compile(r"[a-z0-9_.-]{1,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class From:
    """Who a letter comes from, where that is not the house."""

    name: str
    address: str
    reply_to: str = ""


class NotAHeader(HuoshuiError):
    """A subject or an address that would write headers of its own."""

    code = "not_a_header"
    says = Text("A subject and an address are one line", "主题和地址只能是一行")


class NotAPicture(HuoshuiError):
    """A file that cannot be shown in a letter."""

    code = "not_a_picture"
    says = Text("A picture in a letter is a PNG file", "邮件中的图片须为 PNG 文件")


class NoSuchLetter(HuoshuiError):
    """There is no letter of this number that could be sent again."""

    code = "no_such_letter"
    says = Text("There is no such letter to send", "没有这封待发送的邮件")


def send(
    *,
    to: str,
    subject: str,
    text: str,
    now: datetime,
    html: str = "",
    pictures: Mapping[str, bytes] | None = None,
    leave: str = "",
    sender: From | None = None,
) -> bool:
    """Put a letter into the outbox, in the caller's transaction; says whether it will be sent.

    ``html`` is a whole page that says the same as ``text``; it stands for itself, so whoever makes it escapes what
    it says. ``pictures`` are PNG files that it shows as ``cid:NAME``. ``leave`` is where a subscription is ended.
    It comes from ``sender``, or from the house. Where the letter will not be sent, administrators can read its text.
    Raises `NotAHeader` for a subject or an address
    of several lines, `NotAPicture`.
    """
    headers = (subject, leave, *(pictures or {}))
    if any(map(_CONTROL.search, headers)) or not subject.strip() or not delivery.is_address(to):
        raise NotAHeader(
            "This would write headers of its own", received=repr((to, subject))[:200], valid="one line each"
        )
    for name, content in (pictures or {}).items():
        if not _NAME.fullmatch(name) or not content.startswith(PNG):
            raise NotAPicture("This cannot stand in a letter", received=name[:40], valid="a PNG file")
    addresses = [one for one in (sender.address, sender.reply_to) if one] if sender else []
    if not all(map(delivery.is_address, addresses)):
        raise NotAHeader("This is no sender", received=repr(addresses)[:200], valid="one e-mail address each")
    goes = can_send()
    with transaction.atomic():
        letter = Letter.objects.create(
            to=to,
            subject=subject[:200],
            text=text,
            html=html,
            leave=leave,
            from_address=sender.address if sender else "",
            from_name=sender.name[:200] if sender else "",
            reply_to=sender.reply_to if sender else "",
            state="waiting" if goes else "kept",
            created_at=now,
            message_id=secrets.token_hex(16),
        )
        Enclosure.objects.bulk_create(
            [
                Enclosure(letter=letter, name=name, content=b64encode(png).decode())
                for name, png in (pictures or {}).items()
            ]
        )
        if goes:
            start(actor=MAILER, slug=KIND, arguments={"letter_id": int(letter.pk)}, now=now)
    return goes


def can_send() -> bool:
    """Whether letters are sent: there is a mail server, and the house is neither a copy nor invented."""
    return (
        settings.HUOSHUI_SMTP is not None and organisation.fence() is None and not organisation.current().demo
    )


def send_again(*, actor: Actor, letter_id: int, now: datetime) -> None:
    """Try a letter again that could not be sent. Raises `NoSuchLetter`, `NotAllowed`."""
    actor.require(Right.USERS_MANAGE)
    with transaction.atomic():
        again = Letter.objects.filter(pk=letter_id, state__in=("failed", "kept")).exclude(text="")
        if not can_send() or not again.update(state="waiting", attempts=0, error=""):
            raise NoSuchLetter("There is no such letter to send", received=str(letter_id))
        start(actor=MAILER, slug=KIND, arguments={"letter_id": letter_id}, now=now)
        audit.record(actor=actor, act="mail.restarted", subject=f"letter:{letter_id}", now=now)


def deliver(job: JobContext, *, letter_id: int) -> None:
    """Hand a letter to the mail server. Raises `TryAgain` where it may work later."""
    letter = Letter.objects.filter(pk=letter_id, state="waiting").first()
    if letter is None:
        return  # sent by an attempt whose worker was killed just after, or forgotten
    smtp = settings.HUOSHUI_SMTP
    if smtp is None or not can_send():
        Letter.objects.filter(pk=letter_id).update(state="kept")
        return
    message = delivery.message(
        sender=letter.from_address or smtp.sender,
        name=letter.from_name if letter.from_address else organisation.current().name,
        reply_to=letter.reply_to,
        to=letter.to,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        pictures={one.name: b64decode(one.content) for one in letter.enclosures.order_by("pk")},
        leave=letter.leave,
        message_id=letter.message_id,
        now=job.now,
    )
    try:
        delivery.hand_over(message, smtp, sender=letter.from_address)
    except delivery.NotTaken as error:
        attempts = letter.attempts + 1
        lasting = error.lasting or attempts > RETRIES
        Letter.objects.filter(pk=letter_id).update(
            attempts=attempts, error=str(error)[:300], state="failed" if lasting else "waiting"
        )
        if lasting:
            return
        raise TryAgain("The mail server could not be used", received=str(error)[:200]) from error
    with transaction.atomic():
        Letter.objects.filter(pk=letter_id).update(
            state="sent", text="", html="", error="", sent_at=job.now, attempts=letter.attempts + 1
        )
        letter.enclosures.all().delete()


def forget(job: JobContext) -> None:
    """A job: `tidy`."""
    tidy(now=job.now)


def tidy(*, now: datetime) -> None:
    """Forget the words of letters whose links work no more, and letters of long ago."""
    unread = Letter.objects.filter(created_at__lt=now - READABLE, state__in=("failed", "kept"))
    unread.update(text="", html="")
    Enclosure.objects.filter(letter__in=unread).delete()
    Letter.objects.filter(created_at__lt=now - REMEMBERED).exclude(state="waiting").delete()


def declare() -> None:
    """The kind of job that sends, and the one that forgets."""
    label = Text("Mail", "邮件")
    KINDS.declare(JobKind(slug=KIND, label=label, run=deliver, retries=RETRIES, quick=True, hidden=True))
    KINDS.declare(JobKind(slug="mail.tidy", label=label, run=forget, quick=True, hidden=True))
    PERIODIC.declare(Periodic(slug="mail.tidy", label=label, kind="mail.tidy", every=timedelta(hours=6)))
