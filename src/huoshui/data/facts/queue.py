"""The fact queue: facts that a room writes in its own database transaction, and that come to the lake exactly once.

A transaction cannot span the database and the lake. So facts are *queued* with what they belong to, in one database
transaction, and *drained* later: parcels are claimed for a batch, the batch is appended to the lake as one commit with
its number as transaction id, and marked as moved in the database transaction that publishes that commit. Whatever the
moment at which the process dies: a batch that was claimed is tried again under its number, and the lake knows whether
it has that number already. Only who holds the writer lock of the lake drains, so no two do at once.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
from django.db import transaction
from django.db.models import Count, Max, Min, Q, Sum

from huoshui.data.facts.models import Batch, Parcel
from huoshui.data.facts.tables import OF_THE_HOUSE
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.kernel.texts import Text
from huoshui.lake.duck import arrow_schema

if TYPE_CHECKING:
    from huoshui.lake.house import Lake
    from huoshui.lake.writing import Write

APPLICATION = "huoshui.facts.queue"
"""Who commits, in the transaction ids of the lake."""

OF_NO_LOAD = 0
FACTS_OF_A_PARCEL = 5_000
PARCELS_OF_A_BATCH = 100
REMEMBERED_BATCHES = 1_000


class NotFacts(HuoshuiError):
    """Rows that a table of facts cannot hold."""

    code = "not_facts"
    says = Text("These rows cannot be written as facts", "这些行无法作为事实写入")


@dataclass(frozen=True, slots=True)
class Drained:
    """What `drain` did: facts that are in the lake now, and parcels that were parked because they cannot be."""

    facts: int
    parked: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is in the queue: facts that wait, since when the oldest does, and parked ones with what is wrong."""

    facts: int
    since: datetime | None
    parked: int
    problem: str


def enqueue(*, table: str, rows: pa.Table, now: datetime) -> int:
    """Queue ``rows`` for the fact table ``table``; returns how many there are. Part of the caller's transaction.

    ``rows`` have the declared columns, or some of them. Provenance is given here: their source is the house, they
    belong to no load, and they arrived ``now``. Raises `NotFacts` for a table or rows that do not fit.
    """
    if table not in LAKE_TABLES or not LAKE_TABLES[table].fact:
        raise NotFacts("There is no such table of facts", received=repr(table))
    declared = LAKE_TABLES[table]
    if unknown := set(rows.column_names) - {column.name for column in declared.columns}:
        raise NotFacts("The table has no such columns", received=", ".join(sorted(unknown)))
    given = {
        "source": pa.repeat(pa.scalar(OF_THE_HOUSE), rows.num_rows),
        "load_id": pa.repeat(pa.scalar(OF_NO_LOAD, pa.int64()), rows.num_rows),
        "ingested_at": pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), rows.num_rows),
    }
    whole = _fitted(table, pa.table({**{name: rows[name] for name in rows.column_names}, **given}))
    parcels = [
        Parcel(table=table, rows=packed(part), facts=part.num_rows, queued_at=now)
        for start in range(0, whole.num_rows, FACTS_OF_A_PARCEL)
        for part in [whole.slice(start, FACTS_OF_A_PARCEL)]
    ]
    Parcel.objects.bulk_create(parcels)
    return int(whole.num_rows)


def drain(*, lake: Lake, now: datetime, wait: float | None = None) -> Drained:
    """Bring what is queued to the lake, each fact once. Safe to call at any time, by any number of processes.

    Parcels that cannot be read any more are parked and keep nobody else waiting. ``wait``: seconds to wait for another
    writer. Raises what `Lake.write` raises; then what was queued stays queued.
    """
    facts = parked = 0
    while Parcel.objects.filter(problem="").exists():
        with lake.write("queued facts", on_crash="forward", wait=wait) as tx:
            _claim(now)
            for batch in Batch.objects.filter(moved_at=None).order_by("number"):
                moved, bad = _move(tx, batch, now)
                facts, parked = facts + moved, parked + bad
    return Drained(facts=facts, parked=parked)


