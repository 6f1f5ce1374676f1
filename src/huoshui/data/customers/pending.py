"""What was typed in and is not in the lake yet, laid over what the lake says; and values of few customers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa
from django.db.models import Count, Max

from huoshui.data.customers import queries
from huoshui.data.customers.attributes import LAKE_TYPES
from huoshui.data.customers.columns import Ids, keep, places
from huoshui.data.customers.models import Customer, HandValue
from huoshui.kernel.plugs import TRAITS
from huoshui.lake import pointing

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

POINTED_AT = 200
"""Up to so many customers are looked up by their ids; for more, reading on costs less."""


def people(tables: Snapshot) -> Ids:
    """All customers of the lake, rising."""

    def ask() -> Ids:
        found = tables.arrow(tables.table("customers").select("customer_id"))
        return np.sort(found.column("customer_id").to_numpy())

    return keep((str(tables.lake.root), "people", tables.versions.get("customers", 0)), ask)


class Pending:
    """What was typed in and is not in the lake yet. ``stamp`` changes with it."""

    def __init__(self, tables: Snapshot) -> None:
        self.stamp: Hashable = None
        self.new: list[int] = []
        self.names: frozenset[str] = frozenset()
        edits = HandValue.objects.aggregate(n=Count("pk"), last=Max("pk"))
        # By the moment, which the partial index is sorted by: databases would walk all customers by their key instead.
        rows = Customer.objects.filter(load_id=None, created_at__isnull=False, deleted_at=None)
        typed = sorted(rows.order_by("created_at").values_list("pk", "created_at"))
        if typed:
            found = places(people(tables), np.array([pk for pk, _ in typed], dtype=np.int64))
            typed = [one for one, place in zip(typed, found.tolist(), strict=True) if place < 0]
            self.new = [pk for pk, _ in typed]
        if typed or edits["n"]:
            self.stamp = (edits["n"], edits["last"], len(typed), typed[-1][0] if typed else 0)
            self._created = dict(typed)

    def concerns(self, ids: Sequence[int]) -> bool:
        """Whether something of one of these customers is pending."""
        if self.stamp is None:
            return False
        return bool({*self.new} & {*ids}) or HandValue.objects.filter(customer_id__among=list(ids)).exists()

    def as_table(self) -> pa.Table:
        """One row per customer of whom something is pending: id, ``is_new``, since when, and texts of their values;
        ``NAME_said`` tells whether a value was typed in."""
        values: dict[int, dict[str, str]] = {pk: {} for pk in self.new}
        names: set[str] = set()
        rows = HandValue.objects.order_by("valid_from", "pk").values_list("customer_id", "name", "value")
        for customer_id, name, value in rows:
            values.setdefault(customer_id, {})[name] = value
            names.add(name)
        self.names = frozenset(names)
        ids = sorted(values)
        columns: dict[str, Any] = {
            "hand_id": pa.array(ids, pa.int64()),
            "is_new": pa.array([pk in self._created for pk in ids], pa.bool_()),
        }
        for name in sorted(names):
            columns[f"{name}_said"] = pa.array([name in values[pk] for pk in ids], pa.bool_())
            columns[f"{name}_hand"] = pa.array([values[pk].get(name) or None for pk in ids], pa.string())
        return pa.table(columns)


def pending(tables: Snapshot) -> Pending:
    """What the lake does not know yet."""
    return Pending(tables)


def rows_of(tables: Snapshot, wanted: Sequence[str], hand: Pending, ids: Sequence[int] | None = None) -> Any:
    """A row per customer (or of those of ``ids``) with the wanted columns, what is pending laid over the lake."""
    persons, traits = tables.table("customers"), tables.table("traits")
    if ids is not None:
        persons = persons.filter(persons.customer_id.isin(list(ids)))
        traits = traits.filter(traits.customer_id.isin(list(ids)))
    of_traits = [slug for slug in wanted if slug in TRAITS and slug in traits.columns]
    of_people = [slug for slug in wanted if slug not in TRAITS and slug in persons.columns]
    base = persons.select("customer_id", *of_people)
    if hand.stamp is not None:
        base = _overlaid(tables, base, of_people, hand)
    if of_traits:
        narrow = traits.select(*of_traits, of_traits_=traits.customer_id)
        base = base.left_join(narrow, base.customer_id == narrow["of_traits_"]).drop("of_traits_")
    missing = {slug: ibis.null("string") for slug in wanted if slug not in (*of_traits, *of_people)}
    return base.mutate(**missing) if missing else base


def values_of(
    tables: Snapshot, wanted: Sequence[str], hand: Pending, ids: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """The wanted values of these customers, by id and slug; moments in UTC."""
    if len(ids) > POINTED_AT or hand.concerns(ids):
        rows = tables.arrow(rows_of(tables, wanted, hand, ids)).to_pylist()
        return {row.pop("customer_id"): {slug: _in_utc(value) for slug, value in row.items()} for row in rows}
    found: dict[int, dict[str, Any]] = {}
    for table, slugs in (
        ("customers", [slug for slug in wanted if slug not in TRAITS]),
        ("traits", [slug for slug in wanted if slug in TRAITS]),
    ):
        if slugs:
            columns = ["customer_id", *slugs]
            for row in pointing.find(tables, table, by="customer_id", values=ids, columns=columns):
                found.setdefault(row.pop("customer_id"), dict.fromkeys(wanted)).update(row)
    return found


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _overlaid(tables: Snapshot, base: Any, of_people: Sequence[str], hand: Pending) -> Any:
    table = hand.as_table()
    held = tables.session.hold(table)
    touched = [slug for slug in of_people if slug in hand.names]
    types = {a.slug: LAKE_TYPES[a.type] for a in queries.attributes(kind="ordinary", retired=True)}
    arrived = held.filter(held.is_new).select(
        customer_id=held.hand_id, **{slug: ibis.null(base[slug].type()) for slug in of_people}
    )
    base = base.union(arrived)
    if not touched:
        return base
    said = held.select("hand_id", *(f"{slug}_{part}" for slug in touched for part in ("said", "hand")))
    joined = base.left_join(said, base.customer_id == said.hand_id)
    over = {
        slug: ibis.ifelse(
            joined[f"{slug}_said"].fill_null(False),
            joined[f"{slug}_hand"].try_cast(types[slug])
            if types[slug] != "string"
            else joined[f"{slug}_hand"],
            joined[slug],
        )
        for slug in touched
    }
    return joined.select("customer_id", *(s for s in of_people if s not in touched), **over)
