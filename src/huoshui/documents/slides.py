"""Writes a paper as slides: a cover, an agenda, a slide that opens each part, and one idea a slide.

What is too long to be read from a wall stands in the notes of the speaker. Titles are placeholders, so that the
outline of the presentation is that of the paper. The same order gives the same bytes.
"""

from __future__ import annotations

import io
from typing import Any

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Inches

from huoshui.documents import pictures, slides_parts, slides_tables, timelines
from huoshui.documents import slides_shapes as shapes
from huoshui.documents.looks import (
    CONTENTS,
    INK,
    MARKS,
    SOURCES,
    TONES,
    Order,
    clean,
    dark_enough,
    in_order,
    mixed,
    said,
    width_of,
)
from huoshui.documents.slides_parts import MOST_ROWS, ROOM, TIGHT, WIDE, Columns, Idea, Piece, Sizes, Told
from huoshui.kernel import papers

__all__ = ["MOST_ROWS", "render"]

WIDTH, HEIGHT = 13.333, 7.5
EDGE, TOP = 0.7, 1.5
TITLE_ONLY = 5
MOST_GAP = 0.3
_OPENINGS = (22, 20, 18, 16)
_TITLES = ((46, 28), (60, 22), (80, 16))


def render(order: Order) -> bytes:
    """The paper as PPTX."""
    return _Deck(order).written()


