"""EXP-01 on the file of rejected rows: spreadsheets run nothing in it, and loading it gives the original back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from huoshui.data.connectors.tests.house import House
from huoshui.kernel.cells import as_text
from huoshui.kernel.tests.test_cells import PAYLOADS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ODD = [payload for payload in PAYLOADS if "\x00" not in payload]


def written(rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rejected_rows_are_shown_and_come_back_as_they_were(house: House, language):
    # Written by the spreadsheet of somebody who knows of apostrophes, so that the payloads are in the file at all.
    head = ["sku", "name", "price", "=1+cmd|' /C calc'!A0"]
    rows = [[f"p{n}", as_text(payload), "-1.5x", as_text(payload)] for n, payload in enumerate(ODD)]
    rows.append(["p-neg", "plain", "-7.25", "-7.25"])
    report = house.load(written([head, *rows]), "products", language=language)
    assert (report.loaded, report.rejected) == (1, len(ODD))
    assert report.reasons == {"unit_price is not a number such as 1234.50": len(ODD)}
    first = report.first_rejects[0]["reason"]
    assert ("不是 1234.50 这样的数字" in first) is (language == "zh")

    with Path(report.rejects_file or "").open(encoding="utf-8-sig", newline="") as file:
        columns, *cells = csv.reader(file)
    expected = ["line", "column", "reason"] if language == "en" else ["行号", "列名", "拒绝原因"]
    assert columns == [*expected, "sku", "name", "price", "'" + head[3]]
    for row, payload in zip(cells, ODD, strict=True):
        assert row[4] == row[6] == as_text(payload)
        assert row[5] == "'-1.5x"

    corrected = [[*row[:5], "-7.25", row[6]] for row in cells]
    again = house.load(written([columns, *corrected]), "products", mapping={"brand": head[3]})
    assert (again.loaded, again.rejected, again.source) == (len(ODD), 0, report.source)
    found = dict(house.answers("SELECT product_id, name FROM products WHERE product_id != 'p-neg'"))
    assert found == {f"p{n}": payload for n, payload in enumerate(ODD)}
    brands = dict(house.answers("SELECT product_id, brand FROM products WHERE product_id != 'p-neg'"))
    assert brands == found
    assert house.answer("SELECT min(unit_price)::DOUBLE FROM products") == (-7.25,)
