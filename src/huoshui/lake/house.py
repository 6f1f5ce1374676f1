"""The door of the lake: snapshots to read, writes that are all or nothing, and its care."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import cast

from huoshui.kernel.clock import now as clock_now
from huoshui.kernel.plugs import LAKE_TABLES, LakeTable
from huoshui.lake import care
from huoshui.lake.delta import DeltaFolder
from huoshui.lake.duck import DuckEngine, EngineSettings
from huoshui.lake.errors import LakeNotWritable, NoSuchVersion, UnsafeVacuum
from huoshui.lake.locks import WriterLock
from huoshui.lake.models import HouseVersion
from huoshui.lake.snapshot import Snapshot
from huoshui.lake.writing import ON_CRASH, OnCrash, Write

TIME_TRAVEL = timedelta(days=7)
SAFE_RETENTION = timedelta(days=7)
WAIT_FOR_WRITER = 600.0

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

    def __init__(self, root: Path, settings: EngineSettings) -> None:
        self.root = root
        self.engine = DuckEngine(settings)
        self._lock = WriterLock(root / ".writer.lock")
        self._exclusive = False
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
        return Snapshot(
            lake=self,
            session=self.engine.session(),
            version=row.version if row else 0,
            versions=cast("dict[str, int]", row.tables) if row else {},
        )

    def folder(self, slug: str) -> DeltaFolder:
        """The Delta table ``slug`` on disk."""
        return DeltaFolder(self.root / slug)

    def sizes(self, slug: str, version: int) -> dict[str, int]:
        """Path and bytes of the data files of one version of ``slug``."""
        return dict(self._sizes(slug, version))

    # -- writing -------------------------------------------------------------------------------------------------

    @contextmanager
    def write(
        self,
        reason: str,
        *,
        snapshot: Snapshot | None = None,
        on_crash: OnCrash = "back",
        tended: bool = True,
    ) -> Iterator[Write]:
        """Write several tables as one; publish a house version when the block ends, else take all of it back.

        ``snapshot``: use its session, so that expressions made from it can be written. ``on_crash`` says what
        happens to commits whose house version was never published because the process died: taken *back* (the
        work starts again from its source) or rolled *forward* (the work is marked done elsewhere by a
        transaction number and must not be repeated). ``tended``: look after the changed tables once it is published
        (`care.tend`).

        Raises `LakeBusy`, `LakeNotWritable`.
        """
        with self._writing(reason):
            self.recover()
            current = self._newest()
            session = snapshot.session if snapshot else self.engine.session()
            write = Write(self, session, dict(current.tables) if current else {}, on_crash)
            try:
                yield write
                write.publish(reason)
            except BaseException:
                write.take_back()
                raise
            if tended and write.changed:
                care.tend(self, write.changed)

    @contextmanager
    def exclusive(self, reason: str) -> Iterator[None]:
        """Pause all writers, so that files readers could still need may be removed (erasure)."""
        with self._writing(reason):
            self._exclusive = True
            try:
                yield
            finally:
                self._exclusive = False

    def recover(self) -> dict[str, OnCrash]:
        """Settle what a killed writer left: roll tables forward or back to the newest house version.

        Safe at any time: it holds the writer lock. Returns what happened to which table.
        """
        settled: dict[str, OnCrash] = {}
        with self._writing("recovery"):
            newest = self._newest()
            published: dict[str, int] = dict(newest.tables) if newest else {}
            forward: dict[str, int] = {}
            for slug in sorted(p.parent.name for p in self.root.glob("*/_delta_log")):
                folder = self.folder(slug)
                last, pinned = folder.version(), published.get(slug, 0)
                if last <= pinned:
                    continue
                commits = [folder.commit_metadata(v).get(ON_CRASH) for v in range(pinned + 1, last + 1)]
                if all(mark == "forward" for mark in commits):
                    forward[slug] = last
                    settled[slug] = "forward"
                else:
                    published[slug] = folder.restore(pinned)
                    settled[slug] = "back"
            if settled:
                HouseVersion.objects.create(
                    tables=published | forward, reason="recovery", published_at=clock_now()
                )
        return settled

    # -- care ----------------------------------------------------------------------------------------------------

    def vacuum(self, retention: timedelta = SAFE_RETENTION) -> int:
        """Remove files that only versions older than ``retention`` need; returns how many.

        Raises `UnsafeVacuum` for a retention below seven days outside `exclusive`: a reader or an appender may
        still need the files (RELIABILITY C1).
        """
        if retention < SAFE_RETENTION and not self._exclusive:
            raise UnsafeVacuum(
                "Removing files this young could break readers and writers",
                received=str(retention),
                valid=f"at least {SAFE_RETENTION.days} days",
                next_step="Do it inside lake.exclusive(), which pauses writers",
            )
        with self._writing("vacuum"):
            self.recover()  # what a killed writer replaced is still needed
            return sum(len(self.folder(t.slug).vacuum(retention)) for t in self._existing())

    def sweep(self) -> int:
        """Remove left-over files of killed writers that are older than an hour; returns how many."""
        with self._writing("sweep"):
            return sum(len(self.folder(t.slug).sweep(now=time.time())) for t in self._existing())

    def state(self) -> list[TableState]:
        """Version, rows, files and bytes of every table, as of the newest house version."""
        snapshot = self.snapshot()
        states = []
        for table in LAKE_TABLES:
            files = snapshot.files(table.slug)
            rows = int(snapshot.table(table.slug).count().to_pyarrow().as_py())
            size = sum(Path(f).stat().st_size for f in files)
            states.append(
                TableState(table.slug, snapshot.versions.get(table.slug, 0), rows, len(files), size)
            )
        return states

    def missing_files(self) -> list[str]:
        """Files that the newest house version needs and that are not on disk."""
        snapshot = self.snapshot()
        return [f for t in self._existing() for f in snapshot.files(t.slug) if not Path(f).is_file()]

    def close(self) -> None:
        """Let go of the engine."""
        self.engine.close()

    # -- inside --------------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self, purpose: str) -> Iterator[None]:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with self._lock.held(timeout=WAIT_FOR_WRITER, purpose=purpose):
                yield
        except OSError as error:
            # delta-rs raises system errors without a number.
            if isinstance(error, TimeoutError) or (error.errno is not None and error.errno not in NO_ROOM):
                raise
            raise LakeNotWritable(
                f"The lake in {self.root} could not be written: {error.strerror or error}",
                next_step="Make space or give write access to the folder, then try again; nothing was changed",
            ) from error

    def _newest(self) -> HouseVersion | None:
        return HouseVersion.objects.order_by("-version").first()

    def _existing(self) -> list[LakeTable]:
        return [t for t in LAKE_TABLES if (self.root / t.slug / "_delta_log").is_dir()]
