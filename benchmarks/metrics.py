"""All metrics of 24 months in ten slices, with each fact table read once.

    python benchmarks/metrics.py --home /path/to/a/copy [--by city] [--months 24] [--one-by-one]

Ten slices are the ten values of a dimension with the greatest figures. Prints seconds of the wall and of the processor,
peak memory, how many figures came out, and how often each table of the lake was read, counted in the SQL that ran.
Goal at a million customers and 20 million lines: under 60 s.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import time
from collections import Counter
from datetime import date
from typing import Any


def main() -> None:
    """Run it and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--home", required=True, help="a house that nobody else uses")
    parser.add_argument("--by", default="city", help="the dimension whose values are the slices")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--one-by-one", action="store_true", help="also ask each figure alone and compare")
    asked = parser.parse_args()
    os.environ["HUOSHUI_HOME"] = asked.home
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    from huoshui.kernel.plugs import HOUSE_ZONE, METRICS
    from huoshui.lake import open_lake
    from huoshui.measure.metrics import queries
    from huoshui.measure.metrics.periods import Period, months_after

    tables, zone = open_lake().snapshot(), HOUSE_ZONE()
    orders = tables.table("orders")
    last: Any = tables.arrow(orders.aggregate(at=orders.ordered_at.max())).to_pylist()[0]["at"].date()
    end = last.replace(day=1)
    firsts: list[date] = [months_after(end, -n) for n in range(asked.months, 0, -1)]
    months = [Period.month(first.year, first.month, zone) for first in firsts]
    slugs = [m.slug for m in METRICS if queries.can_split(m, (asked.by,), tables=tables)]
    if left := [m.slug for m in METRICS if m.slug not in slugs]:
        print(f"not split by {asked.by}: {', '.join(left)}")
    reads = _listen(tables)

    began, used = time.perf_counter(), _processor()
    found = queries.evaluate_many(slugs, tables=tables, periods=months, by=[asked.by])
    wall, processor = time.perf_counter() - began, _processor() - used
    most = Counter[Any]()
    for series in found.values():
        for _, cells in series:
            most.update({cell.dimensions[asked.by]: abs(int(cell.numerator)) for cell in cells})
    ten = {value for value, _ in most.most_common(10)}
    figures = sum(
        cell.dimensions[asked.by] in ten for s in found.values() for _, cells in s for cell in cells
    )
    print(f"{len(slugs)} metrics × {len(months)} months × {len(most)} values of {asked.by}")
    print(
        f"{figures:,} figures of ten slices in {wall:.1f} s of the wall, {processor:.1f} s of the processor"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    for table, times in sorted(reads.items()):
        print(f"read {times:3} × {table}")
    if asked.one_by_one:
        _compare(found, tables, asked.by)


def _compare(found: dict[str, Any], tables: Any, by: str) -> None:
    from huoshui.measure.metrics import queries

    began, used = time.perf_counter(), _processor()
    for slug, series in found.items():
        for period, cells in series:
            if queries.evaluate(slug, tables=tables, period=period, by=[by]) != cells:
                raise SystemExit(f"{slug} of {period.label} differs")
    wall, processor = time.perf_counter() - began, _processor() - used
    print(f"one by one the same figures took {wall:.1f} s of the wall, {processor:.1f} s of the processor")


def _listen(tables: Any) -> Counter[str]:
    """Counts the tables of the lake in every query of the session from now on."""
    reads: Counter[str] = Counter()
    compile_ = tables.session.sql

    def sql(expression: Any) -> str:
        text: str = compile_(expression)
        reads.update(re.findall(r'"(\w+)@\d+[/"]', text))
        return text

    tables.session.sql = sql
    return reads


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
