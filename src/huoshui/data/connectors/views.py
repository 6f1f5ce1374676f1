"""The history of loads, one load, its rejected rows, and taking it back."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huoshui.data.connectors import asking, pages, queries
from huoshui.data.connectors import jobs as own_jobs
from huoshui.data.connectors.models import Load
from huoshui.data.connectors.services import forget_mapping, uploads
from huoshui.data.connectors.tools import TOOLS
from huoshui.data.connectors.words import KIND_WORDS
from huoshui.desk.audit import services as audit
from huoshui.desk.jobs import services as jobs
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.web import figures, shell
from huoshui.web import undo as toasts
from huoshui.web.lists import Chip, Column, Listing

SIZE = 50


class NoSuchPage(HuoshuiError):
    """A page of the list was asked for that there is not."""

    code = "not_a_page"
    says = Text("The list has no such page", "列表没有这一页")


@require_safe
@never_cache
def show_list(request: HttpRequest) -> HttpResponse:
    """All loads, newest first, and the reader's files that are not loaded yet."""
    actor, language = shell.actor_of(request), shell.language_now()
    asked = asking.read(request.GET.dict())
    page = _page(request.GET.get("page", "1"))
    found, total = queries.find(actor=actor, asked=asked, size=SIZE, page=page)
    context = {
        "lines": [
            {
                "load": load,
                "kind": pages.kind_in(load.kind, language),
                "state": pages.STATES[load.state][0].in_(language),
                "tone": pages.STATES[load.state][1],
                "failure": pages.failure(load, language),
            }
            for load in found
        ],
        "listing": _listing(request, asked, total, page),
        "columns": _heads(),
        "states": [(slug, words.in_(language)) for slug, (words, _tone) in pages.STATES.items()],
        "kinds": [(slug, words.in_(language)) for slug, words in KIND_WORDS.items()],
        "waiting": [
            {"upload": kept, "kind": pages.kind_in(kept.kind, language), "size": pages.size(kept.size)}
            for kept in uploads.uploads_of(actor=actor)
        ],
    }
    return render(request, "connectors/list.html", context)


@require_safe
@never_cache
def show_load(request: HttpRequest, load_id: int) -> HttpResponse:
    """What became of a load."""
    actor, language, house = shell.actor_of(request), shell.language_now(), HOUSE()
    load = queries.load_of(actor=actor, load_id=load_id)
    brought = None
    if load.state == Load.State.LOADED and load.report.get("facts", {}).get("orders"):
        brought = queries.brought(actor=actor, tables=open_lake().snapshot().embedded(), load_id=load_id)
    own = load.user_id == actor.user_id or actor.may(Right.HOUSE_MANAGE)
    context = {
        "load": load,
        "report": load.report,
        "kind": pages.kind_in(load.kind, language),
        "state": pages.STATES[load.state][0].in_(language),
        "tone": pages.STATES[load.state][1],
        "steps": pages.steps(5),
        "failure": pages.failure(load, language),
        "parts": pages.split(load.report, language),
        "whys": pages.whys(load.report, language),
        "facts": pages.counts(load.report.get("facts", {}), language),
        "rules": pages.rules(load.report, language),
        "understood": pages.understood(load.report, language),
        "mapping": pages.mapping(load.report, language),
        "undone": load.report.get("undone"),
        "undone_facts": pages.counts((load.report.get("undone") or {}).get("facts", {}), language),
        "brought": brought,
        "revenue": figures.money(brought.revenue, house.currency, language, exact=True) if brought else "",
        "rejects": bool(load.rejects) and own,
        "reach": pages.reach(queries.reach(load, now=clock.now()), language),
        "period": f"{brought.first:%Y-%m-%d}..{brought.last:%Y-%m-%d}"
        if brought and brought.first and brought.last
        else "",
    }
    return render(request, "connectors/load.html", context)


@require_safe
@never_cache
def download_rejects(request: HttpRequest, load_id: int) -> HttpResponseBase:
    """The rejected rows of a load, to be corrected and loaded again; always as a download."""
    actor = shell.actor_of(request)
    path = queries.rejects_of(actor=actor, load_id=load_id)
    load = queries.load_of(actor=actor, load_id=load_id)
    told = {"rows": load.report.get("rejected", 0)}
    audit.record(actor=actor, act="load.downloaded", subject=f"load:{load_id}", detail=told, now=clock.now())
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=path.name, content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, load_id: int) -> HttpResponse:
    """Ask whether a load is to be taken back, and do it in the background."""
    actor, language = shell.actor_of(request), shell.language_now()
    load = queries.load_of(actor=actor, load_id=load_id)
    if load.state != Load.State.LOADED:
        toasts.say(request, gettext("There is nothing to take back: this load does not count."), tone="warn")
        return HttpResponseRedirect(reverse("imports:load", args=[load_id]))
    if request.method == "POST":
        job_id = jobs.start(actor=actor, slug=own_jobs.UNDO, arguments={"load_id": load_id}, now=clock.now())
        return HttpResponseRedirect(reverse("jobs:job", args=[job_id]))
    context = {
        "load": load,
        "report": load.report,
        "kind": pages.kind_in(load.kind, language),
        "facts": pages.counts(load.report.get("facts", {}), language),
    }
    return render(request, "connectors/undo.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_mappings(request: HttpRequest) -> HttpResponse:
    """Saved mappings, which can be forgotten, and the profiles of tools."""
    actor, language = shell.actor_of(request), shell.language_now()
    if request.method == "POST":
        forget_mapping(actor=actor, name=request.POST.get("name", ""))
        toasts.say(request, gettext("Forgotten. Loads that used it stay."))
        return HttpResponseRedirect(reverse("imports:mappings"))
    context = {
        "saved": [
            {"mapping": saved, "kind": pages.kind_in(saved.kind, language)}
            for saved in queries.saved_mappings(actor=actor)
        ],
        "tools": [
            {"tool": tool, "label": tool.label.in_(language), "kind": pages.kind_in(tool.kind, language)}
            for tool in TOOLS.values()
        ],
    }
    return render(request, "connectors/mappings.html", context)


def _heads() -> tuple[Column, ...]:
    return (
        Column(key="file", label=gettext("File")),
        Column(key="kind", label=gettext("Kind"), wide=True),
        Column(key="who", label=gettext("Who, when"), wide=True),
        Column(key="rows", label=gettext("Rows"), number=True, wide=True),
        Column(key="loaded", label=gettext("Loaded"), number=True),
        Column(key="rejected", label=gettext("Rejected"), number=True, wide=True),
        Column(key="state", label=gettext("State")),
    )


def _listing(request: HttpRequest, asked: queries.Asked, total: int, page: int) -> Listing:
    language, path = shell.language_now(), reverse("imports:list")
    pairs = [(n, v) for n, v in (("state", asked.state), ("kind", asked.kind), ("q", asked.words)) if v]

    def without(name: str) -> str:
        left = "&".join(f"{n}={v}" for n, v in pairs if n != name and n != "q")
        return f"{path}?{left}" if left else path

    chips = []
    if asked.state:
        word = pages.STATES[asked.state][0].in_(language)
        chips.append(Chip(name=gettext("State"), value=word, without=without("state")))
    if asked.kind:
        chips.append(
            Chip(name=gettext("Kind"), value=pages.kind_in(asked.kind, language), without=without("kind"))
        )
    return Listing(
        path=path,
        query=pairs,
        page=page,
        size=SIZE,
        total=total,
        words=asked.words,
        chips=chips,
    )


def _page(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9) or int(text) < 1:
        raise NoSuchPage("The list has no such page", received=repr(text[:40]), valid="a number from 1")
    return int(text)
