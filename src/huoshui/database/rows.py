"""Inserting and fetching many rows, and cutting long work into transactions that stay short."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import CharField, Expression, F, Field, Model, QuerySet
from django.db.models.functions import Cast

AIM_SECONDS = 0.12
"""How long one transaction of a bulk write should take: well under the 0.25 s that the house promises."""

FEWEST, MOST = 500, 40_000


class Pace:
    """How many ``rows`` to take at once so that a transaction takes about `AIM_SECONDS`; learns while working."""

    def __init__(self, rows: int = 4_000, *, fewest: int = FEWEST, most: int = MOST) -> None:
        self.rows, self.fewest, self.most = rows, fewest, most

    def learn(self, seconds: float) -> None:
        """The last transaction, over ``rows`` rows, took ``seconds``."""
        fitting = int(self.rows * min(AIM_SECONDS / max(seconds, 1e-6), 2.0))
        self.rows = max(self.fewest, min(self.most, fitting))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction over ``rows`` rows, from whose time to learn."""
        began = perf_counter()
        with transaction.atomic():
            yield
        self.learn(perf_counter() - began)


def short_slices(total: int) -> Iterator[slice]:
    """Cut ``range(total)`` into slices, each worth about `AIM_SECONDS` of work.

    Do the work of a slice, in one transaction, before asking for the next: the time in between decides how large
    the next one is.
    """
    start, pace = 0, Pace()
    while start < total:
        stop = min(start + pace.rows, total)
        began = perf_counter()
        yield slice(start, stop)
        pace.learn(perf_counter() - began)
        start = stop


def part(rows: pa.Table, piece: slice) -> pa.Table:
    """The rows of one slice, without copying them."""
    return rows.slice(piece.start, piece.stop - piece.start)


def insert(model: type[Model], rows: pa.Table, same: Mapping[str, Any], *, unless_taken: bool = False) -> int:
    """Insert ``rows`` and return how many were inserted.

    The columns of ``rows`` and the keys of ``same`` (one value for all rows) are names of database columns of
    ``model`` (``customer_id``, not ``customer``); columns left out take their database default. With
    ``unless_taken``, rows that break a unique constraint are left out. Neither ``save()`` nor signals run.
    """
    if not rows.num_rows:
        return 0
    fields = {str(field.column): field for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = [*rows.column_names, *same]
    columns = ", ".join(quote(name) for name in names)
    values = {name: fields[name].get_db_prep_save(value, connection) for name, value in same.items()}
    tail = " ON CONFLICT DO NOTHING" if unless_taken else ""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            target = table
            if unless_taken:
                target = quote(f"arriving_{model._meta.db_table}")
                cursor.execute(
                    f"CREATE TEMPORARY TABLE {target} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA"
                )
            statement = f"COPY {target} ({columns}) FROM STDIN (FORMAT CSV)"
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                copy.write(_csv(rows, values, fields))
            if unless_taken:
                cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {target}{tail}")
                count = cursor.rowcount
                cursor.execute(f"DROP TABLE {target}")
                return int(count)
            return int(cursor.rowcount)
        # One statement for all rows: SQLite takes a third less time than for one statement per row.
        cells, packed = _packed(rows)
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {', '.join([*cells, *(['%s'] * len(values))])} "
            f"FROM json_each(%s) WHERE true{tail}",
            [*values.values(), packed],
        )
        return int(cursor.rowcount)


def update(model: type[Model], rows: pa.Table, key: str) -> None:
    """Set the columns of ``rows`` in those rows of ``model`` whose ``key`` they name; empty cells change nothing.

    Columns have the names of the database and are texts or whole numbers. Neither ``save()`` nor signals run.
    """
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), [n for n in rows.column_names if n != key]
    if not names or not rows.num_rows:
        return
    given: list[Any]
    if connection.vendor == "postgresql":
        kinds = ["text" if pa.types.is_string(rows.schema.field(n).type) else "bigint" for n in (key, *names)]
        arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
        told = [f"told.{quote(name)}" for name in (key, *names)]
        source = f"unnest({arrays}) AS told({', '.join(map(quote, (key, *names)))})"
        given = [rows.column(name).to_pylist() for name in (key, *names)]
    else:
        told = [f"json_extract(told.value, '$[{place}]')" for place in range(len(names) + 1)]
        source = "json_each(%s) AS told"
        lists = (rows.column(name).to_pylist() for name in (key, *names))
        given = [_json(list(zip(*lists, strict=True)))]
    changes = ", ".join(
        f"{quote(name)} = COALESCE({cell}, {table}.{quote(name)})"
        for name, cell in zip(names, told[1:], strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} FROM {source} WHERE {table}.{quote(key)} = {told[0]}", given
        )


