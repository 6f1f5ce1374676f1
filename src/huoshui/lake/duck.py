"""The embedded engine: DuckDB below, Ibis above. The only module with SQL strings besides ``sql.py``.

One DuckDB instance per process with a share of memory, threads and a temporary folder inside the home; one cursor per
snapshot. The session time zone is the house zone, so that days and months of timestamps are days and months of the
house; elapsed time must be taken by ``.delta(…, unit="microsecond")``, which does not depend on it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType

from huoshui.kernel.plugs import Column
from huoshui.lake import deadlines
from huoshui.lake.duck_failures import failures_named
from huoshui.lake.duck_sql import DuckBackend, DuckSql
from huoshui.lake.entries import DataFile
from huoshui.lake.locks import OwnFolder, sweep_folders
from huoshui.lake.written import copied_file

FILE_SIZE, SMALL_FILE_SIZE = "64MB", "16MB"
"""Whoever looks for a few rows pays for what the end of a file says of each of its groups, also of those not read."""
ROW_GROUP = 122_880
SORTED_ROW_GROUP = 30_720
"""Of rows in an order: whoever looks for a few of them reads one group, and half a group is read in half the time."""
SMALL_ROW_GROUP = 16_384
"""Of rows in an order by customer, of which pages want a few: whatever the page, whole groups are decoded."""

KNOWN_COLUMNS = 4096
"""Of how many tables and views it is remembered what columns they have."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the engines may use. ``memory`` is a size such as ``2GiB``; ``threads`` 0 means all cores.

    In the folder ``temporary`` each engine makes one of its own. ``engine`` is the one that analysis runs on,
    ``duckdb`` or ``spark``; ``spark_master`` says where Spark runs.
    """

    memory: str
    threads: int
    time_zone: str
    temporary: Path
    engine: str = "duckdb"
    spark_master: str = "local[*]"


class DuckEngine:
    """The DuckDB instance of this process."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        sweep_folders(settings.temporary)
        self._folder = OwnFolder(settings.temporary, "engine")
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": settings.memory,
            "temp_directory": str(self._folder.path),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
        if settings.threads:
            config["threads"] = settings.threads
        self._instance = duckdb.connect(":memory:", config=config)
        self._instance.execute("SET enable_progress_bar = false")
        # Data files never change, and what their ends say is most of the work of looking one customer up.
        self._instance.execute("SET GLOBAL parquet_metadata_cache = true")
        # It reads files twice to have fewer values for the newest few; of one customer there are few anyway.
        self._instance.execute("SET GLOBAL late_materialization_max_rows = 0")
        self._lock = threading.Lock()
        self._views: set[str] = set()
        self._columns: dict[Hashable, ibis.Schema] = {}

    def session(self) -> Session:
        """A cursor of its own, with an Ibis backend over it."""
        with self._lock:
            return Session(self, self._instance.cursor())

    def close(self) -> None:
        """Let go of memory and temporary files."""
        self._instance.close()
        self._folder.remove()

    def define(self, name: str, make: Callable[[], str]) -> None:
        """Create the view ``name`` once in this process; ``make`` gives its SELECT. Raises `LakeDamaged`."""
        with self._lock:
            if name in self._views:
                return
            with failures_named():  # files may be gone since ``make`` has looked at them
                self._instance.cursor().execute(f"CREATE OR REPLACE VIEW {quoted(name)} AS {make()}")
            self._views.add(name)

    def columns(self, of: Hashable, ask: Callable[[], ibis.Schema]) -> ibis.Schema:
        """The columns of what ``of`` stands for, once and for all; ``ask`` asks for them, which takes milliseconds."""
        known = self._columns.get(of)
        if known is None:
            if len(self._columns) >= KNOWN_COLUMNS:
                self._columns.clear()
            known = self._columns[of] = ask()
        return known


