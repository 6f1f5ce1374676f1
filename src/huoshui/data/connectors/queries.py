"""Questions about loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet

from huoshui.data.connectors.errors import NoSuchLoad
from huoshui.data.connectors.fields import folded
from huoshui.data.connectors.models import Load, SavedMapping
from huoshui.data.privacy import reach as privacy
from huoshui.data.privacy.reach import Reach
from huoshui.kernel.actors import Actor, Right, Scope
from huoshui.lake.snapshot import Snapshot

DEFAULT_SOURCE = "shop"
ALIKE = 0.5
MUCH_ALIKE = 0.8
LOADS_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """One line of the list of loads."""

    load_id: int
    kind: str
    file_name: str
    source: str
    state: str
    rows: int
    loaded: int
    rejected: int
    actor: str
    started_at: datetime
    undone_at: datetime | None
    report: dict[str, Any]


def seen(actor: Actor) -> QuerySet[Load]:
    """Every load for who sees all records, one's own for others: a load tells of customers. Raises `NotAllowed`."""
    actor.require(Right.IMPORTS_RUN)
    return Load.objects.all() if actor.scope == Scope.ALL else Load.objects.filter(user_id=actor.user_id)


def loads(*, actor: Actor) -> list[LoadRecord]:
    """All loads that the actor sees, oldest first. Raises `NotAllowed`."""
    return [
        LoadRecord(
            load_id=load.load_id,
            kind=load.kind,
            file_name=load.file_name,
            source=load.source,
            state=load.state,
            rows=load.report.get("rows", 0),
            loaded=load.report.get("loaded", 0),
            rejected=load.report.get("rejected", 0),
            actor=load.actor,
            started_at=load.started_at,
            undone_at=load.undone_at,
            report=load.report,
        )
        for load in seen(actor)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which loads are asked for; what is empty does not narrow them down. ``words`` stand in the name of the file, the
    source or the name of who loaded it."""

    state: str = ""
    kind: str = ""
    words: str = ""


def find(*, actor: Actor, asked: Asked, size: int, page: int) -> tuple[list[Load], int]:
    """A page of loads, newest first, and how many there are in all. Raises `NotAllowed`."""
    rows = _found(actor, asked)
    return list(rows[(page - 1) * size : page * size]), rows.count()


def newest(*, actor: Actor, asked: Asked, before: int | None = None, size: int) -> list[Load]:
    """The ``size`` newest loads (older than the load ``before``), newest first. Raises `NotAllowed`."""
    rows = _found(actor, asked)
    return list((rows if before is None else rows.filter(load_id__lt=before))[:size])


def _found(actor: Actor, asked: Asked) -> QuerySet[Load]:
    rows = seen(actor).order_by("-load_id")
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    for word in asked.words.split():
        here = Q(file_name__icontains=word) | Q(source__icontains=word) | Q(actor__icontains=word)
        rows = rows.filter(here)
    return rows


def load_of(*, actor: Actor, load_id: int) -> Load:
    """A load by its number. Raises `NoSuchLoad`, also for a load of others where the actor does not see all records."""
    found = seen(actor).filter(pk=load_id).first()
    if found is None:
        raise NoSuchLoad("There is no such load", received=str(load_id))
    return found


def rejects_of(*, actor: Actor, load_id: int) -> Path:
    """The file of the rejected rows of a load, for who loaded it and who manages the house. Raises `NoSuchLoad`."""
    load = load_of(actor=actor, load_id=load_id)
    own = load.user_id == actor.user_id or actor.may(Right.HOUSE_MANAGE)
    path = Path(load.rejects)
    if not own or not load.rejects or not path.is_file():
        raise NoSuchLoad("There is no such file", received=str(load_id))
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What counts of a load now: orders and revenue in house currency (returns taken off), first and last day."""

    orders: int
    revenue: Decimal
    first: date | None
    last: date | None


def reach(load: Load, *, now: datetime) -> Reach | None:
    """Whom of the people of a load of customers or consents marketing reaches now; nothing where it has none."""
    if load.state != Load.State.LOADED:
        return None
    if load.kind == "consents":
        return privacy.of_statements(load.load_id, load.report.get("facts", {}).get("consents", 0), now=now)
    if load.kind == "customers":
        return privacy.of_new_customers(load.load_id, load.report.get("customers_new", 0), now=now)
    return None


def brought(*, actor: Actor, tables: Snapshot, load_id: int) -> Brought:
    """What a load brought, as it counts now. Raises `NotAllowed`."""
    actor.require(Right.IMPORTS_RUN)
    orders, changes = tables.table("orders"), tables.table("order_changes")
    orders = orders.filter(orders.load_id == load_id)
    changes = changes.filter(changes.load_id == load_id)
    days = orders.ordered_at.cast("date")
    row = tables.arrow(
        orders.aggregate(n=orders.count(), revenue=orders.revenue.sum(), first=days.min(), last=days.max())
    ).to_pylist()[0]
    back = tables.arrow(changes.aggregate(revenue=changes.revenue.sum())).to_pylist()[0]
    return Brought(
        orders=int(row["n"]),
        revenue=Decimal(row["revenue"] or 0) + Decimal(back["revenue"] or 0),
        first=row["first"],
        last=row["last"],
    )


def kind_of_columns(columns: Sequence[str]) -> str:
    """The kind that files with columns like these were of: by a saved mapping, else by the newest load; or nothing."""
    here = {folded(c) for c in columns}
    for saved in SavedMapping.objects.order_by("-saved_at", "name"):
        if {folded(c) for c in saved.columns} == here:
            return saved.kind
    for load in Load.objects.filter(state=Load.State.LOADED).order_by("-load_id")[:LOADS_LOOKED_AT]:
        there = {folded(c) for c in load.columns}
        if len(here & there) / max(1, len(here | there)) > MUCH_ALIKE:
            return load.kind
    return ""


def interrupted() -> str:
    """What stands half done in the journal of loads, in words; empty when nothing does. It may be at work."""
    load = Load.objects.filter(state__in=(Load.State.LOADING, Load.State.UNDOING)).first()
    return f"{load.state} load {load.load_id} ({load.file_name})" if load else ""


def same_file(fingerprint: str, *, kind: str, source: str, mapping: dict[str, str]) -> int | None:
    """The load that brought exactly this file as this kind, and still counts."""
    found = Load.objects.filter(
        fingerprint=fingerprint, kind=kind, source=source, state=Load.State.LOADED, mapping=mapping
    ).first()
    return found.load_id if found else None


def guess_source(kind: str, columns: Sequence[str], name: str, tool: str = "") -> tuple[str, str]:
    """The source a file probably comes from, when nobody says, and why (a code of `understanding.WHY`).

    The source of an earlier load of the same kind with columns like these; else ``tool``, where the file is known to
    be of one; else ``shop``, as long as no file of this kind with other columns came from there; else ``name``.
    """
    earlier = Load.objects.filter(kind=kind, state=Load.State.LOADED).order_by("-load_id")
    here = {folded(c) for c in columns}
    for load in earlier:
        there = {folded(c) for c in load.columns}
        if len(here & there) / max(1, len(here | there)) >= ALIKE:
            return load.source, "earlier"
    if tool:
        return tool, "tool"
    if not any(load.source == DEFAULT_SOURCE for load in earlier):
        return DEFAULT_SOURCE, "first"
    return name, "name"


@dataclass(frozen=True, slots=True)
class Saved:
    """A mapping that people corrected and saved, with everything that belongs to reading such files."""

    name: str
    kind: str
    tool: str
    mapping: dict[str, str]
    columns: tuple[str, ...]
    source: str
    currency: str
    time_zone: str
    date_order: str
    amounts_in: str
    encoding: str
    sheet: str
    delimiter: str
    actor: str
    saved_at: datetime


def saved_mappings(*, actor: Actor) -> list[Saved]:
    """All saved mappings by name. Raises `NotAllowed`."""
    actor.require(Right.IMPORTS_RUN)
    return [_saved(row) for row in SavedMapping.objects.order_by("name")]


def saved_mapping(name: str) -> Saved | None:
    """The saved mapping called ``name``."""
    row = SavedMapping.objects.filter(pk=name).first()
    return _saved(row) if row else None


def saved_names(kind: str) -> list[str]:
    """The names of the mappings saved for a kind of import."""
    return list(SavedMapping.objects.filter(kind=kind).order_by("name").values_list("name", flat=True))


def saved_for(kind: str, columns: Sequence[str]) -> Saved | None:
    """The newest mapping saved for files of this kind with exactly these columns."""
    here = {folded(c) for c in columns}
    rows = SavedMapping.objects.filter(kind=kind).order_by("-saved_at", "name")
    return next((_saved(row) for row in rows if {folded(c) for c in row.columns} == here), None)


def _saved(row: SavedMapping) -> Saved:
    return Saved(
        name=row.name,
        kind=row.kind,
        tool=row.tool,
        mapping=dict(row.mapping),
        columns=tuple(row.columns),
        source=row.source,
        currency=row.currency,
        time_zone=row.time_zone,
        date_order=row.date_order,
        amounts_in=row.amounts_in,
        encoding=row.encoding,
        sheet=row.sheet,
        delimiter=row.delimiter,
        actor=row.actor,
        saved_at=row.saved_at,
    )
