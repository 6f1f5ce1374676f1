"""Traits and attributes of everybody as of the last refresh, held in memory: the same few are asked for all the time.

Rules that are tried out while somebody builds them then read the facts alone. The values are those of the tables
``traits`` and ``customers`` of one version each, so that what is held never grows old; it shares the room of the
columns that lists hold (`columns.keep`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.data.customers.columns import Ids, keep, kept, places
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.lake.snapshot import EmbeddedSnapshot


def ids(tables: EmbeddedSnapshot) -> Ids:
    """Every customer of the last refresh, rising; who stands where in it is their place."""
    return _held(tables, "traits", ())[0]


def people(
    tables: EmbeddedSnapshot,
    of_traits: Sequence[str],
    of_customers: Sequence[str],
    further: Mapping[str, pa.Array],
) -> IbisTable:
    """Every customer of `ids`: ``customer_id``, ``trait_SLUG``, ``attribute_SLUG``, and ``further`` columns by name."""
    known, traits = _held(tables, "traits", of_traits)
    theirs, attributes = _held(tables, "customers", of_customers) if of_customers else (known, {})
    if theirs is not known and not np.array_equal(theirs, known):
        found = places(theirs, known)
        at = pa.array(found, mask=found < 0)
        attributes = {slug: column.take(at) for slug, column in attributes.items()}
    return tables.session.hold(
        pa.table(
            {
                "customer_id": pa.array(known),
                **{f"trait_{slug}": column for slug, column in traits.items()},
                **{f"attribute_{slug}": column for slug, column in attributes.items()},
                **further,
            }
        )
    )


def at_once(tables: Tables, rows: IbisTable) -> IbisTable:
    """``rows``, which are used several times, found once where they come from memory."""
    return tables.session.hold(tables.arrow(rows)) if isinstance(tables, EmbeddedSnapshot) else rows


def _held(tables: EmbeddedSnapshot, table: str, slugs: Sequence[str]) -> tuple[Ids, dict[str, pa.Array]]:
    """The rising ids of a table with a row for each customer, and these columns of it in their order."""
    house = ("segments", str(tables.lake.root), table, tables.versions.get(table, 0))
    columns = {slug: kept((*house, slug)) for slug in ("customer_id", *slugs)}
    if missing := [slug for slug, column in columns.items() if column is None]:
        rows = tables.table(table)
        found = tables.arrow(rows.select(*dict.fromkeys(("customer_id", *missing))))
        whose = found["customer_id"].to_numpy()
        rising = bool((whose[1:] > whose[:-1]).all())
        order = None if rising else pa.array(np.argsort(whose, kind="stable"))
        for slug in missing:
            columns[slug] = keep((*house, slug), partial(_column, found[slug], order))
    known = cast("Ids", columns.pop("customer_id").to_numpy())
    return known, columns


def _column(values: pa.ChunkedArray, order: pa.Array | None) -> pa.Array:
    """The values in this order, or as they are; of texts each one once, with where it stands."""
    together = values.combine_chunks()
    if pa.types.is_string(together.type):
        together = pc.dictionary_encode(together)
    return together if order is None else together.take(order)
