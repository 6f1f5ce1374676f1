"""The facts that many metrics read, read once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huoshui.kernel.plugs import IbisTable, Tables

COLUMNS = {
    "orders": ("customer_id", "source", "order_id", "ordered_at", "revenue", "channel", "store"),
    "order_changes": ("customer_id", "source", "order_id", "occurred_at", "revenue", "product_id"),
}
"""The columns that the house's own metrics need."""


class Remembered:
    """Tables of which each is looked up once: the columns of customers are asked of the database each time."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._known: dict[str, Any] = {}

    def table(self, slug: str) -> IbisTable:
        """As the tables have it."""
        if slug not in self._known:
            self._known[slug] = self._tables.table(slug)
        return self._known[slug]


class Facts:
    """Tables of which those with `COLUMNS` are read once, when first asked for; implements `kernel.plugs.Tables`."""

    def __init__(self, tables: Tables, keep: Callable[[Any], Any]) -> None:
        self._tables = tables
        self._keep = keep
        self._kept: dict[str, Any] = {}

    def table(self, slug: str) -> IbisTable:
        """Its rows with just the `COLUMNS`; other tables as they are."""
        if slug not in COLUMNS:
            return self._tables.table(slug)
        if slug not in self._kept:
            self._kept[slug] = self._keep(self._tables.table(slug).select(*COLUMNS[slug]))
        return self._kept[slug]
