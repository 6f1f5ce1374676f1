"""What stands on the slides of a paper: one idea each, what belongs together on one, as much as can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from huoshui.documents import timelines
from huoshui.documents.looks import clean, shares, width_of
from huoshui.kernel import papers
from huoshui.kernel.papers import Element, Words
from huoshui.kernel.texts import Language

WIDE, ROOM = 11.93, 5.45
"""Inches that the content of a slide has."""
LETTERS = 92.0
MOST_ROWS, MOST_LETTERS = 11, 220
CELL, SMALL = 13, 12
SQUEEZED = 0.06
"""Inches that a row gives up where the whole table then stands on one slide."""
_LINE = 1.3 / 72


@dataclass(frozen=True, slots=True)
class Sizes:
    """Points of letters, inches of a row of figures and between pieces."""

    body: float
    card: float
    quote: float
    figures: float
    gap: float


USUAL = Sizes(body=18, card=14, quote=16, figures=1.15, gap=0.18)
TIGHT = Sizes(body=16, card=13, quote=14, figures=1.05, gap=0.12)
"""For what belongs together and would leave its last line alone on the next slide."""


@dataclass(frozen=True, slots=True)
class Told:
    """Lines of text: a ``head`` begins what belongs together, a ``point`` has a sign, a ``text`` has none."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Short texts side by side, each under a head."""

    columns: tuple[tuple[str, tuple[str, ...]], ...]


Piece = (
    Told
    | Columns
    | papers.Grid
    | papers.Facts
    | papers.Quote
    | papers.Notice
    | papers.Drawing
    | papers.Schedule
)


@dataclass(frozen=True, slots=True)
class Idea:
    """What one slide shows; ``notes`` are said and not shown. ``grouped``: several small tables as one."""

    title: str
    pieces: tuple[Piece, ...]
    notes: str = ""
    sizes: Sizes = USUAL
    grouped: bool = False


def lines_of(text: str, size: float, wide: float) -> int:
    """How many lines a text takes at ``size`` points in ``wide`` inches; a little more rather than less."""
    room = max(4.0, wide * 72 / (size * 0.54))
    return sum(max(1, ceil(width_of(line) / room)) for line in text.split("\n"))


def text_height(texts: Sequence[str], size: float, wide: float, *, after: float = 14) -> float:
    """How high paragraphs are at ``size`` points, with ``after`` points behind each."""
    return sum(lines_of(text, size, wide) * size * _LINE + after / 72 for text in texts)


def height(piece: Piece, sizes: Sizes = USUAL) -> float:
    """How high a piece is, in inches, at the width of a slide."""
    match piece:
        case Told():
            spaces = 0.11 * len(piece.lines)
            lines = sum(lines_of(text, sizes.body, WIDE - 0.35) for _kind, text in piece.lines)
            return lines * sizes.body * _LINE + spaces
        case Columns():
            wide = WIDE / len(piece.columns) - 0.4
            tallest = max(
                lines_of(head, sizes.card + 1, wide) * (sizes.card + 1) * _LINE
                + sum(lines_of(text, sizes.card, wide - 0.2) * sizes.card * _LINE + 0.06 for text in texts)
                for head, texts in piece.columns
            )
            return tallest + 0.24
        case papers.Grid():
            return sum(heights(piece)) + (
                lines_of(piece.note, 11, WIDE) * 11 * _LINE + 0.08 if piece.note else 0
            )
        case papers.Facts():
            return sizes.figures * ceil(len(piece.facts) / in_row(piece))
        case papers.Quote():
            said = text_of(piece.words) + piece.by
            return lines_of(said, sizes.quote, WIDE - 0.5) * sizes.quote * _LINE + 0.2
        case papers.Notice():
            return lines_of(piece.text, sizes.quote, WIDE - 0.5) * sizes.quote * _LINE + 0.25
        case _:
            return ROOM


def heights(grid: papers.Grid) -> list[float]:
    """How high each row of a table is, the head first."""
    widths = [share * WIDE - 0.22 for share in shares(grid, room=LETTERS)]
    return [
        max(lines_of(cell, CELL, wide) for cell, wide in zip(row, widths, strict=True)) * CELL * _LINE + 0.14
        for row in (grid.head, *grid.rows)
    ]


