"""The pages of the house: organisation, festivals, data, version."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui import __version__
from huoshui.data.traits.jobs import AGAIN
from huoshui.desk.audit import services as audit
from huoshui.desk.jobs import queries as job_queries
from huoshui.desk.jobs import services as jobs
from huoshui.desk.jobs.words import STATES
from huoshui.desk.organisation import queries, services
from huoshui.desk.organisation.festivals import Festival
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language, Text
from huoshui.project import examination
from huoshui.project.house import forms, words
from huoshui.project.house import health as own
from huoshui.web import figures, shell, undo

ENGINES = ("Django", "ibis-framework", "duckdb", "deltalake", "pyarrow")
read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@read_or_send
def organisation(request: HttpRequest) -> HttpResponse:
    """Name, currency and time zone; what a change of the last two means, and how far computing anew is."""
    actor, now = shell.actor_of(request), clock.now()
    actor.require(Right.HOUSE_MANAGE)
    found, facts = queries.current(), own.facts()
    which = request.POST.get("form") if request.method == "POST" else None
    named = forms.NameForm(request.POST if which == "name" else None, initial={"name": found.name})
    placed = forms.PlaceForm(
        request.POST if which == "place" else None,
        initial={"currency": found.currency, "time_zone": found.time_zone},
    )
    if which == "name" and named.is_valid():
        services.rename(actor=actor, name=named.cleaned_data["name"])
        audit.record(actor=actor, act="house.changed", detail={"fields": ["name"]}, now=now)
        undo.say(request, _("The house has its new name."))
        return HttpResponseRedirect(reverse("house:organisation"))
    if which == "place" and placed.is_valid():
        with transaction.atomic():
            services.move(actor=actor, **placed.cleaned_data, facts=facts)
            audit.record(actor=actor, act="house.changed", detail=placed.cleaned_data, now=now)
            if facts:
                jobs.start(actor=actor, slug=AGAIN, now=now)
        undo.say(request, _("Currency and time zone are changed."))
        return HttpResponseRedirect(reverse("house:organisation"))
    again = job_queries.latest(actor=actor, kind=AGAIN) if facts else None
    context = {
        "found": found,
        "facts": facts,
        "named": named,
        "placed": placed,
        "again": _job(again, shell.language_now()) if again else None,
        "at": "organisation",
    }
    return render(request, "house/organisation.html", context, status=400 if which else 200)


@never_cache
@read_or_send
def festivals(request: HttpRequest) -> HttpResponse:
    """The festivals of a year, and the house's own days."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    actor.require(Right.HOUSE_MANAGE)
    today = now.astimezone(queries.current().zone).date()
    year = _year(request.GET.get("year", ""), today.year)
    form = forms.FestivalForm(request.POST or None, language=language)
    if request.method == "POST" and form.is_valid():
        typed, slug, name = form.cleaned_data, form.cleaned_data["which"], form.own_name()
        if slug == forms.OWN:
            slug = queries.slug_of_own(name)
        try:
            services.set_festival(actor=actor, slug=slug, name=name, first=typed["first"], last=typed["last"])
        except services.NotAFestival as refusal:
            form.add_error("last", refusal.says.in_(language))
        else:
            detail = {"festival": slug, "first": str(typed["first"]), "last": str(typed["last"])}
            audit.record(actor=actor, act="festival.changed", detail=detail, now=now)
            undo.say(request, _("The days are set. Comparisons by festival use them from now on."))
            return HttpResponseRedirect(f"{reverse('house:festivals')}?year={typed['first'].year}")
    ours = {(one.slug, one.first): number for number, one in queries.own_festivals()}
    context = {
        "at": "festivals",
        "year": year,
        "lines": [_line(one, ours, language) for one in queries.festivals().of_year(year)],
        "form": form,
    }
    return render(request, "house/festivals.html", context, status=400 if request.method == "POST" else 200)


