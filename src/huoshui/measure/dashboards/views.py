"""The overview."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huoshui.desk.organisation import queries as organisation
from huoshui.desk.organisation.festivals import Calendar
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right, Scope
from huoshui.kernel.plugs import HOUSE, House
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.measure.dashboards import queries
from huoshui.measure.dashboards.pages import overview as overview_page
from huoshui.measure.dashboards.queries import Comparison, Overview
from huoshui.measure.metrics.periods import Period
from huoshui.web import address, panels, shell


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The figures of the chosen period, and who the customers are."""
    actor, house, chosen = shell.actor_of(request), HOUSE(), address.chosen(request)
    calendar = organisation.festivals()
    view = _seen(actor, open_lake().snapshot(), house, chosen, calendar, moves="moves" in request.GET)
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


def _seen(
    actor: Actor,
    tables: Snapshot,
    house: House,
    chosen: address.Chosen,
    calendar: Calendar,
    *,
    moves: bool,
) -> Overview:
    """What the page shows; the same for all who may see it, so it is asked once per house version."""
    actor.require(Right.CUSTOMERS_VIEW)
    now = clock.now().replace(second=0, microsecond=0)
    end = queries.end_of_figures(tables=tables, zone=house.zone, now=now)
    period = Period.days(*chosen.days(end), house.zone)

    def ask() -> Overview:
        return queries.overview(
            actor=actor,
            tables=tables,
            zone=house.zone,
            now=now,
            lately=period,
            where=dict(chosen.slice),
            against=cast("Comparison", chosen.compare),
            calendar=calendar,
            totals=False,
            moves=moves,
        )

    may_see_loads = Right.IMPORTS_RUN in actor.rights
    key = (
        str(tables.lake.root),
        tables.version,
        period,
        chosen.query,
        calendar,
        end,
        may_see_loads,
        moves,
    )
    return queries.kept(("overview", *key), ask)
