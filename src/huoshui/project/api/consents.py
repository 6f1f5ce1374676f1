"""What a customer agreed to: everything that was said, what holds, and saying more."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema, Status
from pydantic import Field

from huoshui.data.privacy import links, queries, services
from huoshui.data.privacy.queries import Statement
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.project.api.shapes import CustomerId, Moment, Said
from huoshui.web import shell

router = Router(tags=["customers"])

Purpose = Literal["marketing", "service", "profiling", "research", "third_party", "abroad", "guardian"]
Channel = Literal["email", "sms", "phone", "wecom", "post", "push", "any"]
State = Literal["granted", "withdrawn"]
Proof = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class ConsentOut(Schema):
    """One statement with its proof. `load_id` is the import that brought it; null where it was recorded by itself."""

    purpose: Purpose
    channel: Channel = Field(description="`any` speaks for every channel")
    state: State
    wording: str
    source: str
    given_at: Moment
    evidence: str
    recorded_at: Moment
    load_id: int | None


class Holding(Schema):
    """What holds for marketing on one channel, since when; nothing was ever said where `state` is null."""

    channel: Channel
    state: State | None
    since: Moment | None


class Consents(Schema):
    """What a customer agreed to. `marketing` says what holds on each channel; `items` is everything that was said."""

    marketing: list[Holding]
    neutral: bool = Field(description="They want nothing that is based on what they are like")
    items: list[ConsentOut] = Field(description="The newest first")
    preferences_url: str | None = Field(
        description="Where the customer decides by themself, for a link in your own shop or app. Whoever has it may "
        "decide for them. For tokens with `consent.record`, else null"
    )


class Saying(Said):
    """What the customer said, and the proof of it."""

    purpose: Purpose = "marketing"
    channel: Channel = Field(description="`any` speaks for every channel; profiling knows no other")
    state: State
    wording: str = Field("", max_length=60, description="Version of the text that was agreed to")
    source: str = Field(min_length=1, max_length=60, pattern=r"\S", description="Where it was said")
    evidence: Proof = Field(description="How that can be shown: the number of a form, an address")


@router.get(
    "/customers/{int:customer_id}/consents",
    response=Consents,
    url_name="consents",
    operation_id="get_consents",
)
def get_consents(request: HttpRequest, customer_id: CustomerId) -> Consents:
    """What a customer agreed to, as the database has it this moment."""
    actor = shell.actor_of(request)
    said = queries.seen(actor=actor, customer_id=customer_id, now=clock.now())
    url = None
    if actor.may(Right.CONSENT_RECORD):
        url = links.preferences_address(customer_id, f"api {actor.user_id}")
    return Consents(
        marketing=[_holding(said, channel) for channel in queries.CHANNELS],
        neutral=customer_id in queries.neutral([customer_id], now=clock.now()),
        items=[_shown(one) for one in said],
        preferences_url=url,
    )


@router.post(
    "/customers/{int:customer_id}/consents",
    response={201: ConsentOut},
    url_name="consents",
    operation_id="record_consent",
)
def record_consent(
    request: HttpRequest, response: HttpResponse, customer_id: CustomerId, sent: Saying
) -> Status[ConsentOut]:
    """Record what a customer says now. It holds when this answers; nothing that was said before is changed."""
    channel = queries.ANY if sent.purpose == "profiling" else sent.channel
    said = services.say(
        actor=shell.actor_of(request),
        customer_id=customer_id,
        now=clock.now(),
        **{**sent.model_dump(), "channel": channel},
    )
    response["Location"] = reverse("api:consents", args=[customer_id])
    return Status(201, _shown(said))


def _holding(said: tuple[Statement, ...], channel: str) -> Holding:
    last = queries.newest(said, purpose="marketing", channel=channel)
    return Holding.model_validate(
        {"channel": channel, "state": last and last.state, "since": last and last.given_at}
    )


def _shown(said: Statement) -> ConsentOut:
    return ConsentOut.model_validate(said, from_attributes=True)
