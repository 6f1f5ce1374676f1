"""The metrics of a group of customers, such as a segment, beside those of everyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from huoshui.data.customers.conditions import population
from huoshui.kernel.plugs import HOUSE, House
from huoshui.kernel.texts import Language
from huoshui.lake import open_lake
from huoshui.measure.metrics import cells, entered, exploring, queries
from huoshui.measure.metrics.dimensions import IN
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.views.showing import end_of_figures
from huoshui.web import address, figures, shell
from huoshui.web.address import PERIODS, Chosen
from huoshui.web.lists import Tab

if TYPE_CHECKING:
    from huoshui.measure.metrics.exploring import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A metric of the group in the period, against the days before, and of everyone.

    ``beside`` is the part of everyone's sum, or for ratios the difference to everyone's.
    """

    label: str
    address: str
    here: str
    customers: str
    before: figures.Difference | None
    everybody: str
    beside: figures.Difference | None


@require_safe
def show(request: HttpRequest, group: str) -> HttpResponse:
    """Each metric of the house for the customers of ``group``, in the chosen period and slice."""
    actor, house, chosen = shell.actor_of(request), HOUSE(), address.chosen(request)
    language = shell.language_now()
    _, _, sentence = population(group)
    tables = open_lake().snapshot()
    end = end_of_figures(tables, house)
    first, after = chosen.days(end)
    before, _ = chosen.before(end)
    periods = {"now": Period.days(first, after, house.zone), "before": Period.days(before, first, house.zone)}
    cut = {name: value for name, value in chosen.slice.items() if name != IN}
    every = entered.of_the_house()
    here, everybody = (
        exploring.standings(actor=actor, tables=tables, metrics=every, periods=periods, where=where)
        for where in ({**cut, IN: group}, cut)
    )
    context = {
        "group": group,
        "sentence": sentence,
        "days": (first, periods["now"].label),
        "period": periods["now"],
        "periods": [
            # Relative: the part stands on the page of the group as well.
            Tab(
                label=text.in_(language),
                address=chosen.with_(period=code) or "?",
                current=code == chosen.period,
            )
            for code, text in PERIODS.items()
        ],
        "everything": f"{reverse('metrics:list')}{chosen.with_(**{IN: group})}",
        "lines": [
            _line(one, other, group, periods["now"], chosen, house, language)
            for one, other in zip(here, everybody, strict=True)
            if one.values
        ],
    }
    return render(request, "metrics/group.html", context)


def _line(
    one: Standing,
    other: Standing,
    group: str,
    period: Period,
    chosen: Chosen,
    house: House,
    language: Language,
) -> Line:
    metric, now, all_ = one.metric, one.values["now"].value, other.values["now"].value
    cut = {**{k: v for k, v in chosen.slice.items() if k != IN}, IN: group}
    if metric.denominator is None:
        share = float(now) / float(all_) if now is not None and all_ else None
        beside = None if share is None else figures.Difference(figures.share(share, language), "")
    else:
        beside = figures.difference_of(metric, now, all_, language=language)
    return Line(
        label=metric.label.in_(language),
        address=reverse("metrics:metric", args=[metric.slug]) + chosen.with_(**{IN: group}),
        here=figures.of_metric(metric, now, house.currency, language),
        customers=cells.of_period(metric.slug, period, cut).customers
        if one.values["now"].numerator and queries.opens(metric)
        else "",
        before=figures.difference_of(metric, now, one.values["before"].value, language=language),
        everybody=figures.of_metric(metric, all_, house.currency, language),
        beside=beside,
    )
