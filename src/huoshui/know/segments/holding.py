"""Traits and attributes of everybody as of the last refresh, held in memory: the same few are asked for all the time.

Rules that are tried out while somebody builds them then read the facts alone. The values are those of the tables
``traits`` and ``customers`` of one version each, so that what is held never grows old; it shares the room of the
columns that lists hold (`columns.keep`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.data.customers.columns import keep, kept
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.lake.snapshot import EmbeddedSnapshot

Ids = npt.NDArray[np.int64]


def people(tables: EmbeddedSnapshot, of_traits: Sequence[str], of_customers: Sequence[str]) -> IbisTable:
    """Every customer of the last refresh: ``customer_id``, ``trait_SLUG``, ``attribute_SLUG``."""
    ids, traits = _held(tables, "traits", of_traits)
    theirs, attributes = _held(tables, "customers", of_customers) if of_customers else (ids, {})
    if theirs is not ids and not np.array_equal(theirs, ids):
        found = np.searchsorted(theirs, ids)
        found[found == len(theirs)] = 0
        there = theirs[found] == ids if len(theirs) else np.zeros(len(ids), dtype=np.bool_)
        at = pa.array(found, mask=~there)
        attributes = {slug: column.take(at) for slug, column in attributes.items()}
    return tables.session.hold(
        pa.table(
            {
                "customer_id": pa.array(ids),
                **{f"trait_{slug}": column for slug, column in traits.items()},
                **{f"attribute_{slug}": column for slug, column in attributes.items()},
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
        order = pa.array(np.argsort(found["customer_id"].to_numpy(), kind="stable"))
        for slug in missing:
            columns[slug] = keep((*house, slug), partial(_column, found[slug], order))
    ids = cast("Ids", columns.pop("customer_id").to_numpy())
    return ids, columns


def _column(values: pa.ChunkedArray, order: pa.Array) -> pa.Array:
    """The values in this order; of texts each one once, with where it stands."""
    together = values.combine_chunks()
    if pa.types.is_string(together.type):
        together = pc.dictionary_encode(together)
    return together.take(order)
