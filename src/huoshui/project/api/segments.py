"""Segments: rules kept under a name, changed by version, counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema, Status
from pydantic import Field

from huoshui.kernel import clock
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE
from huoshui.know.segments import doubting, queries, schema, services
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.offering import offers_of
from huoshui.know.segments.queries import Count, Described
from huoshui.know.segments.rules import Rule
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.project.api.customers import VersionMissing, seen_version
from huoshui.project.api.shapes import Moment, Said, Seen, said
from huoshui.web import shell

router = Router(tags=["segments"])
Slug = Annotated[str, Field(max_length=60)]
JsonRule = Annotated[
    dict[str, Any],
    Field(description="The rule: its schema is at /api/segments/schema", examples=[{"tag": "VIP"}]),
]


class SegmentCount(Schema):
    """How many of all `customers` of the house belong, as of the last refresh."""

    count: int
    customers: int
    as_of: Moment


class SegmentOut(Schema):
    """A segment. `count` is empty, and `problem` says why, where its rule means nothing any more.

    `notices` name clauses that ask for a value that nobody has; lists leave them out.
    """

    slug: str
    name: str
    note: str
    sentence: str
    rule: dict[str, Any]
    version: int
    changed_at: Moment
    built_in: bool
    count: int | None
    customers: int | None
    as_of: Moment
    problem: str
    notices: list[str]


class SegmentCatalogue(Schema):
    """All segments in use."""

    items: list[SegmentOut]


class SegmentIn(Said):
    """What a segment is to be."""

    name: str = Field(min_length=1, max_length=120)
    rule: JsonRule
    note: str = Field("", max_length=500)


class RuleIn(Said):
    """A rule to be counted."""

    rule: JsonRule


class RuleCount(SegmentCount):
    """How many customers a rule has, what it says in words, and clauses that ask for a value that nobody has."""

    sentence: str
    notices: list[str]


@router.get("/segments", response=SegmentCatalogue, url_name="segments", operation_id="list_segments")
def list_segments(request: HttpRequest) -> SegmentCatalogue:
    """All segments, each with how many customers it has."""
    found = queries.segments()
    tables, as_of = pinned()
    counts = queries.counts(tables=tables, as_of=as_of, slugs=[one.slug for one in found])
    return SegmentCatalogue(items=[_segment(one, counts.get(one.slug), as_of) for one in found])


@router.post("/segments", response={201: SegmentOut}, url_name="segments", operation_id="create_segment")
def create_segment(request: HttpRequest, response: HttpResponse, sent: SegmentIn) -> Status[SegmentOut]:
    """Keep a rule under a name."""
    slug = services.add(
        actor=shell.actor_of(request), name=sent.name, rule=sent.rule, note=sent.note, now=clock.now()
    )
    response["Location"] = reverse("api:segment", args=[slug])
    return Status(201, _shown(request, response, slug))


@router.get(
    "/segments/schema", response=dict[str, Any], url_name="segment_schema", operation_id="get_schema_of_rules"
)
def get_schema(request: HttpRequest) -> dict[str, Any]:
    """The JSON Schema of rules, with the traits and attributes of this house."""
    return schema.schema()


@router.post("/segments/count", response=RuleCount, url_name="count_rule", operation_id="count_rule")
def count_rule(request: HttpRequest, sent: RuleIn) -> RuleCount:
    """Count the customers of a rule without keeping it."""
    rule = queries.read(sent.rule)
    tables, as_of = pinned()
    found = queries.count(tables=tables, as_of=as_of, rule=rule)
    return RuleCount(
        count=found.count,
        customers=found.customers,
        as_of=found.as_of,
        sentence=said(queries.sentence(rule)),
        notices=_notices(request, tables, rule),
    )


@router.get("/segments/{str:slug}", response=SegmentOut, url_name="segment", operation_id="get_segment")
def get_segment(request: HttpRequest, response: HttpResponse, slug: Slug) -> SegmentOut:
    """One segment. The `ETag` says which version it is."""
    return _shown(request, response, slug)


@router.put("/segments/{str:slug}", response=SegmentOut, url_name="segment", operation_id="change_segment")
def change_segment(
    request: HttpRequest, response: HttpResponse, slug: Slug, sent: SegmentIn, if_match: Seen = None
) -> SegmentOut:
    """Give a segment another rule, name or note: a new version. `If-Match` holds the `ETag` that you saw."""
    services.change(
        actor=shell.actor_of(request),
        slug=slug,
        version=version_seen(if_match, newest=described(slug).version),
        name=sent.name,
        rule=sent.rule,
        note=sent.note,
        now=clock.now(),
    )
    return _shown(request, response, slug)


@router.delete(
    "/segments/{str:slug}", response={204: None}, url_name="segment", operation_id="retire_segment"
)
def retire_segment(request: HttpRequest, slug: Slug) -> Status[None]:
    """Put a segment away so that it can be brought back."""
    services.retire(actor=shell.actor_of(request), slug=slug, now=clock.now())
    return Status(204, None)


@router.post(
    "/segments/{str:slug}/restore",
    response=SegmentOut,
    url_name="restore_segment",
    operation_id="restore_segment",
)
def restore_segment(request: HttpRequest, response: HttpResponse, slug: Slug) -> SegmentOut:
    """Bring a segment back that was put away."""
    services.bring_back(actor=shell.actor_of(request), slug=slug, now=clock.now())
    return _shown(request, response, slug)


def pinned() -> tuple[Snapshot, AsOf]:
    """The house as it is, and the moment that segments speak of."""
    tables = open_lake().snapshot()
    return tables, queries.moment(tables=tables, zone=HOUSE().zone, now=clock.now())


def described(slug: str) -> Described:
    """The segment, also of a broken rule."""
    try:
        return queries.segment(slug)
    except BadRule:
        return next(one for one in queries.segments() if slug in (one.slug, one.name))


def _shown(request: HttpRequest, response: HttpResponse, slug: str) -> SegmentOut:
    found = described(slug)
    tables, as_of = pinned()
    response["ETag"] = f'"{found.version}"'
    count = queries.counts(tables=tables, as_of=as_of, slugs=[found.slug]).get(found.slug)
    notices = _notices(request, tables, queries.read(found.rule)) if count else []
    return _segment(found, count, as_of, notices)


def _notices(request: HttpRequest, tables: Snapshot, rule: Rule) -> list[str]:
    found = doubting.doubts(rule, offers_of(shell.actor_of(request), tables))
    return [f"{path}: {said(text)}" if path else said(text) for path, text in found.items()]


def _segment(found: Described, count: Count | None, as_of: AsOf, notices: Sequence[str] = ()) -> SegmentOut:
    return SegmentOut(
        slug=found.slug,
        name=found.name,
        note=found.note,
        sentence=said(found.sentence),
        rule=dict(found.rule),
        version=found.version,
        changed_at=found.changed_at,
        built_in=found.built_in,
        count=count.count if count else None,
        customers=count.customers if count else None,
        as_of=as_of.at,
        problem="" if count else said(found.sentence),
        notices=list(notices),
    )


def version_seen(if_match: str | None, *, newest: int) -> int:
    """The version of an ETag; ``newest`` for ``*``, and 0 for what was never a version. Raises `VersionMissing`."""
    if not if_match:
        raise VersionMissing("A change needs If-Match", valid="the ETag that you read, or *")
    seen = seen_version(if_match)
    if seen == "*":
        return newest
    number = seen.removeprefix('"').removesuffix('"')
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
