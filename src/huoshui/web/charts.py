"""Draws the charts of ``kernel/charts.py`` on a page: options for ECharts, and the table that says the same.

The options are plain JSON in the page. Colours are names of tokens (``--hs-c1``) and numbers are written by
``charts.js``, so that a chart follows the theme and nothing has to run inline.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from huoshui.kernel.charts import Chart, Number, Series
from huoshui.kernel.texts import Language, Text
from huoshui.web import figures

# What would end the script element, or begin a comment in it.
_ESCAPES = {
    ord(">"): "\\u003E",
    ord("<"): "\\u003C",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
STEPS = 7
"""Shades of a heat map."""


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line without axes, drawn by the server. ``line`` and ``before`` are points of an SVG 100 × 30."""

    line: str
    area: str
    before: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a matrix: ``shade`` is 0 to 6, empty where there is no number."""

    text: str
    shade: int | None


def spark(values: Sequence[Number], before: Sequence[Number] = ()) -> Spark | None:
    """The sparkline of ``values`` over that of ``before``; None for fewer than two values."""
    if len(values) < 2:
        return None
    both = [float(v) for v in [*values, *before]]
    low, high = min(both), max(both)
    span = (high - low) or 1.0

    def points(row: Sequence[Number]) -> str:
        step = 100 / (len(row) - 1)
        return " ".join(f"{i * step:.1f},{28 - (float(v) - low) / span * 26:.1f}" for i, v in enumerate(row))

    line = points(values)
    return Spark(line, f"0,30 {line} 100,30", points(before) if len(before) > 1 else "")


def script(chart: Chart, language: Language) -> SafeString:
    """The options as JSON that may stand in a script element."""
    text = json.dumps(option(chart, language), ensure_ascii=False, separators=(",", ":"))
    return SafeString(text.translate(_ESCAPES))


def option(chart: Chart, language: Language) -> dict[str, Any]:
    """What ``charts.js`` hands to ECharts. ``hs`` is for ``charts.js`` itself: language, unit, currency."""
    places = [place_label(place, chart, language) for place in chart.places]
    draw = _bars if chart.kind == "bar" else _areas if chart.kind == "stack" else _lines
    return {
        "hs": {"language": language, "unit": chart.unit, "currency": chart.currency},
        "xAxis": {"type": "category", "data": places, "boundaryGap": chart.kind == "bar"},
        "yAxis": _scale(chart),
        "series": draw(chart, language, places),
    }


def _scale(chart: Chart) -> dict[str, Any]:
    axis: dict[str, Any] = {"type": "value", "splitNumber": 4, "scale": False}
    drawn = [
        [v for v in place if v is not None] for place in zip(*(s.values for s in chart.series), strict=True)
    ]
    highest = max(
        (sum(place) if chart.kind == "stack" else max(place) for place in drawn if place), default=0
    )
    if chart.unit == "share" and 0.75 < highest < 1 + 1e-6:
        # A share of the whole never exceeds it but by rounding, nor does its axis.
        axis |= {"max": 1, "interval": 0.25}
    return axis


def _lines(chart: Chart, language: Language, places: list[str]) -> list[dict[str, Any]]:
    drawn = []
    for number, series in enumerate(chart.series):
        colour = {"previous": "--hs-ghost", "target": "--hs-line-strong"}.get(
            series.part, f"--hs-{chart.colour_of(number)}"
        )
        line: dict[str, Any] = {"width": 2.25, "color": colour}
        if series.part:
            line = {"width": 1.5, "color": colour, "type": [4, 4] if series.part == "previous" else [2, 3]}
        one: dict[str, Any] = {
            "name": series.name.in_(language),
            "type": "line",
            "symbol": "none",
            "data": numbers(series),
            "lineStyle": line,
            "itemStyle": {"color": colour},
        }
        if not series.part and len([s for s in chart.series if not s.part]) == 1:
            one["areaStyle"] = {"color": colour, "opacity": 0.08}
            one["markPoint"] = _notes(chart, language, places, series, colour)
        drawn.append(one)
    # What is compared with lies under what is compared.
    return sorted(drawn, key=lambda one: one["lineStyle"]["width"])


def _notes(
    chart: Chart, language: Language, places: list[str], series: Series, colour: str
) -> dict[str, Any]:
    return {
        "symbol": "circle",
        "symbolSize": 8,
        "itemStyle": {"color": colour, "borderColor": "--hs-surface", "borderWidth": 2},
        "label": {"show": True, "position": "top", "distance": 8, "color": "--hs-ink", "formatter": "{b}"},
        "data": [
            {"name": words, "coord": [places[note.place], numbers(series)[note.place]]}
            for note, words in chart.noted(language)
        ],
    }


def _areas(chart: Chart, language: Language, places: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": series.name.in_(language),
            "type": "line",
            "stack": "all",
            "symbol": "none",
            "data": numbers(series),
            "lineStyle": {"width": 0},
            "areaStyle": {"opacity": 0.9, "color": f"--hs-{chart.colour_of(number)}"},
            "itemStyle": {"color": f"--hs-{chart.colour_of(number)}"},
        }
        for number, series in enumerate(chart.series)
    ]


def _bars(chart: Chart, language: Language, places: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": series.name.in_(language),
            "type": "bar",
            "barMaxWidth": 28,
            "data": numbers(series),
            "itemStyle": {
                "color": "--hs-ghost" if series.part else f"--hs-{chart.colour_of(number)}",
                "borderRadius": [3, 3, 0, 0],
            },
        }
        for number, series in enumerate(chart.series)
    ]


def numbers(series: Series) -> list[float | int | None]:
    """The values as JSON numbers. Drawing needs no more digits than a float has; the table has them all."""
    return [v if v is None or isinstance(v, int) else float(v) for v in series.values]


def place_label(place: date | Text, chart: Chart, language: Language) -> str:
    """What stands at a place of the axis."""
    if isinstance(place, Text):
        return place.in_(language)
    return figures.month(place, language) if chart.monthly else f"{place:%m-%d}"


def table(chart: Chart, language: Language) -> tuple[list[str], list[list[str]]]:
    """The chart as a table: heads, and a row for each place with every number in full."""
    heads = [chart.axis.in_(language), *(series.name.in_(language) for series in chart.series)]
    rows = []
    for index, place in enumerate(chart.places):
        if isinstance(place, Text):
            label = place.in_(language)
        else:
            label = f"{place:%Y-%m}" if chart.monthly else f"{place:%Y-%m-%d}"
        rows.append([label, *(written(s.values[index], chart, language) for s in chart.series)])
    return heads, rows


def linked(chart: Chart, language: Language) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """As `table`, each cell with the address that its number opens to; ``charts.js`` follows these too."""
    heads, rows = table(chart, language)
    nothing = ("",) * len(chart.places)
    opens = zip(nothing, *(series.addresses or nothing for series in chart.series), strict=True)
    return heads, [list(zip(row, addresses, strict=True)) for row, addresses in zip(rows, opens, strict=True)]


def written(value: Number | None, chart: Chart, language: Language) -> str:
    """A number of the chart with its unit."""
    if value is None:
        return "–"
    if chart.unit == "money":
        return figures.money(value, chart.currency, language)
    return figures.share(value, language) if chart.unit == "share" else figures.count(value, language)


def briefly(value: Number, chart: Chart, language: Language) -> str:
    """A number for the axis of the chart: ¥48 万, 48k, 12.5%."""
    if chart.unit == "money":
        return str(figures.short_money(value, chart.currency, language))
    return figures.share(value, language) if chart.unit == "share" else str(figures.short(value, language))


def matrix(chart: Chart, language: Language) -> tuple[list[str], list[tuple[str, list[Cell]]]]:
    """A heat chart as heads and rows of shaded cells. Shades are steps of equal rank, so one giant hides nothing."""
    heads = [place_label(place, chart, language) for place in chart.places]
    known = sorted({v for s in chart.series for v in s.values if v is not None})

    def shade(value: Number | None) -> int | None:
        return None if value is None else min(STEPS - 1, known.index(value) * STEPS // max(1, len(known)))

    rows = [
        (
            s.name.in_(language),
            [Cell(written(v, chart, language) if v is not None else "", shade(v)) for v in s.values],
        )
        for s in chart.series
    ]
    return heads, rows
