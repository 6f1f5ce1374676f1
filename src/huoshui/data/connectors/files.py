"""Looking at a file: what it is, how its text is written, which columns it has."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow.parquet as pq
from pyarrow.lib import ArrowException

from huoshui.data.connectors.errors import FileRefused

CHUNK = 8 * 1024 * 1024
HEAD = 256 * 1024
DELIMITERS = (",", "\t", ";", "|")
MOST_COLUMNS = 1000
RESERVED = frozenset({"row_no"})
"""The name under which rows are numbered; a column of the file must not have it."""

Format = Literal["parquet", "text"]


@dataclass(frozen=True, slots=True)
class RecognisedFile:
    """A file that can be read.

    ``path`` is where to read it from: the file itself, or a copy in UTF-8 with commas when the original is in
    another encoding or separated by white space. ``lines`` counts line ends of the original.
    """

    original: Path
    path: Path
    format: Format
    fingerprint: str
    columns: tuple[str, ...]
    encoding: str = ""
    delimiter: str = ","
    lines: int = 0


def recognise(path: Path, *, workspace: Path) -> RecognisedFile:
    """Find out what ``path`` is. Copies, if needed, go to ``workspace``.

    Raises `FileRefused` with the reason and the next step when it is no file that can be read as a table.
    """
    must_be_readable(path)
    with path.open("rb") as file:
        start = file.read(8)
    if start[:4] == b"PAR1":
        return _parquet(path)
    if path.suffix.lower() in (".parquet", ".pq"):
        raise FileRefused(
            f"{path.name} is named as a Parquet file but is none",
            received=f"a file that starts with {start[:4]!r}",
            valid="a file that starts with b'PAR1'",
            next_step="If it is text, give it a name that ends in .csv; if it was cut short, export it again",
        )
    _must_be_text(path, start)
    return _text(path, workspace)


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


def _must_be_text(path: Path, start: bytes) -> None:
    known = {
        b"PK\x03\x04": ("an XLSX or ZIP file", "Save the sheet as CSV (UTF-8) and import that"),
        b"\xd0\xcf\x11\xe0": ("an old Excel file", "Save the sheet as CSV (UTF-8) and import that"),
        b"\x1f\x8b": ("a gzip file", "Unpack it and import the content"),
        b"%PDF": ("a PDF document", "Export the data as CSV"),
        b"SQLi": ("a SQLite database", "Export the table as CSV"),
    }
    for magic, (what, advice) in known.items():
        if start.startswith(magic):
            raise FileRefused(f"{path.name} is {what}", valid="CSV text or Parquet", next_step=advice)


def _parquet(path: Path) -> RecognisedFile:
    try:
        columns = tuple(pq.read_schema(path).names)
    except (ArrowException, OSError) as error:
        raise FileRefused(
            f"{path.name} starts as a Parquet file but cannot be read: {str(error).splitlines()[0]}",
            next_step="It was probably cut short; export or copy it again",
        ) from error
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return RecognisedFile(path, path, "parquet", digest.hexdigest(), _distinct(columns))


def _text(path: Path, workspace: Path) -> RecognisedFile:
    fingerprint, lines, utf8, nul = _scan(path)
    if nul:
        raise FileRefused(
            f"{path.name} is not text: it contains zero bytes",
            valid="CSV text in UTF-8 or GB18030, or Parquet",
            next_step="If it came from Excel, save it as CSV (UTF-8)",
        )
    encoding = "utf-8-sig" if utf8 else _chinese_encoding(path)
    head = _head(path, encoding)
    delimiter = _delimiter(head)
    source = path
    if delimiter is None:
        source = _copy_words(path, encoding, workspace)
        delimiter = ","
    elif encoding != "utf-8-sig" or _starts_with_mark(path):
        source = _copy(path, encoding, workspace)
    columns = _header(source, delimiter)
    return RecognisedFile(
        path, source, "text", fingerprint, columns, encoding.removesuffix("-sig"), delimiter, lines
    )


def _starts_with_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(3) == codecs.BOM_UTF8


def _scan(path: Path) -> tuple[str, int, bool, bool]:
    """Fingerprint, number of lines, whether it is UTF-8, whether it has zero bytes; in one reading."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    lines, utf8, nul, last = 0, True, False, b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n")
            nul = nul or b"\0" in chunk
            last = chunk[-1:]
            if utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    utf8 = False
    if utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    return digest.hexdigest(), lines + (last != b"\n"), utf8, nul


