"""Questions about loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huoshui.data.connectors.fields import folded
from huoshui.data.connectors.models import Load, SavedMapping
from huoshui.kernel.actors import Actor, Right

DEFAULT_SOURCE = "shop"
ALIKE = 0.5


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


def loads(*, actor: Actor) -> list[LoadRecord]:
    """All loads, oldest first. Raises `NotAllowed`."""
    actor.require(Right.IMPORTS_RUN)
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
        for load in Load.objects.all()
    ]


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
        actor=row.actor,
        saved_at=row.saved_at,
    )
