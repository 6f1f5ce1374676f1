"""Defining a metric, with its figures before it is saved."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from huoshui.kernel import clock
from huoshui.kernel.errors import Said
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.measure.metrics import forms, own, queries, services
from huoshui.measure.metrics.definitions import SCHEMA
from huoshui.measure.metrics.own import Content
from huoshui.measure.metrics.pages import words
from huoshui.measure.metrics.periods import Period, months_after
from huoshui.measure.metrics.views.showing import end_of_figures
from huoshui.web import figures, shell, undo

MONTHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a definition would say: its formula and the last months, or why it says nothing."""

    formula: str = ""
    unit: str = ""
    months: tuple[tuple[str, str], ...] = ()
    refused: Text | None = None


def edit(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The form of a new metric, or of one that somebody defined; without scripts also with what it would say."""
    language = shell.language_now()
    there = own.one(slug) if slug else None
    shown = _preview(there.content) if there and request.method != "POST" else None
    if request.method == "POST":
        form = forms.MetricForm(request.POST, language=language, fixed=bool(slug))
        if "preview" in request.POST:
            shown = _of_form(form)
        elif form.is_valid():
            try:
                return _saved(request, slug, form)
            except Said as error:
                form.add_error(None, error.words.in_(language))
    else:
        start = forms.initial(there.content) if there else {}
        form = forms.MetricForm(initial=start, language=language, fixed=bool(slug))
    context = {
        "form": form,
        "there": there,
        "subject": f"{own.KIND}:{slug}",
        "version": request.POST.get("seen") or (there.version if there else 0),
        "label": there.metric.label.in_(language) if there else "",
        "fits": there is None or forms.fits(there.content.definition),
        "preview": shown,
    }
    return render(request, "metrics/edit.html", context, status=400 if form.errors else 200)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the form would say, without saving it: the part of the page that scripts replace."""
    form = forms.MetricForm(request.POST, language=shell.language_now())
    return render(request, "metrics/_preview.html", {"preview": _of_form(form)})


@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a metric out of the catalogue."""
    services.retire(actor=shell.actor_of(request), slug=slug, now=clock.now())
    undo.offer(request, gettext("The metric is retired"), undo=reverse("metrics:bring_back", args=[slug]))
    return HttpResponseRedirect(reverse("metrics:list"))


@require_POST
def bring_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Put it into the catalogue again."""
    services.bring_back(actor=shell.actor_of(request), slug=slug, now=clock.now())
    undo.say(request, gettext("The metric is in the catalogue again"))
    return HttpResponseRedirect(reverse("metrics:metric", args=[slug]))


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The language of definitions as a JSON Schema."""
    return JsonResponse(SCHEMA, json_dumps_params={"indent": 2})


def _saved(request: HttpRequest, slug: str, form: forms.MetricForm) -> HttpResponse:
    actor, now = shell.actor_of(request), clock.now()
    if slug:
        seen = request.POST.get("seen", "")
        version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0
        services.change(actor=actor, slug=slug, seen=version, content=form.content, now=now)
    else:
        slug = services.define(actor=actor, slug=form.cleaned_data["slug"], content=form.content, now=now)
    undo.say(request, gettext("The metric is saved"))
    return HttpResponseRedirect(reverse("metrics:metric", args=[slug]))


def _of_form(form: forms.MetricForm) -> Preview:
    if not form.is_valid():
        return Preview()
    try:
        return _preview(form.content)
    except Said as error:
        return Preview(refused=error.words)


def _preview(content: Content) -> Preview:
    """Raises `Said`."""
    house, tables, language = HOUSE(), open_lake().snapshot(), shell.language_now()
    metric = own.as_metric("preview", content)
    end = end_of_figures(tables, house)
    firsts = [months_after(end.replace(day=1), -n) for n in range(MONTHS - 1, -1, -1)]
    periods = [Period.month(first.year, first.month, house.zone) for first in firsts]
    found = queries.evaluate_metrics([metric], tables=tables, periods=periods)[metric.slug]
    return Preview(
        formula=words.formula(metric, language),
        unit=words.unit(metric).in_(language),
        months=tuple(
            (f"{p.first_day:%Y-%m}", figures.of_metric(metric, cell.value, house.currency, language))
            for p, (cell,) in found
        ),
    )
