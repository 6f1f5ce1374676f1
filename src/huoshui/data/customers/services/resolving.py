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
from huoshui.data.customers.services import searching
from huoshui.database.rows import fetch, insert, match, part, short_slices
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.ids import draw_ids

Ids = npt.NDArray[np.int64]
LOOKED_UP_AT_ONCE = 50_000


class NamedMeanwhile(HuoshuiError):
    """Another process recorded the same people first."""

    code = "named_meanwhile"


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
    later: Callable[[Callable[[], None]], None] | None = None,
) -> pa.Table:
    """The customer of each value; who is not known yet becomes a new customer with that identity.

    ``values`` are distinct, without nulls, and in the spelling of `normalise_many`; ``created_at`` is parallel to
    them and says since when a new customer is known (``now`` when left out or null). ``progress`` is told how many
    further values are done; together as many as there are values.

    Returns a table in the order of ``values``: ``value`` (string), ``customer_id`` (int64), ``created`` (bool, made
    by this load). Repeating the call under the same ``load_id``, after a crash too, makes nobody twice.

    With ``later``, ids are settled now and the rows are written by a job given to it, so that other work can go on
    meanwhile; the job raises `NamedMeanwhile` when somebody else recorded one of the values before it could.

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
    if made_here.any():
        # Of whom was written before a crash, the search may not have heard.
        _let_find(pa.chunked_array([np.unique(ids[made_here])]))
    if len(missing):
        since = pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), len(missing))
        if created_at is not None:
            given = _flat(created_at, pa.timestamp("us", "UTC"))
            since = pc.coalesce(given.take(order).take(pa.array(missing)), since)
        drawn = _free_ids(len(missing))
        # Who gets which id is drawn apart, or the order of ids, which ascend, would be that of the values.
        whose = np.random.default_rng(secrets.randbits(128)).permutation(len(missing))
        ids[missing[whose]] = drawn
        made_here[missing] = True
        people = pa.table({"customer_id": drawn, "created_at": since.take(pa.array(whose))})
        named = pa.table({"customer_id": ids[missing], "value": ordered.take(pa.array(missing))})
        same = {"source": source, "kind": kind, "is_key": True, "load_id": load_id}
        if later is not None:
            later(lambda: _write_or_fail(people, named, same, tell))
        elif not _write(people, named, same, tell):
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


def _write_or_fail(
    people: pa.Table, named: pa.Table, same: dict[str, Any], tell: Callable[[int], None]
) -> None:
    if not _write(people, named, same, tell):
        raise NamedMeanwhile(
            "Somebody recorded one of these customers while they were being imported",
            next_step="Import the file again; nothing was loaded",
        )


def _write(people: pa.Table, named: pa.Table, same: dict[str, Any], tell: Callable[[int], None]) -> bool:
    """Insert new customers and what names them; False when one of those was taken in the meantime."""
    complete = True
    for piece in short_slices(people.num_rows):
        with transaction.atomic():
            rows = part(people, piece)
            complete &= (
                insert(Customer, rows, {"load_id": same["load_id"]}, unless_taken=True) == rows.num_rows
            )
    for piece in short_slices(named.num_rows):
        # Within a transaction in the order of ids: the database then walks the customers once, side by side.
        rows = part(named, piece).sort_by("customer_id")
        with transaction.atomic():
            complete &= insert(Identity, rows, same, unless_taken=True) == rows.num_rows
        tell(rows.num_rows)
    _let_find(people["customer_id"])
    return complete


def _let_find(customer_ids: pa.ChunkedArray) -> None:
    """Let the search know of new customers, in the order of their ids: the database then writes each page once."""
    for piece in short_slices(len(customer_ids)):
        ids = customer_ids[piece].to_pylist()
        with transaction.atomic():
            searching.changed(ids, of=len(customer_ids))


def _free_ids(count: int) -> Ids:
    """``count`` ids, ascending, that no customer has."""
    drawn = draw_ids(count)
    if Customer.objects.exists():
        for start in range(0, count, LOOKED_UP_AT_ONCE):
            piece = drawn[start : start + LOOKED_UP_AT_ONCE]
            while Customer.objects.filter(pk__among=piece.tolist()).exists():
                piece = _without_taken(piece)
            drawn[start : start + LOOKED_UP_AT_ONCE] = piece
        drawn = np.unique(drawn)
        if len(drawn) < count:
            return _free_ids(count)
    return drawn


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
