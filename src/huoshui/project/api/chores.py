"""Forgetting old answers: the job of this app.

It is declared in every process, so nothing of the API itself is loaded with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic
from huoshui.kernel.texts import Text
from huoshui.project.api.models import Answer

KEPT = timedelta(hours=25)
SWEEP = "api.forget"


def sweep(*, now: datetime) -> int:
    """Forget answers that are older than `KEPT`; returns how many."""
    gone, _ = Answer.objects.filter(begun_at__lt=now - KEPT).delete()
    return gone


def _sweep(job: JobContext) -> None:
    sweep(now=job.now)


def declare() -> None:
    """The job that forgets."""
    label = Text("Answers of the API that are old", "API 的过期应答")
    KINDS.declare(JobKind(slug=SWEEP, label=label, run=_sweep, quick=True, hidden=True))
    PERIODIC.declare(Periodic(slug=SWEEP, label=label, kind=SWEEP, every=timedelta(hours=1)))
