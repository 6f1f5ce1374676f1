"""What keeps the house tidy, every hour."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session

from huoshui.desk.jobs import exporting, services
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, JobResult, Periodic
from huoshui.kernel.texts import Text

TIDY_SLUG = "jobs.tidy"
TIDY = Text("Tidying up", "清理过期内容")


def tidy(job: JobContext) -> JobResult:
    """Remove files and sessions that have expired, and jobs that ended long ago."""
    files = services.tidy(now=job.now)
    sessions, _by_table = Session.objects.filter(expire_date__lt=job.now).delete()
    return JobResult(
        text=Text(f"{files} files, {sessions} sessions removed", f"已清理文件 {files} 个、会话 {sessions} 个")
    )


def declare() -> None:
    """The kind and its times."""
    KINDS.declare(
        JobKind(slug=TIDY_SLUG, label=TIDY, run=tidy, quick=True, hidden=True),
        JobKind(slug="lists.export", label=Text("Export a list", "导出列表"), run=exporting.run),
    )
    PERIODIC.declare(Periodic(slug=TIDY_SLUG, label=TIDY, kind=TIDY_SLUG, every=timedelta(hours=1)))
