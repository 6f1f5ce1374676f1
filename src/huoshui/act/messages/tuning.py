"""Verbs of those who keep the outbox: the pace of lanes, the rules for all, and deciding what nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from huoshui.act.messages import lanes
from huoshui.act.messages.models import Errand, Lane, Message, Rules
from huoshui.act.messages.services import NotMessages
from huoshui.data.customers.scope import seen_ids
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.texts import Text

CHOICES = {
    "sent": "messages.decided_sent",
    "again": "messages.decided_again",
    "drop": "messages.decided_drop",
}
"""What a person can decide of uncertain messages, and what the log calls it."""

DROPPED = "dropped"
"""A person decided that it does not go."""

AT_ONCE = 2_000
LARGEST = 30_000


class NotARule(HuoshuiError):
    """A number that no rule of the outbox can have."""

    code = "not_a_rule"
    says = Text("This number cannot be set", "不能这样设置")


def set_rules(
    *,
    actor: Actor,
    quiet_from: int,
    quiet_until: int,
    cap_day: int | None,
    cap_week: int | None,
    grace_minutes: int,
    now: datetime,
) -> None:
    """Set what holds for marketing on all channels; hours as minutes of the day. Raises `NotARule`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    if not (0 <= quiet_from < 1440 and 0 <= quiet_until < 1440):
        raise NotARule("Quiet hours are times of a day", received=f"{quiet_from} to {quiet_until} minutes")
    said = {
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "cap_day": _number("cap_day", cap_day, 1),
        "cap_week": _number("cap_week", cap_week, 1),
        "grace_minutes": _number("grace_minutes", grace_minutes, 1),
    }
    with transaction.atomic():
        Rules.objects.update_or_create(id=1, defaults=said)
        audit.record(actor=actor, act="outbox.rules_set", detail=said, now=now)


def set_lane(
    *,
    actor: Actor,
    channel: str,
    rate: int,
    breaker_after: int,
    breaker_minutes: int,
    cap_day: int | None,
    cap_week: int | None,
    now: datetime,
) -> None:
    """Set the pace of a channel: ``rate`` messages a minute, 0 for no limit. Raises `NotARule`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    _known(channel)
    said = {
        "rate": _number("rate", rate, 0),
        "breaker_after": _number("breaker_after", breaker_after, 1),
        "breaker_minutes": _number("breaker_minutes", breaker_minutes, 1),
        "cap_day": _number("cap_day", cap_day, 1),
        "cap_week": _number("cap_week", cap_week, 1),
    }
    with transaction.atomic():
        lanes.lane_of(channel, now)
        Lane.objects.filter(pk=channel).update(**said)
        audit.record(actor=actor, act="outbox.lane_set", subject=f"channel:{channel}", detail=said, now=now)


def stop_lane(*, actor: Actor, channel: str, now: datetime) -> None:
    """Let nothing more leave on a channel, until `start_lane`. Raises `NotAllowed`."""
    actor.require(Right.CAMPAIGNS_APPROVE)
    _known(channel)
    with transaction.atomic():
        lanes.lane_of(channel, now)
        if Lane.objects.filter(pk=channel, stopped_at=None).update(stopped_at=now):
            audit.record(actor=actor, act="outbox.lane_stopped", subject=f"channel:{channel}", now=now)


def start_lane(*, actor: Actor, channel: str, now: datetime) -> None:
    """Go on with a channel that was stopped or broke. What waited for it meanwhile goes. Raises `NotAllowed`."""
    actor.require(Right.CAMPAIGNS_APPROVE)
    _known(channel)
    with transaction.atomic():
        lanes.lane_of(channel, now)
        lanes.worked(channel)
        Lane.objects.filter(pk=channel).update(stopped_at=None, served_at=now)
        audit.record(actor=actor, act="outbox.lane_started", subject=f"channel:{channel}", now=now)


def decide_uncertain(
    *,
    actor: Actor,
    choice: str,
    now: datetime,
    message_ids: Sequence[int] = (),
    origin: str = "",
    origin_id: int = 0,
) -> int:
    """Decide what is to become of uncertain messages, of these or of all of one origin; returns how many there were.
    Of these, the ones to people whom the actor does not see stay as they are.

    They count as *sent*, go out *again* under the same key, or are *dropped*. Raises `NotMessages` for another choice,
    `NotAllowed`.
    """
    actor.require(Right.CAMPAIGNS_APPROVE)
    if choice not in CHOICES:
        raise NotMessages("There is no such choice", received=repr(choice), valid=", ".join(CHOICES))
    unclear = Message.objects.filter(state="uncertain")
    if origin:
        unclear = unclear.filter(errand__origin=origin, errand__origin_id=origin_id)
    else:
        unclear = unclear.filter(pk__among=list(message_ids))
        whose = dict(unclear.values_list("pk", "customer_id"))
        seen = seen_ids(actor, whose.values())
        unclear = unclear.filter(pk__among=[pk for pk, customer_id in whose.items() if customer_id in seen])
    done = 0
    while chosen := list(unclear.order_by("pk").values_list("pk", "errand_id")[:AT_ONCE]):
        with transaction.atomic():
            those = Message.objects.filter(pk__among=[pk for pk, _ in chosen], state="uncertain")
            said = {"holder_id": None, "settled_at": now}
            if choice == "sent":
                changed = those.update(state="sent", reason="", **said)
            elif choice == "drop":
                changed = those.update(state="failed", reason=DROPPED, **said)
            else:
                changed = those.update(
                    state="pending",
                    reason="",
                    holder_id=None,
                    settled_at=None,
                    local_day=None,
                    not_before=now,
                )
                Errand.objects.filter(pk__in={errand for _, errand in chosen}).update(over=False)
            done += changed
            audit.record(
                actor=actor,
                act=CHOICES[choice],
                subject=f"{origin}:{origin_id}" if origin else "",
                detail={"messages": changed},
                now=now,
            )
    return done


def _known(channel: str) -> None:
    if channel not in CHANNELS:
        raise NotMessages(
            "There is no such channel", received=repr(channel), valid=", ".join(CHANNELS.slugs())
        )


def _number(name: str, value: int | None, least: int) -> int | None:
    if value is not None and not least <= value <= LARGEST:
        raise NotARule(
            f"{name} cannot be that",
            received=str(value),
            valid=f"{least} to {LARGEST:,}, or none where none is",
        )
    return value
