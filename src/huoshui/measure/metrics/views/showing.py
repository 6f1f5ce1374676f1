"""The catalogue of metrics, and one of them by period and dimension."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from huoshui.data.traits import queries as traits
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE, METRICS, House
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.measure.metrics import entered, exploring, own, queries
from huoshui.measure.metrics.errors import BrokenMetric
from huoshui.measure.metrics.pages import catalogue, explore
from huoshui.measure.metrics.periods import Period, months_after
from huoshui.web import address, shell


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Every metric: what it means, its figure in the chosen days beside earlier ones, who answers for it."""
    actor, house, chosen = shell.actor_of(request), HOUSE(), address.chosen(request)
    tables = open_lake().snapshot()
    end = end_of_figures(tables, house)
    first, after = chosen.days(end)
    before, _ = chosen.before(end)
    periods = {
        "now": Period.days(first, after, house.zone),
        "before": Period.days(before, first, house.zone),
        "last_year": Period.days(months_after(first, -12), months_after(after, -12), house.zone),
    }
    defined = own.everything()
    standings = exploring.standings(
        actor=actor,
        tables=tables,
        metrics=[*entered.of_the_house(), *(one.metric for one in defined)],
        periods=periods,
        where=dict(chosen.slice),
    )
    page = catalogue.page(
        standings,
        periods["now"],
        owners={one.slug: one.owner for one in defined},
        retired=own.everything(retired=True),
        chosen=chosen,
        house=house,
        language=shell.language_now(),
    )
    may_define = actor.may(Right.COMMENTS_WRITE)
    return render(request, "metrics/list.html", {"page": page, "may_define": may_define})


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """One metric: its table and chart by the period, grain, dimensions and slice of the address."""
    asked = explore.read(request.GET)
    if asked.days:
        return redirect(asked.address(slug, period=asked.days))
    actor, house, chosen = shell.actor_of(request), HOUSE(), address.chosen(request)
    tables = open_lake().snapshot()
    first, end = chosen.days(end_of_figures(tables, house))
    there = own.one(slug) if slug not in METRICS else None
    may_define = there is not None and actor.may(Right.COMMENTS_WRITE)
    context = {"kept": chosen.query, "own": there, "subject": f"{own.KIND}:{slug}", "may_define": may_define}
    try:
        splits = queries.splits(slug, tables=tables)
    except BrokenMetric as error:
        label = queries.metric(slug).label
        return render(request, "metrics/broken.html", {**context, "label": label, "refused": error})
    found = exploring.explore(
        slug,
        actor=actor,
        tables=tables,
        first=first,
        end=end,
        zone=house.zone,
        grain=asked.grain,
        by=asked.by,
        where=dict(chosen.slice),
    )
    page = explore.page(
        found,
        asked=asked,
        chosen=chosen,
        actor=actor,
        splits=splits,
        owner=there.owner if there else "",
        house=house,
        language=shell.language_now(),
    )
    return render(request, "metrics/metric.html", {**context, "page": page})


def end_of_figures(tables: Snapshot, house: House) -> date:
    """The day after the last one that figures know of: that of the last refresh, today before the first."""
    refreshed = traits.last_refresh(tables=tables)
    at = refreshed[0] if refreshed else clock.now().replace(second=0, microsecond=0)
    return Period.before(AsOf(at=at, zone=house.zone), days=1).end_day
