"""The goals of a plan: how they stand, and setting, changing, splitting them by the verbs of their pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Status

from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.plan.plans.goals import queries, reading, sentences, services, splitting
from huoshui.plan.plans.goals.papers import check_words
from huoshui.plan.plans.goals.setting import Draft, declared
from huoshui.project.api.goals_shapes import (
    GoalChange,
    GoalIn,
    GoalList,
    GoalOut,
    GoalWhole,
    SplitIn,
    UsualIn,
    goal_told,
)
from huoshui.project.api.segments import version_seen
from huoshui.project.api.shapes import Number, Seen, said
from huoshui.web import shell

router = Router(tags=["plans"])


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


@router.post(
    "/plans/{int:number}/goals",
    response={201: GoalOut},
    url_name="plan_goals",
    operation_id="add_goal_to_plan",
)
def add_goal(request: HttpRequest, response: HttpResponse, number: Number, sent: GoalIn) -> Status[GoalOut]:
    """Set a goal. Its baseline is computed, and a relative target becomes an absolute one."""
    actor = shell.actor_of(request)
    over = _over(request, number, sent.parent_id)
    name = sent.name.strip() or said(declared(sent.metric).label)
    made = services.add(
        actor=actor,
        plan_id=number,
        draft=Draft(**{**over, **_drafted(sent.model_dump(exclude_unset=True)), "name": name}),
        reason=sent.reason,
        now=clock.now(),
    )
    response["Location"] = reverse("api:plan_goal", args=[number, made])
    return Status(201, _standing(request, response, number, made))


@router.post(
    "/plans/{int:number}/goals/usual",
    response={201: GoalList},
    url_name="plan_goals_usual",
    operation_id="add_usual_goals_to_plan",
)
def add_usual(request: HttpRequest, number: Number, sent: UsualIn) -> Status[GoalList]:
    """Set goals that companies set again and again, for the days of the plan."""
    services.add_usual(shell.actor_of(request), number, sent.usual, clock.now())
    return Status(201, list_goals(request, number))


@router.get(
    "/plans/{int:number}/goals/{int:goal}",
    response=GoalWhole,
    url_name="plan_goal",
    operation_id="get_goal_of_plan",
)
def get_goal(request: HttpRequest, response: HttpResponse, number: Number, goal: Number) -> GoalWhole:
    """One goal, what will come of it, and why it stands where it does. The `ETag` says which version."""
    house, language = HOUSE(), shell.language_now()
    found = reading.single(
        actor=shell.actor_of(request),
        plan_id=number,
        goal_id=goal,
        tables=open_lake().snapshot(),
        house=house,
        now=clock.now(),
    )
    one = found.standing
    response["ETag"] = f'"{one.goal.version}"'
    return GoalWhole(
        **goal_told(one).model_dump(),
        outlook=sentences.outlook(one, house.currency, language),
        why=sentences.cause(one, found.diagnosis, house.currency, language),
    )


@router.patch(
    "/plans/{int:number}/goals/{int:goal}",
    response=GoalOut,
    url_name="plan_goal",
    operation_id="change_goal_of_plan",
)
def change_goal(
    request: HttpRequest,
    response: HttpResponse,
    number: Number,
    goal: Number,
    sent: GoalChange,
    if_match: Seen = None,
) -> GoalOut:
    """Change a goal; fields that are not sent stay. `If-Match` holds the `ETag` that you saw."""
    actor = shell.actor_of(request)
    there = queries.goal(actor=actor, plan_id=number, goal_id=goal)
    said_now = sent.model_dump(exclude_unset=True)
    if "parent_id" in said_now and sent.parent_id is None:
        said_now["part"] = ""
    services.change(
        actor=actor,
        plan_id=number,
        goal_id=goal,
        version=version_seen(if_match, newest=there.version),
        draft=replace(services.draft_of(there), **_drafted(said_now)),
        reason=sent.reason,
        now=clock.now(),
    )
    return _standing(request, response, number, goal)


@router.delete(
    "/plans/{int:number}/goals/{int:goal}",
    response={204: None},
    url_name="plan_goal",
    operation_id="remove_goal_of_plan",
)
def remove_goal(request: HttpRequest, number: Number, goal: Number, if_match: Seen = None) -> Status[None]:
    """Take a goal out with its parts, so that it can be brought back. `If-Match` holds the `ETag` that you saw."""
    actor = shell.actor_of(request)
    there = queries.goal(actor=actor, plan_id=number, goal_id=goal)
    version = version_seen(if_match, newest=there.version)
    services.remove(actor=actor, plan_id=number, goal_id=goal, version=version, now=clock.now())
    return Status(204, None)


@router.post(
    "/plans/{int:number}/goals/{int:goal}/restore",
    response=GoalOut,
    url_name="plan_goal_restore",
    operation_id="restore_goal_of_plan",
)
def restore_goal(request: HttpRequest, response: HttpResponse, number: Number, goal: Number) -> GoalOut:
    """Bring a goal back with the parts that went with it."""
    services.restore(actor=shell.actor_of(request), plan_id=number, goal_id=goal, now=clock.now())
    return _standing(request, response, number, goal)


@router.post(
    "/plans/{int:number}/goals/{int:goal}/split",
    response={201: GoalList},
    url_name="plan_goal_split",
    operation_id="split_goal_of_plan",
)
def split_goal(request: HttpRequest, number: Number, goal: Number, sent: SplitIn) -> Status[GoalList]:
    """Split a goal into parts whose targets add up to it exactly, where the metric adds up."""
    actor = shell.actor_of(request)
    splitting.split(
        actor=actor,
        goal=queries.goal(actor=actor, plan_id=number, goal_id=goal),
        by=sent.by,
        tables=open_lake().snapshot(),
        zone=HOUSE().zone,
        language=shell.language_now(),
        now=clock.now(),
    )
    return Status(201, list_goals(request, number))


@router.post(
    "/plans/{int:number}/goals/{int:goal}/rebase",
    response=GoalOut,
    url_name="plan_goal_rebase",
    operation_id="rebase_goal_of_plan",
)
def rebase_goal(request: HttpRequest, response: HttpResponse, number: Number, goal: Number) -> GoalOut:
    """Compute the baseline by the data of today, and a relative target with it."""
    services.rebase(actor=shell.actor_of(request), plan_id=number, goal_id=goal, now=clock.now())
    return _standing(request, response, number, goal)


def _over(request: HttpRequest, number: int, parent_id: int | None) -> Mapping[str, Any]:
    """The days of a new goal that says none: those of the plan, or of its goal."""
    over = reading.days_of(actor=shell.actor_of(request), plan_id=number, goal_id=parent_id)
    return {"first_day": over[0], "last_day": over[1]}


def _drafted(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, as a draft says it; nothing of what cannot be empty and was sent so."""
    free = ("owner_id", "parent_id")
    found = {name: value for name, value in values.items() if value is not None or name in free}
    found.pop("reason", None)
    if "slice" in found:
        found["cut"] = found.pop("slice")
    if "points" in found:
        found["points"] = _lines(found["points"])
    return found


def _lines(points: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(f"{one['day']} {one['value']}" for one in points)


def _standing(request: HttpRequest, response: HttpResponse, number: int, goal: int) -> GoalOut:
    one = reading.one(
        actor=shell.actor_of(request),
        plan_id=number,
        goal_id=goal,
        tables=open_lake().snapshot(),
        house=HOUSE(),
        now=clock.now(),
    )
    response["ETag"] = f'"{one.goal.version}"'
    return goal_told(one)
