"""The whole house on one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import ibis

from huoshui.data.connectors import queries as connectors
from huoshui.data.traits import queries as traits
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import TRAITS
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.periods import Period, months_after, months_between
from huoshui.measure.metrics.queries import Number
from huoshui.measure.metrics.scope import Value

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

PEOPLE = "customers_by_stage"
TOTALS = (
    PEOPLE,
    "gross_revenue",
    "returns",
    "revenue",
    "orders",
    "average_order_value",
    "active_customers",
    "repeat_rate",
    "retention_12m",
)
"""Metrics over everything before the moment of the overview."""

LATELY = ("revenue", "orders", "average_order_value", "active_customers", "new_customers")
"""Metrics of the current days, beside those of as many days before."""

GROUPS = ("stage", "value_class", "rfm_segment")
DAYS = 30
MONTHS = 12
TOP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TopProduct:
    """A product by what it brought in after returns and corrections, in the house currency."""

    product_id: str
    name: str
    revenue: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The figures of the house as of one moment; money in the house currency, times in UTC.

    ``as_of`` is that of the last refresh; before the first it is now, and ``computed_at`` is empty.
    ``totals`` (metric → value) cover everything before ``as_of``; ``lately`` the days of ``period``, ``previously`` as
    many days just before. ``groups`` holds customers by trait and code, every code named, customers
    without one under ``None``. ``months`` are the last 12 calendar months, the last one as far as it has come.
    ``top_products`` are those of these months, without services such as postage. ``last_order_at`` and ``loads`` tell
    of what is loaded by now; ``stale`` says that something was loaded after the last refresh.
    """

    as_of: datetime
    computed_at: datetime | None
    period: Period
    totals: Mapping[str, Number | None]
    lately: Mapping[str, Number | None]
    previously: Mapping[str, Number | None]
    groups: Mapping[str, Mapping[str | None, int]]
    months: Sequence[tuple[date, Decimal]]
    top_products: Sequence[TopProduct]
    last_order_at: datetime | None
    loads: int
    stale: bool

    @property
    def empty(self) -> bool:
        """Whether nothing was loaded yet that these figures speak of."""
        return not self.totals[PEOPLE] and self.last_order_at is None


