"""What was typed in comes to the lake: values of ordinary attributes, and customers that no load brought."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from huoshui.data.customers import queries
from huoshui.data.customers.models import Act, Customer, HandValue
from huoshui.data.customers.pending import pending
from huoshui.database.rows import fetch, moment, moments
from huoshui.kernel.actors import Actor, Right

if TYPE_CHECKING:
    from huoshui.lake.house import Lake

SOURCE = "huoshui"
_MOMENT = pa.timestamp("us", "UTC")


def settle(*, actor: Actor, now: datetime, lake: Lake) -> int:
    """Write what was typed in to the lake, and return of how many customers something was.

    Until then lists and pages lay it over what the lake says, so nobody waits for it. Values that are typed in while
    this runs stay for the next time. Raises `NotAllowed` and what the lake raises; then nothing was settled.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    if pending(lake.snapshot()).stamp is None:
        return 0
    act = Act.objects.create(kind="settle", user_id=actor.user_id, made_at=now, undone_at=now)
    with lake.write("what was typed in") as tx:
        hand = pending(tx.snapshot)
        rows = list(
            HandValue.objects.order_by("pk").values_list("pk", "customer_id", "name", "value", "valid_from")
        )
        if rows:
            _pks, customers, names, texts, since = zip(*rows, strict=True)
            facts = {
                "customer_id": pa.array(customers, pa.int64()),
                "name": pa.array(names, pa.string()),
                "valid_from": pa.array(since, _MOMENT),
                "value": pa.array(texts, pa.string()),
                "source": pa.repeat(pa.scalar(SOURCE), len(rows)),
                "load_id": pa.repeat(pa.scalar(-act.pk, pa.int64()), len(rows)),
                "ingested_at": pa.repeat(pa.scalar(now, _MOMENT), len(rows)),
            }
            tx.put("customer_attributes", pa.table(facts), load_id=-act.pk)
        new = Customer.objects.filter(pk__among=hand.new).order_by("pk")
        found = fetch(new.values_list("pk", moment("created_at")))
        base = tx.table("customers").select("customer_id", "created_at", "load_id")
        if found:
            ids, created = zip(*found, strict=True)
            arrived = pa.table({"customer_id": pa.array(ids, pa.int64()), "created_at": moments(created)})
            base = base.union(tx.session.hold(arrived).mutate(load_id=ibis.null("int64")))
        tx.overwrite("customers", queries.current_customers(tx.snapshot, base))
        tx.when_published(lambda: _forget([row[0] for row in rows]))
    return len({row[1] for row in rows} | set(hand.new))


def _forget(pks: list[int]) -> None:
    HandValue.objects.filter(pk__among=pks).delete()