def waiting() -> Waiting:
    """What is in the queue."""
    good, bad = Q(problem=""), ~Q(problem="")
    found = Parcel.objects.aggregate(
        facts=Sum("facts", filter=good), since=Min("queued_at", filter=good), parked=Count("pk", filter=bad)
    )
    problem = Parcel.objects.filter(bad).order_by("pk").values_list("problem", flat=True).first()
    return Waiting(
        facts=found["facts"] or 0, since=found["since"], parked=found["parked"], problem=problem or ""
    )


def packed(rows: pa.Table) -> str:
    """``rows`` as text."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return base64.b85encode(zlib.compress(sink.getvalue().to_pybytes(), 1)).decode()


def unpacked(text: str) -> pa.Table:
    """The rows of `packed`. Raises ``ValueError`` for anything else."""
    try:
        return pa.ipc.open_stream(zlib.decompress(base64.b85decode(text))).read_all()
    except (ValueError, zlib.error, pa.ArrowException, OSError) as error:
        raise ValueError(f"it cannot be read: {error}") from error


# -- inside ------------------------------------------------------------------------------------------------------


@transaction.atomic
def _claim(now: datetime) -> None:
    """Give what waits a batch, one for each table. Called by who holds the writer lock."""
    pending = Parcel.objects.filter(batch=None, problem="")
    for table in pending.values_list("table", flat=True).distinct().order_by("table"):
        chosen = list(
            pending.filter(table=table).order_by("pk").values_list("pk", "facts")[:PARCELS_OF_A_BATCH]
        )
        last = Batch.objects.aggregate(last=Max("number"))["last"] or 0
        batch = Batch.objects.create(
            number=last + 1, table=table, facts=sum(facts for _, facts in chosen), claimed_at=now
        )
        Parcel.objects.filter(pk__in=[pk for pk, _ in chosen]).update(batch=batch)
    newest = Batch.objects.aggregate(last=Max("number"))["last"] or 0
    Batch.objects.filter(moved_at__isnull=False, number__lte=newest - REMEMBERED_BATCHES).delete()


def _move(tx: Write, batch: Batch, now: datetime) -> tuple[int, int]:
    """Append ``batch``, unless it was before the process died; returns how many facts, and parcels that are parked."""
    good: list[pa.Table] = []
    problems: dict[int, str] = {}
    for parcel in batch.parcels.order_by("pk"):
        try:
            good.append(_fitted(batch.table, unpacked(parcel.rows)))
        except (HuoshuiError, ValueError) as error:
            problems[parcel.pk] = str(error)[:500]
    if good:
        written = tx.append(batch.table, pa.concat_tables(good), transaction=(APPLICATION, batch.number))
        if not written:
            problems = {}  # all of it was in the commit that is there
    tx.when_published(lambda: _moved(batch, problems, now))
    return sum(part.num_rows for part in good), len(problems)


def _moved(batch: Batch, problems: dict[int, str], now: datetime) -> None:
    for pk, problem in problems.items():
        Parcel.objects.filter(pk=pk).update(problem=problem, batch=None)
    Parcel.objects.filter(batch=batch).delete()
    Batch.objects.filter(pk=batch.pk).update(moved_at=now)


def _fitted(table: str, rows: pa.Table) -> pa.Table:
    """``rows`` with exactly the columns of ``table``; those that are not there are empty. Raises `NotFacts`."""
    if table not in LAKE_TABLES:
        raise NotFacts("There is no such table of facts", received=repr(table))
    schema = arrow_schema(LAKE_TABLES[table].all_columns)
    columns: Sequence[pa.Array | pa.ChunkedArray]
    try:
        columns = [
            rows[field.name].cast(field.type)
            if field.name in rows.column_names
            else pa.nulls(rows.num_rows, field.type)
            for field in schema
        ]
    except pa.ArrowException as error:
        raise NotFacts(f"The rows do not fit the table {table}", received=str(error)[:200]) from error
    return pa.table(columns, schema=schema)
