"""Plain values that components show: columns and pages of lists, tabs, moments, facts, jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

Tone = Literal["good", "warn", "bad", "info", "brand", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. ``number`` aligns right; ``wide`` is left out on phones; without ``sort`` it cannot be sorted by."""

    key: str
    label: str
    sort: bool = False
    number: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A condition in force: ``name`` and ``value`` as people read them, ``without`` the address that lifts it."""

    name: str
    value: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Where one is in a list, and the addresses that go elsewhere.

    ``query`` is what the address says now, without page; ``sort`` is a column's key, with ``-`` in front when falling;
    ``columns`` are all that can be chosen and ``chosen`` the keys of those shown.
    """

    path: str
    query: Sequence[tuple[str, str]]
    page: int
    size: int
    total: int
    sort: str = ""
    words: str = ""
    chips: Sequence[Chip] = ()
    columns: Sequence[Column] = ()
    chosen: Sequence[str] = ()

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first row on this page, from 1."""
        return (self.page - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The number of the last row on this page."""
        return min(self.page * self.size, self.total)

    @property
    def sorted_by(self) -> str:
        """The key of the column that the list is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def falling(self) -> bool:
        """Whether the greatest stands first."""
        return self.sort.startswith("-")

    @property
    def previous(self) -> str:
        """The address of the page before, empty on the first."""
        return self.at_page(self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        """The address of the next page, empty on the last."""
        return self.at_page(self.page + 1) if self.page < self.pages else ""

    @property
    def plain(self) -> str:
        """The list without words and conditions."""
        return self.address([(n, v) for n, v in self.query if n in ("sort", "columns", "period", "slice")])

    @property
    def kept_by_search(self) -> Sequence[tuple[str, str]]:
        """What a search must not forget: everything but the words."""
        return [(n, v) for n, v in self.query if n != "q"]

    @property
    def kept_by_columns(self) -> Sequence[tuple[str, str]]:
        """What a choice of columns must not forget."""
        return [(n, v) for n, v in self.query if n != "columns"]

    def at_page(self, page: int) -> str:
        """The address of another page."""
        return self.address([*self.query, ("page", str(page))] if page > 1 else self.query)

    def by(self, column: Column) -> str:
        """The address of the list sorted by a column: numbers greatest first, a second time the other way round."""
        way = "" if self.sort == f"-{column.key}" else "-"
        if self.sort != column.key and not column.number and self.sort != f"-{column.key}":
            way = ""
        return self.address([*[(n, v) for n, v in self.query if n != "sort"], ("sort", way + column.key)])

    def address(self, query: Sequence[tuple[str, str]]) -> str:
        """The address with another query."""
        return f"{self.path}?{urlencode(query)}" if query else self.path

    @property
    def heads(self) -> Sequence[tuple[Column, str, str]]:
        """The columns shown, each with where it sorts to and its ``aria-sort``."""
        return [
            (column, self.by(column) if column.sort else "", self._order_of(column))
            for column in self.columns
            if column.key in self.chosen
        ]

    def _order_of(self, column: Column) -> str:
        if column.key != self.sorted_by:
            return ""
        return "descending" if self.falling else "ascending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A section or view; ``number`` is told beside it."""

    label: str
    address: str
    current: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened. ``day`` and ``time`` are written out; ``kind`` tints the icon: buy, bad, info.

    It opens to its ``lines``: name, quantity and amount.
    """

    day: str
    time: str
    icon: str
    title: str
    text: str = ""
    strong: bool = False
    kind: str = ""
    lines: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A name with its value; ``why`` explains it, ``proof`` says from what and when."""

    name: str
    value: str
    why: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a whole in a chart colour (c0 to c6)."""

    label: str
    number: str
    size: float
    colour: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Work in the background. ``share`` is 0 to 1, empty where it cannot be told; ``poll`` is where news come from."""

    title: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    note: str = ""
    share: float | None = None
    counted: str = ""
    poll: str = ""
    cancel: str = ""
    result: str = ""

    @property
    def asks(self) -> bool:
        """Whether there may be news."""
        return bool(self.poll) and self.state in ("waiting", "running")

    @property
    def percent(self) -> int:
        """The share in whole percent."""
        return round((self.share or 0) * 100)
