"""The facts that many metrics read, read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

import pyarrow as pa

from huoshui.data.customers import columns
from huoshui.data.facts import relations
from huoshui.data.traits import queries as traits
from huoshui.data.traits.queries import Readable
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.lake.snapshot import EmbeddedSnapshot
from huoshui.measure.metrics import groups
from huoshui.measure.metrics.dimensions import OF_LINES, OF_ORDERS

COLUMNS = {
    "orders": ("customer_id", "ordered_at", "revenue"),
    "order_changes": ("customer_id", "occurred_at", "revenue"),
}
"""The columns that the house's own metrics need."""

OF_SALES = {
    "orders": ("source", "order_id", "channel", "store"),
    "order_changes": ("source", "order_id", "product_id"),
}
"""What they need beside, where figures are split or cut by what a sale has."""


class Remembered:
    """Tables of which each is looked up once: the columns of customers are asked of the database each time."""

    def __init__(self, tables: Tables) -> None:
        self.whole = groups.whole(tables)
        self.picture = tables
        self._known: dict[str, Any] = {}

    def table(self, slug: str) -> IbisTable:
        """As the tables have it."""
        if slug not in self._known:
            self._known[slug] = self.picture.table(slug)
        return self._known[slug]


class Kept(Readable, Protocol):
    """Tables whose session can keep what it computed: a snapshot of the lake."""

    @property
    def session(self) -> Any:
        """See `lake.engines.Session`."""


class Facts:
    """Tables of which those with `COLUMNS` are read once, when first asked for: enough for the house's own metrics.

    ``of_sales`` says that `OF_SALES` are asked for, too.
    """

    def __init__(self, tables: Kept, keep: Callable[[Any], Any], *, of_sales: bool) -> None:
        self.whole = groups.whole(tables)
        self.session = tables.session
        self.arrow = tables.arrow
        self.picture = tables
        self._keep = keep
        self._of_sales = of_sales
        self._kept: dict[str, Any] = {}

    def table(self, slug: str) -> IbisTable:
        """Its rows with just the columns needed; other tables as they are."""
        if slug not in COLUMNS:
            return self.picture.table(slug)
        if slug not in self._kept:
            wanted = (*COLUMNS[slug], *(OF_SALES[slug] if self._of_sales else ()))
            self._kept[slug] = self._keep(self.picture.table(slug).select(*wanted))
        return self._kept[slug]


def first_purchases(tables: Tables) -> IbisTable | None:
    """``customer_id`` and ``at``, the first purchase ever of everybody who bought.

    Held in memory, as it is the same as long as the orders are. Nothing where it is not the embedded engine that reads.
    """
    picture = _picture(tables)
    if not isinstance(picture, EmbeddedSnapshot):
        return None

    def ask() -> pa.Table:
        purchases = relations.purchases(
            picture, AsOf(at=datetime.max.replace(tzinfo=UTC), zone=ZoneInfo("UTC"))
        )
        return picture.arrow(purchases.group_by("customer_id").aggregate(at=purchases.ordered_at.min()))

    known = columns.keep(("first purchases", str(picture.lake.root), picture.versions.get("orders", 0)), ask)
    return cast("IbisTable", picture.session.hold(known))


def values_of(tables: Tables, slugs: Sequence[str], as_of: AsOf) -> IbisTable:
    """Traits of everybody as of a moment (`traits.trait_table`).

    Held in memory where it is the embedded engine that reads: of one house version they are the same.
    """
    picture, wanted = _picture(tables), sorted(slugs)
    if not isinstance(picture, EmbeddedSnapshot):
        return traits.trait_table(tables, as_of, only=wanted)
    key = ("values of", str(picture.lake.root), *sorted(picture.versions.items()), as_of, *wanted)
    known = columns.keep(key, lambda: picture.arrow(traits.trait_table(picture, as_of, only=wanted)))
    return cast("IbisTable", picture.session.hold(known))


def _picture(tables: Tables) -> Tables:
    """The tables behind those that remember or hold a part of them."""
    while isinstance(tables, Remembered | Facts):
        tables = tables.picture
    return tables


@contextmanager
def keeping(tables: Kept) -> Iterator[Callable[[Any], Any]]:
    """What computes an expression once, to be read several times until the end of the block."""
    kept = []

    def keep(expression: Any) -> Any:
        kept.append(tables.session.keep(expression))
        return kept[-1]

    try:
        yield keep
    finally:
        for table in kept:
            tables.session.drop(table)


def of_sales(names: Iterable[str]) -> bool:
    """Whether figures split or cut by these dimensions need `OF_SALES`."""
    return not {*OF_ORDERS, *OF_LINES}.isdisjoint(names)
