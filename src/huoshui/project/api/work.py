"""Work in the background, and exports."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from huoshui.desk.jobs import queries as jobs
from huoshui.desk.jobs import services as job_services
from huoshui.desk.users import services as throttle
from huoshui.kernel import clock
from huoshui.project.api import cursors
from huoshui.project.api.customers import asked_in
from huoshui.project.api.shapes import MOST, SIZE, Moment, Number, Said, said
from huoshui.web import shell

router = Router()
Cursor = Annotated[str, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
EXPORTS_AN_HOUR = 60


class JobOut(Schema):
    """A job. `note` is how far it is, its result, or why it failed; `file` is the address of what it made."""

    job_id: int
    kind: str
    label: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    actor: str
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    done: int | None
    of: int | None
    note: str
    cancelling: bool
    file: str
    expires_at: Moment | None


class JobPage(Schema):
    """Jobs, newest first."""

    items: list[JobOut]
    next_cursor: str


class Export(Said):
    """What is to be exported: `conditions` are those of the list, `in` and all, written as in its address."""

    conditions: str = Field("", max_length=4000, examples=["stage=active&tag=VIP"])
    format: Literal["csv", "xlsx", "parquet"]
    columns: list[Annotated[str, Field(max_length=60)]] = Field([], max_length=100)


@router.get("/jobs", response=JobPage, url_name="jobs", operation_id="list_jobs", tags=["jobs"])
def list_jobs(request: HttpRequest, cursor: Cursor = "", limit: Limit = SIZE) -> JobPage:
    """The colleague's jobs, newest first; everybody's for who manages the house."""
    found = jobs.jobs(actor=shell.actor_of(request), limit=limit + 1, before=cursors.read(cursor, "jobs"))
    return JobPage(
        items=[_job(work) for work in found[:limit]],
        next_cursor=cursors.following([w.id for w in found], limit, "jobs"),
    )


@router.get("/jobs/{int:job_id}", response=JobOut, url_name="job", operation_id="get_job", tags=["jobs"])
def get_job(request: HttpRequest, job_id: Number) -> JobOut:
    """How far a job is."""
    return _job(jobs.job(actor=shell.actor_of(request), job_id=job_id))


@router.post(
    "/jobs/{int:job_id}/cancel",
    response=JobOut,
    url_name="cancel_job",
    operation_id="cancel_job",
    tags=["jobs"],
)
def cancel_job(request: HttpRequest, job_id: Number) -> JobOut:
    """Cancel a job: a waiting one at once, a running one when it next says how far it is."""
    job_services.cancel(actor=shell.actor_of(request), job_id=job_id, now=clock.now())
    return get_job(request, job_id)


@router.get(
    "/jobs/{int:job_id}/file",
    response={200: None},
    url_name="job_file",
    operation_id="get_file_of_job",
    tags=["jobs"],
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {}}}}},
)
def get_file(request: HttpRequest, job_id: Number) -> FileResponse:
    """The file that a job made, for who started it."""
    path = jobs.file_of(actor=shell.actor_of(request), job_id=job_id, now=clock.now())
    return as_file(path.open("rb"), path.name)


@router.post(
    "/exports", response={202: JobOut}, url_name="exports", operation_id="start_export", tags=["exports"]
)
def start_export(request: HttpRequest, response: HttpResponse, sent: Export) -> Status[JobOut]:
    """Let customers be written to a file. The job has it when it is done."""
    actor, now, query = shell.actor_of(request), clock.now(), QueryDict(sent.conditions)
    columns = QueryDict(mutable=True)
    columns.setlist("columns", sent.columns)
    asked, shown = asked_in(query), asked_in(columns)
    throttle.count_try(
        what="exports", who=str(actor.user_id), limit=EXPORTS_AN_HOUR, window=timedelta(hours=1), now=now
    )
    job_id = job_services.start(
        actor=actor,
        slug="customers.export",
        arguments={
            "ids": [],
            "query": query.urlencode(),
            "format": sent.format,
            "columns": list((shown if sent.columns else asked).columns),
            "language": shell.language_now(),
        },
        now=now,
    )
    response["Location"] = reverse("api:job", args=[job_id])
    return Status(202, get_job(request, job_id))


def as_file(stream: object, name: str) -> FileResponse:
    """A file as a download that no browser opens by itself."""
    answer = FileResponse(stream, as_attachment=True, filename=name, content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _job(work: jobs.Work) -> JobOut:
    return JobOut(
        job_id=work.id,
        kind=work.kind,
        label=said(work.label),
        state=work.state,
        actor=work.actor,
        created_at=work.created_at,
        started_at=work.started_at,
        finished_at=work.finished_at,
        done=work.done,
        of=work.of,
        note=said(work.note) if work.note else "",
        cancelling=work.cancelling,
        file=reverse("api:job_file", args=[work.id]) if work.own and work.file else "",
        expires_at=work.expires_at,
    )
