"""Everything the house knows of one customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.data.customers import queries as customers
from huoshui.data.customers.queries import Profile
from huoshui.data.privacy import queries as privacy
from huoshui.data.privacy.queries import Statement
from huoshui.data.traits import queries as traits
from huoshui.data.traits.queries import TraitValue
from huoshui.kernel.actors import Actor, Right

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

LAST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order. ``revenue`` is in the house currency, ``revenue_original`` in ``currency``; times are in UTC."""

    order_id: str
    source: str
    ordered_at: datetime
    revenue: Decimal
    revenue_original: Decimal | None
    currency: str | None
    channel: str | None
    store: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed revenue after an order; a refund is negative, in the house currency."""

    document_id: str
    order_id: str | None
    source: str
    occurred_at: datetime
    kind: str
    product_id: str | None
    quantity: Decimal | None
    revenue: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """The 360 view of one customer.

    ``attributes`` holds the ordinary attributes that have a value; identifying and sensitive ones are in
    ``profile.guarded``. ``traits`` is empty before the first refresh. ``orders`` and ``changes`` are the last ones,
    newest first; ``orders_in_all`` and ``changes_in_all`` say how many there are.
    """

    profile: Profile
    attributes: dict[str, Any]
    tags: tuple[str, ...]
    consents: tuple[Statement, ...]
    traits: dict[str, TraitValue]
    orders: tuple[Order, ...]
    orders_in_all: int
    changes: tuple[Change, ...]
    changes_in_all: int


def customer(*, actor: Actor, tables: Snapshot, customer_id: int, last: int = LAST) -> CustomerView:
    """The customer as the house knows them, with the ``last`` orders and changes.

    Raises `NoSuchCustomer` and `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    profile = customers.profile(customer_id)
    orders, orders_in_all = _newest(tables, "orders", "ordered_at", ("order_id",), customer_id, last)
    changes, changes_in_all = _newest(
        tables, "order_changes", "occurred_at", ("change_id",), customer_id, last
    )
    return CustomerView(
        profile=profile,
        attributes=_attributes(tables, customer_id),
        tags=_tags(tables, customer_id),
        consents=privacy.statements(customer_id),
        traits=traits.current(tables=tables, customer_id=customer_id),
        orders=tuple(Order(**_only(row, Order)) for row in orders),
        orders_in_all=orders_in_all,
        changes=tuple(Change(**_only(row, Change)) for row in changes),
        changes_in_all=changes_in_all,
    )


def _attributes(tables: Snapshot, customer_id: int) -> dict[str, Any]:
    slugs = [a.slug for a in customers.attributes(kind="ordinary")]
    rows = tables.table("customers")
    present = [slug for slug in slugs if slug in rows.columns]
    found = tables.arrow(rows.filter(rows.customer_id == customer_id).select(present).limit(1)).to_pylist()
    return {slug: value for row in found for slug, value in row.items() if value is not None}


def _tags(tables: Snapshot, customer_id: int) -> tuple[str, ...]:
    rows = tables.table("customer_tags")
    held = rows.filter(rows.customer_id == customer_id, rows.valid_to.isnull()).select("tag").distinct()
    return tuple(sorted(tables.arrow(held)["tag"].to_pylist()))


def _newest(
    tables: Snapshot, slug: str, time: str, ties: tuple[str, ...], customer_id: int, last: int
) -> tuple[list[dict[str, Any]], int]:
    rows = tables.table(slug)
    mine = rows.filter(rows.customer_id == customer_id)
    counted = mine.mutate(in_all=mine.count().over(ibis.window()))
    newest = counted.order_by(ibis.desc(time), *ties).limit(last)
    found = [{**row, time: row[time].astimezone(UTC)} for row in tables.arrow(newest).to_pylist()]
    return found, found[0]["in_all"] if found else 0


def _only(row: dict[str, Any], type_: type) -> dict[str, Any]:
    return {name: row[name] for name in type_.__dataclass_fields__}  # type: ignore[attr-defined]
