"""Import a file of which many rows are bad, and show what it takes: seconds, peak memory, rows in and out.

Every tenth row is bad in one of many ways; with ``--all-bad`` every row but one is. What must hold is checked: the
counts, the file of rejected rows, and that the process stays below ``--most`` MiB.

Use: ``python benchmarks/bad_rows.py --rows 1000000 [--all-bad] [--sheet] [--most 1024]``
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import run_command

HEADER = ("order id", "customer", "date", "amount", "store", "note")
BAD = (
    {"amount": "１２"}, {"amount": "1_000"}, {"amount": "NaN"}, {"amount": "inf"}, {"amount": "1e999"},
    {"amount": "(5.00)"}, {"amount": "=1+1"}, {"amount": "#N/A"}, {"amount": "100000000000000"}, {"amount": ""},
    {"date": "2024-02-30"}, {"date": "45000"}, {"date": "2099-01-01"}, {"date": "1900-01-01"}, {"date": "soon"},
    {"customer": "6.92345E+18"}, {"customer": "#REF!"}, {"store": "\ufffd"}, {"store": "锟斤拷"},
    {"order id": "x" * 300},
)  # fmt: skip


def rows(count: int, every: int) -> Iterator[list[str]]:
    """``count`` rows of which the first of each ``every`` is bad; the last is good."""
    for number in range(count):
        good = {
            "order id": f"SO{number}",
            "customer": f"c{number % 50_000}",
            "date": f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}",
            "amount": f"{number % 900}.50",
            "store": "上海",
            "note": "as it came",
        }
        bad = BAD[number // every % len(BAD)] if number % every == 0 and number < count - 1 else {}
        yield list((good | bad).values())


def write(path: Path, count: int, every: int) -> None:
    """The file, as XLSX or as CSV by its name."""
    if path.suffix == ".xlsx":
        import xlsxwriter

        book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(rows(count, every), start=1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        book.close()
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(count, every))


def main() -> None:
    """Read the arguments, make the file, import it in a process of its own, check and print."""
    parser = argparse.ArgumentParser(description="Import a file with many bad rows.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--all-bad", action="store_true")
    parser.add_argument("--sheet", action="store_true", help="as XLSX instead of CSV")
    parser.add_argument("--most", type=int, default=1024, help="MiB that the import may take")
    arguments = parser.parse_args()
    every = 1 if arguments.all_bad else 10
    with tempfile.TemporaryDirectory(prefix="bad-rows-") as folder:
        path = Path(folder) / ("orders.xlsx" if arguments.sheet else "orders.csv")
        write(path, arguments.rows, every)
        command = [sys.executable, "-m", "huoshui", "import", str(path), "--as", "transactions", "--json"]
        run = run_command(command, env={"HUOSHUI_HOME": f"{folder}/house", "HUOSHUI_CURRENCY": "CNY"})
        report = json.loads(run.value)
        with Path(report["rejects_file"]).open(encoding="utf-8-sig", newline="") as file:
            listed = sum(1 for _ in csv.reader(file)) - 1
    bad = sum(1 for number in range(0, arguments.rows - 1, every))
    found = (report["rows"], report["rejected"], listed)
    print(
        f"{path.name}: {report['rows']} rows, {report['loaded']} loaded, {report['rejected']} rejected, "
        f"{listed} listed; {run.seconds:.1f} s, {run.peak_mib:.0f} MiB"
    )
    if found != (arguments.rows, bad, bad) or run.peak_mib > arguments.most:
        sys.exit(
            f"not as it must be: {found} instead of {(arguments.rows, bad, bad)}, at most {arguments.most} MiB"
        )


if __name__ == "__main__":
    main()