class Session:
    """One cursor; see `engines.Session`."""

    def __init__(self, engine: DuckEngine, cursor: duckdb.DuckDBPyConnection) -> None:
        self.engine = engine
        self.cursor = cursor
        self._use_house_zone()

    @cached_property
    def ibis(self) -> DuckBackend:
        """Ibis over the cursor; small writes do without."""
        backend: DuckBackend = DuckBackend.from_connection(self.cursor)
        backend.compiler = DuckSql(ZoneInfo(self.engine.settings.time_zone))
        self._use_house_zone()  # Ibis has set another
        return backend

    def _use_house_zone(self) -> None:
        self.cursor.execute(f"SET TimeZone = {literal(self.engine.settings.time_zone)}")

    # -- reading -------------------------------------------------------------------------------------------------

    def parquet_files(
        self, name: str, files: Sequence[str], columns: Sequence[Column], *, live_only: bool
    ) -> Any:
        """See `engines.Session`."""
        self.engine.define(name, lambda: _select_files(self.cursor, files, columns, live_only=live_only))
        return self._table(name, name)

    def named_files(self, name: str, files: Sequence[str], columns: Sequence[Column]) -> Any:
        """As `parquet_files`, all rows, with the name of each row's file (without folder) as ``filename``."""

        def make() -> str:
            inner = _select_files(self.cursor, files, columns, live_only=False, named=True)
            return f"SELECT * REPLACE (parse_filename(filename) AS filename) FROM ({inner})"

        self.engine.define(name, make)
        return self._table(name, name)

    def read_parquet(self, path: Path) -> Any:
        """A Parquet file that is not part of the lake, with ``row_no`` counted from 0, as `read_csv` has it."""
        name, file = f"file_{uuid4().hex}", f"read_parquet({literal(str(path))}"
        with failures_named():
            described = self.cursor.execute(f"DESCRIBE SELECT * FROM {file})").fetchall()
            if any(column.lower() == "file_row_number" for column, *_ in described):
                numbered = f"SELECT *, row_number() OVER () - 1 AS row_no FROM {file})"  # one thread, no clash of names
            else:
                numbered = (
                    f"SELECT * EXCLUDE (file_row_number), file_row_number AS row_no "
                    f"FROM {file}, file_row_number = true)"
                )
            self.cursor.execute(f"CREATE TEMP VIEW {name} AS {numbered}")
        return self.ibis.table(name)

    def read_csv(
        self, path: Path, columns: Sequence[str], *, delimiter: str, header: bool
    ) -> tuple[Any, str]:
        """A UTF-8 delimited file as text columns with ``row_no`` from 0, read now; rows of another width are set aside.

        Returns the Ibis table and the name under which `set_aside` finds the odd rows. Raises `QueryFailed`.

        The rows are numbered by where they come to stand: counting them while they are read is work for one thread,
        and among numbers that were computed no row is found without looking at all of them.
        """
        read = f"read_{uuid4().hex}"
        held = [f"c{place}" for place in range(len(columns))]  # a file may have a column named "rowid"
        types = ", ".join(f"{name}: 'VARCHAR'" for name in held)
        names = ", ".join(f"{h} AS {quoted(name)}" for h, name in zip(held, columns, strict=True))
        with failures_named():
            self.cursor.execute(
                f"CREATE TEMP TABLE {read} AS SELECT * FROM read_csv("
                f"{literal(str(path))}, delim = {literal(delimiter)}, header = {str(header).lower()}, quote = '\"', "
                f"escape = '\"', columns = {{{types}}}, auto_detect = false, strict_mode = true, store_rejects = true, "
                f"rejects_table = {literal(read + '_rows')}, rejects_scan = {literal(read + '_scans')}, "
                f"rejects_limit = 0, max_line_size = 16777216, buffer_size = 33554432)"
            )
            self.cursor.execute(
                f"CREATE TEMP VIEW {read}_numbered AS SELECT rowid AS row_no, {names} FROM {read}"
            )
        return self.ibis.table(f"{read}_numbered"), f"{read}_rows"

    def set_aside(self, name: str) -> pa.Table:
        """Rows that `read_csv` could not split: ``line`` (1-based, of the file), ``reason``, ``text``."""
        return self.arrow(
            "SELECT line::BIGINT AS line, any_value(error_message) AS reason, any_value(csv_line) AS text "
            f"FROM {quoted(name)} GROUP BY line ORDER BY line"
        )

    def keep(self, expression: Any) -> Any:
        """See `engines.Session`. It is a temporary table, spilled to disk when large."""
        name = f"kept_{uuid4().hex}"
        with failures_named():
            self.cursor.execute(f"CREATE TEMP TABLE {name} AS {self.sql(expression)}")
        return self.ibis.table(name)

    def drop(self, table: Any) -> None:
        """See `engines.Session`."""
        self.cursor.execute(f"DROP TABLE IF EXISTS {quoted(table.get_name())}")

    def hold(self, table: pa.Table) -> Any:
        """See `engines.Session`."""
        return self._table(self._registered(table), table.schema)

    def _table(self, name: str, like: Hashable) -> Any:
        """The table ``name``, with the columns of all that are ``like`` it."""
        with failures_named():  # a view may be older than the loss of a file
            schema = self.engine.columns(like, lambda: self.ibis.get_schema(name))
        return ops.DatabaseTable(name, schema=schema, source=self.ibis).to_expr()

    def _registered(self, table: pa.Table) -> str:
        name = f"held_{uuid4().hex}"
        self.cursor.register(name, table)
        return name

    def query(self, rows: Any) -> str:
        """The SELECT that gives ``rows``, an expression or an Arrow table."""
        if isinstance(rows, pa.Table):
            return f"SELECT * FROM {self._registered(rows)}"
        return self.sql(rows)

    def sql(self, expression: Any) -> str:
        """The SELECT that computes ``expression``."""
        self.ibis._run_pre_execute_hooks(expression)
        return str(self.ibis.compile(expression))

    def arrow(self, query: str | Any) -> pa.Table:
        """See `engines.Session`; also takes a SELECT of this package."""
        text = query if isinstance(query, str) else self.sql(query)
        with failures_named():
            return self.cursor.sql(text).to_arrow_table()

    def at_most(self, seconds: float) -> AbstractContextManager[None]:
        """See `engines.Session`."""
        return deadlines.at_most(seconds, self.cursor.interrupt, duckdb.InterruptException)

    # -- writing -------------------------------------------------------------------------------------------------

    def write_files(
        self,
        rows: Any,
        folder: Path,
        columns: Sequence[Column],
        statistics: Sequence[str],
        sort: Sequence[str] = (),
        *,
        small: bool = False,
    ) -> list[DataFile]:
        """See `engines.Session`."""
        return self.write_query(self.query(rows), folder, columns, statistics, sort, small=small)

    def write_query(
        self,
        query: str,
        folder: Path,
        columns: Sequence[Column],
        statistics: Sequence[str],
        sort: Sequence[str] = (),
        *,
        small: bool = False,
        sorted_already: bool = False,
    ) -> list[DataFile]:
        """As `write_files`, for a SELECT of this package; its rows may stand in the order ``sort`` already."""
        selected = ", ".join(
            f"CAST({quoted(c.name)} AS {sql_type(c.type)}) AS {quoted(c.name)}" for c in columns
        )
        ordered = f" ORDER BY {', '.join(map(quoted, sort))}" if sort and not sorted_already else ""
        by_customer = small or (*sort, "")[0] == "customer_id"
        group = SMALL_ROW_GROUP if by_customer else SORTED_ROW_GROUP if sort else ROW_GROUP
        size = SMALL_FILE_SIZE if small else FILE_SIZE
        with failures_named():
            self.cursor.execute(
                f"COPY (SELECT {selected} FROM ({query}){ordered}) TO {literal(str(folder))} "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group}, FILE_SIZE_BYTES '{size}', "
                f"APPEND, FILENAME_PATTERN 'part-{{uuidv7}}', RETURN_STATS)"
            )
            written = self.cursor.fetchall()
        files = [copied_file(row, statistics, columns) for row in written]
        empty = [f for f in files if not f.rows]
        for file in empty:
            (folder / file.name).unlink(missing_ok=True)
        return [f for f in files if f.rows]


