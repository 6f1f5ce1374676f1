"""Writes a paper as a PDF, laid out by Typst: contents, repeated heads of tables, charts as drawings, tagged.

All words reach Typst as data, so that none of them is read as markup. Fonts are those of the package, and the day is
the order's: the same order gives the same bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

from huoshui.documents import pictures, timelines
from huoshui.documents.looks import (
    CONTENTS,
    INK,
    INK_2,
    LINE,
    SOURCES,
    TONES,
    Order,
    clean,
    dark_enough,
    link,
    mixed,
    said,
    shares,
    title_size,
    width_of,
)
from huoshui.kernel import papers
from huoshui.kernel.papers import Tone, Words

TEMPLATE = Path(__file__).with_name("paper.typ")
MOST_IN_ROW = 4


def render(order: Order) -> bytes:
    """The paper as PDF."""
    made = typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=[pictures.FONT.parent],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_data(order))},
        timestamp=int(order.made_at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError(f"Typst gave {type(made).__name__} for a PDF")
    return made


def _data(order: Order) -> dict[str, Any]:
    paper, colour = order.paper, dark_enough(order.look.colour)
    title = _line(paper.title)
    day = order.made_at
    return {
        "title": title,
        "title-size": _cover_size(title),
        "short-title": title[:70],
        "subtitle": _line(paper.subtitle),
        "organisation": _line(paper.organisation),
        "lang": paper.language,
        "region": "cn" if paper.language == "zh" else "gb",
        "day": [day.year, day.month, day.day, day.hour, day.minute],
        "facts": [[_line(name), _line(value)] for name, value in paper.facts],
        "contents": CONTENTS.in_(paper.language),
        "sources-title": SOURCES.in_(paper.language),
        "sources": [clean(source) for source in paper.sources],
        "look": {
            "colour": colour,
            "ink": INK,
            "soft": INK_2,
            "line": LINE,
            "pale": mixed(colour, 0.18),
            "head": mixed(colour, 0.1),
            "sum": mixed(colour, 0.05),
            "logo": list(order.look.logo) if order.look.logo else None,
        },
        "parts": [
            {
                "title": _line(part.title),
                "elements": [_element(one, order, colour) for block in part.blocks for one in block.elements],
            }
            for part in said(paper)
        ],
    }


def _cover_size(title: str) -> float:
    largest = 34 if width_of(title) <= 60 else 24 if width_of(title) <= 140 else 16
    return title_size(title, largest=largest, wide=460)


def _element(element: papers.Element, order: Order, colour: str) -> dict[str, Any]:
    language = order.paper.language
    match element:
        case papers.Heading():
            return {"kind": "heading", "level": element.level, "text": _line(element.text)}
        case papers.Paragraph():
            return {"kind": "paragraph", "words": _words(element.words)}
        case papers.Points():
            items = [_words(item) for item in element.items]
            return {"kind": "points", "numbered": element.numbered, "items": items}
        case papers.Quote():
            return {"kind": "quote", "words": _words(element.words), "by": _line(element.by)}
        case papers.Grid():
            return _grid(element)
        case papers.Drawing():
            return _pictures(
                element.chart.title.in_(language),
                [drawn(element, order)],
                element.alternative,
                element.note,
            )
        case papers.Schedule():
            drawings = [
                timelines.svg(piece, language, colour=colour).decode() for piece in timelines.pages(element)
            ]
            return _pictures(element.title, drawings, element.alternative, "")
        case papers.Facts():
            return _facts(element)
        case papers.Notice():
            ink, ground = TONES[element.tone]
            return {"kind": "notice", "text": clean(element.text), "ink": ink, "ground": ground}


def drawn(element: papers.Drawing, order: Order) -> str:
    """The chart of an element as SVG."""
    chart, language = element.chart, order.paper.language
    return pictures.svg(
        chart,
        language,
        places=[clean(order.writing.place(place, chart, language)) for place in chart.places],
        write=lambda value: order.writing.number(value, chart, language),
        colours=order.look.of_charts(),
    ).decode()


def _grid(grid: papers.Grid) -> dict[str, Any]:
    tones: dict[tuple[int, int], Tone] = {(row, column): tone for row, column, tone in grid.tones}
    if not grid.head:
        return {"kind": "notice", "text": clean(grid.title), "ink": INK, "ground": TONES[""][1]}
    return {
        "kind": "grid",
        "title": _line(grid.title),
        "head": [_line(cell) for cell in grid.head],
        "shares": shares(grid),
        "numeric": list(grid.numeric),
        "total": grid.total and bool(grid.rows),
        "note": clean(grid.note),
        "rows": [
            [
                {"text": clean(cell), "ink": TONES[tones.get((at, column), "")][0]}
                for column, cell in enumerate(row)
            ]
            for at, row in enumerate(grid.rows)
        ],
    }


def _facts(row: papers.Facts) -> dict[str, Any]:
    count = len(row.facts)
    columns = min(MOST_IN_ROW, max(1, count)) if count not in (5, 6, 9) else 5 if count == 5 else 3
    return {
        "kind": "facts",
        "columns": columns,
        "facts": [
            {
                "label": _line(fact.label),
                "value": _line(fact.value),
                "size": (17 if width_of(fact.value) <= 11 else 13 if width_of(fact.value) <= 18 else 10)
                - (3 if columns == 5 else 0),
                "note": clean(fact.note),
                "ink": TONES[fact.tone][0],
                "ground": TONES[fact.tone][1],
            }
            for fact in row.facts
        ],
    }


def _pictures(title: str, drawings: list[str], alternative: str, note: str) -> dict[str, Any]:
    return {
        "kind": "pictures",
        "title": _line(title),
        "pictures": drawings,
        "alternative": _line(alternative),
        "note": clean(note),
    }


def _words(words: Words) -> list[dict[str, Any]]:
    return [
        {
            "text": clean(run.text),
            "bold": run.bold,
            "italic": run.italic,
            "link": link(run.link) if run.link else "",
        }
        for run in words
    ]


def _line(text: str) -> str:
    """The text on one line."""
    return " ".join(clean(text).split())
