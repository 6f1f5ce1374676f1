"""A lane: the pace of one channel, its breaker, and what has waited too long for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from huoshui.act.messages import settling
from huoshui.act.messages.models import OPEN, Errand, Lane, Message, Rules
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.outreach import Channel
from huoshui.kernel.texts import Text

SERVED_EACH = timedelta(seconds=60)
ALIVE = timedelta(minutes=3)
"""A lane that was served within this is worth waiting for."""

STOPPED = Text("stopped by a colleague", "已由同事停用")
BROKEN = Text("paused after failures in a row", "连续失败，已暂停")
FENCED = Text(
    "this house is a copy: it sends nothing until somebody lifts the fence", "这是副本：解除隔离前不会发送"
)


def rules() -> Rules:
    """What holds for all lanes."""
    return Rules.objects.first() or Rules()


def lane_of(channel: str, now: datetime) -> Lane:
    """The lane of a channel; it begins when it is first asked for."""
    return Lane.objects.get_or_create(channel=channel, defaults={"served_at": now})[0]


def why_not(lane: Lane, channel: Channel, now: datetime) -> Text | None:
    """Why nothing leaves on the lane now, or nothing."""
    if organisation.fence() is not None:
        return FENCED
    if lane.stopped_at is not None:
        return STOPPED
    # A breaker that is open for longer than it ever opens saw a clock that has jumped since.
    longest = timedelta(minutes=lane.breaker_minutes)
    if lane.broken_until is not None and now < lane.broken_until <= now + longest:
        return BROKEN
    return channel.unready()


def serving(lane: Lane, now: datetime) -> None:
    """The lane can do what is due. What became due beyond the grace before, while it could not, waits for a person."""
    away = now - lane.served_at
    grace = timedelta(minutes=rules().grace_minutes)
    if away > grace:
        late = Message.objects.filter(state="pending", not_before__lt=now - grace)
        open_errands = Errand.objects.filter(channel=lane.channel, over=False, waits_since=None)
        for errand in open_errands.filter(paused_at=None, stopped_at=None):
            if late.filter(errand=errand).exists():
                Errand.objects.filter(pk=errand.pk, waits_since=None).update(waits_since=now)
    # A clock that went back must not leave a lane that seems served for an hour to come.
    if away > SERVED_EACH or away < timedelta(0):
        Lane.objects.filter(pk=lane.pk).update(served_at=now)


def due(channel: str, *, now: datetime, most: int) -> Sequence[int]:
    """The next messages to hand over, at most ``most``, and nobody else's: what is no marketing first, then by the
    priority of errands, the older errand first."""
    found: list[int] = []
    errands = Errand.objects.filter(channel=channel, over=False, **GOING).order_by(
        "marketing", "-priority", "id"
    )
    for errand_id in errands.values_list("pk", flat=True):
        ready = Message.objects.filter(
            errand_id=errand_id, state="pending", not_before__lte=now, holder_id=None
        )
        found += ready.order_by("not_before", "id").values_list("pk", flat=True)[: most - len(found)]
        if len(found) >= most:
            break
    return found


def settle_over(channel: str, *, now: datetime) -> None:
    """Errands with nothing pending need not be looked at again before something is added.

    What came back to one that was stopped meanwhile, such as from a worker that died, never goes out.
    """
    for errand in Errand.objects.filter(channel=channel, over=False):
        if errand.stopped_at is not None:
            settling.give_up(errand.pk, now=now)
        with transaction.atomic():
            # Whoever adds a message to it does so in a transaction that writes the same row.
            Errand.objects.select_for_update().get(pk=errand.pk)
            if not Message.objects.filter(errand=errand, state__in=OPEN).exists():
                Errand.objects.filter(pk=errand.pk).update(over=True)


def slot(channel: str, *, rate: int, now: datetime) -> float:
    """Take the next place in the pace of a lane, and answer 0; or how many seconds there are to wait for one."""
    lane = Lane.objects.select_for_update().get(pk=channel)
    wait = (lane.next_at - now).total_seconds() if lane.next_at is not None else 0.0
    # Further away than any place can be: the clock went back.
    if 0 < wait <= max(60.0, 60.0 / rate):
        return wait
    Lane.objects.filter(pk=channel).update(next_at=now + timedelta(seconds=60 / rate))
    return 0.0


def failed(channel: str, *, why: str, now: datetime) -> bool:
    """Note that the channel failed once more; says whether that broke the lane."""
    Lane.objects.filter(pk=channel).update(failures=F("failures") + 1)
    lane = Lane.objects.get(pk=channel)
    if lane.failures < lane.breaker_after:
        return False
    until = now + timedelta(minutes=lane.breaker_minutes)
    Lane.objects.filter(pk=channel).update(broken_until=until, broken_by=why[:300])
    return True


def worked(channel: str) -> None:
    """The channel did what it should: its failures are forgotten."""
    Lane.objects.filter(Q(failures__gt=0) | Q(broken_until__isnull=False), pk=channel).update(
        failures=0, broken_until=None, broken_by=""
    )


def alive(now: datetime) -> frozenset[str]:
    """The channels whose lanes are at work."""
    return frozenset(
        Lane.objects.filter(stopped_at=None, served_at__gt=now - ALIVE).values_list("pk", flat=True)
    )


GOING: dict[str, None] = {"paused_at": None, "stopped_at": None, "waits_since": None}
"""An errand that goes on."""