def in_row(facts: papers.Facts) -> int:
    """How many figures stand side by side."""
    count = len(facts.facts)
    return count if count <= 5 else 3 if count in (6, 9) else 4


def ideas(part: papers.Part, language: Language) -> tuple[list[str], list[Idea]]:
    """What a part says first, for the slide that opens it, and its other slides."""
    opening: list[str] = []
    found: list[Idea] = []
    for block in part.blocks:
        title, pieces, notes = part.title, list[Piece](), list[str]()
        for one in block.elements:
            if isinstance(one, papers.Heading) and (one.level == 2 or not (pieces or title != part.title)):
                found += _packed(title, pieces, notes, language)
                title, pieces, notes = one.text, [], []
            elif (
                not found
                and not pieces
                and title == part.title
                and isinstance(one, papers.Paragraph)
                and len(opening) < 3
            ):
                opening.append(text_of(one.words))
            else:
                pieces += _pieces(one, notes)
        found += _packed(title, pieces, notes, language)
    return opening, found


def _pieces(one: Element, notes: list[str]) -> Iterator[Piece]:
    match one:
        case papers.Heading():
            yield Told((("head", clean(one.text)),))
        case papers.Paragraph():
            # A short paragraph that is bold as a whole is meant as a head.
            bold = (
                all(run.bold for run in one.words if run.text.strip()) and width_of(text_of(one.words)) <= 40
            )
            yield Told((("head" if bold else "text", short(text_of(one.words), notes)),))
        case papers.Points():
            yield Told(
                tuple(
                    (
                        "point",
                        f"{at}.  {short(text_of(item), notes)}"
                        if one.numbered
                        else short(text_of(item), notes),
                    )
                    for at, item in enumerate(one.items, 1)
                )
            )
        case papers.Quote():
            yield replace(one, words=(papers.Run(text=short(text_of(one.words), notes)),))
        case papers.Grid() if not one.head:
            yield papers.Notice(text=one.title, tone="")
        case papers.Grid() if (
            len(one.rows) == 1 and len(one.head) in (2, 3, 4) and not one.numeric and not one.title
        ):
            texts = zip(one.head, one.rows[0], strict=True)
            yield Columns(tuple((clean(head), tuple(clean(cell).split("\n"))) for head, cell in texts))
        case papers.Schedule():
            yield from timelines.pages(one)
        case papers.Notice():
            yield replace(one, text=short(one.text, notes))
        case _:
            yield one


def _packed(title: str, pieces: list[Piece], notes: list[str], language: Language) -> Iterator[Idea]:
    """The pieces under one title, on as few slides as they can be read on."""
    here: list[Piece] = []
    said = "\n\n".join(notes)
    name, used = title, 0.0
    cuts = [cut for whole in _columned(_told_together(pieces)) for cut in _cut(whole)]
    if len(cuts) > 1 and _together(cuts, USUAL) > ROOM >= _together(cuts, TIGHT):
        yield Idea(title, tuple(cuts), said, sizes=TIGHT)
        return
    for piece in cuts:
        own = _title(piece, language)
        alone = isinstance(piece, papers.Drawing | papers.Schedule)
        tall = height(piece) + USUAL.gap
        if here and (alone or own or used + tall > ROOM + USUAL.gap):
            yield Idea(name, tuple(here), said)
            here, used, said, name = [], 0.0, "", title
        if own:
            name = own
        here.append(piece)
        used += tall
        if alone:
            yield Idea(name, tuple(here), said)
            here, used, said, name = [], 0.0, "", title
    if here:
        yield Idea(name, tuple(here), said)


def _together(pieces: Sequence[Piece], sizes: Sizes) -> float:
    """How high pieces are on one slide; more than any slide where one stands alone or under its own title."""
    if any(isinstance(one, papers.Drawing | papers.Schedule | papers.Grid) for one in pieces):
        return 2 * ROOM if sizes is TIGHT else 0.0
    return sum(height(one, sizes) for one in pieces) + sizes.gap * (len(pieces) - 1)


def _title(piece: Piece, language: Language) -> str:
    if isinstance(piece, papers.Drawing):
        return clean(piece.chart.title.in_(language))
    return clean(piece.title) if isinstance(piece, papers.Grid | papers.Schedule) else ""


