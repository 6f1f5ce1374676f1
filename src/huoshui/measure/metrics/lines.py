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


def cells_of_lines(sales: Any, tables: Tables, by: Sequence[str]) -> Any:
    """What the lines of ``sales`` say: their columns, ``revenue`` that of the cell, and ``by`` (some of `OF_LINES`).

    ``sales`` have ``source``, ``order_id`` and ``revenue``. The money of a cell may be zero.
    """
    lines = tables.table("order_lines").rename(product="product_id")
    named = lines.filter(lines.revenue != 0, ibis.or_(*(lines[name].notnull() for name in by)))
    named = named.select(*by, _source=named.source, _order_id=named.order_id, _of_line=named.revenue)
    joined = sales.inner_join(named, [sales.source == named["_source"], sales.order_id == named["_order_id"]])
    keys = [name for name in sales.columns if name != "revenue"]
    return joined.group_by(*keys, *by).aggregate(revenue=joined["_of_line"].sum().cast(_MONEY))


def unexplained(sales: Any, cells: Any, by: Sequence[str]) -> Any:
    """What the `cells_of_lines` leave of each of the ``sales``, as such a cell of nothing."""
    columns = [name for name in sales.columns if name != "revenue"]
    parts = sales.select(*columns, revenue=sales.revenue.cast(_MONEY)).union(
        cells.select(*columns, revenue=(cells.revenue * -1).cast(_MONEY))
    )
    rest = parts.group_by(*columns).aggregate(revenue=parts.revenue.sum().cast(_MONEY))
    return rest.filter(rest.revenue != 0).mutate(**{name: ibis.null("string") for name in by})


def changes_with_products(changes: Any, tables: Tables) -> Any:
    """``changes`` with ``product`` and its ``category`` of today: a change does not say what it was then."""
    products = tables.table("products")
    known = products.select("category", _source=products.source, _product=products.product_id)
    joined = changes.left_join(
        known, [changes.source == known["_source"], changes.product_id == known["_product"]]
    )
    return joined.drop("_source", "_product").rename(product="product_id")
