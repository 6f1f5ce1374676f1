"""Saying something, changing it, taking it away; and being told that one was named."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.threads import bodies, mails
from huoshui.desk.threads.errors import (
    CommentChanged,
    NoSuchComment,
    NoSuchMention,
    NotAComment,
    NotYours,
)
from huoshui.desk.threads.models import LONGEST_BODY, Comment, Mention, Wish, Wording
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.web import subjects

MOST_MENTIONS = 50


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a comment: its number, whom it told, and who was named but may not see what it is about."""

    id: int
    told: Sequence[str] = ()
    untold: Sequence[str] = ()


def comment(*, actor: Actor, subject: str, body: str, named: Collection[int] = (), now: datetime) -> Said:
    """Say something about ``subject``. Who is named in it (``@王梅``) is told, if they may see it; ``named`` are added.

    Raises `NotAComment`, `NoSuchSubject` and `NotAllowed`.
    """
    user_id = _writer(actor)
    subjects.seen(actor, subject)
    colleagues = users.names()
    text = _checked(_naming(body, named, colleagues))
    with transaction.atomic():
        row = Comment.objects.create(subject=subject, body=text, by_id=user_id, at=now)
        told, untold = _tell(row, colleagues, user_id, now)
        detail = {"comment": row.pk, "mentions": len(told)}
        mails.tell(by=actor, user_ids=list(told), now=now)
        audit.record(actor=actor, act="comment.added", subject=subject, detail=detail, now=now)
    return Said(row.pk, list(told.values()), list(untold.values()))


def edit(
    *, actor: Actor, comment_id: int, version: int, body: str, named: Collection[int] = (), now: datetime
) -> Said:
    """Change one's own comment; what it said before is kept. Colleagues who are newly named are told.

    ``version`` is the one that the editor saw. Raises `CommentChanged`, `NotYours`, `NoSuchComment`, `NotAComment` and
    `NotAllowed`.
    """
    user_id = _writer(actor)
    colleagues = users.names()
    text = _checked(_naming(body, named, colleagues))
    with transaction.atomic():
        row = _held(actor, comment_id)
        if row.by_id != user_id:
            raise NotYours("Only who wrote this may change it", received=f"comment {comment_id}")
        if row.version != version:
            raise CommentChanged(
                "This comment has changed since you opened it",
                received=f"version {version}",
                valid=f"version {row.version}",
            )
        if text == row.body:
            return Said(row.pk)
        Wording.objects.create(comment=row, version=row.version, body=row.body, until=now)
        row.body, row.version, row.edited_at = text, row.version + 1, now
        row.save(update_fields=["body", "version", "edited_at"])
        told, untold = _tell(row, colleagues, user_id, now)
        mails.tell(by=actor, user_ids=list(told), now=now)
        audit.record(
            actor=actor, act="comment.edited", subject=row.subject, detail={"comment": row.pk}, now=now
        )
    return Said(row.pk, list(told.values()), list(untold.values()))


def delete(*, actor: Actor, comment_id: int, now: datetime) -> None:
    """Take one's own comment away; administrators may take away any. `restore` brings it back.

    Raises `NotYours`, `NoSuchComment` and `NotAllowed`.
    """
    user_id = _writer(actor)
    with transaction.atomic():
        row = _held(actor, comment_id)
        if row.by_id != user_id and not actor.may(Right.USERS_MANAGE):
            raise NotYours("Only who wrote this may delete it", received=f"comment {comment_id}")
        row.deleted_at = now
        row.save(update_fields=["deleted_at"])
        audit.record(
            actor=actor, act="comment.deleted", subject=row.subject, detail={"comment": row.pk}, now=now
        )


def restore(*, actor: Actor, comment_id: int, now: datetime) -> None:
    """Bring a deleted comment back. Raises as `delete`."""
    user_id = _writer(actor)
    with transaction.atomic():
        row = _held(actor, comment_id, deleted=True)
        if row.by_id != user_id and not actor.may(Right.USERS_MANAGE):
            raise NotYours("Only who wrote this may bring it back", received=f"comment {comment_id}")
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])
        audit.record(
            actor=actor, act="comment.restored", subject=row.subject, detail={"comment": row.pk}, now=now
        )


def read(*, actor: Actor, mention_id: int | None = None, now: datetime) -> int:
    """Note that the actor has read a mention of them, or all; returns how many were news. Raises `NoSuchMention`."""
    own = Mention.objects.filter(user_id=actor.user_id or 0)
    if mention_id is not None:
        own = own.filter(pk=mention_id if 0 < mention_id < 2**63 else 0)
        if not own.exists():
            raise NoSuchMention("There is no such mention of you", received=str(mention_id)[:40])
    return own.filter(read_at=None).update(read_at=now)


def wish(*, actor: Actor, mail_mentions: bool) -> None:
    """Say whether the actor wants a mail when they are named. Raises `NotAllowed` for who is no colleague."""
    if actor.user_id is None:
        actor.require(Right.COMMENTS_WRITE)
        return
    Wish.objects.update_or_create(user_id=actor.user_id, defaults={"mail_mentions": mail_mentions})


def _writer(actor: Actor) -> int:
    actor.require(Right.COMMENTS_WRITE)
    if actor.user_id is None:
        raise NotAComment("A comment needs a colleague who says it", received=actor.name)
    return actor.user_id


def _checked(body: str) -> str:
    text = bodies.cleaned(body)
    if not text or len(text) > LONGEST_BODY:
        raise NotAComment(
            "This cannot be a comment",
            received=f"{len(text)} characters",
            valid=f"1 to {LONGEST_BODY} characters",
        )
    return text


def _held(actor: Actor, comment_id: int, *, deleted: bool = False) -> Comment:
    number = comment_id if 0 < comment_id < 2**63 else 0
    row = Comment.objects.select_for_update().filter(pk=number, deleted_at__isnull=not deleted).first()
    if row is None or row.subject not in subjects.named(actor, [row.subject]):
        raise NoSuchComment("There is no such comment", received=str(comment_id)[:40])
    return row


def _naming(body: str, named: Collection[int], colleagues: Mapping[int, str]) -> str:
    """The body with the names of those who were picked and do not stand in it yet."""
    picked = [id_ for id_ in named if id_ in colleagues and id_ not in bodies.mentioned(body, colleagues)]
    return " ".join([body, *(f"@{colleagues[id_]}" for id_ in dict.fromkeys(picked))])


def _tell(
    row: Comment, colleagues: Mapping[int, str], user_id: int, now: datetime
) -> tuple[dict[int, str], dict[int, str]]:
    """Mention those who are named and not yet mentioned; answers whom it told, and who may not see the subject."""
    wanted = bodies.mentioned(row.body, colleagues) - {user_id}
    wanted -= set(Mention.objects.filter(comment=row).values_list("user_id", flat=True))
    told: dict[int, str] = {}
    untold: dict[int, str] = {}
    for id_ in sorted(wanted)[:MOST_MENTIONS]:
        may = row.subject in subjects.named(users.actor_of(id_), [row.subject])
        (told if may else untold)[id_] = colleagues[id_]
    Mention.objects.bulk_create([Mention(comment=row, user_id=id_, at=now) for id_ in told])
    return told, untold
