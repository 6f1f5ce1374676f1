"""Draws the charts of ``kernel/charts.py`` as pictures, for letters and documents.

The other renderer of the same charts is ``web/charts.py``; both draw the same numbers in the same colours. How numbers
and places are written is said by the caller, so that a picture and a page write them alike.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import isnan
from pathlib import Path
from types import MappingProxyType
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from huoshui.documents.looks import mixed
from huoshui.kernel.charts import Chart, Number, Series
from huoshui.kernel.texts import Language

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
"""Made by ``hatch_build.py`` from the slices that pages load; ``NotoSansSC-SemiBold.ttf`` lies beside it."""

# The light theme of web/static/huoshui/huoshui.css: a letter has no theme.
COLOURS = {
    "c1": "#0B7285",
    "c2": "#EB7412",
    "c3": "#7C4DEB",
    "c4": "#7E1140",
    "c5": "#14407A",
    "c6": "#7A6A05",
    "c0": "#8A96A1",
    "previous": "#B3BEC6",
    "target": "#8594A0",
}
INK, LINE = "#51606B", "#E3E8EB"
WIDTH, HEIGHT, DOTS = 7.2, 3.0, 200
"""Inches and dots per inch: a picture of 1440 × 600, sharp at 720 × 300."""
MOST_LABELS = 10

# Ids inside an SVG are drawn by chance unless a salt is given; the same for all, so that bytes are repeatable.
matplotlib.rcParams["svg.hashsalt"] = "huoshui"
# Names are written as they are: what stands between two signs of dollar is no formula.
matplotlib.rcParams["text.parse_math"] = False

Write = Callable[[Number], str]


def png(
    chart: Chart,
    language: Language,
    *,
    places: Sequence[str],
    write: Write,
    colours: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The chart as PNG. ``places`` are the words along the horizontal axis, ``write`` writes a number for the other.

    ``colours`` stand in the place of some of `COLOURS`. The same arguments give the same bytes.
    """
    drawn = figure(chart, language, places=places, write=write, colours=colours)
    file = io.BytesIO()
    FigureCanvasAgg(drawn)
    drawn.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def svg(
    chart: Chart,
    language: Language,
    *,
    places: Sequence[str],
    write: Write,
    colours: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The chart as SVG, as `png`. Letters are outlines, so it looks the same where no Chinese font is."""
    drawn = figure(chart, language, places=places, write=write, colours=colours)
    file = io.BytesIO()
    FigureCanvasSVG(drawn)
    drawn.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


def figure(
    chart: Chart,
    language: Language,
    *,
    places: Sequence[str],
    write: Write,
    colours: Mapping[str, str] = MappingProxyType({}),
) -> Figure:
    """The chart as a figure of Matplotlib. Raises ``ValueError`` unless there is a word for each place."""
    if len(places) != len(chart.places):
        raise ValueError(f"{len(places)} words for {len(chart.places)} places")
    drawn = Figure(figsize=(WIDTH, HEIGHT), dpi=DOTS, layout="constrained")
    axes = drawn.add_subplot()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    axes.tick_params(length=0)
    if chart.kind == "heat":
        _heat(axes, chart, language, write, colours)
    else:
        paint = [_colour(chart, number, colours) for number in range(len(chart.series))]
        {"line": _lines, "bar": _bars, "stack": _areas}[chart.kind](axes, chart, language, paint)
        axes.set_axisbelow(True)
        axes.grid(axis="y", color=LINE, linewidth=0.8)
        axes.yaxis.set_major_formatter(lambda value, _place: write(value))
    step = max(1, -(-len(places) // MOST_LABELS))
    axes.set_xticks(range(0, len(places), step), [places[at] for at in range(0, len(places), step)])
    for label in [*axes.get_xticklabels(), *axes.get_yticklabels()]:
        label.set(fontproperties=_font(), color=INK)
    if chart.kind != "heat" and len(chart.series) > 1:
        legend = axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, prop=_font(), labelcolor=INK
        )
        legend.set_in_layout(True)
    return drawn


def numbers(series: Series) -> list[float]:
    """What is drawn of a series: NaN, which leaves a gap, where there is no number."""
    return [float("nan") if value is None else float(value) for value in series.values]


def _lines(axes: Axes, chart: Chart, language: Language, paint: list[str]) -> None:
    plain = [series for series in chart.series if not series.part]
    for number, series in enumerate(chart.series):
        values, colour = numbers(series), paint[number]
        look: dict[str, Any] = {"linewidth": 2.0, "zorder": 3}
        if series.part:
            # What is compared with lies under what is compared.
            dashes = (3, 3) if series.part == "previous" else (1, 2)
            look = {"linewidth": 1.3, "linestyle": (0, dashes), "zorder": 2}
        if len(values) == 1:
            look["marker"] = "o"
        axes.plot(values, color=colour, label=series.name.in_(language), **look)
        if not series.part and len(plain) == 1:
            axes.fill_between(range(len(values)), values, color=colour, alpha=0.08, linewidth=0)
            for note, words in chart.noted(language):
                axes.plot(note.place, values[note.place], "o", color=colour, markersize=5)
                axes.annotate(
                    words,
                    (note.place, values[note.place]),
                    textcoords="offset points",
                    xytext=(0, 7),
                    ha="center",
                    fontproperties=_font(),
                    color=INK,
                )
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))


def _bars(axes: Axes, chart: Chart, language: Language, paint: list[str]) -> None:
    width = 0.72 / max(1, len(chart.series))
    for number, series in enumerate(chart.series):
        left = (number - (len(chart.series) - 1) / 2) * width
        at = [place + left for place in range(len(chart.places))]
        axes.bar(at, numbers(series), width, color=paint[number], label=series.name.in_(language))


def _areas(axes: Axes, chart: Chart, language: Language, paint: list[str]) -> None:
    # An area without a number is one of no height: what lies above it must stand on something.
    rows = np.nan_to_num(np.array([numbers(series) for series in chart.series], dtype=float))
    axes.stackplot(
        range(len(chart.places)),
        rows,
        labels=[series.name.in_(language) for series in chart.series],
        colors=paint,
        alpha=0.9,
        linewidth=0,
    )


def _heat(axes: Axes, chart: Chart, language: Language, write: Write, colours: Mapping[str, str]) -> None:
    rows = [numbers(series) for series in chart.series]
    known = sorted({value for row in rows for value in row if not isnan(value)})
    # Shades by rank, as on the page: one giant would leave the others without any.
    shades = [[known.index(v) / len(known) if not isnan(v) else float("nan") for v in row] for row in rows]
    axes.imshow(
        np.ma.masked_invalid(shades),
        cmap=_shades(colours.get("c1", COLOURS["c1"])),
        vmin=0,
        vmax=1,
        aspect="auto",
    )
    axes.set_yticks(range(len(rows)), [series.name.in_(language) for series in chart.series])
    for line, row in enumerate(chart.series):
        for place, value in enumerate(row.values):
            if value is not None:
                axes.text(
                    place,
                    line,
                    write(value),
                    ha="center",
                    va="center",
                    color="white" if shades[line][place] > 0.6 else INK,
                    fontproperties=_font(),
                )


def _colour(chart: Chart, number: int, colours: Mapping[str, str]) -> str:
    name = chart.series[number].part or chart.colour_of(number)
    return colours.get(name, COLOURS[name])


def _shades(colour: str) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("huoshui", [mixed(colour, 0.09), colour])


@cache
def _font() -> FontProperties:
    return FontProperties(fname=FONT, size=8.5)
