"""The curves of the overview: figures by day and by month, each point opening to the customers behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from huoshui.desk.organisation.festivals import Calendar, Festival
from huoshui.kernel.charts import Chart, Note, Series
from huoshui.kernel.plugs import METRICS, House
from huoshui.kernel.texts import Text
from huoshui.measure.dashboards.queries import Overview
from huoshui.measure.metrics.cells import CellAddress
from huoshui.measure.metrics.periods import months_after
from huoshui.web.address import COMPARISONS

Number = Decimal | int | float
LONGEST_NOTES = 100
"""Up to so many days, festivals are named on the curves."""


def by_day(
    view: Overview, slugs: Sequence[str], house: House, calendar: Calendar, title: Text, unit: str
) -> Chart:
    """Metrics by day, the first of them over the days compared with."""
    first = slugs[0]
    places = tuple(day for day, _ in view.days[first])
    series = [
        Series(
            name=METRICS[slug].label if len(slugs) > 1 else Text("this period", "本期"),
            values=tuple(value for _, value in view.days[slug]),
            addresses=_opened(slug, view, view.days[slug]),
        )
        for slug in slugs
    ]
    days_before = view.days_before[first][: len(places)]
    before = [value for _, value in days_before]
    if before:
        name = COMPARISONS[view.against]
        label = METRICS[first].label
        if len(slugs) > 1:
            name = Text(f"{label.en}, {name.en}", f"{label.zh}，{name.zh}")
        missing = len(places) - len(before)
        series.append(
            Series(
                name=name,
                values=(*before, *[None] * missing),
                part="previous",
                addresses=(*_opened(first, view, days_before), *[""] * missing),
            )
        )
    return Chart(
        kind="line",
        title=title,
        axis=Text("Day", "日期"),
        unit="money" if unit == "money" else "count",
        currency=house.currency,
        places=places,
        series=tuple(series),
        notes=_festivals(places, calendar, view) if len(slugs) == 1 else (),
    )


def _festivals(places: Sequence[date], calendar: Calendar, view: Overview) -> tuple[Note, ...]:
    """A word at the best day of each festival within the days."""
    if not 7 < len(places) <= LONGEST_NOTES:
        return ()
    best: dict[Festival, tuple[Number, int]] = {}
    for number, (day, value) in enumerate(view.days["revenue"]):
        festival = calendar.festival_of(day)
        if festival is not None and value and (festival not in best or value > best[festival][0]):
            best[festival] = (value, number)
    return tuple(Note(place=number, text=festival.name) for festival, (_, number) in best.items())


def by_month(view: Overview, house: House) -> Chart:
    """Revenue by month, beside that of the same month a year before."""
    months = [month for month, _, _ in view.by_month]
    before = [months_after(month, -12) for month in months]
    then = [value for _, _, value in view.by_month]
    now = [value for _, value, _ in view.by_month]
    series = [
        Series(
            name=Text("a year before", "去年同月"),
            values=tuple(then),
            part="previous",
            addresses=tuple(
                _address("revenue", view, month, months_after(month, 1), value)
                for month, value in zip(before, then, strict=True)
            ),
        ),
        Series(
            name=METRICS["revenue"].label,
            values=tuple(now),
            addresses=tuple(
                _address("revenue", view, month, min(months_after(month, 1), view.counted_until), value)
                for month, value in zip(months, now, strict=True)
            ),
        ),
    ]
    return Chart(
        kind="bar",
        title=Text("Revenue by month", "各月净收入"),
        axis=Text("Month", "月份"),
        unit="money",
        currency=house.currency,
        monthly=True,
        places=tuple(months),
        series=tuple(one for one in series if any(value is not None for value in one.values)),
    )


def _opened(slug: str, view: Overview, days: Sequence[tuple[date, Number]]) -> tuple[str, ...]:
    return tuple(_address(slug, view, day, day + timedelta(days=1), value) for day, value in days)


def _address(slug: str, view: Overview, first: date, end: date, value: Number | None) -> str:
    """The customers behind a figure; empty where there is none."""
    return CellAddress(slug=slug, first=first, end=end, where=view.where).customers if value else ""
