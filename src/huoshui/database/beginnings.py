"""An index of the beginnings of words: which rows have a word that begins so, in one table of a million rows.

A table keeps its words as one text, separated by single blanks. SQLite indexes them in a full-text table (FTS5),
PostgreSQL in a GIN index; triggers and the database itself keep both right, whoever writes the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, connections
from django.db.models import Model, QuerySet

PREFIXES = "1 2 3 4"
"""Beginnings of as many letters have an index of their own; longer ones are merged from the words that begin so."""


def keep(model: type[Model], column: str, *, using: str = "default") -> None:
    """See that the words in ``column`` of ``model`` are indexed; its key is a whole number. May be said again.

    SQLite forgets triggers when a table is made anew, so say it after migrations.
    """
    here = connections[using]
    quote = here.ops.quote_name
    table, words, key = quote(model._meta.db_table), quote(column), quote(str(model._meta.pk.column))
    index = quote(f"{model._meta.db_table}_{column}")
    with here.cursor() as cursor:
        if here.vendor == "postgresql":
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {table} USING gin ({_vector(words)})")
            return
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = %s", [f"{model._meta.db_table}_{column}"])
        fresh = cursor.fetchone() is None
        cursor.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {index} USING fts5({words}, content={table}, content_rowid={key}, "
            f"tokenize='unicode61 remove_diacritics 0', detail=none, prefix='{PREFIXES}')"
        )
        out = f"INSERT INTO {index}({index}, rowid, {words}) VALUES('delete', old.{key}, old.{words});"
        into = f"INSERT INTO {index}(rowid, {words}) VALUES(new.{key}, new.{words});"
        for act, body in (("INSERT", into), ("DELETE", out), ("UPDATE", out + into)):
            name = quote(f"{model._meta.db_table}_{column}_{act.lower()}")
            cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {act} ON {table} BEGIN {body} END")
        if fresh:
            cursor.execute(f"INSERT INTO {index}({index}) VALUES('rebuild')")


def rows_with(
    model: type[Model],
    column: str,
    beginnings: Sequence[str],
    *,
    among: QuerySet[Any] | None = None,
    limit: int | None = None,
) -> list[int]:
    """Keys of rows that have, for each of ``beginnings``, a word that begins so; in the order of the key.

    ``beginnings`` are letters and digits only. ``among`` narrows the rows down to those keys (a query of one column).
    Raises ``ValueError`` for anything else than letters and digits.
    """
    if not beginnings or not all(one.isalnum() for one in beginnings):
        raise ValueError("beginnings are letters and digits")
    quote = connection.ops.quote_name
    table, words, key = quote(model._meta.db_table), quote(column), quote(str(model._meta.pk.column))
    if connection.vendor == "postgresql":
        query = f"SELECT {key} FROM {table} WHERE {_vector(words)} @@ %s::tsquery"
        given: list[Any] = [" & ".join(f"'{one}':*" for one in beginnings)]
    else:
        index = quote(f"{model._meta.db_table}_{column}")
        query, key = f"SELECT rowid FROM {index} WHERE {index} MATCH %s", "rowid"
        given = [" AND ".join(f'"{one}"*' for one in beginnings)]
    if among is not None:
        inner, more = among.query.sql_with_params()
        query, given = f"{query} AND {key} IN ({inner})", [*given, *more]
    query += f" ORDER BY {key}"
    if limit is not None:
        query, given = query + " LIMIT %s", [*given, limit]
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return [found for (found,) in cursor.fetchall()]


def _vector(words: str) -> str:
    # The words as they are: to_tsvector would cut and stem them by the rules of a language.
    return f"array_to_tsvector(string_to_array({words}, ' '))"
