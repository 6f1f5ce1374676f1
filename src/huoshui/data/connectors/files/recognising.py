"""What a file is, by its content and not by its name; and a copy of it where the engine needs one."""

from __future__ import annotations

import csv
import hashlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow.parquet as pq
from pyarrow.lib import ArrowException

from huoshui.data.connectors.errors import FileRefused
from huoshui.data.connectors.files import encodings, scanning, spreadsheets
from huoshui.data.connectors.files.shape import DELIMITERS, Rows, Shape, shape_of
from huoshui.kernel.cells import as_written

HEAD = 256 * 1024
MOST_COLUMNS = 1000
ROW_END = "\r\n"
"""Both, so that the csv module quotes cells with either."""
RESERVED = frozenset({"row_no"})
"""The name under which rows are numbered; a column of the file must not have it."""
DAMAGED = "\ufffd"
"""What stands for a byte or character that could not be read; cells with it are set aside."""

Format = Literal["parquet", "text", "sheet"]


@dataclass(frozen=True, slots=True)
class RecognisedFile:
    """A file that can be read.

    ``path`` is where to read it from: the file itself, or a copy in UTF-8 where the original is a sheet, in another
    encoding, separated by white space, or written in a way the engine does not take. ``lines`` counts the lines from
    the header on, ``above`` those (of a sheet: the rows) above it. ``sheets`` are all sheets of a workbook.
    """

    original: Path
    path: Path
    format: Format
    fingerprint: str
    columns: tuple[str, ...]
    encoding: str = ""
    delimiter: str = ","
    lines: int = 0
    above: int = 0
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def recognise(
    path: Path,
    *,
    workspace: Path,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> RecognisedFile:
    """Find out what ``path`` is. Copies, if needed, go to ``workspace``.

    ``sheet`` says which sheet of a workbook is meant (the first with a table otherwise), ``encoding`` how a text is
    encoded and ``delimiter`` which character separates its cells (both guessed otherwise). Raises `FileRefused` with
    the reason and the next step when it is no file that can be read as a table, and with the possible readings when
    its encoding cannot be told.
    """
    must_be_readable(path)
    with path.open("rb") as file:
        start = file.read(512)
    kind = _kind(path, start)
    for option, given, fits in (
        ("--sheet", sheet, "sheet"),
        ("--encoding", encoding, "text"),
        ("--delimiter", delimiter, "text"),
    ):
        if given and kind != fits:
            what = {"sheet": "a workbook", "text": "a text", "parquet": "a Parquet file"}[kind]
            raise FileRefused(
                f"{path.name} is {what}", received=f"{option} {given}", next_step=f"Leave out {option}"
            )
    if kind == "parquet":
        return _parquet(path)
    if kind == "sheet":
        return _sheet(path, start, workspace, sheet)
    if delimiter and delimiter not in DELIMITERS:
        raise FileRefused(
            "Cells cannot be separated by this",
            received=f"--delimiter {delimiter!r}",
            valid="comma, tab, semicolon, bar",
        )
    return _text(path, workspace, encoding, delimiter or "")


def must_be_readable(path: Path) -> None:
    """Refuse what is no file, is empty or may not be read. Raises `FileRefused`."""
    try:
        if path.is_dir():
            raise FileRefused(f"{path} is a folder", valid="a file", next_step="Import its files one by one")
        if not path.exists():
            raise FileRefused(f"There is no file {path}", next_step="Check the spelling of the path")
        if path.stat().st_size == 0:
            raise FileRefused(f"{path.name} is empty", valid="a file with a header line and rows")
        with path.open("rb"):
            pass
    except OSError as error:
        raise FileRefused(
            f"{path} cannot be read: {error.strerror}", next_step="Give this user the right to read it"
        ) from error


_NO_TABLES = {
    b"\x1f\x8b": ("a gzip file", "Unpack it and import the content"),
    b"BZh": ("a bzip2 file", "Unpack it and import the content"),
    b"\xfd7zXZ": ("an xz file", "Unpack it and import the content"),
    b"7z\xbc\xaf": ("a 7z archive", "Unpack it and import the files in it"),
    b"Rar!": ("a RAR archive", "Unpack it and import the files in it"),
    b"%PDF": ("a PDF document", "Export the data as CSV or XLSX"),
    b"SQLi": ("a SQLite database", "Export the table as CSV"),
    b"PARE": ("an encrypted Parquet file", "Write it without encryption"),
}
_PAGES = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<body")


def _kind(path: Path, start: bytes) -> Format:
    if start.startswith(b"PAR1"):
        return "parquet"
    if path.suffix.lower() in (".parquet", ".pq"):
        raise FileRefused(
            f"{path.name} is named as a Parquet file but is none",
            received=f"a file that starts with {start[:4]!r}",
            valid="a file that starts with b'PAR1'",
            next_step="If it is text, give it a name that ends in .csv; if it was cut short, export it again",
        )
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "sheet"
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if spreadsheets.is_workbook(path):
            return "sheet"
        raise FileRefused(
            f"{path.name} is a ZIP archive",
            valid="CSV text, XLSX or Parquet",
            next_step="Unpack it and import the files in it",
        )
    for magic, (what, advice) in _NO_TABLES.items():
        if start.startswith(magic):
            raise FileRefused(f"{path.name} is {what}", valid="CSV text, XLSX or Parquet", next_step=advice)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGES):
        raise FileRefused(
            f"{path.name} is a web page or XML, whatever its name",
            valid="CSV text, XLSX or Parquet",
            next_step="Open it in a spreadsheet program, save it as XLSX and import that",
        )
    return "text"


