"""EXP-01 on ``huoshui sql --format csv``: cells and headers are text to spreadsheets, numbers stay numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from huoshui.kernel.cells import as_text, as_written
from huoshui.kernel.tests.test_cells import PAYLOADS


@pytest.mark.slow
def test_an_answer_as_csv_runs_nothing_and_reads_back(run, tmp_path: Path):
    run("init")
    odd = [payload for payload in PAYLOADS if "\x00" not in payload]
    values = ", ".join(f"({n}, -{n}.5, {sql(payload)})" for n, payload in enumerate(odd))
    query = f"""SELECT n AS "-number", price AS "=price", name AS "@name" FROM (VALUES {values}) t(n, price, name)"""
    answer = run("sql", query, "--format", "csv")
    head, *rows = csv.reader(io.StringIO(answer.out, newline=""))
    assert head == ["'-number", "'=price", "'@name"]
    assert [row[2] for row in rows] == [as_text(payload) for payload in odd]
    assert [as_written(row[2]) for row in rows] == odd
    assert [row[:2] for row in rows] == [[str(n), f"-{n}.5"] for n in range(len(odd))]

    # Loaded again, every name is what it was; the columns are called what they were called.
    path = tmp_path / "names.csv"
    path.write_bytes(answer.out.encode())
    mapping = ("--map", "product_id=-number", "--map", "product_name=@name", "--map", "unit_price==price")
    assert run("import", path, "--as", "products", *mapping).code == 0
    found = run("sql", "SELECT product_id, name, unit_price FROM products", "--json").json
    assert {row["product_id"]: row["name"] for row in found} == {str(n): p for n, p in enumerate(odd)}
    assert {row["product_id"]: row["unit_price"] for row in found} == {
        str(n): -n - 0.5 for n in range(len(odd))
    }


def sql(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
