"""How the data of the house are: what every table holds, how fresh it is, how it grows."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import ibis
from django.conf import settings
from django.db import connection

from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import open_lake
from huoshui.lake.ageing import Ages, ages
from huoshui.lake.house import TableState
from huoshui.lake.snapshot import Snapshot

WEEKS = 4
AHEAD = 12
"""Weeks that growth is looked at, and weeks that it is carried on for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHealth:
    """One table. ``arrived`` counts the rows of the last `WEEKS` weeks, None where rows do not say when they came.

    ``kept`` says in words how long rows are kept.
    """

    state: TableState
    changed: datetime | None
    arrived: int | None
    kept: str

    @property
    def weekly_bytes(self) -> float:
        """By how much it grew each week, by the usual size of its rows."""
        if not self.arrived or not self.state.rows:
            return 0.0
        return self.state.size / self.state.rows * min(self.arrived, self.state.rows) / WEEKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Both stores. ``database`` is the size of the file, None of a server's; ``free`` what the disk has left."""

    tables: Sequence[TableHealth]
    ages: Ages
    database: int | None
    free: int

    @property
    def size(self) -> int:
        """Bytes of the lake."""
        return sum(table.state.size for table in self.tables)

    @property
    def weekly_bytes(self) -> float:
        """By how much the lake grew each week."""
        return sum(table.weekly_bytes for table in self.tables)

    @property
    def forecast(self) -> int:
        """Bytes of the lake in `AHEAD` weeks, if it goes on like the last `WEEKS`."""
        return round(self.size + AHEAD * self.weekly_bytes)


def facts() -> int:
    """How many rows of facts the house has; those that a newer version took the place of are not counted."""
    known = {table.slug for table in LAKE_TABLES if table.fact}
    return sum(state.rows for state in open_lake().state() if state.slug in known)


def health(*, actor: Actor, now: datetime) -> Health:
    """How the data are now. Raises `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    lake = open_lake()
    tables, known = lake.snapshot().embedded(), ages()
    since = now - timedelta(weeks=WEEKS)
    found = [
        TableHealth(
            state=state,
            changed=known.changed.get(state.slug),
            arrived=_arrived(tables, state, since) if LAKE_TABLES[state.slug].fact else None,
            kept=LAKE_TABLES[state.slug].kept,
        )
        for state in lake.state()
        if state.files
    ]
    home = Path(settings.HUOSHUI_HOME)
    file = Path(str(connection.settings_dict["NAME"])) if connection.vendor == "sqlite" else None
    return Health(
        tables=sorted(found, key=lambda one: -one.state.size),
        ages=known,
        database=file.stat().st_size if file is not None and file.is_file() else None,
        free=shutil.disk_usage(home).free,
    )


def _arrived(tables: Snapshot, state: TableState, since: datetime) -> int:
    rows = tables.rows(state.slug)
    counted = rows.filter(rows.ingested_at >= ibis.literal(since, "timestamp('UTC', 6)")).count().name("n")
    return int(tables.arrow(counted.as_table())["n"][0].as_py())
