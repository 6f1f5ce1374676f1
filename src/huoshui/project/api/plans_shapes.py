"""What goes in and out of the operations on the work of a plan."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from huoshui.plan.plans.budget.services import MOST_CELLS
from huoshui.project.api.shapes import Day, Moment, Said

Exact = Annotated[str, Field(pattern=r"^\d{1,13}(\.\d{1,2})?$", examples=["1200.50"])]
State = Literal["planned", "running", "done", "dropped"]
Short = Annotated[str, Field(max_length=60)]
Reason = Annotated[str, Field(max_length=500)]


class MeasureSaid(Said):
    """What is said of a measure. `after` are the ids of measures it waits for."""

    kind: str = Field("", max_length=20)
    note: str = Field("", max_length=10_000)
    proposition: str = Field("", max_length=40)
    state: State = "planned"
    done: int = Field(0, ge=0, le=100)
    owner_id: int | None = None
    team_id: int | None = None
    after: list[int] = Field([], max_length=300)
    cost: Exact = "0"
    channel: Short = ""
    effect_metric: Short = ""
    effect: str = Field("", max_length=40)
    segments: list[Short] = Field([], max_length=20)
    campaigns: list[int] = Field([], max_length=20)
    reason: Reason = ""


class MeasureIn(MeasureSaid):
    """A new measure: what is done, from when to when."""

    name: str = Field(min_length=1, max_length=200)
    first_day: Day
    last_day: Day


class MeasureChange(MeasureSaid):
    """What is to be different of a measure; what is not sent stays."""

    name: str | None = Field(None, min_length=1, max_length=200)
    first_day: Day | None = None
    last_day: Day | None = None


class MeasureOut(Schema):
    """A measure. `cost` is in the currency of the house, `done` in percent."""

    id: int
    name: str
    kind: str
    note: str
    proposition: str
    state: State
    done: int
    owner_id: int | None
    owner: str
    team_id: int | None
    first_day: Day
    last_day: Day
    after: list[int]
    cost: str
    channel: str
    effect_metric: str
    effect: str
    segments: list[str]
    campaigns: list[int]
    version: int


class MeasureList(Schema):
    """The measures of a plan in their order, dropped ones too."""

    items: list[MeasureOut]


class AmountsOut(Schema):
    """Amounts in the currency of the house. `spent` is null where it is not known."""

    planned: str
    committed: str
    spent: str | None
    remaining: str


class BudgetMonth(AmountsOut):
    """A channel in a month, which is said by its first day."""

    month: Day


class BudgetChannel(Schema):
    """A channel by month and in all. `returned` is its revenue for each unit of spending."""

    channel: str
    months: list[BudgetMonth]
    total: AmountsOut
    returned: str | None


class BudgetLineOut(Schema):
    """What was entered for a channel in a month, of a measure or in general."""

    channel: str
    month: Day
    measure_id: int | None
    planned: str
    committed: str


class BudgetOut(Schema):
    """The budget of a plan. Spending counts up to `spent_until`."""

    currency: str
    lines: list[BudgetLineOut]
    channels: list[BudgetChannel]
    total: AmountsOut
    spent_until: Day | None


class BudgetCell(Said):
    """What a cell is to be, and what it was when you read it: 0 where there was none."""

    channel: str = Field(min_length=1, max_length=60)
    month: Day
    planned: Exact
    committed: Exact = "0"
    was_planned: Exact = "0"
    was_committed: Exact = "0"
    measure_id: int | None = None


class BudgetChange(Said):
    """Cells to be saved together, all or none."""

    cells: list[BudgetCell] = Field(min_length=1, max_length=MOST_CELLS)
    reason: Reason = ""


class RhythmIn(Said):
    """When a plan is reviewed: each week on `weekday` (0 is Monday), each month on `month_day`; null for never."""

    weekday: int | None = Field(None, ge=0, le=6)
    month_day: int | None = Field(None, ge=1, le=28)
    people: list[int] = Field([], max_length=100)


class RhythmOut(Schema):
    """When a plan is reviewed and who takes part. `version` is 0 while nothing was set."""

    weekday: int | None
    month_day: int | None
    people: list[int]
    version: int


class ReviewOut(Schema):
    """A review. `frozen` are the numbers of the moment it was held; they never change."""

    id: int
    kind: Literal["weekly", "monthly"]
    state: Literal["planned", "prepared", "held", "skipped"]
    due_on: Day
    agenda: list[str]
    frozen: dict[str, Any]
    frozen_at: Moment | None
    minutes: str
    decisions: list[dict[str, Any]]
    held_by: str
    version: int


class ReviewList(Schema):
    """The reviews of a plan by day, and when it is reviewed."""

    rhythm: RhythmOut
    items: list[ReviewOut]


class DecisionIn(Said):
    """What was decided; with an owner it becomes a task, until `due` where that is said."""

    text: str = Field(min_length=1, max_length=200)
    owner_id: int | None = None
    due: Day | None = None


class ReviewHeld(Said):
    """What was said and decided."""

    minutes: str = Field("", max_length=20_000)
    decisions: list[DecisionIn] = Field([], max_length=30)


class ReviewPostponed(Said):
    """The new day of a review."""

    to: Day
    reason: Reason = ""
