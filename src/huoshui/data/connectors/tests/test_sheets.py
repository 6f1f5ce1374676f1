"""Workbooks: what people see in a sheet is what is read; what somebody made to do harm is refused."""

from __future__ import annotations

import csv
import io
import random
import struct
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter

from huoshui.data.connectors.errors import FileRefused
from huoshui.data.connectors.files import lines_of_rows, recognise
from huoshui.data.connectors.files import spreadsheets as module


class Book:
    """A workbook in the making."""

    def __init__(self, **options):
        self.buffer = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.buffer, {"in_memory": True, **options})
        self.formats = {
            kind: self.book.add_format({"num_format": pattern})
            for kind, pattern in {
                datetime: "yyyy-mm-dd hh:mm",
                date: "yyyy/m/d",
                time: "hh:mm",
                timedelta: "[h]:mm",
            }.items()
        }

    def sheet(self, name, rows, *, top=0, left=0):
        sheet = self.book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if type(cell) in self.formats:
                    sheet.write_datetime(row + top, column + left, cell, self.formats[type(cell)])
                elif cell is not None:
                    sheet.write(row + top, column + left, cell)
        return sheet

    def bytes(self):
        self.book.close()
        return self.buffer.getvalue()


def book(*sheets, **options):
    made = Book(**options)
    for name, rows in sheets:
        made.sheet(name, rows)
    return made.bytes()


def look(tmp_path, content, name="book.xlsx", **told):
    path = tmp_path / name
    path.write_bytes(content)
    return recognise(path, workspace=tmp_path / "workspace", **told)


def rows_of(file):
    with file.path.open(encoding="utf-8", newline="") as text:
        return [row for row in csv.reader(text) if row]


def refused(tmp_path, content, name="book.xlsx", **told):
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FileRefused) as caught:
        look(tmp_path, content, name, **told)
    left = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert all(path.name == name or path.parent.name == "workspace" for path in left)
    return str(caught.value)


