"""Views of the facts that the traits of value and rhythm are computed over."""

from __future__ import annotations

import ibis

from huoshui.data.facts import relations
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import RELATIONS, IbisTable, Relation, Tables
from huoshui.science import lifecycle

RECENT_DAYS = 365

SERVICE_MARK = "="
"""Categories that start with it are service lines: postage, fees, adjustments."""


def purchases_in_order(tables: Tables, as_of: AsOf) -> IbisTable:
    """Purchases with ``day`` and ``days_since_previous``, the days since the customer's last day of purchase before.

    One relation for sums and intervals alike, so that orders are read once for all traits.
    """
    purchases = relations.purchases(tables, as_of)
    rows = purchases.select("customer_id", "ordered_at", "revenue", day=purchases.ordered_at.date())
    return rows.mutate(
        days_since_previous=lifecycle.days_since_previous(
            customer=rows.customer_id, day=rows.day, then=(rows.ordered_at, rows.revenue)
        )
    )


def category_spending(tables: Tables, as_of: AsOf) -> IbisTable:
    """What each customer spent in each category of goods: ``customer_id``, ``category``, ``spent``."""
    lines = relations.purchase_lines(tables, as_of)
    goods = lines.filter(lines.category.notnull(), ~lines.category.startswith(SERVICE_MARK))
    return goods.group_by("customer_id", "category").aggregate(spent=goods.revenue.sum())


def recent_behaviour(tables: Tables, as_of: AsOf) -> IbisTable:
    """Events of known customers within 365 days; older ones say nothing of today and are most of the table."""
    events = relations.behaviour(tables, as_of)
    return events.filter(events.occurred_at >= ibis.literal(as_of.days_before(RECENT_DAYS)))


def declare() -> None:
    """Called once, when the app starts."""
    for build in (purchases_in_order, category_spending, recent_behaviour):
        RELATIONS.declare(Relation(slug=build.__name__, doc=str(build.__doc__), build=build))
