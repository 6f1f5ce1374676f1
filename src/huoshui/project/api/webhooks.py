"""Webhooks: where messages are posted to, what was delivered, and sending again what was given up."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from huoshui.act.channels import webhook_queries as queries
from huoshui.act.channels import webhook_services as services
from huoshui.kernel import clock
from huoshui.project.api import cursors
from huoshui.project.api.shapes import SIZE, Moment, Number, Said
from huoshui.project.api.work import Cursor, Limit
from huoshui.web import shell

router = Router(tags=["webhooks"])
Contact = Literal["none", "phone", "email"]
State = Literal["waiting", "trying", "delivered", "uncertain", "dead", "stopped"]


class WebhookIn(Said):
    """What a webhook is to be. `repeats`: the receiver takes the same `webhook-id` twice for one."""

    name: str = Field(min_length=1, max_length=100)
    url: str = Field(min_length=1, max_length=2000, examples=["https://hooks.example.com/huoshui"])
    contact: Contact = "none"
    repeats: bool = False


class WebhookOut(Schema):
    """A webhook, without its secret. `deliveries` counts them by state."""

    webhook_id: int
    slug: str
    name: str
    url: str
    contact: Contact
    repeats: bool
    active: bool
    because: Literal["", "person", "gone"]
    failing: bool
    rotating_until: Moment | None
    made_at: Moment
    deliveries: dict[str, int]


class WebhookMade(WebhookOut):
    """A webhook with its secret, which is shown this once."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class Webhooks(Schema):
    """All webhooks; the first that is active is the usual one."""

    items: list[WebhookOut]


class SwitchIn(Said):
    """On or off."""

    active: bool


class TryOut(Schema):
    """One attempt. `status` is missing where no answer came."""

    number: int
    at: Moment
    status: int | None
    milliseconds: int
    answer: str


class DeliveryOut(Schema):
    """A delivery: everything but what it says."""

    delivery_id: int
    webhook_id: int
    message_id: str = Field(description="The header `webhook-id` of every attempt")
    type: str
    customer_id: int | None
    marketing: bool
    state: State
    attempts: int
    answer: str
    made_at: Moment
    due_at: Moment
    ended_at: Moment | None
    tries: list[TryOut]


class Deliveries(Schema):
    """Deliveries, newest first."""

    items: list[DeliveryOut]
    next_cursor: str


class Replayed(Schema):
    """How many are sent again."""

    deliveries: int


@router.get("/webhooks", response=Webhooks, url_name="webhooks", operation_id="list_webhooks")
def list_webhooks(request: HttpRequest) -> Webhooks:
    """All webhooks."""
    return Webhooks(items=[_webhook(one) for one in queries.endpoints(actor=shell.actor_of(request))])


@router.post("/webhooks", response={201: WebhookMade}, url_name="webhooks", operation_id="create_webhook")
def create_webhook(request: HttpRequest, sent: WebhookIn) -> Status[WebhookMade]:
    """Add a webhook. Its address is `https` at a host of the public Internet."""
    actor = shell.actor_of(request)
    number, secret = services.add(actor=actor, **sent.model_dump(), now=clock.now())
    return Status(201, _made(request, number, secret))


@router.get("/webhooks/{int:webhook_id}", response=WebhookOut, url_name="webhook", operation_id="get_webhook")
def get_webhook(request: HttpRequest, webhook_id: Number) -> WebhookOut:
    """One webhook."""
    return _webhook(queries.endpoint(actor=shell.actor_of(request), endpoint_id=webhook_id))


@router.put(
    "/webhooks/{int:webhook_id}", response=WebhookOut, url_name="webhook", operation_id="change_webhook"
)
def change_webhook(request: HttpRequest, webhook_id: Number, sent: WebhookIn) -> WebhookOut:
    """Give a webhook other values."""
    actor = shell.actor_of(request)
    services.change(actor=actor, endpoint_id=webhook_id, **sent.model_dump(), now=clock.now())
    return get_webhook(request, webhook_id)


