"""The figures that the blocks of a plan ask for, by the names of metrics as they were written into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import Metric
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.errors import UnknownMetric
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.queries import Cell
from huoshui.plan.plans import figures

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A metric by name for a period, split ``by`` dimensions, within the slice ``cut`` of pairs dimension, value."""

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
    """Figures of one house version (`plans.figures`); a metric that is no more is told to who asks for its cells."""

    def __init__(self, tables: Snapshot) -> None:
        self.known = figures.Figures(tables)
        self._catalogue: dict[str, Metric] | None = None

    def metric(self, slug: str) -> Metric:
        """The declaration. Raises `UnknownMetric`."""
        if slug not in self.catalogue():
            raise UnknownMetric("There is no such metric", received=slug[:60])
        return self.catalogue()[slug]

    def catalogue(self) -> Mapping[str, Metric]:
        """All metrics by slug."""
        if self._catalogue is None:
            self._catalogue = {one.slug: one for one in metrics.catalogue()}
        return self._catalogue

    def prepare(self, asks: Iterable[Ask]) -> None:
        """Evaluate what is not known yet, as much as can be in one pass."""
        self.known.prepare(self._of(ask) for ask in asks if ask.metric in self.catalogue())

    def cells(self, ask: Ask) -> list[Cell]:
        """The cells of an ask. Raises `UnknownMetric`, and what the evaluator refused, such as `UnknownDimension`."""
        return self.known.cells(self._of(ask))

    def value(self, ask: Ask) -> metrics.Number | None:
        """The figure of an ask that is not split. Raises as `cells`."""
        return self.cells(ask)[0].value

    def silent(self, ask: Ask) -> bool:
        """Whether nothing was counted for an ask: its figure is nothing or zero. False where it is refused."""
        return ask.metric in self.catalogue() and self.known.silent(self._of(ask))

    def _of(self, ask: Ask) -> figures.Ask:
        return figures.Ask(metric=self.metric(ask.metric), period=ask.period, by=ask.by, cut=ask.cut)
