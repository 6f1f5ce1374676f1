"""Questions about mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.desk.mail.models import Letter
from huoshui.kernel.actors import Actor, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter as values. ``text`` is empty once it was sent."""

    id: int
    to: str
    subject: str
    text: str
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    error: str


def letters(*, actor: Actor, limit: int = 100) -> Sequence[Mail]:
    """The newest letters, with the words of those that were not sent. Raises `NotAllowed`."""
    actor.require(Right.USERS_MANAGE)
    return [
        Mail(
            id=int(row.pk),
            to=row.to,
            subject=row.subject,
            text=row.text if row.state in ("failed", "kept") else "",
            state=row.state,
            attempts=row.attempts,
            created_at=row.created_at,
            sent_at=row.sent_at,
            error=row.error,
        )
        for row in Letter.objects.order_by("-id")[:limit]
    ]


def counts() -> Mapping[str, int]:
    """How many letters are in which state."""
    return Counter(Letter.objects.values_list("state", flat=True))
