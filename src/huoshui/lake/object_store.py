"""A lake in a bucket of an S3-compatible object store, with a cache of its data files on this machine.

Files are copied whole, several at a time, and flushed before they get their name; the engine then reads them as it
reads any folder. One machine writes: its writer lock is a file beside the cache. Commits are conditional puts
(``If-None-Match``), so that even a second writer could not overwrite an entry of the log on a store that knows them.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import uuid4

from pyarrow import fs

from huoshui.lake.errors import LakeDamaged, LakeNotWritable, LakeUnreachable
from huoshui.lake.storage import LOG, Stored, flush

CONNECT_SECONDS = 5
ANSWER_SECONDS = 60
ATTEMPTS = 3
AT_ONCE = 8
CHUNK = 8 * 1024 * 1024
IN_USE = 3600.0
"""Seconds for which a copy that was asked for stays, however full the cache is: a query may still read it."""
FETCHING = ".fetch-"
"""How a file is named here until it is whole."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_LOCAL = fs.LocalFileSystem()
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the object store; without a key, the clients look for one where AWS's own tools do."""

    endpoint: str | None
    region: str
    key: str | None = field(repr=False)
    secret: str | None = field(repr=False)
    token: str | None = field(repr=False)
    allow_http: bool

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Access:
        """From the usual ``AWS_*`` variables. Raises `LakeUnreachable` for an endpoint that cannot be used."""
        endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
        parts = urlsplit(endpoint or "https://s3.amazonaws.com")
        allowed = parts.hostname in LOOPBACK or environment.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true")
        if parts.scheme not in ("http", "https") or (parts.scheme == "http" and not allowed):
            raise LakeUnreachable(
                "The object store of the lake would be asked over plain http",
                received=str(endpoint),
                valid="https://…, or http:// on this machine itself",
                next_step="Correct AWS_ENDPOINT_URL, or set AWS_ALLOW_HTTP=true inside a network you trust",
            )
        return cls(
            endpoint=endpoint.rstrip("/") if endpoint else None,
            region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1",
            key=environment.get("AWS_ACCESS_KEY_ID") or None,
            secret=environment.get("AWS_SECRET_ACCESS_KEY") or None,
            token=environment.get("AWS_SESSION_TOKEN") or None,
            allow_http=parts.scheme == "http",
        )

    def filesystem(self) -> Any:
        """Arrow's client, for data files."""
        return fs.S3FileSystem(
            access_key=self.key,
            secret_key=self.secret,
            session_token=self.token,
            region=self.region,
            endpoint_override=self.endpoint,
            connect_timeout=CONNECT_SECONDS,
            request_timeout=ANSWER_SECONDS,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        )

    def options(self) -> dict[str, str]:
        """The same for delta-rs, for the log."""
        stated = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_SESSION_TOKEN": self.token,
            "AWS_ALLOW_HTTP": "true" if self.allow_http else None,
            "AWS_CONDITIONAL_PUT": "etag",
            "CONNECT_TIMEOUT": f"{CONNECT_SECONDS}s",
            "TIMEOUT": f"{ANSWER_SECONDS}s",
            "MAX_RETRIES": str(ATTEMPTS - 1),
            "RETRY_TIMEOUT": f"{ANSWER_SECONDS}s",
        }
        return {name: value for name, value in stated.items() if value is not None}


