"""The file of a backup: a ZIP without compression of its own, whose last member lists all others with their SHA-256.

What is in it is compressed already. Every name that may occur is known beforehand, so nothing can be written outside
the folders of the house.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from huoshui.desk.threads import copying as threads_copying
from huoshui.lake import copying as lake_copying
from huoshui.project.keeping.errors import BackupDamaged, NotABackup
from huoshui.project.setting_up import MadeByNewerVersion

FORMAT = 2
"""1 had no files of people."""
MANIFEST = "manifest.json"
DATABASE, LAKE, FILES = "database/", "lake/", "files/"
THREADS = f"{FILES}threads/"
MEMBER = re.compile(
    rf"{DATABASE}[a-z0-9_]+\.[a-z0-9_]+\.arrow|{LAKE}({lake_copying.NAME.pattern})"
    rf"|{THREADS}({threads_copying.NAME.pattern})"
)
LARGEST_MANIFEST = 256 * 1024**2
PIECE = 1024**2

_UNREADABLE = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)
"""What the library raises over files that are no ZIP, or one with other bytes than were written."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the archive; ``size`` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself. ``changes`` are the changes of the database that were applied, as ``app.name``;
    ``rows`` counts per table of the database."""

    version: str
    made_at: str
    instance_id: str
    house_version: int
    currency: str
    time_zone: str
    changes: list[str]
    rows: dict[str, int]
    members: list[Member]


class Writer:
    """Writes an archive into ``stream``, member after member."""

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED)
        self.members: list[Member] = []

    @contextmanager
    def member(self, name: str) -> Iterator[Sink]:
        """Write the file ``name``."""
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as stream:
            sink = Sink(stream)
            yield sink
        self.members.append(Member(name, sink.size, sink.sha256))

    def finish(self, manifest: Manifest) -> None:
        """Write what the archive says of itself, and its table of contents."""
        content = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1)
        self._zip.writestr(MANIFEST, content)
        self._zip.close()


class Sink(io.RawIOBase):
    """Where the bytes of one member go, counted and summed up on the way."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """It is for writing."""
        return True

    def write(self, data: Any) -> int:
        """Take ``data``."""
        view = memoryview(data).cast("B")
        self._stream.write(view)
        self._hash.update(view)
        self.size += len(view)
        return len(view)

    @property
    def sha256(self) -> str:
        """Of what was written so far."""
        return self._hash.hexdigest()


class Archive:
    """A backup that is read. Raises `NotABackup`, `BackupDamaged` and `MadeByNewerVersion` when it is opened."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise NotABackup(f"The file cannot be opened: {error.strerror}", received=str(path)) from error
        self.path = path
        try:
            self.manifest = self._read()
        except BaseException:
            self.close()
            raise

    def verify(self, tell: Callable[[float], None] = lambda _share: None) -> None:
        """Read everything and compare it with what was written. Raises `BackupDamaged`."""
        named = [member.name for member in self.manifest.members]
        if sorted([*named, MANIFEST]) != sorted(info.filename for info in self._zip.infolist()):
            raise self.damaged("it does not hold the files that it lists")
        total, done = sum(member.size for member in self.manifest.members) or 1, 0
        for member in self.manifest.members:
            if not MEMBER.fullmatch(member.name):
                raise self.damaged(f"it lists a file that no house has: {member.name[:100]!r}")
            if self._sum(member.name) != (member.size, member.sha256):
                raise self.damaged(f"{member.name} is not what was written")
            done += member.size
            tell(done / total)

    def open(self, name: str) -> IO[bytes]:
        """The bytes of one member; for archives that were verified."""
        return self._zip.open(name)

    def damaged(self, what: str) -> BackupDamaged:
        """The refusal of this archive because of ``what``."""
        return BackupDamaged(
            f"This backup is damaged: {what}",
            received=str(self.path),
            next_step="Copy the file again from where it came, or take another backup; nothing was changed",
        )

    def _read(self) -> Manifest:
        try:
            self._zip = zipfile.ZipFile(self._file)
            self._contents = {info.filename: info for info in self._zip.infolist()}
            if self._contents[MANIFEST].file_size > LARGEST_MANIFEST:
                raise ValueError("the list of contents is too long")
            content = json.loads(self._zip.read(MANIFEST))
            made_by_newer = content["format"] > FORMAT
        except (*_UNREADABLE, KeyError, TypeError) as error:
            raise NotABackup(
                "This is no backup of Huoshui, or its end is missing or damaged",
                received=str(self.path),
                next_step="Choose another file made by: huoshui backup FILE",
            ) from error
        if made_by_newer:
            raise MadeByNewerVersion(
                "This backup was made by a newer version of Huoshui",
                received=f"{self.path}, made by {content.get('version')}",
                next_step="Update Huoshui and run the command again; nothing was changed",
            )
        try:
            members = [Member(**member) for member in content.pop("members")]
            del content["format"]
            return Manifest(**content, members=members)
        except (KeyError, TypeError, AttributeError) as error:
            raise self.damaged("its list of contents is not complete") from error

    def _sum(self, name: str) -> tuple[int, str]:
        try:
            if self._contents[name].compress_type != zipfile.ZIP_STORED:
                raise ValueError("no member is compressed")
            digest, size = hashlib.sha256(), 0
            with self.open(name) as stream:
                while piece := stream.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
        except _UNREADABLE as error:
            raise self.damaged(f"{name} cannot be read") from error
        return size, digest.hexdigest()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
