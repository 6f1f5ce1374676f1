"""Taking one message to hand it over: everything that must hold is asked in the transaction that takes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet

from huoshui.act.messages import holding, lanes
from huoshui.act.messages.hours import local_day, quiet_until, zone_of
from huoshui.act.messages.models import SPENT, Lane, Message, Rules
from huoshui.data.customers import scope
from huoshui.data.privacy import queries as privacy

UNDER_14, NO_CONSENT, NO_ADDRESS, EXPIRED = "under_14", "no_consent", "no_address", "expired"
CAP_DAY, CAP_WEEK = "cap_day", "cap_week"
QUIET, RIVAL = "quiet_hours", "another_first"
"""Reasons: the last two hold a message, the others leave it out."""

WEEK = timedelta(days=7)
PUT_OFF = timedelta(seconds=5)
"""How long a message waits for another to the same person that goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds while a batch is handed over: who does it, where, by which rules, and whose lanes are at work."""

    holder_id: int
    channel: str
    consent: str
    lane: Lane
    rules: Rules
    house: ZoneInfo
    alive: Collection[str]


@dataclass(frozen=True, slots=True)
class Claim:
    """What came of it: the message is ``mine`` to hand over, or there are ``wait`` seconds before the lane's pace
    allows the next, or neither: it is settled or held, and the next one can be looked at."""

    mine: bool = False
    wait: float = 0.0


def reserve(terms: Terms, *, now: datetime, most: int) -> Sequence[Message]:
    """Put a name to the next messages, so that several workers prepare different ones. Nothing is promised by it."""
    chosen = lanes.due(terms.channel, now=now, most=most)
    if not chosen:
        return []
    with transaction.atomic():
        holding.beat(terms.holder_id)
        free = Message.objects.filter(pk__among=chosen, state="pending", holder_id=None)
        free.update(holder_id=terms.holder_id)
    place = {pk: place for place, pk in enumerate(chosen)}
    rows = Message.objects.filter(holder_id=terms.holder_id, state="pending").select_related("errand")
    return sorted((row for row in rows if row.pk in place), key=lambda row: place[row.pk])


def sift(terms: Terms, rows: Sequence[Message], *, now: datetime) -> list[Message]:
    """Settle or hold at once what cannot go as things stand, and return the rest. `claim` asks again of each."""
    out: dict[str, list[int]] = {}
    held: dict[datetime, list[int]] = {}
    left = []
    with transaction.atomic():
        holding.beat(terms.holder_id)
        asked = [row.customer_id for row in rows if row.errand.marketing]
        young = privacy.under_14(asked, now=now)
        agree = (
            privacy.allowed(asked, purpose="marketing", channel=terms.consent, now=now) if asked else set()
        )
        for row in rows:
            if row.expires_at is not None and row.expires_at <= now:
                out.setdefault(EXPIRED, []).append(row.pk)
            elif row.errand.marketing and row.customer_id in young:
                out.setdefault(UNDER_14, []).append(row.pk)
            elif row.errand.marketing and row.customer_id not in agree:
                out.setdefault(NO_CONSENT, []).append(row.pk)
            elif row.errand.marketing and (ends := _quiet(terms, row, now)):
                held.setdefault(ends, []).append(row.pk)
            else:
                left.append(row)
        for reason, ids in out.items():
            leave_out(terms, ids, reason=reason, now=now)
        for ends, ids in held.items():
            _mine(terms, ids).update(not_before=ends, reason=QUIET, holder_id=None)
    return left


def leave_out(
    terms: Terms, ids: Sequence[int], *, reason: str, now: datetime, state: str = "suppressed"
) -> None:
    """Settle messages that are not handed over, with the reason."""
    _mine(terms, ids).update(state=state, reason=reason[:40], settled_at=now, holder_id=None)


def claim(
    terms: Terms, message_id: int, *, now: datetime, first: Callable[[], object] | None = None
) -> Claim:
    """Take the message for handing over, if it may go at this moment. Raises `HolderGone`.

    ``first`` is done in the same transaction, whatever comes of the claim: one flush to disk less.
    """
    with transaction.atomic():
        if first is not None:
            first()
        holding.beat(terms.holder_id)
        mine = _mine(terms, [message_id])
        shut = Exists(Lane.objects.filter(pk=terms.channel, stopped_at__isnull=False))
        row = mine.select_for_update(of=("self",)).select_related("errand").annotate(shut=shut).first()
        if row is None:
            return Claim()
        errand = row.errand
        resting = errand.paused_at or errand.stopped_at or errand.waits_since or row.shut
        if resting or row.not_before > now:
            mine.update(holder_id=None)
            return Claim()
        if row.expires_at is not None and row.expires_at <= now:
            leave_out(terms, [row.pk], reason=EXPIRED, now=now)
            return Claim()
        day = local_day(now, zone_of(row.zone, terms.house))
        if errand.marketing and not _lawful(terms, row, day, now):
            return Claim()
        if terms.lane.rate and (wait := lanes.slot(terms.channel, rate=terms.lane.rate, now=now)):
            return Claim(wait=wait)
        mine.update(state="claimed", local_day=day, reason="", attempts=F("attempts") + 1)
        return Claim(mine=True)


def _lawful(terms: Terms, row: Message, day: date, now: datetime) -> bool:
    """Whether marketing may go to this person now; where not, the message is settled or held."""
    # Whoever says something about this person's consent, or hands over to them, holds them as well: one at a time.
    if not scope.hold([row.customer_id]):
        leave_out(terms, [row.pk], reason=NO_ADDRESS, now=now)
        return False
    if not privacy.allowed([row.customer_id], purpose="marketing", channel=terms.consent, now=now):
        young = privacy.under_14([row.customer_id], now=now)
        leave_out(terms, [row.pk], reason=UNDER_14 if young else NO_CONSENT, now=now)
        return False
    if ends := _quiet(terms, row, now):
        _mine(terms, [row.pk]).update(not_before=ends, reason=QUIET, holder_id=None)
        return False
    reason = _over_a_cap(terms, row, day, now)
    if reason == RIVAL:
        _mine(terms, [row.pk]).update(not_before=now + PUT_OFF, reason=RIVAL, holder_id=None)
    elif reason:
        leave_out(terms, [row.pk], reason=reason, now=now)
    return not reason


def _over_a_cap(terms: Terms, row: Message, day: date, now: datetime) -> str:
    """Which cap the message would break, or that another one to this person goes first; nothing where it may go."""
    rules, lane = terms.rules, terms.lane
    caps = [
        (rules.cap_day, 1, "", CAP_DAY),
        (rules.cap_week, 7, "", CAP_WEEK),
        (lane.cap_day, 1, terms.channel, CAP_DAY),
        (lane.cap_week, 7, terms.channel, CAP_WEEK),
    ]
    if all(most is None for most, *_ in caps):
        return ""
    mine = _order(row.errand.priority, row.errand_id, row.not_before, row.pk)
    others = Message.objects.filter(customer_id=row.customer_id, errand__marketing=True).exclude(pk=row.pk)
    spent: list[tuple[date, str]] = []
    first: list[str] = []
    # One question for what went to them and what is to: this is asked of every message.
    for state, then, on, *order in others.filter(
        Q(state__in=SPENT, local_day__gt=day - WEEK) | _going(now)
    ).values_list("state", "local_day", "errand__channel", *_ORDER):
        if state in SPENT:
            spent.append((then, on))
        elif on in terms.alive and _order(*order) < mine:
            first.append(on)
    for most, days, only, reason in caps:
        if most is None:
            continue
        used = sum((day - then).days < days and only in ("", on) for then, on in spent)
        if used >= most:
            return reason
        if used + sum(only in ("", on) for on in first) >= most:
            return RIVAL
    return ""


def _going(now: datetime) -> Q:
    """What is due and goes on."""
    going = {f"errand__{name}": value for name, value in lanes.GOING.items()}
    unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
    return Q(unexpired, state="pending", not_before__lte=now, **going)


_ORDER = ("errand__priority", "errand_id", "not_before", "pk")


def _order(priority: int, errand_id: int, not_before: datetime, pk: int) -> tuple[int, int, datetime, int]:
    """Who goes first among messages to one person: the higher priority, then the older errand."""
    return -priority, errand_id, not_before, pk


def _quiet(terms: Terms, row: Message, now: datetime) -> datetime | None:
    zone = zone_of(row.zone, terms.house)
    return quiet_until(now, zone, terms.rules.quiet_from, terms.rules.quiet_until)


def _mine(terms: Terms, ids: Sequence[int]) -> QuerySet[Message]:
    """Of these messages those that this holder has reserved and nobody has begun."""
    return Message.objects.filter(pk__among=list(ids), state="pending", holder_id=terms.holder_id)
