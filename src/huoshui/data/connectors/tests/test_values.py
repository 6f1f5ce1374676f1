"""Cells to values: held to `kernel.money.parse_amount` and to a plain reading of dates."""

# Cells of files are readings of a clock without a zone, and so are the datetimes here.
# ruff: noqa: DTZ001, DTZ007
from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import ibis
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huoshui.data.connectors.fields import FieldType
from huoshui.data.connectors.values import Conventions, moment, plain, read, slashed_parts
from huoshui.kernel.cells import as_written
from huoshui.kernel.money import NotAnAmount, parse_amount

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def engine():
    made = ibis.duckdb.connect(":memory:")
    made.raw_sql("SET TimeZone = 'Europe/London'")
    return made


@cache
def compiled(made, type_):
    """The SQL of the expressions that ``made`` names, over a table ``cells`` whose column ``cell`` is a ``type_``."""
    name = f"cells_{type_}"
    cells = ibis.table({"row_no": "int64", "cell": ibis.schema({"c": type_})["c"]}, name=name)
    return name, engine().compile(cells.select("row_no", **dict(made(cells.cell))).order_by("row_no"))


def evaluate(table, made):
    """The answers of the expressions that ``made`` gives for the column ``cell`` of an Arrow table, in its order."""
    name, sql = compiled(made, ibis.Schema.from_pyarrow(table.schema)["cell"])
    numbered = table.append_column("row_no", pa.array(range(table.num_rows), pa.int64()))
    engine().con.register(name, numbered)
    answer = engine().con.sql(sql).to_arrow_table().to_pylist()
    # Python holds two moments for different as long as one of them is written in a zone where that time occurs twice.
    answer = [
        {k: v.astimezone(UTC) if getattr(v, "tzinfo", None) else v for k, v in row.items()} for row in answer
    ]
    engine().con.unregister(name)
    return answer


@cache
def reader(kind: FieldType, order, zone):
    """The expressions that `readings` asks for; the same for the same question, so that they are compiled once."""

    def made(column):
        reading = read(plain(column), kind, Conventions(zone, order, NOW + DAY))
        none = ibis.null("string")
        whys = [(condition, ibis.literal(why)) for condition, why in reading.problems]
        return {
            "value": reading.value,
            "instant": ibis.null("timestamp('UTC')") if reading.instant is None else reading.instant,
            "problem": ibis.cases(*whys, else_=none) if whys else none,
        }

    return made


def readings(cells, kind: FieldType, *, order=None, zone="Europe/London", type_=None):
    """(value, moment, first reason) of each cell."""
    table = pa.table({"cell": pa.array(cells, type_ or pa.string())})
    rows = evaluate(table, reader(kind, order, zone))
    return [(row["value"], row["instant"], row["problem"]) for row in rows]


def reading(cell, kind: FieldType, **how):
    return readings([cell], kind, **how)[0]


# -- amounts -----------------------------------------------------------------------------------------------------

SIGN = st.sampled_from(["", "", "-", "+", "--", "+-", "−"])
MONEY_SIGN = st.sampled_from(["", "", "", "¥", "￥", "$", "£", "€", "₽", "¥¥"])
DIGITS = st.one_of(
    st.integers(0, 10**16).map(str),
    st.integers(0, 10**13).map(lambda n: f"{n:,}"),
    st.sampled_from(
        ["", "0", "00", "007", "99999999999999", "100000000000000", "1,23", "12,34,567", "1_000", "１２"]
    ),
)
DECIMALS = st.one_of(
    st.just(""),
    st.text("0123456789", min_size=0, max_size=22).map(lambda t: f".{t}"),
    st.sampled_from([".00005", ".99995", ".00004999999999999999", ".5.5", ",50", "e5", "E-3"]),
)
AROUND = st.sampled_from(["", "", "", " ", "\t", "\x0b", "元", " 元", "元 ", "\u3000", "\u00a0", "%", "\n"])
LIKE_AMOUNTS = st.tuples(AROUND, SIGN, MONEY_SIGN, SIGN, DIGITS, DECIMALS, AROUND).map("".join)
ODD_WORDS = """
NaN nan inf -inf Infinity 1e5 1E999 0x1F 1/2 (5.00) 1.234,56 ٣ 5- - + . ¥ 元 null NULL true 1;2 '5 =5 -0 -0.00001
"""
ODD = st.sampled_from(ODD_WORDS.split())
TEXTS = st.one_of(
    LIKE_AMOUNTS, LIKE_AMOUNTS, ODD, st.text(st.characters(codec="utf-8", exclude_characters="\0"))
)


