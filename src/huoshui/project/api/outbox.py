"""The outbox: the lanes of channels, all messages with what came of them, and deciding on those that are uncertain."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from huoshui.act.messages import queries, tuning
from huoshui.kernel import clock
from huoshui.project.api import cursors
from huoshui.project.api.receipts import ReceiptLine, State, line
from huoshui.project.api.shapes import SIZE, CustomerId, Moment, Number, Said, said
from huoshui.project.api.work import Cursor, Limit
from huoshui.web import shell

router = Router(tags=["outbox"])

MOST_DECIDED = 1_000
Some = Annotated[int, Field(ge=1, le=tuning.LARGEST)]


class LaneIn(Said):
    """The pace of a lane: `rate` messages a minute, 0 for no limit. Caps that are missing are none."""

    rate: int = Field(ge=0, le=tuning.LARGEST)
    breaker_after: Some
    breaker_minutes: Some
    cap_day: Some | None = None
    cap_week: Some | None = None


class LaneOut(Schema):
    """A channel's lane as it is."""

    channel: str
    label: str
    rate: int = Field(description="Messages a minute at most; 0 for no limit")
    breaker_after: int = Field(description="So many failures in a row break the lane")
    breaker_minutes: int
    cap_day: int | None
    cap_week: int | None
    stopped: bool
    broken_until: Moment | None
    broken_by: str
    why_not: str | None = Field(description="Why nothing leaves now; null where it does")
    pending: int
    held: int = Field(description="Of the pending ones those that wait for their time")
    sent: int = Field(description="Of what is not over yet")


class Lanes(Schema):
    """Every channel with its lane."""

    items: list[LaneOut]


class MessageLine(ReceiptLine):
    """A message, and to whom it goes."""

    customer_id: CustomerId


class MessagePage(Schema):
    """Messages, newest first."""

    items: list[MessageLine]
    next_cursor: str


class DecideIn(Said):
    """What is to become of uncertain messages: of these, or of all of one origin."""

    choice: Literal["sent", "again", "drop"]
    messages: list[Number] = Field(default_factory=list, max_length=MOST_DECIDED)
    origin: str = Field(default="", max_length=20, examples=["campaign"])
    origin_id: int = Field(default=0, ge=0, le=2**62)


class Decided(Schema):
    """How many uncertain messages were decided on."""

    messages: int


@router.get("/lanes", response=Lanes, url_name="lanes", operation_id="list_lanes")
def list_lanes(request: HttpRequest) -> Lanes:
    """Every channel with its pace, what waits for it, and why nothing leaves where nothing does."""
    return Lanes(items=[_lane(one) for one in queries.all_lanes(now=clock.now())])


@router.put("/lanes/{str:channel}", response=LaneOut, url_name="lane", operation_id="set_lane")
def set_lane(request: HttpRequest, channel: str, sent: LaneIn) -> LaneOut:
    """Set the pace, the breaker and the caps of a channel."""
    now = clock.now()
    queries.lane_now(channel, now=now)
    tuning.set_lane(actor=shell.actor_of(request), channel=channel, **sent.model_dump(), now=now)
    return _lane(queries.lane_now(channel, now=now))


@router.post("/lanes/{str:channel}/pause", response=LaneOut, url_name="pause_lane", operation_id="pause_lane")
def pause_lane(request: HttpRequest, channel: str) -> LaneOut:
    """Let nothing more leave on a channel; what is being handed over this second may still go."""
    now = clock.now()
    queries.lane_now(channel, now=now)
    tuning.stop_lane(actor=shell.actor_of(request), channel=channel, now=now)
    return _lane(queries.lane_now(channel, now=now))


@router.post(
    "/lanes/{str:channel}/resume", response=LaneOut, url_name="resume_lane", operation_id="resume_lane"
)
def resume_lane(request: HttpRequest, channel: str) -> LaneOut:
    """Go on with a channel that was paused or broke. What waited for it meanwhile goes."""
    now = clock.now()
    queries.lane_now(channel, now=now)
    tuning.start_lane(actor=shell.actor_of(request), channel=channel, now=now)
    return _lane(queries.lane_now(channel, now=now))


@router.get("/messages", response=MessagePage, url_name="messages", operation_id="list_messages")
def list_messages(
    request: HttpRequest,
    state: Annotated[State | Literal["any"], Query()] = "any",
    reason: Annotated[str, Query(max_length=40)] = "",
    origin: Annotated[str, Query(max_length=20)] = "",
    origin_id: Annotated[int, Query(ge=0, le=2**62)] = 0,
    cursor: Cursor = "",
    limit: Limit = SIZE,
) -> MessagePage:
    """Messages by state and reason, newest first, to those whom you see; a page of a narrow view may be short."""
    listed = f"messages?{state}&{reason}&{origin}&{origin_id}"
    found, looked_at = queries.listed(
        actor=shell.actor_of(request),
        state="" if state == "any" else state,
        reason=reason,
        origin=origin,
        origin_id=origin_id,
        before=cursors.read(cursor, listed),
        most=limit + 1,
    )
    shown = set(looked_at[:limit])
    return MessagePage(
        items=[MessageLine(**line(one), customer_id=one.customer_id) for one in found if one.id in shown],
        next_cursor=cursors.following(looked_at, limit, listed),
    )


@router.post("/messages/decide", response=Decided, url_name="decide_messages", operation_id="decide_messages")
def decide_messages(request: HttpRequest, sent: DecideIn) -> Decided:
    """Decide on uncertain messages: count them as sent, send them again under the same key, or drop them."""
    done = tuning.decide_uncertain(
        actor=shell.actor_of(request),
        choice=sent.choice,
        message_ids=sent.messages,
        origin=sent.origin,
        origin_id=sent.origin_id,
        now=clock.now(),
    )
    return Decided(messages=done)


def _lane(one: queries.LaneNow) -> LaneOut:
    plain = {name: getattr(one, name) for name in LaneOut.model_fields if name not in {"label", "why_not"}}
    return LaneOut(**plain, label=said(one.label), why_not=said(one.why_not) if one.why_not else None)
