"""The chart of an alert: the figures, its line or what was expected, and when it rang."""

from __future__ import annotations

from typing import Any

from huoshui.kernel.charts import Chart, Note, Series, Unit
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.alerts.course import Course, Place
from huoshui.measure.metrics.pages import words

LINE = Text("The line", "界限")
AT_LEAST, AT_MOST = Text("Expected at least", "预期下限"), Text("Expected at most", "预期上限")
RANG = Text("rang", "触发")


def chart(course: Course, *, house: House) -> Chart | None:
    """None where there is nothing to draw."""
    alert, metric, places = course.alert, course.alert.metric, course.places
    if metric is None or not any(place.value is not None for place in places):
        return None
    unit: Unit = "money" if metric.unit == "money" else "share" if metric.unit == "share" else "count"
    series = [Series(name=metric.label, values=tuple(place.value for place in places))]
    if alert.bound is not None:
        series.append(Series(name=LINE, values=(alert.bound,) * len(places), part="target"))
    if any(place.low is not None for place in places):
        series.append(Series(name=AT_LEAST, values=tuple(place.low for place in places), part="previous"))
        series.append(Series(name=AT_MOST, values=tuple(place.high for place in places), part="previous"))
    return Chart(
        kind="line",
        title=metric.label,
        axis=words.GRAINS[alert.grain],
        unit=unit,
        currency=house.currency if unit == "money" else "",
        monthly=alert.grain == "month",
        places=tuple(_along(place, alert.grain) for place in places),
        series=tuple(series),
        notes=tuple(
            Note(place=number, text=RANG)
            for number, place in enumerate(places)
            if place.value is not None
            and any(place.period.first_day <= ring.period < place.period.end_day for ring in course.rings)
        ),
    )


def _along(place: Place, grain: str) -> Any:
    if grain == "quarter":
        label = words.period(place.period, grain)
        return Text(label, label)
    first = place.period.first_day
    return first.replace(day=1) if grain == "month" else first
