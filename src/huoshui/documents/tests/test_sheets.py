"""Lists as files: nothing runs, nothing is lost, and what is read back is what was written."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from huoshui.documents import sheets
from huoshui.kernel.cells import as_text, as_written
from huoshui.kernel.sheets import Field, Sheet
from huoshui.kernel.texts import Text

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
DANGEROUS = [
    "=1+1",
    "+1",
    "-a",
    "@x",
    "\tx",
    "\rx",
    "\nx",
    "\x00x",
    "＝1",
    " =1",
    "\u3000@x",
    "'=1",
    "-5",
    "-5,000.00",
]


def fields(*kinds):
    return [Field(key=f"c{at}", label=Text(f"C{at}", f"列{at}"), kind=kind) for at, kind in enumerate(kinds)]


def written(tmp_path, rows, *kinds, kind="csv", zone=SHANGHAI, name="Sheet1"):
    file = tmp_path / f"list.{kind}"
    sheet = Sheet(fields=fields(*kinds), total=len(rows), pages=[rows[:1], rows[1:]])
    assert sheets.write(sheet, file, kind=kind, language="en", zone=zone, name=name) == len(rows)
    return file


def in_csv(file, encoding="utf-8-sig"):
    return list(csv.reader(io.StringIO(file.read_bytes().decode(encoding), newline="")))[1:]


def in_workbook(file):
    return CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("text", DANGEROUS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_text_that_looks_like_a_formula_is_no_formula(tmp_path, text, kind):
    file = written(tmp_path, [(text,)], "text", kind=kind)
    cell = in_csv(file)[0][0] if kind == "csv" else in_workbook(file)[1][0]
    assert as_written(cell) == text.replace("\r", "\n" if kind == "xlsx" and "\r" not in cell else "\r")
    assert cell == as_text(text)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=6))
def test_texts_come_back_as_they_were(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("texts")
    rows = [(text, None) for text in texts]
    for kind, encoding in (("csv", "utf-8-sig"), ("csv-utf-8", "utf-8"), ("csv-gb18030", "gb18030")):
        cells = [row[0] for row in in_csv(written(folder, rows, "text", "text", kind=kind), encoding)]
        assert cells == [as_text(text) for text in texts]
        assert [as_written(cell) for cell in cells] == texts
    assert pq.read_table(written(folder, rows, "text", "text", kind="parquet"))["c0"].to_pylist() == texts
    with ZipFile(written(folder, rows, "text", "text", kind="xlsx")) as package:
        tree = fromstring(package.read("xl/worksheets/sheet1.xml"))
        found = [node.text or "" for node in tree.iter() if node.tag.endswith("}t")][2:]
    # As Office writes and reads what XML cannot say: _x0007_ is the character 7.
    said = [re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text) for text in found]
    assert said == [as_text(text) for text in texts]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("12.5", "12.50"),
        ("-3", "-3.00"),
        ("0.0001", "0.0001"),
        ("12345678901234.5678", "12345678901234.5678"),
    ],
)
def test_an_amount_keeps_all_its_digits(tmp_path, amount, expected):
    rows = [(Decimal(amount),)]
    assert in_csv(written(tmp_path, rows, "amount")) == [[expected]]
    assert pq.read_table(written(tmp_path, rows, "amount", kind="parquet"))["c0"].to_pylist() == [
        Decimal(amount)
    ]
    cell = in_workbook(written(tmp_path, rows, "amount", kind="xlsx"))[1][0]
    assert Decimal(str(cell)) == Decimal(amount)
    assert isinstance(cell, str) == (len(amount) > 16)  # Excel keeps 15 digits of a number


def test_moments_state_their_zone_also_where_clocks_are_put_back(tmp_path):
    first = datetime(2025, 11, 2, 5, 30, tzinfo=UTC)
    rows = [(first,), (first + timedelta(hours=1),)]
    assert in_csv(written(tmp_path, rows, "moment", zone=NEW_YORK)) == [
        ["2025-11-02 01:30:00-04:00"],
        ["2025-11-02 01:30:00-05:00"],
    ]
    head, *cells = in_workbook(written(tmp_path, rows, "moment", kind="xlsx", zone=NEW_YORK))
    assert head == ["C0 (America/New_York)"]
    assert cells[:2] == [[datetime(2025, 11, 2, 1, 30)]] * 2  # noqa: DTZ001 Excel knows no zones
    assert pq.read_table(written(tmp_path, rows, "moment", kind="parquet"))["c0"].to_pylist()[0] == first


def test_numbers_days_and_truth_stay_what_they_are(tmp_path):
    rows = [(7, 0.5, True, date(2026, 2, 28)), (-7, None, False, None)]
    kinds = ("integer", "number", "flag", "day")
    assert in_csv(written(tmp_path, rows, *kinds)) == [
        ["7", "0.5", "true", "2026-02-28"],
        ["-7", "", "false", ""],
    ]
    assert in_workbook(written(tmp_path, rows, *kinds, kind="xlsx"))[1:] == [
        [7.0, 0.5, True, date(2026, 2, 28)],
        [-7.0, "", False, ""],
    ]


def test_a_page_of_arrow_is_written_like_its_rows(tmp_path):
    rows = [("=a", 1), ("b", None)]
    page = pa.table({"c1": pa.array([1, None]), "c0": pa.array(["=a", "b"])})
    sheet = Sheet(fields=fields("text", "integer"), total=2, pages=[page])
    for kind in ("csv", "xlsx"):
        by_rows = written(tmp_path, rows, "text", "integer", kind=kind)
        by_arrow = tmp_path / f"arrow.{kind}"
        sheets.write(sheet, by_arrow, kind=kind, language="en", zone=SHANGHAI)
        read = in_csv if kind == "csv" else in_workbook
        assert read(by_arrow) == read(by_rows)


def test_a_list_without_rows_has_its_heads(tmp_path):
    for kind in ("csv", "xlsx", "parquet"):
        file = tmp_path / kind
        sheet = Sheet(fields=fields("text", "moment"), total=0, pages=[[]])
        assert sheets.write(sheet, file, kind=kind, language="zh", zone=SHANGHAI) == 0
    assert (tmp_path / "csv").read_text("utf-8-sig") == '"列0","列1"\n'
    assert in_workbook(tmp_path / "xlsx") == [["列0", "列1 (Asia/Shanghai)"]]
    assert pq.read_schema(tmp_path / "parquet").names == ["c0", "c1"]


def test_a_workbook_is_not_begun_for_more_rows_than_it_holds(tmp_path):
    sheet = Sheet(fields=fields("text"), total=sheets.MOST_IN_WORKBOOK + 1, pages=[])
    with pytest.raises(sheets.TooManyForWorkbook):
        sheets.write(sheet, tmp_path / "x", kind="xlsx", language="en", zone=SHANGHAI)
    with pytest.raises(sheets.NotAFileKind):
        sheets.write(sheet, tmp_path / "x", kind="pdf", language="en", zone=SHANGHAI)
    assert not list(tmp_path.iterdir())


def test_nothing_is_left_of_a_file_that_broke_off(tmp_path):
    def pages():
        yield [("a",)]
        raise RuntimeError("broken off")

    for kind in ("csv", "xlsx", "parquet"):
        with pytest.raises(RuntimeError, match="broken off"):
            sheets.write(
                Sheet(fields=fields("text"), total=2, pages=pages()),
                tmp_path / "x",
                kind=kind,
                language="en",
                zone=SHANGHAI,
            )
    assert not list(tmp_path.iterdir())


def test_the_name_of_a_sheet_has_nothing_that_spreadsheets_refuse(tmp_path):
    file = written(
        tmp_path, [("a",)], "text", kind="xlsx", name="=cmd|'/c calc'![A]:*? 客户客户客户客户客户客户客户客户"
    )
    (name,) = CalamineWorkbook.from_path(str(file)).sheet_names
    assert len(name) <= 31
    assert not set(name) & set("[]:*?/\\'")