def repacked(content, change, compression=zipfile.ZIP_DEFLATED):
    """The archive with each part as ``change(name, content)`` gives it; further parts under the name ``None``."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", compression) as archive:
        for name in source.namelist():
            archive.writestr(name, change(name, source.read(name)))
        for name, more in (change(None, b"") or {}).items():
            archive.writestr(name, more)
    return target.getvalue()


TABLE = [["id", "name"], ["1", "灯"], ["2", "锁"]]
MOMENT = datetime(2024, 1, 31, 18, 30)  # noqa: DTZ001 - cells of sheets have no zone


# -- cells -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"date_1904": True}], ids=["1900", "1904"])
def test_cells_are_read_as_people_see_them(tmp_path, options):
    cells = {
        MOMENT: "2024-01-31 18:30:00",
        date(2024, 2, 29): "2024-02-29",
        time(9, 5): "09:05:00",
        timedelta(hours=36, minutes=5): "36:05:00",
        20240001.0: "20240001",
        19.989999999999998: "19.99",
        0.1 + 0.2: "0.3",
        -1234.5: "-1234.5",
        0.00001: "0.00001",
        1e-9: "0.000000001",
        123456789012345: "123456789012345",
        "007": "007",
        ' two\nlines, “quoted” "': ' two\nlines, “quoted” "',
        "😀 龘": "😀 龘",
        45000: "45000",
    }
    content = book(("表", [["what"], *([cell] for cell in cells), [True], [False]]), **options)
    file = look(tmp_path, content)
    assert [row[0] for row in rows_of(file)[1:]] == [*cells.values(), "TRUE", "FALSE"]
    assert (file.format, file.sheet, file.sheets, file.columns) == ("sheet", "表", ("表",), ("what",))


def test_numbers_that_lost_their_last_digits_do_not_look_whole(tmp_path):
    # 18 digits as a spreadsheet keeps them; 16 digits as another program wrote them, all there.
    content = book(("s", [["id"], [692345000123456789], [9007199254740991], [1234567890123456000]]))
    assert [row[0] for row in rows_of(look(tmp_path, content))[1:]] == [
        "6.92345000123457E+17",
        "9007199254740991",
        "1.23456789012346E+18",
    ]


def test_errors_and_formulas_nobody_calculated_are_not_taken_for_empty(tmp_path):
    made = Book()
    sheet = made.sheet("s", [["a", "b", "c"]])
    for column, error in enumerate(("#N/A", "#DIV/0!", "#REF!")):
        sheet.write_formula(1, column, "=1/0", None, error)
    sheet.write_formula(2, 0, "=1+1", None, 2)
    sheet.write_formula(2, 1, '="a"&"b"', None, "ab")
    sheet.write_formula(2, 2, "=1+2", None, "")

    def uncalculated(name, part):
        return part and part.replace(b"<f>1+2</f><v></v>", b"<f>1+2</f>")

    rows = rows_of(look(tmp_path, repacked(made.bytes(), uncalculated)))
    assert rows[1:] == [["#N/A", "#DIV/0!", "#REF!"], ["2", "ab", "#NOT_CALCULATED!"]]


def test_a_text_merged_over_rows_stands_in_each_and_a_number_is_asked_about(tmp_path):
    made = Book()
    sheet = made.sheet(
        "s", [["order", "total", "item"], ["A1", 30, "x"], [None, None, "y"], [None, None, "z"]]
    )
    sheet.merge_range(1, 0, 3, 0, "A1")
    sheet.merge_range(1, 1, 3, 1, 30)
    sheet.merge_range(5, 0, 5, 2, "end of the list")
    assert rows_of(look(tmp_path, made.bytes()))[1:] == [
        ["A1", "30", "x"],
        ["A1", "#MERGED!", "y"],
        ["A1", "#MERGED!", "z"],
        ["end of the list", "", ""],
    ]


# -- where the table stands --------------------------------------------------------------------------------------


def test_the_header_is_found_below_titles_and_lines_are_rows_of_the_sheet(tmp_path):
    made = Book()
    rows = [
        ["订单导出"],
        [],
        ["导出时间", MOMENT],
        ["no", "who", "when", "amount", "note"],
        *([n, f"c{n}", MOMENT, n / 4, "two\nlines"] for n in range(3)),
    ]
    made.sheet("s", [*rows, [], [9, "c9", MOMENT, 1, ""]], top=2, left=1)
    file = look(tmp_path, made.bytes())
    assert file.columns == ("no", "who", "when", "amount", "note")
    assert file.above == 5
    assert lines_of_rows(file, {1, 2, 3, 4}) == {1: 7, 2: 8, 3: 9, 4: 11}


def test_columns_without_a_name_and_cells_beyond_the_header_are_kept(tmp_path):
    file = look(tmp_path, book(("s", [["a", None, "b"], [1, 2, 3], [4, 5, 6, 7]])))
    assert file.columns == ("a", "column 2", "b", "column 4")
    assert rows_of(file)[1:] == [["1", "2", "3", ""], ["4", "5", "6", "7"]]


@pytest.mark.parametrize(
    ("sheets", "found"),
    [
        ([("orders", TABLE)], "orders"),
        ([("empty", []), ("orders", TABLE), ("more", TABLE)], "orders"),
        ([("read me", [["This file was exported by …"]]), ("orders", TABLE)], "orders"),
        ([("only", [["alone"]])], "only"),
    ],
)
def test_the_first_sheet_with_a_table_is_meant(tmp_path, sheets, found):
    file = look(tmp_path, book(*sheets))
    assert (file.sheet, file.sheets) == (found, tuple(name for name, _ in sheets))


def test_a_hidden_sheet_is_read_only_when_asked_for(tmp_path):
    made = Book()
    made.sheet("cover", [["x"]])
    made.sheet("codes", TABLE).hide()
    made.sheet("orders", TABLE)
    content = made.bytes()
    assert look(tmp_path, content).sheet == "orders"
    assert look(tmp_path, content, sheet="codes").sheet == "codes"


def test_the_sheet_asked_for_is_read_and_is_a_file_of_its_own(tmp_path):
    content = book(("一月", TABLE), ("二月", [["id", "name"], ["9", "猫"]]))
    first, second = look(tmp_path, content), look(tmp_path, content, sheet="二月")
    assert rows_of(second)[1:] == [["9", "猫"]]
    assert first.fingerprint != second.fingerprint
    assert look(tmp_path, content, sheet="一月").fingerprint == first.fingerprint
    told = refused(tmp_path, content, sheet="三月")
    assert "一月, 二月" in told


@pytest.mark.parametrize("sheets", [[("a", [])], [("a", []), ("b", [])]])
def test_a_workbook_without_a_table_is_refused(tmp_path, sheets):
    assert "no table" in refused(tmp_path, book(*sheets))


def test_options_that_do_not_fit_are_refused(tmp_path):
    assert "Leave out --encoding" in refused(tmp_path, book(("s", TABLE)), encoding="gbk")
    assert "Leave out --sheet" in refused(tmp_path, b"a,b\n1,2\n", "file.csv", sheet="s")


# -- names that lie ----------------------------------------------------------------------------------------------


def test_a_file_is_known_by_its_content_not_by_its_name(tmp_path):
    assert look(tmp_path, book(("s", TABLE)), "orders.csv").format == "sheet"
    file = look(tmp_path, "id;name\n1;客厅小灯\n".encode("gbk"), "orders.xlsx")
    assert (file.format, file.encoding, file.delimiter) == ("text", "gb18030", ";")
    assert look(tmp_path, b"id\tname\n1\tx\n", "orders.xls").delimiter == "\t"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<html><table><tr><td>id</td></tr></table></html>", "web page"),
        (b"\xef\xbb\xbf\r\n<?xml version='1.0'?><Workbook/>", "XML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cannot be read"),
        (b"PK\x05\x06" + bytes(18), "ZIP archive"),
    ],
    ids=["web page", "XML", "old Office", "empty archive"],
)
def test_what_only_looks_like_a_workbook_is_refused(tmp_path, content, word):
    assert word in refused(tmp_path, content, "orders.xls")


# -- harm --------------------------------------------------------------------------------------------------------


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    bomb = repacked(
        book(("s", TABLE)), lambda name, part: part if name else {"xl/media/a.bin": bytes(40 * 2**20)}
    )
    assert len(bomb) < 2**20
    assert "times when unpacked" in refused(tmp_path, bomb)


def test_a_part_that_lies_about_its_size_is_refused(tmp_path):
    content = book(("s", TABLE))
    place = content.index(b"PK\x01\x02")
    size = struct.unpack_from("<I", content, place + 24)[0]
    assert size > 10
    lying = bytearray(content)
    struct.pack_into("<I", lying, place + 24, 10)
    assert "damaged" in refused(tmp_path, bytes(lying))


def test_a_sheet_of_two_cells_that_claims_the_whole_grid_takes_no_memory(tmp_path):
    made = Book()
    made.sheet("s", [["id", "name"]]).write(1_048_575, 16_383, "far")
    assert "too large" in refused(tmp_path, made.bytes())


def test_a_text_repeated_without_end_does_not_fill_memory_or_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CEILING", 128 * 2**20)
    made = Book()
    made.sheet("s", [["a", "b"], *(["x" * 32_000, n] for n in range(8000))])
    content = made.bytes()
    assert len(content) < 4 * 2**20
    assert "too large" in refused(tmp_path, content)


@pytest.mark.parametrize(
    "name", ["../../outside.xml", "/tmp/outside.xml", "xl\\..\\..\\outside.xml", "C:/outside.xml"]
)
def test_a_part_that_names_a_place_outside_is_refused_and_nothing_is_written(tmp_path, name):
    content = repacked(book(("s", TABLE)), lambda part, text: text if part else {name: b"harm"})
    assert "a part named" in refused(tmp_path, content)
    assert not list(tmp_path.parent.rglob("outside.xml"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_entities_are_refused_and_read_nothing(tmp_path, part, encoding):
    canary = tmp_path / "canary.txt"
    canary.write_text("SECRET-CANARY")
    entity = f'<!DOCTYPE x [<!ENTITY xxe SYSTEM "{canary.as_uri()}">]>'

    def harmed(name, text):
        if name != part:
            return text
        head, rest = text.decode().split("?>", 1)
        return f"{head.replace('UTF-8', encoding)}?>{entity}{rest.replace('灯', '&xxe;')}".encode(encoding)

    told = refused(tmp_path, repacked(book(("s", TABLE)), harmed))
    assert "entities" in told
    assert not any("SECRET" in path.read_text() for path in (tmp_path / "workspace").glob("*"))


def test_links_to_other_workbooks_are_not_followed(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("SECRET-CANARY")
    made = Book()
    sheet = made.sheet("s", TABLE)
    sheet.write_formula(1, 1, f"='[{other.as_uri()}]Sheet1'!A1", None, "what was there")
    sheet.write_formula(2, 1, '=WEBSERVICE("http://127.0.0.1:1/")', None, "cached")
    sheet.write_url(3, 0, "external:other.xlsx")
    rows = rows_of(look(tmp_path, made.bytes()))
    assert [row[1] for row in rows[1:3]] == ["what was there", "cached"]
    assert "SECRET" not in str(rows)


def encrypted():
    """The container that spreadsheet programs put an encrypted workbook into, without its content."""

    def entry(name, kind, child=0xFFFFFFFF, right=0xFFFFFFFF):
        text = name.encode("utf-16-le") + b"\0\0"
        parts = (text, len(text), kind, 1, 0xFFFFFFFF, right, child, bytes(16), 0, 0, 0, 0xFFFFFFFE, 0)
        return struct.pack("<64sHBBIII16sIQQIQ", *parts)

    signs = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, bytes(6))
    places = (0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    header = struct.pack("<8s16sHHHHH6s10I108I", *signs, *places, *([0xFFFFFFFF] * 108))
    sectors = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *([0xFFFFFFFF] * 126))
    folder = (
        entry("Root Entry", 5, child=1) + entry("EncryptionInfo", 2, right=2) + entry("EncryptedPackage", 2)
    )
    return header + sectors + folder + bytes(128)


def test_what_is_encrypted_is_refused_with_advice(tmp_path):
    assert "password" in refused(tmp_path, encrypted())
    content = bytearray(book(("s", TABLE)))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(magic)
        while place >= 0:
            content[place + flags] |= 1
            place = content.find(magic, place + 4)
    assert "password" in refused(tmp_path, bytes(content))


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_workbook_cut_short_is_refused(tmp_path, share):
    content = book(("s", TABLE))
    assert "cut short" in refused(tmp_path, content[: int(len(content) * share)])


def test_two_parts_of_one_name_are_refused(tmp_path):
    target = io.BytesIO(book(("s", TABLE)))
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "two parts of one name" in refused(tmp_path, target.getvalue())


def test_two_files_in_one_are_what_their_beginning_is_or_refused(tmp_path):
    workbook = book(("s", TABLE))
    assert look(tmp_path, workbook + b"\nid,name\n7,other\n").format == "sheet"
    told = refused(tmp_path, b"id,name\n7,other\n" + workbook, "file.csv")
    assert "not text" in told or "cannot be told" in told


def test_a_damaged_byte_is_refused_or_makes_no_difference(tmp_path):
    whole = book(("s", [["id", "name"], *([n, f"name {n}"] for n in range(50))]))
    rows = rows_of(look(tmp_path, whole))
    chance = random.Random(5)
    for _ in range(12):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        try:
            file = look(tmp_path, bytes(content))
        except FileRefused:
            continue
        assert rows_of(file) == rows


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
@pytest.mark.slow
def test_a_large_binary_file_is_refused_in_bounded_memory(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.write(b"id,name\n1,x\n")
        file.truncate(200 * 2**20)
    program = (
        "import sys; from pathlib import Path\n"
        "from huoshui.data.connectors.files import recognise\n"
        "from huoshui.data.connectors.errors import FileRefused\n"
        "peak = lambda: int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
        "before = peak()\n"  # (ru_maxrss would begin at the peak of the process that started this one)
        "try: recognise(Path(sys.argv[1]), workspace=Path(sys.argv[2]))\n"
        "except FileRefused as refusal: print(refusal.problem)\n"
        "print((peak() - before) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), str(tmp_path)], capture_output=True, text=True, check=True
    )
    problem, grown = done.stdout.splitlines()
    assert "longer than 16 MiB" in problem
    assert int(grown) < 100