@router.post(
    "/webhooks/{int:webhook_id}/switch",
    response=WebhookOut,
    url_name="switch_webhook",
    operation_id="switch_webhook",
)
def switch_webhook(request: HttpRequest, webhook_id: Number, sent: SwitchIn) -> WebhookOut:
    """Switch a webhook on or off."""
    actor = shell.actor_of(request)
    services.switch(actor=actor, endpoint_id=webhook_id, on=sent.active, now=clock.now())
    return get_webhook(request, webhook_id)


@router.post(
    "/webhooks/{int:webhook_id}/rotate",
    response=WebhookMade,
    url_name="rotate_webhook",
    operation_id="rotate_webhook",
)
def rotate_webhook(request: HttpRequest, webhook_id: Number) -> WebhookMade:
    """Make a new secret. For 24 hours the old one signs as well."""
    secret = services.rotate(actor=shell.actor_of(request), endpoint_id=webhook_id, now=clock.now())
    return _made(request, webhook_id, secret)


@router.post(
    "/webhooks/{int:webhook_id}/test",
    response=DeliveryOut,
    url_name="test_webhook",
    operation_id="test_webhook",
)
def test_webhook(request: HttpRequest, webhook_id: Number) -> DeliveryOut:
    """Post something that speaks of nobody, at once and once, and say how it went."""
    actor = shell.actor_of(request)
    number = services.test(actor=actor, endpoint_id=webhook_id, now=clock.now())
    return _delivery(queries.delivery(actor=actor, delivery_id=number))


@router.get(
    "/webhooks/{int:webhook_id}/deliveries",
    response=Deliveries,
    url_name="webhook_deliveries",
    operation_id="list_deliveries",
)
def list_deliveries(
    request: HttpRequest,
    webhook_id: Number,
    state: Annotated[State | Literal["any"], Query()] = "any",
    cursor: Cursor = "",
    limit: Limit = SIZE,
) -> Deliveries:
    """What was delivered, with every attempt, newest first."""
    listed = f"deliveries?{webhook_id}&{state}"
    found = queries.deliveries(
        actor=shell.actor_of(request),
        endpoint_id=webhook_id,
        state="" if state == "any" else state,
        before=cursors.read(cursor, listed),
        size=limit + 1,
    )
    return Deliveries(
        items=[_delivery(one) for one in found[:limit]],
        next_cursor=cursors.following([one.id for one in found], limit, listed),
    )


@router.post(
    "/webhooks/{int:webhook_id}/replay",
    response=Replayed,
    url_name="replay_webhook",
    operation_id="replay_webhook",
)
def replay_webhook(request: HttpRequest, webhook_id: Number) -> Replayed:
    """Send all that was given up again, each under its old `webhook-id`; at most 1,000 a call."""
    count = services.all_again(actor=shell.actor_of(request), endpoint_id=webhook_id, now=clock.now())
    return Replayed(deliveries=count)


@router.post(
    "/deliveries/{int:delivery_id}/replay",
    response=DeliveryOut,
    url_name="replay_delivery",
    operation_id="replay_delivery",
)
def replay_delivery(request: HttpRequest, delivery_id: Number) -> DeliveryOut:
    """Send one delivery again that was given up or is uncertain."""
    actor = shell.actor_of(request)
    services.again(actor=actor, delivery_id=delivery_id, now=clock.now())
    return _delivery(queries.delivery(actor=actor, delivery_id=delivery_id))


def _webhook(one: queries.EndpointSeen) -> WebhookOut:
    return WebhookOut.model_validate(_values(one))


def _made(request: HttpRequest, number: int, secret: str) -> WebhookMade:
    one = queries.endpoint(actor=shell.actor_of(request), endpoint_id=number)
    return WebhookMade.model_validate({**_values(one), "secret": secret})


def _values(one: queries.EndpointSeen) -> dict[str, object]:
    named = {name: getattr(one, name) for name in WebhookOut.model_fields if hasattr(one, name)}
    return {**named, "webhook_id": one.id, "deliveries": dict(one.counts)}


def _delivery(one: queries.DeliverySeen) -> DeliveryOut:
    named = {name: getattr(one, name) for name in DeliveryOut.model_fields if hasattr(one, name)}
    tries = [{name: getattr(tried, name) for name in TryOut.model_fields} for tried in one.tries]
    return DeliveryOut.model_validate(
        {**named, "delivery_id": one.id, "webhook_id": one.endpoint_id, "tries": tries}
    )
