"""Pages and the job by which a list becomes a segment: pasted, or a file."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from huoshui.data.connectors.receiving import ToFolder
from huoshui.data.connectors.services import uploads
from huoshui.desk.jobs import services as jobs
from huoshui.desk.jobs.kinds import KINDS, JobContext, JobKind, JobResult
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language, Text
from huoshui.know.segments import lists, services
from huoshui.web import shell

MAKE = "segments.list"


@csrf_exempt  # what is sent is read, and its token checked, when it is known where it goes: see _create
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """The form that takes a list, and the list."""
    shell.actor_of(request).require(Right.SEGMENTS_EDIT)
    if request.method == "POST":
        request.upload_handlers = [ToFolder(uploads.largest())]
    return _create(request)


@csrf_protect
def _create(request: HttpRequest) -> HttpResponse:
    refused: HuoshuiError | None = None
    if request.method == "POST":
        try:
            return HttpResponseRedirect(reverse("jobs:job", args=[_start(request)]))
        except HuoshuiError as error:
            refused = error
    context = {
        "refused": refused,
        "most": lists.MOST,
        **{name: request.POST.get(name, "") for name in ("name", "note", "pasted", "column")},
    }
    return render(request, "segments/new_list.html", context, status=400 if refused else 200)


def _start(request: HttpRequest) -> int:
    """Start the job for what was sent; its number."""
    actor, now = shell.actor_of(request), clock.now()
    request.POST, request.FILES  # noqa: B018 now what is sent is read
    (handler,) = request.upload_handlers
    if not isinstance(handler, ToFolder):
        raise TypeError("files of lists go to their own folder")
    token, file_name = handler.token, handler.name
    try:
        if handler.problem is not None:
            raise handler.problem
        services.require_name(request.POST.get("name", ""))
        pasted = request.POST.get("pasted", "").strip()
        if token and pasted:
            raise lists.NoList("Both a file and pasted texts came", next_step="Give one of them")
        if not token:
            if not pasted:
                raise lists.NoList(
                    "The list is empty", next_step="Paste numbers, phones or e-mails, or choose a file"
                )
            token, file_name = uploads.new_folder(), lists.PASTED
            uploads.path_of(token, file_name).write_text(pasted, "utf-8")
        with transaction.atomic():
            arguments = {
                "token": token,
                "file_name": file_name,
                "name": request.POST["name"],
                "note": request.POST.get("note", ""),
                "column": request.POST.get("column", "").strip(),
                "language": shell.language_now(),
            }
            return jobs.start(actor=actor, slug=MAKE, arguments=arguments, now=now)
    except HuoshuiError:
        if token:
            uploads.remove_folder(token)
        raise


def run(
    job: JobContext, *, token: str, file_name: str, name: str, note: str, column: str, language: Language
) -> JobResult:
    """The job: a segment of those whom the list means, and a file of what was left over."""
    rest = job.folder() / "not-found.csv"
    try:
        path = uploads.path_of(token, file_name)
        texts = lists.texts_of(path, workspace=uploads.folder_of(token), column=column, actor=job.actor)
        made = lists.make(
            actor=job.actor,
            name=name,
            texts=texts,
            note=note,
            rest=rest,
            language=language,
            now=job.now,
            progress=job.progress,
        )
    except HuoshuiError:
        uploads.remove_folder(token)
        raise
    uploads.remove_folder(token)
    left = made.unknown + made.unclear
    return JobResult(
        text=lists.words(made), url=reverse("segments:segment", args=[made.slug]), file=rest if left else None
    )


def declare() -> None:
    """Called once, when the app starts."""
    KINDS.declare(
        JobKind(
            slug=MAKE,
            label=Text("Make a segment of a list", "由名单生成分群"),
            run=run,
            right=Right.SEGMENTS_EDIT,
        )
    )
