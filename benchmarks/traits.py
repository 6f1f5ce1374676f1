"""Measure the refresh of all customer traits against the same traits written by hand.

Six programs run on one house, each time in a fresh process, taking turns: the product's own refresh, the
product's expression of the very traits that were written by hand, from nothing and as the refresh after another
computes them, hand SQL in DuckDB, pandas, and a scan that only reads the needed columns (the floor). The table shows
medians and ratios; the hand-written results are compared row by row, since a fast wrong answer is worth nothing.

Use: ``python benchmarks/traits.py --home HOUSE [--as-of DATE] [--runs N] [--programs …]``
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dataset import END
from measure import Run, Series, repeat, run_command, run_function, save, table
from traits_baselines import differences

PROGRAMS = ("product", "same", "next", "sql", "pandas", "scan")

SAME = (
    *("recency", "frequency", "monetary", "net_monetary", "average_order_value"),
    *("r_score", "f_score", "m_score"),
    *("first_order_at", "last_order_at", "favourite_category", "median_purchase_interval", "overdue_ratio"),
    *(f"{what}_{days}d" for what in ("orders", "revenue") for days in (30, 90, 365)),
    *("events_30d", "events_90d", "last_event_at"),
)
"""The traits that are written by hand in ``traits_baselines.py``."""


def product(home: Path, as_of: date) -> Run:
    """One refresh by the product, as an operator runs it."""
    command = [sys.executable, "-m", "huoshui", "refresh", "--as-of", as_of.isoformat()]
    return run_command(command, env={"HUOSHUI_HOME": str(home)})


def same_traits(home: str, result: str, as_of: str, zone: str, after: bool) -> int:
    """The product's expression of `SAME`, computed as a refresh does and written to ``result``; returns the rows.

    ``after`` another refresh, of an earlier day, it takes over what still holds.
    """
    os.environ |= {"HUOSHUI_HOME": home, "HUOSHUI_TIME_ZONE": zone}
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    from huoshui.data.traits import carrying, queries
    from huoshui.kernel.clock import AsOf, now
    from huoshui.lake import open_lake

    place = ZoneInfo(zone)
    moment = AsOf(at=datetime.combine(date.fromisoformat(as_of), time(), place), zone=place)
    snapshot = open_lake().snapshot()
    session: Any = snapshot.session
    last = carrying.since_last(snapshot, as_of=moment, now=now(), keep=session.keep) if after else None
    if after and last is None:
        raise SystemExit("There is no refresh to go by: huoshui refresh --as-of with the day before")
    rows = queries.trait_table(
        snapshot, moment, only=SAME, keep=session.keep, carried=last.rest if last else None
    )
    copy = f"COPY ({session.sql(rows)}) TO '{result}' (FORMAT parquet, COMPRESSION zstd)"
    return int(session.cursor.execute(copy).fetchall()[0][0])


def tasks(arguments: argparse.Namespace, work: Path) -> dict[str, Callable[[], Run]]:
    """The wanted programs by name; hand-written ones leave their result in ``work/<name>.parquet``."""
    home, as_of = arguments.home.resolve(), arguments.as_of
    threads = {"threads": arguments.threads}
    limits = {"memory": arguments.memory, **threads}
    when = {"as_of": as_of.isoformat(), "zone": arguments.zone}

    def hand(function: str, name: str, **settings: object) -> Run:
        result = str(work / f"{name}.parquet")
        return run_function(
            f"traits_baselines:{function}", {"home": str(home), "result": result, **when, **settings}
        )

    def hand_over(name: str, *, after: bool) -> Run:
        result = str(work / f"{name}.parquet")
        return run_function(
            "traits:same_traits", {"home": str(home), "result": result, **when, "after": after}
        )

    every: dict[str, Callable[[], Run]] = {
        "product": lambda: product(home, as_of),
        "same": lambda: hand_over("same", after=False),
        "next": lambda: hand_over("next", after=True),
        "sql": lambda: hand("duckdb_sql", "sql", **limits),
        "pandas": lambda: hand("pandas_frames", "pandas", **threads),
        "scan": lambda: run_function(
            "traits_baselines:duckdb_scan", {"home": str(home), "spill": str(work / "scan.spill"), **limits}
        ),
    }
    return {name: every[name] for name in PROGRAMS if name in arguments.programs}


def report(series: dict[str, Series]) -> str:
    """The table: seconds of the whole process, seconds inside the function, peak memory, ratios."""

    def ratio(one: Series, other: str) -> str:
        return f"{one.seconds / series[other].seconds:.2f}" if other in series else "-"

    rows = [
        [
            name,
            f"{one.seconds:.2f}",
            f"{one.least:.2f}",
            "-" if one.call_seconds is None else f"{one.call_seconds:.2f}",
            f"{one.peak_mib:,.0f}",
            ratio(one, "sql"),
            ratio(one, "pandas"),
            ratio(one, "scan"),
        ]
        for name, one in series.items()
    ]
    return table(
        ["program", "median s", "min s", "inside s", "peak MiB", "x sql", "x pandas", "x scan"], rows
    )


def main() -> None:
    """Read the arguments, run the programs, print the table and what differs, save the runs."""
    parser = argparse.ArgumentParser(description="Measure the traits refresh against hand-written programs.")
    parser.add_argument("--home", type=Path, required=True, help="a house whose lake holds the data")
    parser.add_argument("--as-of", type=date.fromisoformat, default=END, help="default %(default)s")
    parser.add_argument("--zone", default="Asia/Shanghai", help="the house's zone (default %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each program (default %(default)s)")
    parser.add_argument("--memory", default="2GB", help="DuckDB's limit in hand SQL (default %(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--save-as", default="traits", help="name of the file in benchmarks/results")
    arguments = parser.parse_args()

    differing: dict[str, int] | None = None
    with tempfile.TemporaryDirectory(prefix="traits-") as folder:
        work = Path(folder)
        series = repeat(tasks(arguments, work), arguments.runs)
        if "sql" in series and "pandas" in series:
            differing = differences(work / "sql.parquet", work / "pandas.parquet")
    print(report(series))
    if differing is not None:
        wrong = {name: count for name, count in differing.items() if count}
        customers = f"{series['sql'].runs[0].value:,} customers"
        print(f"sql and pandas: {f'differ: {wrong}' if wrong else 'every value agrees'} ({customers})")
    path = save(
        arguments.save_as,
        series,
        as_of=arguments.as_of.isoformat(),
        zone=arguments.zone,
        memory=arguments.memory,
        threads=arguments.threads,
        differing=differing,
    )
    print(f"saved to {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
