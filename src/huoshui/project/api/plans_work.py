"""The work of a plan: its measures, its budget, its reviews."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Status

from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.plan.plans.budget import queries as budgets
from huoshui.plan.plans.budget import services as budgeting
from huoshui.plan.plans.budget.services import Entry
from huoshui.plan.plans.budget.sums import Amounts
from huoshui.plan.plans.measures import queries as measures
from huoshui.plan.plans.measures import services as measuring
from huoshui.plan.plans.measures.drafting import Draft
from huoshui.plan.plans.measures.queries import MeasureSeen
from huoshui.plan.plans.reviews import queries as reviews
from huoshui.plan.plans.reviews import services as reviewing
from huoshui.plan.plans.reviews.queries import ReviewSeen, RhythmSeen
from huoshui.project.api.plans_shapes import (
    AmountsOut,
    BudgetChange,
    BudgetChannel,
    BudgetLineOut,
    BudgetMonth,
    BudgetOut,
    MeasureChange,
    MeasureIn,
    MeasureList,
    MeasureOut,
    ReviewHeld,
    ReviewList,
    ReviewOut,
    ReviewPostponed,
    RhythmIn,
    RhythmOut,
)
from huoshui.project.api.segments import version_seen
from huoshui.project.api.shapes import Number, Seen
from huoshui.web import shell

router = Router(tags=["plans"])


@router.get(
    "/plans/{int:number}/measures",
    response=MeasureList,
    url_name="plan_measures",
    operation_id="list_measures_of_plan",
)
def list_measures(request: HttpRequest, number: Number) -> MeasureList:
    """The measures of a plan."""
    found = measures.measures(actor=shell.actor_of(request), plan_id=number)
    return MeasureList(items=[measure_told(one) for one in found])


@router.post(
    "/plans/{int:number}/measures",
    response={201: MeasureOut},
    url_name="plan_measures",
    operation_id="add_measure_to_plan",
)
def add_measure(
    request: HttpRequest, response: HttpResponse, number: Number, sent: MeasureIn
) -> Status[MeasureOut]:
    """Add a measure behind the others."""
    id_ = measuring.add(
        actor=shell.actor_of(request),
        plan_id=number,
        draft=_draft(sent.model_dump()),
        reason=sent.reason,
        now=clock.now(),
    )
    response["Location"] = reverse("api:plan_measure", args=[number, id_])
    return Status(201, _measure(request, response, number, id_))


@router.get(
    "/plans/{int:number}/measures/{int:measure}",
    response=MeasureOut,
    url_name="plan_measure",
    operation_id="get_measure_of_plan",
)
def get_measure(request: HttpRequest, response: HttpResponse, number: Number, measure: Number) -> MeasureOut:
    """One measure. The `ETag` says which version."""
    return _measure(request, response, number, measure)


@router.put(
    "/plans/{int:number}/measures/{int:measure}",
    response=MeasureOut,
    url_name="plan_measure",
    operation_id="change_measure_of_plan",
)
def change_measure(
    request: HttpRequest,
    response: HttpResponse,
    number: Number,
    measure: Number,
    sent: MeasureChange,
    if_match: Seen = None,
) -> MeasureOut:
    """Change a measure; fields that are not sent stay. `If-Match` holds the `ETag` that you saw."""
    actor = shell.actor_of(request)
    there = measures.measure(actor=actor, plan_id=number, measure_id=measure)
    old = {name: getattr(there, name) for name in MeasureIn.model_fields if name != "reason"}
    new = {
        name: value
        for name, value in sent.model_dump(exclude_unset=True).items()
        if value is not None or name in ("owner_id", "team_id")
    }
    measuring.change(
        actor=actor,
        plan_id=number,
        measure_id=measure,
        version=version_seen(if_match, newest=there.version),
        draft=_draft({**old, **new}),
        reason=sent.reason,
        now=clock.now(),
    )
    return _measure(request, response, number, measure)


@router.get(
    "/plans/{int:number}/budget",
    response=BudgetOut,
    url_name="plan_budget",
    operation_id="get_budget_of_plan",
)
def get_budget(request: HttpRequest, number: Number) -> BudgetOut:
    """The budget by channel and month, with what was spent and what came back."""
    return _budget(request, number)


@router.post(
    "/plans/{int:number}/budget",
    response=BudgetOut,
    url_name="plan_budget",
    operation_id="change_budget_of_plan",
)
def change_budget(request: HttpRequest, number: Number, sent: BudgetChange) -> BudgetOut:
    """Save cells. Where somebody changed one of them since you read it, nothing is stored."""
    budgeting.keep(
        actor=shell.actor_of(request),
        plan_id=number,
        entries=[
            Entry(
                channel=one.channel,
                month=one.month,
                planned=Decimal(one.planned),
                committed=Decimal(one.committed),
                was=(Decimal(one.was_planned), Decimal(one.was_committed)),
                measure_id=one.measure_id,
            )
            for one in sent.cells
        ],
        reason=sent.reason,
        now=clock.now(),
    )
    return _budget(request, number)


@router.get(
    "/plans/{int:number}/reviews",
    response=ReviewList,
    url_name="plan_reviews",
    operation_id="list_reviews_of_plan",
)
def list_reviews(request: HttpRequest, response: HttpResponse, number: Number) -> ReviewList:
    """The reviews of a plan. The `ETag` is that of their rhythm."""
    actor = shell.actor_of(request)
    rhythm = reviews.rhythm(actor=actor, plan_id=number)
    response["ETag"] = f'"{rhythm.version}"'
    found = reviews.reviews(actor=actor, plan_id=number)
    return ReviewList(rhythm=rhythm_told(rhythm), items=[review_told(one) for one in found])


@router.put(
    "/plans/{int:number}/reviews",
    response=ReviewList,
    url_name="plan_reviews",
    operation_id="set_reviews_of_plan",
)
def set_reviews(
    request: HttpRequest, response: HttpResponse, number: Number, sent: RhythmIn, if_match: Seen = None
) -> ReviewList:
    """Say when a plan is reviewed; the next reviews are put down. `If-Match` holds the `ETag` of the list."""
    actor, now = shell.actor_of(request), clock.now()
    newest = reviews.rhythm(actor=actor, plan_id=number).version
    reviewing.set_rhythm(
        actor=actor,
        plan_id=number,
        weekday=sent.weekday,
        month_day=sent.month_day,
        people=sent.people,
        version=version_seen(if_match, newest=newest),
        today=now.astimezone(HOUSE().zone).date(),
        now=now,
    )
    return list_reviews(request, response, number)


@router.get(
    "/plans/{int:number}/reviews/{int:review}",
    response=ReviewOut,
    url_name="plan_review",
    operation_id="get_review_of_plan",
)
def get_review(request: HttpRequest, response: HttpResponse, number: Number, review: Number) -> ReviewOut:
    """One review with its agenda, and, once it was held, its numbers, minutes and decisions."""
    return _review(request, response, number, review)


@router.post(
    "/plans/{int:number}/reviews/{int:review}/hold",
    response=ReviewOut,
    url_name="plan_review_hold",
    operation_id="hold_review_of_plan",
)
def hold_review(
    request: HttpRequest,
    response: HttpResponse,
    number: Number,
    review: Number,
    sent: ReviewHeld,
    if_match: Seen = None,
) -> ReviewOut:
    """Hold a review: its numbers are frozen, and decisions with an owner become tasks."""
    actor = shell.actor_of(request)
    there = reviews.review(actor=actor, plan_id=number, review_id=review)
    reviewing.hold(
        actor=actor,
        plan_id=number,
        review_id=review,
        version=version_seen(if_match, newest=there.version),
        minutes=sent.minutes,
        decisions=[
            reviewing.Decision(text=one.text, owner_id=one.owner_id, due=one.due) for one in sent.decisions
        ],
        tables=open_lake().snapshot(),
        house=HOUSE(),
        now=clock.now(),
    )
    return _review(request, response, number, review)


@router.post(
    "/plans/{int:number}/reviews/{int:review}/postpone",
    response=ReviewOut,
    url_name="plan_review_postpone",
    operation_id="postpone_review_of_plan",
)
def postpone_review(
    request: HttpRequest,
    response: HttpResponse,
    number: Number,
    review: Number,
    sent: ReviewPostponed,
    if_match: Seen = None,
) -> ReviewOut:
    """Hold a review on another day of the plan."""
    actor = shell.actor_of(request)
    there = reviews.review(actor=actor, plan_id=number, review_id=review)
    reviewing.postpone(
        actor=actor,
        plan_id=number,
        review_id=review,
        version=version_seen(if_match, newest=there.version),
        to=sent.to,
        reason=sent.reason,
        now=clock.now(),
    )
    return _review(request, response, number, review)


def measure_told(one: MeasureSeen) -> MeasureOut:
    """A measure as it is sent."""
    said = {name: getattr(one, name) for name in MeasureOut.model_fields}
    lists = {name: list(said[name]) for name in ("after", "segments", "campaigns")}
    return MeasureOut(**{**said, **lists, "cost": f"{one.cost:.2f}"})


def rhythm_told(one: RhythmSeen) -> RhythmOut:
    """A rhythm as it is sent."""
    return RhythmOut(
        weekday=one.weekday, month_day=one.month_day, people=list(one.people), version=one.version
    )


def review_told(one: ReviewSeen) -> ReviewOut:
    """A review as it is sent, its agenda in the language of the caller."""
    said = {name: getattr(one, name) for name in ReviewOut.model_fields}
    language = shell.language_now()
    return ReviewOut(
        **{
            **said,
            "agenda": [line.in_(language) for line in one.agenda],
            "frozen": dict(one.frozen),
            "decisions": [dict(decision) for decision in one.decisions],
        }
    )


def _draft(said: Mapping[str, Any]) -> Draft:
    values = {name: said[name] for name in MeasureIn.model_fields if name != "reason"}
    return Draft(
        **{
            **values,
            "cost": Decimal(values["cost"]),
            **{name: tuple(values[name]) for name in ("after", "segments", "campaigns")},
        }
    )


def _measure(request: HttpRequest, response: HttpResponse, number: int, measure: int) -> MeasureOut:
    found = measures.measure(actor=shell.actor_of(request), plan_id=number, measure_id=measure)
    response["ETag"] = f'"{found.version}"'
    return measure_told(found)


def _review(request: HttpRequest, response: HttpResponse, number: int, review: int) -> ReviewOut:
    found = reviews.review(actor=shell.actor_of(request), plan_id=number, review_id=review)
    response["ETag"] = f'"{found.version}"'
    return review_told(found)


def _budget(request: HttpRequest, number: int) -> BudgetOut:
    house = HOUSE()
    found = budgets.budget(
        actor=shell.actor_of(request),
        plan_id=number,
        tables=open_lake().snapshot(),
        house=house,
        now=clock.now(),
    )
    return BudgetOut(
        currency=house.currency,
        lines=[
            BudgetLineOut(
                channel=one.channel,
                month=one.month,
                measure_id=one.measure_id,
                planned=f"{one.planned:.2f}",
                committed=f"{one.committed:.2f}",
            )
            for one in found.entered
        ],
        channels=[
            BudgetChannel(
                channel=one.channel,
                months=[BudgetMonth(month=month, **_amounts(it)) for month, it in one.months.items()],
                total=AmountsOut(**_amounts(one.sum)),
                returned=None if one.returned is None else f"{one.returned:f}",
            )
            for one in found.channels
        ],
        total=AmountsOut(**_amounts(found.sum)),
        spent_until=found.spent_until,
    )


def _amounts(one: Amounts) -> dict[str, Any]:
    return {
        "planned": f"{one.planned:f}",
        "committed": f"{one.committed:f}",
        "spent": None if one.spent is None else f"{one.spent:f}",
        "remaining": f"{one.remaining:f}",
    }
