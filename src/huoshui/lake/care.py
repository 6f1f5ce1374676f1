"""Keeping the lake quick: compaction, and the second form of ``events``.

Writers leave many small files in arrival order. Compaction rewrites them as few large ones, sorted as the table
declares, without changing a row. ``events`` gets two physical forms: the table itself, sorted by customer (timelines),
and a narrow ``events_by_name`` (name, customer, time) for rules about behaviour. The narrow form states which files of
``events`` it covers; `events_by_name` reads it together with the tail that came later.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from huoshui.kernel.plugs import LAKE_TABLES, Column, LakeTable
from huoshui.lake.house import Lake
from huoshui.lake.snapshot import Snapshot

SMALL = 32 * 1024 * 1024
MANY = 8

EVENTS_BY_NAME = LakeTable(
    slug="events_by_name",
    doc="Narrow form of `events` for rules about behaviour; `covers` names the file of `events` a row was read from.",
    key=("name", "customer_id", "occurred_at"),
    columns=(
        Column("name", "string", "name of the event"),
        Column("customer_id", "int64", "who"),
        Column("visitor_id", "int64", "visitor"),
        Column("occurred_at", "timestamp('UTC', 6)", "when"),
        Column("covers", "string", "file of `events` the row was read from"),
    ),
    written_by="lake",
    kept="as `events`",
    fact=False,
    statistics=("customer_id", "occurred_at"),
)


def compact(lake: Lake, *, everything: bool = False) -> dict[str, int]:
    """Merge small files of every table; returns, per table, how many files were merged.

    A table is touched when it has at least eight files below 32 MiB, or always with ``everything``.
    """
    merged: dict[str, int] = {}
    with lake.write("compaction") as tx:
        for table in LAKE_TABLES:
            if not table.fact or table.slug not in tx.versions:
                continue
            files = tx.snapshot.files(table.slug)
            small = files if everything else [f for f in files if Path(f).stat().st_size < SMALL]
            if len(small) < (1 if everything else MANY):
                continue
            rows = tx.session.parquet_files(
                f"{table.slug}@{tx.versions[table.slug]}#{len(small)}",
                small,
                table.all_columns,
                live_only=False,
            )
            tx.rewrite(table.slug, rows, replacing=small, sort=table.sorted_by)
            merged[table.slug] = len(small)
        if "events" in tx.versions and ("events" in merged or "events_by_name" not in tx.versions):
            _narrow(tx)
    return merged


def _narrow(tx: Any) -> None:
    files = tx.snapshot.files("events")
    rows = tx.session.named_files(
        f"events@{tx.versions['events']}#named", files, LAKE_TABLES["events"].all_columns
    )
    rows = rows.filter(rows.superseded_by.isnull())
    rows = rows.select("name", "customer_id", "visitor_id", "occurred_at", covers=rows.filename)
    tx.overwrite("events_by_name", rows.order_by("name", "customer_id", "occurred_at"))


def events_by_name(snapshot: Snapshot) -> Any:
    """Name, customer, visitor and time of all events, quick where the narrow form covers them.

    The narrow form counts only while every file it covers is still part of ``events``: a load that was undone or
    replaced rewrites files, and then the full table answers until the next compaction.
    """
    full = snapshot.table("events").select("name", "customer_id", "visitor_id", "occurred_at")
    if "events_by_name" not in snapshot.versions:
        return full
    narrow = snapshot.table("events_by_name")
    covered = set(snapshot.arrow(narrow.select("covers").distinct())["covers"].to_pylist())
    files = snapshot.files("events")
    if not covered <= {Path(f).name for f in files}:
        return full
    tail = [f for f in files if Path(f).name not in covered]
    narrow = narrow.drop("covers")
    if not tail:
        return narrow
    later = snapshot.session.parquet_files(
        f"events@{snapshot.versions['events']}#tail",
        tail,
        tuple(c for c in LAKE_TABLES["events"].all_columns if c.name != "superseded_by"),
        live_only=True,
    )
    return narrow.union(later.select("name", "customer_id", "visitor_id", "occurred_at"))
