"""Putting files to something, and taking them away."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.threads import store, uploads
from huoshui.desk.threads.errors import NoSuchFile, NotYours
from huoshui.desk.threads.models import Attachment, Comment
from huoshui.kernel.actors import Actor, Right
from huoshui.web import subjects

KEPT = timedelta(days=30)
"""How long a deleted file or comment can be brought back."""


def attach(*, actor: Actor, subject: str, name: str, content: bytes, now: datetime) -> int:
    """Put a file to ``subject`` and return its number. Raises `NotAFile`, `NoSuchSubject` and `NotAllowed`."""
    actor.require(Right.COMMENTS_WRITE)
    subjects.seen(actor, subject)
    upload = uploads.examined(name, content)
    # On the disk before the row says so. A row that never comes leaves a file that `sweep` removes.
    stored = store.put(upload.content)
    with transaction.atomic():
        row = Attachment.objects.create(
            subject=subject,
            name=upload.name,
            kind=upload.kind,
            size=len(upload.content),
            sha256=hashlib.sha256(upload.content).hexdigest(),
            stored=stored,
            by_id=actor.user_id,
            at=now,
        )
        detail = {"file": row.pk, "kind": row.kind, "bytes": row.size}
        audit.record(actor=actor, act="file.added", subject=subject, detail=detail, now=now)
    return int(row.pk)


def detach(*, actor: Actor, file_id: int, now: datetime) -> None:
    """Take a file away; for 30 days `bring_back` has it again. Who put it there may, and administrators.

    Raises `NoSuchFile`, `NotYours` and `NotAllowed`.
    """
    _set(actor, file_id, now, deleted=True)


def bring_back(*, actor: Actor, file_id: int, now: datetime) -> None:
    """Bring a deleted file back. Raises as `detach`."""
    _set(actor, file_id, now, deleted=False)


def sweep(*, now: datetime) -> int:
    """Delete for good what was deleted 30 days ago, and files on the disk that no row knows; answers how many files.

    Rows go first: what a killed sweep leaves on the disk, the next one removes.
    """
    Comment.objects.filter(deleted_at__lt=now - KEPT).delete()
    gone = list(Attachment.objects.filter(deleted_at__lt=now - KEPT).values_list("pk", "stored"))
    Attachment.objects.filter(pk__in=[pk for pk, _stored in gone]).delete()
    known = set(Attachment.objects.values_list("stored", flat=True))
    # A file of this hour may be one whose row is about to be written.
    lost = {stored for stored in store.older_than(now - timedelta(hours=1)) if stored not in known}
    lost |= {stored for _pk, stored in gone}
    for stored in lost:
        store.drop(stored)
    return len(lost)


def _set(actor: Actor, file_id: int, now: datetime, *, deleted: bool) -> None:
    actor.require(Right.COMMENTS_WRITE)
    with transaction.atomic():
        number = file_id if 0 < file_id < 2**63 else 0
        row = Attachment.objects.select_for_update().filter(pk=number, deleted_at__isnull=deleted).first()
        if row is None or row.subject not in subjects.named(actor, [row.subject]):
            raise NoSuchFile("There is no such file", received=str(file_id)[:40])
        if not actor.may(Right.USERS_MANAGE) and (row.by_id is None or row.by_id != actor.user_id):
            raise NotYours("Only who put a file here may take it away", received=f"file {file_id}")
        row.deleted_at = now if deleted else None
        row.save(update_fields=["deleted_at"])
        act = "file.deleted" if deleted else "file.restored"
        audit.record(actor=actor, act=act, subject=row.subject, detail={"file": row.pk}, now=now)