def _chinese_encoding(path: Path) -> str:
    """``gb18030`` when the text reads as Chinese in it; anything else is asked about, never guessed."""
    odd = common = 0
    try:
        for part in _decoded(path, "gb18030"):
            beyond = [c for c in part if ord(c) > 127]
            odd += len(beyond)
            common += sum(1 for c in beyond if _in_gb2312(c))
    except UnicodeDecodeError as error:
        raise _unknown_encoding(path) from error
    if not odd or common / odd < 0.9:
        raise _unknown_encoding(path)
    return "gb18030"


def _unknown_encoding(path: Path) -> FileRefused:
    return FileRefused(
        f"The encoding of {path.name} cannot be told",
        valid="UTF-8 or GB18030 (GBK)",
        next_step="Save it as CSV UTF-8 and import it again; guessing would turn names into nonsense",
    )


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, newline="") as file:
        while part := file.read(CHUNK):
            yield part


def _head(path: Path, encoding: str) -> list[str]:
    with path.open(encoding=encoding, newline="") as file:
        text = file.read(HEAD)
    lines = text.splitlines()
    return lines[:-1] if len(text) == HEAD and len(lines) > 1 else lines


def _delimiter(head: list[str]) -> str | None:
    """The delimiter that splits the first lines most evenly into most columns; nothing for white space."""
    best: tuple[float, int, str] | None = None
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(head[:200], delimiter=delimiter) if row]
        if not widths or widths[0] < 2:
            continue
        even = sum(w == widths[0] for w in widths) / len(widths)
        if best is None or (even, widths[0]) > best[:2]:
            best = (even, widths[0], delimiter)
    if best is not None:
        return best[2]
    widths = [len(line.split()) for line in head[:200] if line.strip()]
    if widths and widths[0] > 1 and sum(w == widths[0] for w in widths) / len(widths) > 0.9:
        return None
    return ","


def _copy(path: Path, encoding: str, workspace: Path) -> Path:
    copy = _new(workspace)
    with copy.open("w", encoding="utf-8", newline="") as file:
        for part in _decoded(path, encoding):
            file.write(part)
    return copy


def _copy_words(path: Path, encoding: str, workspace: Path) -> Path:
    """A comma-separated copy of a file whose columns are separated by white space; line numbers stay."""
    copy = _new(workspace)
    with path.open(encoding=encoding) as words, copy.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for line in words:
            writer.writerow(line.split())
    return copy


def _new(workspace: Path) -> Path:
    workspace.mkdir(parents=True, exist_ok=True)
    return workspace / f"copy-{os.urandom(8).hex()}.csv"


def _header(path: Path, delimiter: str) -> tuple[str, ...]:
    csv.field_size_limit(16 * 1024 * 1024)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            row = next(csv.reader(file, delimiter=delimiter))
        except (StopIteration, csv.Error) as error:
            raise FileRefused(f"{path.name} has no header line") from error
    if len(row) > MOST_COLUMNS:
        raise FileRefused(
            f"{path.name} has too many columns", received=str(len(row)), valid=f"at most {MOST_COLUMNS}"
        )
    return _distinct(tuple(cell.strip().lstrip("\ufeff") for cell in row))


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Column names without doubles: a second ``Date`` becomes ``Date (2)``, an empty name ``column 3``."""
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


def lines_of_rows(file: RecognisedFile, row_numbers: set[int]) -> dict[int, int]:
    """For rows of a text file (counted from 1 after the header): the line on which each starts.

    Reads the copy with the csv module, because cells may hold line ends of their own.
    """
    found: dict[int, int] = {}
    with file.path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=file.delimiter)
        width = len(next(reader))
        before, row_number = reader.line_num, 0
        for row in reader:
            if len(row) == width:
                row_number += 1
                if row_number in row_numbers:
                    found[row_number] = before + 1
            before = reader.line_num
    return found


def text_of(rows: list[dict[str, object]], columns: list[str]) -> str:
    """``rows`` as CSV with a header line."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
