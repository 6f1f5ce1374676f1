"""Campaigns of the past: sent elsewhere before this house knew of them, written down with who got them and who did not.

For people who move here from another tool, with the list of whom it wrote to and whom it left out. Nothing leaves:
the campaign is finished, its messages stand in the outbox as settled, its lots in the decisions, and what it added is
read from the orders as of any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huoshui.act.campaigns import drafts, queries, sending
from huoshui.act.campaigns.drafts import Draft
from huoshui.act.campaigns.errors import NotACampaign
from huoshui.act.campaigns.models import Campaign, Step
from huoshui.act.campaigns.stages import RECORD
from huoshui.act.holdouts import services as holdouts
from huoshui.act.holdouts.trials import Assigned
from huoshui.act.messages import past as messages
from huoshui.act.messages.services import HOLDOUT
from huoshui.data.customers import queries as customers
from huoshui.data.privacy import words as privacy
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.texts import Text

MOST_PEOPLE = 200_000
"""People of one campaign of the past: it is written down in one transaction."""
AT_ONCE = 20_000
LONGEST_REASON = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A campaign of the past. It was sent ``at`` a moment, to all at once, on a channel that the house may not have.

    ``share`` is the part that was meant to be left out, 0 where nobody was: then what it added is not knowable. Goal,
    horizon and cap are as in `act/holdouts`; ``message_cost`` is that of one message in house money. ``audience`` is
    the rule of segments that comes nearest to how people were chosen, where there is one; nobody is looked up by it.
    """

    name: str
    channel: str
    at: datetime
    goal: str
    horizon_days: int
    share: float
    note: str = ""
    audience: Any = None
    cap: Decimal | None = None
    message_cost: Decimal = Decimal(0)


def record(*, actor: Actor, past: Past, people: pa.Table, zone: ZoneInfo, now: datetime) -> int:
    """Write down a campaign of the past with the ``people`` of its audience; its number.

    ``people`` has ``customer_id`` (of this house, each once), ``held``: left out to compare, and, where it is known,
    ``suppressed``: the reason why somebody who was not left out did not get it, empty for who did. Money that it cost
    beside its messages is imported as spending. All or nothing, in one transaction. ``zone`` is that of the house.
    Raises `NotACampaign`, `NotTerms`, `BadRule`, `NotAllowed`.
    """
    actor.require(Right.CAMPAIGNS_EDIT)
    draft = _checked(past, zone, now)
    ids, held, why = _people(people)
    if held.any() != bool(draft.share):
        raise NotACampaign("share", SHARES, received=f"{draft.share:.1%}, {int(held.sum())}")
    with transaction.atomic():
        row = Campaign(
            state="finished",
            expected=len(ids),
            begins_at=past.at,
            started_at=past.at,
            frozen_at=past.at,
            ended_at=past.at,
            size=len(ids),
            made_by=actor.name[:200],
            made_at=now,
            changed_at=now,
        )
        for name in drafts.KEPT:
            setattr(row, name, getattr(draft, name))
        row.save()
        Step.objects.create(campaign=row, act=RECORD, by=actor.name[:200], at=now)
        audit.record(actor=actor, act="campaign.recorded", subject=f"campaign:{row.pk}", now=now)
        gone = messages.Gone(
            origin=queries.ORIGIN,
            origin_id=row.pk,
            channel=draft.channel,
            at=past.at,
            cost=draft.message_cost,
        )
        rows = pa.table({"customer_id": pa.array(ids), "suppressed": why})
        messages.record(actor=actor, gone=gone, rows=rows, now=now)
        what = sending.what(row.pk)
        holdouts.record_past(
            actor=actor,
            what=what,
            title=draft.name,
            share=draft.share,
            goal=draft.goal,  # type: ignore[arg-type]  # one of them: `drafts.checked`
            horizon_days=draft.horizon_days,
            cap=draft.cap,
            eligible=len(ids),
            now=now,
        )
        for start in range(0, len(ids), AT_ONCE):
            some = _drawn(ids[start : start + AT_ONCE], held[start : start + AT_ONCE])
            holdouts.record(assigned=some, what=what, version=row.version, drawn_at=past.at, now=now)
    return int(row.pk)


def channels() -> dict[str, Text]:
    """The channels that a campaign of the past may have gone out on: those of the house, and those people agree to."""
    named = {slug: words for slug, words in privacy.CHANNELS.items() if slug != "any"}
    return {**named, **{one.slug: one.label for one in CHANNELS}}


def _checked(past: Past, zone: ZoneInfo, now: datetime) -> Draft:
    """The draft that it would have been. Raises `NotACampaign`, `BadRule`."""
    if past.at.tzinfo is None or past.at > now:
        raise NotACampaign("at", NOT_PAST, received=past.at.isoformat())
    known = channels()
    if past.channel not in known:
        raise NotACampaign(
            "channel", drafts.NO_CHANNEL, received=past.channel[:80], valid=", ".join(sorted(known))
        )
    local = past.at.astimezone(zone)
    return drafts.checked(
        Draft(
            name=past.name,
            note=past.note,
            audience=past.audience,
            channel=past.channel,
            choice="draw" if past.share else "unknown",
            share=past.share,
            goal=past.goal,
            horizon_days=past.horizon_days,
            cap=past.cap,
            plan="house",
            day=local.date(),
            time=local.time().replace(second=0, microsecond=0),
            message_cost=past.message_cost,
        ),
        among=known,
    )


def _people(people: pa.Table) -> tuple[np.ndarray, np.ndarray, pa.Array]:
    """Ids, who was left out, and why each did not get it. Raises `NotACampaign`."""
    if not {"customer_id", "held"} <= set(people.column_names):
        raise NotACampaign("people", NO_COLUMNS, received=", ".join(people.column_names)[:80])
    if not 0 < people.num_rows <= MOST_PEOPLE:
        raise NotACampaign("people", TOO_MANY, received=f"{people.num_rows:,}")
    try:
        ids = people["customer_id"].cast(pa.int64()).combine_chunks()
        held = people["held"].cast(pa.bool_()).combine_chunks()
        said = (
            people["suppressed"] if "suppressed" in people.column_names else pa.nulls(len(ids), pa.string())
        )
        why = pa.chunked_array([said]) if isinstance(said, pa.Array) else said
        why = why.cast(pa.string()).combine_chunks()
    except pa.ArrowException as error:
        raise NotACampaign("people", NO_COLUMNS, received=str(error)[:80]) from error
    if ids.null_count or held.null_count:
        raise NotACampaign("people", NO_COLUMNS, received="an empty cell")
    if (longest := pc.max(pc.utf8_length(why)).as_py()) is not None and longest > LONGEST_REASON:
        raise NotACampaign("people", NO_COLUMNS, received=f"a reason of {longest} characters")
    if len(pc.unique(ids)) < len(ids):
        raise NotACampaign("people", TWICE)
    numbers = ids.to_numpy()
    _, known = customers.ids_for_lake()
    if strangers := sum(one not in known for one in numbers.tolist()):
        raise NotACampaign("people", STRANGERS, received=f"{strangers:,}")
    why = pc.if_else(pc.equal(why, ""), pa.scalar(None, pa.string()), why)
    return numbers, held.to_numpy(zero_copy_only=False), pc.if_else(held, HOLDOUT, why)


def _drawn(ids: np.ndarray, held: np.ndarray) -> Assigned:
    return Assigned(
        customer_ids=ids,
        held=held,
        by_global=np.zeros(len(ids), dtype=np.bool_),
        variants=pa.array([""] * len(ids), pa.string()),
    )


NOT_PAST = Text("A campaign of the past lies in the past", "补录的活动须发生在过去")
NO_COLUMNS = Text(
    f"The people have customer_id, held and, at most {LONGEST_REASON} characters each, suppressed",
    f"人员名单须有 customer_id 与 held 两列；suppressed 可选，每格最多 {LONGEST_REASON} 个字符",
)
TOO_MANY = Text(
    f"A campaign of the past has 1 to {MOST_PEOPLE:,} people", f"补录的活动须有 1 到 {MOST_PEOPLE:,} 人"
)
TWICE = Text("Somebody is in the list twice", "名单中有人重复")
STRANGERS = Text("Some of these are not customers of this house", "名单中有人不是本系统的客户")
SHARES = Text(
    "Either some were left out and the share says how many were meant, or nobody was and it is 0",
    "有人留作对照时须注明对照比例；无人留作对照时比例须为 0",
)
