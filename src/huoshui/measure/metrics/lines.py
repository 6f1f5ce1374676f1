"""Sales and changes by what was sold.

An order counts once for each product or category in which it has money. Money is complete: what the lines of an order
do not explain (an order without lines, a discount on the whole) stands under "no product", so the cells of revenue add
up to revenue. Cells of orders and of customers do not add up: an order of two products is in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from huoshui.kernel.plugs import Tables

_MONEY = "decimal(18, 4)"
_ORDER = ("source", "order_id")


def cells_of_lines(tables: Tables, by: Sequence[str]) -> Any:
    """What the lines of each order say: ``source``, ``order_id``, ``by`` (some of `OF_LINES`), ``of_cell``."""
    lines = tables.table("order_lines").rename(product="product_id")
    named = lines.filter(lines.revenue != 0, ibis.or_(*(lines[name].notnull() for name in by)))
    return named.group_by(*_ORDER, *by).aggregate(of_cell=named.revenue.sum().cast(_MONEY))


def sales_by_lines(sales: Any, cells: Any, by: Sequence[str]) -> Any:
    """``sales`` (with ``source``, ``order_id``, ``revenue``) once for each of their cells, as `cells_of_lines` says.

    ``revenue`` is that of the cell; cells without money are left out.
    """
    known = cells.group_by(*_ORDER).aggregate(of_cell=cells.of_cell.sum() * -1)
    nothing = {name: ibis.null("string") for name in by}
    # The whole order stands in the cell of nothing, from which all that its lines name is taken away.
    named = known.select(*_ORDER, **nothing, of_cell=known.of_cell.cast(_MONEY))
    parts = cells.select(*_ORDER, *by, "of_cell").union(named)
    parts = parts.rename(_source="source", _order_id="order_id")
    joined = sales.left_join(parts, [sales.source == parts["_source"], sales.order_id == parts["_order_id"]])
    rest = ibis.and_(*(joined[name].isnull() for name in by))
    money = ibis.ifelse(rest, joined.revenue + joined.of_cell.fill_null(0), joined.of_cell)
    rows = joined.select(*(c for c in sales.columns if c != "revenue"), *by, revenue=money.cast(_MONEY))
    return rows.filter(rows.revenue != 0)


def changes_with_products(changes: Any, tables: Tables) -> Any:
    """``changes`` with ``product`` and its ``category`` of today: a change does not say what it was then."""
    products = tables.table("products")
    known = products.select("category", _source=products.source, _product=products.product_id)
    joined = changes.left_join(
        known, [changes.source == known["_source"], changes.product_id == known["_product"]]
    )
    return joined.drop("_source", "_product").rename(product="product_id")
