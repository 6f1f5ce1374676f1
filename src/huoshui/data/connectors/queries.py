"""Questions about loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huoshui.data.connectors.fields import folded
from huoshui.data.connectors.models import Load
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
            report=load.report,
        )
        for load in Load.objects.all()
    ]


def same_file(fingerprint: str, *, kind: str, source: str, mapping: dict[str, str]) -> int | None:
    """The load that brought exactly this file as this kind, and still counts."""
    found = Load.objects.filter(
        fingerprint=fingerprint, kind=kind, source=source, state=Load.State.LOADED, mapping=mapping
    ).first()
    return found.load_id if found else None


def guess_source(kind: str, columns: Sequence[str], name: str) -> str:
    """The source a file probably comes from, when nobody says.

    The source of an earlier load of the same kind with columns like these; else ``shop``, as long as no file of
    this kind with other columns came from there; else the name of the file.
    """
    earlier = Load.objects.filter(kind=kind, state=Load.State.LOADED).order_by("-load_id")
    here = {folded(c) for c in columns}
    for load in earlier:
        there = {folded(c) for c in load.columns}
        if len(here & there) / max(1, len(here | there)) >= ALIKE:
            return load.source
    if not any(load.source == DEFAULT_SOURCE for load in earlier):
        return DEFAULT_SOURCE
    return name
