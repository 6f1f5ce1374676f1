"""Questions about comments and mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huoshui.desk.threads.errors import NoSuchComment
from huoshui.desk.threads.models import Comment, Mention, Wish, Wording
from huoshui.kernel.actors import Actor
from huoshui.web import subjects

SIZE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A comment. ``by`` is a name."""

    id: int
    subject: str
    body: str
    by_id: int
    by: str
    at: datetime
    version: int
    edited_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The actor was named in a comment; ``title`` and ``address`` are of what it is about."""

    id: int
    note: Note
    title: str
    address: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of comments or notices, and how many there are in all."""

    rows: Sequence[Any]
    total: int


def comments(*, actor: Actor, subject: str, page: int = 1, size: int = SIZE) -> Page:
    """What was said about ``subject``, newest first. Raises `NoSuchSubject`; a page past the end is empty."""
    subjects.seen(actor, subject)
    rows = Comment.objects.filter(subject=subject, deleted_at=None)
    first = max(0, page - 1) * size
    found = rows.select_related("by").order_by("-at", "-pk")[first : first + size]
    return Page([_note(row) for row in found], rows.count())


def comment(*, actor: Actor, comment_id: int) -> Note:
    """One comment. Raises `NoSuchComment`."""
    number = comment_id if 0 < comment_id < 2**63 else 0
    row = Comment.objects.select_related("by").filter(pk=number, deleted_at=None).first()
    if row is None or row.subject not in subjects.named(actor, [row.subject]):
        raise NoSuchComment("There is no such comment", received=str(comment_id)[:40])
    return _note(row)


def wordings(*, actor: Actor, comment_id: int) -> list[tuple[str, datetime]]:
    """What a comment said before, and until when, newest first. Raises `NoSuchComment`."""
    found = comment(actor=actor, comment_id=comment_id)
    return list(Wording.objects.filter(comment_id=found.id).order_by("-version").values_list("body", "until"))


def mentions(*, actor: Actor, page: int = 1, size: int = SIZE, mention_id: int | None = None) -> Page:
    """Where the actor was named, newest first; what they may no longer see is left out of the page."""
    own = Mention.objects.filter(user_id=actor.user_id or 0, comment__deleted_at=None)
    if mention_id is not None:
        own = own.filter(pk=mention_id)
    first = max(0, page - 1) * size
    rows = list(own.select_related("comment__by").order_by("-at", "-pk")[first : first + size])
    seen = subjects.named(actor, {row.comment.subject for row in rows})
    notices = [
        Notice(
            id=row.pk,
            note=_note(row.comment),
            title=seen[row.comment.subject].title,
            address=seen[row.comment.subject].address,
            read_at=row.read_at,
        )
        for row in rows
        if row.comment.subject in seen
    ]
    return Page(notices, own.count())


def unread(*, actor: Actor) -> int:
    """How many mentions are news to the actor."""
    return Mention.objects.filter(user_id=actor.user_id or 0, read_at=None, comment__deleted_at=None).count()


def wants_mail(user_id: int) -> bool:
    """Whether a colleague wants a mail when they are named."""
    said = Wish.objects.filter(user_id=user_id).values_list("mail_mentions", flat=True).first()
    return said is not False


def _note(row: Comment) -> Note:
    return Note(
        id=row.pk,
        subject=row.subject,
        body=row.body,
        by_id=row.by_id,
        by=row.by.name,
        at=row.at,
        version=row.version,
        edited_at=row.edited_at,
    )
