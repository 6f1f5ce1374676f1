"""On which days a plan is reviewed. Plain Python."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

Kind = Literal["weekly", "monthly"]
DAY = timedelta(days=1)
LAST_MONTH_DAY = 28


def due(
    *, weekday: int | None, month_day: int | None, first: date, last: date
) -> tuple[tuple[Kind, date], ...]:
    """The reviews of the days ``first`` to ``last``, both inside, by day.

    ``weekday`` counts from Monday, 0; ``month_day`` is 1 to 28, so that every month has it; None where there are none.
    A retrospective that falls on a weekly review stands beside it.
    """
    found: list[tuple[Kind, date]] = []
    day = first
    while day <= last:
        if month_day is not None and day.day == month_day:
            found.append(("monthly", day))
        if weekday is not None and day.weekday() == weekday:
            found.append(("weekly", day))
        day += DAY
    return tuple(found)
