"""Verbs of the audit log: there is one, appending."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from huoshui.desk.audit import chain
from huoshui.desk.audit.models import Entry, Head
from huoshui.kernel.actors import Actor

BATCH = 500

_ACT = re.compile(r"[a-z_]+\.[a-z_]+")
_MAIL = re.compile(r"[^\s@\"']+@[^\s@\"']+\.[^\s@\"']+")
# A mobile number of China, or any number with its country code; not a run of digits inside a longer one.
_PHONE = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\+\d[\d ()-]{6,}\d)(?![0-9A-Za-z])"
)


def record(
    *,
    actor: Actor,
    act: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> int:
    """Append one act to the log, in the caller's transaction, and return its number.

    ``act`` is ``noun.verb`` (``customer.viewed``), ``subject`` is ``kind:id`` (``customer:482113095127844``),
    ``detail`` holds ids, codes and counts. Raises ``ValueError`` for an act of another form, and for a phone number or
    an e-mail address in ``detail`` or ``subject``: the log is kept longer than customers are.

    Others who append wait until the caller's transaction ends: call it last. On its own it takes one transaction.
    """
    return _append(actor, act, [subject], detail, now)


def record_many(
    *,
    actor: Actor,
    act: str,
    subjects: Sequence[str],
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Append the same act for each of ``subjects``; nothing for none. Otherwise like `record`.

    For some hundreds. An act on many thousands is one entry with their number.
    """
    if subjects:
        _append(actor, act, subjects, detail, now)


def _append(
    actor: Actor, act: str, subjects: Sequence[str], detail: Mapping[str, Any] | None, now: datetime
) -> int:
    text = chain.canonical(detail)
    if not _ACT.fullmatch(act):
        raise ValueError(f"an act is written noun.verb, not {act!r}")
    for said in (text, *subjects):
        if ("@" in said and _MAIL.search(said)) or _PHONE.search(said):
            raise ValueError(
                f"{act}: the audit log takes no phone number and no e-mail address, only ids and counts"
            )
    name = actor.name[:254]
    with transaction.atomic():
        head, _fresh = Head.objects.select_for_update().get_or_create(id=1)
        entries = []
        for subject in subjects:
            head.number += 1
            previous, head.digest = (
                head.digest,
                chain.digest(
                    previous=head.digest,
                    number=head.number,
                    at=now,
                    actor=name,
                    user_id=actor.user_id,
                    act=act,
                    subject=subject,
                    detail=text,
                ),
            )
            entries.append(
                Entry(
                    number=head.number,
                    at=now,
                    actor=name,
                    user_id=actor.user_id,
                    act=act,
                    subject=subject,
                    detail=text,
                    previous=previous,
                    digest=head.digest,
                )
            )
        Entry.objects.bulk_create(entries, batch_size=BATCH)
        Head.objects.filter(id=1).update(number=head.number, digest=head.digest)
    return head.number
