"""Fields that databases keep better than Django's own choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField

if TYPE_CHECKING:
    WholeNumber = BigIntegerField[int, int]
else:
    WholeNumber = BigIntegerField  # Django's own class takes no type at run time


class IdField(WholeNumber):
    """A primary key of whole numbers that we draw ourselves.

    SQLite keeps a table in the order of its key only when the type is called ``integer``; with Django's ``bigint``
    it would keep a second copy of the key as an index, and bulk inserts would take half as long again.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """``integer`` on SQLite, which is 64 bits wide there; ``bigint`` elsewhere."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)

    def rel_db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """The type of foreign keys to it."""
        return "bigint"
