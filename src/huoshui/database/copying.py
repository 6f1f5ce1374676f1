"""The whole database as streams of rows, table by table: to keep it in a backup and to fill an empty one from it.

The rows say the same whatever database they come from, so that what was unloaded from SQLite can be loaded into
PostgreSQL and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    FloatField,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    TextField,
    TimeField,
)

from huoshui.database import rows

BATCH = 20_000
"""Rows that are held at a time."""

TYPES: Mapping[type[Field[Any, Any]], pa.DataType] = {
    BooleanField: pa.bool_(),
    IntegerField: pa.int64(),
    DateTimeField: pa.timestamp("us", "UTC"),  # before the other: it is one of them
    DateField: pa.date32(),
    FloatField: pa.float64(),
    DecimalField: pa.string(),  # with all its digits
    TimeField: pa.string(),
    CharField: pa.string(),
    TextField: pa.string(),
    JSONField: pa.string(),
}
"""How the cells of a field are kept, the same for all databases."""


def unload(model: type[Model]) -> Iterator[pa.RecordBatch]:
    """The rows of ``model`` in the order of their key, with the names of its database columns; at least one batch."""
    quote = connection.ops.quote_name
    fields = model._meta.concrete_fields
    columns = ", ".join(_selected(field) for field in fields)
    key = quote(str(model._meta.pk.column))
    query = f"SELECT {columns} FROM {quote(model._meta.db_table)} ORDER BY {key}"
    layout = schema(model)
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        empty = True
        while taken := cursor.fetchmany(BATCH):
            empty = False
            values = zip(*taken, strict=True)
            arrays = [_array(field, list(cells)) for field, cells in zip(fields, values, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=layout)
    if empty:
        yield pa.RecordBatch.from_pylist([], schema=layout)


def schema(model: type[Model]) -> pa.Schema:
    """How the rows of ``model`` are unloaded."""
    return pa.schema([(str(f.column), _type(f)) for f in model._meta.concrete_fields])


def load(tables: Mapping[type[Model], Iterable[pa.RecordBatch]]) -> dict[type[Model], int]:
    """Fill ``tables`` with rows that `unload` gave, instead of what is in them; answers how many each has now.

    Runs in one transaction, which checks in the end that every reference leads somewhere: it is for databases that
    nobody uses yet. Raises ``IntegrityError``, and ``ValueError`` for rows of other columns.
    """
    counts = {}
    with transaction.atomic():
        with connection.cursor() as cursor:
            for model in tables:  # what migrations have put there
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")
        for model, batches in tables.items():
            counts[model] = 0
            for batch in batches:
                # A model says its columns in another order when it is made from the history of changes.
                if _by_name(batch.schema) != _by_name(schema(model)):
                    raise ValueError(f"{model._meta.label}: other columns than {schema(model).names}")
                counts[model] += rows.insert(model, pa.Table.from_batches([batch]), {})
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
                cursor.execute(statement)
        connection.check_constraints()
    return counts


@contextmanager
def in_file(path: Path) -> Iterator[None]:
    """Work on the SQLite database in ``path`` for a while instead of the one of the settings. One thread only."""
    connection.close()
    usual = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(path)
    try:
        yield
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # all of it is in the one file
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def _by_name(layout: pa.Schema) -> dict[str, pa.DataType]:
    return {field.name: field.type for field in layout}


def _selected(field: Field[Any, Any]) -> str:
    name = connection.ops.quote_name(str(field.column))
    # Python's converter would make each moment on its own; Arrow makes them all at once.
    as_text = isinstance(field, DateTimeField) and connection.vendor == "sqlite"
    as_text = as_text or isinstance(field, DecimalField | TimeField)
    return f"CAST({name} AS text)" if as_text else name


def _array(field: Field[Any, Any], cells: list[Any]) -> pa.Array:
    if isinstance(field, DateTimeField):
        return rows.moments(cells)
    array = pa.array(cells, _type(field))
    if isinstance(field, DecimalField):  # SQLite drops zeros at the end
        return array.cast(pa.decimal128(field.max_digits, field.decimal_places)).cast(pa.string())
    return array


def _type(field: Field[Any, Any]) -> pa.DataType:
    if isinstance(field, ForeignKey):
        return _type(field.target_field)
    for kind, type_ in TYPES.items():
        if isinstance(field, kind):
            return type_
    raise TypeError(f"{field} cannot be unloaded: how a {type(field).__name__} is kept is not said in TYPES")
