"""What the clock does with campaigns: begins those that are due, goes on with those that send, brakes, and ends them.

Everything here may run any number of times at once, and may be killed at any moment: each step is settled by a
condition in the transaction that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from huoshui.act.campaigns import purposes, queries, sending
from huoshui.act.campaigns.models import Campaign, Step
from huoshui.act.messages import queries as outbox
from huoshui.act.messages import services as outgoing
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import HOUSE
from huoshui.know.segments.errors import BadRule
from huoshui.lake.house import Lake

KIND = "campaigns.follow"
GRACE = timedelta(hours=2)
"""How late a campaign may begin by itself: after that somebody has to say that it is still wanted."""

LOOKED_AFTER = timedelta(days=7)
"""How long a stopped campaign is looked at: whether all of its messages are."""

GROWN = 2
"""How many times the expected audience is too many."""


def follow(*, actor: Actor, lake: Lake, now: datetime, progress: sending.Says | None = None) -> int:
    """Everything that is to be done now; how many campaigns were looked at."""
    zone = HOUSE().zone
    looked_at = 0
    for number in list(
        Campaign.objects.filter(state="scheduled", begins_at__lte=now).values_list("pk", flat=True)
    ):
        begin(number, actor=actor, now=now)
        looked_at += 1
    for number in list(Campaign.objects.filter(state="sending").order_by("pk").values_list("pk", flat=True)):
        go_on(number, actor=actor, lake=lake, zone=zone, now=now, progress=progress)
        looked_at += 1
    for number in list(
        Campaign.objects.filter(state="stopped", ended_at__gt=now - LOOKED_AFTER).values_list("pk", flat=True)
    ):
        if not outbox.is_over(origin=queries.ORIGIN, origin_id=number):
            end_messages(number, actor=actor, now=now)
    sending.sweep()
    return looked_at


def begin(number: int, *, actor: Actor, now: datetime) -> None:
    """Begin a scheduled campaign whose time has come, once however many ask."""
    with transaction.atomic():
        row = Campaign.objects.select_for_update().filter(pk=number, state="scheduled").first()
        if row is None or row.begins_at is None or row.begins_at > now:
            return
        if now - row.begins_at > GRACE:
            late = round((now - row.begins_at) / timedelta(hours=1))
            return halt(row, "overdue", {"hours": late}, actor=actor, now=now)
        row.state, row.started_at = "sending", now
        row.save(update_fields=["state", "started_at"])
        _note(row, "begin", now)


def go_on(
    number: int,
    *,
    actor: Actor,
    lake: Lake,
    zone: ZoneInfo,
    now: datetime,
    progress: sending.Says | None = None,
) -> None:
    """Do what is left of a campaign that sends: freeze, settle, brake, finish."""
    row = queries.found(number)
    if row.state != "sending":
        return
    draft = queries.draft_of(row)
    messages = [(one.template_id, one.template_version) for one in draft.variants]
    if purposes.outside(audience=draft.audience, messages=messages):
        # Allowed when it was approved, and no longer.
        return _halted(number, "purpose", {}, actor=actor, now=now)
    if row.frozen_at is None:
        try:
            found = sending.freeze(
                number,
                tables=lake.snapshot(),
                house=zone,
                now=now,
                accepts=lambda held, size: _accepted(held, size, actor, now),
            )
        except BadRule as error:
            return _halted(number, "rule", {"problem": str(error)}, actor=actor, now=now)
        if not found.kept:
            return
    if sending.settle(number, actor=actor, house=zone, now=now, progress=progress):
        _finish(number, actor=actor, now=now)


def halt(row: Campaign, why: str, numbers: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Pause a campaign that the caller holds, and its messages."""
    row.state, row.paused, row.paused_by = "paused", why, dict(numbers)
    row.save(update_fields=["state", "paused", "paused_by"])
    outgoing.pause(actor=actor, origin=queries.ORIGIN, origin_id=row.pk, now=now)
    if why != "person":
        _note(row, "brake", now)
        audit.record(
            actor=actor, act="campaign.brake", subject=f"campaign:{row.pk}", detail={"why": why}, now=now
        )


def end_messages(number: int, *, actor: Actor, now: datetime) -> None:
    """Let what has not left yet never leave."""
    outgoing.stop(actor=actor, origin=queries.ORIGIN, origin_id=number, now=now)


def _accepted(row: Campaign, size: int, actor: Actor, now: datetime) -> bool:
    """Whether the audience may be taken; where not, the campaign pauses. The caller holds the campaign."""
    if is_expected(row, size):
        return True
    numbers = {"expected": row.expected or 0} | ({"found": size} if size else {})
    halt(row, "grown" if size else "empty", numbers, actor=actor, now=now)
    return False


def is_expected(row: Campaign, size: int) -> bool:
    """Whether so many people are about what somebody agreed to: some, and not twice as many."""
    return 0 < size < GROWN * (row.expected or 0)


def _halted(number: int, why: str, numbers: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        row = Campaign.objects.select_for_update().filter(pk=number, state="sending").first()
        if row is not None:
            halt(row, why, numbers, actor=actor, now=now)


def _finish(number: int, *, actor: Actor, now: datetime) -> None:
    """End a campaign of which nobody's turn is to come any more; brake one that has more messages than people."""
    progress = queries.standing(number, now)
    messages_there = sum(progress.by_state.values())
    if messages_there > progress.audience:
        numbers = {"found": messages_there, "expected": progress.audience}
        return _halted(number, "too_many", numbers, actor=actor, now=now)
    if not (progress.is_over and progress.adds_up):
        return
    with transaction.atomic():
        row = Campaign.objects.select_for_update().filter(pk=number, state="sending").first()
        if row is None:
            return
        row.state, row.ended_at = "finished", now
        row.save(update_fields=["state", "ended_at"])
        _note(row, "finish", now)


def _note(row: Campaign, act: str, now: datetime) -> None:
    Step.objects.create(campaign=row, act=act, at=now)
