"""Which customers a slice leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.kernel.plugs import TRAITS, IbisTable, Tables
from huoshui.measure.metrics import groups
from huoshui.measure.metrics.dimensions import IN, OF_SALES, Value, of_type


def of_people(where: Mapping[str, Value] | None) -> dict[str, Value]:
    """What of a slice speaks of customers as they are: attributes such as ``province``, no channel and no product."""
    return {
        name: value for name, value in (where or {}).items() if name not in OF_SALES and name not in TRAITS
    }


def among(rows: Any, tables: Tables, where: Mapping[str, Value]) -> IbisTable:
    """Those of ``rows`` whose customer has the attributes of ``where``, and belongs to its group."""
    if not where:
        return rows
    people = tables.table("customers")
    for name, value in where.items():
        if name == IN:
            people = people.semi_join(groups.members(tables, str(value)), "customer_id")
            continue
        column = people[name]
        people = people.filter(
            column.isnull() if value is None else column == of_type(name, value, column.type())
        )
    return rows.semi_join(people.select("customer_id"), "customer_id")
