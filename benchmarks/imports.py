"""Measure the import of 20 million transactions, and its undoing, against a bare load of the same file into Parquet.

The product reads, checks every cell, makes customers (database), products, orders and order lines (lake, flushed to
disk) and keeps what undo needs. The bare load only converts: DuckDB reads the file and writes the same lines as
zstd Parquet, without checks, customers, orders or a flush. It is the floor, not a rival.

Use: ``python benchmarks/imports.py --data DIR [--format parquet csv] [--runs N] [--keep HOUSE]``
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from measure import Run, Series, repeat, run_command, run_function, save, table

SETTINGS = {"HUOSHUI_TIME_ZONE": "Asia/Shanghai", "HUOSHUI_CURRENCY": "CNY"}


def product(home: Path, file: Path) -> Run:
    """One import by the product, as an operator runs it."""
    command = [sys.executable, "-m", "huoshui", "import", str(file), "--as", "transactions", "--json"]
    return run_command(command, env={"HUOSHUI_HOME": str(home), **SETTINGS})


def undone(home: Path, load_id: int) -> Run:
    """The undoing of one import."""
    command = [sys.executable, "-m", "huoshui", "import", "--undo", str(load_id), "--json"]
    return run_command(command, env={"HUOSHUI_HOME": str(home), **SETTINGS})


def bare_load(file: str, folder: str) -> int:
    """Convert ``file`` to zstd Parquet with DuckDB; returns the number of rows."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": "1280MiB", "temp_directory": f"{folder}/spill"})
    read = f"read_csv('{file}')" if file.endswith(".csv") else f"'{file}'"
    connection.execute(
        f"COPY (SELECT * FROM {read}) TO '{folder}/lines.parquet' (FORMAT parquet, COMPRESSION zstd)"
    )
    counted = connection.execute(f"SELECT count(*) FROM '{folder}/lines.parquet'").fetchone()
    return int(counted[0]) if counted else 0


def rows_per_second(series: Series) -> float:
    """Rows loaded, or taken back, per second of the whole command, in the median run."""
    report = json.loads(series.runs[0].value) if isinstance(series.runs[0].value, str) else None
    rows = report.get("loaded", report["facts"]["order_lines"]) if report else series.runs[0].value
    return float(rows) / series.seconds


def measure(data: Path, kind: str, runs: int, keep: Path | None) -> dict[str, Series]:
    """Bare load, import into an empty house and into one that holds as many lines, and the second taken back."""
    first, second = data / f"transactions.{kind}", data / f"transactions_2.{kind}"
    with tempfile.TemporaryDirectory(prefix="imports-", dir=data) as folder:
        work = Path(folder)
        home = work / "house"

        def empty() -> Run:
            shutil.rmtree(home, ignore_errors=True)
            return product(home, first)

        def bare() -> Run:
            return run_function("imports:bare_load", {"file": str(first), "folder": str(work)})

        series = repeat({f"bare load, {kind}": bare, f"import, {kind}, empty house": empty}, runs)
        series |= repeat({f"import, {kind}, house of 20M lines": lambda: product(home, second)}, 1)
        if keep is not None:
            shutil.rmtree(keep, ignore_errors=True)
            shutil.copytree(home, keep)
        series |= repeat({f"undo, {kind}, house of 40M lines": lambda: undone(home, 2)}, 1)
    return series


def main() -> None:
    """Read the arguments, run, print the table, save the runs."""
    parser = argparse.ArgumentParser(description="Measure imports against a bare load.")
    parser.add_argument("--data", type=Path, required=True, help="the folder that dataset.py filled")
    parser.add_argument("--format", nargs="+", choices=("parquet", "csv"), default=["parquet", "csv"])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="keep the house of the last format here")
    arguments = parser.parse_args()
    series: dict[str, Series] = {}
    for kind in arguments.format:
        series |= measure(arguments.data.resolve(), kind, arguments.runs, arguments.keep)
    floors = {kind: series[f"bare load, {kind}"].seconds for kind in arguments.format}
    rows = [
        [
            name,
            f"{one.seconds:.1f}",
            f"{rows_per_second(one):,.0f}",
            f"{one.peak_mib:,.0f}",
            f"{one.seconds / floors[name.split(', ')[1].split(',')[0]]:.1f}",
        ]
        for name, one in series.items()
    ]
    print(table(["what", "s", "rows/s", "peak MiB", "x bare load"], rows))
    print(f"saved to {save('imports', series)}", file=sys.stderr)


if __name__ == "__main__":
    main()
