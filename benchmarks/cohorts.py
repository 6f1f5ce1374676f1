"""Measure cohort retention: `huoshui.science.cohorts` beside SQL written by hand for the same engine.

Events of a million customers over three years, most of them of few, are drawn by the engine into one Parquet file.
The peer is the shortest correct SQL of two ways that people write: months of customers made distinct before the first
one is joined, and a count of distinct customers. Both answers are compared cell by cell with ours, and the program
fails when they differ. Each run is a fresh process; beside wall time stands processor time, which a busy machine
changes less.

Use: ``python benchmarks/cohorts.py [--events N] [--customers N] [--runs N] [--grain month]``
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

AS_OF = date(2024, 1, 1)

DRAW = """
COPY (
  SELECT CAST(floor({customers} * random() * random()) AS BIGINT) AS customer_id,
         TIMESTAMP '2021-01-01' + to_seconds(CAST(floor(random() * 94608000) AS BIGINT)) AS occurred_at
  FROM range({events})
) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""

DISTINCT_FIRST = """
WITH active AS (SELECT DISTINCT customer_id, date_trunc('{grain}', occurred_at) AS period FROM '{file}'),
     born AS (SELECT customer_id, min(period) AS born FROM active GROUP BY customer_id)
SELECT born, date_diff('{grain}', born, period) AS age, count(*) AS customers
FROM active JOIN born USING (customer_id) GROUP BY ALL
"""

COUNT_DISTINCT = """
WITH born AS (
  SELECT customer_id, date_trunc('{grain}', min(occurred_at)) AS born FROM '{file}' GROUP BY customer_id
)
SELECT born, date_diff('{grain}', born, date_trunc('{grain}', occurred_at)) AS age,
       count(DISTINCT customer_id) AS customers
FROM '{file}' JOIN born USING (customer_id) GROUP BY ALL
"""


def draw(file: Path, events: int, customers: int) -> None:
    """Draw the events."""
    import duckdb

    duckdb.sql("SELECT setseed(0.42)")
    duckdb.sql(DRAW.format(file=file, events=events, customers=customers))


def ours(file: Path, grain: Any) -> list[list[Any]]:
    """Retention by the library: cohort, age, customers."""
    import ibis
    from huoshui.science import cohorts

    events = ibis.duckdb.connect().read_parquet(str(file))
    purchases = events.select("customer_id", day=events.occurred_at.date())
    table = cohorts.cohort_table(purchases, as_of=AS_OF, grain=grain, value=None)
    found = cohorts.read(table.to_pyarrow().to_pylist(), as_of=AS_OF, grain=grain)
    return sorted([str(c.start), age, n] for c in found for age, n in enumerate(c.active) if n)


def by_hand(file: Path, grain: str, query: str) -> list[list[Any]]:
    """Retention by a query."""
    import duckdb

    rows = duckdb.connect().execute(query.format(file=file, grain=grain)).fetchall()
    return sorted([str(born)[:10], age, number] for born, age, number in rows)


WAYS = {
    "huoshui": ours,
    "sql, distinct first": lambda file, grain: by_hand(file, grain, DISTINCT_FIRST),
    "sql, count distinct": lambda file, grain: by_hand(file, grain, COUNT_DISTINCT),
}


def once(way: str, file: Path, grain: str) -> dict[str, Any]:
    """One way, in this process; the imports do not count."""
    for module in ("duckdb", "ibis", "huoshui.science.cohorts"):
        importlib.import_module(module)
    began, used = time.perf_counter(), time.process_time()
    answer = WAYS[way](file, grain)
    return {
        "wall": time.perf_counter() - began,
        "processor": time.process_time() - used,
        "cells": len(answer),
        "answer": hashlib.sha256(json.dumps(answer).encode()).hexdigest(),
    }


def main() -> None:
    """Draw, measure each way in turn, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--grain", default="month")
    parser.add_argument("--once", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(once(options.once, options.file, options.grain)))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.parquet"
        draw(file, options.events, options.customers)
        runs: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
        for _ in range(options.runs):
            for way in WAYS:
                command = [
                    sys.executable,
                    __file__,
                    "--once",
                    way,
                    "--file",
                    str(file),
                    "--grain",
                    options.grain,
                ]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                runs[way].append(json.loads(done.stdout))
    if len({run["answer"] for several in runs.values() for run in several}) != 1:
        sys.exit("the answers differ")
    median = {
        way: {of: statistics.median(run[of] for run in several) for of in ("wall", "processor")}
        for way, several in runs.items()
    }
    fastest = {
        of: min(one[of] for way, one in median.items() if way != "huoshui") for of in ("wall", "processor")
    }
    print(
        json.dumps(
            {
                "events": options.events,
                "grain": options.grain,
                "cells": runs["huoshui"][0]["cells"],
                "median seconds": median,
                "times the faster SQL": {of: median["huoshui"][of] / fastest[of] for of in fastest},
                "goal": "at most 1.5 times",
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
