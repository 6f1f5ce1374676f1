"""Fixtures of this room's tests."""

from huoshui.database.tests.stores import database, migrated_postgres

__all__ = ["database", "migrated_postgres"]
