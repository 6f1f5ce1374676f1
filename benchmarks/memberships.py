"""Memberships of 50 segments after new events: what following a change costs, against computing everybody.

    python benchmarks/memberships.py --home /path/to/a/copy [--home /another] [--changes 100 1000 10000 100000]

For each house: 50 segments are made (numbers of events in windows of days, traits, purchases, and combinations),
memberships are computed of everybody, and then, for each number of changes, so many new events of random customers are
loaded and followed. Prints seconds of the wall and of the processor, and what was reached of the goal: 10,000 new
events in under 10 s at a million customers and 50 million events. Houses of two sizes show that the cost grows with
the change and not with the base. The house is written to: give it a copy.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from measure import table

SEGMENTS = 50
WINDOWS = (7, 14, 30, 60, 90)
GOAL = 10_000


def main() -> None:
    """Measure each house in a process of its own: a house is a setting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--home", required=True, action="append", help="a house that nobody else uses")
    parser.add_argument("--changes", type=int, nargs="+", default=[100, 1_000, 10_000, 100_000])
    asked = parser.parse_args()
    if len(asked.home) == 1:
        measure(asked.home[0], asked.changes)
        return
    for home in asked.home:
        words = [sys.executable, __file__, "--home", home, "--changes", *map(str, asked.changes)]
        subprocess.run(words, check=True)


def measure(home: str, changes: Sequence[int]) -> None:
    """Print what one house takes."""
    os.environ["HUOSHUI_HOME"] = home
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    import pyarrow as pa
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.kernel.plugs import HOUSE, LAKE_TABLES
    from huoshui.know.segments import queries, refreshing, services
    from huoshui.lake import open_lake
    from huoshui.lake.duck import arrow_schema

    lake, zone = open_lake(), HOUSE().zone
    tables = lake.snapshot()
    as_of = queries.moment(tables=tables, zone=zone, now=clock.now())
    events = tables.table("events")
    top = events.group_by("name").aggregate(n=events.count()).order_by(lambda t: t.n.desc()).limit(5)
    names = tables.arrow(top)["name"].to_pylist()
    there = set(queries.names())
    for number, rule in enumerate(rules(names)):
        if f"benchmark-{number}" not in there:
            services.add(actor=CONSOLE, name=f"benchmark {number}", rule=rule, now=clock.now())
    people = tables.arrow(tables.table("customers").select("customer_id"))["customer_id"].to_pylist()
    count = tables.arrow(events.aggregate(n=events.count()))["n"][0].as_py()
    print(f"{len(people):,} customers, {count:,} events, {SEGMENTS} segments beside those out of the box")

    def everybody() -> Any:
        return refreshing.refresh(actor=CONSOLE, lake=lake, as_of=as_of, now=clock.now())

    def follow() -> Any:
        return refreshing.follow(actor=CONSOLE, lake=lake, as_of=as_of, now=clock.now())

    for what in ("first", "again"):
        done, wall, used = timed(everybody)
        print(f"everybody, {what}: {wall:.2f} s of the wall, {used:.2f} s of the processor; {moved(done)}")
    schema = arrow_schema(LAKE_TABLES["events"].all_columns)
    reached: dict[int, float] = {}
    for number, size in enumerate(changes):
        load = 10**9 + number + int(time.time())
        rows = [
            {
                "message_id": f"benchmark-{load}-{n}",
                "customer_id": people[n * 7919 % len(people)],
                "name": names[n % len(names)],
                "occurred_at": as_of.at - timedelta(minutes=1 + n % 50_000),
                "source": "benchmark",
                "load_id": load,
                "ingested_at": clock.now(),
            }
            for n in range(size)
        ]
        with lake.write("benchmark") as tx:
            tx.put("events", pa.Table.from_pylist(rows, schema=schema), load_id=load)
        done, wall, used = timed(follow)
        reached[size] = wall
        print(
            f"{size:>9,} new events of {done.customers:,} customers: {wall:.2f} s of the wall, "
            f"{used:.2f} s of the processor; {moved(done)}",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB", flush=True)
    if GOAL in reached:
        print(
            table(("goal", "asked", "reached"), [(f"{GOAL:,} new events, s", "< 10", f"{reached[GOAL]:.2f}")])
        )
    lake.close()


def rules(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rules of the segments."""
    counted = [
        {"did": name, "op": ">=", "value": 2, "within_days": days} for name in names for days in WINDOWS
    ]
    traits = [
        {"trait": slug, "op": ">=", "value": n} for slug in ("frequency", "monetary") for n in range(1, 6)
    ]
    bought = [{"orders": "amount", "op": ">=", "value": 100, "within_days": days} for days in WINDOWS]
    both = [{"all": [counted[n], traits[n], {"not": bought[n % 5]}]} for n in range(10)]
    made = [*counted, *traits, *bought, *both]
    yield from (made[n % len(made)] for n in range(SEGMENTS))


def timed(do: Callable[[], Any]) -> tuple[Any, float, float]:
    """What ``do`` gives, and seconds of the wall and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    done = do()
    return done, time.perf_counter() - began, time.process_time() - used


def moved(done: Any) -> str:
    """Who moved, in words."""
    return f"{done.entered:,} entered, {done.left:,} left"


if __name__ == "__main__":
    main()
