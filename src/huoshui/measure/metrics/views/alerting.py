"""Pages of alerts: all of them, those of one metric with the form for another, one, and its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import Said
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Language
from huoshui.lake import open_lake
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.alerts import queries, services, words
from huoshui.measure.metrics.alerts.course import course
from huoshui.measure.metrics.alerts.forms import AlertForm
from huoshui.measure.metrics.alerts.queries import AlertSeen
from huoshui.measure.metrics.dimensions import Value, named, valued
from huoshui.measure.metrics.errors import UnknownMetric
from huoshui.measure.metrics.pages.alerts import chart
from huoshui.measure.metrics.views.showing import end_of_figures
from huoshui.web import address, shell, undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An alert as a row of a table."""

    id: int
    rule: str
    cut: str
    said: str
    state: str
    tone: str
    owner: str
    checked_at: datetime | None
    fired_at: datetime | None
    task_id: int | None
    figure: str
    mail: bool
    may_change: bool


@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """All alerts, and the metrics to choose from for another one."""
    actor, language = shell.actor_of(request), shell.language_now()
    found = queries.alerts(actor=actor)
    context = {
        "lines": [_line(one, actor, language) for one in found],
        "offered": [(one.slug, one.label.in_(language)) for one in metrics.catalogue()],
        "may_ask": actor.may(Right.COMMENTS_WRITE),
    }
    return render(request, "metrics/alerts.html", context)


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """On to the form of the metric that was chosen."""
    slug = metrics.metric(request.GET.get("metric", "")).slug
    return HttpResponseRedirect(reverse("metrics:alerts_of", args=[slug]))


@require_http_methods(["GET", "HEAD", "POST"])
def alerts_of(request: HttpRequest, slug: str) -> HttpResponse:
    """The alerts of one metric, and the form for another, with the slice of the address."""
    actor, language, house = shell.actor_of(request), shell.language_now(), HOUSE()
    declared = metrics.metric(slug)
    cut: Mapping[str, Value] = dict(address.chosen(request).slice)
    form = AlertForm(
        request.POST or None,
        metric=declared,
        unit=words.unit(declared, house).in_(language),
        language=language,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.ask(
                actor=actor,
                metric=slug,
                kind=form.cleaned_data["kind"],
                grain=form.cleaned_data["grain"],
                bound=form.line,
                where=cut,
                mail=form.cleaned_data["mail"],
                tables=open_lake().snapshot(),
                now=clock.now(),
            )
        except Said as error:
            form.add_error(None, error.words.in_(language))
        else:
            undo.say(request, gettext("The alert is set; it is looked at within some minutes"))
            return HttpResponseRedirect(reverse("metrics:alerts_of", args=[slug]))
    context = {
        "form": form,
        "slug": slug,
        "label": declared.label.in_(language),
        "cut": [
            (named(name).in_(language), valued(name, value).in_(language)) for name, value in cut.items()
        ],
        "lines": [_line(one, actor, language) for one in queries.alerts(actor=actor, metric=slug)],
        "may_ask": actor.may(Right.COMMENTS_WRITE),
    }
    return render(request, "metrics/alerts_of.html", context, status=400 if form.errors else 200)


@require_safe
def alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """One alert: what it waits for, what was found last, the figures beside its line, and when it rang."""
    actor, language, house = shell.actor_of(request), shell.language_now(), HOUSE()
    tables = open_lake().snapshot()
    found = course(
        actor=actor, alert_id=alert_id, end=end_of_figures(tables, house), tables=tables, house=house
    )
    context = {
        "line": _line(found.alert, actor, language),
        "chart": chart(found, house=house),
        "problem": found.problem.in_(language) if found.problem else "",
        "rings": [(one.at, one.said.in_(language)) for one in found.rings],
    }
    return render(request, "metrics/alert.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Wait for something else of the same metric and slice."""
    actor, language = shell.actor_of(request), shell.language_now()
    found = queries.alert(actor=actor, alert_id=alert_id)
    if found.metric is None:
        raise UnknownMetric("This metric is gone", received=found.slug)
    form = AlertForm(
        request.POST or None,
        metric=found.metric,
        unit=words.unit(found.metric, HOUSE()).in_(language),
        language=language,
        known=found,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change(
                actor=actor,
                alert_id=alert_id,
                kind=form.cleaned_data["kind"],
                grain=form.cleaned_data["grain"],
                bound=form.line,
                mail=form.cleaned_data["mail"],
                tables=open_lake().snapshot(),
                now=clock.now(),
            )
        except Said as error:
            form.add_error(None, error.words.in_(language))
        else:
            undo.say(request, gettext("The alert is changed; it is looked at anew within some minutes"))
            return HttpResponseRedirect(reverse("metrics:alert", args=[alert_id]))
    context = {
        "form": form,
        "line": _line(found, actor, language),
        "label": found.metric.label.in_(language),
        "cut": found.cut.in_(language) if found.cut else "",
    }
    return render(request, "metrics/edit_alert.html", context, status=400 if form.errors else 200)


@require_POST
def end_alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Ask no longer."""
    services.end(actor=shell.actor_of(request), alert_id=alert_id, now=clock.now())
    undo.offer(
        request, gettext("The alert has ended"), undo=reverse("metrics:restore_alert", args=[alert_id])
    )
    return HttpResponseRedirect(reverse("metrics:alerts"))


@require_POST
def restore_alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Ask again as before it ended."""
    services.restore(actor=shell.actor_of(request), alert_id=alert_id, now=clock.now())
    undo.say(request, gettext("The alert is back; it is looked at within some minutes"))
    return HttpResponseRedirect(reverse("metrics:alert", args=[alert_id]))


def _line(one: AlertSeen, actor: Actor, language: Language) -> Line:
    slices = "&".join(f"slice={name}:{value}" for name, value in one.where.items())
    page = reverse("metrics:metric", args=[one.slug]) if one.metric is not None else ""
    return Line(
        id=one.id,
        rule=one.rule.in_(language),
        cut=one.cut.in_(language) if one.cut else "",
        said=one.said.in_(language) if one.said else "",
        state=words.STATES[one.state].in_(language),
        tone=words.TONES[one.state],
        owner=one.owner,
        checked_at=one.checked_at,
        fired_at=one.fired_at,
        task_id=one.task_id,
        figure=f"{page}?{slices}" if page and slices else page,
        mail=one.mail,
        may_change=actor.may(Right.COMMENTS_WRITE)
        and (one.owner_id == actor.user_id or actor.may(Right.CAMPAIGNS_APPROVE)),
    )
