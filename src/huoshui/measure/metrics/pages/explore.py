"""One metric as its template shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from huoshui.kernel.actors import Actor
from huoshui.kernel.charts import COLOURS, Chart, Series, Unit
from huoshui.kernel.plugs import METRIC_USES, METRICS, House, Metric
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics import cells
from huoshui.measure.metrics.dimensions import IN, OF_LINES, Dimension, named, valued
from huoshui.measure.metrics.exploring import Exploration, Row, grains_for
from huoshui.measure.metrics.pages import groups, words
from huoshui.measure.metrics.pages.groups import Menu
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.queries import Cell, opens, why_unknown
from huoshui.web import figures
from huoshui.web.address import PERIODS, Chosen
from huoshui.web.lists import Chip, Fact, Tab

MOST_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address says besides period and slice. ``days`` is ``FIRST..LAST`` just typed in."""

    grain: str
    by: Sequence[str]
    days: str
    pairs: Sequence[tuple[str, str]]

    def address(self, slug: str, **changes: str) -> str:
        """The page with something else chosen; an empty text takes it away."""
        pairs = [(name, value) for name, value in self.pairs if name not in changes]
        pairs += [(name, value) for name, value in changes.items() if value]
        return reverse("metrics:metric", args=[slug]) + (f"?{urlencode(pairs)}" if pairs else "")

    def sliced(self, slug: str, name: str, value: str | None) -> str:
        """The page cut to a value of a dimension; with ``None`` no longer cut by it."""
        pairs = [pair for pair in self.pairs if pair[0] != "slice" or not pair[1].startswith(f"{name}:")]
        pairs += [("slice", f"{name}:{value}")] if value else []
        return reverse("metrics:metric", args=[slug]) + (f"?{urlencode(pairs)}" if pairs else "")


