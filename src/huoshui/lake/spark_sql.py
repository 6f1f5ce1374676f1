"""The SQL that Spark is asked in."""

from __future__ import annotations

from typing import Any, ClassVar

from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.common.exceptions import UnsupportedOperationError


class SparkSql(PySparkCompiler):  # type: ignore[misc]  # Ibis ships no types
    """Spark's SQL, where Ibis writes what gives another answer than on the embedded engine."""

    __slots__ = ()
    SIMPLE_OPS: ClassVar[Any] = {
        o: f for o, f in PySparkCompiler.SIMPLE_OPS.items() if "UnwrapJSON" not in o.__name__
    }

    def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:
        """Ibis adds up ones, which gives nothing instead of 0 for no rows."""
        return super().visit_CountStar(op, arg=arg, where=None) if where is None else self.f.count_if(where)

    def visit_TimestampDelta(self, op: Any, *, part: Any, left: Any, right: Any) -> Any:
        """Spark measures between clocks on the wall, an hour off where they changed in between."""
        if op.part.value != "microsecond":
            raise UnsupportedOperationError("Spark and the embedded engine agree on microseconds only")
        return self.f.anon.unix_micros(left) - self.f.anon.unix_micros(right)

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """JSON is text to Spark, and text that is none has no members; Ibis would write the text as JSON."""
        return arg if to.is_json() else super().visit_TryCast(op, arg=arg, to=to)

    def visit_JSONGetItem(self, op: Any, *, arg: Any, index: Any) -> Any:
        """With its type; Ibis would give a text as if it were JSON itself, and fail to read it."""
        path = f"$['{op.index.value}']"
        return self.f.anon.try_variant_get(self.f.anon.try_parse_json(arg), path, "variant")

    def visit_UnwrapJSONString(self, op: Any, *, arg: Any) -> Any:
        """A member that is a text."""
        return self._member(arg, self._type_of(arg).eq("STRING"), "string")

    def visit_UnwrapJSONBoolean(self, op: Any, *, arg: Any) -> Any:
        """A member that is true or false."""
        return self._member(arg, self._type_of(arg).eq("BOOLEAN"), "boolean")

    def visit_UnwrapJSONFloat64(self, op: Any, *, arg: Any) -> Any:
        """A member that is a number."""
        return self._member(arg, self._type_of(arg).rlike("^(BIGINT|DOUBLE|DECIMAL)"), "double")

    def _type_of(self, member: Any) -> Any:
        return self.f.anon.schema_of_variant(member)

    def _member(self, member: Any, is_one: Any, kind: str) -> Any:
        return self.if_(is_one, self.f.anon.try_variant_get(member, "$", kind), NULL)
