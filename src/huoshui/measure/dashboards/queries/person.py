"""One customer, read by few queries of few files: who they are, their past, their orders, their company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from huoshui.data.customers import details
from huoshui.data.customers import queries as customers
from huoshui.data.customers.queries import Profile
from huoshui.data.customers.scope import require_seen
from huoshui.data.privacy import queries as privacy
from huoshui.data.privacy.queries import Statement
from huoshui.data.traits import queries as traits
from huoshui.data.traits.queries import TraitValue
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import TRAITS
from huoshui.lake import pointing
from huoshui.lake.pointing import Between, Part, Place, Row

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

BY = "customer_id"
MEMBERS = 20

PAST: dict[str, Part] = {
    "orders": Part(
        slug="orders",
        at="ordered_at",
        key="order_id",
        columns=("order_id", "source", "revenue", "channel", "store", "coupon"),
        searched=("order_id", "channel", "store", "coupon", "campaign"),
    ),
    "order_changes": Part(
        slug="order_changes",
        at="occurred_at",
        key="change_id",
        columns=("order_id", "document_id", "kind", "product_id", "revenue"),
        searched=("order_id", "document_id", "kind", "product_id"),
    ),
    "events": Part(
        slug="events",
        at="occurred_at",
        key="message_id",
        columns=("name", "product_id", "value", "properties"),
        searched=("name", "product_id", "properties"),
    ),
    "touches": Part(
        slug="touches",
        at="occurred_at",
        key="touch_id",
        columns=("kind", "channel", "campaign", "journey", "step", "variant"),
        searched=("kind", "channel", "campaign", "journey"),
    ),
    "answers": Part(
        slug="answers",
        at="answered_at",
        key="answer_id",
        columns=("survey", "question", "metric", "score", "sentiment"),
        searched=("survey", "question", "metric"),
    ),
}
"""What the past of a customer is made of, by table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A value an attribute has or had, since when, and who said it."""

    slug: str
    value: str
    valid_from: datetime
    source: str
    load_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a customer is. ``attributes`` are all values there were, newest first; ``by_hand`` those typed in that the
    lake does not know yet. ``version`` is the house version that was read; ``under_14`` says that a guardian would have
    to agree before anything is done with their data."""

    profile: Profile
    attributes: Sequence[Attribute]
    by_hand: Mapping[str, str]
    tags: Sequence[str]
    consents: Sequence[Statement]
    traits: Mapping[str, TraitValue]
    version: int
    under_14: bool

    @property
    def current(self) -> dict[str, str]:
        """The values that hold now, by slug; cleared ones are left out."""
        newest: dict[str, str] = {}
        for one in self.attributes:
            newest.setdefault(one.slug, one.value)
        return {slug: value for slug, value in {**newest, **self.by_hand}.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of an order, in the house currency."""

    order_id: str
    source: str
    name: str
    quantity: Decimal | None
    revenue: Decimal | None


@dataclass(frozen=True, slots=True)
class Past:
    """A stretch of what happened, newest first. ``newer`` and ``older`` say whether there is more on that side."""

    rows: Sequence[Row]
    lines: Mapping[tuple[str, str], Sequence[Line]]
    newer: bool
    older: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """An order with its lines and what came back of it, in the house currency."""

    order_id: str
    source: str
    ordered_at: datetime
    channel: str
    store: str
    revenue: Decimal
    changed: Decimal
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders of a customer, newest first: one page of them, and the sums of all. ``purchases`` have revenue above 0."""

    rows: Sequence[Bought]
    total: int
    purchases: int
    revenue: Decimal
    changed: Decimal

    @property
    def net(self) -> Decimal:
        """What is left after returns and corrections."""
        return self.revenue + self.changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of the same company whom the actor sees."""

    customer_id: int
    name: str
    traits: Mapping[str, TraitValue]


def person(*, actor: Actor, tables: Snapshot, customer_id: int, now: datetime) -> Person:
    """The customer as the house knows them. Raises `NoSuchCustomer`, also outside the actor's scope; `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    require_seen(actor, customer_id)
    said = pointing.find(
        tables,
        "customer_attributes",
        by=BY,
        values=[customer_id],
        columns=("name", "value", "valid_from", "source", "load_id"),
    )
    said.sort(key=lambda row: (row["valid_from"], row["load_id"] or 0, row["value"] or ""), reverse=True)
    given = pointing.find(tables, "customer_tags", by=BY, values=[customer_id], columns=("tag", "valid_to"))
    return Person(
        profile=customers.profile(customer_id),
        attributes=[
            Attribute(
                slug=row["name"],
                value=row["value"] or "",
                valid_from=row["valid_from"],
                source=row["source"],
                load_id=row["load_id"],
            )
            for row in said
        ],
        by_hand=customers.hand_values(customer_id),
        tags=sorted({row["tag"] for row in given if row["valid_to"] is None}),
        consents=privacy.statements(customer_id),
        traits=values(tables, [customer_id]).get(customer_id, {}),
        version=tables.version,
        under_14=bool(privacy.under_14([customer_id], now=now)),
    )


def values(tables: Snapshot, customer_ids: Sequence[int]) -> dict[int, dict[str, TraitValue]]:
    """The traits of some customers as last computed."""
    found = pointing.find(tables, "traits", by=BY, values=customer_ids)
    return {row[BY]: traits.in_row(row) for row in found}


def past(
    *,
    tables: Snapshot,
    customer_id: int,
    kinds: Sequence[str] = (),
    between: Between = pointing.EVERYTHING,
    most: int,
) -> Past:
    """A stretch of the past of a customer whom the actor was found to see. ``kinds`` are keys of `PAST`; none: all."""
    parts = [part for slug, part in PAST.items() if not kinds or slug in kinds]
    rows = pointing.newest(tables, parts, by=BY, value=customer_id, most=most + 1, between=between)
    beyond = len(rows) > most
    rising = between.newer_than is not None
    shown = (rows[1:] if rising else rows[:most]) if beyond else rows
    ids = [row.values["order_id"] for row in shown if row.place.slug == "orders"]
    return Past(
        rows=shown,
        lines=_lines(tables, customer_id, ids),
        newer=beyond if rising else between.older_than is not None,
        older=True if rising else beyond,
    )


def orders(*, tables: Snapshot, customer_id: int, page: int, size: int) -> Orders:
    """The orders of a customer whom the actor was found to see."""
    bought = pointing.find(
        tables,
        "orders",
        by=BY,
        values=[customer_id],
        columns=("order_id", "source", "ordered_at", "channel", "store", "revenue"),
    )
    bought.sort(key=lambda row: (row["ordered_at"], row["source"], row["order_id"]), reverse=True)
    changes = pointing.find(
        tables, "order_changes", by=BY, values=[customer_id], columns=("order_id", "source", "revenue")
    )
    back: dict[tuple[str, str | None], Decimal] = {}
    for row in changes:
        key = (row["source"], row["order_id"])
        back[key] = back.get(key, Decimal(0)) + (row["revenue"] or 0)
    shown = bought[(page - 1) * size : page * size]
    lines = _lines(tables, customer_id, [row["order_id"] for row in shown])
    # A purchase has revenue above zero (data/facts/relations.py); only purchases count as orders and as spending.
    counted = [row["revenue"] for row in bought if (row["revenue"] or 0) > 0]
    return Orders(
        rows=[
            Bought(
                order_id=row["order_id"],
                source=row["source"],
                ordered_at=row["ordered_at"],
                channel=row["channel"] or "",
                store=row["store"] or "",
                revenue=row["revenue"] or Decimal(0),
                changed=back.get((row["source"], row["order_id"]), Decimal(0)),
                lines=lines.get((row["source"], row["order_id"]), ()),
            )
            for row in shown
        ],
        total=len(bought),
        purchases=len(counted),
        revenue=sum(counted, Decimal(0)),
        changed=sum(back.values(), Decimal(0)),
    )


def colleagues(*, actor: Actor, tables: Snapshot, account_id: int) -> tuple[Sequence[Member], int]:
    """Customers of a company whom the actor sees, with their traits, and how many there are."""
    named, total = details.members(actor, account_id, most=MEMBERS)
    known = values(tables, [pk for pk, _name in named]) if named else {}
    return [Member(customer_id=pk, name=name, traits=known.get(pk, {})) for pk, name in named], total


def history(*, tables: Snapshot, customer_id: int, slug: str) -> Sequence[tuple[datetime, Any]]:
    """The values of one trait as it was computed, oldest first."""
    found = pointing.find(
        tables, "traits_history", by=BY, values=[customer_id], columns=("as_of", TRAITS[slug].slug)
    )
    return sorted((row["as_of"], row[slug]) for row in found) if found else []


def _lines(tables: Snapshot, customer_id: int, order_ids: Sequence[str]) -> dict[tuple[str, str], list[Line]]:
    if not order_ids:
        return {}
    columns = ("order_id", "source", "line_no", "product_id", "quantity", "revenue")
    rows = pointing.find(tables, "order_lines", by=BY, values=[customer_id], columns=columns)
    wanted = set(order_ids)
    rows = sorted(
        (row for row in rows if row["order_id"] in wanted), key=lambda row: (row["order_id"], row["line_no"])
    )
    ids = sorted({row["product_id"] for row in rows if row["product_id"] is not None})
    named = pointing.find(
        tables, "products", by="product_id", values=ids, columns=("product_id", "source", "name")
    )
    names = {(row["source"], row["product_id"]): row["name"] for row in named}
    found: dict[tuple[str, str], list[Line]] = {}
    for row in rows:
        name = names.get((row["source"], row["product_id"])) or row["product_id"] or ""
        line = Line(
            order_id=row["order_id"],
            source=row["source"],
            name=name,
            quantity=row["quantity"],
            revenue=row["revenue"],
        )
        found.setdefault((row["source"], row["order_id"]), []).append(line)
    return found


__all__ = ["PAST", "Between", "Orders", "Past", "Person", "Place", "Row"]
