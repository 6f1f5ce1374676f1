"""Figures day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from huoshui.kernel.actors import Actor, Right
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.queries import Number
from huoshui.measure.metrics.scope import Value

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


def by_day(
    slug: str,
    *,
    actor: Actor,
    tables: Snapshot,
    period: Period,
    where: Mapping[str, Value] | None = None,
) -> Sequence[tuple[date, Number]]:
    """A metric for each day of a period, 0 on days without any.

    Raises `NotAllowed`, `UnknownMetric`, `UnknownDimension`, `UnknownValue`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    cells = metrics.evaluate(slug, tables=tables, period=period, by=("day",), where=where)
    known = {cell.dimensions["day"]: cell.value or 0 for cell in cells}
    first, count = period.first_day, (period.end_day - period.first_day).days
    return [(day, known.get(day, 0)) for day in (first + timedelta(days=n) for n in range(count))]


def by_channel(
    *, actor: Actor, tables: Snapshot, period: Period, most: int = 8
) -> Sequence[tuple[str, Number]]:
    """Orders of a period by channel, the greatest first; sales without a channel are left out. Raises `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    cells = metrics.evaluate("orders", tables=tables, period=period, by=("channel",))
    known = [
        (str(c.dimensions["channel"]), c.value or 0) for c in cells if c.dimensions["channel"] is not None
    ]
    return sorted(known, key=lambda pair: (-pair[1], pair[0]))[:most]
