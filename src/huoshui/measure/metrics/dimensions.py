"""What figures can be split and sliced by."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import ibis

from huoshui.data.customers import queries as customers
from huoshui.data.customers.tables import PRESETS
from huoshui.kernel.plugs import TRAITS, Tables
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import groups
from huoshui.measure.metrics.errors import UnknownValue

Value = str | int | float | bool | date | None
Kind = Literal["sale", "product", "time", "attribute", "trait"]

OF_ORDERS = {
    "channel": Text("Channel", "渠道"),
    "store": Text("Store", "门店"),
    "source": Text("Source", "来源"),
}
"""Dimensions that a sale has and a person has not."""

OF_LINES = {"product": Text("Product", "商品"), "category": Text("Category", "品类")}
"""Dimensions of the lines of a sale: what was sold."""

OF_TIME = {
    "day": ("D", Text("Day", "日")),
    "week": ("W", Text("Week", "周")),
    "month": ("M", Text("Month", "月")),
    "quarter": ("Q", Text("Quarter", "季度")),
    "year": ("Y", Text("Year", "年")),
}
"""Dimensions of the moment: the first day of the day, week (from Monday), month …, in the house zone."""

OF_SALES = (*OF_ORDERS, *OF_LINES, *OF_TIME)

IN = "in"
"""The slice of a group of customers, written as for lists: ``in`` → ``segment:vip``. Nothing is split by it."""

_NOT_ATTRIBUTES = ("customer_id", "created_at", "load_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """Something that figures can be split by and cut to.

    ``kind`` says what has it: a sale (``channel``), what was sold (``product``), the moment (``month``), a customer
    as they are now (an ``attribute`` such as ``province``) or as they were at the end of the period (a ``trait``
    whose values are codes, such as ``stage``). Figures that count people have only the last two.
    """

    slug: str
    label: Text
    kind: Kind

    @property
    def of_people(self) -> bool:
        """Whether figures that count people can be split by it."""
        return self.kind in ("attribute", "trait")


def names(tables: Tables, *, of_people: bool = False) -> tuple[str, ...]:
    """The slugs of all dimensions; ``of_people`` leaves out those of sales. Asks the database for nothing."""
    attributes = [c for c in tables.table("customers").columns if _is_attribute(c)]
    coded = [trait.slug for trait in TRAITS if trait.values]
    return (*(() if of_people else OF_SALES), *attributes, *coded)


def dimensions(tables: Tables, *, of_people: bool = False) -> tuple[Dimension, ...]:
    """All dimensions with their names, in the order in which pages offer them; no retired attributes."""
    declared = customers.attributes(kind="ordinary", retired=True)
    labels, retired = _labels(declared), {one.slug for one in declared if one.retired_at}
    return tuple(
        Dimension(slug=name, label=named(name, labels), kind=_kind(name))
        for name in names(tables, of_people=of_people)
        if name not in retired
    )


def attribute_labels() -> dict[str, Text]:
    """How attributes are called, by slug."""
    return _labels(customers.attributes(kind="ordinary", retired=True))


def named(name: str, attributes: Mapping[str, Text] | None = None) -> Text:
    """The name of a dimension; the slug of one that is gone. ``attributes`` is what `attribute_labels` answered."""
    if name in TRAITS:
        return TRAITS[name].label
    if name == IN:
        return Text("Customers", "客户")
    fixed = {**OF_ORDERS, **OF_LINES, **{slug: label for slug, (_, label) in OF_TIME.items()}}
    if name in fixed:
        return fixed[name]
    return (attribute_labels() if attributes is None else attributes).get(name, Text(name, name))


def valued(name: str, value: Value) -> Text:
    """A value of a dimension in words."""
    if value is None or value == "":
        return Text("none", "无")
    if name == IN:
        return groups.said(str(value))
    if name in TRAITS and value in TRAITS[name].values:
        return TRAITS[name].values[str(value)]
    if isinstance(value, bool):
        return Text("yes", "是") if value else Text("no", "否")
    return Text(str(value), str(value))


def state_of(where: Mapping[str, Value]) -> Hashable:
    """What answers for a slice depend on besides the house version: its values, and what its group means now.

    Raises what the group says of an argument that means nothing.
    """
    cut = tuple(sorted((name, str(value)) for name, value in where.items()))
    return cut, groups.state(str(where[IN])) if IN in where else None


def _kind(name: str) -> Kind:
    fixed: dict[Kind, Collection[str]] = {
        "sale": OF_ORDERS,
        "product": OF_LINES,
        "time": OF_TIME,
        "trait": TRAITS.slugs(),
    }
    return next((kind for kind, slugs in fixed.items() if name in slugs), "attribute")


def _is_attribute(column: str) -> bool:
    return column not in (*_NOT_ATTRIBUTES, IN) and column not in TRAITS and column not in OF_SALES


def of_type(name: str, value: Value, type_: Any) -> Any:
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


def _labels(declared: Iterable[customers.DeclaredAttribute]) -> dict[str, Text]:
    presets = {slug: Text(en, zh) for slug, en, zh, _type in PRESETS}
    return presets | {one.slug: Text(one.label_en, one.label_zh) for one in declared}
