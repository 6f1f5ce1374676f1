"""Charts as plain values, drawn by two renderers: ``web`` on the page, documents as pictures.

A chart says what is shown, never how it is drawn: words, numbers, and which part each series plays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from huoshui.kernel.texts import Language, Text

Number = Decimal | int | float
Kind = Literal["line", "bar", "stack", "heat"]
Unit = Literal["money", "count", "share"]
Part = Literal["", "previous", "target"]

COLOURS = ("c1", "c2", "c3", "c4", "c5", "c6")
OTHER = "c0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of numbers, a number for each place of the chart; None where there is none.

    ``part`` says what it is to the others: ``previous`` an earlier period, ``target`` a path to reach. ``colour`` is
    one of `COLOURS` or `OTHER`; a thing keeps its colour everywhere. Empty: by its place among the others.
    ``addresses`` are the pages that the numbers open to, empty for a number that opens to none.
    """

    name: Text
    values: tuple[Number | None, ...]
    part: Part = ""
    colour: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A word on the chart at ``place`` (an index), for what needs one."""

    place: int
    text: Text


NOTES_SIDE_BY_SIDE = 12
"""So many words of notes have room beside each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart. ``title`` says the measure and the cut.

    ``places`` are along the horizontal axis: days, months (the first of each), or words. For ``heat`` each series is a
    row. ``currency`` is an ISO 4217 code and needed for money. ``monthly`` says that the days of ``places`` stand for
    months.
    """

    kind: Kind
    title: Text
    axis: Text
    unit: Unit
    places: tuple[date | Text, ...]
    series: tuple[Series, ...]
    currency: str = ""
    monthly: bool = False
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        for series in self.series:
            if len(series.values) != len(self.places):
                raise ValueError(
                    f"the series {series.name.en!r} has {len(series.values)} numbers for {len(self.places)} places"
                )
            if series.addresses and len(series.addresses) != len(self.places):
                raise ValueError(f"the series {series.name.en!r} opens {len(series.addresses)} of its places")
        if self.unit == "money" and not self.currency:
            raise ValueError(f"the chart {self.title.en!r} shows money and names no currency")
        if self.kind != "heat" and len([s for s in self.series if not s.part]) > len(COLOURS) + 1:
            raise ValueError(
                f"the chart {self.title.en!r} has too many series: sum the smallest up as others"
            )

    @property
    def empty(self) -> bool:
        """Whether there is no number other than zero."""
        return not any(value for series in self.series for value in series.values)

    def noted(self, language: Language) -> list[tuple[Note, str]]:
        """The notes along the axis, with their words: none where they would lie over the last ones written."""
        last, found = -len(self.places), []
        for note in sorted(self.notes, key=lambda one: one.place):
            free = (note.place - last) * NOTES_SIDE_BY_SIDE >= len(self.places)
            found.append((note, note.text.in_(language) if free else ""))
            last = note.place if free else last
        return found

    def colour_of(self, number: int) -> str:
        """The colour of the series with this index."""
        if self.series[number].colour:
            return self.series[number].colour
        before: Sequence[Series] = [s for s in self.series[:number] if not s.part]
        return COLOURS[len(before)] if len(before) < len(COLOURS) else OTHER
