"""From what a source calls people to our ids, for any number of them at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import Exists, OuterRef

from huoshui.data.customers.models import Customer, Identity
from huoshui.database.rows import fetch, insert, match, part, short_slices
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.ids import draw_ids

Ids = npt.NDArray[np.int64]
LOOKED_UP_AT_ONCE = 50_000


def resolve(
    *,
    actor: Actor,
    source: str,
    kind: str,
    values: pa.StringArray | pa.ChunkedArray,
    load_id: int,
    created_at: pa.TimestampArray | pa.ChunkedArray | None,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> pa.Table:
    """The customer of each value; who is not known yet becomes a new customer with that identity.

    ``values`` are distinct, without nulls, and in the spelling of `normalise_many`; ``created_at`` is parallel to
    them and says since when a new customer is known (``now`` when left out or null). ``progress`` is told how many
    further values are done; together as many as there are values.

    Returns a table in the order of ``values``: ``value`` (string), ``customer_id`` (int64), ``created`` (bool, made
    by this load). Repeating the call under the same ``load_id``, after a crash too, makes nobody twice.

    Raises `NotAllowed`; ``ValueError`` for values that are null or come twice.
    """
    actor.require(Right.IMPORTS_RUN)
    values = _flat(values, pa.string())
    if values.null_count or len(values.unique()) != len(values):
        raise ValueError("values must be distinct and without nulls")
    tell = progress or (lambda _done: None)
    _remove_unfinished(load_id)

    # In the order of the index: neighbours share its pages, both for looking up and for inserting.
    order = pc.sort_indices(values)
    ordered = values.take(order)
    ids, made_here = _known(source, kind, ordered, load_id)
    missing = np.flatnonzero(ids == 0)
    tell(len(ids) - len(missing))
    if len(missing):
        since = pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), len(missing))
        if created_at is not None:
            given = _flat(created_at, pa.timestamp("us", "UTC"))
            since = pc.coalesce(given.take(order).take(pa.array(missing)), since)
        drawn = _insert_customers(since, load_id)
        ids[missing] = drawn
        made_here[missing] = True
        fresh = pa.table({"value": ordered.take(pa.array(missing)), "customer_id": drawn})
        same = {"source": source, "kind": kind, "is_key": True, "load_id": load_id}
        others_were_faster = False
        for piece in short_slices(len(missing)):
            # Within a transaction in the order of ids: the database then walks the customers once, side by side.
            rows = part(fresh, piece).sort_by("customer_id")
            with transaction.atomic():
                others_were_faster |= insert(Identity, rows, same, unless_taken=True) < rows.num_rows
            tell(rows.num_rows)
        if others_were_faster:
            ids, made_here = _known(source, kind, ordered, load_id)
            _remove_unfinished(load_id)

    back = np.empty(len(ids), dtype=np.int64)
    back[order.to_numpy()] = np.arange(len(ids))
    return pa.table({"value": values, "customer_id": ids[back], "created": made_here[back]})


def _known(
    source: str, kind: str, ordered: pa.StringArray, load_id: int
) -> tuple[Ids, npt.NDArray[np.bool_]]:
    """Ids of the values in the database, 0 where there is none, and whether this load made them."""
    ids = np.zeros(len(ordered), dtype=np.int64)
    for start in range(0, len(ordered), LOOKED_UP_AT_ONCE):
        asked = ordered.slice(start, LOOKED_UP_AT_ONCE).to_pylist()
        of_source = {"kind": kind, "source": source}
        found = match(Identity, "value", asked, equal=of_source, wanted=("customer_id", "is_key"))
        if not found:
            continue
        places, customers, keys = zip(*found, strict=True)
        ids[np.array(places) + start] = customers
        if not all(keys):
            with transaction.atomic():
                Identity.objects.filter(value__among=asked, is_key=False, **of_source).update(is_key=True)
    of_load = fetch(Customer.objects.filter(load_id=load_id).values_list("customer_id"))
    return ids, np.isin(ids, np.array(of_load, dtype=np.int64).ravel())


def _insert_customers(since: pa.Array, load_id: int) -> Ids:
    """Insert a customer per moment of ``since`` and return their ids, parallel to it."""
    count = len(since)
    drawn = draw_ids(count)
    # Ids ascend for the sake of the insert; who gets which is drawn apart, or their order would be that of the values.
    whose = np.random.default_rng(secrets.randbits(128)).permutation(count)
    moments = since.take(pa.array(whose))
    for piece in short_slices(count):
        while True:
            rows = pa.table(
                {"customer_id": drawn[piece], "created_at": moments.slice(piece.start, len(drawn[piece]))}
            )
            with transaction.atomic():
                if insert(Customer, rows, {"load_id": load_id}, unless_taken=True) == rows.num_rows:
                    break
                transaction.set_rollback(True)
            drawn[piece] = _without_taken(drawn[piece])
    ids = np.empty(count, dtype=np.int64)
    ids[whose] = drawn
    return ids


def _without_taken(drawn: Ids) -> Ids:
    """The ids with those of existing customers drawn again."""
    taken = Customer.objects.filter(pk__among=drawn.tolist()).values_list("pk", flat=True)
    free = np.setdiff1d(drawn, np.fromiter(taken, dtype=np.int64))
    return np.concatenate([free, draw_ids(len(drawn) - len(free))])


def _remove_unfinished(load_id: int) -> None:
    """Remove customers of a load that have no identity: a crash, or somebody faster, came in between."""
    while True:
        nameless = Customer.objects.filter(load_id=load_id).filter(
            ~Exists(Identity.objects.filter(customer=OuterRef("pk")))
        )
        pks = list(nameless.order_by("pk").values_list("pk", flat=True)[:10_000])
        if not pks:
            return
        with transaction.atomic():
            rows = Customer.objects.filter(pk__among=pks)
            rows._raw_delete(rows.db)


def _flat(values: Any, type_: pa.DataType) -> Any:
    """One contiguous array of the type."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
        if isinstance(values, pa.ChunkedArray):
            values = pa.concat_arrays(values.chunks)
    return values.cast(type_)
