"""Verbs of measures: one transaction each, told in the plan's story; what somebody else wrote meanwhile is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from huoshui.desk.threads.differences import difference
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text
from huoshui.plan.plans.changing import changed, held, last_by, plain, row_changed
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.measures import drafting, queries
from huoshui.plan.plans.measures.dependencies import shifted
from huoshui.plan.plans.measures.drafting import Draft
from huoshui.plan.plans.measures.errors import NoSuchMeasure, NotAMeasure
from huoshui.plan.plans.models import Link, Measure, Plan

MOST_MEASURES = 300
LINKS = ("segments", "campaigns")
NO_REASON = Text("Say why it is dropped", "请说明取消的原因")


@transaction.atomic
def add(*, actor: Actor, plan_id: int, draft: Draft, reason: str = "", now: datetime) -> int:
    """Add a measure behind the others and return its id.

    Raises `NotAMeasure`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    if Measure.objects.filter(plan=plan, deleted_at=None).count() >= MOST_MEASURES:
        raise NotAMeasure(
            Text(f"A plan has at most {MOST_MEASURES} measures", f"一份计划最多 {MOST_MEASURES} 项措施")
        )
    values = drafting.values(plan, draft, actor=actor, but=None)
    last = Measure.objects.filter(plan=plan).order_by("-place").values_list("place", flat=True).first()
    row = Measure.objects.create(plan=plan, place=(last or 0) + 1, made_at=now, **values)
    _link(row, draft)
    row_changed(plan, row, "measure.added", actor=actor, reason=reason, now=now)
    return int(row.pk)


@transaction.atomic
def change(
    *,
    actor: Actor,
    plan_id: int,
    measure_id: int,
    version: int,
    draft: Draft,
    reason: str = "",
    now: datetime,
) -> int:
    """Change a measure that was read as ``version``; returns its new version.

    Raises `PlanChanged` when somebody else was quicker, `NotAMeasure`, `NoSuchMeasure`, `NoSuchPlan`, `PlanArchived`,
    `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = _found(plan, measure_id)
    columns = drafting.values(plan, draft, actor=actor, but=row.pk)
    new = {**columns, **_links_said(draft)}
    old = {**{name: getattr(row, name) for name in columns}, **_links_of(row)}
    if row.version != version:
        raise PlanChanged(
            by=last_by(plan, "measure", row.pk),
            version=row.version,
            changes=difference(plain(new), plain(old)),
        )
    moved = [name for name, value in new.items() if old[name] != value]
    if not moved:
        return row.version
    if "state" in moved and draft.state == "dropped" and not reason.strip():
        raise NotAMeasure(NO_REASON, field="reason")
    for name, value in columns.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    if set(LINKS) & set(moved):
        Link.objects.filter(measure=row).delete()
        _link(row, draft)
    detail = {
        "from": plain({name: old[name] for name in moved}),
        "to": plain({name: new[name] for name in moved}),
    }
    row_changed(plan, row, "measure.changed", actor=actor, reason=reason, now=now, detail=detail)
    return row.version


@transaction.atomic
def drop(*, actor: Actor, plan_id: int, measure_id: int, version: int, reason: str, now: datetime) -> None:
    """Give a measure up, for a reason that the story keeps; it holds nobody up any more.

    Raises `NotAMeasure` without a reason, `PlanChanged`, `NoSuchMeasure`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = _found(plan, measure_id)
    if not reason.strip():
        raise NotAMeasure(NO_REASON, field="reason")
    if row.version != version:
        raise PlanChanged(by=last_by(plan, "measure", row.pk), version=row.version)
    if row.state == "dropped":
        return
    detail = {"from": {"state": row.state}, "to": {"state": "dropped"}}
    row.state, row.version = "dropped", row.version + 1
    row.save(update_fields=["state", "version"])
    row_changed(plan, row, "measure.dropped", actor=actor, reason=reason, now=now, detail=detail)


@transaction.atomic
def take_up(*, actor: Actor, plan_id: int, measure_id: int, reason: str = "", now: datetime) -> None:
    """Take a dropped measure up again. Raises `NoSuchMeasure`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`."""
    plan = held(actor=actor, plan_id=plan_id)
    row = _found(plan, measure_id)
    if row.state != "dropped":
        return
    row.state, row.version = ("running" if row.done else "planned"), row.version + 1
    row.save(update_fields=["state", "version"])
    row_changed(plan, row, "measure.resumed", actor=actor, reason=reason, now=now)


@transaction.atomic
def move(*, actor: Actor, plan_id: int, measure_id: int, up: bool, now: datetime) -> None:
    """Move a measure one place up or down; at the end it stays.

    Raises `NoSuchMeasure`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = _found(plan, measure_id)
    order = list(Measure.objects.filter(plan=plan, deleted_at=None))
    at = next(place for place, one in enumerate(order) if one.pk == row.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    for place, one in enumerate(order, start=1):
        one.place = place
    Measure.objects.bulk_update(order, ["place"])
    row_changed(plan, row, "measure.moved", actor=actor, now=now)


@transaction.atomic
def shift(*, actor: Actor, plan_id: int, reason: str = "", now: datetime) -> tuple[int, ...]:
    """Shift every measure that begins before what it waits for has ended, as little as needed, later only.

    Measures that are done or dropped stay. Returns the ids of the shifted ones. Raises `NotAMeasure` where days would
    be out of reach, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    rows = {row.pk: row for row in Measure.objects.filter(plan=plan, deleted_at=None)}
    new = shifted(queries.spans(queries.of_plan(plan.pk)))
    before, after = {}, {}
    for id_, (first, last) in new.items():
        if last > drafting.LATEST:
            raise NotAMeasure(drafting.DAYS, field="last_day", received=str(last), valid="up to 2100-12-31")
        row = rows[id_]
        before[str(id_)] = [row.first_day.isoformat(), row.last_day.isoformat()]
        after[str(id_)] = [first.isoformat(), last.isoformat()]
        row.first_day, row.last_day, row.version = first, last, row.version + 1
        row.save(update_fields=["first_day", "last_day", "version"])
    if new:
        changed(
            plan,
            actor=actor,
            act="measure.shifted",
            subject=", ".join(rows[id_].name for id_ in new),
            detail={"measures": sorted(new), "from": before, "to": after},
            reason=reason,
            now=now,
            told={"count": len(new)},
        )
    return tuple(sorted(new))


def _found(plan: Plan, measure_id: int) -> Measure:
    id_ = measure_id if 0 < measure_id < 2**63 else 0
    row = Measure.objects.filter(plan=plan, pk=id_, deleted_at=None).first()  # the plan is locked
    if row is None:
        raise NoSuchMeasure("There is no such measure in this plan", received=str(measure_id)[:40])
    return row


def _links_said(draft: Draft) -> dict[str, Any]:
    return {"segments": sorted(set(draft.segments)), "campaigns": sorted(set(draft.campaigns))}


def _links_of(row: Measure) -> dict[str, Any]:
    links = list(Link.objects.filter(measure=row))
    return {
        "segments": sorted(one.target for one in links if one.kind == "segment"),
        "campaigns": sorted(int(one.target) for one in links if one.kind == "campaign"),
    }


def _link(row: Measure, draft: Draft) -> None:
    said = _links_said(draft)
    Link.objects.bulk_create(
        [Link(measure=row, kind="segment", target=slug) for slug in said["segments"]]
        + [Link(measure=row, kind="campaign", target=str(number)) for number in said["campaigns"]]
    )
