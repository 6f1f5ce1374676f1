"""The list of customers: filtered and sorted in the lake, names of one page from the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.data.customers import queries
from huoshui.data.customers.models import Customer
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Text

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

SIZE = 25
MOST_FOUND = 500
"""How many customers a search by words may name; the rest asks for more words."""
USUAL_SORT = "-last_order_at"
NUMBERS = ("int64", "float64", "decimal(18, 4)")


class NotAColumn(HuoshuiError):
    """A list was asked for by something that customers have no value of."""

    code = "not_a_column"
    says = Text("Customers have no such value", "客户没有这个属性或特征")


class NotACondition(HuoshuiError):
    """A condition was asked for that means nothing."""

    code = "not_a_condition"
    says = Text("This condition means nothing here", "这个条件在这里不成立")


class NoSuchPage(HuoshuiError):
    """The list is shorter than that."""

    code = "no_such_page"
    says = Text("The list has no such page", "列表没有这一页")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Something that customers have a value of. ``numeric`` ones have ranges, those with ``values`` codes."""

    slug: str
    label: Text
    numeric: bool = False
    values: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What customers are asked for; every condition holds.

    ``any_of`` is slug → codes; ``least`` and ``most`` are bounds of numbers, both included.
    """

    words: str = ""
    any_of: Mapping[str, Sequence[str]] = field(default_factory=dict)
    least: Mapping[str, Decimal] = field(default_factory=dict)
    most: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A customer of the list; ``values`` by slug."""

    customer_id: int
    name: str
    phone: str
    email: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page. ``total`` counts all customers that meet the conditions."""

    rows: Sequence[Row]
    total: int


def known() -> dict[str, Known]:
    """Everything that a list can show, by slug: traits first, then ordinary attributes."""
    found = {
        trait.slug: Known(
            slug=trait.slug,
            label=trait.label,
            numeric=trait.type in NUMBERS,
            values=trait.values,
        )
        for trait in TRAITS
    }
    for attribute in queries.attributes(kind="ordinary"):
        found.setdefault(
            attribute.slug,
            Known(
                slug=attribute.slug,
                label=Text(attribute.label_en, attribute.label_zh),
                numeric=attribute.type in ("integer", "decimal"),
            ),
        )
    return found


def bound(text: str) -> Decimal:
    """A bound as somebody typed it. Raises `NotACondition`."""
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation as error:
        raise NotACondition(
            "This is not a number", received=repr(text[:40]), valid="a number such as 1000"
        ) from error
    if not value.is_finite() or abs(value) >= Decimal(10) ** 14:
        raise NotACondition("This number is too large", received=repr(text[:40]), valid="at most 14 digits")
    return value


def find(
    *,
    actor: Actor,
    tables: Snapshot,
    conditions: Conditions,
    columns: Sequence[str],
    sort: str = USUAL_SORT,
    page: int = 1,
    size: int = SIZE,
) -> Found:
    """One page of the customers who meet the conditions, as of the last refresh.

    ``sort`` is a slug, with ``-`` in front for the greatest first; customers without a value come last, equal ones by
    id. Raises `NotAColumn`, `NotACondition`, `NoSuchPage`, `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    offered = known()
    by = sort.removeprefix("-")
    for slug in (*columns, by, *conditions.any_of, *conditions.least, *conditions.most):
        if slug not in offered:
            raise NotAColumn(
                "Customers have no such value", received=repr(slug[:40]), valid=", ".join(offered)
            )
    wanted = tuple(dict.fromkeys((*columns, by, *conditions.any_of, *conditions.least, *conditions.most)))
    rows = _rows(tables, wanted)
    filters = _filters(rows, conditions, offered)
    if filters:
        rows = rows.filter(*filters)
    order = ibis.desc(rows[by], nulls_first=False) if sort.startswith("-") else ibis.asc(rows[by])
    counted = rows.mutate(in_all=rows.count().over(ibis.window()))
    shown = counted.order_by(order, counted.customer_id).limit(size, offset=(page - 1) * size)
    found = tables.arrow(shown).to_pylist()
    if not found and page > 1:
        raise NoSuchPage(
            "The list has no such page", received=str(page), next_step="Start from its first page"
        )
    people = contacts([row["customer_id"] for row in found])
    return Found(
        rows=[
            Row(
                customer_id=row["customer_id"],
                **people.get(row["customer_id"], {"name": "", "phone": "", "email": ""}),
                values={slug: row[slug] for slug in wanted},
            )
            for row in found
        ],
        total=found[0]["in_all"] if found else 0,
    )


def ids_by_words(words: str) -> list[int]:
    """Who may be meant: by any identity, else by a part of the name; at most `MOST_FOUND`."""
    exact = [one.customer_id for one in queries.find(words)]
    named = Customer.objects.filter(deleted_at=None, name__icontains=words.strip()).order_by("pk")
    return list(dict.fromkeys([*exact, *named.values_list("pk", flat=True)[:MOST_FOUND]]))[:MOST_FOUND]


def _rows(tables: Snapshot, wanted: Sequence[str]) -> Any:
    """A row per customer with the wanted columns; customers who came after the last refresh have no traits yet."""
    people, traits = tables.table("customers"), tables.table("traits")
    of_traits = [slug for slug in wanted if slug in TRAITS and slug in traits.columns]
    of_people = [slug for slug in wanted if slug not in TRAITS and slug in people.columns]
    narrow = traits.select(*of_traits, _of=traits.customer_id)
    rows = people.select("customer_id", *of_people).left_join(narrow, people.customer_id == narrow["_of"])
    missing = {slug: ibis.null("string") for slug in wanted if slug not in (*of_traits, *of_people)}
    return rows.drop("_of").mutate(**missing)


def _filters(rows: Any, conditions: Conditions, offered: Mapping[str, Known]) -> list[Any]:
    filters = []
    if conditions.words:
        filters.append(rows.customer_id.isin(ids_by_words(conditions.words)))
    for slug, codes in conditions.any_of.items():
        values = offered[slug].values
        unknown = [code for code in codes if values and code not in values]
        if unknown:
            raise NotACondition(
                f"{offered[slug].label.en} has no such value",
                received=repr(unknown[0][:40]),
                valid=", ".join(values),
            )
        filters.append(rows[slug].cast("string").isin(list(codes)))
    for bounds, above in ((conditions.least, True), (conditions.most, False)):
        for slug, value in bounds.items():
            if not offered[slug].numeric:
                raise NotACondition(f"{offered[slug].label.en} is not a number", received=slug)
            limit = ibis.literal(float(value)) if rows[slug].type().is_floating() else ibis.literal(value)
            filters.append(rows[slug] >= limit if above else rows[slug] <= limit)
    return filters


def contacts(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Name, phone and e-mail by id, as they are; whoever shows them decides what may be seen."""
    found = Customer.objects.filter(pk__in=list(ids), deleted_at=None).values("pk", "name", "phone", "email")
    return {row["pk"]: {"name": row["name"], "phone": row["phone"], "email": row["email"]} for row in found}
