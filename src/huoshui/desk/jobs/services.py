"""Verbs of jobs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.jobs.kinds import KINDS, NoSuchJob, NoSuchKind
from huoshui.desk.jobs.models import Job
from huoshui.kernel.actors import Actor, Right

REMEMBERED = timedelta(days=90)
"""How long ended jobs stay in the list; hidden ones stay for a week."""

HIDDEN_REMEMBERED = timedelta(days=7)


def start(
    *,
    actor: Actor,
    slug: str,
    arguments: Mapping[str, Any] | None = None,
    now: datetime,
    due: datetime | None = None,
) -> int:
    """Let a worker run a job of the kind ``slug``, not before ``due``, and return its number.

    Part of the caller's transaction: where that is rolled back there is no job. Raises `NoSuchKind`, `NotAllowed`, and
    ``TypeError`` for arguments that are no JSON.
    """
    if slug not in KINDS:
        raise NoSuchKind("There is no such kind of job", received=repr(slug), valid=", ".join(KINDS.slugs()))
    kind = KINDS[slug]
    if kind.right is not None:
        actor.require(kind.right)
    given = json.loads(json.dumps(dict(arguments or {})))
    job = Job.objects.create(
        kind=slug,
        arguments=given,
        quick=kind.quick,
        hidden=kind.hidden,
        created_at=now,
        due_at=due or now,
        actor=actor.name[:254],
        user_id=actor.user_id,
        rights=sorted(right.value for right in actor.rights),
    )
    return int(job.pk)


def cancel(*, actor: Actor, job_id: int, now: datetime) -> bool:
    """Cancel a job: a waiting one at once, a running one when it next says how far it is.

    Returns whether there was anything to cancel. Who started it may, and who manages the house. Raises `NoSuchJob`.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id).first()
        if job is None or not may_see(actor, job):
            raise NoSuchJob("There is no such job", received=str(job_id))
        if job.state == "waiting":
            job.state, job.finished_at = "cancelled", now
            job.note_en, job.note_zh = "Cancelled before it began", "尚未开始即已取消"
        elif job.state == "running":
            job.cancelling = True
        else:
            return False
        job.save()
        audit.record(
            actor=actor, act="job.cancelled", subject=f"job:{job_id}", detail={"kind": job.kind}, now=now
        )
        return True


def may_see(actor: Actor, job: Job) -> bool:
    """Whether the job is the actor's, or the actor manages the house."""
    if actor.may(Right.HOUSE_MANAGE):
        return True
    return job.user_id is not None and job.user_id == actor.user_id


def owns(actor: Actor, job: Job) -> bool:
    """Whether the actor started the job: only they get its file."""
    if job.user_id is None:
        return actor.user_id is None and actor.may(Right.HOUSE_MANAGE)
    return job.user_id == actor.user_id


def folder_of(job_id: int) -> Path:
    """Where the files of a job lie."""
    return Path(settings.HUOSHUI_HOME) / "files" / "jobs" / str(job_id)


def tidy(*, now: datetime) -> int:
    """Remove files that have expired and jobs that ended long ago; returns how many files went."""
    removed = 0
    for job in Job.objects.exclude(file="").filter(expires_at__lte=now):
        shutil.rmtree(folder_of(int(job.pk)), ignore_errors=True)
        Job.objects.filter(pk=job.pk).update(file="")
        removed += 1
    ended = Job.objects.filter(state__in=("done", "failed", "cancelled"), file="")
    ended.filter(finished_at__lt=now - REMEMBERED).delete()
    ended.filter(hidden=True, finished_at__lt=now - HIDDEN_REMEMBERED).delete()
    return removed
