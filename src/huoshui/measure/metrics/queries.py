"""The one evaluator: what a metric says of a period and a slice, and the customers behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from huoshui.data.traits.queries import Readable
from huoshui.kernel.money import QUANTUM
from huoshui.kernel.plugs import METRICS, TRAITS, IbisTable, Metric, Tables
from huoshui.measure.metrics.errors import UnknownMetric
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope, Value

Number = Decimal | int | float


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure.

    ``dimensions`` says of what: dimension → value, in the order asked for (``None``: without a value). ``value`` is
    money as `Decimal` to 4 decimals, a count as ``int``, a share as ``float`` between 0 and 1, and ``None`` where
    the denominator is zero. ``denominator`` is ``None`` for metrics that are plain sums.
    """

    dimensions: dict[str, Value]
    value: Number | None
    numerator: Decimal | int
    denominator: int | None


def metric(slug: str) -> Metric:
    """The declaration. Raises `UnknownMetric`."""
    if slug not in METRICS:
        raise UnknownMetric("There is no such metric", received=slug, valid=", ".join(METRICS.slugs()))
    return METRICS[slug]


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
    rows = declared.rows(Scope(tables=tables, period=period, by=by, where=where or {}))
    sums = {"numerator": rows.numerator.sum()}
    if declared.denominator is not None:
        sums["denominator"] = rows.denominator.sum()
    grouped = rows.group_by(*by).aggregate(**sums) if by else rows.aggregate(**sums)
    cells = [_cell(declared, by, found) for found in tables.arrow(grouped).to_pylist()]
    return sorted(cells, key=lambda cell: [_place(name, value) for name, value in cell.dimensions.items()])


def series(
    slug: str,
    *,
    tables: Readable,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    where: Mapping[str, Value] | None = None,
) -> list[tuple[Period, list[Cell]]]:
    """`evaluate` for each of several periods, in their order."""
    return [(p, evaluate(slug, tables=tables, period=p, by=by, where=where)) for p in periods]


def population(
    slug: str, *, tables: Tables, period: Period, where: Mapping[str, Value] | None = None
) -> IbisTable:
    """The customers behind a figure: those with a contribution other than zero to its numerator in the slice.

    An Ibis table of ``customer_id``, each once. Anonymous sales have no customer and are not in it.
    Raises as `evaluate`.
    """
    rows = metric(slug).rows(Scope(tables=tables, period=period, where=where or {}))
    return rows.filter(rows.customer_id.notnull(), rows.numerator != 0).select("customer_id").distinct()


def _cell(declared: Metric, by: tuple[str, ...], found: dict[str, Any]) -> Cell:
    zero = Decimal(0) if declared.unit == "money" else 0
    numerator = found["numerator"] if found["numerator"] is not None else zero
    numerator = numerator if declared.unit == "money" else int(numerator)
    dimensions = {name: found[name] for name in by}
    if declared.denominator is None:
        return Cell(dimensions, numerator, numerator, None)
    denominator = int(found["denominator"] or 0)
    if denominator == 0:
        return Cell(dimensions, None, numerator, 0)
    if declared.unit == "money":
        value: Number = (Decimal(numerator) / denominator).quantize(QUANTUM, rounding=ROUND_HALF_UP)
    else:
        value = numerator / denominator
    return Cell(dimensions, value, numerator, denominator)


def _place(name: str, value: Any) -> tuple[int, Any]:
    """Where a value stands among the others of its dimension."""
    if value is None:
        return (2, 0)
    codes = list(TRAITS[name].values) if name in TRAITS else []
    return (0, codes.index(value)) if value in codes else (1, value)
