"""Imports: a file is sent, read the way that is said, tried, loaded; a load is looked at and taken back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from huoshui.data.connectors import jobs as kinds
from huoshui.data.connectors import looking, queries
from huoshui.data.connectors.errors import UploadRefused
from huoshui.data.connectors.kinds import KINDS
from huoshui.data.connectors.receiving import ToFolder
from huoshui.data.connectors.services import uploads
from huoshui.desk.audit import services as audit
from huoshui.desk.jobs import services as jobs
from huoshui.kernel import clock
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.project.api import cursors
from huoshui.project.api.shapes import MOST, SIZE, Moment, Number, Said
from huoshui.project.api.work import JobOut, as_file, get_job
from huoshui.web import shell

router = Router(tags=["imports"])
Short = Annotated[str, Field(max_length=255)]


class NotOpen(HuoshuiError):
    """The file is loaded, or a job is at work on it."""

    code = "file_not_open"
    says = Text("This file is loaded, or being worked on", "这个文件已导入，或正在处理")


class NotAKind(HuoshuiError):
    """There is no such kind of import."""

    code = "not_a_kind"
    says = Text("There is no such kind of import", "没有这种导入类型")


class NothingToUndo(HuoshuiError):
    """The load does not count."""

    code = "nothing_to_undo"
    says = Text("There is nothing to take back: this load does not count", "没有可撤销的：这次导入不计入数据")


class Options(Said):
    """How a file is read; what is not said is guessed. An empty object lets everything be guessed."""

    kind: str | None = Field(None, max_length=20, examples=["transactions"])
    mapping: dict[Annotated[str, Field(max_length=60)], Short] = Field({}, description="Field → column")
    profile: Short | None = None
    sheet: Short | None = None
    encoding: Annotated[str, Field(max_length=20)] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    source: Annotated[str, Field(max_length=60)] | None = None
    currency: Annotated[str, Field(min_length=3, max_length=3)] | None = None
    time_zone: Annotated[str, Field(max_length=60)] | None = None
    date_order: Literal["dmy", "mdy"] | None = None
    amounts_in: Literal["units", "cents"] | None = None


class FileOut(Schema):
    """A file that was sent. `report` is that of the last dry run, `refusal` says why it cannot be read or loaded."""

    token: str
    file_name: str
    size: int
    kind: str
    created_at: Moment
    ready: bool
    missing: list[list[str]] = Field(description="Groups of fields, of each of which one needs a column")
    columns: list[str]
    mapping: dict[str, str]
    encoding: str
    delimiter: str
    source: str
    currency: str
    time_zone: str
    report: dict[str, Any] | None
    refusal: dict[str, Any] | None
    job_id: int | None
    load_id: int | None


class LoadOut(Schema):
    """One import of one file."""

    load_id: int
    kind: str
    file_name: str
    source: str
    currency: str
    time_zone: str
    state: Literal["loading", "loaded", "undoing", "undone", "failed"]
    rows: int
    loaded: int
    rejected: int
    actor: str
    started_at: Moment
    finished_at: Moment | None
    undone_at: Moment | None
    report: dict[str, Any]


class LoadPage(Schema):
    """Loads, newest first."""

    items: list[LoadOut]
    next_cursor: str


@router.post(
    "/imports/files",
    response={201: FileOut},
    url_name="upload_file",
    operation_id="upload_file",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                }
            },
        }
    },
)
def upload_file(request: HttpRequest, response: HttpResponse) -> Status[FileOut]:
    """Send a file: CSV, XLSX or Parquet, as the field `file` of a form. It is kept for a day."""
    actor = shell.actor_of(request)
    uploads.must_have_room(actor=actor)
    handler = ToFolder(uploads.largest())
    request.upload_handlers = [handler]
    _ = request.FILES  # now what is sent is read
    try:
        if handler.problem is not None:
            raise handler.problem
        if not handler.token:
            raise UploadRefused("No file was sent", valid="multipart/form-data with a field named file")
        kept = uploads.add(
            actor=actor, token=handler.token, name=handler.name, size=handler.size, now=clock.now()
        )
    except HuoshuiError:
        if handler.token:
            uploads.remove_folder(handler.token)
        raise
    response["Location"] = reverse("api:file", args=[kept.token])
    return Status(201, _file(request, kept.token))


@router.get("/imports/files/{str:token}", response=FileOut, url_name="file", operation_id="get_file")
def get_file(request: HttpRequest, token: str) -> FileOut:
    """How a file is read as things stand, and what its last dry run found."""
    return _file(request, token)


@router.put("/imports/files/{str:token}", response=FileOut, url_name="file", operation_id="read_file_as")
def read_file_as(request: HttpRequest, token: str, sent: Options) -> FileOut:
    """Say how a file is to be read."""
    actor = shell.actor_of(request)
    kept = _open(request, token)
    kind = sent.kind or kept.kind
    if kind not in KINDS:
        raise NotAKind("There is no such kind of import", received=repr(kind), valid=", ".join(KINDS))
    options = sent.model_dump(exclude={"kind"}, exclude_none=True)
    uploads.say(actor=actor, upload=kept, kind=kind, options={n: v for n, v in options.items() if v})
    return _file(request, token)


@router.delete(
    "/imports/files/{str:token}", response={204: None}, url_name="file", operation_id="remove_file"
)
def remove_file(request: HttpRequest, token: str) -> Status[None]:
    """Remove a file that is not to be loaded."""
    actor = shell.actor_of(request)
    uploads.remove(actor=actor, upload=uploads.upload_of(actor=actor, token=token), now=clock.now())
    return Status(204, None)


@router.post(
    "/imports/files/{str:token}/check", response=FileOut, url_name="check_file", operation_id="check_file"
)
def check_file(request: HttpRequest, token: str) -> FileOut:
    """A dry run: counts, first errors, rules used. Nothing is loaded. For large files `job_id` is at work on it."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    kept = _open(request, token)
    if kept.size > uploads.IN_THE_PAGE:
        uploads.start(actor=actor, upload=kept, slug=uploads.CHECK, language=language, now=now)
    else:
        uploads.check(actor=actor, lake=open_lake(), upload=kept, language=language, now=now)
    return _file(request, token)


