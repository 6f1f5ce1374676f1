"""The list of jobs, one job, and its file."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huoshui.desk.jobs import queries, services
from huoshui.desk.jobs.queries import Work
from huoshui.desk.jobs.words import STATES
from huoshui.kernel import clock
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Language, Text
from huoshui.web import figures, shell, undo
from huoshui.web.lists import Listing, Progress

SIZE = 50


class NoSuchPage(HuoshuiError):
    """A page of the list was asked for that there is not."""

    code = "not_a_page"
    says = Text("The list has no such page", "列表没有这一页")


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    """The reader's jobs, newest first."""
    actor, language, house = shell.actor_of(request), shell.language_now(), HOUSE()
    page, total = _page(request.GET.get("page", "1")), queries.count(actor=actor)
    found = queries.jobs(actor=actor, limit=SIZE, offset=(page - 1) * SIZE)
    lines = [
        {
            "job": work,
            "label": work.label.in_(language),
            "state": STATES[work.state][0].in_(language),
            "tone": STATES[work.state][1],
            "note": work.note.in_(language) if work.note else "",
            "share": _share(work),
            "file": _file(work),
        }
        for work in found
    ]
    listing = Listing(path=reverse("jobs:list"), query=[], page=page, size=SIZE, total=total)
    workers = queries.workers(now=clock.now())
    context = {"lines": lines, "listing": listing, "workers": workers, "zone": house.zone}
    return render(request, "jobs/list.html", context)


@require_safe
@never_cache
def show(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job. Asked for by htmx, its progress alone; that comes whole when the job has ended."""
    actor, language, house = shell.actor_of(request), shell.language_now(), HOUSE()
    work = queries.job(actor=actor, job_id=job_id)
    asked = getattr(request, "htmx", False)
    if asked and work.ended:  # the page has more to show now than the part that asked
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    context = {
        "job": work,
        "progress": _progress(work, language),
        "title": work.label.in_(language),
        "state": STATES[work.state][0].in_(language),
        "tone": STATES[work.state][1],
        "facts": [],
        "file": _file(work),
        "workers": queries.workers(now=clock.now()),
        "created": _moment(work.created_at, house.zone),
        "finished": _moment(work.finished_at, house.zone),
        "expires": _moment(work.expires_at, house.zone),
    }
    return render(request, "jobs/progress.html" if asked else "jobs/job.html", context)


@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Cancel a job and show it."""
    if services.cancel(actor=shell.actor_of(request), job_id=job_id, now=clock.now()):
        undo.say(request, gettext("Cancelled. What it had done so far is taken back or was never visible."))
    else:
        undo.say(request, gettext("It had ended already."), tone="warn")
    return HttpResponseRedirect(reverse("jobs:job", args=[job_id]))


@require_safe
@never_cache
def download(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """The file of a job, always as a download."""
    path = queries.file_of(actor=shell.actor_of(request), job_id=job_id, now=clock.now())
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=path.name, content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _progress(work: Work, language: Language) -> Progress:
    note = work.note.in_(language) if work.note else ""
    if work.cancelling and not work.ended:
        note = gettext("It comes to a stop …")
    elif work.state == "waiting" and work.attempts:
        note = gettext("It is tried again in a moment. The last time: %(note)s") % {"note": note}
    elif work.state == "waiting":
        note = gettext("Waits for a worker.")
    counted = ""
    if work.done is not None:
        counted = figures.count(work.done, language)
        counted += f" / {figures.count(work.of, language)}" if work.of else ""
    return Progress(
        title=work.label.in_(language),
        state=work.state,
        note=note,
        share=_share(work),
        counted=counted,
        poll=reverse("jobs:job", args=[work.id]),
        cancel="" if work.cancelling else reverse("jobs:cancel", args=[work.id]),
        result=work.url if work.state == "done" else "",
    )


def _share(work: Work) -> float | None:
    return min(1.0, work.done / work.of) if work.of and work.done is not None else None


def _file(work: Work) -> str:
    expired = work.expires_at is not None and work.expires_at <= clock.now()
    return reverse("jobs:file", args=[work.id]) if work.own and work.file and not expired else ""


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


def _page(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9) or int(text) < 1:
        raise NoSuchPage("The list has no such page", received=repr(text[:40]), valid="a number from 1")
    return int(text)
