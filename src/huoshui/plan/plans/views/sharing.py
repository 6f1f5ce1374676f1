"""Links for readers without an account, and what they open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.errors import NotAPlan
from huoshui.plan.plans.exporting import services as freezing
from huoshui.plan.plans.pages.head import address_of, head
from huoshui.plan.plans.pages.paper import shown as elements
from huoshui.plan.plans.sharing import queries, services
from huoshui.plan.plans.sharing.errors import NoSuchLink
from huoshui.web import shell, undo

DAYS = (1, 7, 30, 90, 365)


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The links of a plan; a POST makes one, whose address is shown once, or with ``freeze=1`` a snapshot of now."""
    actor, now = shell.actor_of(request), clock.now()
    actor.require(Right.PLANS_SHARE)
    plan = plans.plan(actor, plan_id)
    wrong, made, status = "", "", 200
    if request.method == "POST" and request.POST.get("freeze"):
        number = freezing.freeze(
            actor=actor, plan_id=plan_id, tables=open_lake().snapshot(), house=HOUSE(), now=now
        )
        undo.say(request, _("Snapshot %(number)s stands.") % {"number": number})
        return HttpResponseRedirect(reverse("plans:share", args=[plan_id]))
    if request.method == "POST":
        try:
            secret = services.share(
                actor=actor,
                plan_id=plan_id,
                snapshot=_number(request.POST.get("snapshot", "")),
                days=_number(request.POST.get("days", "")),
                now=now,
            )
        except NotAPlan as error:
            wrong, status = error.words.in_(shell.language_now()), 400
        else:
            made = request.build_absolute_uri(reverse("plans:shared", args=[secret]))
    context = {
        "head": head(actor, plan, "export"),
        "plan": plan,
        "snapshots": queries.snapshots(actor=actor, plan_id=plan_id),
        "links": queries.links(actor=actor, plan_id=plan_id, now=now),
        "days": DAYS,
        "wrong": wrong,
        "made": made,
        "export": address_of("export", plan),
        "may_freeze": actor.may(Right.PLANS_EDIT),
    }
    answer = render(request, "plans/share.html", context, status=status)
    if made:
        answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def end(request: HttpRequest, plan_id: int, link_id: int) -> HttpResponse:
    """End a link."""
    services.end(actor=shell.actor_of(request), plan_id=plan_id, link_id=link_id, now=clock.now())
    undo.say(request, _("The link is ended: whoever holds it sees nothing any more."))
    return HttpResponseRedirect(reverse("plans:share", args=[plan_id]))


@require_safe
def shared(request: HttpRequest, secret: str) -> HttpResponse:
    """What a link opens: the snapshot's paper, for whoever holds it, and nothing else of the house."""
    language = shell.language_now()
    try:
        found = queries.opened(secret, now=clock.now())
        paper = queries.paper(found, language=language)
    except NoSuchLink:
        return _unseen(render(request, "plans/not_shared.html", status=404))
    context = {
        "paper": paper,
        "found": found,
        "parts": [
            (number, part, [elements(one.elements, inside=False) for one in part.blocks])
            for number, part in enumerate(paper.parts, start=1)
        ],
    }
    return _unseen(render(request, "plans/shared.html", context))


def _unseen(answer: HttpResponse) -> HttpResponse:
    """Neither kept by caches, nor found by machines, nor told to other pages."""
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
