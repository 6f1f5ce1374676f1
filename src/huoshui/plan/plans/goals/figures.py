"""The figures that goals ask for: evaluated together, kept for the house version they are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import Metric
from huoshui.lake.kept import kept
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import Value, state_of
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.queries import Cell

MOST_KEPT = 4000
Cut = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A metric for a period, split ``by`` dimensions, within the slice ``cut``."""

    metric: Metric
    period: Period
    by: tuple[str, ...] = ()
    cut: Cut = ()


class Figures:
    """Figures of one house version. What was asked before, for whichever plan, is not evaluated again."""

    def __init__(self, tables: Any) -> None:
        self.tables = tables
        lake = getattr(tables, "lake", None)
        self._found: dict[Hashable, list[Cell] | HuoshuiError] = (
            kept(("figures of goals", str(lake.root), tables.version), dict) if lake else {}
        )

    def prepare(self, asks: Iterable[Ask]) -> None:
        """Evaluate what is not known yet: all that is cut and split alike in one pass over each table of facts."""
        if len(self._found) > MOST_KEPT:
            self._found.clear()
        waiting: dict[Any, dict[Metric, set[Period]]] = defaultdict(lambda: defaultdict(set))
        for ask in asks:
            try:
                if self._key(ask) not in self._found:
                    waiting[(ask.by, ask.cut)][ask.metric].add(ask.period)
            except HuoshuiError:
                continue  # told to who asks for its cells
        for (by, cut), wanted in waiting.items():
            together: dict[frozenset[Period], list[Metric]] = defaultdict(list)
            for metric, periods in wanted.items():
                together[frozenset(periods)].append(metric)
            for span, alike in together.items():
                self._evaluate(alike, sorted(span, key=lambda one: (one.start, one.end)), by, cut)

    def cells(self, ask: Ask) -> list[Cell]:
        """The cells of an ask. Raises what the evaluator refused, such as `UnknownDimension`."""
        key = self._key(ask)
        if key not in self._found:
            self.prepare([ask])
        found = self._found[key]
        if isinstance(found, HuoshuiError):
            raise found
        return found

    def cell(self, ask: Ask) -> Cell:
        """The one cell of an ask that is not split. Raises as `cells`."""
        return self.cells(ask)[0]

    def value(self, ask: Ask) -> Decimal | None:
        """The figure of an ask that is not split. Raises as `cells`."""
        return exact(self.cell(ask).value)

    def _evaluate(self, alike: list[Metric], periods: list[Period], by: tuple[str, ...], cut: Cut) -> None:
        try:
            found: Mapping[str, list[tuple[Period, list[Cell]]]] = metrics.evaluate_metrics(
                alike, tables=self.tables, periods=periods, by=by, where=dict(cut)
            )
        except HuoshuiError as error:
            if len(alike) > 1:
                for metric in alike:
                    self._evaluate([metric], periods, by, cut)
                return
            for period in periods:
                self._found[self._key(Ask(metric=alike[0], period=period, by=by, cut=cut))] = error
            return
        for metric in alike:
            for period, cells in found[metric.slug]:
                self._found[self._key(Ask(metric=metric, period=period, by=by, cut=cut))] = cells

    def _key(self, ask: Ask) -> Hashable:
        one = ask.metric
        says = (one.slug, one.label, one.meaning, one.numerator, one.denominator)
        return says, ask.period, ask.by, state_of(dict(ask.cut)), ask.cut


def exact(value: metrics.Number | None) -> Decimal | None:
    """A figure as a decimal of the digits it is written with."""
    return None if value is None else Decimal(str(value))
