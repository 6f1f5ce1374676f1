"""Bring a file in."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
from django.conf import settings

from huoshui.data.connectors import others, products, profiles, queries, transactions
from huoshui.data.connectors.errors import MappingWrong, NothingToLoad, RowsRejected
from huoshui.data.connectors.kinds import KINDS
from huoshui.data.connectors.models import Load
from huoshui.data.connectors.options import ImportOptions
from huoshui.data.connectors.reasons import HEADINGS
from huoshui.data.connectors.reports import ImportReport
from huoshui.data.connectors.services.saving import check_name, save_mapping
from huoshui.data.connectors.services.undoing import forget, rejects_of, settle_interrupted
from huoshui.data.connectors.shaping import consents_claimed
from huoshui.data.connectors.staging import Staged, stage
from huoshui.data.connectors.understanding import Understood, as_plain, understand, zone_in_cells
from huoshui.data.connectors.values import Conventions
from huoshui.data.connectors.work import Loading
from huoshui.data.customers import queries as customer_queries
from huoshui.desk.audit import services as audit
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.cells import as_text, as_written
from huoshui.kernel.texts import Language
from huoshui.lake.house import Lake
from huoshui.lake.locks import OwnFolder
from huoshui.lake.snapshot import Snapshot
from huoshui.lake.writing import Write

GRACE = timedelta(days=1)
FIRST_REJECTS = 5

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
    A file that was loaded before changes nothing. Raises `FileRefused`, `NoSuchProfile`, `NameTaken`, `ColumnMissing`,
    `MappingWrong`, `DatesAmbiguous`, `AmountsAmbiguous`, `RateMissing`, `RowsRejected`, `NothingToLoad` or a refusal
    of the lake; then nothing was loaded.
    """
    actor.require(Right.IMPORTS_RUN)
    if kind not in KINDS:
        raise MappingWrong("There is no such kind of import", received=f"--as {kind}", valid=", ".join(KINDS))
    if options.save_profile is not None:
        check_name(options.save_profile)
    started = time.monotonic()
    house = organisation.current()
    tell("reading", 0.0)
    workspace = OwnFolder(Path(settings.HUOSHUI_HOME) / "tmp", "import")
    report = ImportReport(load_id=None, file=path.name, kind=kind, dry_run=options.dry_run)
    try:
        understood = understand(path, KINDS[kind], options, house=house, workspace=workspace.path)
        for name, value in as_plain(understood).items():
            setattr(report, name, value)
        report.already = _same_file(understood)
        if report.already is None:
            prepare = partial(
                _prepare,
                understood,
                actor=actor,
                house=house,
                options=options,
                report=report,
                now=now,
                tell=tell,
            )
            if options.dry_run:
                work = prepare(lake.snapshot(), 0, None)
                LOADERS[kind](work)
                _settle(work, report, options.language)
            else:
                _load(actor, lake, understood, options, report, prepare, now)
        if options.save_profile is not None:
            save_mapping(actor=actor, name=options.save_profile, understood=understood, now=now)
            report.saved_as = options.save_profile
    finally:
        workspace.remove()
    report.seconds = time.monotonic() - started
    return report


def _prepare(
    understood: Understood,
    snapshot: Snapshot,
    load_id: int,
    tx: Write | None,
    *,
    actor: Actor,
    house: organisation.Organisation,
    options: ImportOptions,
    report: ImportReport,
    now: datetime,
    tell: Callable[[str, float], None],
) -> Loading:
    snapshot = snapshot.embedded()
    conventions = Conventions(understood.zone, understood.date_order, now + GRACE)
    staged = stage(
        snapshot.session, understood.kind, understood.file, understood.mapping, conventions, understood.tool
    )
    if report.why["time_zone"] != "told" and zone_in_cells(staged, understood.kind):
        report.why["time_zone"] = "cells"
    return Loading(
        load_id=load_id,
        source=understood.source,
        currency=understood.currency,
        zone=understood.zone,
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
        tool=understood.tool,
    )


