"""The goals of a plan, and how they stand."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.plan.plans.goals import reading
from huoshui.plan.plans.goals.papers import check_words
from huoshui.plan.plans.goals.standing import Standing
from huoshui.project.api.shapes import Day, Number, said
from huoshui.web import shell

router = Router(tags=["plans"])

Pace = Literal["reached", "missed", "ahead", "on_track", "behind", "far_behind", "not_begun", "unknown"]


class GoalOut(Schema):
    """A goal and how it stands. Numbers are exact text in the unit of its metric, shares as parts of one."""

    id: int
    parent_id: int | None
    depth: int
    name: str
    metric: str
    slice: dict[str, str | int | None]
    first_day: Day
    last_day: Day
    owner: str
    baseline: str | None = Field(description="Null where it could not be known")
    target: str | None = Field(description="Null while it waits for its baseline")
    actual: str | None = Field(
        description="By the data before `as_of`; null where it cannot be known, never 0 then"
    )
    as_of: Day
    expected: str | None = Field(description="What its path asks for by now")
    pace: Pace
    forecast: str | None = Field(description="What it will be by its end, going on as before")
    low: str | None = Field(description="With `high`, where it will be with a chance of 80 %")
    high: str | None
    probability: float | None = Field(description="The chance of reaching the target")
    problem: str = Field(description="What is not known and why, in your language")
    customers: str = Field(description="The page of the customers behind `actual`")
    version: int


class GoalList(Schema):
    """The goals of a plan, each followed by its parts."""

    items: list[GoalOut]
    problems: list[str] = Field(description="Parts that do not add up to their goal, in words")


@router.get(
    "/plans/{int:number}/goals",
    response=GoalList,
    url_name="plan_goals",
    operation_id="list_goals_of_plan",
)
def list_goals(request: HttpRequest, number: Number) -> GoalList:
    """The goals of a plan with how each stands: what its page says."""
    house = HOUSE()
    found = reading.overview(
        actor=shell.actor_of(request),
        plan_id=number,
        tables=open_lake().snapshot(),
        house=house,
        now=clock.now(),
    )
    language = shell.language_now()
    wrong = [words for one in found.checks for words in check_words(one, house.currency, language)]
    return GoalList(items=[goal_told(one) for one in found.standings], problems=wrong)


def goal_told(one: Standing) -> GoalOut:
    """A goal as programs read it."""
    goal = one.goal
    return GoalOut(
        id=goal.id,
        parent_id=goal.parent_id,
        depth=goal.depth,
        name=goal.name,
        metric=goal.metric,
        slice={
            name: value if isinstance(value, int) or value is None else str(value) for name, value in goal.cut
        },
        first_day=goal.first_day,
        last_day=goal.last_day,
        owner=goal.owner,
        baseline=_exact(one.baseline),
        target=_exact(one.target),
        actual=_exact(one.actual),
        as_of=one.end,
        expected=_exact(one.expected),
        pace=one.pace,
        forecast=_exact(one.forecast),
        low=_exact(one.low),
        high=_exact(one.high),
        probability=one.probability,
        problem=said(one.problem) if one.problem else "",
        customers=one.opens,
        version=goal.version,
    )


def _exact(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
