"""Campaigns as they are looked at, and how they stand: each person of the audience is in exactly one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from huoshui.act.campaigns import stages
from huoshui.act.campaigns.drafts import Draft, VariantDraft
from huoshui.act.campaigns.errors import NoSuchCampaign
from huoshui.act.campaigns.models import Campaign, Portion
from huoshui.act.messages import queries as messages
from huoshui.database.pictures import one_picture
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text

ORIGIN = "campaign"
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many of an ``audience`` can be reached, counted ``at`` a moment; each of the others for the first reason."""

    audience: int
    reachable: int
    no_consent: int
    no_address: int
    capped: int
    control: int
    at: datetime
    under_14: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done to a campaign; ``by`` is empty for the clock."""

    act: str
    by: str
    at: datetime
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A campaign: ``draft`` is what it is to be, the rest where it is on its way. ``because`` says why it is paused."""

    number: int
    draft: Draft
    state: str
    version: int
    reach: Reach | None
    expected: int | None
    submitted_by_id: int | None
    begins_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    frozen: bool
    because: Text | None
    made_by: str
    made_at: datetime
    changed_at: datetime
    steps: Sequence[Done] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.draft.name

    @property
    def recorded(self) -> bool:
        """Whether it was sent elsewhere and written down here afterwards; of one that is asked for on its own."""
        return any(step.act == stages.RECORD for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where the people of the audience are: ``by_state`` adds up to ``audience``.

    ``pending`` holds those whose turn has not come; ``by_reason`` says why people are out. ``settled`` of the audience
    have been through consent, eligibility and the lots. ``cost`` is what was spent so far, in house money.
    """

    audience: int
    by_state: Mapping[str, int]
    by_reason: Mapping[str, int]
    waiting: int
    settled: int
    cost: Decimal

    @property
    def adds_up(self) -> bool:
        """Whether nobody is missing and nobody counted twice."""
        return sum(self.by_state.values()) == self.audience

    @property
    def is_over(self) -> bool:
        """Whether nobody's turn is to come any more."""
        return self.settled == self.audience and not self.by_state["pending"]


STATES = ("sent", "uncertain", "pending", "suppressed", "failed", "held_out")


def campaigns(*, actor: Actor) -> list[Described]:
    """All campaigns, the newest first."""
    actor.require(Right.CUSTOMERS_VIEW)
    return [_described(row) for row in Campaign.objects.prefetch_related("variants")]


def campaign(number: int, *, actor: Actor) -> Described:
    """One campaign with what was done to it. Raises `NoSuchCampaign`."""
    actor.require(Right.CUSTOMERS_VIEW)
    row = found(number)
    steps = [Done(act=s.act, by=s.by, at=s.at, remark=s.remark) for s in row.steps.all()]
    return _described(row, steps)


def with_progress(*, actor: Actor, now: datetime) -> list[tuple[Described, Progress | None]]:
    """All campaigns, the newest first, those that have an audience with how they stand."""
    actor.require(Right.CUSTOMERS_VIEW)
    with one_picture():
        rows = Campaign.objects.prefetch_related("variants")
        return [(_described(row), _standing(row, now) if row.frozen_at else None) for row in rows]


def in_whole(number: int, *, actor: Actor, now: datetime) -> tuple[Described, Progress]:
    """One campaign with what was done to it, and how it stands. Raises `NoSuchCampaign`."""
    with one_picture():
        return campaign(number, actor=actor), _standing(found(number), now)


def progress(number: int, *, actor: Actor, now: datetime) -> Progress:
    """How a campaign stands. Raises `NoSuchCampaign`."""
    actor.require(Right.CUSTOMERS_VIEW)
    return standing(number, now)


def standing(number: int, now: datetime) -> Progress:
    """The same, for this room."""
    with one_picture():
        return _standing(found(number), now)


def _standing(row: Campaign, now: datetime) -> Progress:
    """How a campaign stands. Ask within one picture, or who is settled meanwhile is counted twice or not at all."""
    counts = messages.counts(origin=ORIGIN, origin_id=row.pk, now=now)
    by_state = {state: counts.by_state.get(state, 0) for state in STATES}
    by_state["pending"] += counts.by_state.get("claimed", 0)
    by_reason = dict(counts.by_reason)
    unsettled = (left(row).aggregate(n=Sum("people"))["n"] or 0) if row.frozen_at else 0
    if row.state == "stopped" and unsettled:
        by_state["suppressed"] += unsettled
        by_reason["stopped"] = by_reason.get("stopped", 0) + unsettled
        unsettled = 0
    by_state["pending"] += unsettled
    out = by_state["sent"] + by_state["uncertain"]
    return Progress(
        audience=row.size,
        by_state=by_state,
        by_reason=by_reason,
        waiting=counts.held,
        settled=row.size - unsettled,
        cost=(row.fixed_cost if row.started_at else Decimal(0)) + row.message_cost * out,
    )


def left(row: Campaign) -> QuerySet[Portion]:
    """The portions of a frozen audience that are not settled yet, for this room."""
    return Portion.objects.filter(campaign=row, attempt=row.attempt, settled_at=None)


def title(number: int) -> str:
    """The name of a campaign; its number where there is none."""
    return Campaign.objects.filter(pk=number).values_list("name", flat=True).first() or str(number)


def titles(actor: Actor, ids: Sequence[str]) -> dict[str, str]:
    """The names of those campaigns that ``actor`` sees, by their number as text."""
    if not actor.may(Right.CUSTOMERS_VIEW):
        return {}
    wanted = [int(one) for one in ids if one.isascii() and one.isdecimal() and int(one) <= LARGEST_ID]
    seen = Campaign.objects.filter(pk__in=wanted).values_list("pk", "name")
    return {str(pk): name for pk, name in seen if str(pk) in ids}


def found(number: int) -> Campaign:
    """The row of a campaign, for this room. Raises `NoSuchCampaign`."""
    row = Campaign.objects.filter(pk=number).first() if 0 < number <= LARGEST_ID else None
    if row is None:
        raise NoSuchCampaign("There is no such campaign", received=str(number))
    return row


def draft_of(row: Campaign) -> Draft:
    """What a row says the campaign is to be."""
    return Draft(
        name=row.name,
        note=row.note,
        audience=row.audience,
        channel=row.channel,
        sender=row.sender,
        variants=[
            VariantDraft(
                template_id=one.template_id, template_version=one.template_version, weight=one.weight
            )
            for one in row.variants.all()
        ],
        choice=row.choice,
        share=row.share,
        goal=row.goal,
        horizon_days=row.horizon_days,
        cap=row.cap,
        plan=row.plan,
        day=row.day,
        time=row.time,
        waves=row.waves,
        message_cost=row.message_cost,
        fixed_cost=row.fixed_cost,
    )


def _described(row: Campaign, steps: Sequence[Done] = ()) -> Described:
    return Described(
        number=row.pk,
        draft=draft_of(row),
        state=row.state,
        version=row.version,
        reach=None if row.reach is None else _reach(row.reach),
        expected=row.expected,
        submitted_by_id=row.submitted_by_id,
        begins_at=row.begins_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        frozen=row.frozen_at is not None,
        because=_because(row),
        made_by=row.made_by,
        made_at=row.made_at,
        changed_at=row.changed_at,
        steps=steps,
    )


def _reach(kept: Mapping[str, Any]) -> Reach:
    return Reach(**{**kept, "at": datetime.fromisoformat(kept["at"])})


def _because(row: Campaign) -> Text | None:
    if row.state != "paused":
        return None
    words = stages.PAUSES[row.paused]
    said = {
        name: f"{value:,}" if isinstance(value, int) else str(value) for name, value in row.paused_by.items()
    }
    return Text(words.en.format(**said), words.zh.format(**said))
