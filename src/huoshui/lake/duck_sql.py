"""The SQL that DuckDB is asked in."""

from __future__ import annotations

from typing import Any

from ibis.backends.duckdb import Backend
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler


class DuckSql(DuckDBCompiler):  # type: ignore[misc]  # Ibis ships no types
    """DuckDB's SQL, where Ibis writes what takes much longer than it needs."""

    __slots__ = ()

    def visit_TimestampDelta(self, op: Any, *, part: Any, left: Any, right: Any) -> Any:
        """Between moments with a zone DuckDB asks its calendar, forty times as long as to subtract numbers."""
        if op.part.value != "microsecond":
            return super().visit_TimestampDelta(op, part=part, left=left, right=right)
        return self.f.anon.epoch_us(left) - self.f.anon.epoch_us(right)


class DuckBackend(Backend):  # type: ignore[misc]  # Ibis ships no types
    """Ibis over a cursor of DuckDB, which it asks in `DuckSql`."""

    compiler = DuckSql()
