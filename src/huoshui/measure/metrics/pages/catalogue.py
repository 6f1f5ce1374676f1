"""The catalogue as its template shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Language
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.dimensions import IN
from huoshui.measure.metrics.exploring import Standing
from huoshui.measure.metrics.own import Own
from huoshui.measure.metrics.pages import groups, words
from huoshui.measure.metrics.pages.groups import Menu
from huoshui.measure.metrics.periods import Period
from huoshui.web import figures
from huoshui.web.address import PERIODS, Chosen
from huoshui.web.lists import Tab


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A metric; ``now`` is empty where it cannot be cut by the slice."""

    slug: str
    address: str
    label: str
    now: str
    before: figures.Difference | None
    last_year: figures.Difference | None
    meaning: str
    formula: str
    unit: str
    direction: str
    owner: str
    broken: str
    slow: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page."""

    days: tuple[date, date]
    periods: Sequence[Tab]
    groups: Menu
    lines: Sequence[Line]
    retired: Sequence[tuple[str, str]]


def page(
    standings: Sequence[Standing],
    now: Period,
    *,
    owners: Mapping[str, str],
    retired: Sequence[Own],
    chosen: Chosen,
    house: House,
    language: Language,
) -> Page:
    """The page for a reader of ``language``."""
    here = reverse("metrics:list")
    return Page(
        days=(now.first_day, now.end_day - timedelta(days=1)),
        periods=[
            Tab(
                label=label.in_(language),
                address=here + chosen.with_(period=code),
                current=code == chosen.period,
            )
            for code, label in PERIODS.items()
        ],
        groups=groups.menu(chosen, lambda group: here + chosen.with_(**{IN: group}), language),
        lines=[_line(one, owners.get(one.metric.slug, ""), chosen, house, language) for one in standings],
        retired=[(one.slug, one.metric.label.in_(language)) for one in retired],
    )


def _line(one: Standing, owner: str, chosen: Chosen, house: House, language: Language) -> Line:
    metric = one.metric
    values = {name: cell.value for name, cell in one.values.items()}

    def against(name: str) -> figures.Difference | None:
        return figures.difference_of(metric, values.get("now"), values.get(name), language=language)

    why = queries.why_unknown(metric, one.values["now"]) if values else None
    # A metric that the slice does not fit opens without it.
    kept = chosen.query if values else chosen.with_(**dict.fromkeys(chosen.slice))
    return Line(
        slug=metric.slug,
        address=reverse("metrics:metric", args=[metric.slug]) + kept,
        label=metric.label.in_(language),
        now=figures.of_metric(metric, values["now"], house.currency, language) if values else "",
        before=against("before"),
        last_year=against("last_year"),
        meaning=metric.meaning.in_(language),
        formula=words.formula(metric, language),
        unit=words.unit(metric).in_(language),
        direction=words.DIRECTIONS[metric.direction].in_(language),
        owner=owner or words.BUILT_IN.in_(language),
        broken=one.broken.in_(language) if one.broken else "",
        slow=metric.slow and not values,
        why=why.in_(language) if why else "",
    )
