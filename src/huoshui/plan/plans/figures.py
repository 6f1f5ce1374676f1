"""The figures that plans and their goals ask for: evaluated together, kept for the house version they are of.

In a large house that takes seconds. What was evaluated is kept in the process; of the plans that run a worker evaluates
it soon after facts have changed, and writes it down (`ready`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import Metric
from huoshui.lake.kept import kept
from huoshui.measure.dashboards.queries import answers
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import Value, state_of
from huoshui.measure.metrics.facts import Facts, keeping, of_sales
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.queries import Cell

PAGE = "plans"
MOST_KEPT = 10_000
Cut = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A metric for a period, split ``by`` dimensions, within the slice ``cut`` of pairs dimension, value."""

    metric: Metric
    period: Period
    by: tuple[str, ...] = ()
    cut: Cut = ()


class Figures:
    """Figures of one house version. What was asked before, for whichever plan, is not evaluated again."""

    def __init__(self, tables: Any) -> None:
        self.tables = tables
        lake = getattr(tables, "lake", None)
        self._version: tuple[str, str, int] | None = (
            ("figures of plans", str(lake.root), tables.version) if lake else None
        )
        self._found: dict[str, list[Cell] | HuoshuiError] = kept(self._version, dict) if lake else {}

    @property
    def begun(self) -> bool:
        """Whether anything of this house version was evaluated, here or by the worker that writes it down."""
        if not self._found:
            self._read()
        return bool(self._found)

    def prepare(self, asks: Iterable[Ask]) -> None:
        """Evaluate what is not known yet, as much as can be in one pass; what is refused is kept as its refusal."""
        if len(self._found) > MOST_KEPT:
            self._found.clear()
        asks = list(dict.fromkeys(asks))
        if not self._unknown(asks):
            return
        self._read()
        waiting = self._unknown(asks)
        if len(waiting) < 2:
            for (by, cut), wanted in waiting.items():
                self._evaluate(self.tables, wanted, by, cut)
            return
        used = {name for by, cut in waiting for name in (*by, *dict(cut))}
        with keeping(self.tables) as keep:
            # What is sold is read once for all of them.
            facts = Facts(self.tables, keep, of_sales=of_sales(used))
            for (by, cut), wanted in waiting.items():
                self._evaluate(facts, wanted, by, cut)

    def cells(self, ask: Ask) -> list[Cell]:
        """The cells of an ask. Raises what the evaluator refused, such as `UnknownDimension`."""
        key = _key(ask)
        if key not in self._found:
            self.prepare([ask])
        found = self._found[key]
        if isinstance(found, HuoshuiError):
            raise found
        return found

    def cell(self, ask: Ask) -> Cell:
        """The one cell of an ask that is not split. Raises as `cells`."""
        return self.cells(ask)[0]

    def value(self, ask: Ask) -> metrics.Number | None:
        """The figure of an ask that is not split. Raises as `cells`."""
        return self.cell(ask).value

    def exactly(self, ask: Ask) -> Decimal | None:
        """`value` as a decimal."""
        return exact(self.value(ask))

    def silent(self, ask: Ask) -> bool:
        """Whether nothing was counted for an ask: its figure is nothing or zero. False where it is refused."""
        try:
            return not any(cell.value for cell in self.cells(ask))
        except HuoshuiError:
            return False

    # -- written down --------------------------------------------------------------------------------------------

    @property
    def written_for(self) -> str | None:
        """What figures were written down for (`write`); None where there are none of this house version."""
        found = answers.written(PAGE, self._version, (Cell,))
        return None if found is None else str(found[0])

    def write(self, of: str, now: datetime) -> None:
        """Write down what is known, for those who ask in other processes. ``of`` says what for."""
        known = {key: cells for key, cells in self._found.items() if not isinstance(cells, HuoshuiError)}
        answers.write(PAGE, self._version, (of, known), now)

    def _read(self) -> None:
        found = answers.written(PAGE, self._version, (Cell,)) if self._version else None
        if found is not None:
            self._found.update(found[1])

    # -- evaluated -----------------------------------------------------------------------------------------------

    def _unknown(self, asks: Iterable[Ask]) -> Mapping[Any, Mapping[Metric, set[Period]]]:
        """What has to be evaluated: by how it is split and cut, each metric with its periods."""
        waiting: dict[Any, dict[Metric, set[Period]]] = defaultdict(lambda: defaultdict(set))
        for ask in asks:
            try:
                unknown = _key(ask) not in self._found
            except HuoshuiError:
                continue  # told to who asks for its cells
            if unknown:
                waiting[ask.by, ask.cut][ask.metric].add(ask.period)
        return waiting

    def _evaluate(
        self, tables: Any, wanted: Mapping[Metric, set[Period]], by: tuple[str, ...], cut: Cut
    ) -> None:
        together: dict[frozenset[Period], list[Metric]] = defaultdict(list)
        for metric, periods in wanted.items():
            together[frozenset(periods)].append(metric)
        for span, alike in together.items():
            self._together(tables, alike, sorted(span, key=lambda one: (one.start, one.end)), by, cut)

    def _together(
        self, tables: Any, alike: list[Metric], periods: list[Period], by: tuple[str, ...], cut: Cut
    ) -> None:
        try:
            found = metrics.evaluate_metrics(alike, tables=tables, periods=periods, by=by, where=dict(cut))
        except HuoshuiError as error:
            if len(alike) > 1:
                for metric in alike:
                    self._together(tables, [metric], periods, by, cut)
                return
            for period in periods:
                self._found[_key(Ask(metric=alike[0], period=period, by=by, cut=cut))] = error
            return
        for metric in alike:
            for period, cells in found[metric.slug]:
                self._found[_key(Ask(metric=metric, period=period, by=by, cut=cut))] = cells


def _version(tables: Any) -> tuple[str, str, int] | None:
    """What figures are kept for; facts that are no lake have no versions."""
    lake = getattr(tables, "lake", None)
    return ("figures of plans", str(lake.root), tables.version) if lake is not None else None


def exact(value: metrics.Number | None) -> Decimal | None:
    """A figure as a decimal of the digits it is written with."""
    return None if value is None else Decimal(str(value))


def _key(ask: Ask) -> str:
    """The name of an ask, the same in every process."""
    one = ask.metric
    # One that colleagues defined or enter may mean something else tomorrow, in the same house version.
    entered = one.rows if one.entered else None
    says = (one.slug, one.label, one.meaning, one.numerator, one.denominator, entered)
    days = (ask.period.start, ask.period.end, ask.period.zone.key)
    return answers.digest((says, days, ask.by, ask.cut, state_of(dict(ask.cut))))
