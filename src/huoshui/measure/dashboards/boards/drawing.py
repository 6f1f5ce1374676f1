"""The chart of a block: a metric by time or by a dimension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from huoshui.kernel.charts import Chart, Number, Series, Unit
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import TRAITS, House, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.dashboards.boards.blocks import Block
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.cells import of_period
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period, months_between

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

TIMES: Mapping[str, Text] = {
    "day": Text("day", "日"),
    "week": Text("week", "周"),
    "month": Text("month", "月"),
}
MOST_PLACES = 400
MOST_PERIODS = 24
"""What is no fact of a moment (customers by stage) is computed anew for each place."""
MOST_VALUES = 10

NOW = Text("this period", "本期")
BEFORE = {"previous": Text("period before", "前期"), "year": Text("a year ago", "去年同期")}
WITHOUT = Text("without", "未填写")


class TooManyPlaces(HuoshuiError):
    """A chart with more places than can be told apart."""

    code = "too_many_places"
    says = Text(
        "Too many places for one chart: choose weeks or months, or a shorter period",
        "图表上的点太多：请改用周或月，或缩短时段",
    )


def chart(
    block: Block,
    declared: Metric,
    *,
    tables: Snapshot,
    period: Period,
    other: Period | None,
    cut: Mapping[str, str],
    house: House,
) -> Chart:
    """The chart of ``block`` in ``period``, by time also in the ``other`` one that it is compared with.

    Raises `TooManyPlaces`, `UnknownDimension`, `UnknownValue`.
    """
    places: tuple[date | Text, ...]
    axis = TIMES.get(block.by) or {one.slug: one.label for one in metrics.dimensions(tables)}.get(
        block.by, Text(block.by or "?", block.by or "?")
    )
    if block.by in TIMES:
        days = _places(block.by, period)
        values = _by_time(block, declared, tables, period, cut)
        name = NOW if other else declared.label
        series = [Series(name=name, values=tuple(values), addresses=_opened(block, period, values, cut))]
        if other is not None:
            found = _by_time(block, declared, tables, other, cut)
            missing = [None] * len(days)
            series.append(
                Series(
                    name=BEFORE[block.compare],
                    values=tuple([*found, *missing][: len(days)]),
                    part="previous",
                    addresses=tuple([*_opened(block, other, found, cut), *[""] * len(days)][: len(days)]),
                )
            )
        places = tuple(days)
    else:
        cells = metrics.evaluate(block.metric, tables=tables, period=period, by=(block.by,), where=cut)
        if block.by not in TRAITS:
            cells = sorted(cells, key=lambda cell: -Decimal(cell.value or 0))
        shown = cells[:MOST_VALUES]
        places = tuple(_named(block.by, cell.dimensions[block.by]) for cell in shown)
        addresses = [of_period(block.metric, period, {**cut, **c.dimensions}).customers for c in shown]
        series = [
            Series(
                name=declared.label,
                values=tuple(cell.value for cell in shown),
                addresses=tuple(
                    a if c.numerator and metrics.opens(declared) else ""
                    for a, c in zip(addresses, shown, strict=True)
                ),
            )
        ]
    return Chart(
        kind="bar" if block.look == "bar" or block.by not in TIMES else "line",
        title=Text(
            f"{declared.label.en} by {axis.en.lower()}",
            f"{declared.label.zh}（按{axis.zh}）"
            if block.by in TIMES
            else f"各{axis.zh}的{declared.label.zh}",
        ),
        axis=axis,
        unit=_unit(declared),
        currency=house.currency if declared.unit == "money" else "",
        monthly=block.by == "month",
        places=places,
        series=tuple(series),
    )


def _by_time(
    block: Block, declared: Metric, tables: Snapshot, period: Period, cut: Mapping[str, str]
) -> list[Number | None]:
    """The metric at each place of the period. A sum is 0 where nothing was, a ratio is not known there."""
    starts = _places(block.by, period)
    try:
        cells = metrics.evaluate(block.metric, tables=tables, period=period, by=(block.by,), where=cut)
    except UnknownDimension:
        # People have no moment: the figure is that of each day, week or month by itself.
        if cut.keys() & TIMES.keys() or len(starts) > MOST_PERIODS:
            raise
        parts = _parts(starts, period)
        found = metrics.evaluate_many([block.metric], tables=tables, periods=parts, where=cut)
        return [cells[0].value for _part, cells in found[block.metric]]
    known = {cell.dimensions[block.by]: cell.value for cell in cells}
    nothing = 0 if declared.denominator is None and declared.unknown is None else None
    return [known.get(start, nothing) for start in starts]


def _opened(
    block: Block, period: Period, values: Sequence[Number | None], cut: Mapping[str, str]
) -> tuple[str, ...]:
    """The customers behind each place of the period."""
    parts = _parts(_places(block.by, period), period)
    if not metrics.opens(metrics.metric(block.metric)):
        return ("",) * len(parts)
    return tuple(
        of_period(block.metric, part, cut).customers if value else ""
        for part, value in zip(parts, values, strict=True)
    )


def _places(by: str, period: Period) -> list[date]:
    """The first day of each day, week or month that has days in the period."""
    first, end = period.first_day, period.end_day
    if by == "month":
        found = [one.first_day for one in months_between(first, end, period.zone)]
    else:
        step = 7 if by == "week" else 1
        start = first - timedelta(days=first.weekday()) if by == "week" else first
        found = [start + timedelta(days=n) for n in range(0, (end - start).days, step)]
    if len(found) > MOST_PLACES:
        raise TooManyPlaces("Too many places for one chart", received=str(len(found)), valid=f"{MOST_PLACES}")
    return found


def _parts(starts: Sequence[date], period: Period) -> list[Period]:
    ends = [*starts[1:], period.end_day]
    firsts = [max(start, period.first_day) for start in starts]
    return [Period.days(first, end, period.zone) for first, end in zip(firsts, ends, strict=True)]


def _named(by: str, value: object) -> Text:
    if value is None or value == "":
        return WITHOUT
    if by in TRAITS and value in TRAITS[by].values:
        return TRAITS[by].values[str(value)]
    return Text(str(value), str(value))


def _unit(declared: Metric) -> Unit:
    return "money" if declared.unit == "money" else "share" if declared.unit == "share" else "count"
