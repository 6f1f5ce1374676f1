"""What was sold where: products, places, channels of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import Value, names
from huoshui.measure.metrics.periods import Period

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

TOP = 5
MOST_PLACES = 8
MOST_CHANNELS = 8
REGIONS = ("province", "city", "country")
"""Attributes that say where customers are, the first that has at least two values is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopProduct:
    """A product by what it brought in after returns and corrections, in the house currency."""

    product_id: str
    name: str
    revenue: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Revenue by where customers are: ``rows`` of the dimension ``by``, the greatest first, each with what it was in
    the period compared with, where that is known."""

    by: str
    rows: Sequence[tuple[str, Decimal, Decimal | None]]


def top_products(
    tables: Snapshot, period: Period, where: Mapping[str, Value], *, most: int = TOP
) -> list[TopProduct]:
    """The products that brought most in a period, without services such as postage."""
    sums = _by_product(tables, period, where)
    best = sorted(sums, key=lambda product: (-sums[product], product))[: most * 4]
    products = tables.table("products")
    found = products.filter(products.product_id.isin(best)).select("product_id", "name", "category", "source")
    known = {
        row["product_id"]: row
        for row in sorted(tables.arrow(found).to_pylist(), key=lambda r: str(r["source"]), reverse=True)
    }
    services = {product for product, row in known.items() if (row["category"] or "").startswith("=")}
    goods = [product for product in best if product not in services and sums[product] > 0][:most]
    return [
        TopProduct(
            product_id=product,
            name=(known[product]["name"] if product in known else "") or product,
            revenue=sums[product],
        )
        for product in goods
    ]


def _by_product(tables: Snapshot, period: Period, where: Mapping[str, Value]) -> dict[str, Decimal]:
    """Revenue by product: what the metric ``revenue`` says of each, for the whole house straight from the lines."""
    if where:
        cells = metrics.evaluate("revenue", tables=tables, period=period, by=("product",), where=where)
        return {str(c.dimensions["product"]): Decimal(c.value or 0) for c in cells if c.dimensions["product"]}
    lines, changes = tables.table("order_lines"), tables.table("order_changes")
    both = lines.select("product_id", "revenue", at=lines.ordered_at).union(
        changes.select("product_id", "revenue", at=changes.occurred_at)
    )
    within = (both["at"] >= ibis.literal(period.start)) & (both["at"] < ibis.literal(period.end))
    goods = both.filter(within, both.product_id.notnull())
    summed = goods.group_by("product_id").aggregate(revenue=goods.revenue.sum())
    return {row["product_id"]: row["revenue"] for row in tables.arrow(summed).to_pylist()}


def places(
    tables: Snapshot, period: Period, compared: Period | None, where: Mapping[str, Value]
) -> Places | None:
    """Revenue by region; nothing for a house that does not know where its customers are."""
    customers = tables.table("customers")
    offered = [name for name in REGIONS if name in names(tables, of_people=True)]
    if not offered:
        return None
    counts = customers.aggregate(**{name: customers[name].nunique() for name in offered})
    (row,) = tables.arrow(counts).to_pylist()
    by = next((name for name in offered if row[name] > 1), None)
    if by is None:
        return None
    periods = [period] if compared is None else [period, compared]
    found = metrics.evaluate_many(["revenue"], tables=tables, periods=periods, by=(by,), where=where)[
        "revenue"
    ]
    now, *before = ({c.dimensions[by]: Decimal(c.value or 0) for c in cells} for _period, cells in found)
    known = sorted((str(p) for p in now if p is not None), key=lambda place: (-now[place], place))
    rows = [(p, now[p], before[0].get(p, Decimal(0)) if before else None) for p in known[:MOST_PLACES]]
    return Places(by=by, rows=rows) if rows else None


def channels(tables: Snapshot, period: Period, *, most: int = MOST_CHANNELS) -> list[str]:
    """The channels of a period, the one with the most orders first; sales without a channel are left out."""
    cells = metrics.evaluate("orders", tables=tables, period=period, by=("channel",))
    known = [
        (c.value or 0, str(c.dimensions["channel"])) for c in cells if c.dimensions["channel"] is not None
    ]
    return [channel for _orders, channel in sorted(known, key=lambda pair: (-pair[0], pair[1]))[:most]]
