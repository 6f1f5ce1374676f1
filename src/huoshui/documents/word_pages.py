"""On which page the headings of a Word document will stand, worked out as a word processor lays it out.

For readers of the table of contents in programs that show what is stored, as LibreOffice does; Word counts anew when it
opens the document. Letters are as wide as those of Arial, Chinese lines as high as those of Noto Sans CJK, which stands
in for Microsoft YaHei where that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.table import CT_Tbl
from docx.oxml.text.paragraph import CT_P
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph as Line

from huoshui.documents.looks import width_of

LETTER = 0.52
"""A narrow letter in parts of the size of its font; bold ones are wider by a fifteenth. A Chinese one takes two."""
LATIN_LINE, CHINESE_LINE = 1.15, 1.45
"""The height of a line in parts of the size of its font."""
EMU = 12700
CELL_MARGINS, CELL_SIDES = 3.0, 10.0
FEWEST_LINES = 2


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the flow, in points: ``lines`` of it can stand on different pages, the rest goes with them."""

    high: float
    line: float = 0.0
    lines: int = 1
    kept: bool = False
    begins: bool = False
    marks: tuple[str, ...] = ()


def pages(document: Document, *, room: float, width: float) -> dict[str, int]:
    """The page of each bookmark behind the cover, from 1 on; ``room`` and ``width`` are a page's in points."""
    found: dict[str, int] = {}
    page, used = 1, 0.0
    chain: list[Part] = []
    for part in _parts(document, width):
        chain.append(part)
        if part.kept:
            continue
        together = sum(one.high for one in chain[:-1]) + _least(part)
        if (chain[0].begins and used) or (used and used + together > room):
            page, used = page + 1, 0.0
        for one in chain:
            for mark in one.marks:
                found[mark] = page
            page, used = _after(one, page, used, room)
        chain = []
    for one in chain:
        for mark in one.marks:
            found[mark] = page
    return found


def _least(part: Part) -> float:
    """What of a part has to stand on the page where it begins."""
    whole = part.lines <= FEWEST_LINES + 1
    return part.high if whole else part.high - (part.lines - FEWEST_LINES) * part.line


def _after(part: Part, page: int, used: float, room: float) -> tuple[int, float]:
    """Where the next part begins."""
    if used + part.high <= room + 0.5:
        return page, used + part.high
    if part.lines <= 1 or not part.line:
        return page + 1, min(part.high, room)
    here = max(FEWEST_LINES, int((room - used) // part.line))
    left = max(FEWEST_LINES, part.lines - here)
    per_page = max(1, int(room // part.line))
    over = ceil(left / per_page)
    return page + over, (left - (over - 1) * per_page) * part.line


def _parts(document: Document, width: float) -> Iterator[Part]:
    """What stands behind the cover, in order."""
    begun = False
    for element in document.element.body:
        if not begun:
            begun = element.find(f".//{qn('w:sectPr')}") is not None and isinstance(element, CT_P)
            continue
        inside = element.find(qn("w:sdtContent"))
        for one in [element] if inside is None else list(inside):
            if isinstance(one, CT_P):
                yield _paragraph(Line(one, document._body), width)
            elif isinstance(one, CT_Tbl):
                yield from _rows(Table(one, document._body))


def _rows(table: Table) -> Iterator[Part]:
    for row in table.rows:
        high = max((_cell(cell) for cell in row.cells), default=0.0)
        kept = any(cell.paragraphs[0].paragraph_format.keep_with_next for cell in row.cells)
        yield Part(high=high, kept=bool(kept))


def _cell(cell: _Cell) -> float:
    width = (cell.width or 0) / EMU - CELL_SIDES
    return sum(_paragraph(one, width).high for one in cell.paragraphs) + CELL_MARGINS


def _paragraph(line: Line, width: float) -> Part:
    size, bold = _font(line)
    text = line.text
    if any(instruction.text for instruction in line._p.iter(qn("w:instrText"))):
        text = text[:60]  # a line of the table of contents, or a field
    chinese = any(width_of(sign) == 2 for sign in text)
    own = line._p.pPr
    inner = width - _points(line, "left_indent") - _points(line, "right_indent")
    spacing = _said(line, "line_spacing")
    each = size * (CHINESE_LINE if chinese else LATIN_LINE) * (spacing if isinstance(spacing, float) else 1.0)
    letters = max(1.0, inner / (size * LETTER * (16 / 15 if bold else 1)))
    # Words go to the next line as a whole: a line is rarely full.
    lines = sum(max(1, ceil(width_of(piece) * 1.02 / letters)) for piece in text.split("\n"))
    high = lines * each
    pictures = [int(extent.get("cy")) / EMU for extent in line._p.iter(qn("wp:extent"))]
    if pictures:
        lines, high = 1, max(pictures) + 4
    borders = 0.0 if own is None or own.find(qn("w:pBdr")) is None else 6.0
    around = _points(line, "space_before") + _points(line, "space_after") + borders
    return Part(
        high=high + around,
        line=each,
        lines=lines,
        kept=bool(_said(line, "keep_with_next")),
        begins=bool(_said(line, "page_break_before")),
        marks=tuple(mark.get(qn("w:name")) for mark in line._p.iter(qn("w:bookmarkStart"))),
    )


def _said(line: Line, name: str) -> Any:
    """What a paragraph, or else its style, says of itself."""
    own = getattr(line.paragraph_format, name)
    if own is not None or line.style is None:
        return own
    return getattr(line.style.paragraph_format, name)


def _points(line: Line, name: str) -> float:
    found = _said(line, name)
    return float(found.pt) if found is not None else 0.0


def _font(line: Line) -> tuple[float, bool]:
    sizes = [run.font.size.pt for run in line.runs if run.font.size]
    style = line.style
    usual = style.font.size.pt if style is not None and style.font.size else 10.5
    return max(sizes, default=usual), bool(style is not None and style.font.bold)
