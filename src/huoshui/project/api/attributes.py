"""Attributes of customers: those of the house, declaring more, retiring and restoring them."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from huoshui.data.customers import queries, services
from huoshui.desk.audit import services as audit
from huoshui.kernel import clock
from huoshui.lake import open_lake
from huoshui.project.api.shapes import Moment, said
from huoshui.web import shell

router = Router(tags=["customers"])
Slug = Annotated[str, Field(max_length=60)]
Label = Annotated[str, Field(max_length=100)]
Type = Literal["text", "integer", "decimal", "boolean", "date"]
Kind = Literal["ordinary", "identifying", "sensitive"]
Purpose = Literal["marketing", "service", "profiling", "research"]


class AttributeIn(Schema):
    """A new attribute, or other labels for one that there is. A label that is missing is the slug."""

    slug: str = Field(max_length=60, examples=["skin_type"])
    label_en: Label = ""
    label_zh: Label = ""
    type: Type
    kind: Kind = Field(
        "ordinary", description="Others than ordinary ones stay in the database, never in figures"
    )


class AttributeOut(Schema):
    """An attribute of customers. A retired one is offered nowhere and keeps its values."""

    slug: str
    label_en: str
    label_zh: str
    type: Type
    kind: Kind
    purposes: list[Purpose] = Field(description="What it may be used for; campaigns ask for `marketing`")
    preset: bool = Field(description="Built in, and never retired")
    retired_at: Moment | None
    used_by: list[str] = Field(description="What would go on with the values of today if it were retired")


class PurposesIn(Schema):
    """What an attribute may be used for from now on."""

    purposes: list[Purpose]


class Attributes(Schema):
    """All attributes."""

    items: list[AttributeOut]


@router.get("/attributes", response=Attributes, url_name="attributes", operation_id="list_attributes")
def list_attributes(request: HttpRequest) -> Attributes:
    """All attributes with what uses them: built-in ones first, also the retired ones."""
    uses = queries.uses_of_attributes()
    return Attributes(
        items=[
            _shown(one, [said(use) for use in uses.get(one.slug, ())])
            for one in queries.attributes(retired=True)
        ]
    )


@router.post("/attributes", response=AttributeOut, url_name="attributes", operation_id="declare_attribute")
def declare_attribute(request: HttpRequest, body: AttributeIn) -> AttributeOut:
    """Declare an attribute; an ordinary one becomes a column of `customers`. Again, it gets these labels."""
    actor, now = shell.actor_of(request), clock.now()
    there = {one.slug for one in queries.attributes()}
    made = services.declare_attribute(actor=actor, **body.model_dump())
    act = "attribute.changed" if made.slug in there else "attribute.added"
    audit.record(actor=actor, act=act, detail={"attribute": made.slug, "type": made.type}, now=now)
    return _with_uses(made)


@router.put(
    "/attributes/{str:slug}/purposes",
    response=AttributeOut,
    url_name="attribute_purposes",
    operation_id="allow_attribute",
)
def allow_attribute(request: HttpRequest, slug: Slug, body: PurposesIn) -> AttributeOut:
    """Say what an attribute may be used for: without `marketing`, no campaign may choose or write by it."""
    actor = shell.actor_of(request)
    return _with_uses(
        services.allow_attribute(actor=actor, slug=slug, purposes=body.purposes, now=clock.now())
    )


class EventTypeOut(Schema):
    """Events of a name: how many there are, and what they may be used for; campaigns ask for `marketing`."""

    name: str
    times: int
    purposes: list[Purpose]


class EventTypes(Schema):
    """Events by name, the most frequent first."""

    items: list[EventTypeOut]


class EventPurposes(Schema):
    """What events of a name may be used for from now on."""

    name: str = Field(min_length=1, max_length=200, examples=["Diagnosis Viewed"])
    purposes: list[Purpose]


@router.get("/event-types", response=EventTypes, url_name="event_types", operation_id="list_event_types")
def list_event_types(request: HttpRequest) -> EventTypes:
    """Which events there are, and what they may be used for."""
    found = queries.event_types(open_lake().snapshot())
    return EventTypes(items=[EventTypeOut.model_validate(one, from_attributes=True) for one in found])


@router.put("/event-types", response=EventPurposes, url_name="event_types", operation_id="allow_event")
def allow_event(request: HttpRequest, body: EventPurposes) -> EventPurposes:
    """Say what events may be used for: without `marketing`, no campaign may choose its people by them."""
    actor = shell.actor_of(request)
    kept = services.allow_event(actor=actor, name=body.name, purposes=body.purposes, now=clock.now())
    return EventPurposes.model_validate({"name": body.name, "purposes": list(kept)})


@router.delete(
    "/attributes/{str:slug}", response=AttributeOut, url_name="attribute", operation_id="retire_attribute"
)
def retire_attribute(
    request: HttpRequest,
    slug: Slug,
    anyway: Annotated[
        bool, Query(description="Also while something uses it, which goes on as it is")
    ] = False,
) -> AttributeOut:
    """Offer an attribute no longer; its values stay. Refused with what uses it, unless that is meant."""
    actor = shell.actor_of(request)
    return _with_uses(services.retire_attribute(actor=actor, slug=slug, now=clock.now(), anyway=anyway))


@router.post(
    "/attributes/{str:slug}/restore",
    response=AttributeOut,
    url_name="restore_attribute",
    operation_id="restore_attribute",
)
def restore_attribute(request: HttpRequest, slug: Slug) -> AttributeOut:
    """Offer a retired attribute again, with the values that it has."""
    return _with_uses(services.restore_attribute(actor=shell.actor_of(request), slug=slug, now=clock.now()))


def _with_uses(one: queries.DeclaredAttribute) -> AttributeOut:
    return _shown(one, [said(use) for use in queries.uses_of_attributes().get(one.slug, ())])


def _shown(one: queries.DeclaredAttribute, used_by: list[str]) -> AttributeOut:
    named = {name: getattr(one, name) for name in queries.DeclaredAttribute.__slots__}
    return AttributeOut(**named, used_by=used_by)
