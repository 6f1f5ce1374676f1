"""What a campaign does once it may: freeze its audience, then settle it portion by portion.

*Freezing* computes the audience in one picture of the house and keeps it, so that whatever happens later speaks of the
same people. *Settling* takes a portion of them through consent, eligibility and the lots, and puts their messages into
the outbox, their decisions into the fact queue and the mark "settled" into one short transaction. A process may die at
any moment, or be taken for dead and wake up later: what is settled stays so, and nothing is settled twice.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import F

from huoshui.act.campaigns import eligible, queries, timing
from huoshui.act.campaigns.models import Campaign, Portion
from huoshui.act.holdouts import queries as trials
from huoshui.act.holdouts import services as holdouts
from huoshui.act.holdouts.trials import Trial, assign
from huoshui.act.messages import services as messages
from huoshui.data.facts import queue
from huoshui.kernel.actors import Actor
from huoshui.kernel.clock import AsOf, zone_named
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.plugs import HOUSE
from huoshui.know.segments import queries as segments
from huoshui.lake.snapshot import Snapshot
from huoshui.science.drawing import dealt

AT_ONCE = 1_500
"""People of a portion: their transaction stays well below a quarter of a second."""

VALID_FOR = timedelta(days=3)
"""How long after it is due a message may still leave."""

ZONE_ATTRIBUTE = "time_zone"
"""The attribute of customers that names their zone (IANA), where a house keeps it."""

Says = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Frozen:
    """The audience that was computed: how many people, and whether it is kept."""

    people: int
    kept: bool


def what(number: int) -> str:
    """What draws lots, for `act/holdouts` and the facts."""
    return f"{queries.ORIGIN}:{number}"


def freeze(
    number: int, *, tables: Snapshot, house: ZoneInfo, now: datetime, accepts: Callable[[Campaign, int], bool]
) -> Frozen:
    """Compute the audience of a campaign in ``tables`` and keep it, if ``accepts`` its size and nobody was quicker.

    Raises `BadRule`, and what the engine raises.
    """
    row = queries.found(number)
    as_of = segments.moment(tables=tables, zone=house, now=now)
    people = _people(tables, as_of, row)
    size, attempt = people.num_rows, secrets.token_hex(16)
    pieces = [people.slice(start, AT_ONCE) for start in range(0, size, AT_ONCE)]
    for place, piece in enumerate(pieces):
        Portion.objects.create(
            campaign=row, attempt=attempt, number=place, people=piece.num_rows, rows=_packed(piece)
        )
    with transaction.atomic():
        row = Campaign.objects.select_for_update().get(pk=number)
        kept = row.state == "sending" and row.frozen_at is None and accepts(row, size)
        if kept:
            row.frozen_at, row.size, row.attempt = now, size, attempt
            row.save(update_fields=["frozen_at", "size", "attempt"])
            _book(row, house, now)
    if not kept:
        Portion.objects.filter(campaign=row, attempt=attempt).delete()
    return Frozen(people=size, kept=kept)


def sweep() -> None:
    """Remove the portions of those who were slower than another, and died before they could do so."""
    there = Portion.objects.filter(campaign__frozen_at__isnull=False).exclude(attempt=F("campaign__attempt"))
    if there.exists():  # to look keeps nobody from writing
        there.delete()


def settle(
    number: int, *, actor: Actor, house: ZoneInfo, now: datetime, progress: Says | None = None
) -> bool:
    """Settle the portions that are left, as long as the campaign is sending; whether all are settled."""
    row = queries.found(number)
    trial = trials.trial(what(number)) if row.state == "sending" else None
    while trial is not None and row.state == "sending":
        portion = queries.left(row).order_by("number").first()
        if portion is None:
            return True
        _settle(row, portion, trial, actor, house, now)
        if progress is not None:
            progress(portion.number * AT_ONCE + portion.people, row.size)
        row.refresh_from_db()
    return False


def _settle(
    row: Campaign, portion: Portion, trial: Trial, actor: Actor, house: ZoneInfo, now: datetime
) -> None:
    people = _unpacked(portion.rows)
    ids = people["customer_id"].to_numpy()
    why = np.array(eligible.ruled_out(ids, CHANNELS[row.channel], now=now), dtype=object)
    neutral = eligible.neutral(ids, now=now)
    drawn = (why == None) & ~neutral  # noqa: E711 compared place by place
    lots = assign(trial, ids[drawn])
    variants = np.full(len(ids), next(iter(trial.terms.variants)), dtype=object)
    variants[drawn] = lots.variants.to_pylist()
    places = np.flatnonzero(drawn)
    why[places[lots.held]] = messages.HOLDOUT
    due = _due(row, people, neutral, house)
    rows = pa.table(
        {
            "customer_id": pa.array(ids),
            "variant": pa.array(variants, pa.string()),
            "occurrence": pa.repeat(pa.scalar(""), len(ids)),
            "not_before": due,
            "expires": pc.add(due, pa.scalar(VALID_FOR, pa.duration("us"))),
            "suppressed": pa.array(why, pa.string()),
            "zone": people["zone"].combine_chunks(),
        }
    )
    with transaction.atomic():
        state = Campaign.objects.select_for_update().filter(pk=row.pk).values_list("state", flat=True).first()
        mine = Portion.objects.filter(pk=portion.pk, settled_at=None)
        if state != "sending" or not mine.update(settled_at=now, rows=""):
            return
        messages.enqueue(
            actor=actor,
            origin=queries.ORIGIN,
            origin_id=row.pk,
            channel=row.channel,
            marketing=True,
            rows=rows,
            cost=row.message_cost,
            now=now,
        )
        if len(places):
            holdouts.record(assigned=lots, what=what(row.pk), version=row.version, now=now)


def _book(row: Campaign, house: ZoneInfo, now: datetime) -> None:
    """Book what the campaign costs whatever it sends; what each message costs stands with its touch."""
    if not row.fixed_cost:
        return
    spent = {
        "day": [now.astimezone(house).date()],
        "channel": [row.channel],
        "campaign": [what(row.pk)],
        "currency": [HOUSE().currency],
        "amount": [row.fixed_cost],
        "amount_original": [row.fixed_cost],
    }
    queue.enqueue(table="spend", rows=pa.table(spent), now=now)


def _people(tables: Snapshot, as_of: AsOf, row: Campaign) -> pa.Table:
    """``customer_id, zone, wave`` of the audience as the house knows it now, by id."""
    those = segments.members(tables, as_of, segments.read(row.audience))
    customers = tables.table("customers")
    if ZONE_ATTRIBUTE in customers.columns:
        zones = customers.select(who_="customer_id", zone=customers[ZONE_ATTRIBUTE].cast("string"))
        those = those.left_join(zones, those.customer_id == zones.who_).select("customer_id", "zone")
    else:
        those = those.select("customer_id", zone=ibis.null("string"))
    found = tables.arrow(those.order_by("customer_id"))
    ids = found["customer_id"].to_numpy()
    waves = dealt(ids, f"{what(row.pk)}:wave", {str(one): 1.0 for one in range(row.waves)})
    zones = found["zone"].cast(pa.string())
    known = [name for name in pc.unique(zones).to_pylist() if name and _zone(name) is not None]
    valid = pc.is_in(zones, value_set=pa.array(known, pa.string()))
    return pa.table(
        {
            "customer_id": found["customer_id"].cast(pa.int64()),
            "zone": pc.if_else(valid, zones, pa.scalar(None, pa.string())),
            "wave": pa.array(waves),
        }
    )


def _due(row: Campaign, people: pa.Table, neutral: np.ndarray, house: ZoneInfo) -> pa.Array:
    """When each message is due; who wants nothing based on what they are like gets it with the first, at house time."""
    began = row.started_at
    if began is None:
        raise ValueError("a campaign that sends has begun")
    names = people["zone"].combine_chunks().dictionary_encode()
    zones = [None, *names.dictionary.to_pylist()]
    theirs = pc.fill_null(pc.add(names.indices, 1), 0).to_numpy() if row.plan == "recipient" else 0
    # One number for each pair of zone and wave: there are few of them, and many people.
    pairs = np.where(neutral, 0, theirs * row.waves + people["wave"].to_numpy())
    different, places = np.unique(pairs, return_inverse=True)
    moments = [
        timing.due(
            row.plan,
            day=row.day,
            at=row.time,
            wave=int(pair % row.waves),
            zone=_zone(zones[pair // row.waves] or "") or house,
            began=began,
            house=house,
        )
        for pair in different.tolist()
    ]
    return pa.array(moments, pa.timestamp("us", "UTC")).take(pa.array(places))


def _packed(rows: pa.Table) -> str:
    """Rows as text: what a backup can carry."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(rows)
    return base64.b64encode(sink.getvalue()).decode()


def _unpacked(text: str) -> pa.Table:
    """The rows of `_packed`."""
    return pa.ipc.open_stream(base64.b64decode(text)).read_all()


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    """The zone of this name; nothing for a text that names none."""
    try:
        return zone_named(name)
    except HuoshuiError:
        return None
