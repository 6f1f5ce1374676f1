"""Verbs of plans as a whole: beginning one, renaming, its way from draft to archive, and templates of one's own."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext

from huoshui.desk.audit import services as audit
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Language, Text
from huoshui.plan.plans.changing import changed, held
from huoshui.plan.plans.document import queries
from huoshui.plan.plans.document.content import LONGEST_TITLE, Content, as_json, clean
from huoshui.plan.plans.document.editing import keep_content
from huoshui.plan.plans.document.errors import NoSuchTemplate
from huoshui.plan.plans.document.offered import TEMPLATES
from huoshui.plan.plans.errors import NotAPlan
from huoshui.plan.plans.models import OwnTemplate, Plan

LONGEST_DAYS = 366 * 10


def create(
    *,
    actor: Actor,
    title: str,
    template: str,
    first_day: date,
    last_day: date,
    language: Language,
    now: datetime,
) -> int:
    """Begin a plan from a template and return its number.

    ``template`` is a key of `TEMPLATES`, or ``own:ID`` for one that the organisation saved. The plan belongs to its
    maker and is a draft. Raises `NoSuchTemplate`, `NotAPlan`, `NotAllowed`.
    """
    actor.require(Right.PLANS_EDIT)
    content = _begun(template, language)
    kind = template if template in TEMPLATES else "own"
    with transaction.atomic():
        return _made(actor, _title(title), kind, first_day, last_day, content, now)


def duplicate(*, actor: Actor, plan_id: int, now: datetime) -> int:
    """Begin a plan with the words of another one, and return its number.

    Goals, measures, budget and reviews are what the company does in those days, and stay with it. Raises `NoSuchPlan`,
    `NotAllowed`.
    """
    actor.require(Right.PLANS_EDIT)
    there = queries.document(actor=actor, plan_id=plan_id)
    old = Plan.objects.get(pk=plan_id)
    title = gettext("Copy of %(title)s") % {"title": old.title[:180]}
    with transaction.atomic():
        return _made(actor, title, old.kind, old.first_day, old.last_day, there.content, now)


def change(
    *,
    actor: Actor,
    plan_id: int,
    title: str,
    first_day: date,
    last_day: date,
    owner_id: int | None,
    reason: str = "",
    now: datetime,
) -> None:
    """Change the title, the days or the owner of a plan; what is as it was tells nobody.

    Raises `NotAPlan`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    said = _title(title)
    _days(first_day, last_day)
    if owner_id is not None and owner_id not in users.who_may(Right.PLANS_EDIT):
        raise NotAPlan(
            Text("The owner has to be a colleague who may write plans", "负责人须是可以编写计划的同事"),
            received=str(owner_id)[:20],
        )
    with transaction.atomic():
        row = held(actor=actor, plan_id=plan_id)
        before = {
            "title": row.title,
            "first_day": row.first_day.isoformat(),
            "last_day": row.last_day.isoformat(),
            "owner": row.owner.name if row.owner else "",
        }
        row.title, row.first_day, row.last_day, row.owner_id = said, first_day, last_day, owner_id
        row.save(update_fields=["title", "first_day", "last_day", "owner"])
        names = users.names([owner_id]) if owner_id is not None else {}
        after = {
            "title": said,
            "first_day": first_day.isoformat(),
            "last_day": last_day.isoformat(),
            "owner": names.get(owner_id, "") if owner_id is not None else "",
        }
        differs = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
        if differs:
            changed(
                row,
                actor=actor,
                act="plan.edited",
                subject=said,
                detail=differs,
                reason=reason,
                now=now,
                told={"fields": sorted(differs)},
            )


def activate(*, actor: Actor, plan_id: int, now: datetime) -> None:
    """Put a draft in force. One that is in force stays so. Raises as `change`."""
    _to(actor, plan_id, Plan.State.ACTIVE, "plan.activated", now)


def archive(*, actor: Actor, plan_id: int, now: datetime) -> None:
    """Put a plan away: it stays readable and cannot be changed. Raises `NoSuchPlan`, `NotAllowed`."""
    _to(actor, plan_id, Plan.State.ARCHIVED, "plan.archived", now)


def bring_back(*, actor: Actor, plan_id: int, now: datetime) -> None:
    """Take a plan out of the archive: it is in force again. Raises `NoSuchPlan`, `NotAllowed`."""
    _to(actor, plan_id, Plan.State.ACTIVE, "plan.reopened", now)


