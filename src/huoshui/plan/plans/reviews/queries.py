"""Questions about reviews: which there are, when they are held, and the plan's story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.models import Change, Review, Rhythm
from huoshui.plan.plans.reviews.errors import NoSuchReview

KINDS: Mapping[str, Text] = {
    "weekly": Text("Weekly progress", "周进展会"),
    "monthly": Text("Monthly retrospective", "月度复盘"),
}
STATES: Mapping[str, Text] = {
    "planned": Text("planned", "已安排"),
    "prepared": Text("agenda is ready", "议程已备"),
    "held": Text("held", "已举行"),
    "skipped": Text("skipped", "已跳过"),
}
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RhythmSeen:
    """When a plan is reviewed; see `models.Rhythm`. ``version`` is 0 while nothing was set."""

    weekday: int | None
    month_day: int | None
    people: Mapping[int, str]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSeen:
    """A review; see `models.Review`. ``agenda`` are sentences, ``decisions`` have text, owner, due and task."""

    id: int
    plan_id: int
    kind: str
    state: str
    due_on: date
    agenda: tuple[Text, ...]
    frozen: Mapping[str, Any]
    frozen_at: datetime | None
    minutes: str
    decisions: tuple[Mapping[str, Any], ...]
    held_by: str
    version: int

    @property
    def open(self) -> bool:
        """Whether it is still to come."""
        return self.state in ("planned", "prepared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A line of the plan's story; ``detail`` says from what to what."""

    act: str
    subject: str
    detail: Mapping[str, Any]
    reason: str
    review_id: int | None
    by: str
    at: datetime


def reviews(*, actor: Actor, plan_id: int) -> tuple[ReviewSeen, ...]:
    """The reviews of a plan by day. Raises `NoSuchPlan`, `NotAllowed`."""
    plans.plan(actor, plan_id)
    return tuple(seen(row) for row in Review.objects.filter(plan_id=plan_id))


def review(*, actor: Actor, plan_id: int, review_id: int) -> ReviewSeen:
    """One review. Raises `NoSuchReview`, `NoSuchPlan`, `NotAllowed`."""
    plans.plan(actor, plan_id)
    id_ = review_id if 0 < review_id < 2**63 else 0
    row = Review.objects.filter(plan_id=plan_id, pk=id_).first()
    if row is None:
        raise NoSuchReview("There is no such review of this plan", received=str(review_id)[:40])
    return seen(row)


def rhythm(*, actor: Actor, plan_id: int) -> RhythmSeen:
    """When a plan is reviewed. Raises `NoSuchPlan`, `NotAllowed`."""
    plans.plan(actor, plan_id)
    row = Rhythm.objects.filter(plan_id=plan_id).first()
    if row is None:
        return RhythmSeen(weekday=None, month_day=None, people={}, version=0)
    return RhythmSeen(
        weekday=row.weekday, month_day=row.month_day, people=users.names(row.people), version=row.version
    )


def story(*, actor: Actor, plan_id: int) -> tuple[Told, ...]:
    """What was changed of a plan and why, the newest first, at most 2,000. Raises `NoSuchPlan`, `NotAllowed`."""
    plans.plan(actor, plan_id)
    rows = Change.objects.filter(plan_id=plan_id)[:MOST_LINES]
    return tuple(
        Told(
            act=row.act,
            subject=row.subject,
            detail=row.detail,
            reason=row.reason,
            review_id=row.review_id,
            by=row.by,
            at=row.at,
        )
        for row in rows
    )


def seen(row: Review) -> ReviewSeen:
    """A row as others see it."""
    return ReviewSeen(
        id=row.pk,
        plan_id=row.plan_id,
        kind=row.kind,
        state=row.state,
        due_on=row.due_on,
        agenda=tuple(Text(en, zh) for en, zh in row.agenda),
        frozen=row.frozen,
        frozen_at=row.frozen_at,
        minutes=row.minutes,
        decisions=tuple(row.decisions),
        held_by=row.held_by,
        version=row.version,
    )
