"""Goals as a page or a program reads them: how all of a plan stand, or everything about one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from huoshui.kernel.actors import Actor
from huoshui.kernel.charts import Chart
from huoshui.kernel.plugs import House
from huoshui.measure.metrics import queries as metrics
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.goals import checking, queries, variance
from huoshui.plan.plans.goals import history as courses
from huoshui.plan.plans.goals.checking import Check
from huoshui.plan.plans.goals.errors import NoSuchGoal
from huoshui.plan.plans.goals.queries import Changed
from huoshui.plan.plans.goals.standing import Standing, standings
from huoshui.plan.plans.goals.variance import Diagnosis
from huoshui.plan.plans.queries import PlanSeen

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The goals of a plan in the order of their tree, how they stand, and whether parts add up."""

    plan: PlanSeen
    standings: Sequence[Standing]
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """One goal: its standing, its ``parts`` with theirs, its course, why it is there, and what was changed of it."""

    plan: PlanSeen
    standing: Standing
    parent: Standing | None
    parts: Sequence[Standing]
    checks: Sequence[Check]
    chart: Chart | None
    diagnosis: Diagnosis
    history: Sequence[Changed]


def overview(*, actor: Actor, plan_id: int, tables: Snapshot, house: House, now: datetime) -> Overview:
    """How the goals of a plan stand. Raises `NoSuchPlan`, `NotAllowed`."""
    plan = plans.plan(actor, plan_id)
    found = queries.tree(plan.id)
    return Overview(
        plan=plan,
        standings=standings(plan_id=plan.id, goals=found, tables=tables, house=house, now=now),
        checks=checking.checks(found, {one.slug: one for one in metrics.catalogue()}),
    )


def one(
    *, actor: Actor, plan_id: int, goal_id: int, tables: Snapshot, house: House, now: datetime
) -> Standing:
    """How one goal stands. Raises `NoSuchGoal`, `NoSuchPlan`, `NotAllowed`."""
    goal = queries.goal(actor=actor, plan_id=plan_id, goal_id=goal_id)
    (found,) = standings(plan_id=plan_id, goals=[goal], tables=tables, house=house, now=now)
    return found


def days_of(*, actor: Actor, plan_id: int, goal_id: int | None = None) -> tuple[date, date]:
    """The first and the last day of a plan, or of a goal of it. Raises `NoSuchGoal`, `NoSuchPlan`, `NotAllowed`."""
    plan = plans.plan(actor, plan_id)
    over = queries.goal(actor=actor, plan_id=plan_id, goal_id=goal_id) if goal_id else plan
    return over.first_day, over.last_day


def single(
    *, actor: Actor, plan_id: int, goal_id: int, tables: Snapshot, house: House, now: datetime
) -> Single:
    """Everything about one goal. Raises `NoSuchGoal`, `NoSuchPlan`, `NotAllowed`."""
    plan = plans.plan(actor, plan_id)
    tree = queries.tree(plan.id)
    goal = next((one for one in tree if one.id == goal_id), None)
    if goal is None:
        raise NoSuchGoal("There is no such goal in this plan", received=str(goal_id)[:40])
    family = [one for one in tree if one.id in (goal.id, goal.parent_id) or one.parent_id == goal.id]
    stand = {
        one.goal.id: one
        for one in standings(plan_id=plan.id, goals=family, tables=tables, house=house, now=now)
    }
    standing = stand[goal.id]
    known = {one.slug: one for one in metrics.catalogue()}
    return Single(
        plan=plan,
        standing=standing,
        parent=stand.get(goal.parent_id or 0),
        parts=[stand[one.id] for one in family if one.parent_id == goal.id],
        checks=[one for one in checking.checks(tree, known) if one.goal.id == goal.id],
        chart=courses.chart(standing, tables=tables, house=house),
        diagnosis=variance.diagnosis(standing, tables=tables),
        history=queries.history(actor=actor, plan_id=plan.id, goal_id=goal.id),
    )
