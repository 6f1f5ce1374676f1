"""Questions about files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huoshui.desk.threads import store
from huoshui.desk.threads.errors import NoSuchFile
from huoshui.desk.threads.models import Attachment
from huoshui.kernel.actors import Actor
from huoshui.web import subjects

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """A file. ``size`` is in bytes, ``by`` a name, ``kind`` a key of `uploads.TYPES`."""

    id: int
    subject: str
    name: str
    kind: str
    size: int
    sha256: str
    by_id: int | None
    by: str
    at: datetime


def files(*, actor: Actor, subject: str, most: int = MOST) -> list[FileSeen]:
    """The files about ``subject``, newest first. Raises `NoSuchSubject`."""
    subjects.seen(actor, subject)
    rows = Attachment.objects.filter(subject=subject, deleted_at=None).select_related("by")
    return [_file(row) for row in rows.order_by("-at", "-pk")[:most]]


def file(*, actor: Actor, file_id: int) -> FileSeen:
    """One file. Raises `NoSuchFile`, also for who may not see what it is about."""
    return _file(_row(actor, file_id))


def content(*, actor: Actor, file_id: int) -> bytes:
    """The bytes of a file. Raises `NoSuchFile`, also where they are gone from the disk."""
    row = _row(actor, file_id)
    try:
        return store.path_of(row.stored).read_bytes()
    except FileNotFoundError as error:
        raise NoSuchFile(
            "The content of this file is gone",
            received=row.name,
            next_step="Bring the folder files/ back from a backup",
        ) from error


def _row(actor: Actor, file_id: int) -> Attachment:
    number = file_id if 0 < file_id < 2**63 else 0
    row = Attachment.objects.select_related("by").filter(pk=number, deleted_at=None).first()
    if row is None or row.subject not in subjects.named(actor, [row.subject]):
        raise NoSuchFile("There is no such file", received=str(file_id)[:40])
    return row


def _file(row: Attachment) -> FileSeen:
    return FileSeen(
        id=row.pk,
        subject=row.subject,
        name=row.name,
        kind=row.kind,
        size=row.size,
        sha256=row.sha256,
        by_id=row.by_id,
        by=row.by.name if row.by else "",
        at=row.at,
    )
