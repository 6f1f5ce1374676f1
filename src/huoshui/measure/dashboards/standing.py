"""How customers stood at a moment: their traits as they were, and which customers a slice leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import ibis

from huoshui.data.traits import queries as traits
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import TRAITS, IbisTable, Tables
from huoshui.measure.metrics.dimensions import OF_SALES, Value, of_type

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


def standing(tables: Tables, at: datetime, zone: ZoneInfo, slugs: Sequence[str]) -> IbisTable:
    """``customer_id`` and the traits ``slugs`` of every customer as of ``at``.

    From what refreshes have kept of that moment, else computed from the facts: the same values, unless facts of before
    ``at`` came in after they were kept.
    """
    if at in kept_moments(tables):
        history = tables.table("traits_history")
        return history.filter(history.as_of == ibis.literal(at)).select("customer_id", *slugs)
    return traits.trait_table(tables, AsOf(at=at, zone=zone), only=slugs)


def kept_moments(tables: Tables) -> list[datetime]:
    """The moments whose traits were kept, in UTC, oldest first."""
    history = tables.table("traits_history")
    snapshot = cast("Snapshot", tables)  # whoever asks for customers of a moment has a lake
    found = snapshot.arrow(history.select("as_of").distinct())["as_of"].to_pylist()
    return sorted(moment.astimezone(UTC) for moment in found)


def of_people(where: Mapping[str, Value] | None) -> dict[str, Value]:
    """What of a slice speaks of customers as they are: attributes such as ``province``, no channel and no product."""
    return {
        name: value for name, value in (where or {}).items() if name not in OF_SALES and name not in TRAITS
    }


def among(rows: Any, tables: Tables, where: Mapping[str, Value]) -> IbisTable:
    """Those of ``rows`` whose customer has the attributes of ``where``."""
    if not where:
        return rows
    people = tables.table("customers")
    for name, value in where.items():
        column = people[name]
        people = people.filter(
            column.isnull() if value is None else column == of_type(name, value, column.type())
        )
    return rows.semi_join(people.select("customer_id"), "customer_id")
