"""Who is in a segment and why; its history, profile and overlap."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema

from huoshui.data.customers import conditions as known
from huoshui.data.customers.scope import require_seen
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.know.segments import memberships, pages, past, populations, profiles, queries
from huoshui.know.segments.errors import NoSuchSegment
from huoshui.know.segments.rules import Value
from huoshui.project.api import figures
from huoshui.project.api.figures import Members
from huoshui.project.api.segments import Slug, described, pinned
from huoshui.project.api.shapes import SIZE, CustomerId, Moment, said, values
from huoshui.project.api.shapes import Value as Sent
from huoshui.project.api.work import Cursor, Limit
from huoshui.web import shell

router = Router(tags=["segments"])


class ClauseOut(Schema):
    """A clause of a rule: its `path` in it, whether it holds, by which `value`, and the value in words."""

    path: str
    sentence: str
    holds: bool
    value: Sent
    shown: str


class ClauseChanged(Schema):
    """A clause whose verdict changed: its value before (empty also where that is not known) and then."""

    path: str
    sentence: str
    was: Sent
    value: Sent


class StepOut(Schema):
    """A customer entered or left by a version of the rule. `clauses` are told of moves by `time` and `live` data."""

    at: Moment
    move: Literal["entered", "left"]
    cause: str
    version: int
    clauses: list[ClauseChanged]


class WhyMember(Schema):
    """Whether a customer belongs, clause by clause. `computed_at` is when the traits used were computed.

    `moves` are how the customer came and went, the newest first.
    """

    customer_id: int
    belongs: bool
    as_of: Moment
    computed_at: Moment | None
    clauses: list[ClauseOut]
    moves: list[StepOut]


class SizeOut(Schema):
    """The size of a segment from a moment on; who came and went then are populations, or empty.

    `clauses` is how many moves each clause explains, by its path: those that moved most.
    """

    at: Moment
    size: int
    entered: int
    left: int
    version: int
    cause: str
    clauses: dict[str, int]
    who_entered: str
    who_left: str


class History(Schema):
    """Sizes, the oldest first. `stale` says that the stored membership is older than the rule or the last refresh."""

    as_of: Moment | None
    computed_at: Moment | None
    stale: bool
    problem: str
    items: list[SizeOut]


class CategoryOut(Schema):
    """A value of a trait or attribute (empty: none) in the segment and in all of the house.

    `index` 2 is twice as often; `low` and `high` are where the difference of the shares lies (95 %). `few` are too
    few to tell; `asked` is what the rule itself asks for.
    """

    slug: str
    label: str
    value: str | None
    shown: str
    inside: int
    everybody: int
    share: float
    share_of_all: float
    index: float
    low: float
    high: float
    few: bool
    asked: bool


class MiddleOut(Schema):
    """The median of a number in the segment and in all of the house, and of how many people."""

    slug: str
    label: str
    inside: float | None
    everybody: float | None
    people: int
    people_of_all: int
    few: bool
    asked: bool


class ProfileOut(Schema):
    """What the customers of a segment have more or less of than all, the strongest first."""

    size: int
    customers: int
    as_of: Moment
    categories: list[CategoryOut]
    medians: list[MiddleOut]


class OverlapOut(Schema):
    """How many customers two segments share; `jaccard` is those in both over those in any."""

    slug: str
    name: str
    both: int
    only_this: int
    only_other: int
    jaccard: float


class Overlaps(Schema):
    """The other segments, what overlaps most first."""

    items: list[OverlapOut]


@router.get(
    "/segments/{str:slug}/members",
    response=Members,
    url_name="segment_members",
    operation_id="list_members_of_segment",
)
def list_members(request: HttpRequest, slug: Slug, cursor: Cursor = "", limit: Limit = SIZE) -> Members:
    """Those of a segment whom the token's colleague sees, by their number."""
    group = f"segment:{described(slug).slug}"
    return figures.list_members(request, in_=group, cursor=cursor, limit=limit)