@require_POST
def forget_festival(request: HttpRequest, festival_id: int) -> HttpResponse:
    """Take own days back; there is the way back to them."""
    actor, now = shell.actor_of(request), clock.now()
    actor.require(Right.HOUSE_MANAGE)
    found = dict(queries.own_festivals()).get(festival_id)
    if found is None:
        return HttpResponseRedirect(reverse("house:festivals"))
    services.forget_festival(actor=actor, festival_id=festival_id)
    detail = {"festival": found.slug, "first": str(found.first), "last": str(found.last)}
    audit.record(actor=actor, act="festival.deleted", detail=detail, now=now)
    undo.say(request, _("The days are taken back. A usual festival has its usual days again."))
    return HttpResponseRedirect(f"{reverse('house:festivals')}?year={found.first.year}")


@never_cache
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Tables with their sizes, freshness and growth; asked for, what looking the installation over finds."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    health = own.health(actor=actor, now=now)
    zone = queries.current().zone

    def when(moment: Any) -> str:
        return figures.near(moment, now, zone, language) if moment else ""

    context = {
        "at": "data",
        "health": health,
        "tables": [
            {
                "name": words.table(one.state.slug).in_(language),
                "slug": one.state.slug,
                "rows": one.state.rows,
                "files": one.state.files,
                "size": _size(one.state.size),
                "changed": when(one.changed),
                "arrived": one.arrived,
                "kept": words.kept(one.kept).in_(language),
            }
            for one in health.tables
        ],
        "size": _size(health.size),
        "database": _size(health.database) if health.database is not None else "",
        "free": _size(health.free),
        "weekly": _size(health.weekly_bytes),
        "forecast": _size(health.forecast),
        "tight": health.forecast - health.size > health.free,
        "weeks": own.WEEKS,
        "ahead": own.AHEAD,
        "merged": when(health.ages.merged),
        "retention": [(what.in_(language), how_long.in_(language)) for what, how_long in words.RETENTION],
        "findings": _findings(language) if "look" in request.GET else None,
    }
    return render(request, "house/data.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Version, licence, and the libraries that count."""
    shell.actor_of(request).require(Right.HOUSE_MANAGE)
    parts = [("Python", platform.python_version()), *((name, version(name)) for name in ENGINES)]
    context = {
        "at": "version",
        "version": __version__,
        "parts": parts,
        "founded": queries.current().founded_at,
    }
    return render(request, "house/version.html", context)


def _line(one: Festival, ours: dict[Any, int], language: Language) -> dict[str, Any]:
    return {
        "name": one.name.in_(language),
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "days": one.days,
        "own": ours.get((one.slug, one.first)),
    }


def _job(work: job_queries.Work, language: Language) -> dict[str, Any]:
    state, tone = STATES[work.state]
    return {
        "id": work.id,
        "label": work.label.in_(language),
        "state": state.in_(language),
        "tone": tone,
        "note": work.note.in_(language) if work.note else "",
    }


def _findings(language: Language) -> list[dict[str, Any]]:
    return [
        {
            "title": finding.title.in_(language),
            "text": finding.text.in_(language),
            "step": finding.next_step.in_(language) if finding.next_step else "",
            "well": finding.in_order,
        }
        for finding in examination.examine()
    ]


def _size(count: float) -> str:
    for unit, digits in (("B", 0), ("KB", 0), ("MB", 1), ("GB", 1)):
        if count < 1000:
            return f"{count:,.{digits}f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def _year(text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not (text.isascii() and text.isdecimal() and 1900 <= int(text[:5]) <= 2200):
        raise NotAYear("This is not a year", received=repr(text[:20]), valid="1900 to 2200")
    return int(text)


class NotAYear(HuoshuiError):
    """A year that the calendar does not have."""

    code = "not_a_year"
    says = Text("The calendar has the years 1900 to 2200", "日历包含 1900 至 2200 年")
