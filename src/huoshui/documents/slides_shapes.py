"""Shapes of slides: boxes of text in fonts that Office, WPS and LibreOffice find, grounds, tables, pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from huoshui.documents.looks import INK, INK_2, LINE, TONES, clean, mixed, shares
from huoshui.documents.slides_parts import CELL, LETTERS, SQUEEZED, heights
from huoshui.documents.word_styles import CHINESE, LATIN, LOCALES
from huoshui.kernel.papers import Grid, Tone
from huoshui.kernel.texts import Language


def box(slide: Any, left: float, top: float, wide: float, high: float, *, middle: bool = False) -> Any:
    """An empty frame for text, in inches, without edges of its own."""
    frame = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(wide), Inches(high)).text_frame
    return bare(frame, middle=middle)


def bare(frame: Any, *, middle: bool = False) -> Any:
    """The frame without room at its edges."""
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE if middle else MSO_ANCHOR.TOP
    return frame


def ground(slide: Any, left: float, top: float, wide: float, high: float, colour: str) -> Any:
    """A plain area of one colour, which who listens to a slide does not hear of."""
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(left), Inches(top), Inches(wide), Inches(high))
    shape.fill.solid()
    shape.fill.fore_color.rgb = rgb(colour)
    shape.line.fill.background()
    shape.shadow.inherit = False
    shape.name = "ground"
    return shape


def write(
    frame: Any,
    text: str,
    *,
    size: float,
    colour: str,
    language: Language,
    bold: bool = False,
    after: float = 0,
    sign: str = "",
    sign_colour: str = "",
    right: bool = False,
) -> Any:
    """Put a paragraph into a frame, below what stands there; ``sign`` stands before it, and its lines hang."""
    used = any(run for line in frame.paragraphs for run in line.runs)
    line = frame.add_paragraph() if used else frame.paragraphs[0]
    for number, part in enumerate(clean(text).split("\n")):
        if number:
            line.add_line_break()
        _run(line, part, size=size, colour=colour, language=language, bold=bold)
    line.space_after, line.space_before, line.line_spacing = Pt(after), Pt(0), 1.12
    line.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    if sign:
        properties = line._p.get_or_add_pPr()
        properties.set("marL", str(int(Inches(0.28))))
        properties.set("indent", str(-int(Inches(0.28))))
        ink = properties.makeelement(qn("a:buClr"), {})
        ink.append(ink.makeelement(qn("a:srgbClr"), {"val": (sign_colour or colour)[1:]}))
        properties.append(ink)
        properties.append(properties.makeelement(qn("a:buFont"), {"typeface": LATIN}))
        properties.append(properties.makeelement(qn("a:buChar"), {"char": sign}))
    return line


def _run(line: Any, text: str, *, size: float, colour: str, language: Language, bold: bool) -> None:
    run = line.add_run()
    run.text = text
    run.font.size, run.font.bold = Pt(size), bold
    run.font.color.rgb = rgb(colour)
    properties = run._r.get_or_add_rPr()
    properties.set("lang", LOCALES[language])
    properties.set("altLang", "zh-CN")
    for name, face in (("latin", LATIN), ("ea", CHINESE), ("cs", LATIN)):
        font = properties.makeelement(qn(f"a:{name}"), {"typeface": face})
        properties.append(font)


def page_number(frame: Any, number: int, *, colour: str, language: Language) -> None:
    """The number of the slide, as a field."""
    line = write(frame, str(number), size=10, colour=colour, language=language, right=True)
    run = line.runs[0]._r
    field = run.makeelement(qn("a:fld"), {"id": "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}", "type": "slidenum"})
    for child in list(run):
        field.append(child)
    run.addprevious(field)
    run.getparent().remove(run)


def table(
    slide: Any,
    grid: Grid,
    *,
    left: float,
    top: float,
    wide: float,
    room: float,
    colour: str,
    language: Language,
) -> float:
    """A table that can be edited; return how high it is. Rows get more air where there is room."""
    tall = heights(grid)
    spare = max(-SQUEEZED, min(0.14, (room - sum(tall)) / len(tall)))
    tall = [one + spare for one in tall]
    frame = slide.shapes.add_table(
        len(tall), len(grid.head), Inches(left), Inches(top), Inches(wide), Inches(sum(tall))
    )
    frame._element.nvGraphicFramePr.cNvPr.set("descr", clean(grid.title) or ", ".join(grid.head))
    made = frame.table
    style = made._tbl.tblPr.find(qn("a:tableStyleId"))
    if style is not None:
        style.text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
    made.horz_banding = False
    for column, share in zip(made.columns, shares(grid, room=LETTERS), strict=True):
        column.width = Inches(share * wide)
    tones: dict[tuple[int, int], Tone] = {(row, column): tone for row, column, tone in grid.tones}
    for row, cells in enumerate((grid.head, *grid.rows)):
        made.rows[row].height = Inches(tall[row])
        total = grid.total and row == len(grid.rows)
        for column, text in enumerate(cells):
            cell = made.cell(row, column)
            tone = tones.get((row - 1, column), "")
            cell.margin_left = cell.margin_right = Inches(0.09)
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.text_frame.word_wrap = True
            write(
                cell.text_frame,
                text,
                size=CELL,
                colour=colour if row == 0 else TONES[tone][0] if tone else INK,
                language=language,
                bold=row == 0 or total or bool(tone),
                right=column in grid.numeric,
            )
            cell.fill.solid()
            cell.fill.fore_color.rgb = rgb(mixed(colour, 0.1) if row == 0 else "#FFFFFF")
            edge = (
                colour if row in (0, len(grid.rows)) or (grid.total and row == len(grid.rows) - 1) else LINE
            )
            _under(cell, edge)
        if len(cells) > 1 and tones.get((row - 1, 0)) == "muted" and not any(cells[1:]):
            made.cell(row, 0).merge(made.cell(row, len(cells) - 1))  # the name of a group
    return sum(tall)


def _under(cell: Any, colour: str) -> None:
    properties = cell._tc.get_or_add_tcPr()
    line = properties.makeelement(qn("a:lnB"), {"w": "9525"})
    fill = line.makeelement(qn("a:solidFill"), {})
    fill.append(fill.makeelement(qn("a:srgbClr"), {"val": colour[1:]}))
    line.append(fill)
    properties.insert(0, line)


def picture(
    slide: Any,
    data: bytes,
    *,
    alternative: str,
    left: float,
    top: float,
    wide: float,
    high: float,
    middle: bool = True,
) -> None:
    """A picture as large as the place allows, with what it shows in words."""
    shape = slide.shapes.add_picture(io.BytesIO(data), Inches(left), Inches(top))
    scale = min(Inches(wide) / shape.width, Inches(high) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    if middle:
        shape.left = Inches(left) + int((Inches(wide) - shape.width) / 2)
    shape._element.nvPicPr.cNvPr.set("descr", " ".join(clean(alternative).split()))


def notes(slide: Any, text: str) -> None:
    """What the speaker says, and nobody sees."""
    slide.notes_slide.notes_text_frame.text = clean(text)


def rgb(colour: str) -> Any:
    """A colour as the package wants it."""
    make: Any = RGBColor  # its package ships no types
    return make(*bytes.fromhex(colour.removeprefix("#")))


def cards(
    slide: Any,
    columns: Sequence[tuple[str, tuple[str, ...]]],
    *,
    left: float,
    top: float,
    wide: float,
    high: float,
    colour: str,
    language: Language,
    size: float = 14,
) -> None:
    """Short texts side by side, each on a ground with a line of the colour above."""
    each = wide / len(columns)
    for at, (head, texts) in enumerate(columns):
        begin = left + at * each
        ground(slide, begin, top, each - 0.15, high, mixed(colour, 0.05))
        ground(slide, begin, top, each - 0.15, 0.04, colour)
        frame = box(slide, begin + 0.14, top + 0.14, each - 0.4, high - 0.2)
        write(frame, head, size=size + 1, colour=colour, language=language, bold=True, after=4)
        several = len(texts) > 1
        for text in texts:
            sign = "•" if several else ""
            write(
                frame, text, size=size, colour=INK, language=language, after=3, sign=sign, sign_colour=colour
            )


QUIET = INK_2
