"""Messages that went out before this house knew of them: written down as they were, so that nothing leaves again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huoshui.act.messages import services
from huoshui.act.messages.hours import local_day
from huoshui.act.messages.models import Errand, Message
from huoshui.act.messages.services import ErrandStopped
from huoshui.data.facts import queue
from huoshui.database.rows import insert
from huoshui.desk.audit import services as audit
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.actors import Actor

LONGEST_CHANNEL = 20
_MOMENT = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What one origin had sent on one channel ``at`` a moment: whose messages, and the ``cost`` of one in house money.

    ``channel`` may be one that the house does not have.
    """

    origin: str
    origin_id: int
    channel: str
    at: datetime
    cost: Decimal = Decimal(0)
    marketing: bool = True


@transaction.atomic
def record(*, actor: Actor, gone: Gone, rows: pa.Table, now: datetime) -> int:
    """Write down who got a message and who did not, and queue a touch for each who did; how many those are.

    ``rows`` has ``customer_id`` and ``suppressed``, empty for who got it: else the reason, `services.HOLDOUT` for who
    was left out to compare. One transaction of some seconds for a hundred thousand people. Raises `NotMessages`, and
    `ErrandStopped` where the origin has messages on the channel already.
    """
    there = Errand.objects.filter(origin=gone.origin, origin_id=gone.origin_id, channel=gone.channel)
    if there.exists():
        raise ErrandStopped(
            "Its messages are there already", received=f"{gone.origin} {gone.origin_id} {gone.channel}"
        )
    errand = Errand.objects.create(
        origin=gone.origin,
        origin_id=gone.origin_id,
        channel=gone.channel,
        marketing=gone.marketing,
        cost=str(gone.cost),
        created_at=gone.at,
        over=True,
    )
    ready = services.fitting(rows, gone.at)
    went = pc.equal(ready["state"], "pending")
    day = local_day(gone.at, organisation.current().zone)
    settled = {
        "state": pc.if_else(went, "sent", ready["state"]),
        "settled_at": pa.repeat(pa.scalar(gone.at, _MOMENT), ready.num_rows),
        "local_day": pc.if_else(went, pa.scalar(day), pa.scalar(None, pa.date32())),
        "attempts": pc.cast(went, pa.int64()),
    }
    for name, column in settled.items():
        place = ready.schema.get_field_index(name)
        ready = ready.append_column(name, column) if place < 0 else ready.set_column(place, name, column)
    insert(Message, ready, {"errand_id": errand.pk, "told": True})
    reached = ready.filter(went)["customer_id"].combine_chunks()
    what = f"{gone.origin}:{gone.origin_id}"
    touches = {
        "touch_id": pc.binary_join_element_wise(
            pa.scalar(f"message:{what}:{gone.channel}"), reached.cast(pa.string()), "/"
        ),
        "customer_id": reached,
        "occurred_at": pa.repeat(pa.scalar(gone.at, _MOMENT), len(reached)),
        "kind": pa.repeat("message", len(reached)),
        "channel": pa.repeat(gone.channel, len(reached)),
        "campaign": pa.repeat(what, len(reached)),
        "cost": pa.repeat(pa.scalar(gone.cost), len(reached)),
    }
    if len(reached):
        queue.enqueue(table="touches", rows=pa.table(touches), now=now)
    detail = {"channel": gone.channel, "messages": ready.num_rows}
    audit.record(actor=actor, act="messages.recorded", subject=what, detail=detail, now=now)
    return len(reached)
