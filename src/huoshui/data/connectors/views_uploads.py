"""From a file to a load: upload, how it is read, dry run, load."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.data.connectors import forms, looking, pages
from huoshui.data.connectors.errors import UploadRefused
from huoshui.data.connectors.models import Upload
from huoshui.data.connectors.receiving import ToFolder
from huoshui.data.connectors.refusals import refusal_in
from huoshui.data.connectors.services import uploads
from huoshui.data.connectors.tools import TOOLS
from huoshui.desk.jobs import queries as jobs
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language
from huoshui.lake import open_lake
from huoshui.web import shell, undo


@csrf_exempt  # what is sent is read, and its token checked, when it is known where it goes: see _upload
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """The form that takes a file, and the file."""
    shell.actor_of(request).require(Right.IMPORTS_RUN)
    if request.method == "POST":
        request.upload_handlers = [ToFolder(uploads.largest())]
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    actor, language = shell.actor_of(request), shell.language_now()
    refused: HuoshuiError | None = None
    if request.method == "POST":
        request.POST, request.FILES  # noqa: B018 now what is sent is read
        (handler,) = request.upload_handlers
        if not isinstance(handler, ToFolder):
            raise TypeError("files of imports go to their own folder")
        try:
            uploads.must_have_room(actor=actor)
            if handler.problem is not None:
                raise handler.problem
            if not handler.token:
                raise UploadRefused("No file was chosen", next_step="Choose a file, then send it")
            kept = uploads.add(
                actor=actor, token=handler.token, name=handler.name, size=handler.size, now=clock.now()
            )
            return HttpResponseRedirect(reverse("imports:file", args=[kept.token]))
        except HuoshuiError as error:
            if handler.token:
                uploads.remove_folder(handler.token)
            refused = error
    context = {
        "refusal": refusal_in(language, refused.as_dict()) if refused else None,
        "steps": pages.steps(1),
        "most": pages.size(uploads.largest()),
        "waiting": _waiting(request),
        "again": request.GET.get("again", ""),
    }
    return render(request, "connectors/upload.html", context, status=400 if refused else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest, token: str) -> HttpResponse:
    """How the file is read. A POST says it otherwise, or goes on to the dry run."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    kept = uploads.upload_of(actor=actor, token=token)
    if (away := _away(request, kept)) is not None:
        return away
    folder = uploads.folder_of(token)
    seen = looking.look(kept, folder)
    refusal: HuoshuiError | None = None
    if request.method == "POST":
        kind, options = forms.said(kept, seen, request.POST)
        uploads.say(actor=actor, upload=kept, kind=kind, options=options)
        seen = looking.look(kept, folder)
        act = request.POST.get("act", "look")
        if act == "check" and seen.ready:
            return _check(request, kept)
        if act == "save":
            try:
                name = request.POST.get("save_as", "").strip()
                uploads.save(actor=actor, upload=kept, name=name, now=now)
                undo.say(request, gettext("Saved. Files with these columns are read this way from now on."))
                return HttpResponseRedirect(reverse("imports:file", args=[token]))
            except HuoshuiError as error:
                refusal = error
        elif act == "look" and not request.headers.get("HX-Request"):
            return HttpResponseRedirect(reverse("imports:file", args=[token]))
    refusal = refusal or seen.refusal
    found = seen.understood
    rows = forms.column_rows(kept, seen)
    context = {
        "upload": kept,
        "size": pages.size(kept.size),
        "steps": pages.steps(2),
        "form": forms.how_to_read(kept, seen, language),
        "rows": rows,
        "mapped": len({row.name for row in rows if row.chosen}),
        "fields": forms.fields_of(kept.kind, language),
        "missing": [[pages.field_in(name, language) for name in group] for group in seen.missing],
        "refusal": refusal_in(language, refusal.as_dict()) if refusal else None,
        "ready": seen.ready,
        "kind": pages.kind_in(kept.kind, language),
        "file": found.file if found else None,
        "fits": _fits(found.fits, language) if found else "",
        "save_as": request.POST.get("save_as", ""),
    }
    return render(request, "connectors/look.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, token: str) -> HttpResponse:
    """What the dry run found. A POST makes it."""
    actor, language = shell.actor_of(request), shell.language_now()
    kept = uploads.upload_of(actor=actor, token=token)
    if (away := _away(request, kept)) is not None:
        return away
    if request.method == "POST":
        return _check(request, kept)
    if not kept.checked:
        return HttpResponseRedirect(reverse("imports:file", args=[token]))
    work = uploads.running(actor=actor, upload=kept)
    report, refusal = kept.checked.get("report"), kept.checked.get("refusal")
    context = {
        "upload": kept,
        "steps": pages.steps(3),
        "report": report,
        "kind": pages.kind_in(kept.kind, language),
        "refusal": refusal_in(language, refusal) if refusal else None,
        "cancelled": work is not None and work.kind == uploads.LOAD and work.state == "cancelled",
        "broken": work.note.in_(language)
        if work and work.state == "failed" and work.note and not refusal
        else "",
    }
    if report:
        context |= {
            "parts": pages.split(report, language),
            "whys": pages.whys(report, language),
            "firsts": pages.firsts(report, language),
            "facts": pages.counts(report["facts"], language),
            "replaces": pages.counts(report["replaces"], language),
            "rules": pages.rules(report, language),
            "understood": pages.understood(report, language),
            "seconds": f"{report['seconds']:.1f}",
        }
    return render(request, "connectors/check.html", context)


@require_POST
def load(request: HttpRequest, token: str) -> HttpResponse:
    """Start the load."""
    actor, now = shell.actor_of(request), clock.now()
    kept = uploads.upload_of(actor=actor, token=token)
    if (away := _away(request, kept)) is not None:
        return away
    uploads.start(actor=actor, upload=kept, slug=uploads.LOAD, language=shell.language_now(), now=now)
    return HttpResponseRedirect(reverse("imports:running", args=[token]))


@require_safe
@never_cache
def running(request: HttpRequest, token: str) -> HttpResponse:
    """How far the job of a file is; asked for by htmx, its progress alone."""
    actor, language = shell.actor_of(request), shell.language_now()
    kept = uploads.upload_of(actor=actor, token=token)
    work = uploads.running(actor=actor, upload=kept)
    asked = bool(request.headers.get("HX-Request"))
    if work is None or work.ended:
        to = (
            reverse("imports:load", args=[kept.load_id])
            if kept.load_id
            else reverse("imports:check", args=[token])
        )
        if asked:
            return HttpResponse(headers={"HX-Redirect": to})
        return HttpResponseRedirect(to)
    loading = work.kind == uploads.LOAD
    title = gettext("Import of %(file)s") if loading else gettext("Dry run of %(file)s")
    context = {
        "upload": kept,
        "loading": loading,
        "steps": pages.steps(4 if loading else 3),
        "progress": pages.progress(
            work,
            language,
            title=title % {"file": kept.file_name},
            poll=reverse("imports:running", args=[token]),
        ),
        "workers": jobs.workers(now=clock.now()),
    }
    return render(request, "connectors/progress.html" if asked else "connectors/running.html", context)


@require_POST
def remove(request: HttpRequest, token: str) -> HttpResponse:
    """Remove a file that is not to be loaded."""
    actor = shell.actor_of(request)
    kept = uploads.upload_of(actor=actor, token=token)
    uploads.remove(actor=actor, upload=kept, now=clock.now())
    undo.say(request, gettext("The file was removed. Nothing was loaded from it."))
    return HttpResponseRedirect(reverse("imports:list"))


# -- inside ------------------------------------------------------------------------------------------------------


def _check(request: HttpRequest, kept: Upload) -> HttpResponse:
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    if kept.size > uploads.IN_THE_PAGE:
        uploads.start(actor=actor, upload=kept, slug=uploads.CHECK, language=language, now=now)
        return HttpResponseRedirect(reverse("imports:running", args=[kept.token]))
    uploads.check(actor=actor, lake=open_lake(), upload=kept, language=language, now=now)
    return HttpResponseRedirect(reverse("imports:check", args=[kept.token]))


def _away(request: HttpRequest, kept: Upload) -> HttpResponse | None:
    """Where to go instead: a file that is loaded, or being loaded or tried, is not looked at any more."""
    if kept.load_id is not None:
        return HttpResponseRedirect(reverse("imports:load", args=[kept.load_id]))
    work = uploads.running(actor=shell.actor_of(request), upload=kept)
    if work is not None and not work.ended:
        return HttpResponseRedirect(reverse("imports:running", args=[kept.token]))
    return None


def _waiting(request: HttpRequest) -> list[dict[str, object]]:
    """The reader's own files that are not loaded yet."""
    language = shell.language_now()
    return [
        {"upload": kept, "kind": pages.kind_in(kept.kind, language), "size": pages.size(kept.size)}
        for kept in uploads.uploads_of(actor=shell.actor_of(request))
    ]


def _fits(name: str, language: Language) -> str:
    if name not in TOOLS:
        return ""
    return TOOLS[name].label.in_(language)
