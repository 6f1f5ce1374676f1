"""Tables whose rows stay as they were written: the database itself refuses to change or remove one."""

from __future__ import annotations

from django.db import connections
from django.db.models import Model


def keep_rows(model: type[Model], *, using: str = "default") -> None:
    """Let the database refuse every UPDATE and DELETE of a row of ``model``. May be said again.

    Guards against slips of programs and of people at a prompt. Whoever may change the tables of the database can
    take the guard away first; emptying a whole table at once (TRUNCATE, ``flush``) is not kept from either on
    PostgreSQL. SQLite forgets triggers when a table is made anew, so say it after migrations.
    """
    connection = connections[using]
    table = model._meta.db_table
    quoted, name = connection.ops.quote_name(table), connection.ops.quote_name(f"{table}_stays")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            function = connection.ops.quote_name(f"{table}_refuse")
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION 'rows of {table} stay as they were written' "
                "USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {quoted}")
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {quoted} FOR EACH ROW EXECUTE FUNCTION {function}()"
            )
            return
        for act in ("UPDATE", "DELETE"):
            name = connection.ops.quote_name(f"{table}_stays_{act.lower()}")
            cursor.execute(
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {act} ON {quoted} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} stay as they were written'); END"
            )


def let_go(model: type[Model], *, using: str = "default") -> None:
    """Take the guard of `keep_rows` away, for what empties whole databases: tests, and loading a backup."""
    connection = connections[using]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            name, quoted = (connection.ops.quote_name(part) for part in (f"{table}_stays", table))
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {quoted}")
            return
        for act in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {connection.ops.quote_name(f'{table}_stays_{act}')}")