# -- SQL text ----------------------------------------------------------------------------------------------------


def quoted(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=256)
def sql_type(ibis_type: str) -> str:
    """The DuckDB name of an Ibis type."""
    return str(DuckDBType.to_string(dt.dtype(ibis_type)))


@lru_cache(maxsize=256)
def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The Arrow schema of ``columns``."""
    return cast("pa.Schema", ibis.schema({c.name: c.type for c in columns}).to_pyarrow())


def scan(files: Sequence[str], *, named: bool = False) -> str:
    """``read_parquet`` over ``files``; ``named`` adds the column ``filename``."""
    names = ", ".join(literal(f) for f in files)
    return f"read_parquet([{names}], union_by_name = true{', filename = true' if named else ''})"


def select_columns(present: Iterable[str], columns: Sequence[Column]) -> str:
    """A select list of exactly ``columns``, empty where the files lack them."""
    there = set(present)
    return ", ".join(
        f"CAST({quoted(c.name) if c.name in there else 'NULL'} AS {sql_type(c.type)}) AS {quoted(c.name)}"
        if c.name not in there
        else quoted(c.name)
        for c in columns
    )


def _select_files(
    cursor: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    columns: Sequence[Column],
    *,
    live_only: bool,
    named: bool = False,
) -> str:
    also = ", filename" if named else ""
    if not files:
        return f"SELECT {select_columns((), columns)}{', NULL::VARCHAR AS filename' if named else ''} WHERE false"
    with failures_named():
        present = [d[0] for d in cursor.execute(f"DESCRIBE SELECT * FROM {scan(files)}").fetchall()]
    live = " WHERE superseded_by IS NULL" if live_only and "superseded_by" in present else ""
    return f"SELECT {select_columns(present, columns)}{also} FROM {scan(files, named=named)}{live}"
