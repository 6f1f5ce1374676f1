"""One writer at a time, across threads and processes, by a lock the kernel frees when its holder dies."""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huoshui.lake.errors import LakeBusy


class WriterLock:
    """An exclusive lock on a file. Re-entrant within a thread, so that a verb may call another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._depth = 0

    @contextmanager
    def held(self, *, timeout: float, purpose: str) -> Iterator[None]:
        """Hold the lock; raises `LakeBusy` when another holder does not let go within ``timeout`` seconds."""
        if not self._threads.acquire(timeout=timeout):
            raise self._busy()
        try:
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a+") as file:
                deadline = time.monotonic() + timeout
                while True:
                    try:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        break
                    except BlockingIOError:
                        if time.monotonic() > deadline:
                            raise self._busy() from None
                        time.sleep(0.05)
                file.truncate(0)
                file.write(purpose)
                file.flush()
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0
                    file.truncate(0)
        finally:
            self._threads.release()

    def _busy(self) -> LakeBusy:
        try:
            holder = self._path.read_text() or "unknown work"
        except OSError:
            holder = "unknown work"
        return LakeBusy(
            f"Another process is writing to the lake: {holder}",
            next_step="Wait until it has finished and try again",
        )
