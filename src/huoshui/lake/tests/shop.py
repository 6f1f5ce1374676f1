"""Rows to write into a lake, and answers to compare: used by the lake's tests and by the processes they start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.duck import EngineSettings, arrow_schema
from huoshui.lake.house import Lake
from huoshui.lake.models import HouseVersion
from huoshui.lake.snapshot import Snapshot
from huoshui.lake.writing import Write

ARRIVED = datetime(2024, 3, 10, 8, tzinfo=UTC)


def engine_settings(temporary: Path) -> EngineSettings:
    """A small engine whose days are days in Shanghai."""
    return EngineSettings(memory="512MiB", threads=2, time_zone="Asia/Shanghai", temporary=temporary)


def facts(slug: str, rows: list[dict[str, Any]], *, load_id: int = 1, source: str = "till") -> pa.Table:
    """``rows`` with provenance, columns that they lack empty, ready for `Write.put` and `Write.append`."""
    provenance = {"source": source, "load_id": load_id, "ingested_at": ARRIVED}
    schema = arrow_schema(LAKE_TABLES[slug].all_columns)
    return pa.Table.from_pylist([{**provenance, **row} for row in rows], schema=schema)


def orders(revenues: Mapping[str, int], *, load_id: int = 1, source: str = "till", **more: Any) -> pa.Table:
    """Orders by number, with what was paid for each."""
    rows = [
        {
            "order_id": number,
            "revenue": Decimal(revenue),
            "customer_id": 100_000_000_000_000 + revenue,
            "ordered_at": ARRIVED - timedelta(days=revenue),
            **more,
        }
        for number, revenue in revenues.items()
    ]
    return facts("orders", rows, load_id=load_id, source=source)


def events(names: Mapping[str, str], *, load_id: int = 1) -> pa.Table:
    """Events by id, with their names."""
    rows = [
        {"message_id": number, "name": name, "customer_id": 100_000_000_000_001, "occurred_at": ARRIVED}
        for number, name in names.items()
    ]
    return facts("events", rows, load_id=load_id)


def revenues(picture: Snapshot | Write) -> dict[str, int]:
    """Revenue by number of the orders that count."""
    rows = picture.table("orders").select("order_id", "revenue").to_pyarrow().to_pylist()
    answer = {row["order_id"]: int(row["revenue"]) for row in rows}
    assert len(answer) == len(rows), "an order counts twice"
    return answer


def put_orders(lake: Lake, numbers: Mapping[str, int], *, load_id: int = 1, source: str = "till") -> None:
    """One load of orders, published."""
    with lake.write(f"load {load_id}") as tx:
        tx.put("orders", orders(numbers, load_id=load_id, source=source), load_id=load_id)


def die_writing(lake: Lake, on_crash: Any, numbers: Mapping[str, int], *, number: int | None = None) -> None:
    """What a process leaves that is killed after its commit and before it publishes."""
    newest = HouseVersion.objects.order_by("-version").first()
    with lake._writing("work that dies"):
        write = Write(lake, lake.engine.session(), dict(newest.tables) if newest else {}, on_crash)
        write.append("orders", orders(numbers), transaction=("spool", number) if number is not None else None)
