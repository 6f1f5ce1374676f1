"""Tags, which are facts: given at one time, taken away at another, never forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.data.customers.normalise import NotAnIdentity, normalise_text
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError

if TYPE_CHECKING:
    from huoshui.lake.house import Lake
    from huoshui.lake.writing import Write

SOURCE = "huoshui"
LONGEST_TAG = 60
_MOMENT = pa.timestamp("us", "UTC")


class NotATag(HuoshuiError):
    """A text that cannot be a tag."""

    code = "not_a_tag"


def tag(
    *, actor: Actor, customer_ids: Sequence[int], tag: str, now: datetime, lake: Lake, load_id: int
) -> int:
    """Give customers a tag from ``now``, as facts of ``load_id``; returns how many did not hold it yet.

    Raises `NotATag`, `NotAllowed` and what the lake raises.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    name = _checked(tag)
    with lake.write(f"tag {name}") as tx:
        asked = pa.array(sorted(set(customer_ids)), pa.int64())
        held = _held(tx, name).column("customer_id").combine_chunks()
        new = asked.filter(pc.invert(pc.is_in(asked, value_set=held)))
        return _put(tx, new, pa.repeat(pa.scalar(now, _MOMENT), len(new)), None, name, now, load_id, SOURCE)


def untag(
    *, actor: Actor, customer_ids: Sequence[int], tag: str, now: datetime, lake: Lake, load_id: int
) -> int:
    """Take a tag away from customers at ``now``, as facts of ``load_id``; returns how many held it.

    Tags that came with a load are closed too. ``load_id`` must not be the one the tag was given with. Raises
    `NotATag`, `NotAllowed` and what the lake raises.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    name = _checked(tag)
    with lake.write(f"untag {name}") as tx:
        held = _held(tx, name)
        asked = pa.array(sorted(set(customer_ids)), pa.int64())
        ending = held.filter(pc.is_in(held.column("customer_id"), value_set=asked))
        # The source is part of the key: a row only takes the place of one of its own source.
        return sum(
            _put(tx, rows.column("customer_id"), rows.column("valid_from"), now, name, now, load_id, source)
            for source in ending.column("source").unique().to_pylist()
            if (rows := ending.filter(pc.equal(ending.column("source"), source))).num_rows
        )


def _checked(tag: str) -> str:
    try:
        return normalise_text(tag, longest=LONGEST_TAG)
    except NotAnIdentity as error:
        raise NotATag(
            "This cannot be a tag", received=repr(tag[:80]), valid=f"a text of 1 to {LONGEST_TAG} characters"
        ) from error


def _held(tx: Write, tag: str) -> pa.Table:
    """Who holds the tag: ``customer_id``, ``valid_from``, ``source``."""
    rows = tx.table("customer_tags")
    held = rows.filter((rows.tag == tag) & rows.valid_to.isnull())
    return tx.snapshot.arrow(held.select("customer_id", "valid_from", "source"))


def _put(
    tx: Write,
    customers: Any,
    valid_from: Any,
    valid_to: datetime | None,
    tag: str,
    now: datetime,
    load_id: int,
    source: str,
) -> int:
    count = len(customers)
    if not count:
        return 0
    columns = {
        "customer_id": customers,
        "tag": pa.repeat(pa.scalar(tag), count),
        "valid_from": valid_from,
        "valid_to": pa.repeat(pa.scalar(valid_to, _MOMENT), count),
        "source": pa.repeat(pa.scalar(source), count),
        "load_id": pa.repeat(pa.scalar(load_id, pa.int64()), count),
        "ingested_at": pa.repeat(pa.scalar(now, _MOMENT), count),
    }
    tx.put("customer_tags", pa.table(columns), load_id=load_id)
    return count
