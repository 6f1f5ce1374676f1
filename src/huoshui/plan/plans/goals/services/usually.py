"""Setting goals that companies set again and again (`goals.usual`) for the days of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.periods import months_after
from huoshui.plan.plans.changing import held
from huoshui.plan.plans.goals import setting
from huoshui.plan.plans.goals.errors import NotAGoal
from huoshui.plan.plans.goals.queries import GoalSeen
from huoshui.plan.plans.goals.services.measuring import measured
from huoshui.plan.plans.goals.services.placing import put
from huoshui.plan.plans.goals.setting import Draft
from huoshui.plan.plans.goals.usual import USUAL
from huoshui.plan.plans.models import Goal, Plan

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


def add_usual(
    actor: Actor, plan_id: int, slugs: Sequence[str], now: datetime, *, tables: Snapshot | None = None
) -> tuple[int, ...]:
    """Set usual goals (`usual.USUAL`) for the days of the plan; those that it has already stay as they are.

    Of each the first variant is taken whose metric there is; one without data waits for its baseline. Returns the ids
    of the new ones. Raises `NotAGoal` for an unknown slug, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    unknown = [slug for slug in slugs if slug not in USUAL]
    if unknown:
        raise NotAGoal(
            Text("There is no such usual goal", "没有这种常用目标"),
            received=unknown[0][:40],
            valid=", ".join(USUAL),
        )
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        there = set(Goal.objects.filter(plan=plan, deleted_at=None).values_list("usual", flat=True))
        made = []
        for slug in dict.fromkeys(slugs):
            drafts = _usual(slug, plan) if slug not in there else []
            for draft in drafts[:1]:
                values = measured(draft, tables, now)
                made.append(put(plan, draft, values, actor=actor, reason="", now=now))
        return tuple(made)


def _usual(slug: str, plan: Plan) -> list[Draft]:
    one = USUAL[slug]
    last = plan.last_day
    if one.years:
        last = max(last, months_after(plan.first_day, 12 * one.years) - setting.DAY)
    drafts = []
    for metric, target in one.variants:
        try:
            setting.declared(metric)
        except NotAGoal:
            continue
        drafts.append(
            Draft(
                metric=metric,
                target=target,
                first_day=plan.first_day,
                last_day=last,
                name=one.label.zh if plan.title and _chinese(plan.title) else one.label.en,
                baseline_kind=one.baseline,
                path=one.path,
                owner_id=plan.owner_id,
                usual=slug,
            )
        )
    return drafts


def _chinese(text: str) -> bool:
    return any("一" <= letter <= "鿿" for letter in text)


def usual_there(goals: Iterable[GoalSeen]) -> frozenset[str]:
    """Which usual goals a plan has already."""
    return frozenset(one.usual for one in goals if one.usual)
