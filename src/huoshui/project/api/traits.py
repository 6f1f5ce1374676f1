"""Traits: all of them, and those that the house defines itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema, Status
from pydantic import Field

from huoshui.data.customers import listing
from huoshui.desk.threads import queries as threads
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import Said as Refused
from huoshui.kernel.plugs import HOUSE, TRAITS, Trait
from huoshui.know.custom import definitions, own, queries, services
from huoshui.know.custom.own import Content
from huoshui.lake import open_lake
from huoshui.project.api.segments import pinned, version_seen
from huoshui.project.api.shapes import Moment, Said, Seen, Value, Words, money, said, values
from huoshui.web import shell

router = Router(tags=["traits"])
Slug = Annotated[str, Field(max_length=60)]
Definition = Annotated[
    dict[str, Any],
    Field(
        description="What is computed: its schema is at /api/traits/schema",
        examples=[{"of": "orders", "take": "count", "within_days": 90}],
    ),
]
Label = Annotated[str, Field(max_length=services.LONGEST["label"])]
Meaning = Annotated[str, Field(max_length=services.LONGEST["meaning"])]
Unit = Annotated[str, Field(max_length=services.LONGEST["unit"])]


class TraitOut(Schema):
    """A value that every customer has, computed by the house; `own` ones were defined by its colleagues."""

    slug: str
    label: str
    meaning: str
    type: Literal["money", "number", "text", "code", "flag", "moment", "day"]
    unit: str
    values: list[Words] = Field(description="The codes it can have, in their order")
    computed_from: list[str] = Field(description="The relation of facts, or the traits, that it is made of")
    own: bool


class TraitCatalogue(Schema):
    """All traits."""

    items: list[TraitOut]


class TraitUse(Schema):
    """A `segment`, a saved `view` or another `trait` that speaks of a trait."""

    kind: Literal["segment", "view", "trait"]
    name: str
    slug: str


class TraitIn(Said):
    """What a trait is to be: a label in one language at least; meaning and unit follow from the definition."""

    label_en: Label = ""
    label_zh: Label = ""
    meaning_en: Meaning = ""
    meaning_zh: Meaning = ""
    unit_en: Unit = ""
    unit_zh: Unit = ""
    definition: Definition

    def content(self) -> Content:
        """As the verbs take it. Raises `NotADefinition`."""
        return own.from_json(self.model_dump())


class NewTrait(TraitIn):
    """A trait to be defined."""

    slug: str = Field("", max_length=40, description="Its name; left out, it is made of the English label")


class PreviewedTrait(TraitIn):
    """A trait to be looked at."""

    slug: str = Field("", max_length=40, description="The trait that it would change; left out, a new one")


class TraitDefined(TraitIn):
    """A version of what a trait is: what was sent, by whom and when."""

    version: int
    by: str
    at: Moment
    definition: dict[str, Any]


class TraitVersions(Schema):
    """The versions of a trait, the newest first."""

    items: list[TraitDefined]


class TraitStanding(TraitOut):
    """A trait: `having` of `customers` have a value as of the last refresh, empty before the first.

    `stale` says that the values are of an earlier definition, `problem` why there are none. `defined` is what
    colleagues said, empty for a trait that ships with the house.
    """

    having: int | None
    customers: int
    as_of: Moment | None
    stale: bool
    problem: str
    used_by: list[TraitUse]
    defined: TraitDefined | None


class TopValue(Schema):
    """A value and how many customers have it."""

    value: Value
    customers: int


class SampleValue(Schema):
    """A customer whom the token's colleague sees, and the value."""

    customer_id: int
    value: Value


class TraitPreview(Schema):
    """What a definition would say: `having` of `customers` have a value; `least`, `median`, `most` of numbers."""

    meaning: str
    as_of: Moment
    customers: int
    having: int
    least: Value
    median: Value
    most: Value
    top: list[TopValue]
    sample: list[SampleValue]


@router.get("/traits", response=TraitCatalogue, url_name="traits", operation_id="list_traits")
def list_traits(request: HttpRequest) -> TraitCatalogue:
    """Every trait: what it means, its unit, the codes it can have."""
    offered = listing.known()
    return TraitCatalogue(
        items=[
            TraitOut(**_trait(trait, offered[trait.slug].kind)) for trait in TRAITS if trait.slug in offered
        ]
    )


@router.post("/traits", response={201: TraitStanding}, url_name="traits", operation_id="create_trait")
def create_trait(request: HttpRequest, response: HttpResponse, sent: NewTrait) -> Status[TraitStanding]:
    """Define a trait. Its values are computed with the next refresh."""
    slug = services.define(
        actor=shell.actor_of(request),
        slug=sent.slug,
        content=sent.content(),
        tables=open_lake().snapshot(),
        now=clock.now(),
    )
    response["Location"] = reverse("api:trait", args=[slug])
    return Status(201, _shown(response, slug))


@router.get(
    "/traits/schema",
    response=dict[str, Any],
    url_name="trait_schema",
    operation_id="get_schema_of_definitions",
)
def get_schema(request: HttpRequest) -> dict[str, Any]:
    """The JSON Schema of definitions of traits."""
    return definitions.described()


