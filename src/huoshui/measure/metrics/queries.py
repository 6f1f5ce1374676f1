"""The one evaluator: what a metric says of a period and a slice, and the customers behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from huoshui.data.traits.queries import Readable
from huoshui.kernel.money import QUANTUM
from huoshui.kernel.plugs import METRICS, TRAITS, IbisTable, Metric, Tables
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import entered, own
from huoshui.measure.metrics.dimensions import IN, OF_LINES, OF_SALES, Dimension, Value, dimensions
from huoshui.measure.metrics.errors import UnknownDimension, UnknownMetric
from huoshui.measure.metrics.facts import Facts, Kept, Remembered, keeping, of_sales
from huoshui.measure.metrics.periods import Period, apart
from huoshui.measure.metrics.scope import PERIOD, Scope, as_it_is

__all__ = [
    "Cell",
    "Number",
    "anonymous",
    "can_split",
    "catalogue",
    "dimensions",
    "evaluate",
    "evaluate_many",
    "evaluate_metrics",
    "metric",
    "opens",
    "population",
    "series",
    "splits",
    "why_unknown",
]

Number = Decimal | int | float


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure.

    ``dimensions`` says of what: dimension → value, in the order asked for (``None``: without a value). ``value`` is
    money as `Decimal` to 4 decimals, a count as ``int``, a share as ``float`` between 0 and 1, and ``None`` where
    the denominator is zero or nothing is known (`why_unknown`). ``denominator`` is ``None`` for metrics that are plain
    sums.
    """

    dimensions: dict[str, Value]
    value: Number | None
    numerator: Number
    denominator: Number | None


def catalogue() -> tuple[Metric, ...]:
    """All metrics: those of the rooms, then those that people defined and have not retired."""
    return (*entered.of_the_house(), *(one.metric for one in own.everything()))


def metric(slug: str) -> Metric:
    """The declaration, or what people defined under this name, as of now. Raises `UnknownMetric`."""
    found = entered.filled([METRICS[slug]])[0] if slug in METRICS else own.find(slug)
    if found is None:
        known = ", ".join(one.slug for one in catalogue())
        raise UnknownMetric("There is no such metric", received=slug, valid=known)
    return found


def evaluate(
    slug: str,
    *,
    tables: Readable,
    period: Period,
    by: Sequence[str] = (),
    where: Mapping[str, Value] | None = None,
) -> list[Cell]:
    """The figure for a period, split ``by`` dimensions, within the slice ``where`` (dimension → value).

    Without ``by`` there is exactly one cell. Otherwise one per combination that occurs, in the order of the codes
    of a trait, or ascending; those without a value last. Raises `UnknownMetric`, `UnknownDimension`,
    `UnknownValue`.
    """
    declared = metric(slug)
    by = tuple(dict.fromkeys(by))
    rows = declared.rows(_scope(tables, period, by, where))
    cells = [_cell(declared, by, found) for found in tables.arrow(_summed(declared, rows, by)).to_pylist()]
    return _in_order(cells)


def evaluate_many(
    slugs: Sequence[str],
    *,
    tables: Kept,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    where: Mapping[str, Value] | None = None,
) -> dict[str, list[tuple[Period, list[Cell]]]]:
    """`evaluate` of many metrics for many periods, which may overlap: slug → each period, in order, with its cells.

    Each fact table is read once, whatever the number of metrics, periods and cells, into a table in the engine that
    the metrics share (``tables`` may be such `facts.Facts` already). Two things cost more: splitting by a trait
    (computed anew as of the end of each period), and metrics that people defined, which read their source by
    themselves. Raises as `evaluate`.
    """
    return evaluate_metrics(
        [metric(slug) for slug in dict.fromkeys(slugs)], tables=tables, periods=periods, by=by, where=where
    )


def evaluate_metrics(
    metrics: Sequence[Metric],
    *,
    tables: Kept,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    where: Mapping[str, Value] | None = None,
) -> dict[str, list[tuple[Period, list[Cell]]]]:
    """`evaluate_many` of metrics that are at hand, such as one that is not stored yet."""
    declared = {one.slug: one for one in metrics}
    by = tuple(dict.fromkeys(by))
    every = tuple(dict.fromkeys(periods))
    if not every or not declared:
        return {slug: [] for slug in declared}
    split = (*by, PERIOD)
    used = {*by, *(where or {})}
    with keeping(tables) as keep:
        remembered = Remembered(tables)
        facts: Tables = remembered
        if isinstance(tables, Facts):
            facts = tables
        elif (
            len(declared) == 1
            and len(apart(every)) == 1
            and used.isdisjoint(OF_LINES)
            and not any(one.slow for one in declared.values())
        ):
            keep = as_it_is  # nothing is read twice
        else:
            facts = Facts(tables, keep, of_sales=of_sales(used))
        scope = Scope(tables=remembered, facts=facts, periods=every, by=split, where=where or {}, keep=keep)
        found = {
            slug: tables.arrow(_summed(one, one.rows(scope), split)).to_pylist()
            for slug, one in declared.items()
        }
    answer = {}
    for slug, one in declared.items():
        cells: dict[int, list[Cell]] = defaultdict(list)
        for row in found[slug]:
            cells[row[PERIOD]].append(_cell(one, by, row))
        nothing = [] if by else [_cell(one, (), {"numerator": None, "denominator": None})]
        in_periods = {p: _in_order(cells[n]) if n in cells else nothing for n, p in enumerate(every)}
        answer[slug] = [(period, in_periods[period]) for period in periods]
    return answer


