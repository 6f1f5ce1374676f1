"""Tables on slides that belong together: those of one head that follow each other are one, small ones as its groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from huoshui.documents import slides_parts
from huoshui.documents.looks import clean, width_of
from huoshui.documents.slides_parts import MOST_ROWS, ROOM, Idea, height
from huoshui.kernel.papers import Grid, Part, Tone
from huoshui.kernel.texts import Language

MOST_GROUPED, LONGEST_GROUP = 3, 40


def ideas(part: Part, language: Language) -> tuple[list[str], list[Idea]]:
    """What a part says first, for the slide that opens it, and its other slides."""
    opening, found = slides_parts.ideas(part, language)
    return opening, list(_joined(found, part.title))


def _joined(found: Iterable[Idea], part: str) -> Iterator[Idea]:
    """Tables of the same head that follow each other are one, as far as a slide holds it."""
    waiting: Idea | None = None
    for idea in found:
        both = (_continued(waiting, idea) or _groups(waiting, idea, part)) if waiting else None
        if both is not None:
            waiting = both
            continue
        if waiting:
            yield waiting
        waiting = idea
    if waiting:
        yield waiting


def _continued(first: Idea, second: Idea) -> Idea | None:
    """One table of two of the same name."""
    pair = _tables(first, second)
    if pair is None or first.grouped or pair[0].total or pair[0].title != pair[1].title:
        return None
    if first.title != second.title:
        return None
    one, two = pair
    count = len(one.rows)
    tones = (*one.tones, *((row + count, column, tone) for row, column, tone in two.tones))
    both = replace(two, rows=one.rows + two.rows, tones=tones, note=two.note or one.note)
    return Idea(first.title, (both,), _notes(first, second)) if _fits(both) else None


def _groups(first: Idea, second: Idea, part: str) -> Idea | None:
    """Two small tables as groups of one under the title of the part, each below its name."""
    pair = _tables(first, second)
    if pair is None or any(one.total or one.note or len(one.head) < 2 for one in pair):
        return None
    names = [idea.title for idea in (first, second) if not idea.grouped]
    if part in names or any(width_of(name) > LONGEST_GROUP for name in names):
        return None
    if any(
        len(table.rows) > MOST_GROUPED and not idea.grouped
        for table, idea in zip(pair, (first, second), strict=True)
    ):
        return None
    one, two = pair
    above = one if first.grouped else _below(one, first.title)
    both = replace(_below(two, second.title, above), title="")
    return Idea(part, (both,), _notes(first, second), grouped=True) if _fits(both) else None


def _tables(first: Idea, second: Idea) -> tuple[Grid, Grid] | None:
    """The tables of two slides that have nothing else and the same head."""
    if len(first.pieces) != 1 or len(second.pieces) != 1:
        return None
    one, two = first.pieces[0], second.pieces[0]
    if not isinstance(one, Grid) or not isinstance(two, Grid):
        return None
    return (one, two) if (one.head, one.numeric) == (two.head, two.numeric) else None


def _below(grid: Grid, name: str, above: Grid | None = None) -> Grid:
    """The rows of a table below its name, which stands in a row of its own, below those of the one ``above``."""
    rows, tones = (above.rows, above.tones) if above else ((), ())
    begin = len(rows) + 1
    named = (clean(name), *[""] * (len(grid.head) - 1))
    moved = tuple((row + begin, column, tone) for row, column, tone in grid.tones)
    group: tuple[int, int, Tone] = (begin - 1, 0, "muted")
    return replace(grid, rows=(*rows, named, *grid.rows), tones=(*tones, group, *moved), opens=())


def _fits(grid: Grid) -> bool:
    return height(grid) <= ROOM and len(grid.rows) <= MOST_ROWS


def _notes(first: Idea, second: Idea) -> str:
    return "\n\n".join(one.notes for one in (first, second) if one.notes)
