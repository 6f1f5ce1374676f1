"""Verbs of those who want something said: into the outbox, to pause, to go on, to stop."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import models, transaction

from huoshui.act.messages import settling
from huoshui.act.messages.models import Errand, Message
from huoshui.database.rows import insert, part, short_slices
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.texts import Text

HOLDOUT = "holdout"
"""Who is left out to compare: the reason that makes a row *held out*."""


_MOMENT = pa.timestamp("us", "UTC")
COLUMNS = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("variant", pa.string()),
        ("occurrence", pa.string()),
        ("not_before", _MOMENT),
        ("expires", _MOMENT),
        ("suppressed", pa.string()),
        ("zone", pa.string()),
    ]
)
"""What `enqueue` takes of each message; only the first must be there."""


class NotMessages(HuoshuiError):
    """Rows, or a channel, that the outbox cannot hold."""

    code = "not_messages"
    says = Text("These cannot be sent as messages", "这些内容无法作为消息发送")


class ErrandStopped(HuoshuiError):
    """Nothing can be added to what was stopped."""

    code = "errand_stopped"
    says = Text("Sending was stopped for good", "发送已终止，不能恢复")


def enqueue(
    *,
    actor: Actor,
    origin: str,
    origin_id: int,
    channel: str,
    marketing: bool,
    rows: pa.Table,
    now: datetime,
    priority: int = 0,
    cost: Decimal = Decimal(0),
    paused: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Put messages of one origin on one channel into the outbox; returns how many are new there.

    ``rows`` has ``customer_id`` and, where they are known, ``variant``, ``occurrence``, ``not_before``, ``expires``,
    ``zone`` (the person's, by IANA name) and ``suppressed``: the reason why somebody gets none, `HOLDOUT` for who is
    left out to compare. A person is in once per occurrence, however often it is said; who is in stays as they are.
    Works in short transactions, unless the caller has one; after a crash it is said again. ``paused``: nothing leaves
    before `resume`. ``cost`` is that of one message in house currency. Raises `NotMessages`, `ErrandStopped`.
    """
    if channel not in CHANNELS:
        raise NotMessages(
            "There is no such channel", received=repr(channel), valid=", ".join(CHANNELS.slugs())
        )
    ready = fitting(rows, now)
    errand = _errand(actor, origin, origin_id, channel, marketing, priority, cost, paused, now)
    added = 0
    for piece in short_slices(ready.num_rows):
        with transaction.atomic():
            added += insert(Message, part(ready, piece), {"errand_id": errand.pk}, unless_taken=True)
            Errand.objects.filter(pk=errand.pk).update(over=False)
        if progress is not None:
            progress(piece.stop, ready.num_rows)
    return added


def pause(*, actor: Actor, origin: str, origin_id: int, now: datetime) -> None:
    """Let nothing more leave until `resume`; what is being handed over this second may still go."""
    with transaction.atomic():
        if _errands(origin, origin_id).filter(paused_at=None, stopped_at=None).update(paused_at=now):
            audit.record(actor=actor, act="messages.paused", subject=f"{origin}:{origin_id}", now=now)


def resume(*, actor: Actor, origin: str, origin_id: int, now: datetime) -> None:
    """Go on with what was paused, or waited because it is overdue. Raises `ErrandStopped`."""
    with transaction.atomic():
        errands = _errands(origin, origin_id)
        if errands.filter(stopped_at__isnull=False).exists():
            raise ErrandStopped("It was stopped", received=f"{origin} {origin_id}")
        if errands.exclude(paused_at=None, waits_since=None).update(paused_at=None, waits_since=None):
            audit.record(actor=actor, act="messages.resumed", subject=f"{origin}:{origin_id}", now=now)


def stop(*, actor: Actor, origin: str, origin_id: int, now: datetime) -> int:
    """Stop for good: whoever has not got it never will. Returns how many those are."""
    with transaction.atomic():
        if _errands(origin, origin_id).filter(stopped_at=None).update(stopped_at=now):
            audit.record(actor=actor, act="messages.stopped", subject=f"{origin}:{origin_id}", now=now)
    return sum(settling.give_up(errand.pk, now=now) for errand in _errands(origin, origin_id))


def _errands(origin: str, origin_id: int) -> models.QuerySet[Errand]:
    return Errand.objects.filter(origin=origin, origin_id=origin_id)


def _errand(
    actor: Actor,
    origin: str,
    origin_id: int,
    channel: str,
    marketing: bool,
    priority: int,
    cost: Decimal,
    paused: bool,
    now: datetime,
) -> Errand:
    said = {"marketing": marketing, "priority": priority, "cost": str(cost)}
    errand, fresh = Errand.objects.get_or_create(
        origin=origin,
        origin_id=origin_id,
        channel=channel,
        defaults={**said, "created_at": now, "paused_at": now if paused else None},
    )
    if fresh:
        audit.record(
            actor=actor,
            act="messages.begun",
            subject=f"{origin}:{origin_id}",
            detail={"channel": channel},
            now=now,
        )
    if errand.stopped_at is not None:
        raise ErrandStopped("It was stopped", received=f"{origin} {origin_id}")
    if errand.marketing != marketing:
        raise NotMessages(
            "An errand is marketing or it is not",
            received=f"marketing={marketing}",
            valid=f"marketing={errand.marketing}",
        )
    return errand


def fitting(rows: pa.Table, now: datetime) -> pa.Table:
    """The rows as the table of messages takes them. Raises `NotMessages`."""
    if unknown := set(rows.column_names) - set(COLUMNS.names):
        raise NotMessages("There are no such columns", received=", ".join(sorted(unknown)))
    try:
        given = {
            field.name: rows[field.name].cast(field.type)
            if field.name in rows.column_names
            else pa.nulls(rows.num_rows, field.type)
            for field in COLUMNS
        }
    except pa.ArrowException as error:
        raise NotMessages("These are no rows of messages", received=str(error)[:200]) from error
    if pc.any(pc.is_null(given["customer_id"])).as_py():
        raise NotMessages("A message goes to somebody", received="a row without customer_id")
    why = given["suppressed"]
    settled = pc.is_valid(why)
    held_out = pc.fill_null(pc.equal(why, HOLDOUT), False)
    none = pa.scalar(None, _MOMENT)
    return pa.table(
        {
            "customer_id": given["customer_id"],
            "occurrence": pc.fill_null(given["occurrence"], ""),
            "variant": pc.fill_null(given["variant"], ""),
            "zone": pc.fill_null(given["zone"], ""),
            "seal": _seals(rows.num_rows),
            "state": pc.if_else(held_out, "held_out", pc.if_else(settled, "suppressed", "pending")),
            "reason": pc.fill_null(why, ""),
            "not_before": pc.fill_null(given["not_before"], pa.scalar(now, _MOMENT)),
            "expires_at": given["expires"],
            "settled_at": pc.if_else(settled, pa.scalar(now, _MOMENT), none),
        }
    )


def _seals(count: int) -> pa.StringArray:
    """``count`` times sixteen random hexadecimal digits, without a loop."""
    offsets = np.arange(count + 1, dtype=np.int64) * 16
    digits = pa.py_buffer(secrets.token_bytes(8 * count).hex().encode())
    return pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), digits).cast(pa.string())
