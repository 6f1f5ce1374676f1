"""What many small writes do to reading, when nobody looks after the lake but the lake itself.

Writes a table of orders in N small commits through the door of the lake, reads it, merges everything, reads it again.
The goal: a scan takes at most 1.3 times as long as in the freshly compacted house.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

CUSTOMERS = 50_000


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=100, help="rows of each commit")
    parser.add_argument("--scans", type=int, default=15, help="readings of each state; the median is told")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HUOSHUI_HOME"] = folder
        _measure(asked)


def _measure(asked: argparse.Namespace) -> None:
    from huoshui.project import setting_up

    now = datetime.now(UTC)
    setting_up.prepare_django(make_home=True)
    from huoshui.kernel.actors import CONSOLE
    from huoshui.lake import care, close_lakes, open_lake

    setting_up.open_house(actor=CONSOLE, now=now, say=lambda _: None, found=True)
    lake = open_lake()
    began = time.perf_counter()
    for number in range(asked.commits):
        with lake.write(f"load {number + 1}") as tx:
            tx.put("orders", _orders(number, asked.rows), load_id=number + 1)
    wrote = time.perf_counter() - began
    files = len(lake.snapshot().files("orders"))
    small, opening = _scan(lake, asked.scans)
    care.compact(lake, everything=True)
    fresh, _ = _scan(lake, asked.scans)
    print(
        f"{asked.commits:,} commits of {asked.rows} rows: {wrote:.0f} s, {1000 * wrote / asked.commits:.1f} ms each"
    )
    print(f"files {files}; a scan {1000 * small:.1f} ms, opening a snapshot {1000 * opening:.1f} ms")
    print(f"freshly compacted: a scan {1000 * fresh:.1f} ms; ratio {small / fresh:.2f}")
    close_lakes()


def _scan(lake: Any, times: int) -> tuple[float, float]:
    """Median seconds of one scan, and of opening a snapshot."""
    scans, openings = [], []
    for _ in range(times):
        began = time.perf_counter()
        snapshot = lake.snapshot()
        orders = snapshot.table("orders")
        openings.append(time.perf_counter() - began)
        by_customer = orders.group_by("customer_id").aggregate(n=orders.count(), revenue=orders.revenue.sum())
        query = snapshot.session.sql(
            by_customer.aggregate(
                customers=by_customer.count(), orders=by_customer.n.sum(), revenue=by_customer.revenue.sum()
            )
        )
        began = time.perf_counter()
        snapshot.arrow(query)
        scans.append(time.perf_counter() - began)
    return statistics.median(scans), statistics.median(openings)


def _orders(number: int, rows: int) -> pa.Table:
    from huoshui.kernel.plugs import LAKE_TABLES
    from huoshui.lake.duck import arrow_schema

    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    made = [
        {
            "order_id": f"{number}-{row}",
            "customer_id": 100_000_000_000_000 + (number * 7_919 + row * 104_729) % CUSTOMERS,
            "ordered_at": start + timedelta(seconds=row),
            "revenue": Decimal((number * 31 + row * 17) % 100_000) / 100,
            "source": "bench",
            "load_id": number + 1,
            "ingested_at": start,
        }
        for row in range(rows)
    ]
    return pa.Table.from_pylist(made, schema=arrow_schema(LAKE_TABLES["orders"].all_columns))


if __name__ == "__main__":
    main()
