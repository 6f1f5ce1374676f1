"""Who is a child, by what the house knows of their birth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from huoshui.data.customers.models import HandValue, ProfileValue
from huoshui.database.lookups import Many
from huoshui.lake import newest_version, open_lake
from huoshui.lake.kept import kept

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

YEAR = "birth_year"
BIRTHS = (YEAR, "birthday", "birth_date", "date_of_birth")
"""Attributes that tell when somebody was born. The others than the year are such where they are dates."""

OF_AGE = 14
"""Years below which nothing is done with somebody's data unless a guardian agrees (PIPL 31)."""


def children(customer_ids: Sequence[int] | None, *, today: date) -> set[int]:
    """Those of some customers, a thousand or so, or of all, who are under fourteen on the day ``today`` of the house.

    As the law counts years, on their fourteenth birthday they still are; who told a year alone is one to the end of
    the year in which they turn fourteen. Any word of such a birth makes somebody a child; who told nothing is none.
    What was typed in counts before the lake has it. Two small queries of the database and, of a new house version, one
    of the lake.
    """
    said = _said(customer_ids)
    found = {one for (one, name), value in said.items() if _of_child(name, value, today)}
    # The lake may hold what was corrected by hand since.
    known = [(one, name) for name, ones in _in_lake(today).items() for one in ones]
    found |= {one for one, name in known if (one, name) not in said}
    return found if customer_ids is None else found & set(customer_ids)


def youngest(today: date) -> date:
    """The first day of birth of those who are children on ``today``: born on it or later."""
    year = today.year - OF_AGE
    try:
        return today.replace(year=year)
    except ValueError:  # today is the last day of a February that the other year has not
        return date(year, 3, 1)


def _said(customer_ids: Sequence[int] | None) -> dict[tuple[int, str], str]:
    """The newest words of births that are in the database, by customer and attribute; empty where one was cleared."""
    typed, guarded = (
        HandValue.objects.filter(name__in=BIRTHS),
        ProfileValue.objects.filter(field__in=BIRTHS),
    )
    if customer_ids is not None:
        people = Many(customer_ids)
        typed, guarded = (
            typed.filter(customer_id__among=people),
            guarded.filter(customer_id__among=people),
        )
    rows = typed.values_list("customer_id", "name", "value", "valid_from").union(
        guarded.values_list("customer_id", "field", "value", "valid_from"), all=True
    )
    return {(one, name): value for one, name, value, _at in sorted(rows, key=lambda row: row[3])}


def _of_child(name: str, value: str, today: date) -> bool:
    if name == YEAR:
        return value.isascii() and value.isdecimal() and int(value) >= youngest(today).year
    try:
        return date.fromisoformat(value) >= youngest(today)
    except ValueError:
        return False


def _in_lake(today: date) -> dict[str, frozenset[int]]:
    """Who is a child by the lake, by attribute; of one house version it is asked once a day."""
    version = newest_version()
    if not version:
        return {}
    lake = open_lake()

    def ask() -> dict[str, frozenset[int]]:
        return lake.read(lambda snapshot: _children(snapshot, today))

    return kept(("children", str(lake.root), version, today), ask)


def _children(tables: Snapshot, today: date) -> dict[str, frozenset[int]]:
    customers = cast("Any", tables.table("customers"))
    found = {}
    for name in BIRTHS:
        if name not in customers.columns:
            continue
        column = customers[name]
        if name == YEAR and column.type().is_integer():
            young = column >= youngest(today).year
        elif column.type().is_date():
            young = column >= youngest(today)
        else:
            continue
        ids = tables.arrow(customers.filter(young).select("customer_id")).column("customer_id")
        found[name] = frozenset(cast("pa.ChunkedArray", ids).to_pylist())
    return found
