"""The page of value."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huoshui.desk.jobs import services as jobs
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE
from huoshui.know.models import chores
from huoshui.know.models import queries as models
from huoshui.know.models.cards import card
from huoshui.know.models.kinds import MODELS
from huoshui.know.value import clv, queries
from huoshui.know.value.page import DAYS, page
from huoshui.lake import open_lake
from huoshui.web import shell


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What customers are worth, who moved, and how far the model can be trusted."""
    actor, house, language = shell.actor_of(request), HOUSE(), shell.language_now()
    days = days_asked(request, DAYS)
    tables = open_lake().snapshot()
    found = queries.value(actor=actor, tables=tables, days=days)
    if found is None or not found.customers:
        return render(request, "value/value.html", {"page": None})
    top = queries.most_valuable(actor=actor, tables=tables)
    version = models.at(clv.SLUG, AsOf(at=found.as_of, zone=house.zone))
    return render(
        request,
        "value/value.html",
        {
            "page": page(found, top, days=days, house=house, language=language),
            "card": card(MODELS[clv.SLUG], version, language),
            "train": reverse("value:train") if actor.may(Right.TRAITS_REFRESH) else "",
        },
    )


@require_POST
def train(request: HttpRequest) -> HttpResponse:
    """Train the model of value in the background, and go where its progress is shown."""
    job = jobs.start(
        actor=shell.actor_of(request), slug=chores.SLUG, arguments={"model": clv.SLUG}, now=clock.now()
    )
    return HttpResponseRedirect(reverse("jobs:job", args=[job]))


def days_asked(request: HttpRequest, offered: tuple[int, ...]) -> int:
    """The span that the address asks for, the first one if it asks for none that is offered."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(days) for days in offered} else offered[0]
