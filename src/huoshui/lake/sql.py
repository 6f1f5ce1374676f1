"""Read-only SQL over the views of the lake: one parsed SELECT, nothing else.

The engine's own read-only switches are not enough (``COPY … TO`` still writes), so the text is parsed and every table
must be a view of the lake or a name the query defines itself; no function that reads files, settings or the
environment is let through. The engine's switches stand behind that as a second wall.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.duck import quoted
from huoshui.lake.duck_failures import first_line
from huoshui.lake.errors import LakeDamaged, NotASelect, QueryFailed

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what is refused here anyway

TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
REFUSED_FUNCTIONS = frozenset(
    """getenv current_setting getvariable set_config query query_table parquet_scan glob sniff_csv
    json_execute_serialized_sql json_serialize_sql which_secret pragma_version current_query in_search_path
    currval nextval txid_current add_parquet_key write_log parse_duckdb_log_message""".split()  # noqa: SIM905
)
REFUSED_PREFIXES = (
    "read_",
    "duckdb_",
    "pragma_",
    "pg_",
    "force_checkpoint",
    "checkpoint",
    "enable_",
    "disable_",
)
CATALOG_PREFIXES = ("duckdb_", "pragma_", "pg_", "sqlite_")
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
_QUERIES = (exp.Select, exp.SetOperation, exp.Values, exp.Subquery)


def check(query: str) -> exp.Expression:
    """The parsed query. Raises `NotASelect` with the reason when it may not run."""
    try:
        parsed = [p for p in sqlglot.parse(query, dialect="duckdb") if p is not None]
    except (SqlglotError, RecursionError) as error:
        raise NotASelect(
            "This SQL cannot be read",
            received=first_line(error),
            valid="one SELECT over the views of the lake",
        ) from error
    if len(parsed) != 1:
        raise _refused(f"{len(parsed)} statements")
    statement = parsed[0]
    if not isinstance(statement, _QUERIES):
        raise _refused(type(statement).__name__.upper())
    for node in statement.walk():
        if isinstance(node, exp.Into | exp.Command | exp.DDL | exp.DML) and not isinstance(node, _QUERIES):
            raise _refused(type(node).__name__.upper())
        if isinstance(node, exp.Table):
            _check_table(node, statement)
        elif isinstance(node, exp.Func):
            _check_function(node)
        elif isinstance(node, exp.Placeholder | exp.Parameter):
            raise _refused("a parameter")
    return statement


def select(snapshot: Snapshot, query: str, *, timeout: float = 300.0) -> pa.Table:
    """The answer of one SELECT over the views of ``snapshot``; raises `NotASelect` or `QueryFailed`.

    ``timeout`` in seconds; times in the house zone.
    """
    statement = check(query)
    names = {t.name.lower() for t in statement.find_all(exp.Table) if not isinstance(t.this, exp.Func)}
    picture = snapshot.embedded()
    cursor = picture.session.cursor
    for table in LAKE_TABLES:
        if table.slug in names:
            view = picture.table(table.slug).get_name()
            try:
                cursor.execute(
                    f"CREATE OR REPLACE TEMP VIEW {quoted(table.slug)} AS SELECT * FROM {quoted(view)}"
                )
            except duckdb.IOException as error:
                raise _unreadable(error) from error
    return _run(cursor, query, timeout)


def _run(cursor: duckdb.DuckDBPyConnection, query: str, timeout: float) -> pa.Table:
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise NotASelect(
            "This SQL cannot be read",
            received=first_line(error),
            valid="one SELECT over the views of the lake",
        ) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise _refused("more than a SELECT")
    alarm = threading.Timer(timeout, cursor.interrupt)
    alarm.start()
    try:
        relation = cursor.sql(query)
        if relation is None:
            raise _refused("a statement without a result")
        return relation.to_arrow_table()
    except duckdb.InterruptException as error:
        raise QueryFailed(
            f"The query took longer than {timeout:.0f} seconds", next_step="Ask for less, or filter by time"
        ) from error
    except duckdb.CatalogException as error:
        raise QueryFailed(
            "The query names something that is not there", received=first_line(error)
        ) from error
    except duckdb.IOException as error:
        raise _unreadable(error) from error
    except duckdb.Error as error:
        raise QueryFailed("The query failed", received=first_line(error)) from error
    finally:
        alarm.cancel()


def _unreadable(error: duckdb.IOException) -> LakeDamaged:
    return LakeDamaged(
        f"The engine could not read a file: {first_line(error)}",
        next_step="Run huoshui doctor to find damaged files",
    )


def _check_table(node: exp.Table, statement: exp.Expression) -> None:
    if isinstance(node.this, exp.Func):
        name = _function_name(node.this)
        if name not in TABLE_FUNCTIONS:
            raise _refused(f"the table function {name}")
        return
    own = {cte.alias_or_name.lower() for cte in statement.find_all(exp.CTE)}
    if odd := [name for name in own if not _PLAIN_NAME.fullmatch(name) or name.startswith(CATALOG_PREFIXES)]:
        raise _refused(f"the name {odd[0]}")  # outside its scope such a name could mean a file or the catalog
    name = node.name
    if node.args.get("db") or node.args.get("catalog"):
        raise _refused(f"the table {node.sql(dialect='duckdb')}")
    if name.lower() not in LAKE_TABLES and name.lower() not in own:
        raise _refused(f"the table {name}")


def _check_function(node: exp.Func) -> None:
    name = _function_name(node)
    if name in REFUSED_FUNCTIONS or name.startswith(REFUSED_PREFIXES):
        raise _refused(f"the function {name}")


def _function_name(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _refused(received: str) -> NotASelect:
    return NotASelect(
        "Only a SELECT over the views of the lake may run here",
        received=received,
        valid=f"one SELECT over {', '.join(sorted(LAKE_TABLES.slugs()))}",
    )


def as_rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of an answer as plain dictionaries."""
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows
