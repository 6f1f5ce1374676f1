"""Campaigns of the past: sent by another tool, written down with who got them and who was left out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, BeforeValidator, Field, WithJsonSchema

from huoshui.act.campaigns import past_lists
from huoshui.act.campaigns.past import LONGEST_REASON, Past
from huoshui.act.campaigns.past_lists import Asked
from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.project.api.campaigns import AMOUNT, Goal
from huoshui.project.api.shapes import Said
from huoshui.web import shell

router = Router(tags=["campaigns"])
MOST_PEOPLE = 10_000
"""Of one request; longer lists are read on the page and by the command."""


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or len(value) < len("2026-03-01T12:00Z"):
        raise ValueError("a moment is written YYYY-MM-DDTHH:MM:SSZ")
    return datetime.fromisoformat(value)


SentAt = Annotated[
    AwareDatetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
    Field(description="ISO 8601 with its zone"),
]


class PastPerson(Said):
    """Somebody of the audience: left out to compare, or not; `reason` says why they did not get it, if they did not."""

    customer: str = Field(min_length=1, max_length=254)
    held: bool
    reason: str = Field("", max_length=LONGEST_REASON)


class PastIn(Said):
    """A campaign of the past. Nothing is sent, and it cannot be taken back."""

    name: str = Field(min_length=1, max_length=120)
    note: str = Field("", max_length=500)
    channel: str = Field(min_length=1, max_length=40)
    sent_at: SentAt
    goal: Goal = "conversion"
    horizon_days: int = Field(14, ge=1, le=365)
    holdout: float | None = Field(
        None, ge=0, le=0.5, description="Part that was to be left out; null: the part that the list has"
    )
    cap: str | None = Field(None, pattern=AMOUNT, description="Most money counted per person")
    message_cost: str = Field("0", pattern=AMOUNT)
    named_by: Literal["number", "phone", "email", "id"] = Field(
        "number", description="What `customer` holds: the shop's number, a phone, an e-mail, or our id"
    )
    known_only: bool = Field(
        False, description="Leave out who is no customer here instead of refusing the list"
    )
    people: list[PastPerson] = Field(min_length=1, max_length=MOST_PEOPLE)


class PastOut(Schema):
    """The campaign that was written down; what it added stands at `/api/trials/campaign:NUMBER` a minute later."""

    number: int
    people: int
    unknown: int = Field(description="Rows that name nobody here")
    again: int = Field(description="Rows that name somebody a second time")
    both: int = Field(description="People who were on both sides, and count on none")


@router.post(
    "/campaigns/past",
    response={201: PastOut},
    url_name="past_campaign",
    operation_id="record_past_campaign",
)
def record_past_campaign(request: HttpRequest, response: HttpResponse, sent: PastIn) -> Status[PastOut]:
    """Write down a campaign that another tool has sent, with everybody of its audience."""
    made = past_lists.record(
        actor=shell.actor_of(request),
        past=Past(
            name=sent.name,
            note=sent.note,
            channel=sent.channel,
            at=sent.sent_at,
            goal=sent.goal,
            horizon_days=sent.horizon_days,
            share=0.0,
            cap=None if sent.cap is None else Decimal(sent.cap),
            message_cost=Decimal(sent.message_cost),
        ),
        share=sent.holdout,
        cells=pa.table(
            {
                "customer": [one.customer.strip() for one in sent.people],
                "held": ["yes" if one.held else "no" for one in sent.people],
                "reason": [one.reason.strip() for one in sent.people],
            }
        ),
        asked=Asked(
            who="customer",
            kind=sent.named_by,
            held="held" if any(one.held for one in sent.people) else "",
            value="yes",
            reason="reason",
            known_only=sent.known_only,
        ),
        zone=HOUSE().zone,
        now=clock.now(),
    )
    response["Location"] = reverse("api:campaign", args=[made.number])
    found = made.people
    return Status(
        201,
        PastOut(
            number=made.number,
            people=found.table.num_rows,
            unknown=found.unknown,
            again=found.again,
            both=found.both,
        ),
    )
