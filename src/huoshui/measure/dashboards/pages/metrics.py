"""The metrics as their template shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from huoshui.kernel.plugs import METRICS, House, Metric
from huoshui.kernel.texts import Language
from huoshui.measure.dashboards.queries import Overview
from huoshui.measure.metrics.queries import Number
from huoshui.web import figures
from huoshui.web.address import PERIODS, Chosen
from huoshui.web.lists import Tab


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A metric. Values are empty where this view does not hold them."""

    slug: str
    label: str
    now: str
    difference: figures.Difference | None
    ever: str
    meaning: str
    formula: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page."""

    as_of: datetime
    days: tuple[date, date]
    periods: Sequence[Tab]
    lines: Sequence[Line]


def page(view: Overview, *, chosen: Chosen, house: House, language: Language) -> Page:
    """The page for a reader of ``language``."""
    here = reverse("dashboards:metrics")
    last = date.fromordinal(view.period.end_day.toordinal() - 1)
    return Page(
        as_of=view.as_of,
        days=(view.period.first_day, last),
        periods=[
            Tab(
                label=label.in_(language),
                address=here + chosen.with_(period=code),
                current=code == chosen.period,
            )
            for code, label in PERIODS.items()
        ],
        lines=[_line(metric, view, house, language) for metric in METRICS],
    )


def _line(metric: Metric, view: Overview, house: House, language: Language) -> Line:
    now, before = view.lately.get(metric.slug), view.previously.get(metric.slug)
    formula = metric.numerator.in_(language)
    if metric.denominator is not None:
        formula = f"{formula} ÷ {metric.denominator.in_(language)}"
    return Line(
        slug=metric.slug,
        label=metric.label.in_(language),
        now=_written(metric, view.lately, house, language),
        difference=figures.difference(
            now, before, language=language, direction=metric.direction, of_shares=metric.unit == "share"
        ),
        ever=_written(metric, view.totals, house, language),
        meaning=metric.meaning.in_(language),
        formula=formula,
    )


def _written(metric: Metric, values: Mapping[str, Number | None], house: House, language: Language) -> str:
    if metric.slug not in values:
        return ""
    return figures.of_metric(metric, values[metric.slug], house.currency, language)
