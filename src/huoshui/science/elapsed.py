"""Elapsed time between moments, exact to the microsecond on every engine.

Not ``epoch_seconds()``: Ibis compiles it for DuckDB through a timestamp without a zone, which shifts the answer by
the offset of the session's time zone. Nor by adding an interval to a moment: Spark takes 24 hours of it for a day of
the wall clock, which has 23 or 25 hours where clocks are changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis

HOUR = 3_600_000_000
"""Microseconds in an hour."""
DAY = 24 * HOUR
"""Microseconds in 24 hours."""


def microseconds(*, since: Any, until: datetime | Any) -> Any:
    """Microseconds from ``since`` to ``until``.

    Parameters
    ----------
    since
        Ibis timestamp value with a time zone, one per row.
    until
        An aware datetime, or another such value.

    Returns
    -------
    Ibis int64 value; negative when ``until`` comes first, missing when ``since`` is.
    """
    until = ibis.literal(until) if isinstance(until, datetime) else until
    return until.delta(since, unit="microsecond")


def whole_days(*, since: Any, until: datetime | Any) -> Any:
    """Whole elapsed days: floor(elapsed time ÷ 24 hours), whatever the clocks did in between.

    Parameters and errors as for `microseconds`.

    Returns
    -------
    Ibis int64 value in days. 23 hours 59 minutes are 0 days, 24 hours are 1.
    """
    return (microseconds(since=since, until=until) // DAY).cast("int64")
