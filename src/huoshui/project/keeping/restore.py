"""Making a house from a backup, in an empty place, or not at all.

Everything is made under names that end in ``.restoring``, and moved into place at the end: first the lake and the files
of people, then the database, whose presence makes it a house. What a killed restore leaves is known by those names, or
by a mark in these folders, and removed by the next one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from huoshui.database import copying as database
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import Actor, Right
from huoshui.lake import copying as lake_copying
from huoshui.lake.storage import flush
from huoshui.project import setting_up
from huoshui.project.keeping.archive import DATABASE, FILES, LAKE, PIECE, Archive, Manifest
from huoshui.project.keeping.errors import CannotBackUp, NotEmpty

UNFINISHED = ".restoring"
TOLERATED = {"huoshui.toml", ".setting-up.lock", "secret-key", "tmp", "log"}
"""What may be in a home that is as good as empty."""

Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """A house that was made from a backup: where, and what the backup said of itself."""

    home: Path
    manifest: Manifest


def check(*, file: Path, tell: Tell = lambda _s, _p: None) -> Manifest:
    """Read all of a backup and say what is in it. Raises `NotABackup`, `BackupDamaged`, `MadeByNewerVersion`."""
    with Archive(file) as archive:
        archive.verify(lambda share: tell("checking the backup", share))
        _refuse_unknown(archive)
        return archive.manifest


def restore(*, actor: Actor, file: Path, now: datetime, tell: Tell = lambda _s, _p: None) -> Restored:
    """Make the house that ``file`` holds in the place of the settings, brought up to date and fenced.

    The place must be empty: a home without a house, a lake folder that is not there, a database without tables.
    Every byte of ``file`` is checked before anything is made. Raises `NotEmpty`, what `check` raises, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    home = Path(settings.HUOSHUI_HOME)
    with Archive(file) as archive:
        archive.verify(lambda share: tell("checking the backup", share))
        _refuse_unknown(archive)
        with setting_up.one_at_a_time(home):
            places = _Places.of_settings()
            places.clear_leftovers()
            places.refuse_unless_empty()
            try:
                _make(archive, places, actor=actor, now=now, tell=tell)
            except BaseException:
                places.clear_leftovers()
                raise
    return Restored(home, archive.manifest)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the house comes to stand. ``file`` is that of SQLite; there is none with a database server."""

    home: Path
    lake: Path
    file: Path | None

    @classmethod
    def of_settings(cls) -> _Places:
        if "://" in settings.HUOSHUI_LAKE:
            raise CannotBackUp(
                "A backup can only be restored into a lake in a folder",
                received=settings.HUOSHUI_LAKE,
                next_step="Leave HUOSHUI_LAKE_URL out, or name a folder with it",
            )
        return cls(Path(settings.HUOSHUI_HOME), Path(settings.HUOSHUI_LAKE), setting_up.sqlite_file())

    @property
    def new_lake(self) -> Path:
        return self.lake.with_name(self.lake.name + UNFINISHED)

    @property
    def new_file(self) -> Path | None:
        return self.file and self.file.with_name(self.file.name + UNFINISHED)

    @property
    def files(self) -> Path:
        return self.home / "files"

    @property
    def new_files(self) -> Path:
        return self.files.with_name(self.files.name + UNFINISHED)

    @property
    def marks(self) -> tuple[Path, Path]:
        """Stand in lake and files as long as these may be without a database."""
        return self.lake / UNFINISHED, self.files / UNFINISHED

    def clear_leftovers(self) -> None:
        """Remove what a restore made that did not come to its end."""
        shutil.rmtree(self.new_lake, ignore_errors=True)
        shutil.rmtree(self.new_files, ignore_errors=True)
        if self.new_file is not None:
            for tail in ("", "-wal", "-shm", "-journal"):
                self.new_file.with_name(self.new_file.name + tail).unlink(missing_ok=True)
        for mark in self.marks:
            if mark.exists() and not self._has_database():
                shutil.rmtree(mark.parent)

    def refuse_unless_empty(self) -> None:
        """Raise `NotEmpty` and say what is there."""
        there = [p.name for p in self.home.iterdir() if p.name not in TOLERATED]
        if self.lake.exists() and any(self.lake.iterdir()):
            there.append(f"the lake {self.lake}")
        if self._has_database():
            there.append("a database with tables" if self.file is None else f"the database {self.file}")
        if there:
            raise NotEmpty(
                "A backup is restored into an empty house only",
                received=f"{self.home} with {', '.join(sorted(there)[:4])}",
                next_step="Name another folder with HUOSHUI_HOME (and an empty database, if you use a server); "
                "nothing was changed",
            )

    def _has_database(self) -> bool:
        return bool(connection.introspection.table_names()) if self.file is None else self.file.exists()


def _refuse_unknown(archive: Archive) -> None:
    known = {f"{app}.{name}" for app, name in MigrationExecutor(None).loader.disk_migrations}
    if unknown := sorted(set(archive.manifest.changes) - known):
        raise setting_up.MadeByNewerVersion(
            "This backup was made by a newer version of Huoshui",
            received=f"{archive.path}, with {', '.join(unknown[:3])}",
            next_step="Update Huoshui and run the command again; nothing was changed",
        )


def _make(archive: Archive, places: _Places, *, actor: Actor, now: datetime, tell: Tell) -> None:
    kept = _unpack(archive, LAKE, places.new_lake, tell)
    _unpack(archive, FILES, places.new_files, tell)
    with ExitStack() as work:
        if places.new_file is not None:
            work.enter_context(database.in_file(places.new_file))
        else:
            work.enter_context(transaction.atomic())  # a server keeps all of it or nothing
        _fill_database(archive, tell)
        lake_copying.forget_what_was_left_out(kept)
        organisation.fence(actor=actor, now=now)
        if places.file is None:
            _move_folders(places)
    if places.file is not None and places.new_file is not None:
        flush(places.new_file)
        places.new_file.chmod(0o600)
        _move_folders(places)
        places.new_file.replace(places.file)
        flush(places.file.parent)
    for mark in places.marks:
        mark.unlink()


def _unpack(archive: Archive, part: str, folder: Path, tell: Tell) -> set[str]:
    """Write one part of the archive below ``folder`` and flush it; answers the names of its files."""
    folder.mkdir(mode=0o700, parents=True)
    names = [m.name for m in archive.manifest.members if m.name.startswith(part)]
    for place, name in enumerate(names):
        tell(f"restoring the {part.rstrip('/')}", place / len(names))
        path = folder / name.removeprefix(part)
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, open(path, "xb", opener=_for_its_owner) as target:
            shutil.copyfileobj(source, target, PIECE)
            target.flush()
            os.fsync(target.fileno())
    (folder / UNFINISHED).touch()
    for made in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
        flush(made)
    return {name.removeprefix(part) for name in names}


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _move_folders(places: _Places) -> None:
    if places.lake.is_dir():
        places.lake.rmdir()  # it is empty
    for made, place in ((places.new_lake, places.lake), (places.new_files, places.files)):
        made.replace(place)
        flush(place.parent)


def _fill_database(archive: Archive, tell: Tell) -> None:
    """Make the tables as they were when the backup was made, fill them, and bring them up to date."""
    changes = [(app, name) for app, name in (change.split(".", 1) for change in archive.manifest.changes)]
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    last = [
        c
        for c in changes
        if not any(child.key in changes for child in graph.node_map[c].children if child.key[0] == c[0])
    ]
    with _without_foreign_keys():
        executor.migrate(last)
    models = {
        m._meta.label_lower: m
        for m in executor.loader.project_state(last).apps.get_models(include_auto_created=True)
        if m._meta.managed
    }
    kept = {
        m.name.removeprefix(DATABASE).removesuffix(".arrow")
        for m in archive.manifest.members
        if m.name.startswith(DATABASE)
    }
    if kept != set(models):
        raise archive.damaged(f"its tables are not those of its changes: {sorted(kept ^ set(models))[:3]}")
    done, total = 0, sum(archive.manifest.rows.values()) or 1

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        tell("restoring the database", done / total)

    try:
        rows = database.load({models[label]: _batches(archive, label, count) for label in sorted(models)})
    except (IntegrityError, ValueError, pa.ArrowInvalid) as error:
        raise archive.damaged("its tables do not fit together") from error
    if {model._meta.label_lower: count for model, count in rows.items()} != archive.manifest.rows:
        raise archive.damaged("its tables have other numbers of rows than it says")
    setting_up.bring_up_to_date(lambda _text: None)


def _batches(archive: Archive, label: str, counted: Callable[[int], None]) -> Iterator[pa.RecordBatch]:
    with archive.open(f"{DATABASE}{label}.arrow") as stream, pa.ipc.open_stream(stream) as batches:
        for batch in batches:
            yield batch
            counted(batch.num_rows)


@contextmanager
def _without_foreign_keys() -> Iterator[None]:
    """SQLite changes tables only while it does not check references."""
    connection.disable_constraint_checking()
    try:
        yield
    finally:
        connection.enable_constraint_checking()
