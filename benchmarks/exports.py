"""Exports of all customers of a house with what the list shows of them: processor seconds and memory of each kind.

    HUOSHUI_HOME=/path/to/a/copy python benchmarks/exports.py [--kinds csv xlsx parquet]

Each kind of file is written by a process of its own. Goal at a million rows: under 30 s and 500 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from array import array
from pathlib import Path
from tempfile import TemporaryDirectory


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=["csv", "xlsx", "parquet"])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(_export(asked.one)))
        return
    print(f"{'kind':<12} {'rows':>10} {'wall s':>8} {'cpu s':>8} {'peak MB':>8} {'file MB':>8}")
    for kind in asked.kinds:
        done = subprocess.run(
            [sys.executable, __file__, "--one", kind], check=True, stdout=subprocess.PIPE, text=True
        )
        told = json.loads(done.stdout.splitlines()[-1])
        print(
            f"{kind:<12} {told['rows']:>10,} {told['wall']:>8.1f} {told['cpu']:>8.1f} {told['peak']:>8.0f} "
            f"{told['file']:>8.0f}"
        )


def _export(kind: str) -> dict[str, float]:
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    from huoshui.data.customers import asking, listing, services
    from huoshui.data.customers.conditions import Conditions
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.lake import open_lake

    tables = open_lake().snapshot()
    with TemporaryDirectory(dir=os.environ["HUOSHUI_HOME"]) as folder:
        file = Path(folder) / "customers"
        began, before = time.perf_counter(), _cpu()
        ids = listing.matching(actor=CONSOLE, tables=tables, conditions=Conditions())
        rows = services.export(
            actor=CONSOLE,
            tables=tables,
            customer_ids=array("q", ids.tobytes()),
            columns=asking.USUAL,
            format=kind,
            file=file,
            language="zh",
            now=clock.now(),
        )
        return {
            "rows": rows,
            "wall": time.perf_counter() - began,
            "cpu": _cpu() - before,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            / (1024**2 if sys.platform == "darwin" else 1024),
            "file": file.stat().st_size / 1e6,
        }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
