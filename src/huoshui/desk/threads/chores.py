"""What threads have done by the clock: what was deleted long ago goes for good."""

from __future__ import annotations

from datetime import time

from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, JobResult, Periodic
from huoshui.desk.threads import services
from huoshui.kernel.texts import Text

SLUG = "threads.sweep"
LABEL = Text("Deleted notes and files", "已删除的备注和文件")


def sweep(job: JobContext) -> JobResult:
    """Delete for good what was deleted 30 days ago."""
    gone = services.sweep(now=job.now)
    return JobResult(text=Text(f"{gone} files are gone for good", f"已彻底删除 {gone} 个文件"))


def declare() -> None:
    """The kind and its time."""
    KINDS.declare(JobKind(slug=SLUG, label=LABEL, run=sweep, quick=True, hidden=True))
    PERIODIC.declare(Periodic(slug=SLUG, label=LABEL, kind=SLUG, at=time(3, 20)))
