"""What came of a message: said by the channel at once, heard later, or decided by a person; and telling the lake."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pyarrow as pa
from django.db import transaction

from huoshui.act.messages.keys import key_of, parts_of
from huoshui.act.messages.models import Errand, Message
from huoshui.data.facts import queue
from huoshui.database.rows import Pace
from huoshui.kernel.outreach import Handed, Outcome

MOST_ATTEMPTS = 5
"""After so many it is parked: it failed."""

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)

STOPPED = "stopped"
LATER, GAVE_UP, REFUSED, NO_ANSWER, HEARD = "later", "gave_up", "refused", "no_answer", "heard_back"

_UNCLEAR = ("claimed", "uncertain")


def settle(message_id: int, *, holder_id: int, handed: Handed, now: datetime) -> None:
    """Note what the channel answered, of a message that this holder handed over.

    Who was fenced meanwhile still knows what came of it: an uncertain message that nobody has decided on takes its
    word.
    Part of the caller's transaction.
    """
    mine = Message.objects.filter(pk=message_id, holder_id=holder_id, state__in=_UNCLEAR)
    said = {"answer": handed.answer[:300], "reference": handed.reference[:200], "holder_id": None}
    if handed.outcome is Outcome.SENT:
        mine.update(state="sent", reason="", settled_at=now, **said)
        return
    row = mine.select_for_update(of=("self",)).select_related("errand").first()
    if row is None:
        return
    if handed.outcome is Outcome.REFUSED:
        mine.update(state="failed", reason=REFUSED, settled_at=now, local_day=None, **said)
    elif handed.outcome is Outcome.UNKNOWN and row.errand.marketing:
        mine.update(state="uncertain", reason=NO_ANSWER, settled_at=now, **said)
    else:
        retry(row, why=LATER, now=now, answer=handed.answer)


def retry(row: Message, *, why: str, now: datetime, answer: str = "") -> None:
    """Put a message off that did not go out, or park it after `MOST_ATTEMPTS`. ``row.attempts`` has this one in it."""
    it = Message.objects.filter(pk=row.pk)
    gone = {"holder_id": None, "local_day": None, "answer": answer[:300]}
    if row.attempts >= MOST_ATTEMPTS:
        it.update(state="failed", reason=GAVE_UP, settled_at=now, **gone)
        return
    wait = min(FIRST_WAIT * 2 ** max(0, row.attempts - 1), LONGEST_WAIT)
    it.update(state="pending", reason=why, not_before=now + wait, settled_at=None, **gone)


def give_up(errand_id: int, *, now: datetime) -> int:
    """Leave out everybody who still waits for something that was stopped, and answer how many."""
    stopped, pace = 0, Pace(2_000)
    waiting = Message.objects.filter(errand_id=errand_id, state="pending")
    while chosen := list(waiting.order_by("not_before", "id").values_list("pk", flat=True)[: pace.rows]):
        with pace.transaction():
            stopped += waiting.filter(pk__among=chosen).update(
                state="suppressed", reason=STOPPED, settled_at=now, holder_id=None
            )
    return stopped


def hear(key: str, handed: Handed, now: datetime) -> None:
    """Take what a channel learnt later of a message (`kernel.outreach.HEARD`). The newest word counts."""
    found = parts_of(key)
    if found is None:
        return
    known = Message.objects.filter(
        pk=found[0], seal=found[1], state__in=("claimed", "sent", "uncertain", "failed")
    )
    said = {"answer": handed.answer[:300], "settled_at": now, "holder_id": None}
    if handed.reference:
        said["reference"] = handed.reference[:200]
    if handed.outcome is Outcome.SENT:
        known.update(state="sent", reason="", **said)
    elif handed.outcome is Outcome.REFUSED:
        known.update(state="failed", reason=HEARD, **said)
    elif handed.outcome is Outcome.UNKNOWN:
        known.filter(errand__marketing=True).update(state="uncertain", reason=NO_ANSWER, **said)


def tell(*, now: datetime, most: int = 2_000) -> int:
    """Queue a touch for each message that went out and that the lake does not know of; returns how many."""
    with transaction.atomic():
        untold = Message.objects.filter(state="sent", told=False)
        rows = list(
            untold.select_for_update(skip_locked=True)
            .order_by("id")
            .values_list("pk", "seal", "customer_id", "settled_at", "errand_id", "variant")[:most]
        )
        if not rows:
            return 0
        errands = Errand.objects.in_bulk({row[4] for row in rows})
        touches = pa.table(
            {
                "touch_id": [f"message:{key_of(pk, seal)}" for pk, seal, *_ in rows],
                "customer_id": pa.array([row[2] for row in rows], pa.int64()),
                "occurred_at": pa.array([row[3] for row in rows], pa.timestamp("us", "UTC")),
                "kind": pa.repeat("message", len(rows)),
                "channel": [errands[row[4]].channel for row in rows],
                "campaign": [f"{errands[row[4]].origin}:{errands[row[4]].origin_id}" for row in rows],
                "variant": [row[5] or None for row in rows],
                "cost": pa.array([Decimal(errands[row[4]].cost) for row in rows]),
            }
        )
        queue.enqueue(table="touches", rows=touches, now=now)
        Message.objects.filter(pk__among=[row[0] for row in rows]).update(told=True)
    return len(rows)
