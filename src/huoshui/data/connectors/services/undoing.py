"""Taking loads back, and settling what killed processes left."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import ibis
import pyarrow as pa
from django.conf import settings

from huoshui.data.connectors.errors import NoSuchLoad
from huoshui.data.connectors.models import Load
from huoshui.data.customers import queries as customer_queries
from huoshui.data.customers import services as customers
from huoshui.data.privacy import services as privacy
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.house import Lake
from huoshui.lake.writing import Write


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What taking a load back did: rows removed per lake table, customers removed and kept."""

    load_id: int
    file: str
    facts: dict[str, int]
    customers_removed: int
    customers_kept: int


def undo(*, actor: Actor, lake: Lake, load_id: int, now: datetime) -> UndoReport:
    """Take the load ``load_id`` back: what it had replaced counts again. Raises `NoSuchLoad`."""
    actor.require(Right.IMPORTS_RUN)
    with lake.write(f"undo of load {load_id}") as tx:
        settle_interrupted(tx, actor=actor)
        load = Load.objects.filter(pk=load_id).first()
        if load is None or load.state != Load.State.LOADED:
            known = Load.objects.filter(state=Load.State.LOADED).values_list("pk", flat=True)
            raise NoSuchLoad(
                "There is no such load" if load is None else f"This load is {load.state} already",
                received=str(load_id),
                valid=", ".join(map(str, known)) or "no load: nothing is loaded",
            )
        load.state = Load.State.UNDOING
        load.undone_at = now
        load.save(update_fields=["state", "undone_at"])
        return _take_back(tx, load, actor=actor, now=now)


def settle(*, actor: Actor, lake: Lake) -> None:
    """Bring what a killed process left half done to its end, forward or back.

    Raises `LakeBusy` at once where another process writes: then it is at work, or settles this itself.
    """
    with lake.write("settling what was interrupted", wait=0) as tx:
        settle_interrupted(tx, actor=actor)


def settle_interrupted(tx: Write, *, actor: Actor) -> None:
    """Settle what imports of killed processes left: half loads go, half undone ones are undone to the end.

    Call inside a write: whoever holds it knows that no other import is alive. The facts of half loads were never
    published; the lake has rolled them back by itself.
    """
    for load in Load.objects.filter(state=Load.State.LOADING):
        forget(actor, load, "the process ended before the load was complete")
    for load in Load.objects.filter(state=Load.State.UNDOING):
        _take_back(tx, load, actor=actor, now=load.undone_at or load.started_at)


def _take_back(tx: Write, load: Load, *, actor: Actor, now: datetime) -> UndoReport:
    """The work of `undo`, which may be repeated from any point."""
    facts = tx.undo(load.load_id)
    still_used = _still_used(tx, load.load_id)
    privacy.undo_load(load.load_id, actor=actor)
    people = customers.undo_load(load.load_id, actor=actor, still_used=still_used)
    _rebuild_customers(tx)
    report = UndoReport(load.load_id, load.file_name, facts, people.removed, people.kept)

    def finish() -> None:
        load.state = Load.State.UNDONE
        load.undone_at = now
        load.report = {**load.report, "undone": {**asdict(report), "by": actor.name}}
        load.save(update_fields=["state", "undone_at", "report"])
        told = {"rows": sum(facts.values()), "customers_removed": people.removed}
        audit.record(actor=actor, act="load.undone", subject=f"load:{load.load_id}", detail=told, now=now)

    tx.when_published(finish)
    return report


def _rebuild_customers(tx: Write) -> None:
    """Write the lake's table of customers anew from the database."""
    base = tx.session.hold(customer_queries.base_rows())
    tx.overwrite("customers", customer_queries.current_customers(tx.snapshot, base))


def _still_used(tx: Write, load_id: int) -> pa.Table:
    """Customers of the load whom remaining facts speak of, with a load of those facts."""
    created = customer_queries.created_by(load_id)
    mine = tx.session.hold(pa.table({"customer_id": created}))
    found = None
    for table in LAKE_TABLES:
        if not table.fact or table.slug not in tx.versions:
            continue
        rows = tx.snapshot.rows(table.slug)
        if "customer_id" not in rows.columns:
            continue
        here = rows.semi_join(mine, "customer_id").select("customer_id", "load_id")
        found = here if found is None else found.union(here)
    if found is None:
        return pa.table({"customer_id": pa.array([], pa.int64()), "load_id": pa.array([], pa.int64())})
    return tx.session.arrow(found.group_by("customer_id").aggregate(load_id=ibis._.load_id.min()))


def forget(actor: Actor, load: Load, reason: str | BaseException) -> None:
    """Remove what a load that failed for ``reason`` brought to the database."""
    rejects_of(load.load_id).unlink(missing_ok=True)
    privacy.undo_load(load.load_id, actor=actor)
    customers.undo_load(load.load_id, actor=actor, still_used=pa.array([], pa.int64()))
    load.state = Load.State.FAILED
    load.report = {"failed": str(reason)[:1000]}
    if isinstance(reason, HuoshuiError):
        load.report["refusal"] = reason.as_dict()
    load.save(update_fields=["state", "report"])


def rejects_of(load_id: int) -> Path:
    """The file of the rejected rows of a load."""
    return Path(settings.HUOSHUI_HOME) / "rejects" / f"load-{load_id}.csv"
