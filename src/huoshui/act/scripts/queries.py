"""Questions about scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from huoshui.act.scripts import models, searching
from huoshui.act.scripts.errors import NoSuchScript
from huoshui.data.customers.scope import require_seen
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Text
from huoshui.know.segments import memberships
from huoshui.know.segments import queries as segments
from huoshui.lake import open_lake, pointing

STAGE = "stage"
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script. ``fits`` says why it was offered for a customer: stage, segment, or nothing for one that is for all."""

    id: int
    title: str
    question: str
    text: str
    stage: str
    segment: str
    language: str
    used: int
    used_at: datetime | None
    version: int
    changed_at: datetime
    retired_at: datetime | None
    fits: tuple[str, ...] = ()


_FIELDS = [name for name in Script.__slots__ if name != "fits"]


def stages() -> Mapping[str, Text]:
    """The stages of life that a script can be for, in their order."""
    return TRAITS[STAGE].values


def scripts(
    *, words: str = "", stage: str = "", segment: str = "", language: str = "", retired: bool = False
) -> Sequence[Script]:
    """The scripts that have all of ``words`` (parts of them, or their sound), what is used most first; at most 500.

    ``stage`` and ``segment`` find what is for them or for everybody, ``language`` what is in it or in none.
    """
    rows = models.Script.objects.filter(retired_at__isnull=not retired)
    for word in searching.asked(words):
        rows = rows.filter(words__contains=word)
    for name, value in (("stage", stage), ("segment", segment), ("language", language)):
        if value:
            rows = rows.filter(**{f"{name}__in": ("", value)})
    return _read(rows.order_by("-used", "title", "pk")[:MOST])


def script(script_id: int) -> Script:
    """One script, put away or not. Raises `NoSuchScript`."""
    wanted = script_id if 0 < script_id < 2**63 else 0
    found = _read(models.Script.objects.filter(pk=wanted))
    if not found:
        raise NoSuchScript("There is no such script", received=str(script_id)[:40])
    return found[0]


def for_customer(*, actor: Actor, customer_id: int, words: str = "", most: int = 5) -> Sequence[Script]:
    """What fits a customer: scripts for a segment they are in, then for their stage of life, then for everybody; of
    each the most used first. Raises `NoSuchCustomer`, `NotAllowed`."""
    require_seen(actor, customer_id)
    every = scripts(words=words)
    if not every:
        return []
    tables = open_lake().snapshot()
    theirs = set(memberships.of_customer(tables, customer_id)) if any(one.segment for one in every) else set()
    stage = ""
    if any(one.stage for one in every):
        row = pointing.find(tables, "traits", by="customer_id", values=[customer_id], columns=[STAGE])
        stage = str(row[0][STAGE] or "") if row else ""
    fitting = [one for one in every if one.segment in ("", *theirs) and one.stage in ("", stage)]
    # Sorting keeps the order of what fits equally well: what is used most.
    fitting.sort(key=lambda one: (not one.segment, not one.stage))
    return [_with_reason(one) for one in fitting[:most]]


def segment_names() -> Mapping[str, Text]:
    """The segments that a script can be for."""
    return segments.names()


def titles(actor: Actor, ids: Sequence[str]) -> Mapping[str, str]:
    """The titles of scripts, for who may see customers."""
    if not actor.may(Right.CUSTOMERS_VIEW):
        return {}
    numbers = [int(one) for one in ids if one.isascii() and one.isdecimal() and len(one) < 19]
    rows = models.Script.objects.filter(pk__in=numbers).values_list("pk", "title")
    return {str(pk): title for pk, title in rows}


def _read(rows: QuerySet[models.Script]) -> list[Script]:
    return [Script(**row) for row in rows.values(*_FIELDS)]


def _with_reason(one: Script) -> Script:
    fits = tuple(name for name in ("segment", "stage") if getattr(one, name))
    return Script(**{name: getattr(one, name) for name in _FIELDS}, fits=fits)
