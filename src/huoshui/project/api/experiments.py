"""Experiments that were read: what was added, with intervals."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from huoshui.act.holdouts import queries as holdouts
from huoshui.act.holdouts.trials import Trial
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.lake import open_lake
from huoshui.measure.experiments import queries
from huoshui.measure.experiments.queries import Described
from huoshui.measure.experiments.reading import Line, Reading
from huoshui.measure.experiments.trials import effects
from huoshui.measure.experiments.trials.effects import Effect, Messages, Worth
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


class MessagesOut(Schema):
    """What went out to an arm, and what it brought per message: margin, or revenue where no cost of goods is known."""

    arm: str
    sent: int
    cost: float
    per_message: float | None
    low: float | None
    high: float | None
    added: float | None
    net: float | None = Field(description="Added in all, after the cost of the messages")


class TrialLine(Schema):
    """What was fixed before something drew lots."""

    what: str = Field(description="What drew lots, such as campaign:12")
    title: str
    goal: Literal["conversion", "orders", "revenue", "margin"]
    horizon_days: int
    cap: float | None = Field(description="The most money counted per person, in house currency")
    choice: Literal["draw", "global_only", "unknown"]
    share: float = Field(description="Held out, beside the global control group")
    seed: str = Field(
        description="Everybody can draw the lots again with it; empty where they were drawn elsewhere"
    )
    fixed_at: Moment


class TrialOut(TrialLine):
    """A trial with what it added. While it runs `outcomes` holds its goal only, read so that it may be looked at any
    time; the rest comes at `known_at`."""

    state: Literal["waiting", "running", "final", "unknown"]
    known_at: Moment | None
    base: str = Field(description="The arm that others are compared with")
    people: dict[str, int] = Field(description="By arm, everybody drawn")
    excluded: int = Field(description="Merged people who were exposed on both sides")
    global_control: int = Field(description="Kept out by the global control group, and not counted in an arm")
    unequal_draw: bool | None
    outcomes: list[OutcomeOut]
    messages: list[MessagesOut]


class ControlGroupOut(Schema):
    """The global control group of a time: people whose place under the key `global:SEED` is below `share`."""

    seed: str
    share: float
    since: Moment
    until: Moment | None
    by: str
    reason: str


class ControlGroupHistory(Schema):
    """The global control group over time, the newest first; the one without `until` holds."""

    items: list[ControlGroupOut]


class TrialCatalogue(Schema):
    """All trials."""

    items: list[TrialLine]


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


@router.get(
    "/control-group", response=ControlGroupHistory, url_name="control_group", operation_id="get_control_group"
)
def get_control_group(request: HttpRequest) -> ControlGroupHistory:
    """Who is and was in the global control group, by seed and share: everybody can draw it again."""
    shell.actor_of(request).require(Right.CUSTOMERS_VIEW)
    return ControlGroupHistory(items=[ControlGroupOut(**asdict(one)) for one in holdouts.history()])


@router.get("/trials", response=TrialCatalogue, url_name="trials", operation_id="list_trials")
def list_trials(request: HttpRequest) -> TrialCatalogue:
    """Everything of the house that drew lots, the newest first, with the terms that were fixed before."""
    found = effects.trials(actor=shell.actor_of(request))
    return TrialCatalogue(items=[_trial_line(one) for one in found])


@router.get("/trials/{str:what}", response=TrialOut, url_name="trial", operation_id="get_trial")
def get_trial(request: HttpRequest, what: str) -> TrialOut:
    """What `what`, such as `campaign:12`, added, by intention to treat; or when that can be known."""
    found = effects.effect(
        what, actor=shell.actor_of(request), tables=open_lake().snapshot(), now=clock.now()
    )
    return tried(found)


def tried(found: Effect) -> TrialOut:
    """What a trial added, as plain values."""
    read = found.reading
    return TrialOut(
        **_trial_line(found.trial).dict(),
        state=found.state,
        known_at=found.known_at,
        base=found.base,
        people=found.span.people if found.span else {},
        excluded=found.span.excluded if found.span else 0,
        global_control=found.span.global_control if found.span else 0,
        unequal_draw=read.ratio.is_suspicious if read else None,
        outcomes=_outcomes(found, read) if read else [],
        messages=[_messages(arm, sent, found.worth.get(arm)) for arm, sent in found.messages.items()],
    )


def _outcomes(found: Effect, read: Reading) -> list[OutcomeOut]:
    running, goal = found.state == "running", found.trial.terms.goal
    return [
        OutcomeOut(
            name=one.name,
            kind=one.kind,
            arms=[_arm(line) for line in (found.so_far.values() if running else read.lines[one.name])],
            groups=[
                _group(arm, column, value, part)
                for arm in ([] if running else read.found.treated)
                for (column, value), part in read.groups.get((one.name, arm), {}).items()
            ],
        )
        for one in read.found.outcomes
        if one.name == goal or not running
    ]


def _messages(arm: str, sent: Messages, worth: Worth | None) -> MessagesOut:
    return MessagesOut(
        arm=arm,
        sent=sent.sent,
        cost=sent.cost,
        per_message=worth.per_message if worth else None,
        low=worth.low if worth else None,
        high=worth.high if worth else None,
        added=worth.added if worth else None,
        net=worth.net if worth else None,
    )


def _trial_line(one: Trial) -> TrialLine:
    terms = one.terms
    return TrialLine(
        what=one.what,
        title=one.title,
        goal=terms.goal,
        horizon_days=terms.horizon_days,
        cap=None if terms.cap is None else float(terms.cap),
        choice=terms.choice,
        share=terms.share,
        seed=one.seed,
        fixed_at=one.fixed_at,
    )


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
        lift=lifted(line.lift) if line.lift else None,
        unknown=str(line.unknown) if line.unknown else "",
    )


def _group(arm: str, column: str, value: str, part: Subgroup) -> GroupOut:
    return GroupOut(
        arm=arm,
        column=column,
        value=value,
        lift=lifted(part.lift) if part.lift else None,
        unknown=str(part.unknown) if part.unknown else "",
        adjusted=part.adjusted,
        found=part.is_found,
    )


def lifted(lift: Lift) -> LiftOut:
    """A difference as plain values."""
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
