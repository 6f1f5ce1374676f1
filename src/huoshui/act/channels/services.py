"""Verbs of e-mail to customers: senders, how it is sent, addresses that get none."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from huoshui.act.channels.errors import (
    NoSuchSender,
    NoSuchUnreachable,
    NotAMailSetting,
    NotAnAddress,
    NotASender,
)
from huoshui.act.channels.models import MailSetting, Sender, Unreachable
from huoshui.act.channels.queries import seen_by
from huoshui.data.customers.normalise import NotAnIdentity, normalise_email
from huoshui.desk.audit import services as audit
from huoshui.desk.mail.delivery import in_ascii, is_address
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text

LONGEST_NAME = 100
LONGEST_CONTACT = 300
_SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A sender as somebody writes it; see ``Sender``."""

    name: str
    address: str
    reply_to: str = ""
    contact: str = ""
    selector: str = ""
    team_ids: Collection[int] = ()


def add_sender(*, actor: Actor, draft: Draft, now: datetime) -> int:
    """Declare somebody whom e-mail comes from; the first one is the usual one. Raises `NotASender`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    draft = _checked(draft)
    with transaction.atomic():
        row = Sender.objects.create(
            slug=_free_slug(draft), usual=not Sender.objects.filter(usual=True).exists(), **_fields(draft)
        )
        row.teams.set(draft.team_ids)
        _note(actor, "sender.added", row.pk, now)
    return row.pk


def change_sender(*, actor: Actor, sender_id: int, draft: Draft, now: datetime) -> None:
    """Write a sender anew. What was sent stays as it was. Raises `NoSuchSender`, `NotASender`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    draft = _checked(draft)
    with transaction.atomic():
        row = _sender(sender_id)
        Sender.objects.filter(pk=row.pk).update(**_fields(draft))
        row.teams.set(draft.team_ids)
        _note(actor, "sender.changed", row.pk, now)


def make_usual(*, actor: Actor, sender_id: int, now: datetime) -> None:
    """Let e-mail come from this sender where nobody is named. Raises `NoSuchSender`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        row = _sender(sender_id, retired=False)
        Sender.objects.filter(usual=True).update(usual=False)
        Sender.objects.filter(pk=row.pk).update(usual=True)
        _note(actor, "sender.made_usual", row.pk, now)


def retire_sender(*, actor: Actor, sender_id: int, now: datetime) -> None:
    """Send as this sender no more; messages of theirs that wait are kept waiting.

    Raises `NotASender` for the usual one, `NoSuchSender`, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        row = _sender(sender_id, retired=False)
        if row.usual:
            raise NotASender(
                Text(
                    "This is the usual sender. Make another one usual first.",
                    "这是默认发件人。请先把别的发件人设为默认。",
                )
            )
        Sender.objects.filter(pk=row.pk).update(retired_at=now)
        _note(actor, "sender.retired", row.pk, now)


def bring_back_sender(*, actor: Actor, sender_id: int, now: datetime) -> None:
    """Undo `retire_sender`. Raises `NoSuchSender`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        row = _sender(sender_id, retired=True)
        Sender.objects.filter(pk=row.pk).update(retired_at=None)
        _note(actor, "sender.brought_back", row.pk, now)


def set_mailing(*, actor: Actor, bounce_address: str, plus: bool, now: datetime) -> None:
    """Say where mail comes back to. Raises `NotAMailSetting`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    bounce_address = bounce_address.strip().lower()
    if bounce_address and not _is_writable(bounce_address):
        raise NotAMailSetting(
            Text("This is no e-mail address", "这不是电子邮箱地址"),
            received=bounce_address[:60],
            valid="an address such as bounces@example.com",
        )
    with transaction.atomic():
        MailSetting.objects.update_or_create(id=1, defaults={"bounce_address": bounce_address, "plus": plus})
        audit.record(actor=actor, act="mailing.changed", detail={"plus": plus}, now=now)


