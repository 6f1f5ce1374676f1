"""Pages of goals: the tree, one goal, its form, and what is done to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.desk.users import queries as users
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.measure.metrics.dimensions import Value
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.goals import queries, reading, sentences, services, splitting
from huoshui.plan.plans.goals.errors import CannotSplit, NotAGoal
from huoshui.plan.plans.goals.papers import check_words
from huoshui.plan.plans.goals.queries import GoalSeen
from huoshui.plan.plans.goals.setting import declared
from huoshui.plan.plans.pages import goal_forms as forms
from huoshui.plan.plans.pages import goals as pages
from huoshui.plan.plans.pages.head import head
from huoshui.web import shell, undo


@require_safe
def show_list(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The goal tree with how each stands."""
    actor, language, house = shell.actor_of(request), shell.language_now(), HOUSE()
    found = reading.overview(
        actor=actor, plan_id=plan_id, tables=open_lake().snapshot(), house=house, now=clock.now()
    )
    there = services.usual_there([one.goal for one in found.standings])
    return render(
        request,
        "plans/goals.html",
        {
            "head": head(actor, found.plan, "goals"),
            "lines": [pages.line(one, house.currency, language) for one in found.standings],
            "wrong": [
                (one.goal.name, words)
                for one in found.checks
                for words in check_words(one, house.currency, language)
            ],
            "levels": sentences.levels(found.standings, house.currency, language),
            "usual": pages.usual(there, language),
            "end": found.standings[0].end if found.standings else None,
        },
    )


@require_safe
def show(request: HttpRequest, plan_id: int, goal_id: int) -> HttpResponse:
    """One goal: how it stands, what will come of it, why, and what was changed."""
    actor, language, house = shell.actor_of(request), shell.language_now(), HOUSE()
    found = reading.single(
        actor=actor,
        plan_id=plan_id,
        goal_id=goal_id,
        tables=open_lake().snapshot(),
        house=house,
        now=clock.now(),
    )
    one, currency = found.standing, house.currency
    write = pages.writer(one.metric, users.names(), currency, language)
    context = {
        "head": head(actor, found.plan, "goals"),
        "goal": one.goal,
        "line": pages.line(one, currency, language),
        "parent": pages.line(found.parent, currency, language) if found.parent else None,
        "outlook": sentences.outlook(one, currency, language),
        "level": sentences.level(one, currency, language),
        "by_now": sentences.by_now(one, currency, language),
        "feasible": sentences.feasibility(one, language) if one.forecast is not None else "",
        "chart": pages.picture(found.chart),
        "facts": pages.facts(one, currency, language),
        "why": sentences.cause(one, found.diagnosis, currency, language),
        "causes": pages.causes(found.diagnosis, one.metric, currency, language),
        "diagnosis": found.diagnosis,
        "lines": [pages.line(part, currency, language) for part in found.parts],
        "checks": pages.parts(found.checks, currency, language),
        "splits": forms.splits(language),
        "told": pages.history(found.history, write, language),
    }
    return render(request, "plans/goal.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Set a goal, or a part of one."""
    actor, now = shell.actor_of(request), clock.now()
    actor.require(Right.PLANS_EDIT)
    plan = plans.plan(actor, plan_id)
    goals = queries.goals(actor=actor, plan_id=plan_id)
    asked = request.GET.get("parent", "")
    parent = next((one for one in goals if str(one.id) == asked), None)
    values = forms.empty(plan, parent=parent)
    cut = dict(parent.cut) if parent else {}
    refused: NotAGoal | None = None
    if request.method == "POST":
        values = forms.sent(request.POST, values)
        try:
            draft = forms.read(_named(values), kept_cut=cut)
            made = services.add(actor=actor, plan_id=plan_id, draft=draft, reason=values["reason"], now=now)
            return HttpResponseRedirect(reverse("plans:goal", args=[plan_id, made]))
        except NotAGoal as error:
            refused = error
    return _form(request, actor, plan_id, goals, values, cut, refused, now)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, plan_id: int, goal_id: int) -> HttpResponse:
    """Change a goal."""
    actor, now = shell.actor_of(request), clock.now()
    actor.require(Right.PLANS_EDIT)
    goals = queries.goals(actor=actor, plan_id=plan_id)
    goal = queries.goal(actor=actor, plan_id=plan_id, goal_id=goal_id)
    before = services.draft_of(goal)
    values, cut = forms.filled(before), dict(goal.cut)
    refused: NotAGoal | None = None
    meanwhile: PlanChanged | None = None
    version = goal.version
    if request.method == "POST":
        values = forms.sent(request.POST, values)
        said = request.POST.get("version", "")
        version = int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 0
        try:
            draft = forms.read(_named(values), kept_cut=cut, usual=before.usual)
            services.change(
                actor=actor,
                plan_id=plan_id,
                goal_id=goal_id,
                version=version,
                draft=draft,
                reason=values["reason"],
                now=now,
            )
            return HttpResponseRedirect(reverse("plans:goal", args=[plan_id, goal_id]))
        except NotAGoal as error:
            refused = error
        except PlanChanged as error:
            meanwhile, version = error, error.version
    return _form(
        request,
        actor,
        plan_id,
        goals,
        values,
        cut,
        refused,
        now,
        goal=goal,
        meanwhile=meanwhile,
        version=version,
    )


