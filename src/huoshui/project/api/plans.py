"""Plans: which there are, their words, the paper with live figures, and writing blocks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema, Status
from pydantic import Field

from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.plan.plans import queries
from huoshui.plan.plans.document import editing, reading, services, telling
from huoshui.plan.plans.document import queries as documents
from huoshui.plan.plans.document.queries import Document
from huoshui.plan.plans.queries import PlanSeen
from huoshui.project.api.segments import version_seen
from huoshui.project.api.shapes import Day, Moment, Number, Said, Seen
from huoshui.web import shell

router = Router(tags=["plans"])
Slug = Annotated[str, Field(min_length=1, max_length=60)]


class PlanIn(Said):
    """A plan that begins from a template: `development`, `growth`, `churn`, `blank`, or `own:ID`."""

    title: str = Field(min_length=1, max_length=200)
    template: str = Field("development", max_length=40)
    first_day: Day
    last_day: Day
    language: Literal["zh", "en"] = "zh"


class BlockIn(Said):
    """What a block says: a text for each of its fields. Several codes stand with commas between."""

    values: dict[str, str] = Field(examples=[{"text": "**Where we stand** …"}])


class NewBlock(BlockIn):
    """A new block at the end of a part, or behind the block `after`."""

    kind: Slug
    after: str = Field("", max_length=20)


class PlanLine(Schema):
    """A plan in a list. `version` counts what was changed of goals, measures, budget and reviews."""

    id: int
    title: str
    template: str
    state: str
    owner: str
    first_day: Day
    last_day: Day
    version: int
    address: str


class BlockOut(Schema):
    """A block as it was written."""

    key: str
    kind: str
    values: dict[str, str]


class PartOut(Schema):
    """A chapter. `title` is empty while it has its usual one."""

    slug: str
    title: str
    blocks: list[BlockOut]


class PlanOut(PlanLine):
    """A plan with its words: version `words` of them, saved `by` somebody `at` a moment."""

    words: int
    by: str
    at: Moment
    parts: list[PartOut]


class PlanCatalogue(Schema):
    """The plans of the organisation, the newest first."""

    items: list[PlanLine]


class PaperOut(Schema):
    """The document with live figures: parts of blocks of elements, each of which says what it `is`."""

    paper: dict[str, Any]


@router.get("/plans", response=PlanCatalogue, url_name="plans", operation_id="list_plans")
def list_plans(request: HttpRequest, archived: bool = False) -> PlanCatalogue:
    """The plans of the organisation, or those in its archive."""
    found = queries.plans(shell.actor_of(request), archived=archived)
    return PlanCatalogue(items=[PlanLine(**line(one)) for one in found])


@router.post("/plans", response={201: PlanOut}, url_name="plans", operation_id="create_plan")
def create_plan(request: HttpRequest, response: HttpResponse, sent: PlanIn) -> Status[PlanOut]:
    """Begin a plan from a template. Its figures are there at once."""
    number = services.create(
        actor=shell.actor_of(request),
        title=sent.title,
        template=sent.template,
        first_day=sent.first_day,
        last_day=sent.last_day,
        language=sent.language,
        now=clock.now(),
    )
    response["Location"] = reverse("api:plan", args=[number])
    return Status(201, _shown(request, response, number))


@router.get("/plans/{int:number}", response=PlanOut, url_name="plan", operation_id="get_plan")
def get_plan(request: HttpRequest, response: HttpResponse, number: Number) -> PlanOut:
    """One plan with its words as they were written. The `ETag` says which version of them."""
    return _shown(request, response, number)


@router.get("/plans/{int:number}/paper", response=PaperOut, url_name="plan_paper", operation_id="read_plan")
def read_plan(request: HttpRequest, number: Number) -> PaperOut:
    """The plan as it reads now, in the language asked for: the same figures as on its page and in its exports."""
    paper = reading.paper(
        actor=shell.actor_of(request),
        plan_id=number,
        tables=open_lake().snapshot(),
        house=HOUSE(),
        language=shell.language_now(),
        now=clock.now(),
    )
    return PaperOut(paper=telling.told(paper))


@router.post(
    "/plans/{int:number}/parts/{str:part}/blocks",
    response={201: PlanOut},
    url_name="plan_blocks",
    operation_id="add_block_to_plan",
)
def add_block(
    request: HttpRequest, response: HttpResponse, number: Number, part: Slug, sent: NewBlock
) -> Status[PlanOut]:
    """Add a block to a part."""
    editing.add_block(
        actor=shell.actor_of(request),
        plan_id=number,
        part=part,
        kind=sent.kind,
        values=sent.values,
        after=sent.after,
        now=clock.now(),
    )
    return Status(201, _shown(request, response, number))


@router.put(
    "/plans/{int:number}/blocks/{str:key}",
    response=PlanOut,
    url_name="plan_block",
    operation_id="write_block_of_plan",
)
def write_block(
    request: HttpRequest,
    response: HttpResponse,
    number: Number,
    key: Slug,
    sent: BlockIn,
    if_match: Seen = None,
) -> PlanOut:
    """Save what a block says; fields that are not sent stay. `If-Match` holds the `ETag` that you saw.

    What others wrote in other blocks meanwhile stays. Where somebody changed this very block, nothing is stored.
    """
    actor = shell.actor_of(request)
    there = documents.document(actor=actor, plan_id=number)
    editing.edit_block(
        actor=actor,
        plan_id=number,
        key=key,
        values={**there.content.block(key).values, **sent.values},
        seen=version_seen(if_match, newest=there.number),
        now=clock.now(),
    )
    return _shown(request, response, number)


def line(one: PlanSeen) -> dict[str, Any]:
    """A plan in a list."""
    return {
        "id": one.id,
        "title": one.title,
        "template": one.kind,
        "state": one.state,
        "owner": one.owner,
        "first_day": one.first_day,
        "last_day": one.last_day,
        "version": one.version,
        "address": reverse("plans:plan", args=[one.id]),
    }


def shown(one: PlanSeen, document: Document) -> PlanOut:
    """A plan with its words."""
    return PlanOut(
        **line(one),
        words=document.number,
        by=document.by,
        at=document.at,
        parts=[
            PartOut(
                slug=part.slug,
                title=part.title,
                blocks=[BlockOut(key=b.key, kind=b.kind, values=dict(b.values)) for b in part.blocks],
            )
            for part in document.content.parts
        ],
    )


def _shown(request: HttpRequest, response: HttpResponse, number: int) -> PlanOut:
    actor = shell.actor_of(request)
    document = documents.document(actor=actor, plan_id=number)
    response["ETag"] = f'"{document.number}"'
    return shown(queries.plan(actor, number), document)
