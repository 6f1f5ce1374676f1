"""What goes in and out of the operations on goals."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from huoshui.kernel.plugs import HOUSE
from huoshui.plan.plans.goals import sentences, targets
from huoshui.plan.plans.goals.setting import MOST_POINTS
from huoshui.plan.plans.goals.standing import Standing
from huoshui.project.api.plans_shapes import Reason
from huoshui.project.api.shapes import Day, Number, Said, said
from huoshui.web import shell

MOST_CUTS = 5
Pace = Literal["reached", "missed", "ahead", "on_track", "behind", "far_behind", "not_begun", "unknown"]


BaselineKind = Literal["year", "before"]
"""Against which days: the same a year before, or as many just before."""


class Point(Said):
    """What a path of one's own asks for by the end of a day; `value` as a target is said, without a sign."""

    day: Day
    value: str = Field(max_length=40, pattern=r"^[^\n\r]+$", examples=["120000"])


class LevelChanged(Schema):
    """A level that changed and stayed, by which a forecast goes."""

    month: Day = Field(description="The first day of the month in which it changed; with `spans`, see there")
    spans: bool = Field(
        description="Figures are of longer spans, one ending in each month: `month` is that in which the first one of "
        "the new level ended"
    )
    by: str = Field(
        description="How much higher the new level is, in the unit of the metric; lower: below zero"
    )
    share: float | None = Field(
        description="The same as a part of the level before; null where that is not above zero"
    )
    sure: float = Field(description="The weight of the models that go by it: above 0.6, up to 1")
    said: str = Field(description="The sentence of the page of the goal, in your language")


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
    part: str = Field(description="By what a part differs from its goal; empty for a goal of its own")
    owner_id: int | None
    owner: str
    note: str
    said: str = Field(description="The target as it was said, such as `+20 %`")
    path: Literal["linear", "seasonal", "own"]
    points: list[Point]
    baseline_kind: BaselineKind
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
    level_changed: LevelChanged | None = Field(
        description="The change of level that the forecast goes by; null where there was none"
    )
    problem: str = Field(description="What is not known and why, in your language")
    customers: str = Field(description="The page of the customers behind `actual`")
    version: int


class GoalList(Schema):
    """The goals of a plan, each followed by its parts."""

    items: list[GoalOut]
    problems: list[str] = Field(description="Parts that do not add up to their goal, in words")


Cut = Annotated[
    dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=200)] | None],
    Field(max_length=MOST_CUTS, examples=[{"channel": "web"}]),
]
Metric = Annotated[str, Field(min_length=1, max_length=60, examples=["revenue"])]
Target = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="A value, or against the baseline `+20 %` or `+10 points`",
        examples=["+20 %"],
    ),
]


class GoalSaid(Said):
    """What is said of a goal besides its metric and target. `reason` stands in the story of the plan."""

    name: str = Field("", max_length=200)
    slice: Cut = Field({})
    first_day: Day | None = None
    last_day: Day | None = None
    baseline_kind: BaselineKind = "year"
    path: Literal["linear", "seasonal", "own"] = "linear"
    points: list[Point] = Field([], max_length=MOST_POINTS)
    owner_id: Number | None = None
    note: str = Field("", max_length=500)
    parent_id: Number | None = None
    part: Literal["", "quarter", "segment", "channel", "owner"] = ""
    reason: Reason = ""


class GoalIn(GoalSaid):
    """A new goal. Without days it is over those of the plan, or of the goal that it is a part of."""

    metric: Metric
    target: Target


class GoalChange(GoalSaid):
    """What is to be different of a goal; what is not sent stays."""

    metric: Metric | None = None
    target: Target | None = None


class GoalWhole(GoalOut):
    """A goal with what comes of it and why it stands there, in sentences of your language."""

    outlook: str
    why: list[str]


class SplitIn(Said):
    """By what a goal is split: `quarter`, `channel`, or a trait whose groups share nobody, such as `stage`."""

    by: str = Field(min_length=1, max_length=60, examples=["quarter"])


class UsualIn(Said):
    """Usual goals by their slugs. Those that the plan has already stay as they are."""

    usual: list[Annotated[str, Field(max_length=60)]] = Field(
        min_length=1, max_length=50, examples=[["sales_growth", "satisfaction"]]
    )


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
        part=goal.part,
        owner_id=goal.owner_id,
        owner=goal.owner,
        note=goal.note,
        said=targets.said(goal.said, one.metric) if one.metric else str(goal.said.amount),
        path=goal.path,
        points=[Point(day=day, value=f"{value:f}") for day, value in goal.points],
        baseline_kind="before" if goal.baseline_kind == "before" else "year",
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
        level_changed=_level_changed(one),
        problem=said(one.problem) if one.problem else "",
        customers=one.opens,
        version=goal.version,
    )


def _level_changed(one: Standing) -> LevelChanged | None:
    changed = one.changed
    if changed is None:
        return None
    return LevelChanged(
        month=changed.month,
        spans=changed.spans,
        by=f"{changed.by:f}",
        share=changed.share,
        sure=changed.sure,
        said=sentences.level(one, HOUSE().currency, shell.language_now()),
    )


def _exact(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
