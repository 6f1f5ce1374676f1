"""The work of a worker on one lane: take what is due, have it written, hand it over, note what came of it.

At most one message of a worker is *claimed* at any moment: if the worker dies, one message is uncertain and no more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from threading import Event

from django.db import transaction

from huoshui.act.messages import claiming, holding, lanes, settling
from huoshui.act.messages.claiming import Terms
from huoshui.act.messages.keys import key_of
from huoshui.act.messages.models import Message
from huoshui.data.privacy import links
from huoshui.data.privacy import queries as privacy
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import clock
from huoshui.kernel.outreach import CHANNELS, ORIGINS, Channel, Handed, Line, Outcome, Outgoing, Said, Wanted

BATCH = 100
LOOK_AROUND = 5.0
"""Seconds between two looks for holders that are dead, and two times of telling the lake."""

LONGEST_WAIT = 60.0
"""Seconds that a withdrawal waits for a message that is being handed over: no channel takes longer."""

NOTHING_TO_SAY, UNWRITTEN = "nothing_to_say", "unwritten"

log = logging.getLogger("huoshui.messages")


class Serving:
    """One worker on the lane of one channel. Call `look` again and again."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._watch = holding.Watch(channel)
        self._looked = -LOOK_AROUND
        self._fresh = True

    def look(self, worker: str, stopping: Event) -> bool:
        """Do what is due now, a batch at most; says whether there was anything. ``worker`` is its name."""
        now = clock.now()
        if time.monotonic() - self._looked >= LOOK_AROUND:
            self._looked = time.monotonic()
            # What a worker of this name had in hand, it has no more: it died, and this one took its place.
            self._watch.fence_dead(now=now, worker=worker if self._fresh else "")
            self._fresh = False
            while settling.tell(now=now):
                pass
            lanes.settle_over(self._channel, now=now)
        channel, lane = CHANNELS[self._channel], lanes.lane_of(self._channel, now)
        if lanes.why_not(lane, channel, now) is not None:
            return False
        lanes.serving(lane, now)
        if not lanes.due(self._channel, now=now, most=1):
            return False
        terms = Terms(
            holder_id=holding.begin(worker, self._channel),
            channel=self._channel,
            consent=channel.consent,
            lane=lane,
            rules=lanes.rules(),
            house=organisation.current().zone,
            alive=lanes.alive(now),
        )
        try:
            _batch(terms, channel, stopping)
        except holding.HolderGone:
            log.warning("a worker on the lane %s was taken for dead, and begins anew", self._channel)
        finally:
            holding.end(terms.holder_id, now=clock.now())
        return True


def settle(customer_id: int) -> None:
    """Wait until nothing is being handed over to this customer any more (`kernel.outreach.UNDERWAY`)."""
    until = time.monotonic() + LONGEST_WAIT
    while Message.objects.filter(customer_id=customer_id, state="claimed").exists():
        if time.monotonic() > until:
            log.warning("a message is being handed over for very long")
            return
        time.sleep(0.02)