@router.get(
    "/segments/{str:slug}/why/{int:customer_id}",
    response=WhyMember,
    url_name="segment_why",
    operation_id="why_member",
)
def get_why(request: HttpRequest, slug: Slug, customer_id: CustomerId) -> WhyMember:
    """Why a customer belongs to a segment or not, clause by clause."""
    rule = queries.rule_of(slug)
    require_seen(shell.actor_of(request), customer_id)
    tables, as_of = pinned()
    found = queries.why(tables=tables, as_of=as_of, rule=rule, customer_id=customer_id)
    if found is None:
        raise NotThere("This customer was not there at the last refresh", received=str(customer_id))
    house, language = HOUSE(), shell.language_now()
    return WhyMember(
        customer_id=customer_id,
        belongs=found.belongs,
        as_of=found.as_of,
        computed_at=found.computed_at,
        clauses=[
            ClauseOut(
                path=one.path,
                sentence=said(one.sentence),
                holds=one.holds,
                value=_sent(one, house.currency),
                shown=pages.value_in_words(one.clause, one.value, house, language),
            )
            for one in found.verdicts
        ],
        moves=[
            StepOut(
                at=step.at,
                move="entered" if step.entered else "left",
                cause=step.cause,
                version=step.version,
                clauses=[
                    ClauseChanged(
                        path=one.path,
                        sentence=said(one.sentence),
                        was=values({"": one.was}, "")[""],
                        value=values({"": one.value}, "")[""],
                    )
                    for one in step.changed
                ],
            )
            for step in past.steps(tables=tables, slug=described(slug).slug, customer_id=customer_id)
        ],
    )


@router.get(
    "/segments/{str:slug}/history",
    response=History,
    url_name="segment_history",
    operation_id="get_history_of_segment",
)
def get_history(request: HttpRequest, slug: Slug) -> History:
    """How large a segment was over time, and who entered and left."""
    found = described(slug)
    state, (_, as_of) = memberships.states([found.slug]).get(found.slug), pinned()
    return History(
        as_of=state.as_of if state else None,
        computed_at=state.computed_at if state else None,
        stale=state is not None and state.is_stale(version=found.version, as_of=as_of.at),
        problem=said(state.problem) if state and state.problem else "",
        items=[
            SizeOut(
                at=one.at,
                size=one.size,
                entered=one.entered,
                left=one.left,
                version=one.version,
                cause=one.cause,
                clauses=dict(one.clauses),
                who_entered=populations.moved(found.slug, "entered", one.at) if one.entered else "",
                who_left=populations.moved(found.slug, "left", one.at) if one.left else "",
            )
            for one in memberships.sizes(found.slug)
        ],
    )


@router.get(
    "/segments/{str:slug}/profile",
    response=ProfileOut,
    url_name="segment_profile",
    operation_id="get_profile_of_segment",
)
def get_profile(request: HttpRequest, slug: Slug) -> ProfileOut:
    """What the customers of a segment have more or less of than all; for colleagues who see all records."""
    profiles.require_whole(shell.actor_of(request))
    rule, fields = queries.rule_of(slug), known.known()
    tables, as_of = pinned()
    found = profiles.profile(tables=tables, as_of=as_of, rule=rule)
    return ProfileOut(
        size=found.size,
        customers=found.customers,
        as_of=found.as_of,
        categories=[
            CategoryOut(
                label=said(profiles.label_of(one.slug, fields)),
                shown=said(profiles.said(one.slug, one.value, fields)),
                **{
                    name: getattr(one, name)
                    for name in CategoryOut.model_fields
                    if name not in ("label", "shown")
                },
            )
            for one in found.categories
        ],
        medians=[
            MiddleOut(
                label=said(profiles.label_of(one.slug, fields)),
                **{name: getattr(one, name) for name in MiddleOut.model_fields if name != "label"},
            )
            for one in found.middles
        ],
    )


@router.get(
    "/segments/{str:slug}/overlap",
    response=Overlaps,
    url_name="segment_overlap",
    operation_id="get_overlap_of_segment",
)
def get_overlap(request: HttpRequest, slug: Slug) -> Overlaps:
    """How many customers a segment shares with each other one; lists of them are `in=segment:A&in=segment:B`."""
    tables, as_of = pinned()
    found = profiles.overlaps(tables=tables, as_of=as_of, slug=described(slug).slug)
    return Overlaps(
        items=[
            OverlapOut(
                slug=one.slug,
                name=said(one.name),
                both=one.both,
                only_this=one.only_this,
                only_other=one.only_other,
                jaccard=one.jaccard,
            )
            for one in found
        ]
    )


class NotThere(NoSuchSegment):
    """A customer of whom nothing was known at the moment that segments speak of."""

    code = "no_such_member"
    says = Text("This customer was not there at the last refresh", "最近一次刷新时还没有这位客户")


def _sent(one: queries.Verdict, currency: str) -> Sent:
    slug = one.clause.slug if isinstance(one.clause, Value) else ""
    return values({slug: one.value}, currency)[slug]
