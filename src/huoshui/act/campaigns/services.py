"""Verbs of campaigns: made, changed, submitted, approved, started, paused, resumed, stopped, copied.

Each is one transaction, leaves a step with the campaign and is told to the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from huoshui.act.campaigns import drafts, following, queries, sending, stages, timing
from huoshui.act.campaigns.drafts import EMAIL, LETTERS, LONGEST_NOTE, Draft
from huoshui.act.campaigns.errors import CampaignChanged, NeedsAnother, NotACampaign, NotReady
from huoshui.act.campaigns.models import Campaign, Step, Variant
from huoshui.act.channels import queries as channels
from huoshui.act.channels.errors import NoSuchSender
from huoshui.act.holdouts import services as holdouts
from huoshui.act.messages import services as messages
from huoshui.desk.audit import services as audit
from huoshui.desk.jobs import services as jobs
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.texts import Text

SUBJECT = "campaign"


def make(*, actor: Actor, draft: Draft, now: datetime) -> int:
    """Keep a new campaign, complete or not; its number. Raises `NotACampaign`, `BadRule`, `NotAllowed`."""
    actor.require(Right.CAMPAIGNS_EDIT)
    ready = drafts.checked(draft)
    _require_sender(actor, ready, "")
    return _made(actor, ready, now, act="make")


def duplicate(*, actor: Actor, number: int, name: str, now: datetime) -> int:
    """A clean copy of a campaign under ``name``: a draft without schedule, approval or progress; its number.

    Raises `NoSuchCampaign`, `NotACampaign`, `NotAllowed`.
    """
    actor.require(Right.CAMPAIGNS_EDIT)
    source = queries.draft_of(queries.found(number))
    channel = source.channel if source.channel in CHANNELS else ""
    clean = replace(source, name=name, channel=channel, plan="", day=None, time=None)
    return _made(actor, drafts.checked(clean), now, act="copy", remark=source.name)


def change(*, actor: Actor, number: int, version: int, draft: Draft, now: datetime) -> int:
    """Give a draft other values; its new version. ``version`` is the one that the editor saw.

    Raises `CampaignChanged` when somebody else was quicker, `NotNow`, and as `make`.
    """
    actor.require(Right.CAMPAIGNS_EDIT)
    ready = drafts.checked(draft)
    with transaction.atomic():
        row = _held(number)
        stages.require("change", row.state)
        if row.version != version:
            raise CampaignChanged(
                "The campaign was changed since you opened it",
                received=f"version {version}",
                valid=f"version {row.version}",
                next_step="Look at it again and make your change once more",
            )
        before = queries.draft_of(row)
        if before == ready:
            return row.version
        _require_sender(actor, ready, before.sender if before.channel == ready.channel else "")
        if (before.audience, before.channel) != (ready.audience, ready.channel):
            row.reach, row.expected = None, None
        row.version += 1
        _write(row, ready, now)
        _told(row, actor, "change", now)
        return row.version


def _require_sender(actor: Actor, draft: Draft, before: str) -> None:
    """Refuse a sender of e-mail that ``actor`` may not write as, unless it was the one ``before``."""
    if draft.channel != EMAIL or not draft.sender or draft.sender == before:
        return
    try:
        channels.require_may_write_as(actor, draft.sender)
    except NoSuchSender:
        valid = ", ".join(one.slug for one in channels.senders(actor=actor))
        raise NotACampaign("sender", drafts.NOT_THEIRS, received=draft.sender, valid=valid) from None


def remember_reach(*, number: int, version: int, reach: Mapping[str, Any]) -> None:
    """Keep what was counted of the audience of a version; another version has another."""
    Campaign.objects.filter(pk=number, version=version).update(reach=dict(reach), expected=reach["audience"])


def submit(*, actor: Actor, number: int, expected: int, zone: ZoneInfo, now: datetime) -> str:
    """Say that a draft is ready; the state it is in then. ``expected`` is how many people its audience has now.

    Who may approve campaigns need not ask: theirs is approved at once. Raises `NotReady` with all that is missing.
    """
    actor.require(Right.CAMPAIGNS_EDIT)
    with transaction.atomic():
        row = _held(number)
        stages.require("submit", row.state)
        _require_complete(row, now, zone)
        row.expected, row.submitted_by_id = expected, actor.user_id
        own = actor.may(Right.CAMPAIGNS_APPROVE)
        row.state = "approved" if own else "submitted"
        row.save()
        _told(row, actor, "submit", now)
        if own:
            _told(row, actor, "approve", now)
        return row.state


def approve(*, actor: Actor, number: int, zone: ZoneInfo, now: datetime) -> None:
    """Approve what somebody else submitted. Raises `NeedsAnother` for who submitted it, `NotReady`, `NotNow`."""
    actor.require(Right.CAMPAIGNS_APPROVE)
    with transaction.atomic():
        row = _held(number)
        stages.require("approve", row.state)
        if row.submitted_by_id is not None and row.submitted_by_id == actor.user_id:
            raise NeedsAnother(
                Text("Who submitted a campaign does not approve it", "提交人不能批准自己的营销活动"),
                valid="somebody else with the right campaigns.approve",
            )
        _require_complete(row, now, zone)
        row.state = "approved"
        row.save()
        _told(row, actor, "approve", now)


def send_back(*, actor: Actor, number: int, remark: str, now: datetime) -> None:
    """Give a submitted campaign back with a remark on what is to change. Raises `NotNow`, `NotACampaign`."""
    actor.require(Right.CAMPAIGNS_APPROVE)
    if not 0 < len(remark.strip()) <= LONGEST_NOTE or "\0" in remark:
        raise NotACampaign(
            "remark",
            Text("Say what is to change", "请说明需要修改什么"),
            valid=f"1 to {LONGEST_NOTE} characters",
        )
    _move(actor, number, "return", "draft", now, remark=remark.strip())


def reopen(*, actor: Actor, number: int, now: datetime) -> None:
    """Take a campaign back to change it; it has to be approved again. Raises `NotNow`."""
    actor.require(Right.CAMPAIGNS_EDIT)
    _move(actor, number, "reopen", "draft", now)


def start(*, actor: Actor, number: int, zone: ZoneInfo, now: datetime) -> str:
    """Start an approved campaign: now or when its schedule says; the state it is in then.

    From here on what is compared is fixed. Raises `NotReady`, `NotNow`, `NotTerms`.
    """
    actor.require(Right.CAMPAIGNS_EDIT)
    with transaction.atomic():
        row = _held(number)
        stages.require("start", row.state)
        draft = _require_complete(row, now, zone)
        holdouts.fix(
            actor=actor,
            what=sending.what(number),
            title=row.name,
            share=row.share,
            variants=_weights(draft),
            goal=draft.goal,  # type: ignore[arg-type]  # one of them: `drafts.checked`
            horizon_days=row.horizon_days,
            cap=row.cap,
            choice=draft.choice,  # type: ignore[arg-type]
            eligible=row.reach["reachable"] if row.reach else row.expected or 0,
            now=now,
        )
        row.begins_at = timing.beginning(row.plan, day=row.day, at=row.time, house=zone, now=now)
        row.state = "scheduled"
        if row.begins_at <= now:
            row.state, row.started_at = "sending", now
        row.save()
        _told(row, actor, "start", now)
        jobs.start(actor=actor, slug=following.KIND, now=now, due=max(row.begins_at, now))
        return row.state


def pause(*, actor: Actor, number: int, now: datetime) -> None:
    """Let nothing more leave until `resume`. Raises `NotNow`."""
    actor.require(Right.CAMPAIGNS_EDIT)
    with transaction.atomic():
        row = _held(number)
        stages.require("pause", row.state)
        following.halt(row, "person", {}, actor=actor, now=now)
        _told(row, actor, "pause", now)


def resume(*, actor: Actor, number: int, now: datetime) -> str:
    """Go on with a paused campaign, whatever paused it; the state it is in then.

    One that paused itself because its audience had grown takes that audience for right. Raises `NotNow`.
    """
    actor.require(Right.CAMPAIGNS_EDIT)
    with transaction.atomic():
        row = _held(number)
        stages.require("resume", row.state)
        if row.paused == "grown":
            row.expected = row.paused_by["found"]
        late = row.started_at is None and row.begins_at is not None and row.begins_at > now
        row.state = "scheduled" if late else "sending"
        if row.state == "sending" and row.started_at is None:
            row.started_at = now
        row.paused, row.paused_by = "", {}
        row.save()
        messages.resume(actor=actor, origin=queries.ORIGIN, origin_id=number, now=now)
        _told(row, actor, "resume", now)
        jobs.start(actor=actor, slug=following.KIND, now=now)
        return row.state


def stop(*, actor: Actor, number: int, now: datetime) -> None:
    """End a campaign for good: whoever has not got it never will. Raises `NotNow`."""
    actor.require(Right.CAMPAIGNS_EDIT)
    with transaction.atomic():
        row = _held(number)
        stages.require("stop", row.state)
        row.state, row.ended_at, row.paused, row.paused_by = "stopped", now, "", {}
        row.save()
        _told(row, actor, "stop", now)
    # Many messages take several transactions; the clock goes on with them where this process dies.
    following.end_messages(number, actor=actor, now=now)


def _made(actor: Actor, draft: Draft, now: datetime, *, act: str, remark: str = "") -> int:
    with transaction.atomic():
        row = Campaign(made_by=actor.name[:200], made_at=now)
        _write(row, draft, now)
        _told(row, actor, act, now, remark=remark)
    return int(row.pk)


def _write(row: Campaign, draft: Draft, now: datetime) -> None:
    for name in drafts.KEPT:
        setattr(row, name, getattr(draft, name))
    row.changed_at = now
    row.save()
    row.variants.all().delete()
    Variant.objects.bulk_create(
        [
            Variant(
                campaign=row,
                letter=letter,
                template_id=one.template_id,
                template_version=one.template_version,
                weight=one.weight,
            )
            for letter, one in zip(LETTERS, draft.variants, strict=False)
        ]
    )


def _weights(draft: Draft) -> dict[str, float]:
    """The variants by letter, as lots are drawn; one alone has no name."""
    if len(draft.variants) == 1:
        return {"": 1.0}
    return {letter: one.weight for letter, one in zip(LETTERS, draft.variants, strict=False)}


def _move(actor: Actor, number: int, act: str, state: str, now: datetime, *, remark: str = "") -> None:
    with transaction.atomic():
        row = _held(number)
        stages.require(act, row.state)
        row.state = state
        row.save()
        _told(row, actor, act, now, remark=remark)


def _require_complete(row: Campaign, now: datetime, zone: ZoneInfo) -> Draft:
    draft = queries.draft_of(row)
    if problems := drafts.missing(draft, now=now, zone=zone):
        raise NotReady(
            Text(" ".join(one.en for one in problems), "".join(one.zh for one in problems)), received=row.name
        )
    return draft


def _held(number: int) -> Campaign:
    """The campaign, held until the transaction ends. Raises `NoSuchCampaign`."""
    queries.found(number)
    return Campaign.objects.select_for_update().get(pk=number)


def _told(row: Campaign, actor: Actor, act: str, now: datetime, *, remark: str = "") -> None:
    Step.objects.create(campaign=row, act=act, by=actor.name[:200], at=now, remark=remark[:LONGEST_NOTE])
    audit.record(actor=actor, act=f"campaign.{act}", subject=f"{SUBJECT}:{row.pk}", now=now)