def close(*, actor: Actor, address: str, why: str, now: datetime) -> int:
    """Send no e-mail to an address any more; returns its number, the old one where it got none before.

    Raises `NotAnAddress`, `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    try:
        plain = normalise_email(address)
    except NotAnIdentity as error:
        raise NotAnAddress("This is no e-mail address", received=address[:60], valid=error.valid) from error
    with transaction.atomic():
        row, fresh = Unreachable.objects.get_or_create(
            address=plain,
            lifted_at=None,
            defaults={
                "reason": "by_hand",
                "answer": " ".join(why.split())[:200],
                "since": now,
                "added_by": actor.name,
            },
        )
        if fresh:
            audit.record(actor=actor, act="address.closed", subject=f"unreachable:{row.pk}", now=now)
    return row.pk


def lift(*, actor: Actor, unreachable_id: int, now: datetime) -> None:
    """Let an address get e-mail again. Consent that a complaint took is not given back by this.

    Raises `NoSuchUnreachable`, `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    with transaction.atomic():
        kept = seen_by(actor).filter(pk=unreachable_id, lifted_at=None)
        if not kept.update(lifted_at=now, lifted_by_id=actor.user_id):
            raise NoSuchUnreachable(
                "This address is not kept from getting e-mail", received=str(unreachable_id)
            )
        audit.record(actor=actor, act="address.lifted", subject=f"unreachable:{unreachable_id}", now=now)


def close_again(*, actor: Actor, unreachable_id: int, now: datetime) -> None:
    """Undo `lift`; nothing changes where the address was closed anew. Raises `NoSuchUnreachable`, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_EDIT)
    with transaction.atomic():
        row = seen_by(actor).filter(pk=unreachable_id).first()
        if row is None:
            raise NoSuchUnreachable("There is no such address", received=str(unreachable_id))
        if not Unreachable.objects.filter(address=row.address, lifted_at=None).exists():
            Unreachable.objects.filter(pk=row.pk).update(lifted_at=None, lifted_by=None)
            audit.record(actor=actor, act="address.closed", subject=f"unreachable:{row.pk}", now=now)


def _checked(draft: Draft) -> Draft:
    """The draft with its texts trimmed. Raises `NotASender`."""
    name, contact = " ".join(draft.name.split()), " ".join(draft.contact.split())
    address, reply_to, selector = (
        text.strip() for text in (draft.address.lower(), draft.reply_to.lower(), draft.selector)
    )
    if not name or len(name) > LONGEST_NAME or _CONTROL.search(name):
        raise NotASender(
            Text(f"A name has 1 to {LONGEST_NAME} characters", f"名称须为 1 到 {LONGEST_NAME} 个字符"),
            received=name[:60],
        )
    if len(contact) > LONGEST_CONTACT or _CONTROL.search(contact):
        raise NotASender(
            Text(f"This has at most {LONGEST_CONTACT} characters", f"最多 {LONGEST_CONTACT} 个字符")
        )
    for written in (address, *([reply_to] if reply_to else [])):
        if not _is_writable(written):
            raise NotASender(
                Text("This is no e-mail address", "这不是电子邮箱地址"),
                received=written[:60],
                valid="an address such as shop@example.com",
            )
    if selector and not _SELECTOR.fullmatch(selector):
        raise NotASender(
            Text("This is no DKIM selector", "这不是 DKIM 选择器"),
            received=selector[:60],
            valid="letters, digits, dots and hyphens, such as mail2026",
        )
    return Draft(
        name=name,
        address=address,
        reply_to=reply_to,
        contact=contact,
        selector=selector,
        team_ids=draft.team_ids,
    )


def _is_writable(address: str) -> bool:
    """Whether a mail server takes this as the address of a sender: before the @ it is ASCII."""
    if not is_address(address) or not address.rpartition("@")[0].isascii():
        return False
    try:
        return is_address(in_ascii(address))
    except ValueError:
        return False


def _fields(draft: Draft) -> dict[str, str]:
    names = ("name", "address", "reply_to", "contact", "selector")
    return {name: getattr(draft, name) for name in names}


def _free_slug(draft: Draft) -> str:
    base = slugify(draft.address.partition("@")[0])[:30] or "sender"
    taken = set(Sender.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(
        slug for n in range(len(taken) + 1) if (slug := f"{base}-{n + 1}" if n else base) not in taken
    )


def _sender(sender_id: int, *, retired: bool | None = None) -> Sender:
    row = Sender.objects.filter(pk=sender_id).first()
    if row is None or (retired is not None and (row.retired_at is not None) != retired):
        raise NoSuchSender("There is no such sender", received=str(sender_id))
    return row


def _note(actor: Actor, act: str, sender_id: int, now: datetime) -> None:
    audit.record(actor=actor, act=act, subject=f"sender:{sender_id}", now=now)
