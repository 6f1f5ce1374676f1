"""Pages of traits: the catalogue and one trait, and the form by which people define one."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.data.traits import queries as traits
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import Said
from huoshui.kernel.plugs import HOUSE, TRAITS
from huoshui.know.custom import definitions, forms, known, own, pages, queries, services
from huoshui.know.custom.errors import NoSuchTrait, TraitInUse
from huoshui.know.custom.own import Content
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.web import shell, undo


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Every trait: what it means, how many have a value, where it is used."""
    found = queries.catalogue(tables=open_lake().snapshot())
    actor, language = shell.actor_of(request), shell.language_now()
    context = {
        "page": pages.catalogue(found, language),
        "retired": found.retired,
        "as_of": found.as_of,
        "computed_at": found.computed_at,
        "customers": found.customers,
        "may_define": actor.may(Right.SEGMENTS_EDIT),
    }
    return render(request, "custom/list.html", context)


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """One trait: where it comes from, who has it, where it is used."""
    return _shown(request, slug)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The form of a new trait, or of one that somebody defined."""
    language, tables = shell.language_now(), open_lake().snapshot()
    there = own.one(slug) if slug else None
    refused, grows = None, forms.MORE in request.POST
    if request.method == "POST":
        form = forms.TraitForm(request.POST, language=language, fixed=bool(slug))
        if form.is_valid() and not grows:
            try:
                return _saved(request, slug, form, tables)
            except Said as error:
                refused = error
    else:
        start = forms.initial(there.content) if there and there.content else {}
        form = forms.TraitForm(initial=start, language=language, fixed=bool(slug))
    event = request.POST.get("event", "") or str(form.initial.get("event", ""))
    shown = there.content if there and request.method != "POST" else None
    context = {
        "form": form,
        "there": there,
        "label": there.label.in_(language) if there else "",
        "subject": f"{own.KIND}:{slug}",
        "version": request.POST.get("seen") or (there.version if there else 0),
        "refused": pages.refusal(refused, language) if refused else None,
        "events": known.events(tables),
        "brought": known.brought(tables, event) if event else {},
        "offered": pages.numbers(language),
        "preview": _preview(request, shown, tables, slug) if shown else None,
    }
    return render(
        request, "custom/edit.html", context, status=400 if refused or (form.errors and not grows) else 200
    )


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the form would say, without saving it."""
    tables = open_lake().snapshot()
    form = forms.TraitForm(request.POST, language=shell.language_now())
    shown: dict[str, Any] | None = None
    event = request.POST.get("event", "")
    brought = known.brought(tables, event) if event else {}
    if form.is_valid():
        try:
            content = form.content({name: one.type for name, one in brought.items()})
            shown = _preview(request, content, tables, request.POST.get("changes", ""))
        except Said as error:
            shown = {"refused": pages.refusal(error, shell.language_now())}
    context = {"preview": shown, "brought": brought, "swapped": bool(request.headers.get("HX-Request"))}
    return render(request, "custom/_preview.html", context)


@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Compute a trait no longer."""
    try:
        services.retire(actor=shell.actor_of(request), slug=slug, now=clock.now())
    except TraitInUse as error:
        return _shown(request, slug, refused=pages.refusal(error, shell.language_now()))
    undo.offer(request, gettext("The trait is retired"), undo=reverse("traits:bring_back", args=[slug]))
    return HttpResponseRedirect(reverse("traits:list"))


@require_POST
def bring_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Compute it again."""
    services.bring_back(actor=shell.actor_of(request), slug=slug, now=clock.now())
    undo.say(request, gettext("The trait is computed again"))
    return HttpResponseRedirect(reverse("traits:trait", args=[slug]))


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The language of definitions as a JSON Schema."""
    return JsonResponse(definitions.described(), json_dumps_params={"indent": 2})


def _shown(request: HttpRequest, slug: str, *, refused: Any = None) -> HttpResponse:
    actor, language, tables = shell.actor_of(request), shell.language_now(), open_lake().snapshot()
    retired = None
    if slug not in TRAITS:
        retired = own.one(slug)  # raises where nobody ever defined it
    elif slug not in TRAITS.declared and slug not in {one.slug for one in own.everything()}:
        raise NoSuchTrait("There is no such trait", received=slug[:60])
    found = None if retired else queries.trait(slug, tables=tables)
    there = retired or (found.own if found else None)
    context = {
        "line": pages.line(found, language) if found else None,
        "label": there.label.in_(language) if there else found.trait.label.in_(language) if found else slug,
        "slug": slug,
        "own": there,
        "retired": retired is not None,
        "refused": refused,
        "refreshed": traits.last_refresh(tables=tables),
        "subject": f"{own.KIND}:{slug}",
        "written": json.dumps(own.as_json(there.content), ensure_ascii=False, indent=2)
        if there and there.content
        else "",
        "may_define": there is not None and actor.may(Right.SEGMENTS_EDIT),
    }
    return render(request, "custom/trait.html", context, status=400 if refused else 200)


def _saved(request: HttpRequest, slug: str, form: forms.TraitForm, tables: Snapshot) -> HttpResponse:
    actor, now = shell.actor_of(request), clock.now()
    event = form.cleaned_data["event"]
    brought = known.brought(tables, event) if event else {}
    content = form.content({name: one.type for name, one in brought.items()})
    if slug:
        seen = request.POST.get("seen", "")
        version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0
        services.change(actor=actor, slug=slug, seen=version, content=content, tables=tables, now=now)
    else:
        named = form.cleaned_data["slug"]
        slug = services.define(actor=actor, slug=named, content=content, tables=tables, now=now)
    undo.say(request, gettext("The trait is saved; its values are computed with the next refresh"))
    return HttpResponseRedirect(reverse("traits:trait", args=[slug]))


def _preview(request: HttpRequest, content: Content, tables: Snapshot, slug: str) -> dict[str, Any]:
    """Raises `Said`; on the page of a form that was only opened, what is wrong is told in its place."""
    house, language = HOUSE(), shell.language_now()
    refreshed = traits.last_refresh(tables=tables)
    as_of = AsOf(at=refreshed[0] if refreshed else clock.now(), zone=house.zone)
    try:
        found = queries.preview(
            actor=shell.actor_of(request), content=content, tables=tables, as_of=as_of, slug=slug
        )
    except Said as error:
        return {"refused": pages.refusal(error, language)}
    return pages.preview(found, house, language)