def series(
    slug: str,
    *,
    tables: Kept,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    where: Mapping[str, Value] | None = None,
) -> list[tuple[Period, list[Cell]]]:
    """`evaluate` for each of several periods, in their order."""
    return evaluate_many([slug], tables=tables, periods=periods, by=by, where=where)[slug]


def population(
    slug: str, *, tables: Tables, period: Period, where: Mapping[str, Value] | None = None
) -> IbisTable:
    """The customers behind a figure: those with a contribution other than zero to its numerator in the slice.

    An Ibis table of ``customer_id``, each once. Anonymous sales have no customer and are not in it.
    Raises as `evaluate`.
    """
    declared = metric(slug)
    rows = (declared.people or declared.rows)(_scope(tables, period, (), where))
    return rows.filter(rows.customer_id.notnull(), rows.numerator != 0).select("customer_id").distinct()


def opens(declared: Metric) -> bool:
    """Whether there are customers behind the figures of a metric."""
    return declared.of_people or declared.people is not None


def why_unknown(declared: Metric, cell: Cell) -> Text | None:
    """Why a cell has no value; nothing where it has one."""
    if cell.value is not None:
        return None
    if declared.unknown is not None and (cell.denominator is None or cell.denominator):
        return declared.unknown
    if declared.denominator is None:
        return Text("There are no data of it", "没有相关数据")
    return Text(
        f"It is measured against {declared.denominator.en}: there is nothing of that, so it is not known",
        f"该指标以“{declared.denominator.zh}”为基数，而基数为零，无法计算",
    )


def _scope(tables: Tables, period: Period, by: tuple[str, ...], where: Mapping[str, Value] | None) -> Scope:
    remembered = Remembered(tables)
    return Scope(tables=remembered, facts=remembered, periods=(period,), by=by, where=where or {})


def anonymous(
    slug: str, *, tables: Readable, period: Period, where: Mapping[str, Value] | None = None
) -> int:
    """How many of the sales, changes and the like behind a figure have no customer. Raises as `evaluate`."""
    declared = metric(slug)
    if not opens(declared):
        return 0
    rows = (declared.people or declared.rows)(_scope(tables, period, (), where))
    nobody = rows.filter(rows.customer_id.isnull(), rows.numerator != 0).count()
    return int(tables.arrow(nobody.as_table()).to_pylist()[0].popitem()[1])


def splits(slug: str, *, tables: Tables) -> tuple[Dimension, ...]:
    """The dimensions that a metric can be split and cut by. Raises `UnknownMetric`, `BrokenMetric`."""
    declared, tables = metric(slug), Remembered(tables)
    return tuple(
        one for one in dimensions(tables) if one.of_people or can_split(declared, (one.slug,), tables=tables)
    )


def can_split(declared: Metric, by: Collection[str], *, tables: Tables) -> bool:
    """Whether a metric has all of these dimensions; any can be cut to a group of customers. Raises `BrokenMetric`."""
    if IN in by and not declared.of_people:
        return False
    by = tuple(name for name in by if name != IN)
    # What a room declares has the same dimensions of sales in every house: to ask costs a whole expression each time.
    lasting = METRICS.declared.get(declared.slug) is declared and len(by) <= 1 and {*by} <= {*OF_SALES}
    if lasting and (declared, by) in _SPLITS:
        return _SPLITS[declared, by]
    try:
        declared.rows(Scope(tables=tables, facts=tables, periods=(_SOME_DAY,), by=by))
    except UnknownDimension:
        found = False
    else:
        found = True
    if lasting:
        _SPLITS[declared, by] = found
    return found


_SPLITS: dict[tuple[Metric, tuple[str, ...]], bool] = {}
_SOME_DAY = Period.month(2024, 1, ZoneInfo("UTC"))


def _summed(declared: Metric, rows: Any, by: tuple[str, ...]) -> IbisTable:
    sums = {"numerator": rows.numerator.sum()}
    if declared.denominator is not None:
        sums["denominator"] = rows.denominator.sum()
    return rows.group_by(*by).aggregate(**sums) if by else rows.aggregate(**sums)


def _in_order(cells: Sequence[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: [_place(name, value) for name, value in cell.dimensions.items()])


def _cell(declared: Metric, by: tuple[str, ...], found: dict[str, Any]) -> Cell:
    of_money = declared.unit == "money"
    numerator = _number(found["numerator"], Decimal(0) if of_money else 0)
    dimensions = {name: found[name] for name in by}
    silent = declared.unknown is not None and found["numerator"] is None
    if declared.denominator is None:
        return Cell(dimensions, None if silent else numerator, numerator, None)
    denominator = _number(found["denominator"], 0)
    if silent or denominator == 0:
        return Cell(dimensions, None, numerator, denominator)
    if of_money:
        value: Number = (Decimal(numerator) / Decimal(denominator)).quantize(QUANTUM, rounding=ROUND_HALF_UP)
    else:
        value = float(numerator) / float(denominator)
    return Cell(dimensions, value, numerator, denominator)


def _number(found: Any, nothing: Decimal | int) -> Number:
    """A sum as the engine gave it: whole numbers may come as decimals without places."""
    if found is None:
        return nothing
    if isinstance(nothing, Decimal):
        return Decimal(found)
    if isinstance(found, Decimal) and found.as_tuple().exponent == 0:
        return int(found)
    return found  # type: ignore[no-any-return]  # what the engine counts in is a number


def _place(name: str, value: Any) -> tuple[int, Any]:
    """Where a value stands among the others of its dimension."""
    if value is None:
        return (2, 0)
    codes = list(TRAITS[name].values) if name in TRAITS else []
    return (0, codes.index(value)) if value in codes else (1, value)
