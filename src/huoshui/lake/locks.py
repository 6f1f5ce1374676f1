"""One writer at a time, and temporary folders that go with their process, by locks the kernel frees at a death."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from uuid import uuid4

from huoshui.lake.errors import LakeBusy

NAMES_OF_OWN_FOLDERS = ("engine-*", "import-*")


class WriterLock:
    """An exclusive lock on a file. Re-entrant within a thread, so that a verb may call another.

    While it is held the file says for what. A holder that ends empties it, so that words in a free file tell that
    their holder has died.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._depth = 0

    @contextmanager
    def held(self, *, timeout: float, purpose: str) -> Iterator[bool]:
        """Hold the lock; the value says whether the holder before has died. It tells so once, to the outermost.

        Raises `LakeBusy` when another holder does not let go within ``timeout`` seconds.
        """
        if not self._threads.acquire(timeout=timeout):
            raise self._busy()
        try:
            if self._depth:
                self._depth += 1
                try:
                    yield False
                finally:
                    self._depth -= 1
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a+") as file:
                deadline = time.monotonic() + timeout
                while not _locked(file.fileno()):
                    if time.monotonic() > deadline:
                        raise self._busy()
                    time.sleep(0.05)
                died = os.fstat(file.fileno()).st_size > 0
                file.truncate(0)
                file.write(purpose)
                file.flush()
                self._depth = 1
                try:
                    yield died
                finally:
                    self._depth = 0
                    file.truncate(0)
        finally:
            self._threads.release()

    def holder(self) -> tuple[str, bool]:
        """What the lock is held for and whether its holder lives; no words where nobody holds it or died holding it."""
        try:
            with self._path.open() as file:
                # Words first: a holder that ends in between has emptied them, one that died has not.
                lives = not _locked(file.fileno())
                return file.read(), lives
        except OSError:
            return "", False

    def _busy(self) -> LakeBusy:
        return LakeBusy(
            f"Another process is writing to the lake: {self.holder()[0] or 'unknown work'}",
            next_step="Wait until it has finished and try again",
        )


class OwnFolder:
    """A temporary folder of this process. Whoever comes later can tell that its maker has ended, and remove it."""

    def __init__(self, parent: Path, purpose: Literal["engine", "import"]) -> None:
        while True:
            self.path = parent / f"{purpose}-{uuid4().hex}"
            self.path.mkdir(parents=True)
            self._handle = os.open(self.path, os.O_RDONLY)
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            if self.path.is_dir():
                return
            os.close(self._handle)  # it was swept away between making and locking it

    def remove(self) -> None:
        """Remove the folder with what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()


def sweep_folders(parent: Path) -> None:
    """Remove the `OwnFolder` folders below ``parent`` whose processes have ended."""
    for folder in (f for name in NAMES_OF_OWN_FOLDERS for f in parent.glob(name)):
        try:
            handle = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:  # another sweeper was quicker
            continue
        try:
            if _locked(handle):
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)


def writer_lock(lake: Path) -> WriterLock:
    """The lock that the writers of the lake in the folder ``lake`` take."""
    return WriterLock(lake / ".writer.lock")


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