def _parquet(path: Path) -> RecognisedFile:
    try:
        columns = tuple(pq.read_schema(path).names)
    except (ArrowException, OSError) as error:
        raise FileRefused(
            f"{path.name} starts as a Parquet file but cannot be read: {str(error).splitlines()[0]}",
            next_step="It was probably cut short; export or copy it again",
        ) from error
    return RecognisedFile(path, path, "parquet", scanning.fingerprint(path), _named(path, columns))


def _sheet(path: Path, start: bytes, workspace: Path, wanted: str | None) -> RecognisedFile:
    found = spreadsheets.read_sheet(path, start=start, copy=_new(workspace), wanted=wanted)
    # Two sheets of one workbook are two things to load.
    mark = hashlib.sha256(f"{scanning.fingerprint(path)} {found.name}".encode()).hexdigest()
    head, whole = _head(found.copy)
    shape = shape_of(head, whole=whole, delimiter=",")
    source = _rewritten(found.copy, shape, workspace, tidy=False) if shape.lines_above else found.copy
    return RecognisedFile(
        original=path,
        path=source,
        format="sheet",
        fingerprint=mark,
        columns=_header(path, source, shape),
        lines=scanning.scan(source).lines,
        above=shape.above,
        sheet=found.name,
        sheets=found.names,
    )


def _text(path: Path, workspace: Path, said: str | None, delimiter: str) -> RecognisedFile:
    scan = scanning.scan(path)
    if scan.long:
        raise FileRefused(
            f"{path.name} has a line that is longer than {scanning.LONGEST_LINE // 2**20} MiB",
            received=f"line {scan.long}",
            valid="one line per row",
            next_step="Check whether this file is a table, and whether it is complete",
        )
    encoding = encodings.of(path, said, start=scan.start, utf8=scan.utf8, zeros=scan.zeros)
    source, seen = path, scan
    if encoding.name != "utf-8" or scan.zeros or scan.start.startswith(encodings.UTF8_MARK):
        source = _copy(encodings.decoded(path, encoding), workspace)
        seen = scanning.scan(source)
    head, whole = _head(source)
    shape = shape_of(head, whole=whole, delimiter=delimiter)
    if shape.lines_above or not shape.delimiter or not seen.one_end:
        source = _rewritten(source, shape, workspace, tidy=not seen.one_end)
    return RecognisedFile(
        original=path,
        path=source,
        format="text",
        fingerprint=scan.fingerprint,
        columns=_header(path, source, shape),
        encoding=encoding.name,
        delimiter=shape.delimiter or ",",
        lines=seen.lines - shape.lines_above,
        above=shape.lines_above,
    )


def _head(path: Path) -> tuple[str, bool]:
    """The beginning of a text in UTF-8, and whether this is all of it."""
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read(HEAD)
        return text, not file.read(1)


def _copy(parts: Iterator[str], workspace: Path) -> Path:
    copy = _new(workspace)
    with copy.open("w", encoding="utf-8", newline="") as file:
        for part in parts:
            file.write(part.replace("\0", DAMAGED))
    return copy


def _rewritten(source: Path, shape: Shape, workspace: Path, *, tidy: bool) -> Path:
    """A copy from the header on; ``tidy`` gives all rows the same end. Cells and the number of lines stay."""
    copy = _new(workspace)
    with (
        source.open(encoding="utf-8", newline="") as text,
        copy.open("w", encoding="utf-8", newline="") as file,
    ):
        lines = itertools.islice(text, shape.lines_above, None)
        if shape.delimiter and not tidy:
            file.writelines(lines)
            return copy
        rows = Rows(lines, shape.delimiter) if shape.delimiter else (line.split() for line in lines)
        writer = csv.writer(file, delimiter=shape.delimiter or ",", lineterminator=ROW_END)
        for row in rows:
            if row:
                writer.writerow(row)
            else:
                file.write(ROW_END)
    return copy


def _new(workspace: Path) -> Path:
    workspace.mkdir(parents=True, exist_ok=True)
    return workspace / f"copy-{os.urandom(8).hex()}.csv"


def _header(path: Path, source: Path, shape: Shape) -> tuple[str, ...]:
    with source.open(encoding="utf-8", newline="") as file:
        try:
            row = next(iter(Rows(file, shape.delimiter or ",")))
        except (StopIteration, csv.Error):
            row = []
    if not any(cell.strip() for cell in row):
        raise FileRefused(
            f"{path.name} has no header line",
            valid="a line with the names of the columns, then rows",
            next_step="Write the names of the columns above the rows",
        )
    width = shape.width or len(row)
    return _named(path, tuple(as_written(cell.strip()) for cell in (*row, "")[:width]))


def _named(path: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """Column names without doubles: a second ``Date`` becomes ``Date (2)``, an empty name ``column 3``."""
    if len(names) > MOST_COLUMNS:
        raise FileRefused(
            f"{path.name} has too many columns", received=str(len(names)), valid=f"at most {MOST_COLUMNS}"
        )
    taken, result = set(RESERVED), list[str]()
    for number, name in enumerate(names, start=1):
        base = name or f"column {number}"
        fresh, times = base, 1
        while fresh.casefold() in taken:
            times += 1
            fresh = f"{base} ({times})"
        taken.add(fresh.casefold())
        result.append(fresh)
    return tuple(result)
