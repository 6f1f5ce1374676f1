"""Verbs of goals: one transaction each, told in the plan's story; what somebody else wrote meanwhile is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from huoshui.desk.threads.differences import difference
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.measure.dashboards.queries import end_of_figures
from huoshui.measure.metrics.periods import months_after
from huoshui.plan.plans.changing import changed, held
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.goals import queries, setting, targets
from huoshui.plan.plans.goals.accumulating import PARTS
from huoshui.plan.plans.goals.errors import NoSuchGoal, NotAGoal
from huoshui.plan.plans.goals.figures import Figures
from huoshui.plan.plans.goals.queries import GoalSeen
from huoshui.plan.plans.goals.setting import Baseline, Draft
from huoshui.plan.plans.goals.usual import USUAL
from huoshui.plan.plans.models import Change, Goal, Plan

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

MOST_GOALS = 200
DEEPEST = 4


def add(
    *,
    actor: Actor,
    plan_id: int,
    draft: Draft,
    reason: str = "",
    tables: Snapshot | None = None,
    now: datetime,
) -> int:
    """Set a goal: its baseline is computed and kept, a relative target becomes an absolute one. Returns its id.

    Raises `NotAGoal`, `NoSuchGoal` (of the parent), `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    values = _measured(draft, tables, now)
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        return _add(plan, draft, values, actor=actor, reason=reason, now=now)


def change(
    *,
    actor: Actor,
    plan_id: int,
    goal_id: int,
    version: int,
    draft: Draft,
    reason: str = "",
    tables: Snapshot | None = None,
    now: datetime,
) -> int:
    """Change a goal that was read as ``version``; returns its new version.

    The baseline stays as it was computed, unless metric, slice, days or its kind change: then it is computed anew.

    Raises `PlanChanged` when somebody else was quicker, `NotAGoal`, `NoSuchGoal`, `NoSuchPlan`, `PlanArchived`,
    `NotAllowed`.
    """
    before = _find(plan_id, goal_id)
    kept = None
    seen = queries.seen(before)
    if seen.baseline is not None and seen.baseline_of and _same_baseline(seen, draft):
        kept = Baseline(value=seen.baseline, of=seen.baseline_of)
    values = _measured(draft, tables, now, kept=kept)
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        row = _locked(plan, goal_id)
        _place(plan, draft, values, but=row.pk)
        new = {**values, "owner_id": _owner(draft.owner_id), "parent_id": draft.parent_id, "part": draft.part}
        old = {name: getattr(row, name) for name in new}
        if row.version != version:
            raise PlanChanged(
                by=_last_by(plan, row), version=row.version, changes=difference(_told(new), _told(old))
            )
        moved = {name: (old[name], value) for name, value in new.items() if old[name] != value}
        if not moved:
            return row.version
        row.version = version + 1
        for name, value in new.items():
            setattr(row, name, value)
        row.save()
        _tell(
            plan,
            row,
            "goal.changed",
            actor=actor,
            reason=reason,
            now=now,
            detail={
                "from": _told({n: o for n, (o, _) in moved.items()}),
                "to": _told({n: w for n, (_, w) in moved.items()}),
            },
        )
        return row.version


@transaction.atomic
def remove(
    *, actor: Actor, plan_id: int, goal_id: int, version: int, reason: str = "", now: datetime
) -> None:
    """Take a goal out, with its parts; `restore` brings them back.

    Raises `PlanChanged`, `NoSuchGoal`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = _locked(plan, goal_id)
    if row.version != version:
        raise PlanChanged(by=_last_by(plan, row), version=row.version)
    below = _below(plan, row.pk)
    Goal.objects.filter(pk__in=[row.pk, *below]).update(deleted_at=now)
    _tell(plan, row, "goal.removed", actor=actor, reason=reason, now=now, detail={"parts": len(below)})


@transaction.atomic
def restore(*, actor: Actor, plan_id: int, goal_id: int, now: datetime) -> None:
    """Bring a goal back that was taken out, with the parts that went with it.

    Raises `NoSuchGoal`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    plan = held(actor=actor, plan_id=plan_id)
    row = Goal.objects.filter(plan=plan, pk=_number(goal_id)).exclude(deleted_at=None).first()
    if row is None:
        raise NoSuchGoal("There is no such goal to bring back", received=str(goal_id)[:40])
    Goal.objects.filter(pk__in=[row.pk, *_below(plan, row.pk)], deleted_at=row.deleted_at).update(
        deleted_at=None
    )
    _tell(plan, row, "goal.restored", actor=actor, now=now)


def rebase(
    *,
    actor: Actor,
    plan_id: int,
    goal_id: int,
    reason: str = "",
    tables: Snapshot | None = None,
    now: datetime,
) -> int:
    """Compute the baseline of a goal anew by the data of today, and a relative target with it; returns its version.

    Raises `NotAGoal`, `NoSuchGoal`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    seen = queries.seen(_find(plan_id, goal_id))
    values = _measured(draft_of(seen), tables, now)
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        row = _locked(plan, goal_id)
        told = {n: values[n] for n in ("baseline", "baseline_of", "target", "shares")}
        old = {name: getattr(row, name) for name in told}
        if old == told:
            return row.version
        row.version += 1
        for name, value in told.items():
            setattr(row, name, value)
        row.save()
        _tell(
            plan,
            row,
            "goal.rebased",
            actor=actor,
            reason=reason,
            now=now,
            detail={"from": _told(old), "to": _told(told)},
        )
        return row.version


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
                values = _measured(draft, tables, now)
                made.append(_add(plan, draft, values, actor=actor, reason="", now=now))
        return tuple(made)


def add_parts(
    *,
    actor: Actor,
    plan_id: int,
    goal_id: int,
    drafts: Sequence[Draft],
    reason: str = "",
    tables: Snapshot | None = None,
    now: datetime,
) -> tuple[int, ...]:
    """Set several parts of a goal at once, all or none: what `splitting.split` has worked out. Raises as `add`."""
    values = [_measured(draft, tables, now) for draft in drafts]
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        _locked(plan, goal_id)
        return tuple(
            _add(plan, replace(draft, parent_id=goal_id), one, actor=actor, reason=reason, now=now)
            for draft, one in zip(drafts, values, strict=True)
        )


def draft_of(seen: GoalSeen) -> Draft:
    """A goal as it would be said again."""
    metric = setting.declared(seen.metric)
    points = "\n".join(
        f"{day} {targets.said(targets.Said(how='absolute', amount=value), metric)}"
        for day, value in seen.points
    )
    return Draft(
        metric=seen.metric,
        target=targets.said(seen.said, metric),
        first_day=seen.first_day,
        last_day=seen.last_day,
        name=seen.name,
        cut=dict(seen.cut),
        baseline_kind=seen.baseline_kind,
        path=seen.path,
        points=points,
        owner_id=seen.owner_id,
        note=seen.note,
        parent_id=seen.parent_id,
        part=seen.part,
        usual=seen.usual,
    )


def _measured(
    draft: Draft, tables: Snapshot | None, now: datetime, *, kept: Baseline | None = None
) -> dict[str, Any]:
    """The columns of a goal that follow from what was said and from the data. Raises `NotAGoal`."""
    metric = setting.declared(draft.metric)
    name, said, points = setting.checked(draft, metric)
    zone = HOUSE_ZONE()
    tables = tables if tables is not None else open_lake().snapshot()
    end, figures = end_of_figures(tables=tables, zone=zone, now=now), Figures(tables)
    found = kept or setting.baseline(draft, metric, figures=figures, zone=zone, end=end)
    target = setting.target_of(said, found, metric)
    return {
        "name": name,
        "metric": metric.slug,
        "slice": setting.kept_slice(draft.cut),
        "first_day": draft.first_day,
        "last_day": draft.last_day,
        "baseline": "" if found.value is None else str(found.value),
        "baseline_kind": draft.baseline_kind,
        "baseline_of": [day.isoformat() for day in found.of],
        "target": "" if target is None else str(target),
        "said": {"how": said.how, "amount": str(said.amount)},
        "path": draft.path,
        "points": points,
        "shares": setting.seasons(draft, metric, figures=figures, zone=zone, end=end),
        "note": draft.note.strip(),
        "usual": draft.usual,
    }


def _add(
    plan: Plan, draft: Draft, values: Mapping[str, Any], *, actor: Actor, reason: str, now: datetime
) -> int:
    rows = Goal.objects.filter(plan=plan, deleted_at=None)
    if rows.count() >= MOST_GOALS:
        raise NotAGoal(
            Text(f"A plan has at most {MOST_GOALS} goals", f"一个计划最多 {MOST_GOALS} 个目标"),
            received=str(MOST_GOALS + 1),
        )
    _place(plan, draft, values)
    last = rows.order_by("-place").values_list("place", flat=True).first()
    row = Goal.objects.create(
        plan=plan,
        **values,
        parent_id=draft.parent_id,
        part=draft.part,
        owner_id=_owner(draft.owner_id),
        place=0 if last is None else last + 1,
        made_at=now,
    )
    _tell(
        plan,
        row,
        "goal.added",
        actor=actor,
        reason=reason,
        now=now,
        detail={
            "to": _told(
                {n: values[n] for n in ("metric", "target", "said", "baseline", "first_day", "last_day")}
            )
        },
    )
    return int(row.pk)


def _place(plan: Plan, draft: Draft, values: Mapping[str, Any], *, but: int = 0) -> None:
    """Refuse a place in the tree that cannot be."""
    if draft.parent_id is None:
        if draft.part:
            raise NotAGoal(
                Text("Only a part of a goal is of a kind of parts", "只有子目标才有拆分方式"), field="part"
            )
        return
    parent = _locked(plan, draft.parent_id)
    if draft.part not in PARTS:
        raise NotAGoal(
            Text("Say what kind of part it is", "请选择拆分方式"), field="part", valid=", ".join(PARTS)
        )
    if parent.metric != values["metric"]:
        raise NotAGoal(
            Text("A part measures by the same metric as its goal", "子目标须与上级目标使用同一指标"),
            field="metric",
            received=values["metric"],
            valid=parent.metric,
        )
    if values["first_day"] < parent.first_day or values["last_day"] > parent.last_day:
        raise NotAGoal(
            Text("A part lies within the days of its goal", "子目标须在上级目标的时段之内"),
            field="first_day",
            valid=f"{parent.first_day} – {parent.last_day}",
        )
    depth, above = 1, parent
    while True:
        if above.pk == but:
            raise NotAGoal(
                Text("A goal cannot be a part of itself", "目标不能成为自己的子目标"), field="parent_id"
            )
        if above.parent_id is None:
            break
        above, depth = _locked(plan, above.parent_id), depth + 1
    if depth > DEEPEST:
        raise NotAGoal(Text("The tree is at most five levels deep", "目标最多五层"), field="parent_id")


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


def _same_baseline(seen: GoalSeen, draft: Draft) -> bool:
    return (seen.metric, dict(seen.cut), seen.first_day, seen.last_day, seen.baseline_kind) == (
        draft.metric,
        dict(draft.cut),
        draft.first_day,
        draft.last_day,
        draft.baseline_kind,
    )


def _owner(user_id: int | None) -> int | None:
    if user_id is not None and user_id not in users.names({user_id}):
        raise NotAGoal(
            Text("There is no such colleague", "没有这位同事"), field="owner_id", received=str(user_id)[:20]
        )
    return user_id


def _find(plan_id: int, goal_id: int) -> Goal:
    row = Goal.objects.filter(plan_id=_number(plan_id), pk=_number(goal_id), deleted_at=None).first()
    if row is None:
        raise NoSuchGoal("There is no such goal in this plan", received=str(goal_id)[:40])
    return row


def _locked(plan: Plan, goal_id: int) -> Goal:
    return _find(plan.pk, goal_id)  # the plan is locked


def _number(given: int) -> int:
    return given if 0 < given < 2**63 else 0


def _below(plan: Plan, goal_id: int) -> list[int]:
    """All parts of a goal, and theirs."""
    parents = dict(Goal.objects.filter(plan=plan).values_list("pk", "parent_id"))
    found, ring = [], {goal_id}
    while ring:
        ring = {pk for pk, parent in parents.items() if parent in ring and pk not in found}
        found += sorted(ring)
    return found


def _last_by(plan: Plan, row: Goal) -> str:
    last = Change.objects.filter(plan=plan, act__startswith="goal.", detail__goal=row.pk).first()
    return last.by if last else ""


def _tell(
    plan: Plan,
    row: Goal,
    act: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    changed(
        plan,
        actor=actor,
        act=act,
        subject=row.name,
        detail={"goal": row.pk, **(detail or {})},
        reason=reason,
        now=now,
        told={"goal": row.pk},
    )


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as plain values."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def usual_there(goals: Iterable[GoalSeen]) -> frozenset[str]:
    """Which usual goals a plan has already."""
    return frozenset(one.usual for one in goals if one.usual)
