"""The scope of one evaluation: which facts, which period, which slice, split by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import ibis

from huoshui.data.facts import relations
from huoshui.data.traits import queries as traits
from huoshui.kernel.plugs import TRAITS, IbisTable, Tables
from huoshui.measure.metrics.errors import UnknownDimension, UnknownValue
from huoshui.measure.metrics.periods import Period

Value = str | int | float | bool | date | None

OF_ORDERS = ("channel", "store", "source")
"""Dimensions that a sale has and a person has not."""

OF_TIME = {"day": "D", "week": "W", "month": "M"}
"""Dimensions of the moment: the first day of the day, week (from Monday) or month, in the house zone."""

_NOT_ATTRIBUTES = ("customer_id", "created_at", "load_id")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a metric is asked for.

    ``by`` names the dimensions its rows must carry; ``where`` holds the slice: dimension → value, where ``None``
    asks for the rows without a value. Dimensions are `OF_ORDERS`, `OF_TIME`, every attribute of ``customers``, and
    every trait whose values are codes (such as ``stage``), as of the end of the period.
    """

    tables: Tables
    period: Period
    by: tuple[str, ...] = ()
    where: Mapping[str, Value] = field(default_factory=dict)

    @property
    def used(self) -> tuple[str, ...]:
        """All dimensions that rows must carry, each once."""
        return tuple(dict.fromkeys((*self.by, *self.where)))

    # -- facts ---------------------------------------------------------------------------------------------------

    def sales(self) -> IbisTable:
        """Orders with revenue in the period, anonymous ones too, with ``at``, ``revenue`` and the dimensions."""
        orders = relations.all_orders(self.tables, self.period.end_as_of)
        orders = orders.filter(orders.ordered_at >= ibis.literal(self.period.start))
        return self._sliced(_plain_sales(orders), at="at")

    def changes(self) -> IbisTable:
        """Order changes that occurred in the period, as `sales`; channel and store are those of their order."""
        changes = relations.all_changes(self.tables, self.period.end_as_of)
        changes = changes.filter(changes.occurred_at >= ibis.literal(self.period.start))
        plain = changes.select(
            "customer_id", "source", "revenue", at=changes.occurred_at, order_id=changes.order_id
        )
        if {"channel", "store"} & set(self.used):
            orders = self.tables.table("orders")
            known = orders.select("channel", "store", _source=orders.source, _order_id=orders.order_id)
            plain = plain.left_join(
                known, [plain.source == known["_source"], plain.order_id == known["_order_id"]]
            ).drop("_source", "_order_id")
        return self._sliced(plain, at="at")

    def first_sales(self) -> IbisTable:
        """The first purchase ever of each customer who made it in the period, as `sales`.

        Of several at the same moment, the one with the lowest source and order number.
        """
        purchases = relations.purchases(self.tables, self.period.end_as_of)
        first = purchases.group_by("customer_id").aggregate(_first=purchases.ordered_at.min())
        first = first.filter(first["_first"] >= ibis.literal(self.period.start)).rename(
            _customer="customer_id"
        )
        candidates = purchases.inner_join(
            first, [purchases.customer_id == first["_customer"], purchases.ordered_at == first["_first"]]
        )
        place = ibis.row_number().over(
            ibis.window(group_by=candidates.customer_id, order_by=[candidates.source, candidates.order_id])
        )
        chosen = candidates.mutate(_place=place)
        return self._sliced(_plain_sales(chosen.filter(chosen["_place"] == 0)), at="at")

    def people(self, rows: Any) -> IbisTable:
        """``rows`` (one per customer, with ``customer_id``) with the dimensions of people.

        Raises `UnknownDimension` for a dimension that only a sale has.
        """
        for name in self.used:
            if name in OF_ORDERS or name in OF_TIME:
                raise UnknownDimension(
                    "This metric counts people, and people have no such dimension",
                    received=name,
                    valid=", ".join(dimensions(self.tables, of_people=True)),
                )
        return self._sliced(rows, at=None)

    # -- inside --------------------------------------------------------------------------------------------------

    def _sliced(self, rows: Any, *, at: str | None) -> Any:
        """``rows`` with a column for each dimension, and only those of the slice."""
        valid = dimensions(self.tables)
        for name in self.used:
            if name not in valid:
                raise UnknownDimension("There is no such dimension", received=name, valid=", ".join(valid))
        moments = {
            name: rows[at].truncate(OF_TIME[name]).date() for name in self.used if at and name in OF_TIME
        }
        rows = rows.mutate(**moments)
        coded = [name for name in self.used if name in TRAITS]
        attributes = [n for n in self.used if n not in OF_ORDERS and n not in OF_TIME and n not in TRAITS]
        if attributes:
            customers = self.tables.table("customers")
            known = customers.select(*attributes, _person=customers.customer_id)
            rows = rows.left_join(known, rows.customer_id == known["_person"]).drop("_person")
        if coded:
            computed = traits.trait_table(self.tables, self.period.end_as_of, only=coded)
            computed = computed.rename(_trait_of="customer_id")
            rows = rows.left_join(computed, rows.customer_id == computed["_trait_of"]).drop("_trait_of")
        for name, value in self.where.items():
            column = rows[name]
            rows = rows.filter(
                column.isnull() if value is None else column == _of_type(name, value, column.type())
            )
        return rows


def dimensions(tables: Tables, *, of_people: bool = False) -> tuple[str, ...]:
    """All dimensions that figures can be split or sliced by; ``of_people`` leaves out those of sales."""
    attributes = [
        c for c in tables.table("customers").columns if c not in _NOT_ATTRIBUTES and c not in TRAITS
    ]
    coded = [trait.slug for trait in TRAITS if trait.values]
    return (*(() if of_people else (*OF_ORDERS, *OF_TIME)), *attributes, *coded)


def _of_type(name: str, value: Value, type_: Any) -> Any:
    """``value``, which may have come as text, in the type of the dimension's column. Raises `UnknownValue`."""
    allowed = TRAITS[name].values if name in TRAITS else {}
    text = str(value)
    try:
        if allowed and text not in allowed:
            raise ValueError
        if type_.is_boolean():
            return {"true": True, "false": False}[text.lower()]
        if type_.is_integer():
            return int(text)
        if type_.is_date():
            return ibis.literal(date.fromisoformat(text))
        if type_.is_numeric():
            return ibis.literal(Decimal(text)).cast(type_)
    except (ValueError, KeyError, ArithmeticError) as error:
        raise UnknownValue(
            f"The dimension {name} has no such value",
            received=text,
            valid=", ".join(allowed) or f"a value of type {type_}",
        ) from error
    return text


def _plain_sales(orders: Any) -> Any:
    return orders.select(
        "customer_id", "source", "order_id", "channel", "store", "revenue", at=orders.ordered_at
    )
