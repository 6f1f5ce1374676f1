"""Tags, which are facts: given at one time, taken away at another, never forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.data.customers.normalise import NotAnIdentity, normalise_text
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text

if TYPE_CHECKING:
    from huoshui.lake.house import Lake
    from huoshui.lake.writing import Write

SOURCE = "huoshui"
LONGEST_TAG = 60
_MOMENT = pa.timestamp("us", "UTC")


class NotATag(HuoshuiError):
    """A text that cannot be a tag."""

    code = "not_a_tag"
    says = Text("This cannot be a tag: a text of 1 to 60 characters", "标签应为 1 到 60 个字符的文字")


def tag(
    *, actor: Actor, customer_ids: Sequence[int], tag: str, now: datetime, lake: Lake, load_id: int
) -> int:
    """Give customers a tag from ``now``, as facts of ``load_id``; returns how many did not hold it yet.

    Raises `NotATag`, `NotAllowed` and what the lake raises.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    name = checked(tag)
    with lake.write(f"tag {name}") as tx:
        return len(give(tx, customer_ids, name, now, load_id))


def untag(
    *, actor: Actor, customer_ids: Sequence[int], tag: str, now: datetime, lake: Lake, load_id: int
) -> int:
    """Take a tag away from customers at ``now``, as facts of ``load_id``; returns how many held it.

    Tags that came with a load are closed too. ``load_id`` must not be the one the tag was given with. Raises
    `NotATag`, `NotAllowed` and what the lake raises.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    name = checked(tag)
    with lake.write(f"untag {name}") as tx:
        return len(take(tx, customer_ids, name, now, load_id))


def give(tx: Write, customer_ids: Sequence[int], name: str, now: datetime, load_id: int) -> list[int]:
    """Give the tag inside a write; returns who did not hold it yet."""
    asked = pa.array(sorted(set(customer_ids)), pa.int64())
    held = _held(tx, name).column("customer_id").combine_chunks()
    new = asked.filter(pc.invert(pc.is_in(asked, value_set=held)))
    _put(tx, new, pa.repeat(pa.scalar(now, _MOMENT), len(new)), None, name, now, load_id, SOURCE)
    return cast("list[int]", new.to_pylist())


def take(
    tx: Write,
    customer_ids: Sequence[int],
    name: str,
    now: datetime,
    load_id: int,
    *,
    given_at: datetime | None = None,
) -> list[int]:
    """Take the tag away inside a write; returns who held it. With ``given_at`` only where it was given just then."""
    held = _held(tx, name)
    if given_at is not None:
        held = held.filter(pc.equal(held.column("valid_from"), pa.scalar(given_at, _MOMENT)))
    asked = pa.array(sorted(set(customer_ids)), pa.int64())
    ending = held.filter(pc.is_in(held.column("customer_id"), value_set=asked))
    _put_by_source(tx, ending, now, name, now, load_id)
    return cast("list[int]", ending.column("customer_id").unique().to_pylist())


def give_back(
    tx: Write, customer_ids: Sequence[int], name: str, now: datetime, load_id: int, *, taken_at: datetime
) -> list[int]:
    """Let a tag that was taken away just then hold again as if it had not been; not where it was given anew since."""
    rows = tx.table("customer_tags")
    ended = rows.filter((rows.tag == name) & (rows.valid_to == taken_at))
    ended = tx.snapshot.arrow(ended.select("customer_id", "valid_from", "source"))
    asked = pa.array(sorted(set(customer_ids)), pa.int64())
    again = _held(tx, name).column("customer_id").combine_chunks()
    ended = ended.filter(pc.is_in(ended.column("customer_id"), value_set=asked))
    ended = ended.filter(pc.invert(pc.is_in(ended.column("customer_id"), value_set=again)))
    _put_by_source(tx, ended, None, name, now, load_id)
    return cast("list[int]", ended.column("customer_id").unique().to_pylist())


def _put_by_source(
    tx: Write, rows: pa.Table, valid_to: datetime | None, name: str, now: datetime, load_id: int
) -> None:
    # The source is part of the key: a row only takes the place of one of its own source.
    for source in rows.column("source").unique().to_pylist():
        part = rows.filter(pc.equal(rows.column("source"), source))
        _put(tx, part.column("customer_id"), part.column("valid_from"), valid_to, name, now, load_id, source)


def checked(tag: str) -> str:
    """The tag in the one spelling of the house. Raises `NotATag`."""
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
