"""Tables of a Word document: real ones, whose heads are repeated on each page and whose cells can be edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Pt, RGBColor
from docx.table import Table, _Cell

from huoshui.documents.looks import INK, LINE, TONES, clean, fullness, mixed, shares, width_of
from huoshui.documents.word_styles import style
from huoshui.kernel.papers import Fact, Grid

MOST_IN_ROW, MOST_KEPT = 5, 10
FULL, FULL_SIZE = 0.8, Pt(8)
"""From this fullness on, letters are smaller: where Arial is not there, the font in its place is wider."""


def grid(document: Document, table: Grid, *, width: int, colour: str) -> None:
    """``table`` at the end of the document, ``width`` in EMU."""
    if not table.head:
        return
    made = _empty(document, rows=1 + len(table.rows), columns=len(table.head), title=table.title)
    widths = [round(width * part) for part in shares(table)]
    _wide(made, widths)
    tones = {(row, column): tone for row, column, tone in table.tones}
    size = FULL_SIZE if fullness(table) > FULL else None
    last = len(table.rows) - 1
    for number, texts in enumerate((table.head, *table.rows)):
        row = made.rows[number]
        _whole(row)
        if number == 0:
            _repeated(row)
        # A short table stands on one page, a long one leaves no head alone.
        kept = number <= last if len(table.rows) <= MOST_KEPT else number < 2
        is_total = table.total and number - 1 == last and number > 0
        ground = mixed(colour, 0.1) if number == 0 else mixed(colour, 0.05) if is_total else ""
        for column, cell in enumerate(row.cells):
            tone = tones.get((number - 1, column), "")
            _write(
                document,
                cell,
                texts[column],
                named="Table Head" if number == 0 else "Table Text",
                right=column in table.numeric,
                bold=number == 0 or is_total,
                colour=colour if number == 0 else TONES[tone][0] if tone else INK,
                size=size,
            )
            cell.paragraphs[0].paragraph_format.keep_with_next = kept or None
            if ground:
                _ground(cell, ground)
            if column in table.numeric:
                cell._tc.get_or_add_tcPr().append(OxmlElement("w:noWrap"))
    _lines(made, inside=LINE, around=colour, total=table.total and bool(table.rows))


def facts(document: Document, row: Sequence[Fact], *, width: int, colour: str) -> None:
    """Figures side by side, at most `MOST_IN_ROW` in a row."""
    in_row = len(row) if len(row) <= MOST_IN_ROW else 3 if len(row) in (6, 9) else 4
    for begin in range(0, len(row), in_row):
        piece = row[begin : begin + in_row]
        made = _empty(
            document, rows=1, columns=len(piece), title=", ".join(clean(one.label) for one in piece)
        )
        each = width // in_row
        _wide(made, [each] * len(piece))
        _whole(made.rows[0])
        for cell, one in zip(made.rows[0].cells, piece, strict=True):
            ink = TONES[one.tone][0] if one.tone else INK
            _write(document, cell, one.label, named="Figure Label")
            value = cell.add_paragraph(style=style(document, "Figure"))
            run = value.add_run(clean(one.value))
            if in_row == MOST_IN_ROW or width_of(one.value) > 12:
                run.font.size = Pt(14)
            run.font.color.rgb = RGBColor.from_string((ink if one.tone else colour)[1:])
            note = cell.add_paragraph(style=style(document, "Note"))
            note.paragraph_format.space_after = 0
            note.add_run(clean(one.note)).font.color.rgb = RGBColor.from_string(
                (ink if one.tone else TONES["muted"][0])[1:]
            )
            _ground(cell, mixed(colour, 0.05))
            _edge(cell, colour)
        after = document.add_paragraph(style=style(document, "Note"))
        after.paragraph_format.space_after = 0


def pairs(document: Document, rows: Sequence[tuple[str, str]], *, width: int) -> None:
    """Names and values under each other, as on a cover."""
    if not rows:
        return
    made = _empty(document, rows=len(rows), columns=2, title="")
    made.alignment = WD_TABLE_ALIGNMENT.LEFT
    _wide(made, [round(width * 0.24), round(width * 0.76)])
    for row, (label, value) in zip(made.rows, rows, strict=True):
        _write(document, row.cells[0], label, named="Table Text", colour=TONES["muted"][0])
        _write(document, row.cells[1], value, named="Table Text")


def _empty(document: Document, *, rows: int, columns: int, title: str) -> Table:
    made: Table = document.add_table(rows=rows, cols=columns)
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    properties = made._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        properties.remove(look)
    margins = parse_xml(
        f'<w:tblCellMar {nsdecls("w")}><w:top w:w="30" w:type="dxa"/><w:left w:w="100" w:type="dxa"/>'
        f'<w:bottom w:w="30" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar>'
    )
    properties.append(margins)
    if title:
        caption = OxmlElement("w:tblCaption")
        caption.set(qn("w:val"), clean(title)[:250].replace("\n", " "))
        properties.append(caption)
    return made


def _wide(table: Table, widths: Sequence[int]) -> None:
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Emu(width)
    for row in table._tbl.tr_lst:
        for cell, width in zip(row.tc_lst, widths, strict=True):
            cell.width = Emu(width)


def _write(
    document: Document,
    cell: _Cell,
    text: str,
    *,
    named: str,
    right: bool = False,
    bold: bool | None = None,
    colour: str = "",
    size: Pt | None = None,
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = style(document, named)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(clean(text))
    if bold:
        run.font.bold = True
    if size:
        run.font.size = size
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour[1:])


def _repeated(row: Any) -> None:
    head = OxmlElement("w:tblHeader")
    row._tr.get_or_add_trPr().append(head)


def _whole(row: Any) -> None:
    """A row is not broken between pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _ground(cell: _Cell, colour: str) -> None:
    cell._tc.get_or_add_tcPr().append(
        parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{colour[1:]}"/>')
    )


def _edge(cell: _Cell, colour: str) -> None:
    """White between figures, the colour above them."""
    borders = parse_xml(
        f'<w:tcBorders {nsdecls("w")}><w:top w:val="single" w:sz="12" w:space="0" w:color="{colour[1:]}"/>'
        f'<w:left w:val="single" w:sz="24" w:space="0" w:color="FFFFFF"/>'
        f'<w:right w:val="single" w:sz="24" w:space="0" w:color="FFFFFF"/></w:tcBorders>'
    )
    properties = cell._tc.get_or_add_tcPr()
    shade = properties.find(qn("w:shd"))
    if shade is not None:
        shade.addprevious(borders)
    else:
        properties.append(borders)


def _lines(table: Table, *, inside: str, around: str, total: bool) -> None:
    properties = table._tbl.tblPr
    size, below = (8, around) if total else (4, inside)
    line = (
        f'<w:tblBorders {nsdecls("w")}><w:top w:val="single" w:sz="8" w:space="0" w:color="{around[1:]}"/>'
        f'<w:bottom w:val="single" w:sz="{size}" w:space="0" w:color="{below[1:]}"/>'
        f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{inside[1:]}"/></w:tblBorders>'
    )
    for at, other in enumerate(properties):
        if other.tag in {qn(f"w:{n}") for n in ("shd", "tblLayout", "tblCellMar", "tblLook", "tblCaption")}:
            properties.insert(at, parse_xml(line))
            return
    properties.append(parse_xml(line))
