"""The door of the lake: snapshots to read, writes that are all or nothing, and its care."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

from huoshui.kernel.clock import now as clock_now
from huoshui.kernel.plugs import LAKE_TABLES, LakeTable
from huoshui.lake import care
from huoshui.lake.delta import DeltaFolder
from huoshui.lake.duck import DuckEngine, EngineSettings
from huoshui.lake.engines import Engine
from huoshui.lake.errors import EngineMissing, LakeDamaged, LakeNotWritable, NoSuchVersion, UnsafeVacuum
from huoshui.lake.keys import KnownKeys
from huoshui.lake.locks import writer_lock
from huoshui.lake.models import HouseVersion
from huoshui.lake.publishing import forget_seals, publish
from huoshui.lake.snapshot import EmbeddedSnapshot, Snapshot
from huoshui.lake.storage import LocalFolder, Storage
from huoshui.lake.writing import ON_CRASH, OnCrash, Write

Answer = TypeVar("Answer")

TIME_TRAVEL = timedelta(days=7)
SAFE_RETENTION = timedelta(days=7)
WAIT_FOR_WRITER = 600.0
LOOKED_BACK = 8
"""Care of a table makes a few commits after the one that wrote it."""

ASKED_AGAIN = 60.0
"""For how many seconds a question is asked again: more than one erasure may pass while a slow reader opens files."""

NO_ROOM = frozenset(
    (
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST),
    )
)
"""System errors that say the lake cannot be written; others are not about the lake."""


@dataclass(frozen=True, slots=True)
class TableState:
    """What `Lake.state` says of one table."""

    slug: str
    version: int
    rows: int
    files: int
    size: int


class Lake:
    """The Delta tables of one house."""

    def __init__(self, storage: Storage | Path, settings: EngineSettings) -> None:
        self.storage = LocalFolder(storage) if isinstance(storage, Path) else storage
        self.root = self.storage.folder
        """Where the engine finds the data files; the tables themselves are reached by `folder`."""
        self.engine = DuckEngine(settings)
        """The embedded engine: it loads facts, answers SQL text and tends the lake in every house."""
        self.computing: Engine = _computing_engine(settings) or self.engine
        """The engine that analysis runs on."""
        self._lock = writer_lock(self.root)
        self._exclusive: int | None = None
        self._folders: dict[str, DeltaFolder] = {}
        self.keys = KnownKeys()
        """What writes have learned of the keys in data files."""
        # What a version consists of never changes, and reading a long log takes its time.
        self._sizes = lru_cache(maxsize=256)(lambda slug, version: self.folder(slug).sizes(version))

    # -- reading -------------------------------------------------------------------------------------------------

    def snapshot(self, version: int | None = None) -> Snapshot:
        """The newest published house version, or an older one of the last seven days.

        Raises `NoSuchVersion` for a version that was never published or is too old.
        """
        if version is None:
            row = HouseVersion.objects.order_by("-version").first()
        else:
            row = HouseVersion.objects.filter(version=version).first()
            if row is None or (row != self._newest() and clock_now() - row.published_at > TIME_TRAVEL):
                raise NoSuchVersion(
                    "This house version cannot be read",
                    received=str(version),
                    valid=f"a version of the last {TIME_TRAVEL.days} days",
                )
        picture = EmbeddedSnapshot if self.computing is self.engine else Snapshot
        return picture(
            lake=self,
            session=self.computing.session(),
            version=row.version if row else 0,
            versions=cast("dict[str, int]", row.tables) if row else {},
        )

    def read(self, question: Callable[[Snapshot], Answer]) -> Answer:
        """The answer to ``question`` from the newest house version; asked again where its files were removed
        meanwhile, for up to `ASKED_AGAIN` seconds.

        Versions are kept for seven days, so that only an erasure does that: it removes the files of older versions at
        once, which readers of those notice.
        """
        snapshot, began = self.snapshot(), time.monotonic()
        while True:
            try:
                return question(snapshot)
            except LakeDamaged:
                newer = self.snapshot()
                if newer.version == snapshot.version or time.monotonic() - began > ASKED_AGAIN:
                    raise
                snapshot = newer

    def folder(self, slug: str) -> DeltaFolder:
        """The Delta table ``slug``."""
        return self._folders.setdefault(slug, DeltaFolder(self.storage.table(slug)))

    def sizes(self, slug: str, version: int) -> dict[str, int]:
        """Path and bytes of the data files of one version of ``slug``."""
        return dict(self._sizes(slug, version))

    def noted(self, slug: str, version: int, key: str) -> str:
        """The note ``key`` of the newest of the `LOOKED_BACK` commits up to ``version`` that has one; else empty."""
        for number in range(version, max(version - LOOKED_BACK, 0), -1):
            try:
                found = self.folder(slug).commit_metadata(number).get(key)
            except FileNotFoundError:  # tidied away
                return ""
            if found is not None:
                return found
        return ""

    # -- writing -------------------------------------------------------------------------------------------------

    @contextmanager
    def write(
        self,
        reason: str,
        *,
        snapshot: Snapshot | None = None,
        on_crash: OnCrash = "back",
        computing: bool = False,
        tended: bool = True,
        wait: float | None = None,
    ) -> Iterator[Write]:
        """Write several tables as one; publish a house version when the block ends, else take all of it back.

        ``snapshot``: use its session, so that expressions made from it can be written. ``computing``: expressions are
        made from tables of the write itself and computed by the engine of analysis. ``on_crash`` says what
        happens to commits whose house version was never published because the process died: taken *back* (the
        work starts again from its source) or rolled *forward* (the work is marked done elsewhere by a
        transaction number and must not be repeated). ``tended``: look after the changed tables once it is published
        (`care.tend`). ``wait``: seconds to wait for another writer (ten minutes).

        Raises `LakeBusy`, `LakeNotWritable`.
        """
        with self._writing(reason, wait):
            self.recover()
            current = self._newest()
            session = snapshot.embedded().session if snapshot else self.engine.session()
            write = Write(self, session, dict(current.tables) if current else {}, on_crash)
            if computing and self.computing is not self.engine:
                write.compute_by(self.computing.session())
            try:
                yield write
                write.publish(reason)
            except BaseException:
                write.take_back()
                raise
            if tended and write.changed:
                care.tend(self, {slug: write.versions[slug] for slug in write.changed})

    @contextmanager
    def exclusive(self, reason: str) -> Iterator[None]:
        """Pause all writers, so that files readers could still need may be removed (erasure)."""
        with self._writing(reason):
            self._exclusive = threading.get_ident()
            try:
                yield
            finally:
                self._exclusive = None

    def recover(self) -> dict[str, OnCrash]:
        """Settle what a killed writer left: roll tables forward or back to the newest house version.

        Safe at any time: it holds the writer lock. Returns what happened to which table.
        """
        settled: dict[str, OnCrash] = {}
        with self._writing("recovery"):
            newest = self._newest()
            published: dict[str, int] = dict(newest.tables) if newest else {}
            forward: dict[str, int] = {}
            for slug in sorted(published.keys() | set(self.storage.tables())):
                folder, pinned = self.folder(slug), published.get(slug, 0)
                if folder.stands_at(pinned):
                    continue
                if slug not in published and not folder.exists:
                    continue  # its maker died before there was a first version
                last = folder.version()
                if last < pinned:
                    raise LakeDamaged(
                        f"The table {slug} has lost its newest commits",
                        received=f"version {last}, where {pinned} was published",
                        next_step="Restore it from a backup; huoshui doctor tells what is missing",
                    )
                if last == pinned:
                    continue
                commits = [folder.commit_metadata(v).get(ON_CRASH) for v in range(pinned + 1, last + 1)]
                if all(mark == "forward" for mark in commits):
                    forward[slug] = last
                    settled[slug] = "forward"
                else:
                    published[slug] = folder.restore(pinned)
                    settled[slug] = "back"
            before: dict[str, int] = dict(newest.tables) if newest else {}
            publish(self.storage, before=before, tables=published | forward, reason="recovery")
        return settled

    # -- care ----------------------------------------------------------------------------------------------------

    def vacuum(self, retention: timedelta = SAFE_RETENTION) -> int:
        """Remove files that only versions older than ``retention`` need; returns how many.

        Raises `UnsafeVacuum` for a retention below seven days outside `exclusive`: a reader or an appender may
        still need the files (RELIABILITY C1).
        """
        if retention < SAFE_RETENTION and self._exclusive != threading.get_ident():
            raise UnsafeVacuum(
                "Removing files this young could break readers and writers",
                received=str(retention),
                valid=f"at least {SAFE_RETENTION.days} days",
                next_step="Do it inside lake.exclusive(), which pauses writers",
            )
        with self._writing("vacuum"):
            self.recover()  # what a killed writer replaced is still needed
            newest = self._newest()
            before = dict(newest.tables) if newest else {}
            removed, tables = 0, dict(before)
            for slug in before:
                folder = self.folder(slug)
                files = set(folder.place.listed())
                removed += len(folder.vacuum(retention))
                forget_seals(f"{slug}/{name}" for name in files - set(folder.place.listed()))
                tables[slug] = folder.version()  # it is noted in the log
            publish(self.storage, before=before, tables=tables, reason="vacuum")
            return removed

    def sweep(self, *, at_once: bool = False) -> int:
        """Remove what killed writers left; returns how many files. ``at_once``: also what is younger than an hour.

        Readers are safe: they read what the log names, and nothing else goes.
        """
        with self._writing("sweep"):
            now = time.time()
            return sum(len(self.folder(t.slug).sweep(now=now, at_once=at_once)) for t in self._existing())

    def state(self) -> list[TableState]:
        """Version, rows, files and bytes of every table, as of the newest house version."""
        snapshot = self.snapshot().embedded()
        states = []
        for table in LAKE_TABLES:
            files = snapshot.sizes(table.slug)
            everything = snapshot.table(table.slug)
            counted = snapshot.arrow(everything.aggregate(rows=everything.count()))
            rows = int(counted["rows"][0].as_py())
            size = sum(files.values())
            states.append(
                TableState(table.slug, snapshot.versions.get(table.slug, 0), rows, len(files), size)
            )
        return states

    def missing_files(self) -> list[str]:
        """Files that the newest house version needs and that are gone."""
        versions = self.snapshot().versions
        tables = [(t.slug, versions[t.slug]) for t in self._existing() if t.slug in versions]
        return [file for slug, version in tables for file in self.folder(slug).missing_files(version)]

    def close(self) -> None:
        """Let go of the engines."""
        if self.computing is not self.engine:
            self.computing.close()
        self.engine.close()

    # -- inside --------------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self, purpose: str, wait: float | None = None) -> Iterator[None]:
        try:
            self.storage.prepare()
            timeout = WAIT_FOR_WRITER if wait is None else wait
            with self._lock.held(timeout=timeout, purpose=purpose) as predecessor_died:
                if predecessor_died:
                    self.recover()
                    self.sweep(at_once=True)  # nobody else writes, so what no log names belongs to the dead
                yield
        except OSError as error:
            # delta-rs raises system errors without a number.
            if isinstance(error, TimeoutError) or (error.errno is not None and error.errno not in NO_ROOM):
                raise
            raise LakeNotWritable(
                f"The lake in {self.storage.name} could not be written: {error.strerror or error}",
                next_step="Make space or give write access to the folder, then try again; nothing was changed",
            ) from error

    def _newest(self) -> HouseVersion | None:
        return HouseVersion.objects.order_by("-version").first()

    def _existing(self) -> list[LakeTable]:
        there = set(self.storage.tables())
        return [t for t in LAKE_TABLES if t.slug in there]


def _computing_engine(settings: EngineSettings) -> Engine | None:
    """Spark, if it was chosen. Raises `EngineMissing`."""
    if settings.engine != "spark":
        return None
    try:
        from huoshui.lake.spark import SparkEngine
    except ImportError as error:
        raise EngineMissing(
            "HUOSHUI_ENGINE is spark, and Spark is not installed",
            received=str(error),
            next_step="Install the extra: pip install 'huoshui[spark]', or requirements/spark.lock in a clone",
        ) from error
    return SparkEngine(settings)