class _Deck:
    def __init__(self, order: Order) -> None:
        self.order, self.paper, self.language = order, order.paper, order.paper.language
        self.colour = dark_enough(order.look.colour)
        self.accent = dark_enough(order.look.accent, least=MARKS)
        self.made = Presentation()
        self.made.slide_width, self.made.slide_height = Inches(WIDTH), Inches(HEIGHT)

    def written(self) -> bytes:
        self._cover()
        parts = said(self.paper)
        self._agenda([part.title for part in parts])
        for number, part in enumerate(parts, 1):
            opening, ideas = slides_tables.ideas(part, self.language)
            inside = tuple(dict.fromkeys(idea.title for idea in ideas if idea.title != part.title))
            self._opening(number, part.title, opening, inside)
            for idea in ideas:
                self._idea(idea, part.title if idea.title != part.title else "")
        self._sources()
        about = self.made.core_properties
        about.title, about.author = clean(self.paper.title), clean(self.paper.organisation)
        about.last_modified_by = about.author
        about.created = about.modified = self.order.made_at.replace(tzinfo=None, microsecond=0)
        about.revision = 1
        out = io.BytesIO()
        self.made.save(out)
        return in_order(out.getvalue())

    def _text(self, frame: Any, text: str, *, size: float, colour: str = INK, **named: Any) -> None:
        shapes.write(frame, text, size=size, colour=colour, language=self.language, **named)

    def _new(self, title: str, *, left: float, top: float, wide: float, high: float) -> tuple[Any, Any]:
        """A slide and the empty frame of its title."""
        slide = self.made.slides.add_slide(self.made.slide_layouts[TITLE_ONLY])
        holder = slide.shapes.title
        holder.left, holder.top, holder.width, holder.height = (
            Inches(one) for one in (left, top, wide, high)
        )
        return slide, shapes.bare(holder.text_frame)

    def _cover(self) -> None:
        paper = self.paper
        slide, title = self._new(paper.title, left=EDGE, top=2.0, wide=WIDE, high=1.9)
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = shapes.rgb(self.colour)
        title.vertical_anchor = MSO_ANCHOR.BOTTOM
        long = width_of(paper.title)
        size = 44 if long <= 44 else 34 if long <= 90 else 22
        self._text(title, _line(paper.title)[:220], size=size, colour="#FFFFFF", bold=True)
        shapes.ground(slide, EDGE, 4.15, 0.9, 0.06, self.accent)
        pale = mixed(self.colour, 0.16)
        if paper.subtitle:
            frame = shapes.box(slide, EDGE, 4.4, WIDE, 0.6)
            self._text(frame, _line(paper.subtitle)[:120], size=20, colour=pale)
        top = 0.7
        if self.order.look.logo:
            shapes.ground(slide, EDGE, 0.6, 2.9, 1.0, "#FFFFFF")
            shapes.picture(
                slide,
                self.order.look.logo,
                alternative=paper.organisation,
                left=EDGE + 0.15,
                top=0.72,
                wide=2.6,
                high=0.76,
            )
        else:
            self._text(shapes.box(slide, EDGE, top, WIDE, 0.4), paper.organisation, size=16, colour=pale)
        each = WIDE / max(1, min(4, len(paper.facts)))
        for at, (label, value) in enumerate(paper.facts[:4]):
            frame = shapes.box(slide, EDGE + at * each, 6.15, each - 0.2, 0.8)
            self._text(frame, label, size=12, colour=pale, after=3)
            self._text(frame, value, size=14, colour="#FFFFFF")

    def _agenda(self, titles: list[str]) -> None:
        slide = self._headed(CONTENTS.in_(self.language), "")
        rows = -(-len(titles) // 2)
        high = min(1.15, 5.3 / max(1, rows))
        for at, title in enumerate(titles):
            left, top = EDGE + (at // rows) * (WIDE / 2), TOP + (at % rows) * high
            number = shapes.box(slide, left, top, 0.75, high - 0.1, middle=True)
            self._text(number, f"{at + 1:02d}", size=24, colour=self.colour, bold=True)
            name = shapes.box(slide, left + 0.8, top, WIDE / 2 - 1.2, high - 0.1, middle=True)
            self._text(name, _line(title)[:90], size=18)

    def _opening(self, number: int, title: str, texts: list[str], inside: tuple[str, ...]) -> None:
        """The slide that opens a part: what it says first, else what stands in it."""
        slide, frame = self._new(title, left=EDGE, top=3.05, wide=3.75, high=2.4)
        band = shapes.ground(slide, 0, 0, 4.9, HEIGHT, self.colour)
        slide.shapes._spTree.remove(band._element)
        slide.shapes._spTree.insert(2, band._element)
        big = shapes.box(slide, EDGE, 1.75, 3.7, 1.1)
        self._text(big, f"{number:02d}", size=60, colour=mixed(self.colour, 0.35), bold=True)
        size = 30 if width_of(title) <= 34 else 22 if width_of(title) <= 90 else 15
        self._text(frame, _line(title), size=size, colour="#FFFFFF", bold=True)
        shapes.ground(slide, EDGE, 2.85, 0.7, 0.05, self.accent)
        notes = list[str]()
        shown = [slides_parts.short(text, notes) for text in texts]
        if shown:
            wide, high = WIDTH - 5.6 - EDGE, 5.7
            body = shapes.box(slide, 5.6, 0.9, wide, high, middle=True)
            size = next(
                (size for size in _OPENINGS if slides_parts.text_height(shown, size, wide) <= high), 14
            )
            for text in shown:
                self._text(body, text, size=size, after=14)
        elif inside:
            body = shapes.box(slide, 5.6, 0.9, WIDTH - 5.6 - EDGE, 5.7, middle=True)
            for name in inside[:8]:
                self._text(body, _line(name)[:80], size=20, after=12, sign="•", sign_colour=self.accent)
        if notes:
            shapes.notes(slide, "\n\n".join(notes))

    def _headed(self, title: str, above: str) -> Any:
        slide, frame = self._new(title, left=EDGE, top=0.62, wide=WIDE, high=0.62)
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        size = next((size for most, size in _TITLES if width_of(title) <= most), 12)
        self._text(frame, _line(title)[:260], size=size, colour=self.colour, bold=True)
        if above:
            line = shapes.box(slide, EDGE, 0.34, WIDE, 0.26)
            self._text(line, _line(above)[:90], size=12, colour=shapes.QUIET)
        shapes.ground(slide, EDGE, 1.27, 0.55, 0.045, self.accent)
        self._foot(slide)
        return slide

    def _foot(self, slide: Any) -> None:
        frame = shapes.box(slide, EDGE, 7.08, WIDE - 1, 0.24)
        told = f"{_line(self.paper.organisation)[:40]}  ·  {_line(self.paper.title)[:60]}"
        self._text(frame, told, size=10, colour=TONES["muted"][0])
        corner = shapes.box(slide, EDGE + WIDE - 0.9, 7.08, 0.9, 0.24)
        shapes.page_number(corner, len(self.made.slides), colour=TONES["muted"][0], language=self.language)

    def _idea(self, idea: Idea, above: str) -> None:
        slide = self._headed(idea.title, above)
        top, gap = TOP, idea.sizes.gap
        if idea.sizes is TIGHT:
            taken = sum(slides_parts.height(piece, TIGHT) for piece in idea.pieces)
            gap = min(MOST_GAP, (ROOM - taken) / (len(idea.pieces) - 1))
        alone = len(idea.pieces) == 1
        for piece in idea.pieces:
            room = ROOM if alone else slides_parts.height(piece, idea.sizes)
            top += self._piece(slide, piece, top, room, idea.sizes) + gap
        if idea.notes:
            shapes.notes(slide, idea.notes)

    def _piece(self, slide: Any, piece: Piece, top: float, room: float, sizes: Sizes) -> float:
        """Draw a piece at ``top``; ``room`` is more than it needs where it stands alone. Return its height."""
        high = slides_parts.height(piece, sizes)
        match piece:
            case Told():
                size = sizes.body + 4 if room > high * 2 else sizes.body
                frame = shapes.box(slide, EDGE, top, WIDE, room if size > sizes.body else high)
                for kind, text in piece.lines:
                    self._text(
                        frame,
                        text,
                        size=size,
                        colour=self.colour if kind == "head" else INK,
                        bold=kind == "head",
                        after=7,
                        sign="•" if kind == "point" and not text[:2].rstrip(".").isdigit() else "",
                        sign_colour=self.colour,
                    )
            case Columns():
                alone = room > high * 1.9
                high = min(room, high * 1.8) if alone else high
                shapes.cards(
                    slide,
                    piece.columns,
                    left=EDGE,
                    top=top,
                    wide=WIDE + 0.15,
                    high=high,
                    colour=self.colour,
                    language=self.language,
                    size=18 if alone else sizes.card,
                )
            case papers.Grid():
                note = slides_parts.lines_of(piece.note, 11, WIDE) * 0.2 + 0.08 if piece.note else 0.0
                tall = shapes.table(
                    slide,
                    piece,
                    left=EDGE,
                    top=top,
                    wide=WIDE,
                    room=room - note,
                    colour=self.colour,
                    language=self.language,
                )
                if piece.note:
                    self._text(
                        shapes.box(slide, EDGE, top + tall + 0.08, WIDE, note),
                        piece.note,
                        size=11,
                        colour=shapes.QUIET,
                    )
                high = tall + note
            case papers.Facts():
                high = self._facts(slide, piece, top, room)
            case papers.Quote():
                shapes.ground(slide, EDGE, top, 0.05, high, self.accent)
                frame = shapes.box(slide, EDGE + 0.25, top, WIDE - 0.4, high, middle=True)
                self._text(frame, f"“{slides_parts.text_of(piece.words)}”", size=sizes.quote, colour=INK)
                if piece.by:
                    self._text(frame, f"— {_line(piece.by)}", size=12, colour=shapes.QUIET)
            case papers.Notice():
                ink, pale = TONES[piece.tone]
                shapes.ground(slide, EDGE, top, WIDE, high, pale)
                frame = shapes.box(slide, EDGE + 0.2, top, WIDE - 0.4, high, middle=True)
                self._text(frame, piece.text, size=sizes.quote, colour=ink)
            case papers.Drawing():
                self._chart(slide, piece, top)
            case papers.Schedule():
                shapes.picture(
                    slide,
                    timelines.png(piece, self.language, colour=self.colour),
                    alternative=piece.alternative or piece.title,
                    left=EDGE,
                    top=top,
                    wide=WIDE,
                    high=ROOM,
                )
        return high

    def _facts(self, slide: Any, piece: papers.Facts, top: float, room: float) -> float:
        count = slides_parts.in_row(piece)
        rows = -(-len(piece.facts) // count)
        each, high = WIDE / count, min(2.3, room / rows)
        large = high > 1.6
        for at, fact in enumerate(piece.facts):
            row, column = divmod(at, count)
            left, here = EDGE + column * each, top + row * high
            ink = TONES[fact.tone][0] if fact.tone else self.colour
            shapes.ground(slide, left, here, each - 0.15, high - 0.15, mixed(self.colour, 0.05))
            shapes.ground(slide, left, here, 0.05, high - 0.15, ink)
            frame = shapes.box(slide, left + 0.2, here, each - 0.45, high - 0.15, middle=True)
            room_for = (each - 0.5) * 72 / 0.68
            most = 40 if large else 26 if high > TIGHT.figures else 20
            size = min(most, room_for / max(4, width_of(_line(fact.value))))
            self._text(frame, _line(fact.label), size=14 if large else 12, colour=shapes.QUIET, after=2)
            self._text(frame, _line(fact.value), size=round(max(10, size)), colour=ink, bold=True, after=2)
            if fact.note:
                self._text(
                    frame,
                    _line(fact.note),
                    size=12 if large else 10.5,
                    colour=ink if fact.tone else shapes.QUIET,
                )
        return high * rows - 0.15

    def _chart(self, slide: Any, piece: papers.Drawing, top: float) -> None:
        chart, language, writing = piece.chart, self.language, self.order.writing
        drawn = pictures.png(
            chart,
            language,
            places=[clean(writing.place(place, chart, language)) for place in chart.places],
            write=lambda value: writing.number(value, chart, language),
            colours=self.order.look.of_charts(),
        )
        shapes.picture(
            slide, drawn, alternative=piece.alternative, left=EDGE, top=top + 0.05, wide=WIDE, high=4.9
        )
        if piece.note:
            below = shapes.box(slide, EDGE, top + 5.1, WIDE, 0.25)
            self._text(below, _line(piece.note)[:160], size=11, colour=shapes.QUIET)

    def _sources(self) -> None:
        part = papers.Part(
            slug="sources",
            title=SOURCES.in_(self.language),
            blocks=(
                papers.Block(
                    key="sources",
                    elements=(
                        papers.Points(
                            items=tuple((papers.Run(text=one),) for one in self.paper.sources), numbered=True
                        ),
                    ),
                ),
            ),
        )
        for idea in slides_tables.ideas(part, self.language)[1] if self.paper.sources else []:
            self._idea(idea, "")


def _line(text: str) -> str:
    return " ".join(clean(text).split())