@router.post(
    "/imports/files/{str:token}/load", response={202: JobOut}, url_name="load_file", operation_id="load_file"
)
def load_file(request: HttpRequest, response: HttpResponse, token: str) -> Status[JobOut]:
    """Load a file in the background. Then the file has a `load_id`."""
    actor = shell.actor_of(request)
    kept = _open(request, token)
    uploads.start(actor=actor, upload=kept, slug=uploads.LOAD, language=shell.language_now(), now=clock.now())
    job_id = uploads.upload_of(actor=actor, token=token).job_id or 0
    response["Location"] = reverse("api:job", args=[job_id])
    return Status(202, get_job(request, job_id))


@router.get("/imports", response=LoadPage, url_name="loads", operation_id="list_imports")
def list_imports(
    request: HttpRequest,
    state: Annotated[Literal["", "loading", "loaded", "undoing", "undone", "failed"], Query()] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = SIZE,
) -> LoadPage:
    """The loads that the colleague sees, newest first."""
    listed = f"imports?{state}&{kind}&{q}"
    found = queries.newest(
        actor=shell.actor_of(request),
        asked=queries.Asked(state=state, kind=kind, words=q),
        before=cursors.read(cursor, listed),
        size=limit + 1,
    )
    ids = [load.load_id for load in found]
    return LoadPage(
        items=[_load(load) for load in found[:limit]], next_cursor=cursors.following(ids, limit, listed)
    )


@router.get("/imports/{int:load_id}", response=LoadOut, url_name="load", operation_id="get_import")
def get_import(request: HttpRequest, load_id: Number) -> LoadOut:
    """One load with its report."""
    return _load(queries.load_of(actor=shell.actor_of(request), load_id=load_id))


@router.get(
    "/imports/{int:load_id}/rejects",
    response={200: None},
    url_name="rejects",
    operation_id="get_rejects",
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {}}}}},
)
def get_rejects(request: HttpRequest, load_id: Number) -> FileResponse:
    """The rejected rows of a load with their reasons, to be corrected and loaded again."""
    actor = shell.actor_of(request)
    path = queries.rejects_of(actor=actor, load_id=load_id)
    audit.record(actor=actor, act="load.downloaded", subject=f"load:{load_id}", now=clock.now())
    return as_file(path.open("rb"), path.name)


@router.post(
    "/imports/{int:load_id}/undo", response={202: JobOut}, url_name="undo_load", operation_id="undo_import"
)
def undo_import(request: HttpRequest, response: HttpResponse, load_id: Number) -> Status[JobOut]:
    """Take a load back in the background."""
    actor = shell.actor_of(request)
    load = queries.load_of(actor=actor, load_id=load_id)
    if load.state != "loaded":
        raise NothingToUndo("This load does not count", received=load.state)
    job_id = jobs.start(actor=actor, slug=kinds.UNDO, arguments={"load_id": load_id}, now=clock.now())
    response["Location"] = reverse("api:job", args=[job_id])
    return Status(202, get_job(request, job_id))


def _open(request: HttpRequest, token: str) -> Any:
    """The caller's own file, on which nothing is at work. Raises `NoSuchUpload`, `NotOpen`."""
    actor = shell.actor_of(request)
    kept = uploads.upload_of(actor=actor, token=token)
    work = uploads.running(actor=actor, upload=kept)
    if kept.load_id is not None or (work is not None and not work.ended):
        raise NotOpen("This file is loaded, or being worked on", received=token[:8])
    return kept


def _file(request: HttpRequest, token: str) -> FileOut:
    kept = uploads.upload_of(actor=shell.actor_of(request), token=token)
    seen = looking.Look() if kept.load_id is not None else looking.look(kept, uploads.folder_of(token))
    found = seen.understood
    refusal = seen.refusal.as_dict() if seen.refusal else kept.checked.get("refusal")
    return FileOut(
        token=kept.token,
        file_name=kept.file_name,
        size=kept.size,
        kind=kept.kind,
        created_at=kept.created_at,
        ready=seen.ready,
        missing=[list(group) for group in seen.missing],
        columns=list(found.file.columns) if found else [],
        mapping=found.mapping.as_dict() if found else {},
        encoding=found.file.encoding or "" if found else "",
        delimiter=found.file.delimiter or "" if found else "",
        source=found.source if found else "",
        currency=found.currency if found else "",
        time_zone=found.zone if found else "",
        report=kept.checked.get("report"),
        refusal=refusal,
        job_id=kept.job_id,
        load_id=kept.load_id,
    )


def _load(load: Any) -> LoadOut:
    report = {name: value for name, value in load.report.items() if name != "rejects_file"}
    counts = {name: load.report.get(name, 0) for name in ("rows", "loaded", "rejected")}
    plain = ("load_id", "kind", "file_name", "source", "currency", "time_zone", "state", "actor", "started_at",
             "finished_at", "undone_at")  # fmt: skip
    return LoadOut(**{name: getattr(load, name) for name in plain}, **counts, report=report)
