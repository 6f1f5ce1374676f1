"""Questions about messages: counts of origins, lanes, what waits for a person, and the receipt of one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from huoshui.act.messages import lanes
from huoshui.act.messages.hours import local_day
from huoshui.act.messages.keys import key_of, parts_of
from huoshui.act.messages.models import OPEN, SPENT, STATES, Errand, Lane, Message
from huoshui.data.customers.scope import seen_ids
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.outreach import CHANNELS, ORIGINS
from huoshui.kernel.texts import Text

RECENT = timedelta(days=30)
"""Errands of this long are listed after they are over."""


class NoSuchErrand(HuoshuiError):
    """Nothing was ever to be sent for this."""

    code = "no_such_errand"
    says = Text("There is nothing to be sent for this", "这里没有要发送的消息")


def require_errand(*, origin: str, origin_id: int) -> None:
    """Refuse what has no messages. Raises `NoSuchErrand`."""
    if not Errand.objects.filter(origin=origin, origin_id=origin_id).exists():
        raise NoSuchErrand(
            "There is nothing to be sent for this",
            received=f"{origin}:{origin_id}",
            next_step="Open the outbox and choose one that is there",
        )


class NoSuchLane(HuoshuiError):
    """There is no channel of this name."""

    code = "no_such_lane"
    says = Text("There is no such channel", "没有这个渠道")


class NoSuchMessage(HuoshuiError):
    """There is no message of this number, or it went to somebody whom the actor does not see."""

    code = "no_such_message"
    says = Text("There is no such message", "没有这条消息")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many messages of one origin are in which state; their sum is the audience.

    ``by_reason`` says why those are out that are suppressed, failed or held out, and what is uncertain. Of the pending
    ones, ``held`` wait for their time: of the day, of a later attempt.
    """

    by_state: Mapping[str, int]
    by_reason: Mapping[str, int]
    held: int

    @property
    def audience(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneNow:
    """A channel's lane as it is. ``why_not`` says why nothing leaves, ``broken_by`` what broke it last.

    Of ``pending`` messages ``held`` wait for their time; ``sent`` are those of errands that are not over.
    """

    channel: str
    label: Text
    rate: int
    breaker_after: int
    breaker_minutes: int
    cap_day: int | None
    cap_week: int | None
    stopped: bool
    broken_until: datetime | None
    broken_by: str
    why_not: Text | None
    pending: int
    held: int
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandNow:
    """What one origin wants on one channel, with its counts and the address of its page."""

    origin: str
    origin_id: int
    channel: str
    title: str
    address: str
    marketing: bool
    priority: int
    paused: bool
    stopped: bool
    overdue: bool
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Everything the outbox knows of one message. ``key`` is what the other side saw."""

    id: int
    customer_id: int
    origin: str
    origin_id: int
    title: str
    channel: str
    marketing: bool
    variant: str
    occurrence: str
    state: str
    reason: str
    not_before: datetime
    expires_at: datetime | None
    attempts: int
    settled_at: datetime | None
    local_day: date | None
    answer: str
    reference: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllRules:
    """What holds for marketing on all channels; hours as minutes of the day."""

    quiet_from: int
    quiet_until: int
    cap_day: int | None
    cap_week: int | None
    grace_minutes: int


def counts(*, origin: str, origin_id: int, now: datetime) -> Counts:
    """How the messages of one origin stand, every state with its number."""
    errands = Errand.objects.filter(origin=origin, origin_id=origin_id).values_list("pk", flat=True)
    found = list(_counts(list(errands), now).values())
    return Counts(
        by_state={state: sum(one.by_state[state] for one in found) for state in STATES},
        by_reason={
            reason: sum(one.by_reason.get(reason, 0) for one in found)
            for reason in sorted({reason for one in found for reason in one.by_reason})
        },
        held=sum(one.held for one in found),
    )


def is_over(*, origin: str, origin_id: int) -> bool:
    """Whether nothing of one origin is pending or being handed over any more."""
    errands = list(Errand.objects.filter(origin=origin, origin_id=origin_id).values_list("pk", flat=True))
    return not Message.objects.filter(errand__in=errands, state__in=OPEN).exists()


def capped(customer_ids: Sequence[int], *, channel: str, now: datetime) -> set[int]:
    """Those of some customers, a thousand or so, who can get no further marketing on ``channel`` today: the caps are
    used up by what went to them. Days are those of the house; handing over looks at the person's own."""
    today = local_day(now, organisation.current().zone)
    rules, lane = lanes.rules(), Lane.objects.filter(pk=channel).first() or Lane(channel=channel)
    day, here = Q(local_day=today), Q(errand__channel=channel)
    caps = {
        "day": (rules.cap_day, day),
        "week": (rules.cap_week, Q()),
        "day_here": (lane.cap_day, day & here),
        "week_here": (lane.cap_week, here),
    }
    limits = {name: (most, which) for name, (most, which) in caps.items() if most is not None}
    if not limits:
        return set()
    went = Message.objects.filter(
        customer_id__among=list(customer_ids),
        errand__marketing=True,
        state__in=SPENT,
        local_day__gt=today - timedelta(days=7),
    ).values("customer_id")
    counted = went.annotate(**{name: Count("pk", filter=which) for name, (_, which) in limits.items()})
    reached = Q()
    for name, (most, _which) in limits.items():
        reached |= Q(**{f"{name}__gte": most})
    return set(counted.filter(reached).values_list("customer_id", flat=True))


def lane_now(channel: str, *, now: datetime) -> LaneNow:
    """The lane of one channel. Raises `NoSuchLane`."""
    found = next((one for one in all_lanes(now=now) if one.channel == channel), None)
    if found is None:
        raise NoSuchLane(
            "There is no such channel", received=repr(channel[:40]), valid=", ".join(CHANNELS.slugs())
        )
    return found


def all_lanes(*, now: datetime) -> Sequence[LaneNow]:
    """Every declared channel with its lane."""
    open_errands = list(Errand.objects.filter(over=False).values_list("pk", "channel"))
    by_errand = _counts([pk for pk, _ in open_errands], now)
    known = Lane.objects.in_bulk(CHANNELS.slugs())
    found = []
    for channel in CHANNELS:
        lane = known.get(channel.slug) or Lane(channel=channel.slug, served_at=now)
        mine = [by_errand[pk] for pk, slug in open_errands if slug == channel.slug and pk in by_errand]
        why = lanes.why_not(lane, channel, now)
        found.append(
            LaneNow(
                channel=channel.slug,
                label=channel.label,
                rate=lane.rate,
                breaker_after=lane.breaker_after,
                breaker_minutes=lane.breaker_minutes,
                cap_day=lane.cap_day,
                cap_week=lane.cap_week,
                stopped=lane.stopped_at is not None,
                broken_until=lane.broken_until if why is lanes.BROKEN else None,
                broken_by=lane.broken_by,
                why_not=why,
                pending=sum(one.by_state["pending"] + one.by_state["claimed"] for one in mine),
                held=sum(one.held for one in mine),
                sent=sum(one.by_state["sent"] for one in mine),
            )
        )
    return found


def errands(*, now: datetime, most: int = 50) -> Sequence[ErrandNow]:
    """What origins want, the newest first: what is not over, and what was of the last `RECENT`."""
    shown = Errand.objects.filter(Q(over=False) | Q(created_at__gt=now - RECENT)).order_by("-pk")[:most]
    rows = list(shown)
    found = _counts([row.pk for row in rows], now)
    return [
        ErrandNow(
            origin=row.origin,
            origin_id=row.origin_id,
            channel=row.channel,
            title=_title(row),
            address=ORIGINS[row.origin].address(row.origin_id) if row.origin in ORIGINS else "",
            marketing=row.marketing,
            priority=row.priority,
            paused=row.paused_at is not None,
            stopped=row.stopped_at is not None,
            overdue=row.waits_since is not None,
            counts=found[row.pk],
        )
        for row in rows
    ]


def uncertain(*, actor: Actor, most: int = 100) -> Sequence[Receipt]:
    """The oldest messages of which nobody can say whether they went out, to people whom the actor sees."""
    actor.require(Right.CUSTOMERS_VIEW)
    rows = Message.objects.filter(state="uncertain").select_related("errand").order_by("pk")[:most]
    return _receipts(actor, list(rows))


def listed(
    *,
    actor: Actor,
    state: str = "",
    reason: str = "",
    origin: str = "",
    origin_id: int = 0,
    before: int | None = None,
    most: int = 50,
) -> tuple[Sequence[Receipt], Sequence[int]]:
    """Messages to people whom the actor sees, the newest first, and the numbers of all that were looked at: a list that
    is read page by page goes on behind the last of these. Empty conditions are none. Raises `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    said = {"state": state, "reason": reason, "errand__origin": origin, "errand__origin_id": origin_id}
    rows = Message.objects.filter(**{name: value for name, value in said.items() if value})
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("errand").order_by("-pk")[:most])
    return _receipts(actor, found), [row.pk for row in found]


def of_customer(customer_id: int, *, actor: Actor, most: int = 50) -> Sequence[Receipt]:
    """The newest messages that were wanted for one customer, sent or not. Raises `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    rows = Message.objects.filter(customer_id=customer_id).select_related("errand").order_by("-pk")[:most]
    return _receipts(actor, list(rows))


def receipt(message_id: int, *, actor: Actor) -> Receipt:
    """One message. Raises `NoSuchMessage`, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    found = _receipts(actor, list(Message.objects.filter(pk=message_id).select_related("errand")))
    if not found:
        raise NoSuchMessage("There is no such message", received=str(message_id))
    return found[0]


def number_of(key: str) -> int | None:
    """The number of the message with this key, or nothing."""
    parts = parts_of(key)
    return parts and Message.objects.filter(pk=parts[0], seal=parts[1]).values_list("pk", flat=True).first()


def all_rules() -> AllRules:
    """What holds for marketing on all channels."""
    row = lanes.rules()
    return AllRules(
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        cap_day=row.cap_day,
        cap_week=row.cap_week,
        grace_minutes=row.grace_minutes,
    )


# -- inside ------------------------------------------------------------------------------------------------------


def _counts(errand_ids: Sequence[int], now: datetime) -> Mapping[int, Counts]:
    """The counts of each errand."""
    theirs = Message.objects.filter(errand_id__among=list(errand_ids))
    states: dict[int, dict[str, int]] = {pk: dict.fromkeys(STATES, 0) for pk in errand_ids}
    reasons: dict[int, dict[str, int]] = {pk: {} for pk in errand_ids}
    for pk, state, reason, number in theirs.values_list("errand_id", "state", "reason").annotate(
        number=Count("*")
    ):
        states[pk][state] += number
        if reason and state not in OPEN:
            reasons[pk][reason] = reasons[pk].get(reason, 0) + number
    held = theirs.filter(state="pending", not_before__gt=now).values_list("errand_id")
    later = dict(held.annotate(number=Count("*")))
    return {
        pk: Counts(by_state=states[pk], by_reason=reasons[pk], held=later.get(pk, 0)) for pk in errand_ids
    }


def _receipts(actor: Actor, rows: Sequence[Message]) -> list[Receipt]:
    seen = seen_ids(actor, {row.customer_id for row in rows})
    return [
        Receipt(
            id=row.pk,
            customer_id=row.customer_id,
            origin=row.errand.origin,
            origin_id=row.errand.origin_id,
            title=_title(row.errand),
            channel=row.errand.channel,
            marketing=row.errand.marketing,
            key=key_of(row.pk, row.seal),
            **{name: getattr(row, name) for name in _PLAIN},
        )
        for row in rows
        if row.customer_id in seen
    ]


_PLAIN = (
    "variant",
    "occurrence",
    "state",
    "reason",
    "not_before",
    "expires_at",
    "attempts",
    "settled_at",
    "local_day",
    "answer",
    "reference",
)


def _title(errand: Errand) -> str:
    if errand.origin in ORIGINS:
        return ORIGINS[errand.origin].title(errand.origin_id)
    return f"{errand.origin} {errand.origin_id}"
