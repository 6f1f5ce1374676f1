"""Verbs of research. Each is one transaction and is told to the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text
from huoshui.know.research import drafts, models, queries
from huoshui.know.research.errors import NoSuchResearch, NotResearch, ResearchChanged
from huoshui.know.research.queries import MODELS

WRITE = Right.RESEARCH_EDIT
MOST_CRITERIA = 20
KIND_OF = {drafts.Competitor: "competitor", drafts.Figure: "figure", drafts.Note: "note"}


def add(*, actor: Actor, draft: drafts.Draft, now: datetime) -> int:
    """Keep an entry, and return its number. Raises `NotResearch`, `NotAllowed`."""
    actor.require(WRITE)
    kind, values = _values(draft)
    with transaction.atomic():
        made = MODELS[kind].objects.create(made_by_id=actor.user_id, changed_at=now, **values)
        audit.record(actor=actor, act="research.added", subject=f"{kind}:{made.pk}", now=now)
    return int(made.pk)


def change(*, actor: Actor, entry_id: int, seen: int, draft: drafts.Draft, now: datetime) -> int:
    """Give an entry other words, and return its version; it was at version ``seen`` when it was opened.

    Raises `ResearchChanged`, `NotResearch`, `NoSuchResearch`, `NotAllowed`.
    """
    actor.require(WRITE)
    kind, values = _values(draft)
    with transaction.atomic():
        there = queries.entry(kind, entry_id, actor=actor)
        rows = MODELS[kind].objects.filter(pk=entry_id, version=seen)
        if not rows.update(version=seen + 1, changed_at=now, **values):
            raise ResearchChanged("It was saved by somebody else", received=f"version {there.version}")
        audit.record(actor=actor, act="research.changed", subject=f"{kind}:{entry_id}", now=now)
    return seen + 1


def retire(*, actor: Actor, kind: str, entry_id: int, now: datetime) -> None:
    """Put an entry away; what cites it goes on. Raises `NoSuchResearch`, `NotAllowed`."""
    _put(actor, kind, entry_id, now, "research.retired", retired_at=now)


def bring_back(*, actor: Actor, kind: str, entry_id: int, now: datetime) -> None:
    """Offer it again. Raises `NoSuchResearch`, `NotAllowed`."""
    _put(actor, kind, entry_id, now, "research.brought_back", retired_at=None)


def compare_by(*, actor: Actor, names: Sequence[str], now: datetime) -> None:
    """Say what competitors are compared by, in this order. Scores of what is left out stay where they are.

    Raises `NotResearch`, `NotAllowed`.
    """
    actor.require(WRITE)
    said = list(dict.fromkeys(name for one in names if (name := " ".join(one.split()))))
    if len(said) > MOST_CRITERIA or any(len(name) > 60 or "\0" in name for name in said):
        raise NotResearch(
            Text(
                f"At most {MOST_CRITERIA} criteria of at most 60 characters",
                f"最多 {MOST_CRITERIA} 个比较项，每项最多 60 字",
            ),
            received=f"{len(said)}",
        )
    with transaction.atomic():
        models.Criterion.objects.all().delete()
        models.Criterion.objects.bulk_create(
            models.Criterion(name=name, place=place) for place, name in enumerate(said)
        )
        audit.record(actor=actor, act="research.criteria_set", detail={"criteria": len(said)}, now=now)


def _values(draft: drafts.Draft) -> tuple[str, dict[str, object]]:
    values = drafts.values_of(draft)
    if isinstance(draft, drafts.Note) and draft.segment and draft.segment not in queries.segment_names():
        raise NotResearch(Text("There is no such segment", "没有这个分群"), received=draft.segment[:60])
    return KIND_OF[type(draft)], values


def _put(
    actor: Actor, kind: str, entry_id: int, now: datetime, act: str, *, retired_at: datetime | None
) -> None:
    actor.require(WRITE)
    with transaction.atomic():
        number = entry_id if 0 < entry_id < 2**63 else 0
        if not MODELS[kind].objects.filter(pk=number).update(retired_at=retired_at):
            raise NoSuchResearch("There is no such entry", received=f"{kind} {entry_id}"[:60])
        audit.record(actor=actor, act=act, subject=f"{kind}:{entry_id}", now=now)
