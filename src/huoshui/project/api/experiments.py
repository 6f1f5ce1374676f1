"""Experiments that were read: what was added, with intervals."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from huoshui.measure.experiments import queries
from huoshui.measure.experiments.queries import Described
from huoshui.measure.experiments.reading import Line
from huoshui.project.api.shapes import Moment
from huoshui.science.experiments import Lift, Subgroup
from huoshui.web import shell

router = Router(tags=["experiments"])


class LiftOut(Schema):
    """Treated minus control, with the interval of 95 %. `relative` is of the mean of control."""

    estimate: float
    low: float
    high: float
    p_value: float
    relative: float | None
    treated: int
    treated_mean: float
    control: int
    control_mean: float
    method: str


class ArmOut(Schema):
    """What one treated arm added; `unknown` says why nothing can be said."""

    arm: str
    lift: LiftOut | None
    unknown: str


class GroupOut(ArmOut):
    """The same in a group. `adjusted` is the p-value that allows for the number of groups; `found` when it stands."""

    column: str
    value: str
    adjusted: float | None
    found: bool


class OutcomeOut(Schema):
    """An outcome: a share of people, or a mean per person."""

    name: str
    kind: Literal["proportion", "mean"]
    arms: list[ArmOut]
    groups: list[GroupOut]


class ExperimentLine(Schema):
    """An experiment."""

    number: int
    name: str
    note: str
    file_name: str
    by: str
    made_at: Moment
    retired: bool
    control: str
    people: dict[str, int] = Field(description="By arm")
    unequal_draw: bool = Field(description="Whether the arms lack the sizes they were drawn with")


class ExperimentOut(ExperimentLine):
    """An experiment with what it says."""

    ratio_p_value: float = Field(
        description="Of the check whether the arms have the sizes they were drawn with"
    )
    outcomes: list[OutcomeOut]


class ExperimentCatalogue(Schema):
    """All experiments that are not put away."""

    items: list[ExperimentLine]


@router.get(
    "/experiments", response=ExperimentCatalogue, url_name="experiments", operation_id="list_experiments"
)
def list_experiments(request: HttpRequest) -> ExperimentCatalogue:
    """Every experiment that is not put away, the newest first."""
    found = queries.experiments(actor=shell.actor_of(request))
    return ExperimentCatalogue(items=[_line(one) for one in found])


@router.get(
    "/experiments/{int:number}", response=ExperimentOut, url_name="experiment", operation_id="get_experiment"
)
def get_experiment(request: HttpRequest, number: int) -> ExperimentOut:
    """What one experiment says: every outcome of every arm against the control group, and in groups."""
    return described(queries.experiment(number, actor=shell.actor_of(request)))


def described(one: Described) -> ExperimentOut:
    """An experiment as plain values."""
    reading = one.reading
    return ExperimentOut(
        **_line(one).dict(),
        ratio_p_value=reading.ratio.p_value,
        outcomes=[
            OutcomeOut(
                name=outcome.name,
                kind=outcome.kind,
                arms=[_arm(line) for line in reading.lines[outcome.name]],
                groups=[
                    _group(arm, column, value, part)
                    for arm in reading.found.treated
                    for (column, value), part in reading.groups.get((outcome.name, arm), {}).items()
                ],
            )
            for outcome in reading.found.outcomes
        ],
    )


def _line(one: Described) -> ExperimentLine:
    found = one.reading.found
    return ExperimentLine(
        number=one.number,
        name=one.name,
        note=one.note,
        file_name=one.file_name,
        by=one.by,
        made_at=one.made_at,
        retired=one.retired,
        control=f"{found.arm} = {found.control}",
        people=dict(found.people),
        unequal_draw=one.reading.ratio.is_suspicious,
    )


def _arm(line: Line) -> ArmOut:
    return ArmOut(
        arm=line.arm,
        lift=_lift(line.lift) if line.lift else None,
        unknown=str(line.unknown) if line.unknown else "",
    )


def _group(arm: str, column: str, value: str, part: Subgroup) -> GroupOut:
    return GroupOut(
        arm=arm,
        column=column,
        value=value,
        lift=_lift(part.lift) if part.lift else None,
        unknown=str(part.unknown) if part.unknown else "",
        adjusted=part.adjusted,
        found=part.is_found,
    )


def _lift(lift: Lift) -> LiftOut:
    return LiftOut(
        estimate=lift.estimate,
        low=lift.low,
        high=lift.high,
        p_value=lift.p_value,
        relative=lift.relative,
        treated=lift.treated.n,
        treated_mean=lift.treated.mean,
        control=lift.control.n,
        control_mean=lift.control.mean,
        method=lift.method,
    )
