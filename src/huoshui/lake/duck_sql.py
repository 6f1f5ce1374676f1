"""The SQL that DuckDB is asked in."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlglot.expressions as sge
from ibis.backends.duckdb import Backend
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

LOOKED_AT = datetime(2000, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
YEAR, WEEK, SECOND = timedelta(days=365), timedelta(days=7), timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DuckSql(DuckDBCompiler):  # type: ignore[misc]  # Ibis ships no types
    """DuckDB's SQL, where Ibis writes what takes much longer than it needs.

    ``zone`` is the time zone of the session; without one, days are told by DuckDB's calendar.
    """

    __slots__ = ("zone",)

    def __init__(self, zone: ZoneInfo | None = None) -> None:
        super().__init__()
        self.zone = zone

    def visit_TimestampDelta(self, op: Any, *, part: Any, left: Any, right: Any) -> Any:
        """Between moments with a zone DuckDB asks its calendar, forty times as long as to subtract numbers."""
        if op.part.value != "microsecond":
            return super().visit_TimestampDelta(op, part=part, left=left, right=right)
        return self.f.anon.epoch_us(left) - self.f.anon.epoch_us(right)

    def visit_Date(self, op: Any, *, arg: Any) -> Any:
        """For the day of a moment it asks its calendar, too; where clocks are no longer changed, adding does."""
        by_calendar = self.cast(arg, op.dtype)
        if self.zone is None or not (op.arg.dtype.is_timestamp() and op.arg.dtype.timezone):
            return by_calendar
        constant = constant_since(self.zone)
        if constant is None:
            return by_calendar
        since, offset = constant
        micros = self.f.anon.epoch_us(arg)
        local = self.f.anon.make_timestamp(micros + sge.convert(offset))
        return self.if_(micros >= sge.convert(since), self.cast(local, op.dtype), by_calendar)


class DuckBackend(Backend):  # type: ignore[misc]  # Ibis ships no types
    """Ibis over a cursor of DuckDB, which it asks in `DuckSql`."""

    compiler = DuckSql()


@lru_cache(maxsize=16)
def constant_since(zone: ZoneInfo) -> tuple[int, int] | None:
    """Since when clocks in ``zone`` have not been changed, and how far they are ahead of UTC, both in microseconds.

    Looked at from 2000 on, week by week. Nothing where they are still changed every year.
    """
    first, last = LOOKED_AT
    ahead = last.astimezone(zone).utcoffset()
    weeks = range((last - first) // WEEK + 1)
    changed = next((n for n in weeks if (last - n * WEEK).astimezone(zone).utcoffset() != ahead), None)
    if ahead is None or (changed is not None and changed * WEEK < YEAR):
        return None
    since = first
    if changed is not None:
        seconds = range(int(WEEK / SECOND))
        week = last - changed * WEEK
        since = week + SECOND * bisect_left(
            seconds, True, key=lambda n: (week + n * SECOND).astimezone(zone).utcoffset() == ahead
        )
    return (since - EPOCH) // MICROSECOND, ahead // MICROSECOND
