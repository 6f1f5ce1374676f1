"""What stdout carries: exact JSON, CSV that spreadsheets do not run, aligned text."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel.errors import HuoshuiError
from huoshui.project.cli import output
from huoshui.project.cli.options import language_of

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_json_says_what_the_standard_library_reads_back(value):
    assert json.loads(output.as_json(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=4))
def test_decimals_keep_every_digit_in_json(value):
    assert json.loads(output.as_json([value]), parse_float=Decimal, parse_int=Decimal) == [value]


def test_numbers_that_json_cannot_write_become_null():
    assert output.as_json([float("nan"), float("inf"), Decimal("NaN")]).split() == [
        "[",
        "null,",
        "null,",
        "null",
        "]",
    ]


def test_moments_are_iso_8601_with_their_offset():
    moment = datetime(2011, 12, 10, tzinfo=UTC)
    assert output.as_json(moment) == '"2011-12-10T00:00:00+00:00"'
    assert output.as_json(date(2011, 12, 10)) == '"2011-12-10"'


@given(st.text(max_size=30))
def test_no_text_of_a_csv_starts_like_a_formula(text):
    cell = next(csv.reader(io.StringIO(output.csv_line([text, "end"]), newline="")))[0]
    assert cell in (text, "'" + text)
    start = cell.lstrip(" \t\r\n\x00")[:1]
    assert start not in tuple("=@＝＋－＠")
    assert start not in tuple("+-") or cell.replace(",", "").replace(".", "")[1:].isdecimal()


def test_formulas_are_shown_and_numbers_stay_numbers():
    line = output.csv_line(
        ["=1+1", "-2+3", "+86 138", "＝cmd", "\t=1", "@SUM(A1)", -5, Decimal("-3.5000"), "-12.50", None, True]
    )
    assert line == "'=1+1,'-2+3,'+86 138,'＝cmd,'\t=1,'@SUM(A1),-5,-3.5,-12.50,,true\r\n"


def test_chinese_takes_two_places_in_a_table():
    assert output.table_lines(("名", "n"), [("灯泡", "1"), ("x", "22")], right=(1,)) == [
        "名     n",
        "────  ──",
        "灯泡   1",
        "x     22",
    ]


def test_control_characters_of_a_file_do_not_reach_the_terminal():
    assert output.cell("a\x1b[31mb\nc") == "a·[31mb·c"


def test_the_language_is_that_of_the_terminal():
    assert language_of({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert language_of({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}) == "en"
    assert language_of({}) == "en"


def test_a_refusal_is_told_in_plain_values():
    error = HuoshuiError("Wrong", received="x", valid="y")
    assert json.loads(output.as_json(error.as_dict())) == {
        "code": "error",
        "problem": "Wrong",
        "received": "x",
        "valid": "y",
    }
