"""The same figures from fewer rows: a page of a few weeks does not wait for the sales of all years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.kernel.plugs import IbisTable
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import Value
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
        self._tables = tables
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
        # One scan for each stretch: the engine leaves out what lies outside of two bounds, not of many.
        return ibis.union(*(rows.filter(_inside(rows[time], *ends)) for ends in _stretches(self._periods)))


class NewOnly:
    """Tables of the orders of a period by customers who, by their traits, had not bought before it."""

    def __init__(self, tables: Snapshot, period: Period) -> None:
        self._tables = tables
        self._period = period
        self.arrow = tables.arrow

    def table(self, slug: str) -> IbisTable:
        """The rows of orders that may be first ones; other tables as they are."""
        rows = self._tables.table(slug)
        if slug != "orders":
            return rows
        traits = self._tables.table("traits")
        old = traits.filter(traits.first_order_at < ibis.literal(self._period.start)).select("customer_id")
        return rows.filter(_inside(rows.ordered_at, self._period.start, self._period.end)).anti_join(
            old, "customer_id"
        )


def evaluate(
    slugs: Sequence[str],
    *,
    tables: Snapshot,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    where: Mapping[str, Value],
    trusted: bool,
) -> Answer:
    """`metrics.evaluate_many` of metrics of sales, changes and new customers.

    ``trusted`` says that the traits know of all orders, so that they may tell who is not new.
    """
    within: Any = Within(tables, periods, where)  # as much of a snapshot as the evaluator asks for
    found: Answer = metrics.evaluate_many(
        [slug for slug in slugs if slug not in FIRST_SALES],
        tables=within,
        periods=periods,
        by=by,
        where=where,
    )
    for slug in FIRST_SALES & set(slugs):
        found[slug] = [
            (
                period,
                metrics.evaluate(
                    slug,
                    tables=NewOnly(tables, period) if trusted else tables,
                    period=period,
                    by=by,
                    where=where,
                ),
            )
            for period in periods
        ]
    return found


def _stretches(periods: Sequence[Period]) -> list[tuple[datetime, datetime]]:
    """The stretches of time that periods cover together, without gap and overlap."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted((period.start, period.end) for period in periods):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _inside(time: Any, start: datetime, end: datetime) -> Any:
    return (time >= ibis.literal(start)) & (time < ibis.literal(end))