OUTER = " \t\n\r\f\u3000"
ODD_TEXTS = st.text(st.sampled_from("aZ09.-+@/'\"=张　\u3001\u2fff \t\n\r\f\v"), max_size=6) | st.text(
    max_size=6
)


@settings(max_examples=40)
@given(st.lists(ODD_TEXTS.filter(lambda text: "\0" not in text), min_size=1, max_size=100))
@example(["", " ", "=", '="1"', '=""', "'=1+2", "'1", "'-1", " '=1 ", "a\r\n", "\r\n", "/", "　a　", "a　"])
def test_cells_are_freed_of_outer_blanks_and_of_what_spreadsheets_put_around_them(texts):
    rows = evaluate(pa.table({"cell": texts}), _plain_alone)
    for text, row in zip(texts, rows, strict=True):
        bare = as_written(re.sub('^="([^"]*)"$', r"\1", text.strip(OUTER), flags=re.DOTALL))
        assert row["value"] == (bare or None), repr(text)


def _plain_alone(column):
    return {"value": plain(column)}


def plain_amount(text):
    """What the kernel says of ``text``; blank cells are missing, not wrong."""
    stripped = text.strip(OUTER)
    if not stripped:
        return None, None
    try:
        return parse_amount(stripped), None
    except NotAnAmount:
        return None, "refused"


@settings(max_examples=40)
@given(st.lists(TEXTS, min_size=1, max_size=100))
@example(
    [
        "-¥5.00",
        "¥-5.00",
        "-¥-5.00",
        "1,234,567.5",
        "99999999999999.99995",
        "99999999999999.9999",
        "-0",
        "",
        "\x0b5",
    ]
)
def test_amounts_are_read_as_the_kernel_reads_them(texts):
    for text, (value, _, problem) in zip(texts, readings(texts, "amount"), strict=True):
        wanted, refused = plain_amount(text)
        assert value == wanted, (text, value, wanted)
        assert (problem is None) == (refused is None), (text, problem)


@pytest.mark.parametrize("kind", ["amount", "number", "integer"])
def test_missing_cells_are_no_problem(kind):
    assert readings([None, "", " ", "\t\u3000"], kind) == [(None, None, None)] * 4


def test_whole_numbers_are_asked_for_where_things_are_counted():
    assert reading("5.0", "integer") == (Decimal(5), None, None)
    assert reading("5.5", "integer")[2] == "is not a whole number"
    assert reading(5.5, "integer", type_=pa.float64())[2] == "is not a whole number"


def test_rates_keep_eight_decimals():
    assert [v for v, *_ in readings(["0.00058123", "1,234.5", "7.123456789"], "rate")] == [
        Decimal("0.00058123"),
        Decimal("1234.5"),
        Decimal("7.12345679"),
    ]
    assert reading(0.00058123, "rate", type_=pa.float64())[0] == Decimal("0.00058123")


