"""The same figures from fewer rows: a page of a few weeks does not wait for the sales of all years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.kernel.plugs import IbisTable
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import Value
from huoshui.measure.metrics.facts import Facts, keeping, of_sales
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.queries import Cell

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

Answer = dict[str, list[tuple[Period, list[Cell]]]]
FIRST_SALES = frozenset({"new_customers"})
"""Metrics that look at what people bought before the period, too."""


class Within:
    """Tables without what happened outside of some periods: enough for figures of sales and changes in them."""

    def __init__(self, tables: Snapshot, periods: Sequence[Period], where: Mapping[str, Value]) -> None:
        self._tables = self.whole = tables
        self._periods = periods
        # The channel of a change is that of its order, which may be older.
        self._whole_orders = bool({"channel", "store"} & set(where))
        self.session = tables.session
        self.arrow = tables.arrow

    def table(self, slug: str) -> IbisTable:
        """The rows of orders and order changes within the periods; other tables as they are."""
        rows = self._tables.table(slug)
        time = {"orders": "ordered_at", "order_changes": "occurred_at"}.get(slug)
        if time is None or (slug == "orders" and self._whole_orders):
            return rows
        return _within(rows, time, _stretches(self._periods))


class NewOnly:
    """Tables of the orders in some periods by customers who, by their traits, bought for the first time in them."""

    def __init__(self, tables: Snapshot, periods: Sequence[Period]) -> None:
        self._tables = self.whole = tables
        self._stretches = _stretches(periods)
        self.session = tables.session
        self.arrow = tables.arrow

    def table(self, slug: str) -> IbisTable:
        """The rows of orders that may be first ones; other tables as they are."""
        rows = self._tables.table(slug)
        if slug != "orders":
            return rows
        traits = self._tables.table("traits")
        new = _within(traits, "first_order_at", self._stretches).select("customer_id")
        return _within(rows, "ordered_at", self._stretches).semi_join(new, "customer_id")


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of sales, changes and new customers in some periods, of which each fact table is read once."""

    sales: Facts
    new: Facts
    where: Mapping[str, Value]

    def of(self, slugs: Sequence[str], periods: Sequence[Period], by: Sequence[str] = ()) -> Answer:
        """`metrics.evaluate_many`, in some of these periods."""
        usual = [slug for slug in slugs if slug not in FIRST_SALES]
        asked: Any = {"periods": periods, "by": by, "where": self.where}
        found = metrics.evaluate_many(usual, tables=self.sales, **asked)
        return found | metrics.evaluate_many(sorted(FIRST_SALES & set(slugs)), tables=self.new, **asked)


@contextmanager
def figures(
    tables: Snapshot, periods: Sequence[Period], where: Mapping[str, Value], *, trusted: bool
) -> Iterator[Figures]:
    """What `Figures` there are, until the end of the block.

    ``trusted`` says that the traits know of all orders, so that they may tell who is new.
    """
    within: Any = Within(tables, periods, where)  # as much of a snapshot as the evaluator asks for
    first: Any = NewOnly(tables, periods) if trusted else tables
    with keeping(tables) as keep:
        sales, new = (Facts(one, keep, of_sales=of_sales(where)) for one in (within, first))
        yield Figures(sales, new, where)


def _stretches(periods: Sequence[Period]) -> list[tuple[datetime, datetime]]:
    """The stretches of time that periods cover together, without gap and overlap."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted((period.start, period.end) for period in periods):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _within(rows: Any, time: str, stretches: Sequence[tuple[datetime, datetime]]) -> Any:
    """One scan for each stretch: the engine leaves out what lies outside of two bounds, not of many."""
    return ibis.union(
        *(
            rows.filter(rows[time] >= ibis.literal(start), rows[time] < ibis.literal(end))
            for start, end in stretches
        )
    )
