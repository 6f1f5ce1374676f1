"""The shape of a text: what separates its cells, where its header stands, how many columns its rows have."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = (",", "\t", ";", "|")
LOOKED_AT = 200
LONGEST_CELL = 32 * 1024 * 1024
_CUT = re.compile(r'[,;|\t]"|"[,;|\t]')
"""What is in a cell when the delimiter cut through a quoted one."""
_SAID = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a text is cut into cells.

    ``delimiter`` is empty where columns are separated by white space of any length. ``above`` and ``lines_above`` are
    how many rows and how many lines stand above the header. ``width`` is the number of columns of the rows.
    """

    delimiter: str
    above: int
    lines_above: int
    width: int


class Rows:
    """The rows of a delimited text; blank lines are empty rows. Cells may hold line ends, so files are opened with
    ``newline=""``. ``lines`` is how many lines have been read."""

    def __init__(self, text: Iterable[str], delimiter: str) -> None:
        csv.field_size_limit(LONGEST_CELL)
        self._reader = csv.reader(text, delimiter=delimiter)

    def __iter__(self) -> Iterator[list[str]]:
        return self._reader

    @property
    def lines(self) -> int:
        return self._reader.line_num


def shape_of(head: str, *, whole: bool, delimiter: str = "") -> Shape:
    """The shape of the text that begins with ``head``; ``whole`` says that this is all of it. ``delimiter`` is given
    where it is known."""
    said = _SAID.match(head)
    if said is not None and not delimiter:
        below = shape_of(head[said.end() :], whole=whole, delimiter=said[1])
        return Shape(said[1], below.above + 1, below.lines_above + 1, below.width)
    known = delimiter or _delimiter(head, whole=whole)
    if known is None:
        blank = sum(1 for _ in _until_filled(head.splitlines()))
        return Shape("", blank, blank, 0)
    rows, lines = _first_rows(head, known, whole=whole)
    above = header_at(rows)
    width = _width(rows[above:]) if rows else 0
    return Shape(known, above, lines[above] if rows else 0, width)


def header_at(rows: Sequence[Sequence[str]]) -> int:
    """Which of the first rows is the header: the first that is no title. A title has one cell, in front, or far fewer
    than the rows below."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    if not any(filled):
        return 0
    most = max(filled)
    for number, (row, cells) in enumerate(zip(rows, filled, strict=True)):
        title = (cells == 1 < most and row[0].strip()) or cells * 3 <= most or cells <= 2 <= most - 3
        if cells and not title:
            return number
    return filled.index(most)


def _first_rows(head: str, delimiter: str, *, whole: bool) -> tuple[list[list[str]], list[int]]:
    """The first rows, without one that ``head`` may have cut through, and how many lines stand above each."""
    rows: list[list[str]] = []
    above = [0]
    reader = Rows(io.StringIO(head, newline=""), delimiter)
    for row in reader:
        rows.append(row)
        above.append(reader.lines)
        if len(rows) > LOOKED_AT:
            break
    if not whole and 1 < len(rows) <= LOOKED_AT:
        del rows[-1]
    return rows, above


def _delimiter(head: str, *, whole: bool) -> str | None:
    """The delimiter that splits the first rows most evenly into most columns; nothing for white space."""
    found: list[tuple[bool, float, int, str]] = []
    for delimiter in (*DELIMITERS, " "):
        rows = [row for row in _first_rows(head, delimiter, whole=whole)[0] if row]
        widths = [len(row) for row in rows]
        if not widths:
            continue
        width = Counter(widths).most_common(1)[0][0]
        even = sum(len(row) == width and not any(map(_CUT.search, row)) for row in rows) / len(rows)
        if delimiter == " ":
            single = even == 1.0 and widths[0] > 1 and all(all(row) for row in rows)
            if not found and single:
                return delimiter
        elif width > 1 and (widths[0] > 1 or even > 0.5):
            found.append((widths[0] > 1, even, width, delimiter))
    if found:
        return max(found, key=lambda one: one[:3])[3]
    lines = [line.split() for line in head.splitlines() if line.strip()][:LOOKED_AT]
    if lines and len(lines[0]) > 1 and sum(len(w) == len(lines[0]) for w in lines) / len(lines) > 0.9:
        return None
    return ","


def _width(rows: Sequence[Sequence[str]]) -> int:
    """The number of columns. Rows that all end with a delimiter have one cell more than the header, or one less than
    a header that does."""
    header, *others = rows
    below = [row for row in others if row]
    if below:
        longer = sum(len(row) == len(header) + 1 and not row[-1].strip() for row in below)
        shorter = sum(len(row) == len(header) - 1 for row in below)
        if longer / len(below) >= 0.9:
            return len(header) + 1
        if not header[-1].strip() and shorter / len(below) >= 0.9:
            return len(header) - 1
    return len(header)


def _until_filled(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if line.strip():
            return
        yield line
