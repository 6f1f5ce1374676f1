"""Values of metrics that people enter by hand, with where they know them from: the share of a market, for one.

A period has the value of the entry that touches it and ends last; of several that end on the same day, of the one
entered last. A period that no entry touches has no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import ibis

from huoshui.kernel.plugs import METRICS, IbisTable, Metric
from huoshui.measure.metrics.dimensions import IN
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.models import EnteredValue
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import PERIOD, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody entered: ``value`` in the unit of the metric (a share between 0 and 1) for whole days, both in."""

    id: int
    metric: str
    first_day: date
    last_day: date
    value: Decimal
    source: str
    by: str
    at: datetime


@dataclass(frozen=True)
class EnteredRows:
    """Gives what was entered as contributions of nobody, as `kernel.plugs.Metric` wants them."""

    entries: tuple[Entry, ...] = ()

    def __call__(self, scope: Scope) -> IbisTable:
        """Raises `UnknownDimension` for every dimension and group: what is entered is of the whole house."""
        refused = [*scope.used, *([IN] if IN in scope.where or IN in scope.by else [])]
        if refused:
            raise UnknownDimension(
                "This figure was entered by hand, for the whole house", received=", ".join(refused)
            )
        found = {n: entry for n, one in enumerate(scope.periods) if (entry := self._of(one)) is not None}
        numbers = ibis.literal([*found, -1], "array<int64>").unnest().name("number").as_table()
        numbers = numbers.filter(numbers.number >= 0)  # an array of nothing has no type on some engines
        values = [(numbers.number == n, ibis.literal(float(one.value))) for n, one in found.items()]
        nothing = ibis.null("float64")
        numerator = ibis.cases(*values, else_=nothing) if values else nothing
        part = {PERIOD: numbers.number} if scope.several else {}
        return numbers.select(customer_id=ibis.null("int64"), numerator=numerator, **part)

    def _of(self, period: Period) -> Entry | None:
        touching = [
            one for one in self.entries if one.first_day < period.end_day and one.last_day >= period.first_day
        ]
        return max(touching, key=lambda one: (one.last_day, one.id), default=None)


def entries(slug: str) -> tuple[Entry, ...]:
    """What counts for a metric, the newest days first."""
    return _read([slug]).get(slug, ())


def filled(metrics: Iterable[Metric]) -> list[Metric]:
    """The metrics, those that are entered with what was entered for them until now."""
    every = list(metrics)
    found = _read([one.slug for one in every if one.entered])
    return [replace(one, rows=EnteredRows(found.get(one.slug, ()))) if one.entered else one for one in every]


def of_the_house() -> list[Metric]:
    """The metrics that rooms declare."""
    return filled(METRICS)


def _read(slugs: Sequence[str]) -> dict[str, tuple[Entry, ...]]:
    if not slugs:
        return {}
    rows = EnteredValue.objects.filter(metric__in=slugs, withdrawn_at__isnull=True)
    found: dict[str, tuple[Entry, ...]] = {}
    for row in rows.select_related("made_by").order_by("-last_day", "-id"):
        found[row.metric] = (*found.get(row.metric, ()), _entry(row))
    return found


def _entry(row: EnteredValue) -> Entry:
    return Entry(
        id=row.id,
        metric=row.metric,
        first_day=row.first_day,
        last_day=row.last_day,
        value=row.value,
        source=row.source,
        by=row.made_by.name if row.made_by is not None else "",
        at=row.made_at,
    )
