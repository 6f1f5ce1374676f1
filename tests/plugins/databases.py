"""The fixture ``database``: a test that asks for it runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.commands import flush
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend


def _emptied_with_guards(style: Any, connection: BaseDatabaseWrapper, **how: Any) -> list[str]:
    """What empties all tables after a test that commits. SQLite deletes row by row, which guards would refuse; the
    apps put them back after it, as after migrations."""
    statements = _emptied(style, connection, **how)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%stays%'")
            statements = [*(f'DROP TRIGGER "{name}";' for (name,) in cursor.fetchall()), *statements]
    return statements


_emptied: Callable[..., list[str]] = vars(flush)["sql_flush"]
vars(flush)["sql_flush"] = _emptied_with_guards


@pytest.fixture(scope="session")
def migrated_postgres(postgres, django_db_setup, django_db_blocker) -> Iterator[BaseDatabaseWrapper]:
    """A connection to a database of the session's PostgreSQL server, with all tables."""
    name = postgres.new_database().rpartition("/")[2]
    chosen: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": postgres.user,
        "HOST": postgres.host,
        "PORT": postgres.port,
    }
    whole = connections.configure_settings({"default": chosen})["default"]
    wrapper = load_backend(chosen["ENGINE"]).DatabaseWrapper(whole, "default")
    with django_db_blocker.unblock(), in_place_of_default(wrapper):
        call_command("migrate", verbosity=0)
    yield wrapper
    with django_db_blocker.unblock():
        wrapper.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, db) -> Iterator[str]:
    """Which database the test runs on: ``sqlite`` or ``postgres``. What the test writes is taken back."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    wrapper = request.getfixturevalue("migrated_postgres")
    blocker = request.getfixturevalue("django_db_blocker")
    with blocker.unblock(), in_place_of_default(wrapper), transaction.atomic():
        yield "postgres"
        wrapper.check_constraints()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _traits_of_the_house(request, monkeypatch) -> None:
    """What a house defined is looked up anew by each test; a test without a database has a house that defined none."""
    from huoshui.know.custom import own

    reads = request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & {
        *request.fixturenames
    }
    monkeypatch.setattr(own, "_held", None if reads else (math.inf, {}))


@contextmanager
def in_place_of_default(wrapper: BaseDatabaseWrapper) -> Iterator[None]:
    """Let ``django.db.connection`` be another one for a while."""
    before = connections["default"]
    connections["default"] = wrapper
    try:
        yield
    finally:
        connections["default"] = before
