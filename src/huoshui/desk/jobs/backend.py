"""The interface of ``django.tasks`` on our jobs: what a library marks as ``@task`` runs on the same workers.

A task is a quick job that nobody sees. It is there when the transaction that enqueued it is committed, and gets
the lease and the retries of every job. It must be able to begin anew.
"""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult
from django_tasks.exceptions import TaskResultDoesNotExist

from huoshui.desk.jobs import services
from huoshui.desk.jobs.kinds import KINDS, JobContext, JobKind
from huoshui.desk.jobs.models import Job
from huoshui.desk.jobs.periodic import CLOCK
from huoshui.kernel import clock
from huoshui.kernel.texts import Text

KIND = "jobs.task"
RETRIES = 8
"""With waits from ten seconds up to an hour: most of two hours."""

STATUS = {
    "waiting": TaskResultStatus.READY,
    "running": TaskResultStatus.RUNNING,
    "done": TaskResultStatus.SUCCESSFUL,
    "failed": TaskResultStatus.FAILED,
    "cancelled": TaskResultStatus.FAILED,
}


class JobsBackend(BaseTaskBackend):
    """Tasks as jobs."""

    supports_defer = True
    supports_get_result = True

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Start a job that calls the task. Its values are JSON."""
        self.validate_task(task)
        arguments = {"path": task.module_path, "args": list(args), "kwargs": dict(kwargs)}
        now = clock.now()
        job_id = services.start(actor=CLOCK, slug=KIND, arguments=arguments, now=now, due=task.run_after)
        return self.get_result(str(job_id))

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """How a task stands. Tasks answer no value: what they have to say stands in the database."""
        job = Job.objects.filter(kind=KIND, pk=result_id).first() if result_id.isdecimal() else None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return TaskResult(
            task=_task(job.arguments["path"]),
            id=str(job.pk),
            status=STATUS[job.state],
            enqueued_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            last_attempted_at=job.started_at,
            args=job.arguments["args"],
            kwargs=job.arguments["kwargs"],
            backend=self.alias,
            errors=[],
            worker_ids=[job.worker] if job.worker else [],
        )


def call(_job: JobContext, *, path: str, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Call the task at ``path``."""
    _task(path).call(*args, **kwargs)


def declare() -> None:
    """The kind of job that tasks are."""
    label = Text("Housework", "系统任务")
    KINDS.declare(JobKind(slug=KIND, label=label, run=call, retries=RETRIES, quick=True, hidden=True))


def _task(path: str) -> Task[Any, Any]:
    task = import_string(path)
    if not isinstance(task, Task):
        raise TypeError(f"{path} is no task")
    return task
