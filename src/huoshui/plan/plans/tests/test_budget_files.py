"""Budgets as files: every shape and encoding that spreadsheets write is read, what is wrong is told by its line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.data.connectors.errors import FileRefused
from huoshui.documents import sheets, workbook
from huoshui.kernel.money import NotAnAmount
from huoshui.kernel.sheets import Sheet
from huoshui.plan.plans.budget import files
from huoshui.plan.plans.budget.errors import NotABudget
from huoshui.plan.plans.budget.queries import Entered
from huoshui.plan.plans.budget.services import LARGEST
from huoshui.plan.plans.budget.sheets import FIELDS

MONTHS = tuple(date(2026, month, 1) for month in range(1, 13))
MEASURES = {7: "老客专享", 8: "twin", 9: "Twin"}
THERE = (
    Entered(
        measure_id=None,
        channel="网店",
        month=date(2026, 1, 1),
        planned=Decimal("100.00"),
        committed=Decimal("20.00"),
        note="",
    ),
)


def read(path: Path) -> files.Proposal:
    return files.proposed(path, there=THERE, months=MONTHS, measures=MEASURES)


def said(tmp_path: Path, text: str, encoding: str = "utf-8") -> files.Proposal:
    path = tmp_path / "budget.csv"
    path.write_bytes(text.encode(encoding))
    return read(path)


def told(found: files.Proposal) -> list[tuple[str, str, str, str]]:
    return [
        (one.channel, f"{one.month:%Y-%m}", str(one.planned), str(one.committed)) for one in found.entries
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_files_are_read_in_the_encodings_of_spreadsheets(tmp_path, encoding):
    lines = "渠道,月份,措施,计划,已承诺\n门店,2026年2月,,1000,\n直播间,2026-03,老客专享,88.5,8\n网店,2026/1/1,,100,20\n"
    found = said(tmp_path, lines, encoding)
    assert told(found) == [("门店", "2026-02", "1000.00", "0"), ("直播间", "2026-03", "88.50", "8.00")]
    assert (found.same, found.wrong) == (1, ())
    assert found.entries[1].measure_id == 7


def test_a_column_for_each_month_is_read_as_what_is_planned(tmp_path):
    found = said(tmp_path, "channel,2026-01,Feb-26,note\n网店,,300,x\nfair,5,,y\n")
    assert told(found) == [("网店", "2026-02", "300.00", "0"), ("fair", "2026-01", "5.00", "0")]


def test_an_empty_cell_leaves_what_is_there(tmp_path):
    (one,) = said(tmp_path, "channel,month,planned,committed\n网店,2026-01,,30\n").entries
    assert (one.planned, one.committed, one.was) == (Decimal(100), Decimal(30), (Decimal(100), Decimal(20)))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("fair,2026-02,NaN,", files.NOT_MONEY),
        ("fair,2026-02,inf,", files.NOT_MONEY),
        ("fair,2026-02,-5,", files.NOT_MONEY),
        ("fair,2026-02,1e9,", files.NOT_MONEY),
        ("fair,2026-02,99999999999999,", files.NOT_MONEY),
        ("fair,2026-02,999999999999999999999999,", files.NOT_MONEY),
        ("fair,2026-02,0.005,", files.NOT_MONEY),
        ("fair,2026-02,=1+1,", files.NOT_MONEY),
        ("fair,2026-02,,１０", files.NOT_MONEY),
        ("fair,2027-02,5,", files.OUTSIDE),
        ("fair,2026-13,5,", files.NOT_A_MONTH),
        ("fair,soon,5,", files.NOT_A_MONTH),
        ("fair,2026-02", files.RAGGED),
        ("fair,2026-02,5,,9", files.RAGGED),
        ("网店,2026-03,6,", files.TWICE),
    ],
)
def test_what_is_wrong_is_told_by_its_line_and_the_rest_is_taken(tmp_path, row, words):
    found = said(tmp_path, f"channel,month,planned,committed\n网店,2026-03,7,\n\n{row}\nok,2026-04,8,\n")
    assert [(one.line, one.words) for one in found.wrong] == [(4, words)]
    assert [one[0] for one in told(found)] == ["网店", "ok"]


@pytest.mark.parametrize("name", ["nobody", "twin"])
def test_a_measure_that_is_not_there_or_not_the_only_one_is_told(tmp_path, name):
    found = said(tmp_path, f"channel,month,measure,planned\nfair,2026-02,{name},5\n")
    assert [one.words for one in found.wrong] == [files.NO_MEASURE]


def test_a_channel_without_a_name_or_with_a_long_one_is_told(tmp_path):
    found = said(tmp_path, f"channel,month,planned\n ,2026-02,5\n{'长' * 61},2026-02,5\n")
    assert [one.line for one in found.wrong] == [2, 3]


@pytest.mark.parametrize(
    "text",
    ["name,month,planned\na,2026-01,1\n", "channel,planned\na,1\n", "渠道,channel,2026-01\na,b,1\n"],
)
def test_a_table_of_something_else_is_refused(tmp_path, text):
    with pytest.raises(NotABudget):
        said(tmp_path, text)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"%PDF-1.7 x", b"PK\x03\x04broken"])
def test_what_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "budget.csv"
    path.write_bytes(content)
    with pytest.raises((FileRefused, NotABudget)):
        read(path)


def test_too_many_cells_are_refused(tmp_path):
    lines = "".join(f"c{number},{month:%Y-%m},1\n" for number in range(500) for month in MONTHS)
    with pytest.raises(NotABudget):
        said(tmp_path, "channel,month,planned\n" + lines)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "csv-gb18030"])
def test_what_was_taken_away_comes_back_as_it_was(tmp_path, kind):
    path = tmp_path / f"budget.{'xlsx' if kind == 'xlsx' else 'csv'}"
    formula = '=HYPERLINK("http://x","y")'
    rows = [
        ("网店", "2026-01", "", Decimal(100), Decimal(20), Decimal("3.5")),
        (formula, "2026-02", "老客专享", Decimal("9999999999999.99"), Decimal(0), None),
    ]
    sheets.write(
        Sheet(fields=FIELDS, total=2, pages=[rows]),
        path,
        kind=kind,
        language="zh",
        zone=ZoneInfo("Asia/Shanghai"),
    )
    found = read(path)
    assert (found.same, found.wrong) == (1, ())
    assert told(found) == [(formula, "2026-02", "9999999999999.99", "0.00")]


def test_a_workbook_with_days_for_months_is_read_and_wrong_rows_are_told(tmp_path):
    out = BytesIO()
    with workbook.writing(out, name="预算", heads=["渠道", "月份", "计划"]) as append:
        append(
            [
                pa.array(["门店", "门店"]),
                pa.array([date(2026, 5, 1), date(2026, 6, 1)]),
                pa.array([1200.5, -1.0]),
            ]
        )
    path = tmp_path / "budget.xlsx"
    path.write_bytes(out.getvalue())
    found = read(path)
    assert told(found) == [("门店", "2026-05", "1200.50", "0")]
    assert [(one.line, one.words) for one in found.wrong] == [(3, files.NOT_MONEY)]


@given(st.text(max_size=30))
def test_any_text_is_an_amount_that_can_be_kept_or_is_refused(text):
    try:
        amount = files.amount_of(text)
    except NotAnAmount:
        return
    assert amount is None or (0 <= amount < LARGEST and amount == round(amount, 2))


@given(st.dates())
def test_the_month_of_a_day_is_read_in_every_way_it_is_written(day):
    first = day.replace(day=1)
    year, month = f"{day.year:04}", day.month
    for text in (
        f"{year}-{month:02}",
        f"{year}/{month}/1",
        f"{year}年{month}月",
        f"{year}-{month:02}-01 00:00:00",
    ):
        assert files.month_of(text) == first


@given(st.text(max_size=20))
def test_any_text_is_a_month_or_none(text):
    found = files.month_of(text)
    assert found is None or found.day == 1
