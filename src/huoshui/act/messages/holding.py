"""Who has messages in hand, and taking them from who is gone.

A holder lives as long as its beats rise. Whether they do is measured with the monotonic clock of who looks: a clock
on the wall that jumps makes nobody dead. Who is found dead is *fenced*: its row goes in the transaction that settles
what it had. Every act of a holder asks for its row in the same transaction, so one that wakes up again can do nothing.
"""

from __future__ import annotations

import time
from datetime import datetime

from django.db import transaction
from django.db.models import F

from huoshui.act.messages.models import Holder, Message

DEAD_AFTER = 120.0
"""Seconds without a beat; longer than handing one message over may take."""

NO_WORD = "no_word"
"""The worker died while it handed the message over."""


class HolderGone(Exception):
    """This holder was taken for dead, and everything was taken from it."""


def begin(worker: str, channel: str) -> int:
    """A new holder; returns its number."""
    return int(Holder.objects.create(worker=worker, channel=channel).pk)


def beat(holder_id: int) -> None:
    """Show that the holder lives. Part of the transaction in which it acts. Raises `HolderGone`."""
    if not Holder.objects.filter(pk=holder_id).update(beats=F("beats") + 1):
        raise HolderGone


def end(holder_id: int, *, now: datetime) -> int:
    """Take everything from a holder that ends or is gone; returns how many messages it had begun and not settled.

    Nobody can say whether those went out. Marketing becomes uncertain; what must arrive is tried again under the same
    key.
    """
    with transaction.atomic():
        if not Holder.objects.filter(pk=holder_id).delete()[0]:
            return 0  # somebody else was first
        Message.objects.filter(holder_id=holder_id, state="pending").update(holder_id=None)
        begun = Message.objects.filter(holder_id=holder_id, state="claimed")
        # They keep their holder: should it wake up and know what came of them, its word is the truth.
        unclear = begun.filter(errand__marketing=True).update(
            state="uncertain", reason=NO_WORD, settled_at=now
        )
        again = begun.filter(errand__marketing=False).update(
            state="pending", reason=NO_WORD, holder_id=None, local_day=None
        )
    return unclear + again


class Watch:
    """What one worker has seen of the holders of a channel."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._seen: dict[int, tuple[int, float]] = {}

    def fence_dead(self, *, now: datetime, worker: str = "") -> int:
        """Fence who has not beaten for `DEAD_AFTER`, and at once those of a ``worker`` that is known to be gone."""
        moment, fenced = time.monotonic(), 0
        living = dict[int, tuple[int, float]]()
        for holder in Holder.objects.filter(channel=self._channel):
            beats, since = self._seen.get(holder.pk, (-1, moment))
            living[holder.pk] = (holder.beats, since if beats == holder.beats else moment)
            if holder.worker == worker or moment - living[holder.pk][1] > DEAD_AFTER:
                end(holder.pk, now=now)
                living.pop(holder.pk)
                fenced += 1
        self._seen = living
        return fenced
