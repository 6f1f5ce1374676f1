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
PRIMARY = "#0B7285"
TONES: dict[Tone, tuple[str, str]] = {
    "": (INK, SUNKEN),
    "good": ("#18794E", "#E8F6EE"),
    "bad": ("#B42318", "#FDF0EE"),
    "warning": ("#8A5200", "#FFF4DF"),
    "muted": (INK_3, SUNKEN),
}
"""Ink and ground of each tone; the light theme of the pages."""

CONTENTS = Text("Contents", "目录")
SOURCES = Text("Sources", "来源")
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The look of an organisation.

    ``colour`` is written ``#0B7285``. ``logo`` is a PNG or JPEG, empty for none. ``template`` is a DOCX whose styles,
    page and header a Word document begins from, empty for the house's own.
    """

    colour: str = PRIMARY
    logo: bytes = b""
    template: bytes = b""

    def __post_init__(self) -> None:
        if not _COLOUR.fullmatch(self.colour):
            raise ValueError(f"{self.colour!r} is no colour such as {PRIMARY}")


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


def dark_enough(colour: str) -> str:
    """The colour, darkened until white on it, and it on white, can be read (contrast of 4.5, WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    while True:
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        if 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05) >= 4.5:
            return "#" + "".join(f"{round(part * 255):02X}" for part in parts)
        parts = [part * 0.94 for part in parts]


def width_of(text: str) -> int:
    """How wide a text is, in narrow letters: a Chinese character is two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def shares(grid: Grid, *, least: float = 0.06) -> list[float]:
    """What part of a table's width each column gets, by what stands in it; together 1.

    A column of long texts gets more, yet by the root of its length: its texts can break.
    """
    columns = list(zip(grid.head, *grid.rows, strict=True)) if grid.head else []
    wanted = []
    for number, cells in enumerate(columns):
        longest = max(width_of(cell) for cell in cells)
        wanted.append(
            max(6.0, longest) + 2.5 if number in grid.numeric else max(8.0, min(longest, 20) + longest**0.5)
        )
    whole = sum(wanted) or 1.0
    found = [max(least, one / whole) for one in wanted]
    whole = sum(found)
    return [one / whole for one in found]


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
