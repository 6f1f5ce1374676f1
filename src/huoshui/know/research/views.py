"""Pages of research: competitors side by side, figures of the market, what people said; a form for each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.know.research import drafts, forms, pages, queries, services
from huoshui.know.research.errors import NoSuchResearch, NotResearch, ResearchChanged
from huoshui.know.research.queries import MODELS, Entry
from huoshui.web import shell, undo
from huoshui.web.lists import Tab


@require_safe
def show(request: HttpRequest, kind: str = "competitor") -> HttpResponse:
    """The entries of a kind."""
    actor, language = shell.actor_of(request), shell.language_now()
    _known(kind)
    words = request.GET.get("q", "").strip()[:200]
    found = queries.entries(kind, actor=actor, words=words)
    segments = {slug: name.in_(language) for slug, name in queries.segment_names().items()}
    criteria = queries.criteria(actor=actor) if kind == "competitor" else []
    context = {
        "kind": kind,
        "tabs": [
            Tab(label=label.in_(language), address=_list(slug), current=slug == kind)
            for slug, label in pages.TABS.items()
        ],
        "entries": [pages.shown(one, segments, language) for one in found],
        "criteria": criteria,
        "rows": pages.matrix(found, criteria),
        "retired": queries.entries(kind, actor=actor, retired=True),
        "words": words,
        "may_write": actor.may(Right.RESEARCH_EDIT),
    }
    return render(request, "research/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, kind: str, entry_id: int = 0) -> HttpResponse:
    """The form of a new entry, or of one that there is."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    actor.require(services.WRITE)
    _known(kind)
    there = queries.entry(kind, entry_id, actor=actor) if entry_id else None
    refused: HuoshuiError | None = None
    named: dict[str, Any] = {"language": language}
    if kind == "competitor":
        named["criteria"] = queries.criteria(actor=actor)
    if request.method == "POST":
        form = forms.FORMS[kind](request.POST, **named)
        if form.is_valid():
            try:
                draft = form.draft()
                if entry_id:
                    seen = form.cleaned_data["seen"] or 0
                    services.change(actor=actor, entry_id=entry_id, seen=seen, draft=draft, now=now)
                else:
                    services.add(actor=actor, draft=draft, now=now)
                undo.say(request, gettext("Saved"))
                return HttpResponseRedirect(_list(kind))
            except (NotResearch, ResearchChanged) as error:
                refused = error
    else:
        form = forms.FORMS[kind](initial=_initial(there, named), **named)
    context = {
        "kind": kind,
        "label": pages.TABS[kind].in_(language),
        "back": _list(kind),
        "form": form,
        "there": there,
        "refused": refused.words if isinstance(refused, NotResearch) else refused.says if refused else None,
        "seen": there.version if there else 0,
        "changed": isinstance(refused, ResearchChanged),
    }
    return render(request, "research/edit.html", context, status=400 if refused or form.errors else 200)


@require_POST
def retire(request: HttpRequest, kind: str, entry_id: int) -> HttpResponse:
    """Put an entry away, with the way back."""
    _known(kind)
    services.retire(actor=shell.actor_of(request), kind=kind, entry_id=entry_id, now=clock.now())
    back = reverse("research:bring_back", args=[kind, entry_id])
    undo.offer(request, gettext("It is put away; what cites it stays as it is"), undo=back)
    return HttpResponseRedirect(_list(kind))


@require_POST
def bring_back(request: HttpRequest, kind: str, entry_id: int) -> HttpResponse:
    """Offer it again."""
    _known(kind)
    services.bring_back(actor=shell.actor_of(request), kind=kind, entry_id=entry_id, now=clock.now())
    undo.say(request, gettext("It is back"))
    return HttpResponseRedirect(_list(kind))


@require_POST
def compare_by(request: HttpRequest) -> HttpResponse:
    """Say what competitors are compared by: one criterion a line."""
    names = request.POST.get("criteria", "").splitlines()
    try:
        services.compare_by(actor=shell.actor_of(request), names=names, now=clock.now())
    except NotResearch as error:
        undo.say(request, error.words.in_(shell.language_now()), tone="warn")
    return HttpResponseRedirect(_list("competitor"))


def _known(kind: str) -> None:
    if kind not in MODELS:
        raise NoSuchResearch("There is no such kind", received=kind[:40], valid=", ".join(MODELS))


def _list(kind: str) -> str:
    return reverse("research:list") if kind == "competitor" else reverse("research:kind", args=[kind])


def _initial(there: Entry | None, named: dict[str, Any]) -> dict[str, Any]:
    if there is None:
        return {"day": clock.now().astimezone(HOUSE_ZONE()).date(), "confidence": "medium"}
    values = forms.filled(there)
    if isinstance(there.draft, drafts.Competitor):
        values |= forms.scored(there.draft, named["criteria"])
    return values
