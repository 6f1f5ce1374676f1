"""``field__among=[…]``: whether a value is one of very many, sent to the database as one parameter."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignKey, Lookup
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    AnyLookup = Lookup[Any]
else:
    AnyLookup = Lookup  # Django's own class takes no type at run time


class Many:
    """Values for `Among` that Django does not look through one by one: that takes as long as asking."""

    def __init__(self, values: Iterable[Any]) -> None:
        self.values = list(values)


class Among(AnyLookup):
    """Like ``in``, for lists of any length: ``in`` sends a parameter per value, and databases limit those.

    The right side is a sequence of texts or whole numbers, without ``None``, or `Many` of them.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_context: Any
    ) -> tuple[str, list[Any]]:
        """One JSON list, unpacked by the database."""
        left, parameters = self.process_lhs(compiler, connection)
        values = json.dumps(self._values(), ensure_ascii=False)
        return f"{left} IN (SELECT value FROM json_each(%s))", [*parameters, values]

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_context: Any
    ) -> tuple[str, list[Any]]:
        """One array."""
        left, parameters = self.process_lhs(compiler, connection)
        kept_as = self.lhs.output_field.db_type(connection) or ""
        element = "bigint" if kept_as.endswith(("int", "integer")) else "text"
        return f"{left} = ANY(%s::{element}[])", [*parameters, self._values()]

    def _values(self) -> list[Any]:
        return self.rhs.values if isinstance(self.rhs, Many) else list(self.rhs)


def register() -> None:
    """Let fields and foreign keys understand ``__among``; rooms that use it call this when their app starts."""
    Field.register_lookup(Among)
    ForeignKey.register_lookup(Among)
