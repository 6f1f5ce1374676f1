"""Keeping versions of a text or document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.threads import queries
from huoshui.desk.threads.errors import NotAContent
from huoshui.desk.threads.models import LONGEST_SUBJECT, Version
from huoshui.kernel.actors import Actor, Right
from huoshui.web import subjects

LARGEST = 1_000_000
LONGEST_NOTE = 500


def save_version(
    *, actor: Actor, subject: str, content: Mapping[str, Any] | str, note: str = "", now: datetime
) -> int:
    """Keep ``content`` as the next version of ``subject`` and return its number, from 1.

    What equals the newest version makes no new one. Raises `NotAContent` for what JSON cannot say, and for more than
    1,000,000 characters of it; `NoSuchSubject` and `NotAllowed`.
    """
    actor.require(Right.COMMENTS_WRITE)
    if len(subject) > LONGEST_SUBJECT:
        raise NotAContent("The name of the subject is too long", received=repr(subject[:80]))
    subjects.seen(actor, subject)
    plain = _plain(content)
    try:
        return _saved(actor, subject, plain, note, now)
    except IntegrityError:
        # Two saved at once: the other one has this number now, so this is the version after it.
        return _saved(actor, subject, plain, note, now)


def restore_version(*, actor: Actor, subject: str, number: int, now: datetime) -> int:
    """Make the content of version ``number`` the newest version and return its number. Raises `NoSuchVersion`."""
    old = queries.version(actor=actor, subject=subject, number=number)
    return save_version(actor=actor, subject=subject, content=old.content, note=f"← {number}", now=now)


def _saved(actor: Actor, subject: str, plain: Any, note: str, now: datetime) -> int:
    with transaction.atomic():
        last = Version.objects.filter(subject=subject).order_by("-number").first()
        if last is not None and json.dumps(last.content, sort_keys=True) == json.dumps(plain, sort_keys=True):
            return last.number
        number = last.number + 1 if last else 1
        Version.objects.create(
            subject=subject,
            number=number,
            content=plain,
            note=note.strip()[:LONGEST_NOTE],
            by_id=actor.user_id,
            at=now,
        )
        audit.record(actor=actor, act="version.saved", subject=subject, detail={"version": number}, now=now)
    return number


def _plain(content: Mapping[str, Any] | str) -> Any:
    """The content as JSON has it: tuples are lists, keys are texts."""
    try:
        text = json.dumps(content if isinstance(content, str) else dict(content), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise NotAContent(
            "This cannot be kept as a version",
            received=type(content).__name__,
            valid="a text, or what JSON can say",
        ) from error
    if len(text) > LARGEST or "\\u0000" in text:
        raise NotAContent(
            "This cannot be kept as a version",
            received=f"{len(text)} characters",
            valid=f"at most {LARGEST} characters, no zero bytes",
        )
    return json.loads(text)
