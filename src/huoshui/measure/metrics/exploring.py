"""One metric by period and up to two dimensions: the table of its page and of its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import Metric
from huoshui.kernel.texts import Text
from huoshui.lake.kept import kept
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.dimensions import OF_TIME, Value, state_of, valued
from huoshui.measure.metrics.errors import BrokenMetric, TooManyDimensions, TooManyPeriods
from huoshui.measure.metrics.periods import GRAINS, Period, in_grains
from huoshui.measure.metrics.queries import Cell

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from huoshui.lake.snapshot import Snapshot

MOST_PERIODS = 100
MOST_DIMENSIONS = 2
MOST_NAMED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One combination of values. ``cells`` has one for each period, empty where nothing happened."""

    dimensions: Mapping[str, Value]
    cells: Sequence[Cell | None]
    whole: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """A metric in ``periods``, which make up ``whole``.

    ``rows`` are the combinations of values of ``by``, those with the greatest figures of ``whole`` first, or the only
    row where ``by`` is empty. ``total`` is the row of everything; figures that count people or orders do not add up to
    it. ``names`` are those of products, by number. ``anonymous`` is how many of the sales, changes and the like behind
    the figure of ``whole`` have no customer.
    """

    metric: Metric
    whole: Period
    grain: str
    periods: Sequence[Period]
    by: Sequence[str]
    where: Mapping[str, Value]
    rows: Sequence[Row]
    total: Row
    names: Mapping[str, str]
    anonymous: int

    def said(self, name: str, value: Value) -> Text:
        """A value of a dimension in words; products by their names."""
        if name == "product" and (known := self.names.get(str(value))):
            return Text(known, known)
        return valued(name, value)


def grain_for(first: date, end: date) -> str:
    """The length of periods that shows these days best."""
    days = (end - first).days
    return "day" if days <= 31 else "week" if days <= 120 else "month" if days <= 1200 else "year"


def grains_for(first: date, end: date) -> list[str]:
    """The lengths of periods of which these days have not too many."""
    days = (end - first).days
    least = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}
    return [grain for grain in GRAINS if days / least[grain] <= MOST_PERIODS - 2]


def explore(
    slug: str,
    *,
    actor: Actor,
    tables: Snapshot,
    first: date,
    end: date,
    zone: ZoneInfo,
    grain: str = "",
    by: Sequence[str] = (),
    where: Mapping[str, Value] | None = None,
) -> Exploration:
    """The metric for the days from ``first`` up to, not including, ``end``, in periods of ``grain``, split ``by``.

    Answers are kept for the house version. Raises `NotAllowed`, `TooManyPeriods`, `TooManyDimensions`, `UnknownGrain`
    and as `queries.evaluate`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    by, where, grain = tuple(dict.fromkeys(by)), dict(where or {}), grain or grain_for(first, end)
    if len(by) > MOST_DIMENSIONS:
        raise TooManyDimensions("A table is split by two dimensions at most", received=", ".join(by))
    periods = in_grains(first, end, grain, zone)
    if len(periods) > MOST_PERIODS:
        raise TooManyPeriods(
            "These days have too many such periods",
            received=f"{len(periods)} × {grain}",
            valid=", ".join(grains_for(first, end)),
            next_step="Choose longer periods, or fewer days",
        )
    declared = queries.metric(slug)

    def ask() -> Exploration:
        return _explored(declared, tables, Period.days(first, end, zone), grain, periods, by, where)

    key = (str(tables.lake.root), tables.version, declared, first, end, grain, by, state_of(where))
    return kept(key, ask)


def _explored(
    declared: Metric,
    tables: Snapshot,
    whole: Period,
    grain: str,
    periods: Sequence[Period],
    by: tuple[str, ...],
    where: Mapping[str, Value],
) -> Exploration:
    slug = declared.slug
    asked = [*periods, whole]

    def rows_by(split: tuple[str, ...]) -> list[Row]:
        series = queries.evaluate_many([slug], tables=tables, periods=asked, by=split, where=where)[slug]
        found: dict[tuple[Value, ...], list[Cell | None]] = {}
        for place, (_, cells) in enumerate(series):
            for cell in cells:
                row = found.setdefault(tuple(cell.dimensions.values()), [None] * len(asked))
                row[place] = cell
        rows = []
        for values, (*cells_of, all_of) in found.items():
            whole_cell = all_of or Cell(dict(zip(split, values, strict=True)), None, 0, None)
            rows.append(Row(dimensions=whole_cell.dimensions, cells=cells_of, whole=whole_cell))
        return sorted(rows, key=lambda row: -abs(float(row.whole.numerator)))

    (total,) = rows_by(())
    rows = rows_by(by) if by else [total]
    if set(by) & set(OF_TIME):
        rows.sort(key=lambda row: [str(row.dimensions[name]) for name in by])
    return Exploration(
        metric=declared,
        whole=whole,
        grain=grain,
        periods=periods,
        by=by,
        where=where,
        rows=rows,
        total=total,
        names=_names_of_products(rows, tables) if "product" in by else {},
        anonymous=queries.anonymous(slug, tables=tables, period=whole, where=where),
    )


def _names_of_products(rows: Sequence[Row], tables: Snapshot) -> dict[str, str]:
    numbers = list({str(row.dimensions["product"]) for row in rows[:MOST_NAMED]})
    products = tables.table("products")
    named = products.filter(products.product_id.isin(numbers), products.name.notnull())
    found = tables.arrow(named.select("product_id", "name")).to_pylist()
    return {row["product_id"]: row["name"] for row in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A metric with its values in a period, in as many days before, and in the same days a year before.

    Values are missing where the slice is of something that the metric cannot be cut by, of slow metrics, and where
    ``broken`` says why it cannot be computed at all.
    """

    metric: Metric
    values: Mapping[str, Cell] = field(default_factory=dict)
    broken: Text | None = None


def standings(
    *,
    actor: Actor,
    tables: Snapshot,
    metrics: Sequence[Metric],
    periods: Mapping[str, Period],
    where: Mapping[str, Value] | None = None,
) -> list[Standing]:
    """Each metric in each of the named ``periods``; answers are kept for the house version. Raises `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    cut = dict(where or {})

    def ask() -> list[Standing]:
        broken: dict[str, Text] = {}
        possible = []
        for one in metrics:
            try:
                if not one.slow and queries.can_split(one, cut, tables=tables):
                    possible.append(one)
            except BrokenMetric as error:
                broken[one.slug] = error.words
        found = queries.evaluate_metrics(
            possible, tables=tables, periods=list(periods.values()), by=(), where=cut
        )
        return [
            Standing(
                metric=one,
                broken=broken.get(one.slug),
                values={
                    name: cells[0] for name, (_, cells) in zip(periods, found.get(one.slug, []), strict=False)
                },
            )
            for one in metrics
        ]

    key = (str(tables.lake.root), tables.version, tuple(metrics), tuple(periods.items()), state_of(cut))
    return kept(key, ask)
