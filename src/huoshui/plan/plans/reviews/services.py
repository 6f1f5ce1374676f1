"""Verbs of reviews: their rhythm, preparing, holding with decisions and tasks, postponing, skipping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from huoshui.desk.users import queries as users
from huoshui.desk.worklist import services as worklist
from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Text
from huoshui.plan.plans.changing import changed, held
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.models import Change, Plan, Review, Rhythm
from huoshui.plan.plans.queries import KIND
from huoshui.plan.plans.reviews import moved
from huoshui.plan.plans.reviews.due import LAST_MONTH_DAY, due
from huoshui.plan.plans.reviews.errors import NoSuchReview, NotAReview, ReviewClosed

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

AHEAD = timedelta(days=35)
OPEN = ("planned", "prepared")
MOST_PEOPLE, MOST_DECISIONS = 50, 30
LONGEST_MINUTES, LONGEST_DECISION = 20_000, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided; with an owner it becomes a task of the worklist, until ``due`` where that is said."""

    text: str
    owner_id: int | None = None
    due: date | None = None


@transaction.atomic
def set_rhythm(
    *,
    actor: Actor,
    plan_id: int,
    weekday: int | None,
    month_day: int | None,
    people: Sequence[int],
    version: int,
    today: date,
    reason: str = "",
    now: datetime,
) -> int:
    """Say when a plan is reviewed and who takes part; ``version`` is that of the rhythm read, 0 before the first.

    Reviews from ``today`` on that nobody touched follow the new rhythm. Returns the new version. Raises `NotAReview`,
    `PlanChanged`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = Rhythm.objects.filter(plan=plan).first() or Rhythm(plan=plan, version=0)
    if row.version != version:
        raise PlanChanged(version=row.version)
    if weekday is not None and not 0 <= weekday <= 6:
        raise NotAReview(
            Text("A weekday is 0 (Monday) to 6", "星期须为 0（周一）至 6"), received=str(weekday)[:20]
        )
    if month_day is not None and not 1 <= month_day <= LAST_MONTH_DAY:
        raise NotAReview(
            Text("A day that every month has: 1 to 28", "请选择每月都有的日期：1 至 28"),
            received=str(month_day)[:20],
        )
    wanted = sorted(set(people))
    if len(wanted) > MOST_PEOPLE or set(wanted) - set(users.names(wanted)):
        raise NotAReview(
            Text("Choose colleagues of this house, at most 50", "请选择本企业的同事，最多 50 位")
        )
    row.weekday, row.month_day, row.people, row.version = weekday, month_day, wanted, version + 1
    row.save()
    Review.objects.filter(plan=plan, state="planned", version=1, due_on__gte=today).delete()
    _plan_next(plan, row, today, closing=True)
    changed(
        plan,
        actor=actor,
        act="rhythm.changed",
        detail={"weekday": weekday, "month_day": month_day, "people": len(wanted)},
        reason=reason,
        now=now,
    )
    return row.version


def plan_next(*, plan_id: int, today: date) -> None:
    """Put down the reviews of the next five weeks, for the clock; those that are there stay as they are."""
    with transaction.atomic():
        plan = Plan.objects.select_for_update().filter(pk=plan_id, deleted_at=None).first()
        row = Rhythm.objects.filter(plan_id=plan_id).first()
        if plan is not None and row is not None and plan.state != "archived":
            _plan_next(plan, row, today)


def prepare(
    *, actor: Actor, plan_id: int, review_id: int, tables: Snapshot, house: House, now: datetime
) -> None:
    """Make the agenda of a review from what moved since the last one that was held.

    Raises `ReviewClosed`, `NoSuchReview`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    numbers = moved.numbers(actor=actor, plan_id=plan_id, tables=tables, house=house, now=now)
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        row = _open(plan, review_id)
        today = now.astimezone(house.zone).date()
        row.agenda, row.state = moved.agenda(numbers, _last(plan), today=today), "prepared"
        row.save(update_fields=["agenda", "state"])