@router.post("/traits/preview", response=TraitPreview, url_name="preview_trait", operation_id="preview_trait")
def preview_trait(request: HttpRequest, sent: PreviewedTrait) -> TraitPreview:
    """Say what a definition would give, without keeping it."""
    tables, as_of = pinned()
    found = queries.preview(
        actor=shell.actor_of(request), content=sent.content(), tables=tables, as_of=as_of, slug=sent.slug
    )
    return TraitPreview(
        meaning=said(found.trait.meaning),
        as_of=found.as_of,
        customers=found.customers,
        having=found.having,
        least=_value(found.least),
        median=_value(found.median),
        most=_value(found.most),
        top=[TopValue(value=_value(value), customers=count) for value, count in found.top],
        sample=[SampleValue(customer_id=one, value=_value(value)) for one, _name, value in found.sample],
    )


@router.get("/traits/{str:slug}", response=TraitStanding, url_name="trait", operation_id="get_trait")
def get_trait(request: HttpRequest, response: HttpResponse, slug: Slug) -> TraitStanding:
    """One trait: what it says, who has it, where it is used. The `ETag` says which version it is."""
    return _shown(response, slug)


@router.put("/traits/{str:slug}", response=TraitStanding, url_name="trait", operation_id="change_trait")
def change_trait(
    request: HttpRequest, response: HttpResponse, slug: Slug, sent: TraitIn, if_match: Seen = None
) -> TraitStanding:
    """Save a trait as its next version. `If-Match` holds the `ETag` that you saw."""
    actor = shell.actor_of(request)
    actor.require(Right.SEGMENTS_EDIT)
    services.change(
        actor=actor,
        slug=slug,
        seen=version_seen(if_match, newest=own.one(slug).version),
        content=sent.content(),
        tables=open_lake().snapshot(),
        now=clock.now(),
    )
    return _shown(response, slug)


@router.delete("/traits/{str:slug}", response={204: None}, url_name="trait", operation_id="retire_trait")
def retire_trait(request: HttpRequest, slug: Slug) -> Status[None]:
    """Compute a trait no longer, so that it can be brought back; refused while something speaks of it."""
    services.retire(actor=shell.actor_of(request), slug=slug, now=clock.now())
    return Status(204, None)


@router.post(
    "/traits/{str:slug}/restore",
    response=TraitStanding,
    url_name="restore_trait",
    operation_id="restore_trait",
)
def restore_trait(request: HttpRequest, response: HttpResponse, slug: Slug) -> TraitStanding:
    """Compute a retired trait again."""
    services.bring_back(actor=shell.actor_of(request), slug=slug, now=clock.now())
    return _shown(response, slug)


@router.get(
    "/traits/{str:slug}/versions",
    response=TraitVersions,
    url_name="trait_versions",
    operation_id="list_versions_of_trait",
)
def list_versions(request: HttpRequest, slug: Slug) -> TraitVersions:
    """What colleagues said of a trait, also of a retired one; versions that cannot be read any more are left out."""
    found = []
    subject = f"{own.KIND}:{own.one(slug).slug}"
    for kept in threads.versions(actor=shell.actor_of(request), subject=subject):
        try:
            content = own.from_json(kept.content)
        except Refused:
            # What a program of another version wrote means nothing to this one.
            continue
        found.append(_defined(content, kept.number, kept.by, kept.at))
    return TraitVersions(items=found)


def _shown(response: HttpResponse, slug: str) -> TraitStanding:
    tables = open_lake().snapshot()
    catalogue = queries.catalogue(tables=tables)
    found = queries.standing(slug, catalogue)
    one = found.own
    if one is not None:
        response["ETag"] = f'"{one.version}"'
    offered = listing.known()
    return TraitStanding(
        **_trait(found.trait, offered[slug].kind if slug in offered else "number"),
        having=found.having,
        customers=catalogue.customers,
        as_of=catalogue.as_of,
        stale=found.stale,
        problem=said(found.trait.broken) if found.trait.broken else "",
        used_by=[TraitUse(kind=use.kind, name=said(use.name), slug=use.slug) for use in found.uses],
        defined=_defined(one.content, one.version, one.by, one.at) if one and one.content else None,
    )


def _defined(content: Content, version: int, by: str, at: Any) -> TraitDefined:
    return TraitDefined(version=version, by=by, at=at, **own.as_json(content))


def _trait(trait: Trait, kind: Any) -> Mapping[str, Any]:
    return {
        "slug": trait.slug,
        "label": said(trait.label),
        "meaning": said(trait.meaning),
        "type": "money" if trait.type.startswith("decimal") else kind,
        "unit": said(trait.unit) if trait.unit else "",
        "values": [Words(code=code, label=said(label)) for code, label in trait.values.items()],
        "computed_from": [trait.over] if trait.over else list(trait.needs),
        "own": trait.slug not in TRAITS.declared,
    }


def _value(value: Any) -> Value:
    # A trait that is an exact number is an amount, as on the pages.
    return money(value, HOUSE().currency) if isinstance(value, Decimal) else values({"": value}, "")[""]
