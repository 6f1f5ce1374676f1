"""Bringing queued facts to the lake, by the clock."""

from __future__ import annotations

from datetime import timedelta

from huoshui.data.facts import queue
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, JobResult, Periodic, TryAgain
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.lake.errors import LakeBusy

DRAIN = "facts.drain"
LABEL = Text("Writing queued facts to the lake", "把排队的事实写入数据湖")


def drain(job: JobContext) -> JobResult:
    """Bring what is queued to the lake."""
    try:
        done = queue.drain(lake=open_lake(), now=job.now)
    except LakeBusy as error:
        raise TryAgain(error.problem, next_step=error.next_step) from error
    return JobResult(text=Text(f"{done.facts:,} facts written", f"已写入 {done.facts:,} 条事实"))


def declare() -> None:
    """The kind and its times."""
    KINDS.declare(JobKind(slug=DRAIN, label=LABEL, run=drain, quick=True, hidden=True))
    PERIODIC.declare(Periodic(slug=DRAIN, label=LABEL, kind=DRAIN, every=timedelta(minutes=1)))
