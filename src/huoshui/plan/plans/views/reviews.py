"""The reviews of a plan and when they are due; one review; the plan's story."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huoshui.desk.users import queries as users
from huoshui.desk.worklist.errors import NotATask
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.clock import NotADate, parse_day
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.pages import reviews as pages
from huoshui.plan.plans.pages.head import head
from huoshui.plan.plans.pages.measures import whole
from huoshui.plan.plans.reviews import queries, services
from huoshui.plan.plans.reviews.errors import NotAReview, ReviewClosed
from huoshui.plan.plans.reviews.queries import KINDS, STATES
from huoshui.web import shell, undo

WEEKDAYS = (
    Text("Monday", "周一"),
    Text("Tuesday", "周二"),
    Text("Wednesday", "周三"),
    Text("Thursday", "周四"),
    Text("Friday", "周五"),
    Text("Saturday", "周六"),
    Text("Sunday", "周日"),
)
WRONG = (NotAReview, ReviewClosed, PlanChanged, NotATask, NotADate)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Which reviews there are; sending the form says when they are."""
    actor, here, house, now = shell.actor_of(request), shell.language_now(), HOUSE(), clock.now()
    plan = plans.plan(actor, plan_id)
    wrong, status = "", 200
    if request.method == "POST":
        try:
            services.set_rhythm(
                actor=actor,
                plan_id=plan_id,
                weekday=whole(request.POST.get("weekday", "")),
                month_day=whole(request.POST.get("month_day", "")),
                people=[id_ for one in request.POST.getlist("people") if (id_ := whole(one))],
                version=whole(request.POST.get("version", "")) or 0,
                today=now.astimezone(house.zone).date(),
                now=now,
            )
        except (NotAReview, PlanChanged) as error:
            wrong, status = _said(error, here), 400
        else:
            undo.say(request, _("Saved."))
            return HttpResponseRedirect(reverse("plans:reviews", args=[plan_id]))
    rhythm = queries.rhythm(actor=actor, plan_id=plan_id)
    found = queries.reviews(actor=actor, plan_id=plan_id)
    context = {
        "head": head(actor, plan, "reviews"),
        "wrong": wrong,
        "rhythm": rhythm,
        "weekdays": [(number, one.in_(here)) for number, one in enumerate(WEEKDAYS)],
        "month_days": range(1, 29),
        "colleagues": list(users.who_may(Right.CUSTOMERS_VIEW).items()),
        "reviews": [
            (one, KINDS[one.kind].in_(here), STATES[one.state].in_(here), pages.TONES[one.state])
            for one in sorted(
                found, key=lambda one: (not one.open, one.due_on.toordinal() * (1 if one.open else -1))
            )
        ],
    }
    return render(request, "plans/reviews.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, plan_id: int, review_id: int) -> HttpResponse:
    """One review: its agenda, numbers, minutes and decisions; sending holds, prepares, postpones or skips it."""
    actor, here = shell.actor_of(request), shell.language_now()
    plan = plans.plan(actor, plan_id)
    wrong, status = "", 200
    if request.method == "POST":
        try:
            _act(request, plan_id, review_id)
        except WRONG as error:
            wrong, status = _said(error, here), 400
        else:
            undo.say(request, _("Saved."))
            return HttpResponseRedirect(reverse("plans:review", args=[plan_id, review_id]))
    found = queries.review(actor=actor, plan_id=plan_id, review_id=review_id)
    context = {
        "head": head(actor, plan, "reviews"),
        "wrong": wrong,
        "review": found,
        "kind": KINDS[found.kind].in_(here),
        "state": STATES[found.state].in_(here),
        "tone": pages.TONES[found.state],
        "numbers": pages.numbers(found.frozen, language=here),
        "agenda": [line.in_(here) for line in found.agenda],
        "minutes": request.POST.get("minutes", found.minutes),
        "rows": pages.rows(*(request.POST.getlist(name) for name in ("decision", "owner", "due"))),
        "to": request.POST.get("to", ""),
        "reason": request.POST.get("reason", ""),
        "colleagues": list(users.who_may(Right.TASKS_WORK).items()),
    }
    return render(request, "plans/review.html", context, status=status)


@require_safe
def history(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The plan's story, by month."""
    actor = shell.actor_of(request)
    plan = plans.plan(actor, plan_id)
    told = queries.story(actor=actor, plan_id=plan_id)
    context = {
        "head": head(actor, plan, "history"),
        "chapters": pages.chapters(
            told, zone=HOUSE().zone, currency=HOUSE().currency, language=shell.language_now()
        ),
    }
    return render(request, "plans/history.html", context)


def _act(request: HttpRequest, plan_id: int, review_id: int) -> None:
    said, act = request.POST, request.POST.get("act", "")
    which: dict[str, Any] = {
        "actor": shell.actor_of(request),
        "plan_id": plan_id,
        "review_id": review_id,
        "now": clock.now(),
    }
    version, reason = whole(said.get("version", "")) or 0, said.get("reason", "")
    if act == "prepare":
        services.prepare(**which, tables=open_lake().snapshot(), house=HOUSE())
    elif act == "hold":
        services.hold(
            **which,
            version=version,
            minutes=said.get("minutes", ""),
            decisions=pages.decisions(said.getlist("decision"), said.getlist("owner"), said.getlist("due")),
            tables=open_lake().snapshot(),
            house=HOUSE(),
        )
    elif act == "postpone":
        services.postpone(**which, version=version, to=parse_day(said.get("to", "")), reason=reason)
    elif act == "skip":
        services.skip(**which, version=version, reason=reason)
    else:
        raise Http404


def _said(error: Exception, language: Any) -> str:
    words = getattr(error, "words", None) or getattr(error, "says", None)
    return words.in_(language) if isinstance(words, Text) else str(error)
