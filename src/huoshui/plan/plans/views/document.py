"""The list of plans, and the document of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huoshui.desk.threads import queries as threads
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.plan.plans import queries
from huoshui.plan.plans.document import checking, doing, linked, reading
from huoshui.plan.plans.document import queries as documents
from huoshui.plan.plans.document.kinds import KINDS
from huoshui.plan.plans.document.offered import TEMPLATES
from huoshui.plan.plans.pages import document as pages
from huoshui.plan.plans.pages.head import STATES, head
from huoshui.web import panels, shell


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The plans of the organisation, or those in its archive."""
    actor, language = shell.actor_of(request), shell.language_now()
    archived = request.GET.get("archive") == "1"
    found = queries.plans(actor, archived=archived)
    context = {
        "plans": [
            (
                one,
                STATES[one.state][0].in_(language),
                STATES[one.state][1],
                TEMPLATES[one.kind].label.in_(language) if one.kind in TEMPLATES else "",
            )
            for one in found
        ],
        "archived": archived,
        "may_edit": actor.may(Right.PLANS_EDIT),
    }
    return render(request, "plans/list.html", context)


@require_safe
def show(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A plan as a document, with live figures; what is not in order stands beside it.

    Where the figures of a large house must be counted first, its words come at once and ask for themselves again,
    ``counted``.
    """
    actor, language, house = shell.actor_of(request), shell.language_now(), HOUSE()
    document = documents.document(actor=actor, plan_id=plan_id)
    who = reading.reader(
        actor=actor,
        plan_id=plan_id,
        tables=open_lake().snapshot(),
        house=house,
        language=language,
        now=clock.now(),
        content=document.content,
    )
    counted = "counted" in request.GET or not reading.takes_long(who)
    paper, plan = reading.of(who, counted=counted), who.plan
    found = (
        checking.remarks(document.content, goals=linked.all_goals(who), measures=doing.all_measures(who))
        if counted
        else ()
    )
    context = {
        "head": head(actor, plan, "document"),
        "plan": plan,
        "paper": paper,
        "counted": counted,
        "parts": pages.parts(paper, document.content, language),
        "remarks": pages.remarks(found, plan, document.content, language),
        "document": document,
        "kinds": [(one.slug, one.label.in_(language), one.says.in_(language)) for one in KINDS.values()],
        "panels": panels.shown(request, "plan", plan.subject),
        "signed": pages.signed(actor, plan, language),
        # Who saved it before somebody else did is told, as that one was when saving.
        "mine": threads.last_saved(actor=actor, subject=plan.subject)
        if document.by_id != actor.user_id
        else 0,
    }
    return render(request, "plans/plan.html", context)