def test_numbers_of_parquet_are_checked_as_well():
    cells = [1.5, -2.25, float("nan"), float("inf"), 1e14, 1e300, 99999999999999.0, 0.00005, None]
    found = readings(cells, "amount", type_=pa.float64())
    assert [value for value, _, problem in found if problem is None] == [
        Decimal("1.5"),
        Decimal("-2.25"),
        Decimal(99999999999999),
        Decimal("0.0001"),
        None,
    ]
    assert [p for *_, p in found if p] == ["is not a number"] * 2 + ["has too many digits"] * 2
    whole = readings([1, -(2**63), 2**63 - 1, 10**14, 10**14 - 1], "amount", type_=pa.int64())
    assert [p for *_, p in whole] == [None, *["has too many digits"] * 3, None]
    assert [v for v, *_ in whole] == [1, None, None, None, 10**14 - 1]
    narrow = readings([1, -128], "amount", type_=pa.int8())
    assert narrow == [(1, None, None), (-128, None, None)]
    unsigned = readings([1, 2**64 - 1], "amount", type_=pa.uint64())
    assert [p for *_, p in unsigned] == [None, "has too many digits"]
    exact = readings([Decimal("1.00005"), Decimal(10) ** 20], "amount", type_=pa.decimal128(38, 5))
    assert exact == [(Decimal("1.0001"), None, None), (None, None, "has too many digits")]
    dear = readings([Decimal("99999999999999.99999")], "amount", type_=pa.decimal128(19, 5))
    assert dear == [(None, None, "has too many digits")]


# -- times -------------------------------------------------------------------------------------------------------

