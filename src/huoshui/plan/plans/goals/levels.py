"""A level of a metric that changed and stayed, as its forecast saw it: since which month, by how much, how sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from huoshui.measure.metrics.periods import Period
from huoshui.science.forecast import Forecast

MIDDLE = timedelta(days=15)
"""Before the end of a month lies its middle."""
SPAN = 31
"""Longer periods are spans that lie over each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """A level that changed and stayed, by which a forecast goes.

    ``month`` is the first day of the calendar month in which it changed: the one in which most days of the first period
    of the new level lie. ``spans`` says that figures are of longer spans, one ending in each month; then it is the
    month in which the first of the new level ended. ``by`` is in the unit of the metric, ``share`` a part of the level
    before; None where that is not above zero. ``sure`` is the weight of the models that go by it: above 0.6, up to 1.
    """

    month: date
    spans: bool
    by: Decimal
    share: float | None
    sure: float


def level_change(told: Forecast, periods: Sequence[Period], *, known: int) -> LevelChange | None:
    """What the forecast of the last ``known`` of the periods, oldest first, goes by; None where that is nothing."""
    change = told.change
    if change is None:
        return None
    period = periods[len(periods) - known + change.at]
    return LevelChange(
        month=(period.end_day - MIDDLE).replace(day=1),
        spans=(period.end_day - period.first_day).days > SPAN,
        by=Decimal(str(round(change.by, 6))),
        share=change.share,
        sure=change.sure,
    )