def _told_together(pieces: list[Piece]) -> list[Piece]:
    """Lines of text that follow each other as one piece."""
    out: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Told) and out and isinstance(out[-1], Told):
            out[-1] = Told(out[-1].lines + piece.lines)
        else:
            out.append(piece)
    return out


def _columned(pieces: list[Piece]) -> Iterator[Piece]:
    """Text under two to four heads stands side by side."""
    for piece in pieces:
        heads = (
            [at for at, (kind, _text) in enumerate(piece.lines) if kind == "head"]
            if isinstance(piece, Told)
            else []
        )
        if not isinstance(piece, Told) or not 2 <= len(heads) <= 4:
            yield piece
            continue
        if heads[0]:
            yield Told(piece.lines[: heads[0]])
        ends = [*heads[1:], len(piece.lines)]
        columns = Columns(
            tuple(
                (piece.lines[at][1], tuple(text for _kind, text in piece.lines[at + 1 : end]))
                for at, end in zip(heads, ends, strict=True)
            )
        )
        yield columns if height(columns) <= ROOM else Told(piece.lines[heads[0] :])


def _cut(piece: Piece) -> Iterator[Piece]:
    """A piece in as many as slides can hold."""
    if isinstance(piece, papers.Grid):
        yield from _rows(piece)
    elif isinstance(piece, papers.Facts) and len(piece.facts) > 12:
        for begin in range(0, len(piece.facts), 12):
            yield papers.Facts(facts=piece.facts[begin : begin + 12])
    elif isinstance(piece, Told):
        here: list[tuple[str, str]] = []
        for line in piece.lines:
            if here and height(Told((*here, line))) > ROOM:
                yield Told(tuple(here))
                here = []
            here.append(line)
        yield Told(tuple(here))
    else:
        yield piece


def _rows(grid: papers.Grid) -> Iterator[Piece]:
    tall = heights(grid)
    if sum(tall) - SQUEEZED * len(tall) <= ROOM - 0.1 and len(grid.rows) <= MOST_ROWS:
        yield grid
        return
    cuts = _borders(tall, ROOM - 0.1, MOST_ROWS)
    # As many slides as needed, each with about as many rows: the last one is not left with a single one.
    count = len(cuts)
    fair = [(at * len(grid.rows) // count, (at + 1) * len(grid.rows) // count) for at in range(count)]
    fits = all(tall[0] + sum(tall[first + 1 : end + 1]) <= ROOM - 0.1 for first, end in fair)
    for first, end in fair if fits else cuts:
        last = end == len(grid.rows)
        tones = tuple((row - first, column, tone) for row, column, tone in grid.tones if first <= row < end)
        yield replace(
            grid,
            rows=grid.rows[first:end],
            tones=tones,
            total=grid.total and last,
            note=grid.note if last else "",
            opens=(),
        )


def _borders(tall: Sequence[float], room: float, most: int) -> list[tuple[int, int]]:
    """The first row of each slide and the one after its last, at most ``most`` within ``room``."""
    begin, used, found = 0, tall[0], []
    for at, row in enumerate(tall[1:]):
        if at > begin and (used + row > room or at - begin >= most):
            found.append((begin, at))
            begin, used = at, tall[0]
        used += row
    return [*found, (begin, len(tall) - 1)]


def text_of(words: Words) -> str:
    """The words without their looks."""
    return clean("".join(run.text for run in words))


def short(text: str, notes: list[str]) -> str:
    """What of a long text can be read from a wall: its first sentences. The whole is added to ``notes``."""
    text = clean(text)
    if width_of(text) <= 2 * MOST_LETTERS:
        return text
    notes.append(text)
    for sign in ("。", ". "):
        kept = ""
        for sentence in text.split(sign):
            if kept and width_of(kept + sentence) > 2 * MOST_LETTERS:
                break
            kept += sentence + sign
        if kept.strip() and width_of(kept) <= 2 * MOST_LETTERS + 40:
            return kept.strip()
    kept = ""
    for letter in text:
        if width_of(kept) >= 2 * MOST_LETTERS - 1:
            break
        kept += letter
    return kept + "…"
