"""The measures of a plan: the timeline, the table, the form of one."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.act.campaigns import queries as campaigns
from huoshui.desk.users import queries as users
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.clock import NotADate
from huoshui.kernel.money import NotAnAmount
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries as segments
from huoshui.lake import open_lake
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.document import checking
from huoshui.plan.plans.document import queries as documents
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.measures import queries, services
from huoshui.plan.plans.measures.effects import effects
from huoshui.plan.plans.measures.errors import NotAMeasure
from huoshui.plan.plans.measures.queries import KINDS, STATES, MeasureSeen
from huoshui.plan.plans.measures.schedule import schedule
from huoshui.plan.plans.pages import measures as pages
from huoshui.plan.plans.pages.head import head
from huoshui.plan.plans.pages.paper import shown
from huoshui.web import shell, undo

NOT_WRITTEN = Text(
    "A day is written as 2026-01-31, an amount as 1200.50", "日期写成 2026-01-31，金额写成 1200.50"
)
SEVERAL = ("after", "segments", "campaigns")


@require_safe
def show(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Timeline and table."""
    actor, language, house, now = shell.actor_of(request), shell.language_now(), HOUSE(), clock.now()
    plan = plans.plan(actor, plan_id)
    found = queries.measures(actor=actor, plan_id=plan_id)
    today = now.astimezone(house.zone).date()
    measured = effects(found, actor=actor, tables=open_lake().snapshot(), zone=house.zone, now=now)
    chart = schedule(found, first=plan.first_day, last=plan.last_day, today=today, language=language)
    lines = pages.lines(found, measured, currency=house.currency, today=today, language=language)
    context = {
        "head": head(actor, plan, "measures"),
        "elements": shown([chart]) if chart else [],
        "lines": lines,
        "early": any(line.waits_for for line in lines),
    }
    return render(request, "plans/measures.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Add a measure."""
    return _form(request, plan_id, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, plan_id: int, measure_id: int) -> HttpResponse:
    """Change a measure."""
    actor = shell.actor_of(request)
    return _form(request, plan_id, queries.measure(actor=actor, plan_id=plan_id, measure_id=measure_id))


@require_POST
def to(request: HttpRequest, plan_id: int, measure_id: int, act: str) -> HttpResponse:
    """Move a measure, drop it or take it up again."""
    which: dict[str, Any] = {
        "actor": shell.actor_of(request),
        "plan_id": plan_id,
        "measure_id": measure_id,
        "now": clock.now(),
    }
    if act in ("up", "down"):
        services.move(**which, up=act == "up")
    elif act == "resume":
        services.take_up(**which)
        undo.say(request, _("The measure is taken up again."))
    elif act == "drop":
        version = pages.whole(request.POST.get("version", "")) or 0
        try:
            services.drop(**which, version=version, reason=request.POST.get("reason", ""))
        except (NotAMeasure, PlanChanged) as error:
            words = error.words if isinstance(error, NotAMeasure) else PlanChanged.says
            undo.say(request, words.in_(shell.language_now()), tone="bad")
            return HttpResponseRedirect(reverse("plans:measure", args=[plan_id, measure_id]) + "#drop")
        undo.offer(
            request,
            _("The measure is dropped."),
            undo=reverse("plans:measure_to", args=[plan_id, measure_id, "resume"]),
        )
    else:
        raise Http404
    return HttpResponseRedirect(reverse("plans:measures", args=[plan_id]))


@require_POST
def shift(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Shift what begins too early."""
    services.shift(actor=shell.actor_of(request), plan_id=plan_id, now=clock.now())
    undo.say(request, _("The measures are shifted."))
    return HttpResponseRedirect(reverse("plans:measures", args=[plan_id]))


def _form(request: HttpRequest, plan_id: int, one: MeasureSeen | None) -> HttpResponse:
    actor, here = shell.actor_of(request), shell.language_now()
    actor.require(Right.PLANS_EDIT)
    plan = plans.plan(actor, plan_id)
    form = pages.form(one, first=plan.first_day, last=plan.last_day)
    wrong: Text | None = None
    meanwhile: PlanChanged | None = None
    status = 200
    if request.method == "POST":
        form |= {name: request.POST.get(name, "") for name in form if name not in SEVERAL}
        form |= {name: request.POST.getlist(name) for name in SEVERAL}
        asked: dict[str, Any] = {
            "actor": actor,
            "plan_id": plan_id,
            "reason": form["reason"],
            "now": clock.now(),
        }
        try:
            draft = pages.draft(form)
            if one is None:
                services.add(**asked, draft=draft)
            else:
                version = pages.whole(form["version"]) or 0
                services.change(**asked, measure_id=one.id, version=version, draft=draft)
        except NotAMeasure as error:
            wrong, status = error.words, 400
        except (NotADate, NotAnAmount):
            wrong, status = NOT_WRITTEN, 400
        except PlanChanged as error:
            meanwhile, status = error, 409
            form["version"] = str(error.version)
        else:
            undo.say(request, _("Saved."))
            return HttpResponseRedirect(reverse("plans:measures", args=[plan_id]))
    content = documents.document(actor=actor, plan_id=plan_id).content
    others = [m for m in queries.measures(actor=actor, plan_id=plan_id) if one is None or m.id != one.id]
    context: dict[str, Any] = {
        "head": head(actor, plan, "measures"),
        "form": form,
        "one": one,
        "wrong": wrong,
        "meanwhile": meanwhile,
        "changes": [(change, change.before, change.after) for change in meanwhile.changes]
        if meanwhile
        else [],
        "choices": [
            ("kind", _("Kind"), [(k, t.in_(here)) for k, t in KINDS.items()]),
            ("state", _("State"), [(k, t.in_(here)) for k, t in STATES.items()]),
            (
                "owner",
                _("Owner"),
                [
                    ("", _("nobody")),
                    *((str(i), n) for i, n in users.who_may(Right.CUSTOMERS_VIEW).items()),
                ],
            ),
            ("team", _("Department"), [("", "–"), *((str(t.id), t.name.in_(here)) for t in users.teams())]),
            (
                "proposition",
                _("Value proposition it supports"),
                [("", _("none yet")), *checking.propositions(content).items()],
            ),
        ],
        "several": [
            ("after", _("Waits for"), [(str(m.id), m.name) for m in others]),
            ("segments", _("Segments"), [(s.slug, s.name) for s in segments.segments()]),
            (
                "campaigns",
                _("Campaigns"),
                [(str(c.number), c.name) for c in campaigns.campaigns(actor=actor)],
            ),
        ],
    }
    # Chosen of each, for a template that cannot look into a mapping by a name it holds.
    context["choices"] = [(n, label, options, form[n]) for n, label, options in context["choices"]]
    context["several"] = [(n, label, options, form[n]) for n, label, options in context["several"]]
    return render(request, "plans/measure.html", context, status=status)
