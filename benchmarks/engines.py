"""Measure the refresh of all customer traits on both engines, on one house.

Each run is a fresh process that refreshes twice: the first time includes what an engine needs to get going (for Spark:
starting, and translating the query and its own code), the second is what a process that stays alive sees. Beside the
wall time stands the processor time of the process and of all it started, which a busy machine distorts less. The
engines must agree on the check sums of what they wrote, or the program fails.

Use: ``python benchmarks/engines.py --home HOUSE [--as-of DATE] [--runs N] [--master MASTER]``
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dataset import END
from measure import Run, Series, repeat, run_function, save, table

ENGINES = ("duckdb", "spark")


def refresh(home: str, engine: str, master: str, as_of: str) -> dict[str, Any]:
    """Refresh the traits of a house twice; seconds, processor seconds and check sums."""
    settings = {"HUOSHUI_HOME": home, "HUOSHUI_ENGINE": engine, "HUOSHUI_SPARK_MASTER": master}
    os.environ |= {**settings, "DJANGO_SETTINGS_MODULE": "huoshui.project.settings"}
    import django

    django.setup()
    from huoshui.data.traits import services
    from huoshui.kernel.actors import CONSOLE
    from huoshui.kernel.clock import AsOf
    from huoshui.kernel.plugs import HOUSE_ZONE
    from huoshui.lake import close_lakes, open_lake

    lake = open_lake()
    at = AsOf.day(date.fromisoformat(as_of), HOUSE_ZONE())
    measured: dict[str, Any] = {}
    for turn in ("first", "again"):
        began, used = time.perf_counter(), processor_seconds()
        done = services.refresh(actor=CONSOLE, lake=lake, as_of=at, now=datetime.now(UTC))
        measured[f"{turn} s"] = time.perf_counter() - began
        measured[f"{turn} processor s"] = processor_seconds() - used
    stored = lake.snapshot().embedded()
    traits = stored.table("traits")
    sums = traits.aggregate(
        customers=traits.count(),
        buyers=(traits.frequency > 0).sum(),
        monetary=traits.monetary.sum(),
        average=traits.average_order_value.sum(),
        scores=(100 * traits.r_score + 10 * traits.f_score + traits.m_score).sum(),
        lost=(traits.stage == "lost").sum(),
        favourites=traits.favourite_category.nunique(),
        rhythm=traits.purchase_rhythm.sum().cast("decimal(38, 6)").cast("decimal(38, 3)"),
        last=traits.last_order_at.max().cast("string"),
    )
    measured["sums"] = {name: str(value) for name, value in stored.arrow(sums).to_pylist()[0].items()}
    measured["customers"] = done.customers
    close_lakes()
    return measured


def processor_seconds() -> float:
    """Processor time that this process and its living descendants have used; Linux only, elsewhere its own."""
    if not Path("/proc/self/stat").exists():
        return time.process_time()
    ticks, waiting = 0, [os.getpid()]
    while waiting:
        pid = waiting.pop()
        try:
            # After the name in brackets: user and system time, and those of children that have ended.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting.extend(int(child) for child in (task / "children").read_text().split())
        except (OSError, ValueError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def tasks(arguments: argparse.Namespace) -> dict[str, Callable[[], Run]]:
    """The two programs by name."""

    def one(engine: str) -> Callable[[], Run]:
        given = {"home": str(arguments.home.resolve()), "engine": engine, "master": arguments.master}
        return lambda: run_function("engines:refresh", {**given, "as_of": arguments.as_of.isoformat()})

    return {engine: one(engine) for engine in arguments.engines}


def report(series: dict[str, Series]) -> str:
    """The table: seconds of the first and second refresh, processor seconds, peak memory, ratio to the first engine."""
    header = ["engine", "first s", "again s", "first processor s", "again processor s", "peak MiB", "x again"]
    base = next(iter(series.values()))
    rows = []
    for name, one in series.items():
        least = {key: least_of(one, key) for key in header[1:5]}
        ratio = least["again s"] / least_of(base, "again s")
        rows.append(
            [name, *(f"{least[key]:.1f}" for key in header[1:5]), f"{one.peak_mib:,.0f}", f"{ratio:.1f}"]
        )
    return table(header, rows)


def least_of(series: Series, key: str) -> float:
    """The least disturbed run."""
    return min(float(run.value[key]) for run in series.runs)


def main() -> None:
    """Measure, compare the check sums, print the table, keep the runs."""
    parser = argparse.ArgumentParser(description="Measure both engines.")
    parser.add_argument("--home", type=Path, required=True, help="a house into which the data was loaded")
    parser.add_argument("--as-of", type=date.fromisoformat, default=END)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--master", default="local[*]", help="where Spark runs (default %(default)s)")
    parser.add_argument("--save-as", default="engines", help="name of the file in benchmarks/results")
    arguments = parser.parse_args()
    series = repeat(tasks(arguments), arguments.runs)
    print(report(series))
    sums = {name: one.runs[0].value["sums"] for name, one in series.items()}
    differing = {key for one in sums.values() for key in one if len({s[key] for s in sums.values()}) > 1}
    if differing:
        raise SystemExit(f"the engines differ in {', '.join(sorted(differing))}: {sums}")
    print(f"check sums agree: {next(iter(sums.values()))}")
    path = save(arguments.save_as, series, as_of=arguments.as_of.isoformat(), master=arguments.master)
    print(f"saved to {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