@require_POST
def split(request: HttpRequest, plan_id: int, goal_id: int) -> HttpResponse:
    """Split a goal into quarters, channels or groups that share nobody."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    actor.require(Right.PLANS_EDIT)
    goal = queries.goal(actor=actor, plan_id=plan_id, goal_id=goal_id)
    by, here = request.POST.get("by", ""), reverse("plans:goal", args=[plan_id, goal_id])
    try:
        made = splitting.split(
            actor=actor,
            goal=goal,
            by=by,
            tables=open_lake().snapshot(),
            zone=HOUSE().zone,
            language=language,
            now=now,
        )
    except (CannotSplit, NotAGoal) as error:
        undo.say(request, error.words.in_(language), tone="bad")
        return HttpResponseRedirect(here)
    undo.say(request, _("Set %(number)s parts.") % {"number": len(made)})
    return HttpResponseRedirect(here)


@require_POST
def rebase(request: HttpRequest, plan_id: int, goal_id: int) -> HttpResponse:
    """Compute the baseline anew."""
    actor = shell.actor_of(request)
    try:
        services.rebase(
            actor=actor,
            plan_id=plan_id,
            goal_id=goal_id,
            reason=request.POST.get("reason", ""),
            now=clock.now(),
        )
        undo.say(request, _("The baseline was computed by the data of today."))
    except NotAGoal as error:
        undo.say(request, error.words.in_(shell.language_now()), tone="bad")
    return HttpResponseRedirect(reverse("plans:goal", args=[plan_id, goal_id]))


@require_POST
def remove(request: HttpRequest, plan_id: int, goal_id: int) -> HttpResponse:
    """Take a goal out, with its parts."""
    said = request.POST.get("version", "")
    version = int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 0
    services.remove(
        actor=shell.actor_of(request),
        plan_id=plan_id,
        goal_id=goal_id,
        version=version,
        reason=request.POST.get("reason", ""),
        now=clock.now(),
    )
    undo.offer(request, _("Goal taken out"), undo=reverse("plans:goal_restore", args=[plan_id, goal_id]))
    return HttpResponseRedirect(reverse("plans:goals", args=[plan_id]))


@require_POST
def restore(request: HttpRequest, plan_id: int, goal_id: int) -> HttpResponse:
    """Bring a goal back."""
    services.restore(actor=shell.actor_of(request), plan_id=plan_id, goal_id=goal_id, now=clock.now())
    undo.say(request, _("Goal brought back"))
    return HttpResponseRedirect(reverse("plans:goals", args=[plan_id]))


@require_POST
def usual(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Set usual goals."""
    actor, language = shell.actor_of(request), shell.language_now()
    try:
        made = services.add_usual(actor, plan_id, request.POST.getlist("usual"), clock.now())
        undo.say(request, _("Set %(number)s goals.") % {"number": len(made)})
    except NotAGoal as error:
        undo.say(request, error.words.in_(language), tone="bad")
    return HttpResponseRedirect(reverse("plans:goals", args=[plan_id]))


def _named(values: Mapping[str, str]) -> Mapping[str, str]:
    """What was sent; a goal without a name is called by its metric, in the language of who sets it."""
    if values["name"].strip():
        return values
    return {**values, "name": declared(values["metric"]).label.in_(shell.language_now())}


def _form(
    request: HttpRequest,
    actor: Actor,
    plan_id: int,
    goals: tuple[GoalSeen, ...],
    values: Mapping[str, str],
    cut: Mapping[str, Value],
    refused: NotAGoal | None,
    now: datetime,
    *,
    goal: GoalSeen | None = None,
    meanwhile: PlanChanged | None = None,
    version: int = 0,
) -> HttpResponse:
    language = shell.language_now()
    form = forms.form(
        values,
        goals=goals,
        but=goal.id if goal else 0,
        kept_cut=cut,
        tables=open_lake().snapshot(),
        as_of=AsOf(at=now.replace(second=0, microsecond=0), zone=HOUSE().zone),
        language=language,
        refused=refused,
    )
    context: dict[str, Any] = {
        "head": head(actor, plans.plan(actor, plan_id), "goals"),
        "form": form,
        "goal": goal,
        "version": version,
        "meanwhile": meanwhile,
        "changes": [(one, one.before, one.after) for one in meanwhile.changes] if meanwhile else [],
        "label": declared(values["metric"]).label.in_(language)
        if not refused or refused.field != "metric"
        else "",
    }
    status = 409 if meanwhile else 400 if refused else 200
    return render(request, "plans/goal_form.html", context, status=status)