def delete(*, actor: Actor, plan_id: int, now: datetime) -> None:
    """Delete a plan; it can be restored. Raises `NoSuchPlan`, `NotAllowed`."""
    with transaction.atomic():
        row = held(actor=actor, plan_id=plan_id, archived=True)
        Plan.objects.filter(pk=row.pk).update(deleted_at=now)
        changed(row, actor=actor, act="plan.deleted", subject=row.title, now=now)


def restore(*, actor: Actor, plan_id: int, now: datetime) -> None:
    """Bring a deleted plan back, as it was. Raises `NoSuchPlan`, `NotAllowed`."""
    with transaction.atomic():
        row = held(actor=actor, plan_id=plan_id, archived=True, deleted=True)
        Plan.objects.filter(pk=row.pk).update(deleted_at=None)
        changed(row, actor=actor, act="plan.restored", subject=row.title, now=now)


def save_template(*, actor: Actor, plan_id: int, name: str, now: datetime) -> int:
    """Keep the words of a plan as a template of the organisation, and return its number.

    One of the same name is replaced. Raises `NotAPlan`, `NoSuchPlan`, `NotAllowed`.
    """
    actor.require(Right.PLANS_EDIT)
    said = " ".join(clean(name).split())
    if not said or len(said) > 120:
        raise NotAPlan(
            Text("A template needs a name of at most 120 characters", "模板需要名称，最多 120 字"),
            received=repr(said[:40]),
        )
    content = as_json(queries.document(actor=actor, plan_id=plan_id).content)
    with transaction.atomic():
        row, _fresh = OwnTemplate.objects.update_or_create(
            name=said, defaults={"content": content, "made_by": actor.name[:200], "made_at": now}
        )
        detail = {"template": row.pk}
        audit.record(
            actor=actor, act="plan.kept_as_template", subject=f"plan:{plan_id}", detail=detail, now=now
        )
    return int(row.pk)


def delete_template(*, actor: Actor, template_id: int, now: datetime) -> None:
    """Throw a template of the organisation away; plans made from it stay. Raises `NoSuchTemplate`, `NotAllowed`."""
    actor.require(Right.PLANS_EDIT)
    with transaction.atomic():
        gone, _of = OwnTemplate.objects.filter(pk=template_id if 0 < template_id < 2**63 else 0).delete()
        if not gone:
            raise NoSuchTemplate("There is no such template", received=str(template_id)[:20])
        audit.record(actor=actor, act="plan.template_deleted", detail={"template": template_id}, now=now)


def _begun(template: str, language: Language) -> Content:
    if template in TEMPLATES:
        return TEMPLATES[template].content(language)
    number = template.removeprefix("own:")
    known = number.isascii() and number.isdecimal() and len(number) < 16
    content = queries.own_content(int(number)) if known else None
    if content is None:
        raise NoSuchTemplate(
            "There is no such template", received=repr(template[:40]), valid=", ".join((*TEMPLATES, "own:ID"))
        )
    return content


def _made(
    actor: Actor, title: str, kind: str, first_day: date, last_day: date, content: Content, now: datetime
) -> int:
    _days(first_day, last_day)
    row = Plan.objects.create(
        title=title,
        kind=kind,
        owner_id=actor.user_id,
        first_day=first_day,
        last_day=last_day,
        version=0,
        made_at=now,
    )
    keep_content(actor=actor, plan_id=row.pk, content=content, now=now)
    changed(row, actor=actor, act="plan.created", subject=title, now=now, told={"template": kind})
    return int(row.pk)


def _to(actor: Actor, plan_id: int, state: Plan.State, act: str, now: datetime) -> None:
    with transaction.atomic():
        row = held(actor=actor, plan_id=plan_id, archived=True)
        if row.state != state:
            before = row.state
            Plan.objects.filter(pk=row.pk).update(state=state)
            changed(
                row, actor=actor, act=act, subject=row.title, detail={"state": [before, state.value]}, now=now
            )


def _title(text: str) -> str:
    said = " ".join(clean(text).split())
    if not said or len(said) > LONGEST_TITLE:
        raise NotAPlan(
            Text(
                f"A plan needs a title of at most {LONGEST_TITLE} characters",
                f"计划需要标题，最多 {LONGEST_TITLE} 字",
            ),
            received=repr(said[:40]),
        )
    return said


def _days(first: date, last: date) -> None:
    if not 1990 <= first.year <= 2200 or not 0 <= (last - first).days <= LONGEST_DAYS:
        raise NotAPlan(
            Text(
                "A plan lasts from its first day to a later one, at most ten years",
                "计划的结束日期须晚于开始日期，最长十年",
            ),
            received=f"{first} – {last}",
        )
