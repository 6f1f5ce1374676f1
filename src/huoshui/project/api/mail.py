"""E-mail to customers: senders, what came back, addresses that get none."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from huoshui.act.channels import hearing, queries, reports, services
from huoshui.kernel import clock, masks
from huoshui.kernel.actors import Right
from huoshui.project.api.shapes import Moment
from huoshui.web import shell

router = Router(tags=["mail"])


class SenderOut(Schema):
    """Somebody whom the token may write as."""

    slug: str = Field(description="Empty for the address in the setting of the mail server")
    name: str
    address: str
    usual: bool


class SendersOut(Schema):
    """Senders, the usual one first."""

    items: list[SenderOut]


class BounceIn(Schema):
    """A message that a mail server returned, or a complaint, as it came."""

    message: str = Field(min_length=1, max_length=reports.LARGEST, description="With its headers")


class BounceOut(Schema):
    """What it was. Only reports on a message of the house, signed for its address, change anything."""

    kind: Literal["gone", "failed", "waits", "complaint", "other"]


class UnreachableOut(Schema):
    """An address that gets no e-mail. Without the right to reveal contacts it is masked."""

    id: int
    address: str
    reason: Literal["gone", "failing", "complaint", "by_hand"]
    answer: str
    customer_id: int | None
    since: Moment


class UnreachablesOut(Schema):
    """The newest ones, and how many there are."""

    total: int
    items: list[UnreachableOut]


class CloseIn(Schema):
    """An address to write to no more."""

    address: str = Field(max_length=254)
    why: str = Field("", max_length=200)


class Numbered(Schema):
    """The number of an address that gets no e-mail."""

    id: int


@router.get("/mail/senders", response=SendersOut, url_name="senders", operation_id="list_senders")
def list_senders(request: HttpRequest) -> SendersOut:
    """Whom the token may write as."""
    found = queries.senders(actor=shell.actor_of(request))
    return SendersOut(
        items=[SenderOut(slug=o.slug, name=o.name, address=o.address, usual=o.usual) for o in found]
    )


@router.post("/mail/bounces", response=BounceOut, url_name="bounces", operation_id="take_bounce")
def take_bounce(request: HttpRequest, body: BounceIn) -> BounceOut:
    """Take in what a mail server returned (RFC 3464) or somebody complained about (RFC 5965)."""
    shell.actor_of(request).require(Right.CONSENT_RECORD)
    return BounceOut(kind=hearing.receive(body.message.encode("utf-8", "replace"), now=clock.now()))


@router.get(
    "/mail/unreachable", response=UnreachablesOut, url_name="unreachables", operation_id="list_unreachable"
)
def list_unreachable(
    request: HttpRequest,
    address: Annotated[str, Query(max_length=254, description="A whole address")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> UnreachablesOut:
    """Addresses that get no e-mail, the newest first."""
    actor = shell.actor_of(request)
    found, total = queries.unreachable(actor=actor, words=address, limit=limit, offset=offset)
    return UnreachablesOut(
        total=total,
        items=[
            UnreachableOut(
                id=one.id,
                address=masks.email_for(actor, one.address),
                reason=one.reason,
                answer=one.answer,
                customer_id=one.customer_id,
                since=one.since,
            )
            for one in found
        ],
    )


@router.post("/mail/unreachable", response=Numbered, url_name="unreachables", operation_id="close_address")
def close_address(request: HttpRequest, body: CloseIn) -> Numbered:
    """Write to an address no more. Done twice, the number is that of the first time."""
    actor = shell.actor_of(request)
    return Numbered(id=services.close(actor=actor, address=body.address, why=body.why, now=clock.now()))


@router.post(
    "/mail/unreachable/{int:number}/lift",
    response=Numbered,
    url_name="lift_address",
    operation_id="lift_address",
)
def lift_address(request: HttpRequest, number: int) -> Numbered:
    """Write to an address again. Consent that a complaint took is not given back by this."""
    services.lift(actor=shell.actor_of(request), unreachable_id=number, now=clock.now())
    return Numbered(id=number)
