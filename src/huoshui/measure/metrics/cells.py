"""The customers behind a cell, as an address: ``revenue/2024-01-01..2024-02-01/channel=online``.

The days run from the first up to, not including, the second. Values are percent-encoded; ``channel=`` means those
without a channel. What is written here keeps its meaning: the figure is computed anew from the same days and slice.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import quote, unquote, urlencode

from django.urls import reverse

from huoshui.kernel.clock import NotADate, parse_day
from huoshui.kernel.plugs import HOUSE_ZONE, POPULATIONS, IbisTable, Population, Tables
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.dimensions import Value, named, state_of, valued
from huoshui.measure.metrics.errors import NotACell
from huoshui.measure.metrics.periods import Period


@dataclass(frozen=True, kw_only=True)
class CellAddress:
    """Which figure: the metric, the days from ``first`` up to, not including, ``end``, the slice."""

    slug: str
    first: date
    end: date
    where: Mapping[str, Value] = field(default_factory=dict)

    @property
    def argument(self) -> str:
        """As the population ``metric`` takes it."""
        cut = [f"{quote(name, safe='')}={_written(value)}" for name, value in self.where.items()]
        return "/".join([self.slug, f"{self.first}..{self.end}", *cut])

    @property
    def customers(self) -> str:
        """The address of the list of its customers."""
        return f"{reverse('customers:list')}?{urlencode({'in': f'metric:{self.argument}'})}"

    @property
    def period(self) -> Period:
        """Its days, in the house zone. Raises `EmptyPeriod`."""
        return Period.days(self.first, self.end, HOUSE_ZONE())


def of_period(slug: str, period: Period, where: Mapping[str, Value]) -> CellAddress:
    """The address of a cell of a period of whole days."""
    return CellAddress(slug=slug, first=period.first_day, end=period.end_day, where=where)


def read(argument: str) -> CellAddress:
    """What ``argument`` says. Raises `NotACell`, `UnknownMetric`."""
    slug, _, rest = argument.partition("/")
    days, *cut = rest.split("/")
    first, dots, end = days.partition("..")
    pairs = [part.partition("=") for part in cut]
    try:
        found = CellAddress(
            slug=slug,
            first=parse_day(first),
            end=parse_day(end),
            where={unquote(name): unquote(value) or None for name, _, value in pairs},
        )
    except NotADate as error:
        raise _not_a_cell(argument) from error
    far = not 1900 <= found.first.year <= found.end.year <= 2200 or found.first >= found.end
    if far or not dots or any(not (name and sign) for name, sign, _ in pairs):
        raise _not_a_cell(argument)
    queries.metric(slug)
    return found


def members(tables: Tables, argument: str) -> IbisTable:
    """The customers, each once. Raises `NotACell`, `UnknownMetric`, `UnknownDimension`, `UnknownValue`."""
    cell = read(argument)
    return queries.population(cell.slug, tables=tables, period=cell.period, where=cell.where)


def state(argument: str) -> Hashable:
    """What they depend on besides the house version: what the metric means now, and the slice. Raises as `sentence`."""
    cell = read(argument)
    return queries.metric(cell.slug), state_of(cell.where)


def sentence(argument: str) -> Text:
    """Who they are: “Revenue · 2024-01-01 – 2024-01-31 · Channel: online”. Raises `NotACell`, `UnknownMetric`."""
    cell = read(argument)
    label = queries.metric(cell.slug).label
    days = f"{cell.first} – {cell.end - timedelta(days=1)}"
    parts = [(named(name), valued(name, value)) for name, value in cell.where.items()]
    return Text(
        " · ".join([label.en, days, *(f"{name.en}: {value.en}" for name, value in parts)]),
        " · ".join([label.zh, days, *(f"{name.zh}：{value.zh}" for name, value in parts)]),
    )


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else quote(str(value), safe="")


def _not_a_cell(argument: str) -> NotACell:
    return NotACell(
        "This is not a figure",
        received=repr(argument[:80]),
        valid="METRIC/FIRST..END/DIMENSION=VALUE, as in revenue/2024-01-01..2024-02-01/channel=online",
    )


def declare() -> None:
    """Called once, when the app starts."""
    POPULATIONS.declare(
        Population(
            slug="metric",
            label=Text("Behind a figure", "数字背后"),
            members=members,
            sentence=sentence,
            state=state,
        )
    )
