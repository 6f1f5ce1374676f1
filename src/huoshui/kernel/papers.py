"""Papers as plain values: what a document says, before it is a page, a DOCX, a PDF or slides.

A paper is made once, in one language, from live figures or from what was frozen; every renderer says the same. Texts
are plain: no markup is read from them, whoever wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from huoshui.kernel.charts import Chart
from huoshui.kernel.texts import Language

Tone = Literal["", "good", "bad", "warning", "muted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words of one look. ``link`` is an http or https address, a mail address, or empty."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


Words = tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading inside a part; ``level`` 2 or 3, as the title of the part is 1."""

    text: str
    level: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph."""

    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A list, numbered or not."""

    items: tuple[Words, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What somebody said, and who."""

    words: Words
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table. ``numeric`` are the columns that stand to the right; ``total`` says that the last row sums up.

    ``tones`` gives some cells, by row and column, a tone. Each row has as many cells as ``head``. ``opens`` gives some
    cells, by row and column, the page of this house that they open, for who reads inside it.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    total: bool = False
    note: str = ""
    tones: tuple[tuple[int, int, Tone], ...] = ()
    opens: tuple[tuple[int, int, str], ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.head):
                raise ValueError(f"a row of {self.title!r} has {len(row)} cells for {len(self.head)} columns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart; ``alternative`` says in a sentence what is seen, for those who do not see it."""

    chart: Chart
    alternative: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure with its name; ``note`` says of when it is, or what it is compared with.

    ``opens`` is the page of this house that it opens, for who reads inside it.
    """

    label: str
    value: str
    note: str = ""
    tone: Tone = ""
    opens: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Figures in a row."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What is done from ``start`` to ``end`` (its last day).

    ``done`` is a share; ``after`` are the places of the bars that must end before.
    """

    name: str
    who: str
    start: date
    end: date
    done: float = 0.0
    after: tuple[int, ...] = ()
    tone: Tone = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A Gantt chart of the days ``first`` to ``last``; ``today`` is marked where it lies inside."""

    title: str
    first: date
    last: date
    bars: tuple[Bar, ...]
    today: date | None = None
    alternative: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence in place of what cannot be shown, or that needs somebody's eye."""

    text: str
    tone: Tone = "warning"


Element = Heading | Paragraph | Points | Quote | Grid | Drawing | Facts | Schedule | Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a part. ``key`` names it for who edits it and stays the same while it is moved."""

    key: str
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A chapter. ``slug`` is the same in both languages."""

    slug: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document.

    ``facts`` stand under its title: for whom, of when, which snapshot. ``sources`` are cited by number.
    """

    title: str
    subtitle: str
    organisation: str
    language: Language
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    sources: tuple[str, ...] = ()
