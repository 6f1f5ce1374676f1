"""The page of sources and exchange rates."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huoshui.data.connectors import pages, sources
from huoshui.kernel.actors import Right
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.web import shell


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Who sends what, how it was read last, and which rates there are."""
    actor, language, house = shell.actor_of(request), shell.language_now(), HOUSE()
    tables = open_lake().snapshot()
    context = {
        "at": "sources",
        "tabs": actor.may(Right.HOUSE_MANAGE),
        "currency": house.currency,
        "sources": [
            {
                "source": one,
                "kind": pages.kind_in(one.kind, language) if one.kind else "",
                "currency": one.currency or house.currency,
                "zone": one.zone or house.zone.key,
            }
            for one in sources.sources(actor=actor, tables=tables)
        ],
        "rates": sources.rates(actor=actor, tables=tables),
    }
    return render(request, "connectors/sources.html", context)