def read(query: QueryDict) -> Asked:
    """What ``query`` says."""
    first, last = query.get("first", "").strip(), query.get("last", "").strip()
    names = ("period", "slice", "grain", "by")
    return Asked(
        grain=query.get("grain", ""),
        by=list(dict.fromkeys(filter(None, query.getlist("by")))),
        days=f"{first}..{last}" if first and last else "",
        pairs=[(name, value) for name in names for value in query.getlist(name) if value],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A cell: ``address`` opens to its customers."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the table: its names, each maybe with an address that cuts the page to it, its cells."""

    names: Sequence[Shown]
    cells: Sequence[Shown]
    difference: figures.Difference | None = None
    total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A page that shows the metric."""

    title: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page."""

    metric: Metric
    by: Sequence[str]
    label: str
    meaning: str
    formula: str
    facts: Sequence[Fact]
    uses: Sequence[Use]
    days: tuple[Any, Any]
    periods: Sequence[Tab]
    groups: Menu
    grains: Sequence[Tab]
    chips: Sequence[Chip]
    dimensions: Sequence[tuple[str, str, int]]
    hidden: Sequence[tuple[str, str]]
    chart: Chart
    heads: Sequence[str]
    of_periods: bool
    lines: Sequence[Line]
    others: int
    anonymous: int
    opens: bool
    everything: Shown
    why: str
    alternatives: Sequence[Use]
    adds_not: bool

    @property
    def names(self) -> int:
        """How many columns of the table are names."""
        return max(1, len(self.by))


def page(
    found: Exploration,
    *,
    asked: Asked,
    chosen: Chosen,
    actor: Actor,
    splits: Sequence[Dimension],
    owner: str,
    house: House,
    language: Language,
) -> Page:
    """The page for a reader of ``language``."""
    metric, slug = found.metric, found.metric.slug
    writer = _Writer(found, asked, house, language)
    first, end = found.whole.first_day, found.whole.end_day
    why = why_unknown(metric, found.total.whole)
    return Page(
        metric=metric,
        by=found.by,
        label=metric.label.in_(language),
        meaning=metric.meaning.in_(language),
        formula=words.formula(metric, language),
        facts=[
            Fact(name=Text("Unit", "单位").in_(language), value=words.unit(metric).in_(language)),
            Fact(name=Text("Grain", "粒度").in_(language), value=words.grain(metric).in_(language)),
            Fact(
                name=Text("Direction", "方向").in_(language),
                value=words.DIRECTIONS[metric.direction].in_(language),
            ),
            Fact(name=Text("Owner", "负责人").in_(language), value=owner or words.BUILT_IN.in_(language)),
            Fact(name=Text("Name for programs", "程序用名").in_(language), value=slug),
        ],
        uses=[
            Use(title=hit.title, address=reverse(hit.url, kwargs=dict(hit.arguments)))
            for use in METRIC_USES
            for hit in use.places(actor, slug)
        ],
        days=(first, end - timedelta(days=1)),
        periods=[
            Tab(
                label=text.in_(language),
                address=asked.address(slug, period=code),
                current=code == chosen.period,
            )
            for code, text in PERIODS.items()
        ],
        groups=groups.menu(chosen, lambda group: asked.sliced(slug, IN, group), language),
        grains=[
            Tab(
                label=words.GRAINS[code].in_(language),
                address=asked.address(slug, grain=code),
                current=code == found.grain,
            )
            for code in grains_for(first, end)
        ],
        chips=[
            Chip(
                name=named(name).in_(language),
                value=valued(name, value).in_(language),
                without=asked.sliced(slug, name, None),
            )
            for name, value in found.where.items()
        ],
        dimensions=[
            (d.slug, d.label.in_(language), found.by.index(d.slug) if d.slug in found.by else -1)
            for d in splits
            if d.kind != "time"
        ],
        hidden=[pair for pair in asked.pairs if pair[0] in ("period", "slice", "grain")],
        chart=_chart(found, house),
        heads=writer.heads(),
        of_periods=not found.by,
        lines=writer.lines(),
        others=max(0, len(found.rows) - MOST_ROWS),
        anonymous=found.anonymous,
        opens=opens(metric),
        everything=writer.cell(found.total.whole, found.whole, {}),
        why=why.in_(language) if why else "",
        alternatives=[
            Use(title=METRICS[other].label.in_(language), address=asked.address(other, by=""))
            for other in metric.alternatives
        ],
        adds_not=bool(set(OF_LINES) & set(found.by)) and metric.unit != "money",
    )


class _Writer:
    """Writes the table: periods down where there is one row, else a row for each combination of values."""

    def __init__(self, found: Exploration, asked: Asked, house: House, language: Language) -> None:
        self.found, self.asked, self.house, self.language = found, asked, house, language

    def heads(self) -> list[str]:
        found = self.found
        if not found.by:
            return [words.GRAINS[found.grain].in_(self.language), found.metric.label.in_(self.language)]
        return [
            *(named(name).in_(self.language) for name in found.by),
            words.EVERYTHING.in_(self.language),
            *(words.period(one, found.grain) for one in found.periods),
        ]

    def lines(self) -> list[Line]:
        if not self.found.by:
            return self._periods()
        rows = [self._row(row) for row in self.found.rows[:MOST_ROWS]]
        return [self._row(self.found.total, total=True), *rows]

    def _periods(self) -> list[Line]:
        metric, before = self.found.metric, None
        lines = []
        for one, cell in zip(self.found.periods, self.found.total.cells, strict=True):
            now = cell.value if cell else None
            lines.append(
                Line(
                    names=[Shown(text=words.period(one, self.found.grain))],
                    cells=[self.cell(cell, one, {})],
                    difference=figures.difference_of(metric, now, before, language=self.language),
                )
            )
            before = now
        whole = self.cell(self.found.total.whole, self.found.whole, {})
        names = [Shown(text=words.EVERYTHING.in_(self.language))]
        return [Line(names=names, cells=[whole], total=True), *reversed(lines)]

    def _row(self, row: Row, *, total: bool = False) -> Line:
        where = {} if total else row.dimensions
        names = [] if total else [self._name(name, row) for name in self.found.by]
        if total:
            everything = Shown(text=words.EVERYTHING.in_(self.language))
            names = [everything, *[Shown(text="")] * (len(self.found.by) - 1)]
        of_periods = zip(self.found.periods, row.cells, strict=True)
        shown = [self.cell(cell, period, where) for period, cell in of_periods]
        return Line(names=names, cells=[self.cell(row.whole, self.found.whole, where), *shown], total=total)

    def _name(self, name: str, row: Row) -> Shown:
        value = row.dimensions[name]
        return Shown(
            text=self.found.said(name, value).in_(self.language),
            address=""
            if value in (None, "")
            else self.asked.sliced(self.found.metric.slug, name, str(value)),
        )

    def cell(self, cell: Cell | None, period: Period, where: Mapping[str, Any]) -> Shown:
        if cell is None:
            return Shown(text="")
        metric = self.found.metric
        address = cells.of_period(metric.slug, period, {**self.found.where, **where}).customers
        text = figures.of_metric(metric, cell.value, self.house.currency, self.language)
        return Shown(
            text=text, address=address if cell.numerator and cell.value is not None and opens(metric) else ""
        )


def _chart(found: Exploration, house: House) -> Chart:
    metric = found.metric
    unit: Unit = metric.unit if metric.unit in ("money", "share") else "count"
    shown = found.rows[: len(COLOURS)]
    if len(found.periods) == 1 and found.by:
        places: tuple[Any, ...] = tuple(_named(row, found) for row in shown)
        series: tuple[Series, ...] = (
            Series(
                name=metric.label,
                values=tuple(row.whole.value for row in shown),
                addresses=tuple(_address(found, row, found.whole, row.whole) for row in shown),
            ),
        )
    else:
        places = tuple(_place(period, found.grain) for period in found.periods)
        series = tuple(
            Series(
                name=_named(row, found) if found.by else metric.label,
                values=tuple(cell.value if cell else _nothing(metric) for cell in row.cells),
                addresses=tuple(
                    _address(found, row, period, cell)
                    for period, cell in zip(found.periods, row.cells, strict=True)
                ),
            )
            for row in shown
        )
    return Chart(
        kind="bar" if len(found.periods) == 1 else "line",
        title=metric.label,
        axis=words.GRAINS[found.grain] if len(found.periods) > 1 else Text("Value", "取值"),
        unit=unit,
        places=places,
        series=series,
        currency=house.currency if unit == "money" else "",
        monthly=found.grain == "month",
    )


def _address(found: Exploration, row: Row, period: Period, cell: Cell | None) -> str:
    """The customers behind a number of the chart."""
    if cell is None or not cell.numerator or cell.value is None or not opens(found.metric):
        return ""
    where = {**found.where, **row.dimensions}
    return cells.of_period(found.metric.slug, period, where).customers


def _nothing(metric: Metric) -> int | None:
    return 0 if metric.denominator is None and metric.unknown is None else None


def _place(period: Period, grain: str) -> Any:
    if grain in ("quarter", "year"):
        label = words.period(period, grain)
        return Text(label, label)
    return period.first_day.replace(day=1) if grain == "month" else period.first_day


def _named(row: Row, found: Exploration) -> Text:
    parts = [found.said(name, value) for name, value in row.dimensions.items()]
    return Text(" · ".join(p.en for p in parts), " · ".join(p.zh for p in parts))
