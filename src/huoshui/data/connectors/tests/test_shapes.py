"""Shapes of texts: what separates cells, how lines end, where the header stands, which line a row comes from."""

from __future__ import annotations

import csv

import pytest

from huoshui.data.connectors.errors import FileRefused
from huoshui.data.connectors.files import lines_of_rows, recognise


def look(tmp_path, text, **told):
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return recognise(path, workspace=tmp_path / "workspace", **told)


def rows_of(file):
    with file.path.open(encoding="utf-8", newline="") as text:
        return [row for row in csv.reader(text, delimiter=file.delimiter) if row]


@pytest.mark.parametrize(
    ("text", "delimiter", "cells"),
    [
        ("a,b,c\n1,2,3\n", ",", ["1", "2", "3"]),
        ("a;b;c\n1,5;2,5;3,5\n", ";", ["1,5", "2,5", "3,5"]),
        ("a\tb\tc\n1,5\t2\t3\n", "\t", ["1,5", "2", "3"]),
        ("a|b|c\n1|2|x,y\n", "|", ["1", "2", "x,y"]),
        ('a;b;c\n"1;2,3";4;5\n', ";", ["1;2,3", "4", "5"]),
        ('a;b;c\nx;"1\t2";"3\t4"\n', ";", ["x", "1\t2", "3\t4"]),
        ('"a\tx",b,c\n"1\t2","3\t4",5\n', ",", ["1\t2", "3\t4", "5"]),
        ('a,b,c\n1,"two\nlines; and\tmore",3\n', ",", ["1", "two\nlines; and\tmore", "3"]),
        ('a b c\n1 "2 2" 3\n', " ", ["1", "2 2", "3"]),
        ("  a  b c\n 1 2   3\n", ",", ["1", "2", "3"]),
        ("a\n1\n", ",", ["1"]),
        ("sep=;\na;b;c\n1;2,5;3\n", ";", ["1", "2,5", "3"]),
        ('"sep=|"\r\na|b|c\r\n1|2|3\r\n', "|", ["1", "2", "3"]),
        ("a,b,c\n1,x\u2028y,z\x0bz\n", ",", ["1", "x\u2028y", "z\x0bz"]),
    ],
    ids=[
        "comma", "semicolon", "tab", "bar", "quoted", "tab in quotes", "tab in the header", "line in quotes", "space",
        "white space", "one column", "said", "said in quotes", "odd separators of lines",
    ],
)  # fmt: skip
def test_the_delimiter_is_found(tmp_path, text, delimiter, cells):
    file = look(tmp_path, text)
    assert file.delimiter == delimiter
    assert rows_of(file)[1] == cells


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("a,b\n1,2,\n3,4,\n", ("a", "b", "column 3"), [["1", "2", ""], ["3", "4", ""]]),
        ("a,b,\n1,2\n3,4\n", ("a", "b"), [["1", "2"], ["3", "4"]]),
        ("a,b,\n1,2,\n3,4,\n", ("a", "b", "column 3"), [["1", "2", ""], ["3", "4", ""]]),
        ("a;b;\r\n1;2;\r\n", ("a", "b", "column 3"), [["1", "2", ""]]),
        ("a,b\n1,2,\n3,4\n", ("a", "b"), [["1", "2", ""], ["3", "4"]]),
    ],
    ids=["rows", "header", "both", "semicolons", "one row"],
)
def test_a_delimiter_at_the_end_of_lines_is_no_harm(tmp_path, text, columns, rows):
    file = look(tmp_path, text)
    assert file.columns == columns
    assert rows_of(file)[1:] == rows


@pytest.mark.parametrize(
    ("text", "above"),
    [
        ("\n\n{}", 2),
        ("Orders of January\n{}", 1),
        ("Orders,,\n\n{}", 2),
        ("\r\n{}", 1),
        ("sep=,\n\n{}", 2),
    ],
)
def test_the_header_is_found_below_blank_lines_and_titles(tmp_path, text, above):
    table = "no,who,amount\n1,a,2\n\n2,b\n3,c,x\n"
    file = look(tmp_path, text.format(table))
    assert file.columns == ("no", "who", "amount")
    assert file.above == above
    assert lines_of_rows(file, {1, 2}) == {1: above + 2, 2: above + 5}


@pytest.mark.parametrize("text", [",amount\n0,5\n1,6\n", "date,Date,,a,\n1,2,3,4,5\n", "a\n1,\n2,\n"])
def test_a_header_with_gaps_is_no_title(tmp_path, text):
    assert look(tmp_path, text).above == 0


@pytest.mark.parametrize(
    "text",
    [
        'a,b\r\n1,"x\ny"\r\n2,z\r\n',
        'a,b\n1,"x\r\ny"\n2,z\n',
        'a,b\r1,"x\ny"\r2,z\r',
        'a,b\r\n1,"x\ry"\n2,z\r\n',
        'a,b\n1,"x\n\ny"\r\n2,z',
        'a,b\n1,x""y\r\n2,5" pipe\n',
    ],
)
def test_line_ends_of_all_kinds_give_the_same_rows(tmp_path, text):
    file = look(tmp_path, text)
    with (tmp_path / "file.csv").open(newline="") as original:
        assert rows_of(file) == list(csv.reader(original))
    outside = b'"'.join(file.path.read_bytes().split(b'"')[::2])
    ends = {b"\r\n": outside.count(b"\r\n"), b"\n": outside.replace(b"\r\n", b"").count(b"\n")}
    ends[b"\r"] = outside.replace(b"\r\n", b"").count(b"\r")
    assert sum(map(bool, ends.values())) == 1


def test_a_line_longer_than_any_table_has_is_refused_with_its_number(tmp_path):
    with pytest.raises(FileRefused, match="line 3"):
        look(tmp_path, b"a,b\n1,2\n" + b"x" * (17 * 2**20) + b",3\n4,5\n")


def test_a_stray_zero_byte_spoils_its_cell_only(tmp_path):
    file = look(tmp_path, b"a,b\n1,\x002\n3,4\n")
    assert rows_of(file)[1:] == [["1", "\ufffd2"], ["3", "4"]]
    with pytest.raises(FileRefused, match="zero bytes"):
        look(tmp_path, b"a,b\n" + bytes(range(256)) * 20)


def test_a_thousand_columns_are_read_and_one_more_is_refused(tmp_path):
    wide = ",".join(f"c{n}" for n in range(1000))
    assert len(look(tmp_path, f"{wide}\n{wide}\n").columns) == 1000
    with pytest.raises(FileRefused, match="too many columns"):
        look(tmp_path, f"{wide},c\n{wide},c\n")
