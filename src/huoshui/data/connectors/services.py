"""The verbs of importing: bring a file in, take a load back."""

from __future__ import annotations

import csv
import re
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import ibis
import pyarrow as pa
from django.conf import settings

from huoshui.data.connectors import others, products, profiles, queries, transactions
from huoshui.data.connectors.errors import MappingWrong, NoSuchLoad, NothingToLoad, RowsRejected
from huoshui.data.connectors.fields import KINDS
from huoshui.data.connectors.files import RecognisedFile, recognise
from huoshui.data.connectors.mapping import FieldMapping, map_columns
from huoshui.data.connectors.models import Load
from huoshui.data.connectors.reports import ImportReport
from huoshui.data.connectors.staging import Staged, stage
from huoshui.data.connectors.values import Conventions, DateOrder
from huoshui.data.connectors.work import Loading
from huoshui.data.customers import queries as customer_queries
from huoshui.data.customers import services as customers
from huoshui.data.privacy import services as privacy
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import zone_named
from huoshui.kernel.currencies import currency_code
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.house import Lake
from huoshui.lake.snapshot import Snapshot
from huoshui.lake.writing import Write

GRACE = timedelta(days=1)
FIRST_REJECTS = 5
LEFT_BEHIND = timedelta(hours=24)

LOADERS: dict[str, Callable[[Loading], None]] = {
    "transactions": transactions.load,
    "products": products.load,
    "customers": profiles.load,
    "orders": others.load_orders,
    "order_lines": others.load_order_lines,
    "events": others.load_events,
    "spend": others.load_spend,
    "answers": others.load_answers,
    "fx_rates": others.load_fx_rates,
    "consents": others.load_consents,
}


