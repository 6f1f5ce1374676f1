"""The pages of life cycles and cohorts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.know.lifecycle import queries
from huoshui.know.lifecycle.pages import cohorts as cohorts_page
from huoshui.know.lifecycle.pages import life as life_page
from huoshui.lake import open_lake
from huoshui.science.cohorts import GRAINS, Grain
from huoshui.web import shell

DAYS = (30, 90, 365)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """How customers pass from stage to stage, how long they stay, and who is about to change."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in DAYS} else DAYS[0]
    found = queries.life(actor=shell.actor_of(request), tables=open_lake().snapshot(), days=days)
    page = (
        life_page.page(found, days=days, offered=DAYS, language=shell.language_now())
        if found is not None and any(found.stages.values())
        else None
    )
    return render(request, "lifecycle/lifecycle.html", {"page": page})


@require_safe
def cohorts(request: HttpRequest) -> HttpResponse:
    """Who began together: who of them came back, and what they brought."""
    asked = request.GET.get("grain", "")
    grain: Grain = next((one for one in GRAINS if one == asked), "month")
    shown = cohorts_page.shown_of(request.GET.get("show", ""))
    found = queries.cohorts(
        actor=shell.actor_of(request), tables=open_lake().snapshot(), grain=grain, now=clock.now()
    )
    page = (
        cohorts_page.page(found, shown=shown, house=HOUSE(), language=shell.language_now())
        if found.cohorts
        else None
    )
    return render(request, "lifecycle/cohorts.html", {"page": page})
