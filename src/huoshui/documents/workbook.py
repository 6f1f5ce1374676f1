"""Workbooks of Excel with one sheet, written row by row into the packed file (ECMA-376, Office Open XML).

Only what a list needs: a bold head that stays in sight, texts, numbers, days and moments. Texts stand in the cells as
texts, there are no formulas and no links. Rows are put together in Arrow, column by column: a million rows of a dozen
columns take seconds, where a writer that handles cells one by one takes a minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, BinaryIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.compute as pc

EXACT_DIGITS = 15
"""Excel keeps so many digits of a number; longer ones are written as texts."""

LONGEST_TEXT = 32_767
"""Characters that a cell of Excel holds; the rest of a longer text is left out, and an ellipsis says so."""

_DAY_ZERO = 25_569
"""The day 1970-01-01 as Excel counts days."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # Cell formats: 0 usual, 1 bold, 2 moment, 3 day.
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>'
    '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


@contextmanager
def writing(out: BinaryIO, *, name: str, heads: Sequence[str]) -> Iterator[Callable[[Sequence[Any]], None]]:
    """A workbook into ``out`` while the context lasts; what it gives appends rows, as columns of Arrow.

    Columns are strings, numbers, decimals, booleans, dates or timestamps (without zone).
    """
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as package:
        for part, content in _PARTS.items():
            package.writestr(part, _XML + content)
        package.writestr("xl/workbook.xml", _XML + _book(name))
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(_beginning(heads).encode())
            yield lambda columns: _append(sheet, columns)
            sheet.write(b"</sheetData></worksheet>")


def _book(name: str) -> str:
    # Excel takes at most 31 characters, and none of these.
    plain = (
        "".join(" " if c in "[]:*?/\\'" or not c.isprintable() else c for c in name)[:31].strip() or "Sheet1"
    )
    attribute = escape(plain, {'"': "&quot;"})
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{attribute}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _beginning(heads: Sequence[str]) -> str:
    texts = _text_cells(pa.chunked_array([pa.array(list(heads), pa.string())]), style=1).to_pylist()
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{min(40, max(10, 2 + _width(head)))}" customWidth="1"/>'
        for at, head in enumerate(heads, start=1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData><row>{''.join(texts)}</row>"
    )


def _width(text: str) -> int:
    return sum(1 if c < "\u2e80" else 2 for c in text)


def _append(sheet: IO[bytes], columns: Sequence[Any]) -> None:
    begin, end, nothing = (pa.scalar(text) for text in ("<row>", "</row>", ""))
    rows = pc.binary_join_element_wise(begin, *map(_cells, columns), end, nothing)
    sheet.write("".join(rows.to_pylist()).encode())


def _cells(column: Any) -> Any:
    """The cells of a column as XML; one without a value is an empty cell, so that the others keep their places."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text_cells(column.cast(pa.string()))
    if pa.types.is_boolean(kind):
        return _cell(column.cast(pa.int8()).cast(pa.string()), ' t="b"')
    if pa.types.is_timestamp(kind):
        seconds = column.cast(pa.timestamp("s")).cast(pa.int64()).cast(pa.float64())
        return _cell(pc.add(pc.divide(seconds, 86_400.0), float(_DAY_ZERO)).cast(pa.string()), ' s="2"')
    if pa.types.is_date(kind):
        days = column.cast(pa.date32()).cast(pa.int32())
        return _cell(pc.add(days, _DAY_ZERO).cast(pa.string()), ' s="3"')
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, kind))
    texts = column.cast(pa.string())
    plain = _cell(texts)
    digits = pc.utf8_length(pc.replace_substring_regex(texts, r"\.?0+$|^-?0*|\.", ""))
    long = pc.fill_null(pc.greater(digits, EXACT_DIGITS), False)
    if pa.types.is_floating(kind) or not pc.any(long).as_py():
        return plain
    return pc.if_else(long, _text_cells(texts), plain)


def _cell(values: Any, attributes: str = "") -> Any:
    full = pc.binary_join_element_wise(
        pa.scalar(f"<c{attributes}><v>"), values, pa.scalar("</v></c>"), pa.scalar("")
    )
    return pc.fill_null(full, "<c/>")


def _text_cells(texts: Any, style: int = 0) -> Any:
    if pc.any(pc.greater(pc.utf8_length(texts), LONGEST_TEXT)).as_py():
        cut = pc.utf8_slice_codeunits(texts, 0, LONGEST_TEXT - 1)
        short = pc.less_equal(pc.utf8_length(texts), LONGEST_TEXT)
        texts = pc.if_else(short, texts, pc.binary_join_element_wise(cut, pa.scalar("…"), pa.scalar("")))
    if pc.any(pc.match_substring_regex(texts, _SPECIAL)).as_py():
        texts = pa.chunked_array(
            [pa.array([t if t is None else _escaped(t) for t in texts.to_pylist()], pa.string())]
        )
    begin = f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">'
    full = pc.binary_join_element_wise(pa.scalar(begin), texts, pa.scalar("</t></is></c>"), pa.scalar(""))
    return pc.fill_null(full, "<c/>")


# What XML needs written otherwise; what it cannot say at all, as Office writes it; and what would be read as that.
_SPECIAL = r"[&<>\x00-\x1f\x{fffe}\x{ffff}]|_x[0-9A-Fa-f]{4}_"
_UNSAYABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def _escaped(text: str) -> str:
    return escape(_UNSAYABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))
