"""Work of imports in the background: dry runs of large files, loads, undoing them, tidying."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.urls import reverse

from huoshui.data.connectors.models import Load, Upload
from huoshui.data.connectors.services import undo, uploads
from huoshui.data.traits.jobs import SLUG as REFRESH
from huoshui.desk.jobs import queries
from huoshui.desk.jobs import services as jobs
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, JobResult, Periodic, TryAgain
from huoshui.desk.jobs.periodic import CLOCK
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Language, Text
from huoshui.lake import open_lake
from huoshui.lake.errors import LakeBusy

UNDO, TIDY = "imports.undo", "imports.tidy"

STEPS: dict[str, Text] = {
    "reading": Text("reading and checking the rows", "读取并检查各行"),
    "orders": Text("putting orders together", "整理订单"),
    "customers": Text("finding out who the customers are", "识别客户"),
    "lines": Text("writing order lines", "写入订单行"),
    "profiles": Text("writing details of customers", "写入客户资料"),
}


def run_check(job: JobContext, *, token: str, language: Language) -> JobResult:
    """A dry run."""
    upload = Upload.objects.get(pk=token)
    uploads.check(
        actor=job.actor, lake=open_lake(), upload=upload, language=language, now=job.now, tell=_teller(job)
    )
    return JobResult(
        text=Text("The dry run is done", "试运行已完成"), url=reverse("imports:check", args=[token])
    )


def run_load(job: JobContext, *, token: str, language: Language) -> JobResult:
    """A load, and then the figures of customers anew."""
    upload = Upload.objects.get(pk=token)
    if upload.load_id is not None:  # the process was killed when all was done
        return _loaded(upload.load_id)
    try:
        report = uploads.load(
            actor=job.actor,
            lake=open_lake(),
            upload=upload,
            language=language,
            now=job.now,
            tell=_teller(job),
        )
    except LakeBusy as error:
        raise TryAgain(error.problem, next_step=error.next_step) from error
    if report.load_id is not None:
        start_refresh(actor=job.actor, now=job.now)
    return _loaded(Upload.objects.get(pk=token).load_id or 0)


def run_undo(job: JobContext, *, load_id: int) -> JobResult:
    """Take a load back, and then the figures of customers anew."""
    job.progress(0, None, Text("taking the load back", "正在撤销导入"))
    done = job.attempt > 1 and Load.objects.filter(pk=load_id, state=Load.State.UNDONE).exists()
    if not done:
        try:
            undo(actor=job.actor, lake=open_lake(), load_id=load_id, now=job.now)
        except LakeBusy as error:
            raise TryAgain(error.problem, next_step=error.next_step) from error
    start_refresh(actor=job.actor, now=job.now)
    return JobResult(
        text=Text(f"Load {load_id} was taken back", f"已撤销第 {load_id} 次导入"),
        url=reverse("imports:load", args=[load_id]),
    )


def run_tidy(job: JobContext) -> JobResult:
    """Remove uploaded files that nobody loaded."""
    gone = uploads.tidy(now=job.now)
    return JobResult(text=Text(f"{gone} files removed", f"已清理文件 {gone} 个"))


def start_refresh(*, actor: Actor, now: datetime) -> int:
    """Let all traits be computed anew, and answer the job; one that waits already does for all.

    In the name of the actor, or of the house where they may not: whoever changes facts may not leave figures behind
    that are not those of the facts.
    """
    waiting = next((w for w in queries.jobs(actor=CLOCK) if w.kind == REFRESH and w.state == "waiting"), None)
    if waiting is not None:
        return waiting.id
    who = actor if actor.may(Right.TRAITS_REFRESH) else CLOCK
    return jobs.start(actor=who, slug=REFRESH, now=now)


def declare() -> None:
    """The kinds of jobs, and the clock."""
    label = Text("Tidying up uploaded files", "清理上传的文件")
    KINDS.declare(
        JobKind(
            slug=uploads.CHECK,
            label=Text("Dry run of an import", "导入试运行"),
            run=run_check,
            right=Right.IMPORTS_RUN,
        ),
        JobKind(slug=uploads.LOAD, label=Text("Import", "数据导入"), run=run_load, right=Right.IMPORTS_RUN),
        JobKind(
            slug=UNDO, label=Text("Undoing an import", "撤销导入"), run=run_undo, right=Right.IMPORTS_RUN
        ),
        JobKind(slug=TIDY, label=label, run=run_tidy, quick=True, hidden=True),
    )
    PERIODIC.declare(Periodic(slug=TIDY, label=label, kind=TIDY, every=timedelta(hours=1)))


def _loaded(load_id: int) -> JobResult:
    load = Load.objects.get(pk=load_id)
    rows, rejected = load.report.get("loaded", 0), load.report.get("rejected", 0)
    return JobResult(
        text=Text(
            f"{rows:,} rows loaded, {rejected:,} rejected", f"已导入 {rows:,} 行，拒绝 {rejected:,} 行"
        ),
        url=reverse("imports:load", args=[load_id]),
    )


def _teller(job: JobContext) -> Callable[[str, float], None]:
    """What the command line shows as a bar, as the progress of a job."""

    def tell(step: str, share: float) -> None:
        job.progress(round(share * 100), 100 if share else None, STEPS.get(step))

    return tell
