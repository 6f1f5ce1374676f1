"""Inserting many rows, and cutting long work into transactions that stay short."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.db import connection
from django.db.models import Field, Model

AIM_SECONDS = 0.12
"""How long one transaction of a bulk write should take: well under the 0.25 s that the house promises."""

FEWEST, MOST = 500, 40_000


def short_slices(total: int) -> Iterator[slice]:
    """Cut ``range(total)`` into slices, each worth about `AIM_SECONDS` of work.

    Do the work of a slice, in one transaction, before asking for the next: the time in between decides how large
    the next one is.
    """
    start, size = 0, 4_000
    while start < total:
        stop = min(start + size, total)
        began = perf_counter()
        yield slice(start, stop)
        pace = AIM_SECONDS / max(perf_counter() - began, 1e-6)
        size = max(FEWEST, min(MOST, int(size * min(pace, 2.0))))
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
    fields = {field.column: field for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = [*rows.column_names, *same]
    columns = ", ".join(quote(fields[name].column) for name in names)
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
            with cursor.copy(f"COPY {target} ({columns}) FROM STDIN (FORMAT CSV)") as copy:
                copy.write(_csv(rows, values, fields))
            if unless_taken:
                cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {target}{tail}")
                count = cursor.rowcount
                cursor.execute(f"DROP TABLE {target}")
                return int(count)
            return int(cursor.rowcount)
        # One statement for all rows: SQLite takes a third less time than for one statement per row.
        lists = [_sqlite_values(rows.column(name)) for name in rows.column_names]
        cells = [f"json_extract(value, '$[{place}]')" for place in range(len(lists))]
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {', '.join([*cells, *(['%s'] * len(values))])} "
            f"FROM json_each(%s) WHERE true{tail}",
            [*values.values(), json.dumps(list(zip(*lists, strict=True)), ensure_ascii=False)],
        )
        return int(cursor.rowcount)


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
