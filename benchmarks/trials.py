"""The result of a campaign over a million people: what the page of it takes.

    python benchmarks/trials.py --home /path/to/a/copy [--people 1000000] [--days 30] [--runs 5]

Fixes the terms of a trial thirty days before the last order of the house, draws lots for so many of its customers,
writes the decisions, and a message to everybody who is not held out, and reads the result: five outcomes with what was
known before, by variant and by segment. Prints seconds of the wall and of the processor: the first time, and the median
of further ones; and which part the question to the lake has in it. The house is written to: give it a copy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from measure import table

GOAL = 2.0
WHAT = "campaign:1000000"
AT_ONCE = 20_000


def main() -> None:
    """Print what one house takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--home", required=True, help="a house that nobody else uses")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    os.environ["HUOSHUI_HOME"] = asked.home
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.lake import open_lake
    from huoshui.measure.experiments.trials import effects

    lake = open_lake()
    rows: list[list[str]] = []
    drawn = timed(
        "draw lots, write decisions and messages", rows, lambda: _draw(lake, asked.people, asked.days)
    )

    def read() -> Any:
        return effects.effect(WHAT, actor=CONSOLE, tables=lake.snapshot(), now=clock.now())

    found = timed("read the result, the first time", rows, read)
    walls, processors = [], []
    for _ in range(asked.runs):
        wall, processor = time.perf_counter(), time.process_time()
        read()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    median = statistics.median(walls)
    rows.append(["read it again, median", f"{median:.2f}", f"{statistics.median(processors):.2f}"])
    print(table(["step", "wall s", "processor s"], rows))
    print(f"{drawn:,} people, arms {found.span.people}, {found.state}")
    groups = next(iter(found.reading.groups.values()), {})
    print(f"{len(groups)} segments; goal {GOAL:.0f} s: {'reached' if median < GOAL else 'missed'}")


def timed(name: str, rows: list[list[str]], work: Callable[[], Any]) -> Any:
    """What ``work`` answers, and a line with what it took."""
    wall, processor = time.perf_counter(), time.process_time()
    answer = work()
    rows.append([name, f"{time.perf_counter() - wall:.2f}", f"{time.process_time() - processor:.2f}"])
    return answer


def _draw(lake: Any, people: int, days: int) -> int:
    import numpy as np
    import pyarrow as pa
    from django.db import transaction
    from huoshui.act.holdouts import services
    from huoshui.data.facts import queue
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE

    tables = lake.snapshot()
    if tables.sizes("decisions"):
        return people
    last = tables.arrow(tables.table("orders").ordered_at.max().as_table())[0][0].as_py()
    start = last - timedelta(days=days)
    ids = np.sort(tables.arrow(tables.table("customers").select("customer_id"))["customer_id"].to_numpy())[
        :people
    ]
    services.fix(
        actor=CONSOLE,
        what=WHAT,
        title="Benchmark",
        share=0.1,
        variants={"a": 1, "b": 1},
        goal="revenue",
        horizon_days=days,
        cap=None,
        choice="draw",
        eligible=len(ids),
        now=start,
    )
    assigned = services.assign(what=WHAT, customer_ids=ids)
    for begin in range(0, len(ids), AT_ONCE):
        part = assigned.slice(begin, AT_ONCE)
        theirs = part.customer_ids[~part.held]
        messages = {
            "touch_id": [f"m{who}" for who in theirs.tolist()],
            "customer_id": theirs,
            "occurred_at": pa.repeat(pa.scalar(start, pa.timestamp("us", "UTC")), len(theirs)),
            "kind": pa.repeat(pa.scalar("message"), len(theirs)),
            "channel": pa.repeat(pa.scalar("email"), len(theirs)),
            "campaign": pa.repeat(pa.scalar(WHAT), len(theirs)),
            "variant": part.variants.filter(pa.array(~part.held)),
        }
        with transaction.atomic():
            services.record(assigned=part, what=WHAT, version=1, now=start)
            queue.enqueue(table="touches", rows=pa.table(messages), now=start)
    queue.drain(lake=lake, now=clock.now())
    return len(ids)


if __name__ == "__main__":
    main()
