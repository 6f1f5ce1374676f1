"""Where the tables of a lake lie: a folder of this machine, or a bucket of an S3-compatible object store.

The engine reads and writes data files in a local folder either way. For a folder that is the table itself. For a bucket
it is a cache: data files never change and no name is used twice, so a copy of the right size is as good as the object.
What is committed is in the bucket before the commit names it; the cache may be removed at any time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol
from uuid import uuid4

from deltalake import DeltaTable

LOG = "_delta_log"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it is stored: its bytes, and when it was written in seconds of the epoch."""

    size: int
    written: float

    @classmethod
    def of(cls, state: os.stat_result) -> Stored:
        """A file of this machine."""
        return cls(state.st_size, state.st_mtime)


class Place(Protocol):
    """Where one table lies, and where the engine finds its data files.

    Files are named as below the table: ``part-….parquet``, ``_delta_log/….json``.
    """

    folder: Path
    uri: str
    options: dict[str, str] | None
    checkpoint_every: int
    """After so many versions delta-rs sums the log up, so that readers need not read entry by entry."""

    def naming_failures(self) -> AbstractContextManager[None]:
        """What surrounds calls of delta-rs: turns what it raises about the storage into refusals of the lake."""

    def exists(self) -> bool:
        """Whether the table has a log."""

    def prepare(self) -> None:
        """Make what a new table needs."""

    def settle(self, names: Collection[str]) -> None:
        """Make new data files of `folder` last; when this returns, a commit may name them."""

    def settle_log(self, names: Collection[str]) -> None:
        """Make files of the log last; when this returns, the commit may be acknowledged."""

    def fetch(self, sizes: Mapping[str, int]) -> None:
        """See that committed data files, given with their bytes, are in `folder`. Raises `LakeDamaged`."""

    def listed(self) -> dict[str, Stored]:
        """All files that are stored, committed or not."""

    def copies(self) -> dict[str, Stored]:
        """The files in `folder`, where they are not the stored ones: copies, and what was not sent yet."""

    def stored(self, names: Sequence[str]) -> list[Stored | None]:
        """The state of each file, nothing where it is not stored."""

    def enter(self, name: str, content: bytes) -> Stored | None:
        """Put a new file into the log, whole and flushed; nothing when it is there, or the place cannot be sure."""

    def open(self, name: str) -> IO[bytes]:
        """A stored file, to be read. Raises `FileNotFoundError`."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; those that are gone are gone."""

    def forget(self, names: Iterable[str]) -> None:
        """Remove the copies that were made of files, once those are gone."""


class Storage(Protocol):
    """Where all tables of a lake lie. ``name`` is for messages, ``folder`` holds a folder for each table."""

    name: str
    folder: Path

    def prepare(self) -> None:
        """Make what a writer needs before it can take its lock."""

    def tables(self) -> list[str]:
        """Names of the tables that have a log, sorted."""

    def table(self, slug: str) -> Place:
        """The place of one table, which need not exist."""


def storage_at(url: str, home: Path, *, cache: int) -> Storage:
    """The storage that ``url`` names: a folder, or ``s3://bucket/prefix``.

    ``home`` holds the cache of a bucket, which may take ``cache`` bytes. Raises `LakeUnreachable` for an endpoint that
    cannot be used; nothing is asked over the network yet.
    """
    if not url.startswith("s3://"):
        return LocalFolder(Path(url))
    # Only a lake in a bucket pays for loading Arrow's S3 client.
    from huoshui.lake.object_store import Access, ObjectStore

    access = Access.read(os.environ)
    own = hashlib.sha256(f"{access.endpoint} {url}".encode()).hexdigest()[:16]
    return ObjectStore(url, access, home / "cache" / own, limit=cache)


class LocalFolder:
    """A lake in a folder of this machine: every acknowledgement waits for the disk."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self.folder = folder

    def prepare(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def tables(self) -> list[str]:
        """Names of the tables that have a log, sorted."""
        return sorted(log.parent.name for log in self.folder.glob(f"*/{LOG}"))

    def table(self, slug: str) -> LocalPlace:
        """The folder of one table."""
        return LocalPlace(self.folder / slug)


class LocalPlace:
    """A table in a folder of this machine. Implements `Place`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uri = str(folder)
        self.options: dict[str, str] | None = None
        self.checkpoint_every = 100

    def naming_failures(self) -> AbstractContextManager[None]:
        """Nothing: `Lake` names what the system refuses."""
        return nullcontext()

    def exists(self) -> bool:
        """Whether the table has a log."""
        return DeltaTable.is_deltatable(self.uri)

    def prepare(self) -> None:
        """Make the folder and enter it in its parent for good."""
        self.folder.mkdir(parents=True, exist_ok=True)
        flush(self.folder.parent)

    def settle(self, names: Collection[str]) -> None:
        """Flush the files, and the folder that names them."""
        for name in names:
            flush(self.folder / name)
        flush(self.folder)

    def settle_log(self, names: Collection[str]) -> None:
        """Flush the files and the folders above."""
        for name in names:
            flush(self.folder / name)
        flush(self.folder / LOG)
        flush(self.folder)

    def fetch(self, sizes: Mapping[str, int]) -> None:
        """Nothing: the files are where they are read, and the engine says which are missing."""

    def listed(self) -> dict[str, Stored]:
        """All files of the folder."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): Stored.of(path.stat()) for path in files}

    def copies(self) -> dict[str, Stored]:
        """None: the files are the stored ones."""
        return {}

    def stored(self, names: Sequence[str]) -> list[Stored | None]:
        """The state of each file, nothing where it is not there."""
        return [_state(self.folder / name) for name in names]

    def enter(self, name: str, content: bytes) -> Stored | None:
        """A link is made or refused at once, and what it names is complete: as delta-rs does it, but flushed."""
        path = self.folder / name
        draft = path.with_name(f"{path.name}#{uuid4().hex}")  # named like drafts of delta-rs, which are swept
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        except FileExistsError:
            return None
        finally:
            draft.unlink(missing_ok=True)
        return _state(path)

    def open(self, name: str) -> IO[bytes]:
        """A file, to be read."""
        return (self.folder / name).open("rb")

    def remove(self, names: Iterable[str]) -> None:
        """Remove files."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def forget(self, names: Iterable[str]) -> None:
        """Nothing: there are no copies."""


def _state(path: Path) -> Stored | None:
    try:
        return Stored.of(path.stat())
    except FileNotFoundError:
        return None


def flush(path: Path) -> None:
    """Wait until the disk has a file, or what a folder names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
