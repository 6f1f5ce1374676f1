"""Writes a paper as slides, one idea a slide: a title, and a figure, a table, a timeline, a few points or a quote.

What is too long to be read from a wall stands in the notes of the speaker. Titles are placeholders, so that the
outline of the presentation is that of the paper. The same order gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Emu, Inches, Pt

from huoshui.documents import pictures, timelines
from huoshui.documents.looks import (
    CONTENTS,
    SOURCES,
    TONES,
    Order,
    clean,
    dark_enough,
    in_order,
    said,
    shares,
)
from huoshui.kernel import papers
from huoshui.kernel.papers import Element, Words

WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
EDGE, TOP = Inches(0.7), Inches(1.55)
ROOM = Emu(HEIGHT - TOP - Inches(0.6))
TITLE_ONLY, TITLE_SLIDE = 5, 0
MOST_ROWS, MOST_POINTS, MOST_LETTERS = 9, 6, 240
FACTS_IN_ROW = 3


@dataclass(frozen=True, slots=True)
class Idea:
    """What one slide shows; ``notes`` are said and not shown."""

    title: str
    element: Element
    notes: str = ""


def render(order: Order) -> bytes:
    """The paper as PPTX."""
    made = Presentation()
    made.slide_width, made.slide_height = WIDTH, HEIGHT
    paper, colour = order.paper, dark_enough(order.look.colour)
    _opening(made, order, colour)
    parts = said(paper)
    contents = papers.Points(items=tuple(_plain(part.title) for part in parts), numbered=True)
    _slide(made, Idea(CONTENTS.in_(paper.language), contents), order, colour)
    for part in parts:
        for idea in _ideas(part):
            _slide(made, idea, order, colour)
    if paper.sources:
        listed = papers.Points(items=tuple(_plain(source) for source in paper.sources), numbered=True)
        for idea in _parted(Idea(SOURCES.in_(paper.language), listed)):
            _slide(made, idea, order, colour)
    properties = made.core_properties
    properties.title, properties.author = clean(paper.title), clean(paper.organisation)
    properties.created = properties.modified = order.made_at.replace(tzinfo=None)
    properties.revision = 1
    out = io.BytesIO()
    made.save(out)
    return in_order(out.getvalue())


def _ideas(part: papers.Part) -> Iterator[Idea]:
    """The slides of a part: what is shown has one each; what is told of one thing stands together on one."""
    for block in part.blocks:
        title, told, notes = part.title, list[Words](), list[str]()
        for one in block.elements:
            if isinstance(one, papers.Heading):
                if one.level == 2 or not told:
                    yield from _of(title, told, notes)
                    title, told, notes = one.text, [], []
                else:
                    told.append((papers.Run(text=one.text, bold=True),))
            elif isinstance(one, papers.Paragraph | papers.Points | papers.Quote):
                lines = _lines(one)
                whole = [_text(words) for words in lines]
                if max((len(text) for text in whole), default=0) > MOST_LETTERS:
                    notes += whole
                    lines = [_first(words) for words in lines]
                told += lines
            else:
                yield from _of(title, told, notes)
                told, notes = [], []
                yield from _parted(Idea(getattr(one, "title", "") or title, one))
        yield from _of(title, told, notes)


def _of(title: str, told: list[Words], notes: list[str]) -> Iterator[Idea]:
    """What was told, on slides; nothing where nothing was."""
    if told:
        yield from _parted(Idea(title, papers.Points(items=tuple(told)), "\n\n".join(notes)))


def _lines(one: papers.Paragraph | papers.Points | papers.Quote) -> list[Words]:
    if isinstance(one, papers.Points):
        return list(one.items)
    if isinstance(one, papers.Quote):
        return [(papers.Run(text=f"“{_text(one.words)}”{f'  — {one.by}' if one.by else ''}", italic=True),)]
    return [one.words]


def _parted(idea: Idea) -> Iterator[Idea]:
    """An idea in as many slides as it needs to be read."""
    one = idea.element
    if isinstance(one, papers.Grid) and len(one.rows) > MOST_ROWS:
        for begin in range(0, len(one.rows), MOST_ROWS):
            rows = one.rows[begin : begin + MOST_ROWS]
            yield Idea(
                idea.title,
                papers.Grid(title=one.title, head=one.head, rows=rows, numeric=one.numeric),
                idea.notes,
            )
    elif isinstance(one, papers.Points) and len(one.items) > MOST_POINTS:
        for begin in range(0, len(one.items), MOST_POINTS):
            items = one.items[begin : begin + MOST_POINTS]
            yield Idea(idea.title, papers.Points(items=items, numbered=False), idea.notes)
    elif isinstance(one, papers.Schedule):
        for page in timelines.pages(one):
            yield Idea(idea.title, page, idea.notes)
    else:
        yield idea


def _opening(made: Any, order: Order, colour: str) -> None:
    slide = made.slides.add_slide(made.slide_layouts[TITLE_SLIDE])
    paper = order.paper
    title, below = slide.shapes.title, slide.placeholders[1]
    for shape, top, height in ((title, 2.2, 1.6), (below, 3.9, 2.0)):
        shape.left, shape.top, shape.width, shape.height = EDGE, Inches(top), WIDTH - 2 * EDGE, Inches(height)
    _write(title.text_frame, [clean(paper.title)], size=40, colour=colour, bold=True)
    facts = "   ".join(f"{label} {value}" for label, value in paper.facts)
    lines = [clean(text) for text in (paper.subtitle, paper.organisation, facts) if text]
    _write(below.text_frame, lines, size=18, colour=TONES["muted"][0])


def _slide(made: Any, idea: Idea, order: Order, colour: str) -> None:
    slide = made.slides.add_slide(made.slide_layouts[TITLE_ONLY])
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = EDGE, Inches(0.45), WIDTH - 2 * EDGE, Inches(0.9)
    _write(title.text_frame, [clean(idea.title)], size=28, colour=colour, bold=True)
    one = idea.element
    if isinstance(one, papers.Grid):
        _table(slide, one, colour)
    elif isinstance(one, papers.Drawing):
        places = [order.writing.place(place, one.chart, order.paper.language) for place in one.chart.places]
        picture = pictures.png(
            one.chart,
            order.paper.language,
            places=places,
            write=lambda value: order.writing.number(value, one.chart, order.paper.language),
        )
        _picture(slide, picture, one.alternative)
    elif isinstance(one, papers.Schedule):
        picture = timelines.png(one, order.paper.language, colour=order.look.colour)
        _picture(slide, picture, one.alternative or one.title)
    elif isinstance(one, papers.Facts):
        _facts(slide, one, colour)
    else:
        _told(slide, one)
    if idea.notes:
        slide.notes_slide.notes_text_frame.text = clean(idea.notes)


def _told(slide: Any, one: Element) -> None:
    frame = slide.shapes.add_textbox(EDGE, TOP, WIDTH - 2 * EDGE, ROOM).text_frame
    frame.word_wrap = True
    ink = TONES[""][0]
    if isinstance(one, papers.Points):
        several = len(one.items) > 1
        signs = (
            f"{n}.  " if one.numbered else "•  " if several else "" for n in range(1, len(one.items) + 1)
        )
        lines = [sign + _text(words) for sign, words in zip(signs, one.items, strict=True)]
    elif isinstance(one, papers.Notice):
        lines, ink = [one.text], TONES[one.tone][0]
    else:
        lines = []
    _write(frame, [clean(line) for line in lines], size=22, colour=ink)


def _facts(slide: Any, one: papers.Facts, colour: str) -> None:
    wide = Emu((WIDTH - 2 * EDGE) // FACTS_IN_ROW)
    tall = Emu(ROOM // max(2, -(-len(one.facts) // FACTS_IN_ROW)))
    for number, fact in enumerate(one.facts):
        row, column = divmod(number, FACTS_IN_ROW)
        box = slide.shapes.add_textbox(EDGE + column * wide, TOP + row * tall, wide, tall)
        frame = box.text_frame
        frame.word_wrap = True
        _write(frame, [clean(fact.label)], size=16, colour=TONES["muted"][0])
        _write(frame, [clean(fact.value)], size=34, colour=colour, bold=True, more=True)
        if fact.note:
            _write(frame, [clean(fact.note)], size=14, colour=TONES[fact.tone][0], more=True)


def _table(slide: Any, grid: papers.Grid, colour: str) -> None:
    wide = WIDTH - 2 * EDGE
    shape = slide.shapes.add_table(len(grid.rows) + 1, len(grid.head), EDGE, TOP, wide, Inches(0.4))
    table = shape.table
    for column, share in zip(table.columns, shares(grid), strict=True):
        column.width = Emu(int(wide * share))
    for row, cells in enumerate((grid.head, *grid.rows)):
        for column, text in enumerate(cells):
            cell = table.cell(row, column)
            ink = "#FFFFFF" if row == 0 else TONES[""][0]
            _write(cell.text_frame, [clean(text)], size=13, colour=ink, bold=row == 0)
            cell.text_frame.paragraphs[0].alignment = 3 if column in grid.numeric else 1
            cell.fill.solid()
            cell.fill.fore_color.rgb = _rgb(colour if row == 0 else "#FFFFFF" if row % 2 else TONES[""][1])


def _picture(slide: Any, png: bytes, alternative: str) -> None:
    picture = slide.shapes.add_picture(io.BytesIO(png), EDGE, TOP)
    scale = min((WIDTH - 2 * EDGE) / picture.width, ROOM / picture.height)
    picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
    picture.left = int((WIDTH - picture.width) / 2)
    picture._element.nvPicPr.cNvPr.set("descr", clean(alternative))


def _write(
    frame: Any, lines: list[str], *, size: int, colour: str, bold: bool = False, more: bool = False
) -> None:
    """Put lines into a frame, each a paragraph; ``more`` adds them to what stands there."""
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 and not more else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = _rgb(colour)
        paragraph.space_after = Pt(size // 3)


def _rgb(colour: str) -> Any:
    make: Any = RGBColor  # its package ships no types
    return make(*bytes.fromhex(colour.removeprefix("#")))


def _text(words: Words) -> str:
    return "".join(run.text for run in words)


def _plain(text: str) -> Words:
    return (papers.Run(text=text),)


def _first(words: Words) -> Words:
    """What of a long paragraph can be read from a wall: its first sentences."""
    text, kept = _text(words), ""
    for sign in ("。", ". "):
        for sentence in text.split(sign):
            if kept and len(kept) + len(sentence) > MOST_LETTERS:
                break
            kept += sentence + sign
        if kept.strip() and len(kept) <= MOST_LETTERS + 40:
            return _plain(kept.strip())
        kept = ""
    return _plain(text[:MOST_LETTERS] + "…")
