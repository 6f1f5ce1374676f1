"""The course of a goal as a chart: actual, path and forecast, month by month or week by week."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from huoshui.kernel.charts import Chart, Series, Unit
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import House, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.cells import of_period
from huoshui.measure.metrics.periods import Period, in_grains
from huoshui.plan.plans.figures import Ask, Figures, exact
from huoshui.plan.plans.goals.accumulating import builds_up, gathering
from huoshui.plan.plans.goals.standing import Standing, path_of

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

DAY = timedelta(days=1)
SHORT = 95
"""Goals of up to so many days are drawn by weeks."""
MOST_PLACES = 40

ACTUAL, PATH = Text("actual", "实际"), Text("path", "路径")
FORECAST = Text("forecast", "预测")


def chart(standing: Standing, *, tables: Snapshot, house: House) -> Chart | None:
    """Actual values at the end of each month so far (of sums: all since the first day), the path, and the forecast.

    None where there is nothing to draw.
    """
    metric, goal = standing.metric, standing.goal
    path = path_of(goal, metric) if metric else None
    if metric is None or path is None:
        return None
    grain = "week" if (goal.last_day - goal.first_day).days < SHORT else "month"
    places = in_grains(goal.first_day, goal.last_day + DAY, grain, house.zone)
    if len(places) > MOST_PLACES:
        places = in_grains(goal.first_day, goal.last_day + DAY, "quarter", house.zone)
    marks = [one.end_day - DAY for one in places]
    asks: list[Ask | None] = []
    for one in places:
        end = min(one.end_day, standing.end)
        known = one.first_day < standing.end and (not metric.slow or one.end_day >= standing.end)
        span = Period.days(goal.first_day, end, house.zone) if known else None
        asks.append(Ask(metric=metric, period=span, cut=goal.cut) if span else None)
    actual = _actual(standing, [one for one in asks if one], Figures(tables))
    values = [actual.get(one) if one else None for one in asks]
    series = [
        Series(
            name=ACTUAL,
            values=tuple(values),
            addresses=tuple(
                of_period(metric.slug, ask.period, dict(goal.cut)).customers
                if ask and value and metric.of_people and not metric.entered
                else ""
                for ask, value in zip(asks, values, strict=True)
            ),
        ),
        Series(name=PATH, values=tuple(path.at(day) for day in marks), part="target"),
    ]
    if standing.forecast is not None and standing.end <= goal.last_day:
        series.append(Series(name=FORECAST, values=_ahead(standing, marks, values), colour="c3"))
    unit: Unit = "money" if metric.unit == "money" else "share" if metric.unit == "share" else "count"
    return Chart(
        kind="line",
        title=_title(metric),
        axis=Text("week", "周") if grain == "week" else Text("month", "月"),
        unit=unit,
        currency=house.currency if unit == "money" else "",
        monthly=grain == "month" and len(places) <= MOST_PLACES,
        places=tuple(one.first_day.replace(day=1) if grain == "month" else one.first_day for one in places),
        series=tuple(series),
    )


def _title(metric: Metric) -> Text:
    """What is drawn, and over which days."""
    label = metric.label
    if builds_up(metric):
        return Text(f"{label.en} since the first day", f"{label.zh}（自首日累计）")
    if gathering(metric) == "level":
        return label
    return Text(f"{label.en} over the days so far", f"{label.zh}（首日至今）")


def _actual(standing: Standing, asks: list[Ask], figures: Figures) -> dict[Ask, Decimal | None]:
    """The figures; nothing where they cannot be known."""
    if standing.actual is None:
        return {}
    figures.prepare(asks)
    try:
        return {ask: exact(figures.cell(ask).value) for ask in asks}
    except HuoshuiError:
        return {}


def _ahead(standing: Standing, marks: list[date], values: list[Decimal | None]) -> tuple[Decimal | None, ...]:
    """A line from the last value known to the forecast of the end, in the rhythm of the path."""
    known = [place for place, value in enumerate(values) if value is not None]
    begin = known[-1] if known else -1
    path = path_of(standing.goal, standing.metric) if standing.metric else None
    if path is None or standing.forecast is None:
        return tuple(None for _mark in marks)
    at = values[begin] if begin >= 0 else path.start
    since = min(standing.end - DAY, marks[begin]) if begin >= 0 else standing.goal.first_day - DAY
    gone = path.done(since)
    left = Decimal(1) - gone
    found: list[Decimal | None] = []
    for place, day in enumerate(marks):
        if place < begin or at is None:
            found.append(None)
            continue
        share = (path.done(day) - gone) / left if left > 0 else Decimal(1)
        if place == begin:
            share = Decimal(0)
        found.append((at + (standing.forecast - at) * share).quantize(Decimal("0.000001")))
    return tuple(found)
