"""The figures that the blocks of a plan ask for: evaluated together, kept for the house version they are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import Metric
from huoshui.lake.kept import kept
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import state_of
from huoshui.measure.metrics.errors import UnknownMetric
from huoshui.measure.metrics.facts import Facts, keeping, of_sales
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.queries import Cell

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

MOST_KEPT = 6000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A metric for a period, split ``by`` dimensions, within the slice ``cut`` of pairs dimension, value."""

    metric: str
    period: Period
    by: tuple[str, ...] = ()
    cut: tuple[tuple[str, str], ...] = ()

    @property
    def ever(self) -> Ask:
        """The same of all days up to the end of the period, unsplit: whether there was ever anything."""
        as_of = AsOf(at=self.period.end, zone=self.period.zone)
        return Ask(metric=self.metric, period=Period.all_until(as_of), cut=self.cut)


class Figures:
    """Figures of one house version. What was asked before, for whichever plan, is not evaluated again."""

    def __init__(self, tables: Snapshot) -> None:
        self.tables = tables
        self._known: dict[str, Metric] | None = None
        where = ("figures of plans", str(tables.lake.root), tables.version)
        self._found: dict[Hashable, list[Cell] | HuoshuiError] = kept(where, dict)

    def metric(self, slug: str) -> Metric:
        """The declaration. Raises `UnknownMetric`."""
        if self._known is None:
            self._known = {one.slug: one for one in metrics.catalogue()}
        if slug not in self._known:
            raise UnknownMetric("There is no such metric", received=slug[:60])
        return self._known[slug]

    def catalogue(self) -> Mapping[str, Metric]:
        """All metrics by slug."""
        if self._known is None:
            self._known = {one.slug: one for one in metrics.catalogue()}
        return self._known

    def prepare(self, asks: Iterable[Ask]) -> None:
        """Evaluate what is not known yet, as much as can be in one pass; what is refused is kept as its refusal."""
        if len(self._found) > MOST_KEPT:
            self._found.clear()
        waiting: dict[Any, dict[str, dict[Period, Ask]]] = defaultdict(lambda: defaultdict(dict))
        for ask in dict.fromkeys(asks):
            try:
                unknown = self._key(ask) not in self._found
            except HuoshuiError:
                continue  # told to who asks for its cells
            if unknown:
                waiting[(ask.by, ask.cut)][ask.metric][ask.period] = ask
        if not waiting:
            return
        used = {name for by, cut in waiting for name in (*by, *dict(cut))}
        with keeping(self.tables) as keep:
            # What is sold is read once for all of them.
            facts = Facts(self.tables, keep, of_sales=of_sales(used))
            for (by, cut), wanted in waiting.items():
                together: dict[tuple[Period, ...], list[str]] = defaultdict(list)
                for slug, periods in wanted.items():
                    together[tuple(sorted(periods, key=lambda one: (one.start, one.end)))].append(slug)
                for every, slugs in together.items():
                    self._evaluate(facts, slugs, every, by, cut, wanted)

    def cells(self, ask: Ask) -> list[Cell]:
        """The cells of an ask. Raises what the evaluator refused, such as `UnknownDimension`."""
        key = self._key(ask)
        if key not in self._found:
            self.prepare([ask])
        found = self._found[key]
        if isinstance(found, HuoshuiError):
            raise found
        return found

    def value(self, ask: Ask) -> metrics.Number | None:
        """The figure of an ask that is not split. Raises as `cells`."""
        return self.cells(ask)[0].value

    def silent(self, ask: Ask) -> bool:
        """Whether nothing was counted for an ask: its figure is nothing or zero. False where it is refused."""
        try:
            return not any(cell.value for cell in self.cells(ask))
        except HuoshuiError:
            return False

    def _evaluate(
        self,
        facts: Facts,
        slugs: list[str],
        periods: tuple[Period, ...],
        by: tuple[str, ...],
        cut: tuple[tuple[str, str], ...],
        wanted: Mapping[str, Mapping[Period, Ask]],
    ) -> None:
        try:
            answered = metrics.evaluate_many(slugs, tables=facts, periods=periods, by=by, where=dict(cut))
        except HuoshuiError as error:
            if len(slugs) > 1:
                for slug in slugs:
                    self._evaluate(facts, [slug], periods, by, cut, wanted)
                return
            for ask in wanted[slugs[0]].values():
                self._found[self._key(ask)] = error
            return
        for slug in slugs:
            for period, cells in answered[slug]:
                self._found[self._key(wanted[slug][period])] = cells

    def _key(self, ask: Ask) -> Hashable:
        one = self.metric(ask.metric)
        # One that colleagues defined or enter may mean something else tomorrow, in the same house version.
        entered = one.rows if one.entered else None
        says = (one.slug, one.label, one.meaning, one.numerator, one.denominator, entered)
        return says, ask.period, ask.by, state_of(dict(ask.cut))
