"""Draws a schedule as a Gantt chart: a bar for each thing that is done, over months, in the look of `pictures`."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from huoshui.documents.looks import INK, INK_2, INK_3, LINE, TONES, mixed, width_of
from huoshui.documents.pictures import DOTS, FONT, WIDTH
from huoshui.kernel.papers import Bar, Schedule
from huoshui.kernel.texts import Language, Text

MOST_BARS = 18
"""Bars of one picture; a longer schedule becomes several."""
_ROW, _HEAD = 0.42, 0.46
_NAMES = 2.35  # inches for the names on the left
_TODAY = Text("today", "今天")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_TICKS = 13


def pages(schedule: Schedule) -> list[Schedule]:
    """The schedule in pieces of at most `MOST_BARS` bars; what a bar waits for in another piece is left out."""
    count = max(1, ceil(len(schedule.bars) / MOST_BARS))
    size = ceil(len(schedule.bars) / count) or 1
    pieces = []
    for begin in range(0, max(1, len(schedule.bars)), size):
        bars = tuple(
            replace(bar, after=tuple(at - begin for at in bar.after if begin <= at < begin + size))
            for bar in schedule.bars[begin : begin + size]
        )
        pieces.append(replace(schedule, bars=bars))
    return pieces


def png(schedule: Schedule, language: Language, *, colour: str) -> bytes:
    """The schedule as PNG, all its bars; the same arguments give the same bytes."""
    drawn = figure(schedule, language, colour=colour)
    file = io.BytesIO()
    FigureCanvasAgg(drawn)
    drawn.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def svg(schedule: Schedule, language: Language, *, colour: str) -> bytes:
    """The schedule as SVG, as `png`; letters are outlines."""
    drawn = figure(schedule, language, colour=colour)
    file = io.BytesIO()
    FigureCanvasSVG(drawn)
    drawn.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


def height(schedule: Schedule) -> float:
    """How high its picture is, in inches, at a width of `pictures.WIDTH`."""
    return _HEAD + _ROW * max(1, len(schedule.bars)) + 0.08


def figure(schedule: Schedule, language: Language, *, colour: str) -> Figure:
    """The schedule as a figure of Matplotlib."""
    high = height(schedule)
    drawn = Figure(figsize=(WIDTH, high), dpi=DOTS)
    axes = drawn.add_axes((_NAMES / WIDTH, 0.08 / high, 1 - _NAMES / WIDTH - 0.01, 1 - (_HEAD + 0.08) / high))
    for side in axes.spines.values():
        side.set_visible(False)
    first, last = schedule.first.toordinal(), schedule.last.toordinal() + 1
    axes.set_xlim(first, max(last, first + 1))
    axes.set_ylim(len(schedule.bars) - 0.5 if schedule.bars else 0.5, -0.5)
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    ticks = _ticks(schedule.first, schedule.last)
    axes.set_xticks(
        [day.toordinal() for day in ticks],
        [_month(day, language, ticks[0]) for day in ticks],
        fontproperties=_font(8),
        color=INK_2,
        ha="left",
    )
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    for place, bar in enumerate(schedule.bars):
        _row(axes, place, bar, schedule, colour)
    for place, bar in enumerate(schedule.bars):
        for before in bar.after:
            if 0 <= before < len(schedule.bars):
                _arrow(axes, schedule, before, place)
    if schedule.today is not None and schedule.first <= schedule.today <= schedule.last:
        at = schedule.today.toordinal() + 0.5
        axes.axvline(at, color="#EB7412", linewidth=1.0, linestyle=(0, (3, 2)), zorder=5)
        axes.annotate(
            _TODAY.in_(language),
            (at, 0),
            xycoords=("data", "axes fraction"),
            xytext=(3, 2),
            textcoords="offset points",
            color="#B85506",
            fontproperties=_font(7),
        )
    return drawn


def _row(axes: Axes, place: int, bar: Bar, schedule: Schedule, colour: str) -> None:
    strong = colour if bar.tone == "" else TONES[bar.tone][0]
    begin = max(bar.start, schedule.first).toordinal()
    end = min(bar.end, schedule.last).toordinal() + 1
    if place % 2 == 0:
        axes.axhspan(place - 0.5, place + 0.5, xmin=0, xmax=1, color="#F8FAFB", zorder=0, linewidth=0)
    if end > begin:
        done = min(1.0, max(0.0, bar.done))
        axes.barh(place, end - begin, left=begin, height=0.46, color=mixed(strong, 0.28), zorder=3)
        if done:
            axes.barh(place, (end - begin) * done, left=begin, height=0.46, color=strong, zorder=4)
    where: dict[str, Any] = {
        "xycoords": ("figure fraction", "data"),
        "va": "center",
        "annotation_clip": False,
    }
    lift = 0.17 if bar.who else 0.0
    axes.annotate(_cut(bar.name, 37), (0.004, place - lift), color=INK, fontproperties=_font(8.5), **where)
    if bar.who:
        axes.annotate(_cut(bar.who, 44), (0.004, place + 0.24), color=INK_3, fontproperties=_font(7), **where)


def _arrow(axes: Axes, schedule: Schedule, before: int, place: int) -> None:
    begin = min(max(schedule.bars[before].end, schedule.first), schedule.last).toordinal() + 1
    end = min(max(schedule.bars[place].start, schedule.first), schedule.last).toordinal()
    down = 0.3 if place > before else -0.3
    axes.plot(
        [begin, begin, max(begin, end)],
        [before + down * 0.75, place - down * 0.55, place - down * 0.55],
        color="#9AA8B2",
        linewidth=0.9,
        zorder=2,
        solid_joinstyle="round",
    )


def _ticks(first: date, last: date) -> list[date]:
    """The first days of months, or every other one …, so many as can be read; weeks where there are few days."""
    if (last - first).days < 62:
        monday = first - timedelta(days=first.weekday())
        days = [monday + timedelta(days=7 * week) for week in range(10)]
        return [day for day in days if first <= day <= last] or [first]
    months: list[date] = []
    year, month = first.year, first.month
    while date(year, month, 1) <= last and len(months) < 1200:
        months.append(date(year, month, 1))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    step = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120) if len(months) / n <= _MOST_TICKS), 120)
    return [day for day in months if (day.year * 12 + day.month - 1) % step == 0 and day >= first] or [first]


def _month(day: date, language: Language, first: date) -> str:
    if day.day != 1:
        return f"{day.month}月{day.day}日" if language == "zh" else f"{day.day} {_MONTHS_EN[day.month - 1]}"
    name = f"{day.month}月" if language == "zh" else _MONTHS_EN[day.month - 1]
    return f"{name}\n{day.year}" if day == first or day.month == 1 else f"{name}\n"


def _cut(text: str, most: int) -> str:
    """The text on one line of at most ``most`` narrow letters."""
    text = " ".join(text.split())
    if width_of(text) <= most:
        return text
    kept = ""
    for sign in text:
        if width_of(kept + sign) > most - 1:
            break
        kept += sign
    return kept.rstrip() + "…"


def _font(size: float) -> FontProperties:
    return FontProperties(fname=FONT, size=size)
