"""How documents look, and what all their renderers agree on: colours, words of their own, what a text may hold."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from huoshui.kernel.charts import Chart, Number
from huoshui.kernel.papers import Grid, Paper, Part, Tone
from huoshui.kernel.texts import Language, Text

INK, INK_2, INK_3 = "#17232B", "#51606B", "#5F6E79"
LINE, SUNKEN = "#D5DDE1", "#F3F6F7"
PRIMARY, ACCENT = "#0B7285", "#EB7412"
TEXT, MARKS = 4.5, 2.95
"""Least contrast against white: of text (WCAG 2.2), and of what is only seen, as the second colour of charts has it."""
TONES: dict[Tone, tuple[str, str]] = {
    "": (INK, SUNKEN),
    "good": ("#18794E", "#E8F6EE"),
    "bad": ("#B42318", "#FDF0EE"),
    "warning": ("#8A5200", "#FFF4DF"),
    "muted": (INK_3, SUNKEN),
}
"""Ink and ground of each tone; the light theme of the pages."""

SHORT = 11
"""Narrow letters of a cell that is not broken: “far behind”, “under way”."""
CONTENTS = Text("Contents", "目录")
SOURCES = Text("Sources", "来源")
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The look of an organisation.

    ``colour`` is written ``#0B7285``, as is ``accent``, which marks and never writes. ``logo`` is a PNG or JPEG, empty
    for none. ``template`` is a DOCX whose styles, page and header a Word document begins from, empty for the house's
    own.
    """

    colour: str = PRIMARY
    accent: str = ACCENT
    logo: bytes = b""
    template: bytes = b""

    def __post_init__(self) -> None:
        for colour in (self.colour, self.accent):
            if not _COLOUR.fullmatch(colour):
                raise ValueError(f"{colour!r} is no colour such as {PRIMARY}")

    def of_charts(self) -> dict[str, str]:
        """The first two colours of charts, dark enough to be seen."""
        return {"c1": dark_enough(self.colour), "c2": dark_enough(self.accent, least=MARKS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How charts are written: a ``place`` of the horizontal axis, and a ``number`` of the other."""

    place: Callable[[date | Text, Chart, Language], str]
    number: Callable[[Number, Chart, Language], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a renderer is asked for: ``paper`` in ``look``; ``made_at`` is the moment it says it is of."""

    paper: Paper
    look: Look
    writing: Writing
    made_at: datetime


def clean(text: str) -> str:
    """The text without what no document can hold, or what turns the writing round."""
    return _UNSAYABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def said(paper: Paper) -> list[Part]:
    """The parts that say something: a chapter nobody has written yet would be an empty page."""
    return [part for part in paper.parts if any(block.elements for block in part.blocks)]


def link(address: str) -> str:
    """The address if a document may lead there (web or mail), else nothing."""
    address = clean(address).strip()
    if len(address) > 2000 or any(sign.isspace() for sign in address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme in ("http", "https") and parts.netloc:
        return address
    return address if parts.scheme == "mailto" and "@" in parts.path else ""


def mixed(colour: str, share: float) -> str:
    """The colour with ``share`` of itself in white."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * share):02X}" for part in parts)


def contrast(colour: str) -> float:
    """The contrast of a colour with white, 1 to 21 (WCAG 2.2)."""
    return _contrast([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def dark_enough(colour: str, *, least: float = TEXT) -> str:
    """The colour, darkened until white on it, and it on white, has a contrast of ``least``."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    while _contrast(parts) < least:
        parts = [part * 0.94 for part in parts]
    return "#" + "".join(f"{round(part * 255):02X}" for part in parts)


def _contrast(parts: list[float]) -> float:
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def width_of(text: str) -> int:
    """How wide a text is, in narrow letters: a Chinese character is two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def title_size(title: str, *, largest: float, wide: float) -> float:
    """The points of a title on a cover: fewer where it then stands on one line, which is ``wide`` points."""
    one_line = wide / max(1.0, width_of(title) * 0.51)
    return round(min(largest, one_line), 1) if one_line >= largest * 0.8 else largest


def shares(grid: Grid, *, least: float = 0.05, room: float = 92.0) -> list[float]:
    """What part of a table's width each column gets, by what stands in it; together 1.

    ``room`` is how many narrow letters a whole row holds. Each column gets what its numbers, days and longest words
    need unbroken; what is left goes to texts by their length, to that of 40 letters, as long ones can break.
    """
    needed, wished = _needed(grid), []
    for number, (cells, whole) in enumerate(zip(_columns(grid), needed, strict=True)):
        longest = max(width_of(cell) for cell in cells)
        wished.append(4.0 if number in grid.numeric else max(0.0, min(longest, 40) + 2 - whole))
    spare = room - sum(needed)
    if spare > 0:
        part = spare / (sum(wished) or 1.0)
        found = [one + wish * part if sum(wished) else one for one, wish in zip(needed, wished, strict=True)]
    else:
        found = needed
    total = sum(found) or 1.0
    found = [max(least, one / total) for one in found]
    total = sum(found)
    return [one / total for one in found]


def fullness(grid: Grid, *, room: float = 92.0) -> float:
    """What part of a row's ``room`` is taken by what should not be broken: from about 1 on, words are."""
    return sum(_needed(grid)) / room


def _columns(grid: Grid) -> list[tuple[str, ...]]:
    return list(zip(grid.head, *grid.rows, strict=True)) if grid.head else []


def _needed(grid: Grid) -> list[float]:
    return [
        max(max(_unbroken(cell, number in grid.numeric) for cell in cells), 3.0) + 3.2
        for number, cells in enumerate(_columns(grid))
    ]


def _unbroken(cell: str, numeric: bool) -> float:
    """How wide the longest piece of a cell is that should not be broken: all of one of two short words."""
    if width_of(cell) <= SHORT:
        return width_of(cell)
    if numeric or (len(cell) <= 24 and any(sign.isdigit() for sign in cell) and width_of(cell) == len(cell)):
        return width_of(cell)
    chinese = width_of(cell) > len(cell)
    return min(18, 6 if chinese else max((width_of(word) for word in cell.split()), default=1))


def in_order(packed: bytes) -> bytes:
    """A packed file (DOCX, PPTX) with the same parts and no trace of when it was packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, _ZIP_DAY)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            new.writestr(part, old.read(name))
    return out.getvalue()
