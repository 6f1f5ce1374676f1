"""Questions about plans: which there are, and what one is. Its words are asked for in `document`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from huoshui.desk.threads import queries as threads
from huoshui.kernel.actors import Actor, Right
from huoshui.plan.plans.errors import NoSuchPlan
from huoshui.plan.plans.models import Plan

KIND = "plan"
"""A plan is the subject ``plan:ID``."""
MOST_PLANS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSeen:
    """A plan of the days ``first_day`` to ``last_day``, both inside.

    ``kind`` is the template it began from, ``state`` is ``draft``, ``active`` or ``archived``. ``version`` counts what
    was changed of goals, measures, budget and reviews; ``words`` is the number of the newest version of its document,
    0 before the first.
    """

    id: int
    title: str
    kind: str
    state: str
    owner_id: int | None
    owner: str
    first_day: date
    last_day: date
    version: int
    words: int
    made_at: datetime

    @property
    def subject(self) -> str:
        """What comments, versions and audit entries are about."""
        return f"{KIND}:{self.id}"


def plan(actor: Actor, plan_id: int) -> PlanSeen:
    """One plan that was not deleted; archived ones too. Raises `NoSuchPlan`, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    row = _there().filter(pk=plan_id if 0 < plan_id < 2**63 else 0).first()
    if row is None:
        raise NoSuchPlan("There is no such plan", received=str(plan_id)[:40])
    return _seen([row])[0]


def plans(actor: Actor, *, archived: bool = False) -> list[PlanSeen]:
    """The plans of the organisation, the newest first, at most 500; those in the archive instead where asked for.

    Raises `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    rows = _there().filter(state="archived") if archived else _there().exclude(state="archived")
    return _seen(list(rows[:MOST_PLANS]))


def titles(actor: Actor, ids: Sequence[str]) -> Mapping[str, str]:
    """Those of the plans that the actor sees, by title: what versions and comments are of (`SubjectKind`)."""
    if not actor.may(Right.CUSTOMERS_VIEW):
        return {}
    wanted = [int(text) for text in ids if text.isascii() and text.isdecimal() and len(text) < 16]
    found = Plan.objects.filter(deleted_at=None, pk__in=wanted).values_list("pk", "title")
    return {str(pk): title for pk, title in found}


def _there() -> QuerySet[Plan]:
    return Plan.objects.filter(deleted_at=None).select_related("owner")


def _seen(rows: Sequence[Plan]) -> list[PlanSeen]:
    words = threads.numbers(f"{KIND}:{row.pk}" for row in rows)
    return [
        PlanSeen(
            id=row.pk,
            title=row.title,
            kind=row.kind,
            state=row.state,
            owner_id=row.owner_id,
            owner=row.owner.name if row.owner else "",
            first_day=row.first_day,
            last_day=row.last_day,
            version=row.version,
            words=words.get(f"{KIND}:{row.pk}", 0),
            made_at=row.made_at,
        )
        for row in rows
    ]
