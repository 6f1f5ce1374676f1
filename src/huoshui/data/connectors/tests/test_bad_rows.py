"""Bad rows: each kind is set aside with its line, column and reason, and the good rows around it are in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from huoshui.data.connectors.commas import with_decimal_comma
from huoshui.data.connectors.errors import AmountsAmbiguous
from huoshui.data.connectors.files import recognise
from huoshui.data.connectors.kinds import KINDS
from huoshui.data.connectors.mapping import FieldMapping
from huoshui.data.connectors.staging import stage
from huoshui.data.connectors.values import DAMAGED, DAY_NUMBER, SHEET_ERROR, SHORTENED, Conventions
from huoshui.lake.duck import DuckEngine, EngineSettings

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
# Slow: most of them compile all the checks of a file.
pytestmark = pytest.mark.slow

NOT_A_NUMBER = "is not a number such as 1234.50"
NOT_A_DATE = "is not a date such as 2024-01-31 18:30"
FIELDS = {"order_id": "no", "customer": "who", "ordered_at": "date", "amount": "amount", "store": "store"}
HEADER = ",".join(FIELDS.values())
GOOD = {"no": "1", "who": "c1", "date": "2024-01-31", "amount": "5", "store": "x"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    made = DuckEngine(EngineSettings(memory="512MiB", threads=1, time_zone="Europe/London", temporary=folder))
    yield made
    made.close()


@pytest.fixture
def staged(engine, tmp_path):
    """Gives the staged rows of a text, or of a Parquet table, as transactions."""

    def made(content, fields=None, name="file.csv"):
        path = tmp_path / name
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        file = recognise(path, workspace=tmp_path / "workspace")
        mapping = FieldMapping(fields=fields or FIELDS, attributes={}, unused=())
        conventions = Conventions("Europe/London", "dmy", NOW + timedelta(days=1))
        found = stage(engine.session(), KINDS["transactions"], file, mapping, conventions)
        found.settle(found.rows)
        return found

    return made


def line(**cells):
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in (GOOD | cells).values())


def good(found):
    return found.session.arrow(found.good.order_by("row_no")).to_pylist()


def told(found):
    """(line, column, reason) of the bad rows; the reason without the cell it begins with."""
    table = found.problems().select([0, 1, 2]).to_pylist()
    return [(row["line"], row["column"], row["reason"].rpartition("” ")[2]) for row in table]


BAD_AMOUNTS = dict.fromkeys(
    (
        *(
            "１２",
            "1_000",
            "NaN",
            "nan",
            "inf",
            "-inf",
            "Infinity",
            "1e999",
            "1E5",
            "1.38E+10",
            "0x1F",
            "1/2",
        ),
        *(
            "(5.00)",
            "--5",
            "1,23",
            "12,34,567",
            "1.2.3",
            "٣",
            "5-",
            "½",
            "=1+1",
            "+",
            "-",
            "5USD",
            "1'000",
            "#N/A",
        ),
        *("#DIV/0!", "abc", "😀", "100000000000000", "99999999999999999999", "5%", "TRUE", "null"),
    ),
    NOT_A_NUMBER,
)
BAD_DATES = {
    "2024-02-30": NOT_A_DATE,
    "2023-02-29": NOT_A_DATE,
    "2024-13-01": NOT_A_DATE,
    "31/31/2024": NOT_A_DATE,
    "2024-01-31 25:00": NOT_A_DATE,
    "soon": NOT_A_DATE,
    "1706659200": NOT_A_DATE,
    "２０２４-01-01": NOT_A_DATE,
    "2024": NOT_A_DATE,
    "45000": DAY_NUMBER,
    "45000.75": DAY_NUMBER,
    "2099-01-01": "lies in the future",
    "9999-12-31": "lies in the future",
    "1900-01-01": "lies before 1970",
    "1969-12-31": "lies before 1970",
    "": "is empty",
}
BAD_TEXTS = {
    "broken \ufffd name": DAMAGED,
    "锟斤拷锟斤拷": DAMAGED,
    "a\0b": DAMAGED,
    "#N/A": SHEET_ERROR,
    "#REF!": SHEET_ERROR,
    "#NAME?": SHEET_ERROR,
    "x" * 10_001: "is longer than 10000 characters",
}
BAD_IDS = {
    "6.92345E+18": SHORTENED,
    "1.38E+10": SHORTENED,
    "#VALUE!": SHEET_ERROR,
    "\ufffd": DAMAGED,
    "x" * 201: "is longer than 200 characters",
}
KINDS_OF_BAD = [
    *(("amount", cell, reason) for cell, reason in BAD_AMOUNTS.items()),
    *(("date", cell, reason) for cell, reason in BAD_DATES.items()),
    *(("store", cell, reason) for cell, reason in BAD_TEXTS.items()),
    *(("who", cell, reason) for cell, reason in BAD_IDS.items()),
]


def test_sixty_kinds_of_bad_cells_are_set_aside_and_the_rows_around_them_are_in(staged):
    assert len(KINDS_OF_BAD) >= 60
    lines = [HEADER]
    for column, cell, _ in KINDS_OF_BAD:
        lines += [line(amount="5.25"), line(**{column: cell})]
    found = staged("\n".join([*lines, line(amount="5.25")]) + "\n")
    assert found.total == 2 * len(KINDS_OF_BAD) + 1
    assert told(found) == [
        (3 + 2 * number, column, reason) for number, (column, _, reason) in enumerate(KINDS_OF_BAD)
    ]
    assert {row["amount"] for row in good(found)} == {Decimal("5.25")}
    assert len(good(found)) == len(KINDS_OF_BAD) + 1


def test_odd_cells_that_have_a_meaning_are_read(staged):
    cells = {
        "-0": 0,
        "+5": 5,
        "¥1,234.50": Decimal("1234.5"),
        " 7 ": 7,
        "-3.5": Decimal("-3.5"),
        "5元": 5,
    }
    names = ["😀 龘", "0", "=SUM(A1)", "x\u2028y", "#1 shop", "E+", "1E10", "\u200bzero width"]
    text = "\n".join([HEADER, *(line(amount=cell) for cell in cells), *(line(store=name) for name in names)])
    found = staged(text)
    assert not told(found)
    rows = good(found)
    assert [row["amount"] for row in rows[: len(cells)]] == list(cells.values())
    assert [row["store"] for row in rows[len(cells) :]] == names


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_that_do_not_fit_are_set_aside_whole(staged, end):
    lines = [HEADER, line(), "1,c", line() + ",more", "", '2,"c"x,2024-01-01,5,y', line(amount="x"), line()]
    found = staged(end.join(lines) + end)
    assert [(number, column) for number, column, _ in told(found)] == [
        (3, ""),
        (4, ""),
        (6, ""),
        (7, "amount"),
    ]
    assert len(good(found)) == 2
    originals = found.problems()["no"].to_pylist()
    assert originals[:2] == ["1,c", line() + ",more"]


def test_a_cell_of_ten_megabytes_is_set_aside_and_shown_in_short(staged):
    found = staged(f"{HEADER}\n{line(store='灯' * 3_500_000)}\n{line()}\n")
    assert [(number, column) for number, column, _ in told(found)] == [(2, "store")]
    assert len(found.problems()["reason"][0].as_py()) < 150
    assert len(good(found)) == 1


def test_a_thousand_columns_and_doubled_names_are_read(staged):
    more = ",".join(["no", *(f"c{n}" for n in range(994))])
    found = staged(
        f"{HEADER},{more}\n{line()},{','.join('9' * 995)}\n{line(amount='x')},{','.join('9' * 995)}\n"
    )
    assert found.file.columns[5] == "no (2)"
    assert len(good(found)) == 1
    assert told(found) == [(3, "amount", NOT_A_NUMBER)]


def test_the_first_bad_rows_are_the_same_with_and_without_the_others(staged):
    lines = [HEADER, *(line(amount="x") if n % 3 else "1,2" for n in range(12))]
    found = staged("\n".join(lines))
    assert found.problems(first=5).equals(found.problems().slice(0, 5))


def test_bad_rows_are_told_in_parts_that_make_one_list(staged, monkeypatch):
    found = staged("\n".join([HEADER, *(line(amount=f"x{n}") for n in range(25))]))
    whole = found.problems().to_pylist()
    monkeypatch.setattr("huoshui.data.connectors.staging.TOLD_AT_ONCE", 4)
    assert found.problems().to_pylist() == whole
    assert [row["amount"] for row in whole] == [f"x{n}" for n in range(25)]


# -- sheets ------------------------------------------------------------------------------------------------------


def test_rejects_of_a_sheet_name_its_rows_and_show_its_cells(staged, tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "made.xlsx")
    sheet = book.add_worksheet("orders")
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write(0, 0, "Orders of January")
    sheet.write_row(2, 0, list(FIELDS.values()))
    day = datetime(2024, 1, 31)  # noqa: DTZ001 - cells of sheets have no zone
    cells = [(20240001, 7.5), ("A2", "1.234,5x"), (692345000123456789, 1), ("A4", "#N/A"), ("A5", 3)]
    for row, (number, amount) in enumerate(cells, start=3):
        sheet.write_row(row, 0, [number, "c1"])
        sheet.write_datetime(row, 2, day, dates)
        sheet.write(row, 3, amount)
    sheet.write_formula(6, 3, "=NA()", None, "#N/A")
    book.close()
    found = staged((tmp_path / "made.xlsx").read_bytes(), name="orders.xlsx")
    assert told(found) == [(5, "amount", NOT_A_NUMBER), (6, "no", SHORTENED), (7, "amount", NOT_A_NUMBER)]
    shown = found.problems().select(["no", "amount"]).to_pylist()
    assert shown[0] == {"no": "A2", "amount": "1.234,5x"}
    assert shown[2]["amount"] == "#N/A"
    assert [(row["order_id"], row["amount"]) for row in good(found)] == [
        ("20240001", Decimal("7.5")),
        ("A5", 3),
    ]


# -- Parquet -----------------------------------------------------------------------------------------------------


def test_parquet_may_have_columns_named_as_the_engine_names_its_own(staged):
    names = ["file_row_number", "File_Row_Number", "row_no", "rowid", "filename", "problem"]
    table = pa.table(
        {column: pa.array([cell, cell]) for column, cell in GOOD.items()}
        | {name: pa.array([8, 9]) for name in names}
    )
    table = table.set_column(3, "amount", pa.array(["5", "x"]))
    found = staged(table, name="file.parquet")
    assert told(found) == [(2, "amount", NOT_A_NUMBER)]
    assert found.problems()["file_row_number"].to_pylist() == ["9"]


def test_numbers_without_end_in_a_column_of_ids_do_not_stop_the_load(staged):
    ids = pa.array([1.0, float("inf"), 2.5, 1e300], pa.float64())
    table = pa.table({c: pa.array([cell] * 4) for c, cell in GOOD.items()}).set_column(1, "who", ids)
    rows = good(staged(table, name="file.parquet"))
    assert [row["customer"] for row in rows][:3] == ["1", "inf", "2.5"]


def test_a_zero_byte_is_refused_in_a_cell_of_parquet_as_in_text(staged):
    table = pa.table({c: pa.array([cell, cell]) for c, cell in GOOD.items()})
    for column in ("who", "store"):
        cut = table.set_column(
            table.schema.get_field_index(column), column, pa.array([GOOD[column], f"{GOOD[column]}\0x"])
        )
        found = staged(cut, name=f"{column}.parquet")
        assert told(found) == [(2, column, DAMAGED)]


# -- decimal commas ----------------------------------------------------------------------------------------------

MONEY = {"ordered_at": "date", "customer": "who", "amount": "amount", "unit_cost": "cost"}


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (["1.234,56", "3,5", "-7", "1.000"], ["1234.56", "3.5", "-7", "1000"]),
        (["1.234.567", "12,00", "€5,10"], ["1234567", "12", "5.1"]),
        (["1,234.56", "3.5", "-7", "1,000"], ["1234.56", "3.5", "-7", "1000"]),
        (["5", "7", "12000"], ["5", "7", "12000"]),
        (["0,125", "0,250"], ["0.125", "0.25"]),
    ],
)
def test_a_decimal_comma_is_told_by_the_cells_that_allow_nothing_else(staged, cells, amounts):
    text = "date;who;amount;cost\n" + "".join(f"2024-01-31;c;{cell};1\n" for cell in cells)
    found = staged(text, MONEY)
    assert not told(found)
    assert [row["amount"] for row in good(found)] == [Decimal(amount) for amount in amounts]


def test_a_column_that_leaves_it_open_follows_the_others(staged):
    found = staged("date;who;amount;cost\n2024-01-31;c;1,50;1.250\n2024-01-31;c;2,50;2,125\n", MONEY)
    assert [row["unit_cost"] for row in good(found)] == [Decimal(1250), Decimal("2.125")]


def test_quoted_amounts_with_a_comma_are_read_between_commas_too(staged):
    found = staged('date,who,amount,cost\n2024-01-31,c,"1,50","1.234,5"\n2024-01-31,c,"2,5","7,25"\n', MONEY)
    assert [(row["amount"], row["unit_cost"]) for row in good(found)] == [
        (Decimal("1.5"), Decimal("1234.5")),
        (Decimal("2.5"), Decimal("7.25")),
    ]


def test_commas_between_thousands_stay_as_documented(staged):
    found = staged('date,who,amount,cost\n2024-01-31,c,"1,234","12,000"\n', MONEY)
    assert good(found)[0]["amount"] == 1234


@pytest.mark.parametrize(
    "amounts",
    [["1.234", "2.500"], ["1,234", "7"], ["1,50", "2,50", "3.50"]],
    ids=["points", "commas", "both"],
)
def test_what_may_be_either_is_refused_and_not_guessed(staged, amounts):
    text = "date;who;amount;cost\n" + "".join(f"2024-01-31;c;{amount};1\n" for amount in amounts)
    with pytest.raises(AmountsAmbiguous, match="column amount"):
        staged(text, MONEY)


def test_one_amount_with_a_comma_among_many_with_a_point_is_a_bad_row(staged):
    found = staged(
        'date,who,amount,cost\n2024-01-31,c,1.50,1\n2024-01-31,c,2.50,1\n2024-01-31,c,"1.234,56",1\n', MONEY
    )
    assert told(found) == [(4, "amount", NOT_A_NUMBER)]
    assert not with_decimal_comma(
        found.session, found.raw, KINDS["transactions"], found.mapping, delimiter=","
    )


def test_rejects_show_the_amount_as_it_was_written(staged):
    found = staged("date;who;amount;cost\n2024-01-31;c;1,50;1\n2024-01-31;c;1.2.3,4;1\n", MONEY)
    assert found.problems()["amount"].to_pylist() == ["1.2.3,4"]
    assert "“1.2.3,4”" in found.problems()["reason"][0].as_py()