LINES_OF = {"transactions": "document", "order_lines": "order_id"}
"""Kinds whose rows are lines of an order, with the staged column of its number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOptions:
    """What may be said about a file; what is not said is guessed and shown."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    currency: str | None = None
    time_zone: str | None = None
    date_order: DateOrder | None = None
    dry_run: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What taking a load back did: rows removed per lake table, customers removed and kept."""

    load_id: int
    file: str
    facts: dict[str, int]
    customers_removed: int
    customers_kept: int


def import_file(
    *,
    actor: Actor,
    lake: Lake,
    path: Path,
    kind: str,
    options: ImportOptions,
    now: datetime,
    tell: Callable[[str, float], None] = lambda _step, _share: None,
) -> ImportReport:
    """Load the file ``path`` as ``kind``.

    Bad rows are set aside with their reason and the rest is loaded; with ``strict`` one bad row refuses the file.
    A file that was loaded before changes nothing. Raises `FileRefused`, `ColumnMissing`, `MappingWrong`,
    `DatesAmbiguous`, `RateMissing`, `RowsRejected`, `NothingToLoad` or a refusal of the lake; then nothing was
    loaded.
    """
    actor.require(Right.IMPORTS_RUN)
    if kind not in KINDS:
        raise MappingWrong("There is no such kind of import", received=f"--as {kind}", valid=", ".join(KINDS))
    started = time.monotonic()
    house = organisation.current()
    workspace = Path(settings.HUOSHUI_HOME) / "tmp" / f"import-{uuid4().hex}"
    tell("reading", 0.0)
    report = ImportReport(load_id=None, file=path.name, kind=kind, dry_run=options.dry_run)
    try:
        file = recognise(path, workspace=workspace)
        mapping = map_columns(KINDS[kind], file.columns, options.mapping)
        currency = currency_code(options.currency or house.currency)
        zone = zone_named(options.time_zone or house.time_zone).key
        source = _source(options, kind, file)
        _describe(
            report, file, mapping, source=source, guessed=options.source is None, currency=currency, zone=zone
        )
        already = queries.same_file(
            file.fingerprint, kind=kind, source=source, mapping=_saved(mapping, options)
        )
        if already is not None:
            report.already = already
            report.seconds = time.monotonic() - started
            return report
        conventions = Conventions(zone, options.date_order, now + GRACE)

        def prepare(snapshot: Snapshot, load_id: int, tx: Write | None) -> Loading:
            staged = stage(snapshot.session, KINDS[kind], file, mapping, conventions)
            return Loading(
                load_id=load_id,
                source=source,
                currency=currency,
                zone=zone,
                region=house.region,
                house_currency=house.currency,
                house_zone=house.time_zone,
                now=now,
                actor=actor,
                staged=staged,
                snapshot=snapshot,
                report=report,
                tell=tell,
                tx=tx,
            )

        if options.dry_run:
            work = prepare(lake.snapshot(), 0, None)
            LOADERS[kind](work)
            _settle(work.staged, report)
        else:
            _load(actor, lake, kind, options, file, mapping, report, prepare, now)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
    report.seconds = time.monotonic() - started
    return report


def _load(
    actor: Actor,
    lake: Lake,
    kind: str,
    options: ImportOptions,
    file: RecognisedFile,
    mapping: FieldMapping,
    report: ImportReport,
    prepare: Callable[[Snapshot, int, Write | None], Loading],
    now: datetime,
) -> None:
    snapshot = lake.snapshot()
    with lake.write(f"import of {file.original.name}", snapshot=snapshot) as tx:
        settle_interrupted(tx, actor=actor)
        load = Load.objects.create(
            kind=kind,
            file_name=file.original.name[:255],
            fingerprint=file.fingerprint,
            columns=list(file.columns),
            mapping=_saved(mapping, options),
            source=report.source,
            currency=report.currency,
            time_zone=report.time_zone,
            actor=actor.name,
            started_at=now,
        )
        report.load_id = load.load_id
        work: Loading | None = None
        try:
            work = prepare(tx.snapshot, load.load_id, tx)
            LOADERS[kind](work)
            _settle(work.staged, report)
            if options.strict and report.rejected:
                raise RowsRejected(
                    f"{report.rejected} of {report.rows} rows are bad, so nothing was loaded (--strict)",
                    received=_first_reasons(report),
                    next_step="Correct the rows, or leave out --strict to load the good ones",
                )
            if not report.loaded:
                raise NothingToLoad(
                    f"None of the {report.rows} rows could be loaded",
                    received=_first_reasons(report),
                    next_step="Check the mapping with --dry-run and correct it with --map",
                )
            _add_customers(tx, work)
            report.rejects_file = _write_rejects(work.staged, kind, load.load_id)
            work.staged.release()
            work.background.finish()
        except BaseException as error:
            if work is not None:
                with suppress(Exception):  # what went wrong first is what is told
                    work.background.finish()
            _forget(actor, load, str(error))
            raise
        tx.when_published(lambda: _finish(load, report))


def settle_interrupted(tx: Write, *, actor: Actor) -> None:
    """Settle what imports of killed processes left: half loads go, half undone ones are undone to the end.

    Call inside a write: whoever holds it knows that no other import is alive. The facts of half loads were never
    published; the lake has rolled them back by itself.
    """
    for workspace in (Path(settings.HUOSHUI_HOME) / "tmp").glob("import-*"):
        if time.time() - workspace.stat().st_mtime > LEFT_BEHIND.total_seconds():
            shutil.rmtree(workspace, ignore_errors=True)
    for load in Load.objects.filter(state=Load.State.LOADING):
        _forget(actor, load, "the process ended before the load was complete")
    for load in Load.objects.filter(state=Load.State.UNDOING):
        _take_back(tx, load, actor=actor, now=load.undone_at or load.started_at)


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


def _take_back(tx: Write, load: Load, *, actor: Actor, now: datetime) -> UndoReport:
    """The work of `undo`, which may be repeated from any point."""
    facts = tx.undo(load.load_id)
    still_used = _still_used(tx, load.load_id)
    privacy.undo_load(load.load_id, actor=actor)
    people = customers.undo_load(load.load_id, actor=actor, still_used=still_used)
    _rebuild_customers(tx)

    def finish() -> None:
        load.state = Load.State.UNDONE
        load.undone_at = now
        load.save(update_fields=["state", "undone_at"])

    tx.when_published(finish)
    return UndoReport(load.load_id, load.file_name, facts, people.removed, people.kept)


# -- inside ------------------------------------------------------------------------------------------------------


def _source(options: ImportOptions, kind: str, file: RecognisedFile) -> str:
    if options.source is None:
        return queries.guess_source(kind, file.columns, _slug(file.original.stem))
    slug = _slug(options.source)
    if not slug:
        raise MappingWrong(
            "This is no name of a source", received=repr(options.source), valid="letters and digits"
        )
    return slug


def _slug(name: str) -> str:
    """A file name without dates and numbers: orders-2024-01 and orders-2024-02 come from one place."""
    bare = re.sub(r"[\W\d]+", "_", name.casefold()).strip("_")
    return (bare or re.sub(r"\W+", "_", name.casefold()).strip("_"))[:60]


def _saved(mapping: FieldMapping, options: ImportOptions) -> dict[str, str]:
    """What makes two imports of one file the same import."""
    said = {"currency": options.currency, "time_zone": options.time_zone, "date_order": options.date_order}
    return {**mapping.as_dict(), **{f"--{name}": value for name, value in said.items() if value}}


def _describe(
    report: ImportReport,
    file: RecognisedFile,
    mapping: FieldMapping,
    *,
    source: str,
    guessed: bool,
    currency: str,
    zone: str,
) -> None:
    report.mapping = mapping.as_dict()
    report.unused_columns = list(mapping.unused)
    report.source, report.source_guessed = source, guessed
    report.currency, report.time_zone = currency, zone
    report.encoding, report.delimiter = file.encoding, file.delimiter if file.format == "text" else ""


def _settle(staged: Staged, report: ImportReport) -> None:
    report.rows = staged.total
    report.reasons = staged.counted_reasons()
    report.rejected = sum(report.reasons.values())
    report.loaded = report.rows - report.rejected
    if report.rejected:
        report.first_rejects = (
            staged.problems().slice(0, FIRST_REJECTS).select(["line", "column", "reason"]).to_pylist()
        )


def _first_reasons(report: ImportReport) -> str:
    return "; ".join(
        f"line {r['line']}: {(r['column'] + ' ') if r['column'] else ''}{r['reason']}"
        for r in report.first_rejects
    )


def _write_rejects(staged: Staged, kind: str, load_id: int) -> str | None:
    """The rejected rows as a CSV that can be corrected and loaded again."""
    table = staged.problems(with_good_of=LINES_OF.get(kind, ""))
    if not table.num_rows:
        return None
    folder = Path(settings.HUOSHUI_HOME) / "rejects"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"load-{load_id}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        path.chmod(0o600)
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        for row in zip(*(table[c].to_pylist() for c in table.column_names), strict=True):
            writer.writerow([_plain(cell) for cell in row])
    return str(path)


def _plain(cell: object) -> object:
    """A cell that a spreadsheet shows as text, never runs as a formula (EXP-01)."""
    if (
        isinstance(cell, str)
        and re.match(r"^[\s\x00]*[=+\-@＝＋－＠]", cell)
        and not re.fullmatch(r"-?[\d.,]+", cell)
    ):
        return "'" + cell
    return cell


def _add_customers(tx: Write, work: Loading) -> None:
    """Write the lake's table of customers anew when somebody, or an attribute, came with the load."""
    newcomers = pa.concat_tables([_no_customers(), *work.newcomers])
    if not newcomers.num_rows and "customer_attributes" not in work.report.facts:
        return
    arrived = tx.session.hold(newcomers).mutate(load_id=ibis.literal(work.load_id).cast("int64"))
    base = tx.table("customers").select("customer_id", "created_at", "load_id").union(arrived)
    tx.overwrite("customers", customer_queries.current_customers(tx.snapshot, base))


def _no_customers() -> pa.Table:
    return pa.table(
        {"customer_id": pa.array([], pa.int64()), "created_at": pa.array([], pa.timestamp("us", "UTC"))}
    )


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


def _forget(actor: Actor, load: Load, reason: str) -> None:
    privacy.undo_load(load.load_id, actor=actor)
    customers.undo_load(load.load_id, actor=actor, still_used=pa.array([], pa.int64()))
    load.state = Load.State.FAILED
    load.report = {"failed": reason[:1000]}
    load.save(update_fields=["state", "report"])


def _finish(load: Load, report: ImportReport) -> None:
    load.state = Load.State.LOADED
    load.report = report.as_dict()
    load.rejects = report.rejects_file or ""
    load.finished_at = load.started_at
    load.save()