def fetch(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """The rows of a ``values_list`` as the database gives them: texts, whole numbers and truth values; for moments
    see `moment`.

    For a hundred thousand rows and more: leaves out what Django does to each single value.
    """
    try:
        asked = rows.query.sql_with_params()
    except EmptyResultSet:  # Django sees that nothing can meet the conditions: nobody is in an empty list
        return []
    with connection.cursor() as cursor:
        cursor.execute(*asked)
        return list(cursor.fetchall())


def moment(name: str) -> Expression | F:
    """The moment in the column ``name``, in the form in which `fetch` gets it soonest; `moments` reads it."""
    return F(name) if connection.vendor == "postgresql" else Cast(name, CharField())


def moments(values: Sequence[Any]) -> pa.TimestampArray:
    """Moments that were fetched by `moment`, none empty, as an Arrow array in UTC."""
    if connection.vendor == "postgresql":
        return pa.array(values, pa.timestamp("us", "UTC"))
    return pc.assume_timezone(pa.array(values, pa.string()).cast(pa.timestamp("us")), "UTC")


def match(
    model: type[Model], column: str, values: Sequence[str], *, equal: Mapping[str, Any], wanted: Sequence[str]
) -> list[tuple[Any, ...]]:
    """For each row of ``model`` whose ``column`` is one of ``values``: the place of that value, then ``wanted``.

    ``equal`` narrows the rows down. All names are database columns; what is wanted are texts, whole numbers or truth
    values. Made for very many values: they go as one parameter, and come back as places only.
    """
    quote = connection.ops.quote_name
    chosen = "".join(f", found.{quote(name)}" for name in wanted)
    narrowed = "".join(f" AND found.{quote(name)} = %s" for name in equal)
    given: Any
    if connection.vendor == "postgresql":
        place, join, given = "asked.place - 1", "JOIN", list(values)
        asked = "unnest(%s::text[]) WITH ORDINALITY AS asked(value, place)"
    else:
        # CROSS JOIN keeps SQLite from walking the table and searching the list.
        place, join, given = "asked.key", "CROSS JOIN", _json(values)
        asked = "json_each(%s) AS asked"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {place}{chosen} FROM {asked} {join} {quote(model._meta.db_table)} AS found "
            f"ON found.{quote(column)} = asked.value{narrowed}",
            [given, *equal.values()],
        )
        return list(cursor.fetchall())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _packed(rows: pa.Table) -> tuple[list[str], str]:
    """All ``rows`` as one JSON list, and the SQL that reads each column of its ``value``.

    A text takes SQLite less time to read than a list in the list: a column of its own is its values, and a number with
    a text behind it is one text.
    """
    lists = [_sqlite_values(rows.column(name)) for name in rows.column_names]
    if len(lists) == 1:
        return ["value"], _json(lists[0])
    first, *others = rows.columns
    if (
        len(others) == 1
        and pa.types.is_integer(first.type)
        and (pa.types.is_string(others[0].type) or pa.types.is_timestamp(others[0].type))
        and not (first.null_count or others[0].null_count)
    ):
        space = "instr(value, ' ')"
        told = [f"{number} {text}" for number, text in zip(*lists, strict=True)]
        return [f"CAST(substr(value, 1, {space} - 1) AS integer)", f"substr(value, {space} + 1)"], _json(told)
    return [f"json_extract(value, '$[{place}]')" for place in range(len(lists))], _json(
        list(zip(*lists, strict=True))
    )


def _sqlite_values(column: pa.ChunkedArray) -> list[Any]:
    """The values as Django's SQLite backend stores them: moments as text in UTC, exact numbers as text."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        moments = column.cast(pa.timestamp("us", kind.tz)).cast(pa.timestamp("us"))
        # Like str() of a datetime: no fraction where it is zero, so that texts compare as moments do.
        return pc.replace_substring(moments.cast(pa.string()), ".000000", "").to_pylist()  # type: ignore[no-any-return]
    if pa.types.is_date(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.string()).to_pylist()  # type: ignore[no-any-return]
    return column.to_pylist()  # type: ignore[no-any-return]


def _csv(rows: pa.Table, same: Mapping[str, Any], fields: Mapping[str, Field[Any, Any]]) -> bytes:
    for name, value in same.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value), rows.num_rows))
    sink = io.BytesIO()
    pyarrow.csv.write_csv(rows, sink, pyarrow.csv.WriteOptions(include_header=False))
    return sink.getvalue()