def hold(
    *,
    actor: Actor,
    plan_id: int,
    review_id: int,
    version: int,
    minutes: str,
    decisions: Sequence[Decision] = (),
    tables: Snapshot,
    house: House,
    now: datetime,
) -> None:
    """Hold a review: freeze the numbers of this moment, keep minutes and decisions, and make their tasks; all or none.

    The changes of the plan since the last review become part of it. Raises `NotAReview`, `ReviewClosed`, `PlanChanged`,
    `NotATask`, `NoSuchReview`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    kept = [one for one in decisions if one.text.strip()]
    if len(kept) > MOST_DECISIONS or any(len(one.text.strip()) > LONGEST_DECISION for one in kept):
        raise NotAReview(
            Text("At most 30 decisions of at most 200 letters", "最多 30 条决议，每条最多 200 字")
        )
    if len(minutes) > LONGEST_MINUTES:
        raise NotAReview(Text("The minutes are too long", "纪要过长"), valid=f"at most {LONGEST_MINUTES}")
    names = users.names({one.owner_id for one in kept if one.owner_id})
    if any(one.owner_id is not None and one.owner_id not in names for one in kept):
        raise NotAReview(Text("There is no such colleague", "没有这位同事"))
    numbers = moved.numbers(actor=actor, plan_id=plan_id, tables=tables, house=house, now=now)
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        row = _open(plan, review_id, version=version)
        today = now.astimezone(house.zone).date()
        row.agenda = moved.agenda(numbers, _last(plan), today=today)
        row.frozen, row.frozen_at, row.state = numbers, now, "held"
        row.minutes, row.held_by = minutes.replace("\x00", "").strip(), actor.name[:200]
        row.version += 1
        row.decisions = [_decided(plan, one, names, actor=actor, now=now) for one in kept]
        row.save()
        Change.objects.filter(plan=plan, review=None).update(review=row)
        _tell(
            plan,
            row,
            "review.held",
            actor=actor,
            now=now,
            review=row,
            detail={"decisions": len(row.decisions)},
        )


@transaction.atomic
def postpone(
    *, actor: Actor, plan_id: int, review_id: int, version: int, to: date, reason: str = "", now: datetime
) -> None:
    """Hold a review on another day of the plan.

    Raises `NotAReview`, `ReviewClosed`, `PlanChanged`, `NoSuchReview`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = _open(plan, review_id, version=version)
    taken = Review.objects.filter(plan=plan, kind=row.kind, due_on=to).exclude(pk=row.pk).exists()
    if taken or not plan.first_day <= to <= plan.last_day + AHEAD:
        raise NotAReview(
            Text("Choose a day of the plan without such a review", "请选择计划时段内尚无同类复盘的日期"),
            received=str(to),
        )
    before, row.due_on, row.version, row.reminded_at = row.due_on, to, row.version + 1, None
    row.state = "prepared" if row.agenda else "planned"
    row.save()
    detail = {"from": before.isoformat(), "to": to.isoformat()}
    _tell(plan, row, "review.postponed", actor=actor, reason=reason, now=now, detail=detail)


@transaction.atomic
def skip(*, actor: Actor, plan_id: int, review_id: int, version: int, reason: str, now: datetime) -> None:
    """Leave a review out, for a reason.

    Raises `NotAReview` without one, `ReviewClosed`, `PlanChanged`, `NoSuchReview`, `NoSuchPlan`, `PlanArchived`,
    `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = _open(plan, review_id, version=version)
    if not reason.strip():
        raise NotAReview(Text("Say why it is left out", "请说明跳过的原因"))
    row.state, row.version = "skipped", row.version + 1
    row.save()
    _tell(plan, row, "review.skipped", actor=actor, reason=reason, now=now)


def _plan_next(plan: Plan, row: Rhythm, today: date, *, closing: bool = False) -> None:
    """Put down the reviews to come; of a plan that is over, one more where somebody asks for a ``closing`` one."""
    over = today > plan.last_day
    days = due(
        weekday=row.weekday,
        month_day=row.month_day,
        first=max(today, plan.first_day),
        last=today + AHEAD if over and closing else min(today + AHEAD, plan.last_day),
    )[: 1 if over else None]
    moved_away = {
        (one.get("kind"), one.get("from"))
        for one in Change.objects.filter(plan=plan, act="review.postponed").values_list("detail", flat=True)
    }
    Review.objects.bulk_create(
        [
            Review(plan=plan, kind=kind, due_on=day)
            for kind, day in days
            if (kind, day.isoformat()) not in moved_away
        ],
        ignore_conflicts=True,
    )


def _open(plan: Plan, review_id: int, *, version: int | None = None) -> Review:
    id_ = review_id if 0 < review_id < 2**63 else 0
    row = Review.objects.filter(plan=plan, pk=id_).first()  # the plan is locked
    if row is None:
        raise NoSuchReview("There is no such review of this plan", received=str(review_id)[:40])
    if row.state not in OPEN:
        raise ReviewClosed("This review was held or skipped already", received=row.state)
    if version is not None and row.version != version:
        raise PlanChanged(version=row.version)
    return row


def _last(plan: Plan) -> Any:
    return moved.last_frozen(list(Review.objects.filter(plan=plan, state="held")))


def _decided(
    plan: Plan, one: Decision, names: dict[int, str], *, actor: Actor, now: datetime
) -> dict[str, Any]:
    text = " ".join(one.text.replace("\x00", "").split())
    task = None
    if one.owner_id is not None:
        draft = worklist.Draft(title=text, owner_id=one.owner_id, due=one.due, subject=f"{KIND}:{plan.pk}")
        task = worklist.add(actor=actor, draft=draft, now=now)
    return {
        "text": text,
        "owner_id": one.owner_id,
        "owner": names.get(one.owner_id or 0, ""),
        "due": one.due.isoformat() if one.due else "",
        "task": task,
    }


def _tell(
    plan: Plan,
    row: Review,
    act: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    detail: dict[str, Any] | None = None,
    review: Review | None = None,
) -> None:
    changed(
        plan,
        actor=actor,
        act=act,
        subject=f"{row.due_on}",
        detail={"review": row.pk, "kind": row.kind, **(detail or {})},
        reason=reason,
        now=now,
        review=review,
        told={"review": row.pk},
    )