def overview(
    *,
    actor: Actor,
    tables: Snapshot,
    zone: ZoneInfo,
    now: datetime,
    lately: Period | None = None,
    where: Mapping[str, Value] | None = None,
) -> Overview:
    """The figures of the house as of the last refresh.

    ``lately`` are the days of the current figures, the last 30 if not given; ``where`` is a slice (dimension → value)
    of these figures. Raises `NotAllowed`, `UnknownDimension`, `UnknownValue`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    refreshed = traits.last_refresh(tables=tables)
    as_of = AsOf(at=refreshed[0] if refreshed else now, zone=zone)
    ever = Period.all_until(as_of)
    lately = lately or Period.before(as_of, days=DAYS)
    previously = Period.days(lately.first_day - (lately.end_day - lately.first_day), lately.first_day, zone)
    year = Period.days(months_after(_month_of(as_of), 1 - MONTHS), Period.before(as_of, days=1).end_day, zone)
    people = metrics.evaluate(PEOPLE, tables=tables, period=ever, by=GROUPS)
    everybody = sum(int(cell.numerator) for cell in people)
    loads, changed_at = _loads(actor)
    return Overview(
        as_of=as_of.at,
        computed_at=refreshed[1] if refreshed else None,
        totals={PEOPLE: everybody, **_values([m for m in TOTALS if m != PEOPLE], tables, ever)},
        period=lately,
        lately=_values(LATELY, tables, lately, where),
        previously=_values(LATELY, tables, previously, where),
        groups={group: _counted(group, people) for group in GROUPS},
        months=_by_month(tables, year),
        top_products=_top_products(tables, year),
        last_order_at=_last_order(tables),
        loads=loads,
        stale=bool(refreshed and changed_at and changed_at > refreshed[1]),
    )


def end_of_figures(*, tables: Snapshot, zone: ZoneInfo, now: datetime) -> date:
    """The day after the last one that the figures of an overview know of."""
    refreshed = traits.last_refresh(tables=tables)
    return Period.before(AsOf(at=refreshed[0] if refreshed else now, zone=zone), days=1).end_day


def _values(
    slugs: Sequence[str], tables: Snapshot, period: Period, where: Mapping[str, Value] | None = None
) -> dict[str, Number | None]:
    return {
        slug: metrics.evaluate(slug, tables=tables, period=period, where=where)[0].value for slug in slugs
    }


def _counted(group: str, people: Sequence[metrics.Cell]) -> dict[str | None, int]:
    """Customers by one of the groups: the sums of the cells that were split by all of them."""
    counts: Counter[Any] = Counter()
    for cell in people:
        counts[cell.dimensions[group]] += int(cell.numerator)
    named: dict[str | None, int] = {code: counts.get(code, 0) for code in TRAITS[group].values}
    if counts.get(None):
        named[None] = counts[None]
    return named


def _month_of(as_of: AsOf) -> date:
    """The first day of the month that ``as_of`` closes: midnight of the first belongs to the month before."""
    return (Period.before(as_of, days=1).first_day).replace(day=1)


def _by_month(tables: Snapshot, year: Period) -> list[tuple[date, Decimal]]:
    cells = metrics.evaluate("revenue", tables=tables, period=year, by=("month",))
    known = {cell.dimensions["month"]: Decimal(cell.value or 0) for cell in cells}
    months = [p.first_day for p in months_between(year.first_day, year.end_day, year.zone)]
    return [(month, known.get(month, Decimal(0))) for month in months]


def _top_products(tables: Snapshot, year: Period) -> list[TopProduct]:
    lines, changes = tables.table("order_lines"), tables.table("order_changes")
    of_lines = lines.select("source", "product_id", "revenue", "quantity", at=lines.ordered_at)
    of_changes = changes.select("source", "product_id", "revenue", "quantity", at=changes.occurred_at)
    both = of_lines.union(of_changes)
    within = (both["at"] >= ibis.literal(year.start)) & (both["at"] < ibis.literal(year.end))
    products = tables.table("products")
    services = products.filter(products.category.startswith("=")).select("source", "product_id")
    goods = both.filter(within, both.product_id.notnull()).anti_join(services, ["source", "product_id"])
    summed = goods.group_by("source", "product_id").aggregate(
        revenue=goods.revenue.sum(), quantity=goods.quantity.sum()
    )
    best = summed.filter(summed.revenue > 0).order_by(ibis.desc("revenue"), "source", "product_id").limit(TOP)
    named = products.select(_source=products.source, _product=products.product_id, name=products.name)
    joined = best.left_join(named, [best.source == named["_source"], best.product_id == named["_product"]])
    found = tables.arrow(joined.order_by(ibis.desc("revenue"), "source", "product_id")).to_pylist()
    return [
        TopProduct(
            product_id=row["product_id"],
            name=row["name"] or row["product_id"],
            revenue=row["revenue"],
            quantity=row["quantity"],
        )
        for row in found
    ]


def _last_order(tables: Snapshot) -> datetime | None:
    orders = tables.table("orders")
    found = tables.arrow(orders.aggregate(last=orders.ordered_at.max()))["last"][0].as_py()
    return found.astimezone(UTC) if found is not None else None


def _loads(actor: Actor) -> tuple[int, datetime | None]:
    """How many loads count, and when the last one came; nothing for people who may not see them."""
    if Right.IMPORTS_RUN not in actor.rights:
        return 0, None
    loads = connectors.loads(actor=actor)
    moments = [load.started_at for load in loads if load.state == "loaded"]
    return len(moments), max(moments, default=None)
