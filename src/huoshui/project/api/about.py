"""The house itself, and who asks."""

from __future__ import annotations

from importlib.metadata import version

from django.http import HttpRequest
from ninja import Router, Schema, Status

from huoshui.desk.users.words import RIGHTS
from huoshui.kernel.plugs import HOUSE
from huoshui.project.api.shapes import said
from huoshui.project.serving import health
from huoshui.web import shell

router = Router(tags=["house"])


class Health(Schema):
    """Whether the house can be used. A worker that is missing or slow is told only, as is `sending`: `troubled` where
    something on the way to customers stands still or waits for a person."""

    ok: bool
    database: str
    lake: str
    worker: str
    sending: str


class Version(Schema):
    """What runs here, and the terms in which it answers."""

    version: str
    currency: str
    time_zone: str
    demo: bool


class RightOut(Schema):
    """Something that the token may do."""

    right: str
    label: str


class Me(Schema):
    """Whose token asks: its rights are those of the token that the colleague has now; scope is own, team or all."""

    user_id: int
    email: str
    scope: str
    team_ids: list[int]
    rights: list[RightOut]


@router.get(
    "/health", response={200: Health, 503: Health}, auth=None, url_name="health", operation_id="get_health"
)
def get_health(request: HttpRequest) -> Status[Health]:
    """Whether database and lake answer. Needs no token."""
    states = health.states()
    well = health.is_well(states)
    return Status(200 if well else 503, Health(ok=well, **states))


@router.get("/version", response=Version, url_name="version", operation_id="get_version")
def get_version(request: HttpRequest) -> Version:
    """Version, currency and time zone of the house."""
    house = HOUSE()
    return Version(
        version=version("huoshui"), currency=house.currency, time_zone=house.zone.key, demo=house.demo
    )


@router.get("/me", response=Me, url_name="me", operation_id="get_me")
def get_me(request: HttpRequest) -> Me:
    """Who the token acts for, and what it may."""
    actor = shell.actor_of(request)
    return Me(
        user_id=actor.user_id or 0,
        email=actor.name,
        scope=actor.scope.value,
        team_ids=sorted(actor.team_ids),
        rights=[
            RightOut(right=right.value, label=said(RIGHTS[right])) for right in RIGHTS if actor.may(right)
        ],
    )
