"""Questions about jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, cast

from django.db.models import QuerySet

from huoshui.desk.jobs.kinds import KINDS, NoFile, NoSuchJob
from huoshui.desk.jobs.models import Due, Job, Worker
from huoshui.desk.jobs.services import folder_of, may_see, owns
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text

State = Literal["waiting", "running", "done", "failed", "cancelled"]

SILENT = timedelta(seconds=30)
"""A worker not heard of for so long is taken for gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A job as values. ``note`` is how far it is, its result, or why it failed; ``own``: the actor started it."""

    id: int
    kind: str
    label: Text
    state: State
    actor: str
    own: bool
    created_at: datetime
    due_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    cancelling: bool
    done: int | None
    of: int | None
    note: Text | None
    url: str
    file: str
    expires_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")


def job(*, actor: Actor, job_id: int) -> Work:
    """One job. Raises `NoSuchJob` also for other people's, except to who manages the house."""
    return _work(_seen(actor, job_id), actor)


def jobs(*, actor: Actor, limit: int = 50, offset: int = 0, before: int | None = None) -> Sequence[Work]:
    """The actor's jobs (those started before the job ``before``), newest first; all that are not hidden for who manages
    the house."""
    rows = _of(actor) if before is None else _of(actor).filter(pk__lt=before)
    return [_work(row, actor) for row in rows.order_by("-id")[offset : offset + limit]]


def latest(*, actor: Actor, kind: str) -> Work | None:
    """The newest job of a kind that the actor may see, or nothing."""
    row = _of(actor).filter(kind=kind).order_by("-id").first()
    return None if row is None else _work(row, actor)


def count(*, actor: Actor) -> int:
    """How many `jobs` there are."""
    return _of(actor).count()


def file_of(*, actor: Actor, job_id: int, now: datetime) -> Path:
    """The file that a job made, for who started it and nobody else. Raises `NoSuchJob`, `NoFile`."""
    row = _seen(actor, job_id)
    path = folder_of(job_id) / row.file
    if (
        not row.file
        or not owns(actor, row)
        or (row.expires_at and row.expires_at <= now)
        or not path.is_file()
    ):
        raise NoFile("The file is not there", received=str(job_id), next_step="Start the job again")
    return path


def workers(*, now: datetime) -> int:
    """How many workers have been heard of lately."""
    return Worker.objects.filter(seen_at__gte=now - SILENT).count()


def waiting_since(*, now: datetime) -> timedelta:
    """How long the job that is due longest has been waiting."""
    first = Job.objects.filter(state="waiting", due_at__lte=now).order_by("due_at").first()
    return now - first.due_at if first else timedelta()


def next_due() -> dict[str, datetime]:
    """When the clock starts what, by the slug of the declaration."""
    return dict(Due.objects.values_list("slug", "next_at"))


def _of(actor: Actor) -> QuerySet[Job]:
    rows = Job.objects.filter(hidden=False)
    return rows if actor.may(Right.HOUSE_MANAGE) else rows.filter(user_id=actor.user_id or -1)


def _seen(actor: Actor, job_id: int) -> Job:
    row = Job.objects.filter(pk=job_id).first()
    if row is None or not may_see(actor, row):
        raise NoSuchJob("There is no such job", received=str(job_id))
    return row


def _work(row: Job, actor: Actor) -> Work:
    label = KINDS[row.kind].label if row.kind in KINDS else Text(row.kind, row.kind)
    return Work(
        id=int(row.pk),
        kind=row.kind,
        label=label,
        state=cast(State, row.state),
        actor=row.actor,
        own=owns(actor, row),
        created_at=row.created_at,
        due_at=row.due_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempts=row.attempts,
        cancelling=row.cancelling,
        done=row.done,
        of=row.of,
        note=Text(row.note_en, row.note_zh) if row.note_en and row.note_zh else None,
        url=row.url,
        file=row.file,
        expires_at=row.expires_at,
    )
