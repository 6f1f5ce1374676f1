"""The overview."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import clock
from huoshui.kernel.actors import Right, Scope
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.measure.dashboards.pages import overview as overview_page
from huoshui.measure.dashboards.queries import usual
from huoshui.web import address, panels, shell


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The figures of the chosen period, and who the customers are."""
    actor, house, chosen = shell.actor_of(request), HOUSE(), address.chosen(request)
    calendar = organisation.festivals()
    actor.require(Right.CUSTOMERS_VIEW)
    view = usual.seen(
        tables=open_lake().snapshot(),
        house=house,
        chosen=chosen,
        calendar=calendar,
        now=clock.now().replace(second=0, microsecond=0),
        moves="moves" in request.GET,
    )
    if Right.IMPORTS_RUN not in actor.rights:
        view = replace(view, loads=0, loaded_at=None)
    if actor.scope != Scope.ALL:
        # Where customers are says something of those whom they do not see.
        view = replace(view, places=None)
    page = overview_page.page(
        view, chosen=chosen, house=house, calendar=calendar, language=shell.language_now()
    )
    return render(
        request,
        "dashboards/overview.html",
        {"page": page, "chosen": chosen, "panels": panels.shown(request, "overview")},
    )