def _batch(terms: Terms, channel: Channel, stopping: Event) -> None:
    now = clock.now()
    most = BATCH if not terms.lane.rate else max(1, min(BATCH, terms.lane.rate // 2))
    if terms.lane.failures >= terms.lane.breaker_after:
        most = 1  # the breaker has just closed: one message shows whether the channel works again
    rows = claiming.sift(terms, claiming.reserve(terms, now=now, most=most), now=now)
    if not rows:
        return
    ready = _written(terms, channel, rows, now)
    if not ready:
        return
    try:
        with channel.open() as line:
            _Run(terms, line, stopping).go(ready)
    except OSError as error:  # the line could not be opened, or broke as it was closed
        log.warning("the lane %s has no line: %s", terms.channel, type(error).__name__)
        lanes.failed(terms.channel, why=type(error).__name__, now=clock.now())


class _Run:
    """One message after another on an open line."""

    def __init__(self, terms: Terms, line: Line, stopping: Event) -> None:
        self._terms, self._line, self._stopping = terms, line, stopping
        self._shaky = terms.lane.failures > 0
        self._gone: tuple[int, Handed, datetime] | None = None
        """What the last one came to, where that is still to be noted."""

    def go(self, ready: Sequence[tuple[Message, Outgoing]]) -> None:
        """Hand them over until all are, or the lane breaks, or the worker is stopped."""
        try:
            for row, outgoing in ready:
                if self._stopping.is_set() or not self._one(row, outgoing):
                    return
        finally:
            if self._gone is not None:
                with transaction.atomic():
                    self._note()

    def _one(self, row: Message, outgoing: Outgoing) -> bool:
        """Claim one message and hand it over; says whether the lane goes on."""
        while True:
            began = time.monotonic()
            claim = claiming.claim(self._terms, row.pk, now=clock.now(), first=self._note)
            self._gone = None
            if not claim.wait:
                break
            if self._stopping.wait(min(claim.wait, 1.0)):
                return False
        if not claim.mine:
            return True
        if time.monotonic() - began > holding.DEAD_AFTER:
            raise holding.HolderGone  # asleep since the claim: others have settled this message
        try:
            handed = self._line.hand_over(outgoing)
        except Exception as error:  # a channel never raises; if one does, nobody knows what it did before
            log.exception("the channel %s failed", self._terms.channel)
            handed = Handed(outcome=Outcome.UNKNOWN, answer=type(error).__name__)
        self._gone = (row.pk, handed, clock.now())
        if handed.outcome is Outcome.SENT and not self._shaky:
            return True  # noted with the next claim
        with transaction.atomic():
            broken = self._note()
        self._gone = None
        return not broken

    def _note(self) -> bool:
        """Note what the last one came to; says whether that broke the lane. Part of a transaction."""
        if self._gone is None:
            return False
        message_id, handed, now = self._gone
        settling.settle(message_id, holder_id=self._terms.holder_id, handed=handed, now=now)
        if handed.outcome in (Outcome.LATER, Outcome.UNKNOWN):
            self._shaky = True
            return lanes.failed(self._terms.channel, why=handed.answer, now=now)
        if self._shaky:
            lanes.worked(self._terms.channel)
            self._shaky = False
        return False


def _written(
    terms: Terms, channel: Channel, rows: Sequence[Message], now: datetime
) -> list[tuple[Message, Outgoing]]:
    """The messages with what they say; those that say nothing to this person, or reach nobody, are settled."""
    people = sorted({row.customer_id for row in rows})
    wooed = sorted({row.customer_id for row in rows if row.errand.marketing})
    addresses, neutral = channel.addresses(people), privacy.neutral(wooed, now=now)
    ready = []
    out: dict[tuple[str, str], list[int]] = {}
    for row, said in _said(terms, rows, neutral, now):
        if row.customer_id not in addresses:
            out.setdefault(("suppressed", claiming.NO_ADDRESS), []).append(row.pk)
        elif said is None or (said.content is None and not said.refusal):
            out.setdefault(("failed", NOTHING_TO_SAY), []).append(row.pk)
        elif said.content is None:
            out.setdefault(("suppressed", said.refusal), []).append(row.pk)
        else:
            ready.append((row, _outgoing(channel, row, said, addresses[row.customer_id])))
    with transaction.atomic():
        holding.beat(terms.holder_id)
        for (state, reason), ids in out.items():
            claiming.leave_out(terms, ids, reason=reason, state=state, now=now)
    return ready


def _outgoing(channel: Channel, row: Message, said: Said, address: str) -> Outgoing:
    assert said.content is not None  # noqa: S101 the caller has looked
    key, marketing = key_of(row.pk, row.seal), row.errand.marketing
    return Outgoing(
        key=key,
        customer_id=row.customer_id,
        address=address,
        name=said.name,
        language=said.language,
        marketing=marketing,
        content=said.content,
        sender=said.sender,
        leave=links.leave_address(row.customer_id, channel.consent, key) if marketing else "",
        preferences=links.preferences_address(row.customer_id, key) if marketing else "",
    )


def _said(
    terms: Terms, rows: Sequence[Message], neutral: Collection[int], now: datetime
) -> Iterator[tuple[Message, Said | None]]:
    """What the origins say, in the order of ``rows``. One that cannot be written keeps no other waiting."""
    for (origin, origin_id), some in groupby(rows, lambda row: (row.errand.origin, row.errand.origin_id)):
        part = list(some)
        try:
            said = _write(terms.channel, origin, origin_id, part, neutral)
        except Exception:
            log.exception("%s %s could not be written", origin, origin_id)
            said = _one_by_one(terms, origin, origin_id, part, neutral, now)
            part = [row for row in part if key_of(row.pk, row.seal) in said]
        for row in part:
            yield row, said.get(key_of(row.pk, row.seal))


def _one_by_one(
    terms: Terms,
    origin: str,
    origin_id: int,
    rows: Sequence[Message],
    neutral: Collection[int],
    now: datetime,
) -> Mapping[str, Said]:
    """What can be written of it; the rest is put off, and parked in the end."""
    said: dict[str, Said] = {}
    for row in rows:
        try:
            said |= _write(terms.channel, origin, origin_id, [row], neutral)
        except Exception as error:  # noqa: BLE001 whatever a content does wrong, the others are to go out
            log.warning("message %s could not be written: %s", row.pk, type(error).__name__)
            with transaction.atomic():
                holding.beat(terms.holder_id)
                row.attempts += 1
                Message.objects.filter(pk=row.pk).update(attempts=row.attempts)
                settling.retry(row, why=UNWRITTEN, now=now, answer=type(error).__name__)
    return said


def _write(
    channel: str, origin: str, origin_id: int, rows: Sequence[Message], neutral: Collection[int]
) -> Mapping[str, Said]:
    wanted = [
        Wanted(
            origin_id=origin_id,
            customer_id=row.customer_id,
            variant=row.variant,
            occurrence=row.occurrence,
            channel=channel,
            neutral=row.customer_id in neutral,
            key=key_of(row.pk, row.seal),
        )
        for row in rows
    ]
    return ORIGINS[origin].write(origin_id, wanted)
