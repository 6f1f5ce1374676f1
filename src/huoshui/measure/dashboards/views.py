"""The overview and the metrics."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE, House
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.measure.dashboards import queries
from huoshui.measure.dashboards.pages import metrics as metrics_page
from huoshui.measure.dashboards.pages import overview as overview_page
from huoshui.measure.metrics.periods import Period
from huoshui.web import address, panels, shell


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The figures of the chosen period, and who the customers are."""
    actor, house, chosen = shell.actor_of(request), HOUSE(), address.chosen(request)
    tables = open_lake().snapshot()
    page = overview_page.page(
        _seen(actor, tables, house, chosen), chosen=chosen, house=house, language=shell.language_now()
    )
    return render(
        request,
        "dashboards/overview.html",
        {"page": page, "chosen": chosen, "panels": panels.shown(request, "overview")},
    )


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Every metric with its value and what it means."""
    actor, house, chosen = shell.actor_of(request), HOUSE(), address.chosen(request)
    seen = _seen(actor, open_lake().snapshot(), house, chosen)
    page = metrics_page.page(seen.view, chosen=chosen, house=house, language=shell.language_now())
    return render(request, "dashboards/metrics.html", {"page": page})


def _seen(actor: Actor, tables: Snapshot, house: House, chosen: address.Chosen) -> overview_page.Seen:
    """What the page shows; the same for all who may see it, so it is asked once per house version."""
    actor.require(Right.CUSTOMERS_VIEW)
    now = clock.now().replace(second=0, microsecond=0)
    end = queries.end_of_figures(tables=tables, zone=house.zone, now=now)
    first, after = chosen.days(end)
    period = Period.days(first, after, house.zone)
    earlier, _first = chosen.before(end)
    both = Period.days(earlier, after, house.zone)

    def ask() -> overview_page.Seen:
        cut = dict(chosen.slice)
        view = queries.overview(
            actor=actor, tables=tables, zone=house.zone, now=now, lately=period, where=cut
        )
        days = {
            slug: queries.by_day(slug, actor=actor, tables=tables, period=both, where=cut)
            for slug in overview_page.BY_DAY
        }
        return overview_page.Seen(
            view=view,
            days={slug: [pair for pair in pairs if pair[0] >= first] for slug, pairs in days.items()},
            days_before={slug: [pair for pair in pairs if pair[0] < first] for slug, pairs in days.items()},
            channels=queries.by_channel(actor=actor, tables=tables, period=period),
        )

    may_see_loads = Right.IMPORTS_RUN in actor.rights
    key = (str(tables.lake.root), tables.version, period, both, chosen.query, end, may_see_loads)
    return queries.kept(key, ask)
