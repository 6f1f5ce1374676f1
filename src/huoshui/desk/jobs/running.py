"""Running jobs: taking one, keeping it, ending it once, taking back what killed workers left."""

from __future__ import annotations

import logging
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from django.db import transaction
from django.db.models import F, QuerySet

from huoshui.desk.jobs.kinds import (
    KINDS,
    LEASE,
    Cancelled,
    JobKind,
    JobResult,
    LeaseLost,
    NoSuchJob,
    NoSuchKind,
    Stopping,
    TryAgain,
)
from huoshui.desk.jobs.models import Job
from huoshui.desk.jobs.services import folder_of
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import ACTOR_OF
from huoshui.kernel.texts import Text

SAVED_EACH = 0.5
"""Seconds between two times that progress is written down."""

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)

KILLED = Text(
    "The process that worked on it was killed or lost its database, {n} times",
    "执行它的进程被终止或与数据库失去连接，共 {n} 次",
)
UNEXPECTED = Text(
    "It failed unexpectedly ({what}), {n} times. The log of the worker says where",
    "意外失败（{what}），共 {n} 次。具体位置见 worker 日志",
)

log = logging.getLogger("huoshui.jobs")


class Running:
    """A job in the hands of a worker; what its kind is given (`kinds.JobContext`)."""

    def __init__(self, job: Job, kind: JobKind, actor: Actor, stopping: Event) -> None:
        self._job, self._kind, self._stopping = job, kind, stopping
        self._saved = 0.0
        self.id, self.attempt, self.actor = int(job.pk), job.attempts, actor
        self.now: datetime = job.started_at or job.created_at

    def folder(self) -> Path:
        """An empty folder for the file of the result."""
        folder = folder_of(self.id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def progress(self, done: int, of: int | None = None, note: Text | None = None) -> None:
        """Say how far it is. Raises `Cancelled`, `Stopping`, `LeaseLost`."""
        if self._stopping.is_set():
            raise Stopping
        elapsed = time.monotonic() - self._saved
        if elapsed < SAVED_EACH and done != of:
            return
        self._saved = time.monotonic()
        words = {"note_en": note.en, "note_zh": note.zh} if note else {}
        until = clock.now() + self._kind.lease
        if not mine(self._job).update(done=done, of=of, lease_until=until, **words):
            raise LeaseLost
        if Job.objects.filter(pk=self.id).values_list("cancelling", flat=True).get():
            raise Cancelled("It was cancelled")


def mine(job: Job) -> QuerySet[Job]:
    """The job as long as it is in the hands that took it, in this attempt."""
    return Job.objects.filter(pk=job.pk, state="running", worker=job.worker, attempts=job.attempts)


def take(*, worker: str, quick: bool | None, now: datetime) -> Job | None:
    """Take the next job that is due, or none. ``quick`` chooses among quick ones or the others; None takes any."""
    waiting = Job.objects.filter(state="waiting", due_at__lte=now)
    if quick is not None:
        waiting = waiting.filter(quick=quick)
    if not waiting.exists():  # without keeping others from writing
        return None
    with transaction.atomic():
        job = waiting.select_for_update(skip_locked=True).order_by("due_at", "id").first()
        return None if job is None else _hold(job, worker, now)


def _hold(job: Job, worker: str, now: datetime) -> Job:
    job.state, job.worker, job.lease_until = "running", worker, now + _lease(job)
    job.attempts += 1
    job.started_at, job.done, job.of = now, None, None
    job.note_en = job.note_zh = ""
    job.save()
    return job


def _lease(job: Job) -> timedelta:
    return KINDS[job.kind].lease if job.kind in KINDS else LEASE


def run(job: Job, stopping: Event | None = None) -> str:
    """Run a job that was taken, to its end or back into the line; returns the state it is in then."""
    stopping = stopping or Event()
    try:
        if job.kind not in KINDS:
            raise NoSuchKind("There is no such kind of job any more", received=job.kind)
        kind = KINDS[job.kind]
        actor = _actor_of(job)
        if kind.right is not None:
            actor.require(kind.right)
        shutil.rmtree(folder_of(int(job.pk)), ignore_errors=True)  # what an earlier attempt has left
        result = kind.run(Running(job, kind, actor, stopping), **job.arguments)
        return _done(job, kind, result)
    except Stopping:
        return _hand_back(job)
    except LeaseLost:
        log.warning("job %s (%s) was taken over by another worker", job.pk, job.kind)
        return "lost"
    except Cancelled:
        return _end(job, "cancelled", Text("Cancelled", "已取消"))
    except TryAgain as error:
        return _again_or_failed(job, _words(error))
    except HuoshuiError as error:
        return _end(job, "failed", _words(error))
    except Exception as error:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        what = type(error).__name__
        words = (text.format(what=what, n=job.attempts) for text in (UNEXPECTED.en, UNEXPECTED.zh))
        return _again_or_failed(job, Text(*words))


def run_now(job_id: int) -> str:
    """Run a waiting job in this process, whenever it is due, and return the state it is in then.

    Raises `NoSuchJob` when there is none of this number that waits.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id, state="waiting").first()
        if job is None:
            raise NoSuchJob("No job of this number is waiting", received=str(job_id))
        _hold(job, "here", clock.now())
    return run(job)


def renew(*, job: Job, now: datetime) -> bool:
    """Keep a running job for another lease; says whether it was still ours."""
    return bool(mine(job).update(lease_until=now + _lease(job)))


def take_back(*, now: datetime, worker: str | None = None) -> int:
    """Put jobs whose lease has run out back into the line, or end them where they have no attempts left.

    ``worker``: one that is known to be gone, whose jobs need not wait for that. Returns how many there were.
    """
    lost = Job.objects.filter(state="running")
    lost = lost.filter(worker=worker) if worker else lost.filter(lease_until__lt=now)
    count = 0
    for job in list(lost):
        log.warning("job %s (%s): its worker is gone", job.pk, job.kind)
        words = Text(KILLED.en.format(n=job.attempts), KILLED.zh.format(n=job.attempts))
        if _again_or_failed(job, words, at_once=True) != "lost":
            count += 1
    return count


def _done(job: Job, kind: JobKind, result: JobResult | None) -> str:
    result = result or JobResult(text=Text("Done", "已完成"))
    file = ""
    if result.file is not None:
        if not result.file.resolve().is_relative_to(folder_of(int(job.pk)).resolve()):
            raise ValueError(f"{kind.slug}: the file of a result lies in the folder of its job")
        file = result.file.name
    return _end(job, "done", result.text, url=result.url, file=file, kept=kind.kept)


def _end(
    job: Job, state: str, text: Text, *, url: str = "", file: str = "", kept: timedelta | None = None
) -> str:
    now = clock.now()
    ended = mine(job).update(
        state=state,
        finished_at=now,
        lease_until=None,
        note_en=text.en,
        note_zh=text.zh,
        url=url,
        file=file,
        expires_at=now + kept if file and kept else None,
    )
    if ended and not file:
        shutil.rmtree(folder_of(int(job.pk)), ignore_errors=True)
    return state if ended else "lost"


def _again_or_failed(job: Job, words: Text, *, at_once: bool = False) -> str:
    retries = KINDS[job.kind].retries if job.kind in KINDS else 0
    if mine(job).filter(cancelling=True).exists():
        return _end(job, "cancelled", Text("Cancelled", "已取消"))
    if job.attempts > retries:
        return _end(job, "failed", words)
    wait = timedelta() if at_once else min(FIRST_WAIT * 2 ** (job.attempts - 1), LONGEST_WAIT)
    back = mine(job).update(
        state="waiting",
        due_at=clock.now() + wait,
        lease_until=None,
        worker="",
        note_en=words.en,
        note_zh=words.zh,
    )
    return "waiting" if back else "lost"


def _hand_back(job: Job) -> str:
    """Into the line again, as if it had not been taken."""
    back = mine(job).update(state="waiting", attempts=F("attempts") - 1, lease_until=None, worker="")
    return "waiting" if back else "lost"


def hand_back_all(*, worker: str) -> int:
    """A worker that is stopping gives back what it could not end; the attempts do not count."""
    return Job.objects.filter(state="running", worker=worker).update(
        state="waiting", attempts=F("attempts") - 1, lease_until=None, worker=""
    )


def _actor_of(job: Job) -> Actor:
    """Who started it, as they are now, with no right more than they had then. Raises what `ACTOR_OF` does."""
    then = frozenset(Right(value) for value in job.rights if value in set(Right))
    if job.user_id is None:
        return Actor(name=job.actor, rights=then & CONSOLE.rights)
    now = ACTOR_OF()(job.user_id)
    return Actor(
        name=now.name,
        rights=then & now.rights,
        user_id=now.user_id,
        scope=now.scope,
        team_ids=now.team_ids,
    )


def _words(error: HuoshuiError) -> Text:
    en = str(error)
    if error.says is None:
        return Text(en, en)
    received = f"。收到：{error.received}" if error.received else ""
    return Text(en, f"{error.says.zh}{received}")
