"""Stages of life: what their page shows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from huoshui.know.lifecycle import queries
from huoshui.know.lifecycle.pages.cards import reasons_of_life
from huoshui.know.lifecycle.populations import changing
from huoshui.know.value.populations import moving
from huoshui.lake import open_lake
from huoshui.project.api.shapes import Moment, said
from huoshui.project.api.value import Days, Group
from huoshui.science.lifecycle import STAGES, transition_matrix
from huoshui.web import shell

if TYPE_CHECKING:
    from huoshui.science.survival import Survival

router = Router(tags=["know"])


class StageOut(Schema):
    """A stage, and for how many days its customers have been in it: at most, of a quarter, half, three quarters."""

    code: str
    label: str
    customers: int
    days_quarter: int | None
    days_half: int | None
    days_three_quarters: int | None


class StageFlow(Schema):
    """Customers by stage before (empty: not there then) and now; the share of those before, with its 95 % interval."""

    before: str
    after: str
    customers: int
    share: float | None
    low: float | None
    high: float | None
    group: Group


class SoonOut(Schema):
    """Customers who will be in a stage within so many days unless they buy."""

    stage: str
    days: int
    customers: int
    group: Group


class SurvivalStep(Schema):
    """The share for whom it lasts longer than `days`, with its 95 % interval; who was seen until then, who ended."""

    days: float
    share: float
    low: float
    high: float
    at_risk: float
    ended: float


class StageShare(Schema):
    """A stage on the day before: the share that bought since, and the share that the time before it foretold."""

    stage: str
    customers: int
    bought: int
    share: float | None
    foretold: float | None


class StagesJudged(Schema):
    """How well stages tell who buys: of pairs, one who bought since and one who did not, those in the right order."""

    customers: int
    bought: int
    stages: float | None
    fixed_days: float | None
    wins: bool = Field(description="Whether stages tell it better than fixed days")
    enough: bool = Field(description="Whether the data suffice")
    reasons: list[str] = Field(description="What to mind where they do not")
    by_stage: list[StageShare]
    off: float | None = Field(description="How far foretold shares were from what came, on average")


class LifeOut(Schema):
    """Stages as of the last refresh; all is empty before the first."""

    as_of: Moment | None = None
    since: date | None = Field(default=None, description="The day that `before` speaks of")
    until: date | None = None
    stages: list[StageOut] = Field(default_factory=list)
    flows: list[StageFlow] = Field(default_factory=list)
    soon: list[SoonOut] = Field(default_factory=list)
    until_lost: list[SurvivalStep] = Field(
        default_factory=list, description="Days from the first purchase until a customer is lost first"
    )
    median_days_until_lost: float | None = None
    own_rhythms: int = Field(
        default=0, description="Customers with enough purchases for a rhythm of their own"
    )
    typical_interval: float | None = Field(
        default=None, description="Days, of those; stands in for the others"
    )
    judged: StagesJudged | None = None


@router.get("/lifecycle", response=LifeOut, url_name="lifecycle", operation_id="get_lifecycle")
def get_lifecycle(request: HttpRequest, days: Days = 30) -> LifeOut:
    """Stages of life: where customers stand, how they moved, who is about to change, how long they stay."""
    tables = open_lake().snapshot()
    return life_out(queries.life(actor=shell.actor_of(request), tables=tables, days=days))


def life_out(found: queries.Life | None) -> LifeOut:
    """The answer, in the language of the caller."""
    if found is None:
        return LifeOut()
    nothing = (None, None, None)
    return LifeOut(
        as_of=found.as_of,
        since=found.since,
        until=found.until,
        stages=[
            StageOut(
                code=code,
                label=said(STAGES[code]),
                customers=number,
                days_quarter=found.staying.get(code, nothing)[0],
                days_half=found.staying.get(code, nothing)[1],
                days_three_quarters=found.staying.get(code, nothing)[2],
            )
            for code, number in found.stages.items()
        ],
        flows=_flows(found),
        soon=[
            SoonOut(stage=stage, days=days, customers=number, group=changing(stage, days) if number else "")
            for (stage, days), number in found.soon.items()
        ],
        until_lost=survival_steps(found.curve),
        median_days_until_lost=found.curve.median,
        own_rhythms=found.rhythms,
        typical_interval=found.typical,
        judged=_stages_judged(found),
    )


def _stages_judged(found: queries.Life) -> StagesJudged:
    judged, reasons = found.judged, reasons_of_life(found)
    return StagesJudged(
        customers=judged.customers,
        bought=judged.bought,
        stages=judged.own,
        fixed_days=judged.fixed,
        wins=judged.wins,
        enough=not reasons,
        reasons=[said(one) for one in reasons],
        by_stage=[
            StageShare(
                stage=one.stage,
                customers=one.customers,
                bought=one.bought,
                share=one.bought / one.customers if one.customers else None,
                foretold=one.foretold,
            )
            for one in judged.stages
        ],
        off=judged.off,
    )


def _flows(found: queries.Life) -> list[StageFlow]:
    known = {(a, b): number for (a, b), number in found.flows.items() if a is not None and b is not None}

    def group(before: str | None, after: str, number: int) -> str:
        return moving("stage", before, after, found.since, found.until) if number else ""

    flows = []
    for one in transition_matrix(known):
        anybody = any(known.get((one.before, after)) for after in STAGES)
        flows.append(
            StageFlow(
                before=one.before,
                after=one.after,
                customers=one.customers,
                share=one.share if anybody else None,
                low=one.low if anybody else None,
                high=one.high if anybody else None,
                group=group(one.before, one.after, one.customers),
            )
        )
    for after in STAGES:
        number = found.flows.get((None, after), 0)
        flows.append(
            StageFlow(
                before="",
                after=after,
                customers=number,
                share=None,
                low=None,
                high=None,
                group=group(None, after, number),
            )
        )
    return flows


def survival_steps(curve: Survival) -> list[SurvivalStep]:
    """A curve as plain values."""
    columns = (curve.time, curve.share, curve.low, curve.high, curve.at_risk, curve.ended)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        SurvivalStep(days=days, share=share, low=low, high=high, at_risk=at_risk, ended=ended)
        for days, share, low, high, at_risk, ended in rows
    ]
