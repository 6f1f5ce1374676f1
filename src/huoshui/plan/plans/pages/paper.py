"""A paper for the templates: each element with what it is, and figures that open only for who reads inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from huoshui.kernel import papers
from huoshui.kernel.papers import Element, Grid, Schedule

NAMES: Mapping[type, str] = {
    papers.Heading: "heading",
    papers.Paragraph: "paragraph",
    papers.Points: "points",
    papers.Quote: "quote",
    papers.Grid: "grid",
    papers.Drawing: "drawing",
    papers.Facts: "facts",
    papers.Schedule: "schedule",
    papers.Notice: "notice",
}
TONES: Mapping[str, str] = {"good": "good", "bad": "bad", "warning": "warn", "muted": "", "": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table."""

    text: str
    numeric: bool
    tone: str
    opens: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A bar of a timeline: where it begins and how long it is, as shares of the whole; what is done of it."""

    name: str
    who: str
    days: str
    tone: str
    start: float
    width: float
    done: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An element: its ``name`` says how it is written."""

    name: str
    it: Element
    tone: str = ""
    rows: Sequence[Sequence[Cell]] = ()
    lines: Sequence[Line] = ()
    months: Sequence[tuple[float, str]] = ()
    today: float | None = None


def shown(elements: Iterable[Element], *, inside: bool = True) -> list[Shown]:
    """The elements of a block; ``inside`` says that its reader may open figures."""
    return [_shown(one, inside) for one in elements]


def _shown(one: Element, inside: bool) -> Shown:
    more: dict[str, Any] = {}
    if isinstance(one, Grid):
        more["rows"] = _rows(one, inside)
    elif isinstance(one, Schedule):
        more |= _timeline(one)
    elif isinstance(one, papers.Notice):
        more["tone"] = TONES[one.tone]
    return Shown(name=NAMES[type(one)], it=one, **more)


def _rows(grid: Grid, inside: bool) -> list[list[Cell]]:
    tones = {(row, column): TONES[tone] for row, column, tone in grid.tones}
    opens = {(row, column): address for row, column, address in grid.opens} if inside else {}
    return [
        [
            Cell(
                text=text,
                numeric=column in grid.numeric,
                tone=tones.get((at, column), ""),
                opens=opens.get((at, column), ""),
            )
            for column, text in enumerate(row)
        ]
        for at, row in enumerate(grid.rows)
    ]


def _timeline(one: Schedule) -> dict[str, Any]:
    days = max((one.last - one.first).days + 1, 1)

    def at(day: date) -> float:
        return min(max((day - one.first).days / days, 0.0), 1.0)

    lines = []
    for bar in one.bars:
        start, end = at(bar.start), at(bar.end + timedelta(days=1))
        lines.append(
            Line(
                name=bar.name,
                who=bar.who,
                days=f"{bar.start:%m-%d} – {bar.end:%m-%d}"
                if bar.start.year == bar.end.year
                else f"{bar.start} – {bar.end}",
                tone=TONES[bar.tone],
                start=start,
                width=max(end - start, 0.004),
                done=max(end - start, 0.004) * min(max(bar.done, 0.0), 1.0),
            )
        )
    return {
        "lines": lines,
        "months": [(at(day), f"{day:%Y-%m}") for day in _firsts(one.first, one.last)],
        "today": at(one.today) if one.today and one.first <= one.today <= one.last else None,
    }


def _firsts(first: date, last: date) -> list[date]:
    """The first days of the months inside, at most seven of them, evenly: as many as there is room to name."""
    found, day = [], first.replace(day=1)
    while day <= last:
        if day >= first:
            found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    step = -(-len(found) // 7) or 1
    return found[::step]
