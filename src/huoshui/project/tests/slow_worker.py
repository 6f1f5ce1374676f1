"""A worker with one more kind of job, for tests that kill it: writes down each attempt, then takes its time."""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from huoshui.project import setting_up

setting_up.prepare_django()

from django.apps import apps  # noqa: E402

from huoshui.desk.audit import services as audit  # noqa: E402 Django is ready only now
from huoshui.desk.jobs import services, working  # noqa: E402
from huoshui.desk.jobs.kinds import KINDS, JobContext, JobKind, JobResult  # noqa: E402
from huoshui.kernel import clock  # noqa: E402
from huoshui.kernel.actors import CONSOLE  # noqa: E402
from huoshui.kernel.texts import Text  # noqa: E402


def work(job: JobContext, *, seconds: float) -> JobResult:
    """Say so in a file, then wait."""
    with Path(os.environ["WRITTEN"]).open("a") as file:
        file.write(f"{job.id} {job.attempt}\n")
    for step in range(int(seconds * 20)):
        job.progress(step, int(seconds * 20))
        time.sleep(0.05)
    return JobResult(text=Text("done", "完成"))


KINDS.declare(
    JobKind(slug="tests.slow", label=Text("Slow", "慢"), run=work, retries=3, lease=timedelta(seconds=5))
)


def main(act: str, *arguments: str) -> None:
    """Work, start jobs, wait for their ends, or write to the audit log."""
    if act == "work":
        working.BEAT = 0.4
        working.Loop(arguments[0] if arguments else working.new_name()).run()
    elif act == "start":
        for _ in range(int(arguments[0])):
            given = {"seconds": float(arguments[1])}
            services.start(actor=CONSOLE, slug="tests.slow", arguments=given, now=clock.now())
    elif act == "wait":
        jobs = apps.get_model("jobs", "Job").objects.filter(kind="tests.slow").order_by("id")
        while jobs.filter(state__in=("waiting", "running")).exists():
            time.sleep(0.1)
        print(*jobs.values_list("state", flat=True))
    elif act == "audit":
        for number in range(int(arguments[0])):
            audit.record(actor=CONSOLE, act="customer.viewed", subject=f"customer:{number}", now=clock.now())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
