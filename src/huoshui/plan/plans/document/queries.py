"""Questions about the document of a plan: its words as they were saved, and the templates to begin from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.desk.threads import queries as threads
from huoshui.kernel.actors import Actor, Right
from huoshui.plan.plans import queries
from huoshui.plan.plans.document.content import Content, from_json
from huoshui.plan.plans.models import OwnTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The words of a plan: version ``number`` (0 before the first), saved ``by`` somebody ``at`` a moment."""

    content: Content
    number: int
    by: str
    by_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A template that the organisation saved."""

    id: int
    name: str
    by: str
    at: datetime
    parts: int
    blocks: int


def document(*, actor: Actor, plan_id: int) -> Document:
    """The newest words of a plan. Raises `NoSuchPlan`, `NotAllowed`."""
    plan = queries.plan(actor, plan_id)
    kept = threads.newest([plan.subject]).get(plan.subject)
    return Document(
        content=from_json(kept.content if kept else {}),
        number=kept.number if kept else 0,
        by=kept.by if kept else "",
        by_id=kept.by_id if kept else None,
        at=kept.at if kept else plan.made_at,
    )


def as_of_version(*, actor: Actor, plan_id: int, number: int) -> Content:
    """The words of an older version; nothing for version 0. Raises `NoSuchVersion`, `NoSuchSubject`."""
    if number == 0:
        return Content()
    kept = threads.version(actor=actor, subject=f"{queries.KIND}:{plan_id}", number=number)
    return from_json(kept.content)


def own_templates(*, actor: Actor) -> Sequence[Own]:
    """The templates that the organisation saved, by name. Raises `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    found = []
    for row in OwnTemplate.objects.order_by("name")[:200]:
        content = from_json(row.content)
        found.append(
            Own(
                id=row.pk,
                name=row.name,
                by=row.made_by,
                at=row.made_at,
                parts=len(content.parts),
                blocks=sum(1 for _ in content),
            )
        )
    return found


def own_content(template_id: int) -> Content | None:
    """The parts of a template that the organisation saved, or nothing."""
    row = OwnTemplate.objects.filter(pk=template_id if 0 < template_id < 2**63 else 0).first()
    return None if row is None else from_json(row.content)
