"""Several things are read as they were at one moment, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from django.db import connection, transaction

from huoshui.database import copying
from huoshui.database.pictures import one_picture
from tests.plugins.databases import in_place_of_default


@pytest.fixture(params=["sqlite", "postgres"])
def table(request, db, tmp_path, django_db_blocker) -> Iterator[str]:
    """A table of one row, in a database in whose transaction the test is not."""
    name = f"pictured_{request.param}"
    with ExitStack() as kept:
        kept.enter_context(django_db_blocker.unblock())
        if request.param == "sqlite":
            kept.enter_context(in_place_of_default(connection.copy("default")))
            kept.enter_context(copying.in_file(tmp_path / "pictured.sqlite3"))
        else:
            kept.enter_context(in_place_of_default(request.getfixturevalue("migrated_postgres")))
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {name} (n integer)")
            cursor.execute(f"INSERT INTO {name} VALUES (1)")
        yield name
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {name}")


def rows_of(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_what_others_write_meanwhile_is_seen_afterwards(table):
    with closing(connection.copy()) as other, other.cursor() as beside:
        with one_picture():
            assert rows_of(table) == 1
            beside.execute(f"INSERT INTO {table} VALUES (2)")
            assert rows_of(table) == 1
        assert rows_of(table) == 2


def test_a_picture_ends_with_what_went_wrong_in_it(table):
    with pytest.raises(LookupError), one_picture():
        raise LookupError
    with transaction.atomic():
        assert rows_of(table) == 1


def test_within_a_transaction_its_own_rows_are_seen(table):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} VALUES (2)")
        with one_picture():
            assert rows_of(table) == 2
    assert rows_of(table) == 2
