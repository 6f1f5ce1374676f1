"""Making a backup: both stores and the files of people as of one moment, in one file."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from huoshui import __version__
from huoshui.database import copying as database
from huoshui.database.pictures import one_picture
from huoshui.desk.organisation import queries as organisation
from huoshui.desk.threads import copying as threads_copying
from huoshui.kernel.actors import Actor, Right
from huoshui.lake import copying as lake_copying
from huoshui.lake.errors import LakeDamaged
from huoshui.lake.house import Lake
from huoshui.lake.storage import flush
from huoshui.project.keeping.archive import DATABASE, LAKE, PIECE, THREADS, Manifest, Writer
from huoshui.project.keeping.errors import CannotBackUp, FileDamaged, FileThere

Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that was made: its size in bytes, the files in it, and the rows of the database per table."""

    file: Path
    size: int
    files: int
    house_version: int
    rows: dict[str, int]


def back_up(
    *,
    actor: Actor,
    lake: Lake,
    file: Path,
    now: datetime,
    force: bool = False,
    tell: Tell = lambda _s, _p: None,
) -> Kept:
    """Keep both stores, and what people attached, in ``file``.

    It appears when it is complete and flushed, for its owner only. Writers of the lake wait only until the moment is
    pinned; readers do not wait. A file that is there is replaced with ``force``. Raises `FileThere`, `CannotBackUp`,
    `LakeDamaged`, `FileDamaged`, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    if file.exists() and not (force and file.is_file()):
        raise FileThere(
            "There is something of this name already",
            received=str(file),
            next_step="Choose another name, or replace the file with --force",
        )
    if "://" in settings.HUOSHUI_LAKE:
        raise CannotBackUp(
            "The lake lies in a bucket, which this command does not copy",
            received=settings.HUOSHUI_LAKE,
            next_step="Use the versioning of the object store for it, and a dump of the database server",
        )
    root = Path(settings.HUOSHUI_LAKE)
    house = organisation.current()
    with _written(file) as stream, ExitStack() as picture:
        with lake.exclusive("backup"):
            # No load is halfway now, so what both stores show belongs together. Both stay readable as they are:
            # the database by its transaction, the files of the lake because they are kept for seven days.
            lake.recover()
            picture.enter_context(one_picture())
            snapshot = lake.snapshot()
            names = list(lake_copying.files(snapshot, root))
            sums = lake_copying.checksums()
        writer = Writer(stream)
        rows = _add_database(writer, tell)
        _add_lake(writer, root, names, sums, tell)
        _add_files(writer, tell)
        writer.finish(
            Manifest(
                version=__version__,
                made_at=now.isoformat(timespec="seconds"),
                instance_id=organisation.instance_id(),
                house_version=snapshot.version,
                currency=house.currency,
                time_zone=house.time_zone,
                changes=sorted(f"{app}.{name}" for app, name in _applied()),
                rows=rows,
                members=writer.members,
            )
        )
        files = len(writer.members)
    return Kept(file, file.stat().st_size, files, snapshot.version, rows)


def kept_models() -> dict[str, type[Model]]:
    """The tables of the database by the name they have in an archive."""
    models = apps.get_models(include_auto_created=True)
    return {
        m._meta.label_lower: m for m in sorted(models, key=lambda m: m._meta.label_lower) if m._meta.managed
    }


def _applied() -> list[tuple[str, str]]:
    ours = {config.label for config in apps.get_app_configs()}
    return [key for key in MigrationRecorder(connection).applied_migrations() if key[0] in ours]


def _add_database(writer: Writer, tell: Tell) -> dict[str, int]:
    rows = {}
    models = kept_models()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    for place, (label, model) in enumerate(models.items()):
        tell("keeping the database", place / len(models))
        rows[label] = 0
        with (
            writer.member(f"{DATABASE}{label}.arrow") as sink,
            pa.ipc.new_stream(sink, database.schema(model), options=options) as stream,
        ):
            for batch in database.unload(model):
                stream.write_batch(batch)
                rows[label] += batch.num_rows
    return rows


def _add_lake(writer: Writer, root: Path, names: list[str], sums: dict[str, str], tell: Tell) -> None:
    for place, name in enumerate(names):
        tell("keeping the lake", place / len(names))
        try:
            with (root / name).open("rb") as source, writer.member(f"{LAKE}{name}") as sink:
                shutil.copyfileobj(source, sink, PIECE)
        except FileNotFoundError as error:
            raise _damaged("A file of the lake is missing", name) from error
        if sums.get(name, sink.sha256) != sink.sha256:
            raise _damaged("A file of the lake is not what was written", name)


def _add_files(writer: Writer, tell: Tell) -> None:
    """What people attached. Of what they deleted, what is still there: it may go for good at any moment."""
    folder, known = threads_copying.folder(), list(threads_copying.files())
    for place, file in enumerate(known):
        tell("keeping files", place / len(known))
        try:
            source = (folder / file.name).open("rb")
        except FileNotFoundError as error:
            if file.deleted:
                continue
            raise _lost("A file that was attached is missing", file) from error
        with source, writer.member(f"{THREADS}{file.name}") as sink:
            shutil.copyfileobj(source, sink, PIECE)
        if sink.sha256 != file.sha256 and not file.deleted:
            raise _lost("A file that was attached is not what was written", file)


def _lost(problem: str, file: threads_copying.Stored) -> FileDamaged:
    return FileDamaged(
        problem,
        received=f"{THREADS}{file.name}, file {file.id} of {file.subject}",
        next_step="Put it back from an earlier backup, or delete it where it is attached. No backup was made",
    )


def _damaged(problem: str, name: str) -> LakeDamaged:
    return LakeDamaged(
        problem, received=name, next_step="See what is wrong with: huoshui doctor. No backup was made"
    )


@contextmanager
def _written(file: Path) -> Iterator[BinaryIO]:
    """A stream whose content becomes ``file`` when the block has ended well, and goes otherwise."""
    part = file.with_name(f"{file.name}.part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise CannotBackUp(
            f"The backup cannot be written: {error.strerror}",
            received=str(part),
            next_step="Choose another folder",
        ) from error
    with os.fdopen(handle, "r+b") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotBackUp("Another backup is being written to this file", received=str(part)) from error
        try:
            os.fchmod(handle, 0o600)
            stream.truncate()  # what a killed backup left
            yield stream
            stream.flush()
            os.fsync(handle)
            part.replace(file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    flush(file.parent)
