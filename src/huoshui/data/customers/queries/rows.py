"""Customers as rows: what the lake is to know of everybody, and who of the database must be in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis
import pyarrow as pa

from huoshui.data.customers import tiers
from huoshui.data.customers.attributes import LAKE_TYPES, VALUE_PATTERNS
from huoshui.data.customers.models import Customer, SearchDue, SearchText
from huoshui.data.customers.queries.attributes import DeclaredAttribute, attributes
from huoshui.database.rows import fetch, moment, moments
from huoshui.kernel.plugs import IbisTable, Tables

MOMENT = pa.timestamp("us", "UTC")
BASE_SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("created_at", MOMENT),
        ("load_id", pa.int64()),
    ]
)
PAGE = 50_000


def base_rows() -> pa.Table:
    """All customers as Arrow rows with `BASE_SCHEMA`, ordered by ``customer_id``: what the lake may know of each."""
    pages: list[pa.Table] = []
    last = 0
    while True:
        rows = Customer.objects.filter(pk__gt=last, deleted_at=None).order_by("pk")
        page = fetch(rows.values_list("customer_id", moment("created_at"), "load_id")[:PAGE])
        if not page:
            return pa.concat_tables([BASE_SCHEMA.empty_table(), *pages])
        ids, created, loads = zip(*page, strict=True)
        columns = [pa.array(ids), moments(created), pa.array(loads, pa.int64())]
        pages.append(pa.table(columns, schema=BASE_SCHEMA))
        last = ids[-1]


def current_customers(
    tables: Tables, base: IbisTable, declared: Iterable[DeclaredAttribute] | None = None
) -> IbisTable:
    """The content of the lake table ``customers``, in the order of its columns.

    ``base`` has a row per customer with `BASE_SCHEMA` (`base_rows`, or any Ibis table of the same engine). Each
    ordinary attribute becomes a column with its newest value (by ``valid_from``; of equal ones the later load's,
    then the greater text); a text that is no value of the declared type gives an empty cell. A city tier that
    nobody said is that of the city (`tiers`).
    """
    wanted = attributes(kind="ordinary", retired=True) if declared is None else tuple(declared)
    rows = tables.table("customer_attributes")
    # The greatest (moment, load, value) and not the value at the greatest moment: engines say what the first one is
    # when moments are equal.
    said = ibis.struct({"valid_from": rows.valid_from, "load_id": rows.load_id, "value": rows.value})
    newest = rows.group_by("customer_id").aggregate(
        **{a.slug: said.max(where=(rows.name == a.slug) & rows.value.notnull()) for a in wanted}
    )
    newest = newest.select("customer_id", **{f"newest_{a.slug}": newest[a.slug]["value"] for a in wanted})
    joined = base.left_join(newest, "customer_id")
    values = {a.slug: _typed(joined[f"newest_{a.slug}"], a.type) for a in wanted}
    if {"city", "country", "city_tier"} <= values.keys():
        tier = tiers.tier_of(values["city"], values["country"])
        values["city_tier"] = ibis.coalesce(values["city_tier"], tier)
    return joined.select(
        customer_id=joined.customer_id,
        created_at=joined.created_at,
        load_id=joined.load_id,
        **values,
    )


def _typed(text: Any, type_: str) -> Any:
    if type_ == "text":
        return text.nullif("")  # cleared by hand
    fits = text.re_search(VALUE_PATTERNS[type_])
    return ibis.cases((fits, text.try_cast(LAKE_TYPES[type_])))


def ids_for_lake() -> tuple[set[int], set[int]]:
    """Customers whom the lake must know, and all whom it may know: deleted ones can come back, and those who were
    typed in come to it with its next write."""
    rows = fetch(Customer.objects.values_list("pk", "load_id", "deleted_at"))
    must = {pk for pk, load_id, deleted_at in rows if load_id is not None and deleted_at is None}
    return must, {pk for pk, _load, _deleted in rows}


def created_by(load_id: int) -> pa.Array:
    """Ids of the customers that the load brought."""
    rows = fetch(Customer.objects.filter(load_id=load_id).order_by("pk").values_list("pk"))
    return pa.array([pk for (pk,) in rows], pa.int64())


def unfindable(sample: int = 200) -> tuple[int, int]:
    """How many customers wait for their words to be written, and how many of a sample have other words than they should
    though they do not wait: those were changed past the verbs of this room."""
    from huoshui.data.customers.services.searching import words_now

    waiting = set(SearchDue.objects.values_list("pk", flat=True)[:100_000])
    ids = [
        pk
        for pk in Customer.objects.order_by("pk").values_list("pk", flat=True)[:sample]
        if pk not in waiting
    ]
    kept = dict(SearchText.objects.filter(pk__in=ids).values_list("pk", "words"))
    should = words_now(ids)
    return SearchDue.objects.count(), sum(kept.get(pk) != should.get(pk) for pk in ids)