def _load(
    actor: Actor,
    lake: Lake,
    understood: Understood,
    options: ImportOptions,
    report: ImportReport,
    prepare: Callable[[Snapshot, int, Write | None], Loading],
    now: datetime,
) -> None:
    file, kind = understood.file, understood.kind.slug
    snapshot = lake.snapshot()
    with lake.write(f"import of {file.original.name}", snapshot=snapshot) as tx:
        settle_interrupted(tx, actor=actor)
        report.already = _same_file(understood)
        if report.already is not None:  # by another process, while this one waited
            return
        load = Load.objects.create(
            kind=kind,
            file_name=file.original.name[:255],
            fingerprint=file.fingerprint,
            columns=list(file.columns),
            mapping=understood.identity(),
            source=report.source,
            currency=report.currency,
            time_zone=report.time_zone,
            actor=actor.name[:200],
            user_id=actor.user_id,
            started_at=now,
        )
        report.load_id = load.load_id
        work: Loading | None = None
        try:
            work = prepare(tx.snapshot, load.load_id, tx)
            LOADERS[kind](work)
            _settle(work, report, options.language)
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
            report.rejects_file = _write_rejects(work.staged, kind, load.load_id, options.language)
            work.staged.release()
            work.background.finish()
        except BaseException as error:
            if work is not None:
                with suppress(Exception):  # what went wrong first is what is told
                    work.background.finish()
            forget(actor, load, error)
            raise
        tx.when_published(lambda: _finish(load, report, actor, now))


# -- inside ------------------------------------------------------------------------------------------------------


def _same_file(understood: Understood) -> int | None:
    return queries.same_file(
        understood.file.fingerprint,
        kind=understood.kind.slug,
        source=understood.source,
        mapping=understood.identity(),
    )


def _settle(work: Loading, report: ImportReport, language: Language) -> None:
    staged = work.staged
    report.rows = staged.total
    report.rejections = staged.rejections()
    report.reasons = {}
    for rejection in report.rejections:
        words = rejection.in_("en")
        report.reasons[words] = report.reasons.get(words, 0) + rejection.rows
    report.rejected = sum(report.reasons.values())
    report.loaded = report.rows - report.rejected
    work.rule(
        "consent_without_proof", consents_claimed(staged.session, staged.raw, staged.file.columns, work.tool)
    )
    if report.rejected:
        first = staged.problems(language=language, first=FIRST_REJECTS).select([0, 1, 2])
        report.first_rejects = first.rename_columns(HEADINGS["en"]).to_pylist()


def _first_reasons(report: ImportReport) -> str:
    return "; ".join(
        f"line {r['line']}: {(r['column'] + ' ') if r['column'] else ''}{r['reason']}"
        for r in report.first_rejects
    )


def _write_rejects(staged: Staged, kind: str, load_id: int, language: Language) -> str | None:
    """The rejected rows as a CSV that can be corrected and loaded again."""
    table = staged.problems(with_good_of=LINES_OF.get(kind, ""), language=language)
    if not table.num_rows:
        return None
    path = rejects_of(load_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        path.chmod(0o600)
        writer = csv.writer(file)
        writer.writerow(map(as_text, table.column_names))
        for part in table.to_batches(max_chunksize=10_000):
            for row in zip(*(column.to_pylist() for column in part.columns), strict=True):
                writer.writerow([_safe(cell) for cell in row])
    return str(path)


def _safe(cell: Any) -> Any:
    """A cell that spreadsheets show; one that the file had made safe already is left at that."""
    return as_text(as_written(cell)) if isinstance(cell, str) else cell


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


def _finish(load: Load, report: ImportReport, actor: Actor, now: datetime) -> None:
    load.state = Load.State.LOADED
    load.report = report.as_dict()
    load.rejects = report.rejects_file or ""
    load.finished_at = load.started_at
    load.save()
    told = {"kind": load.kind, "rows": report.rows, "loaded": report.loaded, "rejected": report.rejected}
    audit.record(actor=actor, act="load.done", subject=f"load:{load.load_id}", detail=told, now=now)
