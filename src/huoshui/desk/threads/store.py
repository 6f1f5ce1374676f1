"""Where the bytes of files lie: under random names, readable by the house alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    """The folder of all files."""
    return Path(settings.HUOSHUI_HOME) / "files" / "threads"


def path_of(stored: str) -> Path:
    """Where the file of this random name lies."""
    return folder() / stored[:2] / stored


def put(content: bytes) -> str:
    """Write a new file, on the disk before this returns; answers its random name."""
    stored = secrets.token_hex(16)
    path = path_of(stored)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return stored


def drop(stored: str) -> None:
    """Remove a file from the disk; nothing where it is gone already."""
    path_of(stored).unlink(missing_ok=True)


def older_than(moment: datetime) -> Iterator[str]:
    """The random names of the files that were written before ``moment``."""
    for path in folder().glob("??/*"):
        if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment:
            yield path.name
