"""How customers stood at a moment: from what refreshes have kept of it, else computed anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import ibis

from huoshui.data.traits import queries
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import TRAITS, IbisTable, Tables

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


def standing(tables: Tables, as_of: AsOf, slugs: Sequence[str]) -> IbisTable:
    """``customer_id`` and the traits ``slugs`` of every customer as of a moment.

    From what refreshes have kept of that moment, else computed from the facts: the same values, unless facts of before
    it came in after they were kept.
    """
    snapshot = cast("Snapshot", tables)  # whoever asks for customers of a moment has a lake
    # What the house itself defined may have meant something else when it was kept.
    if as_of.known_at is None and not any(TRAITS[slug].defined_at for slug in slugs):
        last = queries.last_refresh(tables=snapshot)
        if last is not None and last[0] == as_of.at:
            return tables.table("traits").select("customer_id", *slugs)
        if as_of.at in kept_moments(tables):
            history = tables.table("traits_history")
            return history.filter(history.as_of == ibis.literal(as_of.at)).select("customer_id", *slugs)
    return queries.trait_table(tables, as_of, only=slugs)


def kept_moments(tables: Tables) -> list[datetime]:
    """The moments whose traits the history keeps, in UTC, oldest first."""
    history = tables.table("traits_history")
    found = cast("Snapshot", tables).arrow(history.select("as_of").distinct())["as_of"].to_pylist()
    return sorted(moment.astimezone(UTC) for moment in found)