LOCAL = {
    "2024-01-31": (2024, 1, 31),
    "2024-1-5": (2024, 1, 5),
    "2024/01/31": (2024, 1, 31),
    "2024/1/5 8:05": (2024, 1, 5, 8, 5),
    "2024-01-31 18:30": (2024, 1, 31, 18, 30),
    "2024-01-31T18:30:15": (2024, 1, 31, 18, 30, 15),
    "2024-01-31 18:30:15.123456": (2024, 1, 31, 18, 30, 15, 123456),
    " 2024-01-31 ": (2024, 1, 31),
    "20240131": (2024, 1, 31),
    "20240131183015": (2024, 1, 31, 18, 30, 15),
    "2024年1月31日": (2024, 1, 31),
    "2024年01月31日 18:30": (2024, 1, 31, 18, 30),
    "2024年1月31日18:30:15": (2024, 1, 31, 18, 30, 15),
    "2024.1.31": (2024, 1, 31),
    "2024.01.31 18:30": (2024, 1, 31, 18, 30),
    "2024-02-29": (2024, 2, 29),
    "1970-01-01": (1970, 1, 1),
    "2024-06-02 12:00": (2024, 6, 2, 12),
}
MOMENTS = {
    "2024-01-31T18:30:00Z": (2024, 1, 31, 18, 30),
    "2024-01-31 18:30:00 UTC": (2024, 1, 31, 18, 30),
    "2024-01-31T18:30:00+08:00": (2024, 1, 31, 10, 30),
    "2024-01-31T18:30:00+0800": (2024, 1, 31, 10, 30),
    "2024-01-31 18:30:00 +0800": (2024, 1, 31, 10, 30),
    "2024-01-31 18:30:00 -0400": (2024, 1, 31, 22, 30),
    "2024-01-31 18:30 +05:30": (2024, 1, 31, 13, 0),
    "2024/01/31 18:30:15.5Z": (2024, 1, 31, 18, 30, 15, 500000),
}
SLASHED = {
    "03/04/2024": ((2024, 4, 3), (2024, 3, 4)),
    "3/4/2024 18:30": ((2024, 4, 3, 18, 30), (2024, 3, 4, 18, 30)),
    "3.4.2024": ((2024, 4, 3), (2024, 3, 4)),
    "03-04-2024 6:30:15 PM": ((2024, 4, 3, 18, 30, 15), (2024, 3, 4, 18, 30, 15)),
    "3/4/2024 6:30 pm": ((2024, 4, 3, 18, 30), (2024, 3, 4, 18, 30)),
    "3/4/2024 12:30AM": ((2024, 4, 3, 0, 30), (2024, 3, 4, 0, 30)),
    "3/4/2024 12:30 PM": ((2024, 4, 3, 12, 30), (2024, 3, 4, 12, 30)),
}
UNREADABLE = (
    """
2024-02-30|2023-02-29|2024-13-01|2024-00-10|2024-01-32|2024-01-31 24:30|2024-01-31 18:60|2024-01-31 18:30:61|20240230
20241301|2024年2月30日|2024.2.30|infinity|-infinity|nan|epoch|now|today|yesterday|31 Jan 2024|Jan 31, 2024
1706720000|2024|2024-01|18:30|2024-01-31T|2024-01-31 18|２０２４-01-31|2024-01-31 18:30:00+99:00|2024-01-31Z
24-01-31|03/04/24|12345-01-01|2024-01-31 BC|2024-01-31; DROP TABLE orders
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


def at(parts):
    year, month, day, *clock = parts
    return datetime(year, month, day, *clock)


@pytest.mark.slow
def test_every_spelling_of_a_time_is_read():
    for text, (value, instant, problem) in zip(LOCAL, readings(list(LOCAL), "time"), strict=True):
        assert (value, instant, problem) == (at(LOCAL[text]), None, None), text
    for text, (value, instant, problem) in zip(MOMENTS, readings(list(MOMENTS), "time"), strict=True):
        assert (value, problem) == (None, None), text
        assert instant == at(MOMENTS[text]).replace(tzinfo=UTC), text
    for place, order in enumerate(("dmy", "mdy")):
        for text, (value, _, problem) in zip(
            SLASHED, readings(list(SLASHED), "time", order=order), strict=True
        ):
            assert (value, problem) == (at(SLASHED[text][place]), None), text
    assert all(problem for *_, problem in readings(list(SLASHED), "time"))


@pytest.mark.slow
def test_what_is_no_time_is_refused():
    for order in (None, "dmy", "mdy"):
        for text, (value, instant, problem) in zip(
            UNREADABLE, readings(UNREADABLE, "time", order=order), strict=True
        ):
            assert (value, instant) == (None, None), text
            assert problem == "is not a date such as 2024-01-31 18:30", text
    assert reading("45000", "time")[2].startswith("is the day number of a spreadsheet")
    assert reading("31/04/2024", "time", order="dmy")[2]
    assert reading("04/31/2024", "time", order="mdy")[2]
    assert reading("3/4/2024 13:30 PM", "time", order="dmy")[2]


def test_times_that_cannot_be_are_refused():
    early = [
        "1969-12-31",
        "1900-01-01",
        "0001-01-01",
        "19691231",
        "1969-12-31T23:59:59Z",
        "1970-01-01 00:30 +0800",
    ]
    late = ["2024-06-04", "2099-01-01", "9999-12-31", "20990101", "2024-06-02T12:00:01Z"]
    for text, (*_, problem) in zip(early, readings(early, "time"), strict=True):
        assert problem == "lies before 1970", text
    for text, (*_, problem) in zip(late, readings(late, "time"), strict=True):
        assert problem == "lies in the future", text


def test_times_of_parquet_are_checked_as_well():
    naive = [datetime(2024, 1, 31, 18, 30), datetime(1969, 1, 1), datetime(2099, 1, 1), None]
    found = readings(naive, "time", type_=pa.timestamp("ns"))
    assert found[0][0] == naive[0]
    assert [p for *_, p in found] == [None, "lies before 1970", "lies in the future", None]
    zoned = readings(
        [datetime(2024, 1, 31, 18, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)],
        "time",
        type_=pa.timestamp("us", "Asia/Shanghai"),
    )
    assert zoned[0] == (None, datetime(2024, 1, 31, 18, tzinfo=UTC), None)
    assert zoned[1][2] == "lies in the future"
    days = readings([naive[0].date()], "day", type_=pa.date32())
    assert days == [(datetime(2024, 1, 31), None, None)]


def plain_time(text):
    if text.endswith(" 24:00"):  # as ISO 8601 has it: the end of the day
        day = plain_time(text.removesuffix(" 24:00"))
        return day and day + DAY
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


PARTS = st.tuples(
    st.integers(1970, 2023),
    st.integers(0, 14),
    st.integers(0, 33),
    st.sampled_from(
        ["", " 00:00", " 23:59", " 24:00", " 7:05", " 12:60", " 08:30:59", " 08:30:60", " 25:00"]
    ),
)


@pytest.mark.slow
@settings(max_examples=15)
@given(st.lists(PARTS, min_size=1, max_size=100))
def test_dates_are_read_as_the_calendar_has_them(parts):
    forms = ("{:04}-{:02}-{:02}{}", "{:04}/{}/{}{}", "{:04}.{}.{}{}", "{:04}年{}月{}日{}")
    texts = [form.format(*p) for form in forms for p in parts]
    for part, text, (value, _, problem) in zip(
        parts * len(forms), texts, readings(texts, "time"), strict=True
    ):
        wanted = plain_time("{:04}-{:02}-{:02}{}".format(*part))
        assert value == wanted, text
        assert (problem is None) == (wanted is not None), text


def test_dates_that_can_be_read_two_ways_are_counted():
    table = pa.table({"cell": ["03/04/2024", "13/04/2024", "2024-01-01", "x", "5.6.2024 10:00", None]})
    row = evaluate(table, lambda cell: zip(("count", "first", "second"), slashed_parts(cell), strict=True))[0]
    assert (row["count"], row["first"], row["second"]) == (3, 13, 6)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (datetime(2024, 1, 15, 12), datetime(2024, 1, 15, 12, tzinfo=UTC)),
        (datetime(2024, 7, 15, 12), datetime(2024, 7, 15, 11, tzinfo=UTC)),
        # Clocks went from 01:00 to 02:00: 01:30 does not exist and becomes 02:30.
        (datetime(2024, 3, 31, 1, 30), datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),
        # Clocks went from 02:00 back to 01:00: of the two 01:30 the second is meant.
        (datetime(2024, 10, 27, 1, 30), datetime(2024, 10, 27, 1, 30, tzinfo=UTC)),
    ],
)
def test_clock_changes_are_read_as_promised(local, expected):
    table = pa.table({"cell": pa.array([local], pa.timestamp("us"))})
    found = evaluate(table, lambda cell: {"at": moment("Europe/London", cell)})[0]["at"]
    assert found == expected


def test_the_zone_of_the_source_need_not_be_that_of_the_house():
    table = pa.table({"cell": pa.array([datetime(2024, 7, 15, 12)], pa.timestamp("us"))})
    found = evaluate(table, lambda cell: {"at": moment("Asia/Shanghai", cell)})[0]["at"]
    assert found == datetime(2024, 7, 15, 4, tzinfo=UTC)


# -- texts -------------------------------------------------------------------------------------------------------


def test_texts_lose_outer_white_space_and_nothing_else():
    cells = ["  a  b ", "\u3000灯\u3000", "", " \t ", "\n x\r\n", "=1+1", "😀", "0017"]
    assert [v for v, *_ in readings(cells, "text")] == ["a  b", "灯", None, None, "x", "=1+1", "😀", "0017"]


def test_numbers_of_things_lose_the_point_that_data_frames_gave_them():
    found = readings([17850.0, 12.5, None], "id", type_=pa.float64())
    assert [v for v, *_ in found] == ["17850", "12.5", None]
    assert reading(17850, "id", type_=pa.int64())[0] == "17850"


def test_too_long_texts_are_refused():
    assert reading("x" * 200, "id")[2] is None
    assert reading("x" * 201, "id")[2] == "is longer than 200 characters"
    assert reading("灯" * 10_001, "text")[2] == "is longer than 10000 characters"


def test_codes_and_json_are_checked():
    found = readings(["gbp", " CNY ", "XXX", "£", "", None], "currency")
    assert [v for v, *_ in found] == ["GBP", "CNY", None, None, None, None]
    assert [bool(p) for *_, p in found] == [False, False, True, True, False, False]
    found = readings(['{"a": 1}', "[1]", "{a}", ""], "json")
    assert [bool(p) for *_, p in found] == [False, False, True, False]
