"""What of people's files belongs into a copy of the house, and whether it is as it was written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from huoshui.desk.threads import store
from huoshui.desk.threads.models import Attachment

NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
"""How files are called, below `folder`."""

PIECE = 1024**2

How = Literal["missing", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file as the database knows it: ``name`` below `folder`, ``size`` in bytes, what it is about.

    ``deleted``: people took it away. It may come back for a while, and may be gone from the disk at any moment.
    """

    id: int
    subject: str
    name: str
    size: int
    sha256: str
    deleted: bool


def folder() -> Path:
    """Where the files lie."""
    return store.folder()


def files() -> Iterator[Stored]:
    """All files that the database knows, by their names."""
    rows = Attachment.objects.order_by("stored").iterator()
    for row in rows:
        name = store.path_of(row.stored).relative_to(folder()).as_posix()
        yield Stored(
            id=row.pk,
            subject=row.subject,
            name=name,
            size=row.size,
            sha256=row.sha256,
            deleted=row.deleted_at is not None,
        )


def damage(*, deep: bool) -> Iterator[tuple[Stored, How]]:
    """Files that people should find and that are not on the disk as they were written; ``deep`` reads every byte."""
    for file in files():
        if not file.deleted and (how := _damage_of(file, deep)):
            yield file, how


def _damage_of(file: Stored, deep: bool) -> How | None:
    path = folder() / file.name
    if not path.is_file():
        return "missing"
    if path.stat().st_size != file.size or (deep and _sum(path) != file.sha256):
        return "changed"
    return None


def _sum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
