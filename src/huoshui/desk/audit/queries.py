"""Questions to the audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet

from huoshui.desk.audit import chain
from huoshui.desk.audit.models import Entry, Head
from huoshui.kernel.actors import Actor, Right

LOOKED_AT = 20_000
"""How many of the newest entries are verified where not all are asked for."""

SIZE = 50
"""Entries on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One entry of the log."""

    number: int
    at: datetime
    actor: str
    user_id: int | None
    act: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What entries are asked for; what is empty does not narrow them down.

    ``actor`` is the beginning of a name; ``act`` is ``noun.verb`` or a noun alone; ``since`` is in, ``until`` is out.
    """

    actor: str = ""
    act: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of entries, newest first. ``older`` is the number before which the next page begins, or None."""

    acts: Sequence[Act]
    older: int | None


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not as it was written, and how: its content was *changed*, one or more entries before
    it are *missing*, or the log does not *end* with its newest entry."""

    number: int
    how: Literal["changed", "missing", "end"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. ``digest`` is that of the newest entry; so many ``entries`` were looked at."""

    entries: int
    newest: int
    digest: str
    broken: Broken | None


def find(*, actor: Actor, asked: Asked, before: int | None = None, size: int = SIZE) -> Found:
    """The newest entries that were asked for, those before the number ``before``. Raises `NotAllowed`."""
    actor.require(Right.AUDIT_VIEW)
    rows = _asked(asked)
    if before is not None:
        rows = rows.filter(number__lt=before)
    found = [_act(row) for row in rows.order_by("-number")[: size + 1]]
    return Found(found[:size], found[size - 1].number if len(found) > size else None)


def count(*, actor: Actor, asked: Asked) -> int:
    """How many entries were asked for. Raises `NotAllowed`."""
    actor.require(Right.AUDIT_VIEW)
    return _asked(asked).count()


def acts_of(*, actor: Actor, subject: str, limit: int = 20) -> Sequence[Act]:
    """What was done with ``subject`` lately, newest first. Raises `NotAllowed`."""
    return find(actor=actor, asked=Asked(subject=subject), size=limit).acts


def newest() -> int:
    """How many entries there are."""
    return Head.objects.filter(id=1).values_list("number", flat=True).first() or 0


def verify(*, last: int | None = None) -> Verdict:
    """Walk the log from its beginning, or the ``last`` entries, and name the first that is not as it was written."""
    head = Head.objects.filter(id=1).first() or Head()
    rows = Entry.objects.order_by("number")
    number, previous = 0, ""
    if last is not None and head.number > last:
        before = Entry.objects.filter(number=head.number - last).first()
        number = head.number - last
        if before is None:
            return Verdict(0, head.number, head.digest, Broken(number, "missing"))
        previous = before.digest
        rows = rows.filter(number__gt=number)
    looked = 0
    for row in rows.iterator(chunk_size=5_000):
        number += 1
        if row.number != number:
            return Verdict(looked, head.number, head.digest, Broken(number, "missing"))
        made = chain.digest(
            previous=previous,
            number=row.number,
            at=row.at,
            actor=row.actor,
            user_id=row.user_id,
            act=row.act,
            subject=row.subject,
            detail=row.detail,
        )
        if row.previous != previous or row.digest != made:
            return Verdict(looked, head.number, head.digest, Broken(number, "changed"))
        previous = row.digest
        looked += 1
        if number == head.number and previous != head.digest:
            return Verdict(looked, head.number, head.digest, Broken(number, "changed"))
    # Others may have appended since the head was read, but then it has moved on as well.
    if number < head.number or number > newest():
        return Verdict(looked, head.number, head.digest, Broken(number + 1, "end"))
    return Verdict(looked, head.number, head.digest, None)


def _asked(asked: Asked) -> QuerySet[Entry]:
    rows = Entry.objects.all()
    if asked.actor:
        rows = rows.filter(actor__istartswith=asked.actor)
    if asked.act:
        rows = (
            rows.filter(act=asked.act) if "." in asked.act else rows.filter(act__startswith=f"{asked.act}.")
        )
    if asked.subject:
        rows = rows.filter(subject=asked.subject)
    if asked.since is not None:
        rows = rows.filter(at__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(at__lt=asked.until)
    return rows


def _act(row: Entry) -> Act:
    return Act(
        number=row.number,
        at=row.at,
        actor=row.actor,
        user_id=row.user_id,
        act=row.act,
        subject=row.subject,
        detail=json.loads(row.detail) if row.detail else {},
    )