class ObjectStore:
    """A lake below ``s3://bucket/prefix``; copies of its data files in ``folder``, up to ``limit`` bytes."""

    def __init__(self, url: str, access: Access, folder: Path, *, limit: int) -> None:
        self.name = url.rstrip("/")
        self.folder = folder
        self.limit = limit
        self.base = self.name.removeprefix("s3://")
        self.options = access.options()
        self.client = access.filesystem()

    def prepare(self) -> None:
        """Make the folder of the cache."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def tables(self) -> list[str]:
        """Names of the tables that have a log, sorted."""
        with self.naming_failures():
            folders = [f.path for f in self.listed(self.base) if f.type == fs.FileType.Directory]
            logs = self.client.get_file_info([f"{folder}/{LOG}" for folder in folders])
        return sorted(log.path.split("/")[-2] for log in logs if log.type == fs.FileType.Directory)

    def table(self, slug: str) -> ObjectPlace:
        """The place of one table."""
        return ObjectPlace(self, slug)

    def listed(self, folder: str, *, below: bool = False) -> list[Any]:
        """What lies in ``folder``, or also ``below`` it; empty where there is no such folder."""
        try:
            found: list[Any] = self.client.get_file_info(fs.FileSelector(folder, recursive=below))
        except FileNotFoundError:
            return []
        return found

    def make_room(self) -> None:
        """Remove the copies that were not asked for longest until the cache keeps to its limit."""
        for path, state in _stated(self.folder.glob(f"*/{FETCHING}*")):
            if state.st_mtime < time.time() - IN_USE:  # of a process that was killed
                path.unlink(missing_ok=True)
        copies = sorted((*_stated(self.folder.glob("*/*.parquet")),), key=lambda copy: copy[1].st_mtime)
        excess = sum(state.st_size for _, state in copies) - self.limit
        for path, state in copies:
            if excess <= 0 or state.st_mtime > time.time() - IN_USE:
                return
            path.unlink(missing_ok=True)
            excess -= state.st_size

    @contextmanager
    def naming_failures(self) -> Iterator[None]:
        """Turn what the clients raise into refusals that say what to do."""
        try:
            yield
        except OSError as error:
            if error.errno is not None:  # of this machine
                raise
            raise self._refusal(_COLOURS.sub("", str(error))) from error

    def _refusal(self, text: str) -> LakeUnreachable:
        bucket = self.base.split("/")[0]
        if "NO_SUCH_BUCKET" in text or "NoSuchBucket" in text:
            return LakeUnreachable(
                "The bucket of the lake is not there",
                received=bucket,
                next_step="Create the bucket, or correct HUOSHUI_LAKE_URL",
            )
        if re.search(
            r"ACCESS_DENIED|\b40[13]\b|INVALID_ACCESS_KEY|InvalidAccessKey|SIGNATURE|Signature", text
        ):
            return LakeUnreachable(
                f"The object store does not let this house into the bucket {bucket}",
                next_step="Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: they need to list, read, write and "
                "delete there",
            )
        return LakeUnreachable(
            f"The object store of the lake ({self.options.get('AWS_ENDPOINT_URL', 'AWS S3')}) does not answer as it "
            "should",
            received=" ".join(text.split())[:300],
            next_step="Check AWS_ENDPOINT_URL, AWS_REGION and the network, then try again; what was published is safe",
        )


class ObjectPlace:
    """A table in a bucket. Implements `Place`."""

    def __init__(self, store: ObjectStore, slug: str) -> None:
        self.folder = store.folder / slug
        self.uri = f"{store.name}/{slug}"
        self.options: dict[str, str] | None = store.options
        self.checkpoint_every = 10  # each entry read costs two requests
        self._store = store
        self._base = f"{store.base}/{slug}"

    def naming_failures(self) -> Any:
        """As of the store."""
        return self._store.naming_failures()

    def exists(self) -> bool:
        """Whether the table has a log."""
        # Not DeltaTable.is_deltatable: it keeps all other threads waiting while it asks the network.
        with self.naming_failures():
            log = self._store.client.get_file_info(f"{self._base}/{LOG}")
        return bool(log.type == fs.FileType.Directory)

    def prepare(self) -> None:
        """Make the folder of the copies."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def settle(self, names: Collection[str]) -> None:
        """Send the files to the bucket; what is acknowledged there lasts."""
        with self.naming_failures():
            _several(self._send, names)
        self._store.make_room()

    def settle_log(self, names: Collection[str]) -> None:
        """Nothing: the store acknowledged them."""

    def fetch(self, sizes: Mapping[str, int]) -> None:
        """Copy what is not here yet. Raises `LakeDamaged` for a file that the bucket lacks."""
        lacking = [(Path(f).name, size) for f, size in sizes.items() if not self._is_here(Path(f).name, size)]
        if not lacking:
            return
        try:
            self.prepare()
            with self.naming_failures():
                _several(lambda file: self._receive(*file), lacking)
        except OSError as error:
            raise LakeNotWritable(
                f"The cache of the lake in {self.folder} could not be written: {error.strerror or error}",
                next_step="Make space or give write access to the folder, then try again",
            ) from error
        self._store.make_room()

    def listed(self) -> dict[str, Stored]:
        """All objects of the table."""
        with self.naming_failures():
            found = self._store.listed(self._base, below=True)
        return {
            f.path.removeprefix(f"{self._base}/"): Stored(f.size, f.mtime.timestamp())
            for f in found
            if f.is_file
        }

    def copies(self) -> dict[str, Stored]:
        """The files of the cache, and those that were not sent yet."""
        return {path.name: Stored.of(state) for path, state in _stated(self.folder.glob("*.parquet"))}

    def stored(self, names: Sequence[str]) -> list[Stored | None]:
        """The state of each object, nothing where there is none."""
        with self.naming_failures():
            found = self._store.client.get_file_info([f"{self._base}/{name}" for name in names])
        return [Stored(info.size, info.mtime_ns / 1e9) if info.is_file else None for info in found]

    def enter(self, name: str, content: bytes) -> Stored | None:
        """Nothing: Arrow's client overwrites, and cannot refuse what is there. delta-rs can."""

    def open(self, name: str) -> IO[bytes]:
        """An object, to be read."""
        with self.naming_failures():
            file: IO[bytes] = self._store.client.open_input_file(f"{self._base}/{name}")
        return file

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects and their copies."""
        gone = list(names)
        with self.naming_failures():
            _several(self._remove, gone)
        self.forget(gone)

    def forget(self, names: Iterable[str]) -> None:
        """Remove the copies."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    # -- inside --------------------------------------------------------------------------------------------------

    def _is_here(self, name: str, size: int) -> bool:
        path = self.folder / name
        try:
            state = path.stat()
            if state.st_size == size and time.time() - state.st_mtime > IN_USE / 10:
                os.utime(path)  # asked for now
        except FileNotFoundError:
            return False
        return state.st_size == size

    def _send(self, name: str) -> None:
        path = self.folder / name
        flush(path)  # from now on it is a copy, and a copy of the right size must be right
        fs.copy_files(
            str(path),
            f"{self._base}/{name}",
            source_filesystem=_LOCAL,
            destination_filesystem=self._store.client,
            chunk_size=CHUNK,
        )

    def _receive(self, name: str, size: int) -> None:
        fresh = self.folder / f"{FETCHING}{uuid4().hex}"
        try:
            fs.copy_files(
                f"{self._base}/{name}",
                str(fresh),
                source_filesystem=self._store.client,
                destination_filesystem=_LOCAL,
                chunk_size=CHUNK,
            )
            if fresh.stat().st_size != size:
                raise self._damaged(name, f"has {fresh.stat().st_size} bytes instead of {size}")
            flush(fresh)
            fresh.replace(self.folder / name)
        except FileNotFoundError as error:
            raise self._damaged(name, "is missing") from error
        finally:
            fresh.unlink(missing_ok=True)

    def _damaged(self, name: str, what: str) -> LakeDamaged:
        return LakeDamaged(
            f"The file {self.uri}/{name} {what}", next_step="Run huoshui doctor to find damaged files"
        )

    def _remove(self, name: str) -> None:
        try:
            self._store.client.delete_file(f"{self._base}/{name}")
        except FileNotFoundError:
            return


def _several(do: Callable[[Any], Any], things: Collection[Any]) -> list[Any]:
    """``do`` for each of ``things``, a few at a time; the first failure is raised when all have ended."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(do, things))


def _stated(paths: Iterable[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    """Each file with its state; another process may remove some meanwhile."""
    for path in paths:
        try:
            yield path, path.stat()
        except FileNotFoundError:
            continue
