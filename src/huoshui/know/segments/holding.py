"""Traits and attributes of everybody as of the last refresh, held in memory: the same few are asked for all the time.

Rules that are tried out while somebody builds them then read the facts alone. The values are those of the tables
``traits`` and ``customers`` of one version each, so that what is held never grows old; it shares the room of the
columns that lists hold (`columns.keep`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.data.customers.columns import Ids, Places, keep, kept, places
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.lake import pointing
from huoshui.lake.snapshot import EmbeddedSnapshot


def ids(tables: EmbeddedSnapshot) -> Ids:
    """Every customer of the last refresh, rising; who stands where in it is their place."""
    return _Held(tables, "traits").columns(())[0]


def reader(
    tables: EmbeddedSnapshot, of_traits: Sequence[str], of_customers: Sequence[str]
) -> Callable[[], dict[str, pa.Array]]:
    """What gives a value for each of `ids`, in any thread: ``customer_id``, ``trait_SLUG``, ``attribute_SLUG``."""
    held_traits, held_customers = _Held(tables, "traits"), _Held(tables, "customers")

    def read() -> dict[str, pa.Array]:
        known, traits = held_traits.columns(of_traits)
        theirs, attributes = held_customers.columns(of_customers) if of_customers else (known, {})
        if theirs is not known and not np.array_equal(theirs, known):
            found = places(theirs, known)
            at = pa.array(found, mask=found < 0)
            attributes = {slug: column.take(at) for slug, column in attributes.items()}
        return {
            "customer_id": pa.array(known),
            **{f"trait_{slug}": column for slug, column in traits.items()},
            **{f"attribute_{slug}": column for slug, column in attributes.items()},
        }

    return read


def at_once(tables: Tables, rows: IbisTable) -> IbisTable:
    """``rows``, which are used several times, found once where they come from memory."""
    return tables.session.hold(tables.arrow(rows)) if isinstance(tables, EmbeddedSnapshot) else rows


class _Held:
    """A table with a row for each customer, in the order of their ids."""

    def __init__(self, tables: EmbeddedSnapshot, table: str) -> None:
        self.house = ("segments", str(tables.lake.root), table, tables.versions.get(table, 0))
        self.read = pointing.whole(tables, table)

    def columns(self, slugs: Sequence[str]) -> tuple[Ids, dict[str, pa.Array]]:
        """The rising ids, and these columns."""
        columns = {slug: kept((*self.house, slug)) for slug in slugs}
        known, order = kept((*self.house, "customer_id")), kept((*self.house, "their order"))
        missing = [slug for slug, column in columns.items() if column is None]
        if known is None or (missing and order is None):
            whose = self.read(["customer_id"])["customer_id"].to_numpy()
            order = keep((*self.house, "their order"), partial(_order, whose))
            known = keep((*self.house, "customer_id"), partial(_placed, whose, order))
        if missing:
            found = self.read(missing)
            for slug in missing:
                columns[slug] = keep((*self.house, slug), partial(_column, found[slug], order))
        return known, columns


def _order(whose: Ids) -> Places:
    """The places of the rising ids; none where they rise as they are."""
    rising = bool((whose[1:] > whose[:-1]).all())
    return np.empty(0, np.int32) if rising else np.argsort(whose, kind="stable").astype(np.int32)


def _placed(whose: Ids, order: Places) -> Ids:
    return whose[order] if len(order) else whose


def _column(values: pa.ChunkedArray, order: Places) -> pa.Array:
    """The values in this order, or as they are; of texts each one once, with where it stands."""
    together = values.combine_chunks()
    if pa.types.is_string(together.type):
        together = pc.dictionary_encode(together)
    return together.take(pa.array(order)) if len(order) else together
