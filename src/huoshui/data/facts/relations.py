"""The facts as of a moment: what traits and metrics compute over."""

from __future__ import annotations

from typing import Any

import ibis

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import RELATIONS, IbisTable, Relation, Tables


def happened_before(rows: Any, time: str, as_of: AsOf) -> Any:
    """Rows whose business time is before ``as_of.at`` and, where asked, that had arrived before ``known_at``."""
    rows = rows.filter(rows[time] < ibis.literal(as_of.at))
    if as_of.known_at is not None:
        rows = rows.filter(rows.ingested_at < ibis.literal(as_of.known_at))
    return rows


def all_orders(tables: Tables, as_of: AsOf) -> IbisTable:
    """Purchases with the anonymous ones: orders with revenue above zero."""
    orders = happened_before(tables.table("orders"), "ordered_at", as_of)
    return orders.filter(orders.revenue > 0)


def all_changes(tables: Tables, as_of: AsOf) -> IbisTable:
    """Order changes with the anonymous ones."""
    return happened_before(tables.table("order_changes"), "occurred_at", as_of)


def purchases(tables: Tables, as_of: AsOf) -> IbisTable:
    """A purchase is an order of a known customer with revenue above zero, before any return."""
    return _of_known(all_orders(tables, as_of))


def changes(tables: Tables, as_of: AsOf) -> IbisTable:
    """Order changes of known customers."""
    return _of_known(all_changes(tables, as_of))


def purchase_lines(tables: Tables, as_of: AsOf) -> IbisTable:
    """Order lines of known customers with revenue above zero."""
    lines = happened_before(tables.table("order_lines"), "ordered_at", as_of)
    return _of_known(lines.filter(lines.revenue > 0))


def behaviour(tables: Tables, as_of: AsOf) -> IbisTable:
    """Events of known customers."""
    return _of_known(happened_before(tables.table("events"), "occurred_at", as_of))


def consent_states(tables: Tables, as_of: AsOf) -> IbisTable:
    """Consent statements of known customers."""
    return _of_known(happened_before(tables.table("consents"), "valid_from", as_of))


def _of_known(rows: Any) -> Any:
    return rows.filter(rows.customer_id.notnull())


def declare() -> None:
    """Called once, when the app starts."""
    for build in (purchases, changes, purchase_lines, behaviour, consent_states):
        RELATIONS.declare(Relation(slug=build.__name__, doc=str(build.__doc__), build=build))
