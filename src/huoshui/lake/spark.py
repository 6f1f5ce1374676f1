"""The second engine: Spark below, Ibis above; for a house that has outgrown one machine.

Imported only where the settings name Spark. The workers read the files of the lake under the paths that this process
sees, and write computed tables beside them: the lake must be a folder that all of them share.

Spark's own behaviour is set where it would answer differently: its zone is the house zone, arithmetic that does not
fit is an error and not a wrong number, and `_Compiler` mends what Ibis says differently to it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark import Backend
from ibis.backends.pyspark.datatypes import PySparkSchema
from py4j.protocol import Py4JError
from pyspark import SparkConf
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from huoshui.kernel.plugs import Column
from huoshui.lake.delta import UNFINISHED
from huoshui.lake.duck import EngineSettings
from huoshui.lake.duck_failures import first_line
from huoshui.lake.entries import DataFile
from huoshui.lake.errors import EngineMissing, LakeDamaged, LakeNotWritable, QueryFailed
from huoshui.lake.java import java_home
from huoshui.lake.locks import OwnFolder
from huoshui.lake.spark_sql import SparkSql
from huoshui.lake.written import statistics_of

LEAST_MEMORY = 1024
"""MiB that Spark's driver is given at least; it does not start with half of that."""

_OF_EVERY_SESSION = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}

_GLOB = str.maketrans({sign: "\\" + sign for sign in "\\{}[]*?"})


class SparkEngine:
    """Spark for one lake; it starts with the first question, which takes some seconds."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._started = False

    def session(self) -> Session:
        """A session with views of its own; nothing starts before it is used."""
        return Session(self)

    def spark(self) -> Any:
        """A new session of Spark. Raises `EngineMissing`."""
        with self._lock:
            if not self._started:
                _process.join(self.settings)
                self._started = True
            return _process.spark.newSession()

    def close(self) -> None:
        """Stop Spark when no other engine of this process uses it."""
        with self._lock:
            if self._started:
                _process.leave()
                self._started = False


class _Process:
    """The one Spark of this process, with the settings of the engine that first asked for it."""

    def __init__(self) -> None:
        self.spark: Any = None
        self._folders = ExitStack()
        self._engines = 0
        self._lock = threading.Lock()

    def join(self, settings: EngineSettings) -> None:
        with self._lock:
            if self.spark is None:
                with ExitStack() as folders:
                    own = folders.enter_context(OwnFolder(settings.temporary, "engine"))
                    self.spark = _start(settings, own, folders.enter_context(without_commas(own)))
                    self._folders = folders.pop_all()
            self._engines += 1

    def leave(self) -> None:
        with self._lock:
            self._engines -= 1
            if not self._engines:
                self.spark.stop()
                self.spark = None
                self._folders.close()


_process = _Process()


class Session:
    """One session; see `engines.Session`."""

    def __init__(self, engine: SparkEngine) -> None:
        self.engine = engine
        self._tables: dict[str, Any] = {}
        self._kept: dict[str, Any] = {}

    @cached_property
    def spark(self) -> Any:
        """The session of Spark."""
        return self.ibis._session

    @cached_property
    def ibis(self) -> Any:
        """The Ibis backend over it."""
        backend = _Backend()
        backend.do_connect(self.engine.spark())
        # Ibis has just set the zone to UTC.
        backend._session.conf.set("spark.sql.session.timeZone", self.engine.settings.time_zone)
        for name, value in _OF_EVERY_SESSION.items():
            backend._session.conf.set(name, value)
        return backend

    # -- reading -------------------------------------------------------------------------------------------------

    def parquet_files(
        self, name: str, files: Sequence[str], columns: Sequence[Column], *, live_only: bool
    ) -> Any:
        """See `engines.Session`."""
        if name not in self._tables:
            with failures_named():
                self._tables[name] = self._table(self._read(files, columns, live_only=live_only), columns)
        return self._tables[name]

    def hold(self, table: pa.Table) -> Any:
        """See `engines.Session`."""
        whole = (
            table.combine_chunks()
        )  # PySpark loses rows of a table in several chunks of which one is empty
        with failures_named():
            return self._view(self.spark.createDataFrame(whole), ibis.Schema.from_pyarrow(table.schema))

    def keep(self, expression: Any) -> Any:
        """See `engines.Session`. It is spilled to the disks of the workers when large."""
        with failures_named():
            frame = self._frame(expression).persist()
            kept = self._view(frame, expression.schema())
        self._kept[kept.get_name()] = frame
        return kept

    def drop(self, table: Any) -> None:
        """See `engines.Session`."""
        self._kept.pop(table.get_name()).unpersist()
        self.spark.catalog.dropTempView(table.get_name())

    def arrow(self, query: Any) -> pa.Table:
        """See `engines.Session`."""
        rows = query.as_table()
        with failures_named():
            answer = self._frame(rows).toArrow()
        return answer.cast(_in_zone(rows.schema().to_pyarrow(), self.engine.settings.time_zone))

    def at_most(self, seconds: float) -> AbstractContextManager[None]:
        """See `engines.Session`; Spark answers when it answers."""
        return nullcontext()

    # -- writing -------------------------------------------------------------------------------------------------

    def write_files(
        self,
        rows: Any,
        folder: Path,
        columns: Sequence[Column],
        statistics: Sequence[str],
        sort: Sequence[str] = (),
        *,
        small: bool = False,  # Spark cuts groups by their bytes
    ) -> list[DataFile]:
        """See `engines.Session`. The workers write; this process only moves the files to their place."""
        table = self.hold(rows) if isinstance(rows, pa.Table) else rows
        # Spark's own types decide: it makes a sum one digit wider, and Ibis sees nothing there to cast.
        types = PySparkSchema.from_ibis(ibis.schema({c.name: c.type for c in columns}))
        frame = self._frame(table.select(*types.names))
        frame = frame.select(*(frame[field.name].cast(field.dataType) for field in types))
        made = folder / f"{UNFINISHED}{uuid4()}"
        try:
            with failures_named():
                (frame.sort(*sort) if sort else frame).write.parquet(f"file:{made}")
            return [f for f in (_moved(p, folder, statistics) for p in sorted(made.glob("*.parquet"))) if f]
        finally:
            shutil.rmtree(made, ignore_errors=True)

    # -- inside --------------------------------------------------------------------------------------------------

    def _read(self, files: Sequence[str], columns: Sequence[Column], *, live_only: bool) -> Any:
        # The schema is stated: Spark would open every file to find out, and columns that a file lacks are empty.
        marked = columns if any(c.name == "superseded_by" for c in columns) else (*columns, _SUPERSEDED)
        schema = PySparkSchema.from_ibis(ibis.schema({c.name: c.type for c in marked}))
        if not files:
            return self.spark.createDataFrame([], schema)
        reader = self.spark.read.schema(schema).option("basePath", f"file:{Path(files[0]).parent}")
        frame = reader.parquet(*map(_pattern, files))
        return frame.where("superseded_by IS NULL") if live_only else frame

    def _table(self, frame: Any, columns: Sequence[Column]) -> Any:
        return self._view(frame.select(*[c.name for c in columns]), {c.name: c.type for c in columns})

    def _view(self, frame: Any, schema: Any) -> Any:
        """``frame`` as an Ibis table with the types of the house: Spark's moments have no zone in their type."""
        name = f"table_{uuid4().hex}"
        frame.createOrReplaceTempView(name)
        return ops.DatabaseTable(name=name, schema=ibis.schema(schema), source=self.ibis).to_expr()

    def _frame(self, expression: Any) -> Any:
        self.ibis._run_pre_execute_hooks(expression)
        return self.spark.sql(str(self.ibis.compile(expression)))


_SUPERSEDED = Column("superseded_by", "int64", "")


# -- Ibis --------------------------------------------------------------------------------------------------------


class _Backend(Backend):  # type: ignore[misc]  # Ibis ships no types
    compiler = SparkSql()


_Backend.register_options()


# -- starting ----------------------------------------------------------------------------------------------------


def _start(settings: EngineSettings, own: Path, listed: Path) -> Any:
    """A new Spark, whose temporary files are in the folder ``own``; ``listed`` is what lists of folders call it."""
    options = {
        "spark.app.name": "huoshui",
        "spark.log.level": "ERROR",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": f"file:{own / 'warehouse'}",
        "spark.driver.memory": f"{max(LEAST_MEMORY, _mebibytes(settings.memory))}m",
        # Plans of hundreds of expressions are megabytes of text each, and a thousand of them would be kept.
        "spark.sql.ui.retainedExecutions": "5",
        "spark.sql.maxPlanStringLength": "2000",
        **_OF_EVERY_SESSION,
    }
    if settings.spark_master.startswith("local"):
        options |= {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(listed),
            # Two hundred parts, the usual number, are for a cluster.
            "spark.sql.shuffle.partitions": str(2 * (settings.threads or os.cpu_count() or 1)),
        }
    conf = SparkConf(loadDefaults=False).setMaster(settings.spark_master).setAll(list(options.items()))
    with _named_in_environment("JAVA_HOME", str(java_home(os.environ, own))):
        try:
            return SparkSession.builder.config(conf=conf).getOrCreate()
        except (PySparkException, Py4JError, RuntimeError, OSError) as error:
            raise EngineMissing(
                "Spark did not start",
                received=first_line(error),
                next_step=f"See its messages above; HUOSHUI_SPARK_MASTER is {settings.spark_master}",
            ) from error


@contextmanager
def without_commas(folder: Path) -> Iterator[Path]:
    """``folder`` by a path without commas: a link to it where its own has one. Raises `EngineMissing`.

    Spark takes commas for the ends of names in a list of folders, and makes those that it reads there in the folder
    where the command was typed.
    """
    if "," not in str(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="huoshui-") as beside:
        if "," in beside:
            raise EngineMissing(
                "Spark cannot be told where to keep its temporary files: there is a comma in the path",
                received=beside,
                next_step="Set TMPDIR, or HUOSHUI_HOME, to a folder without a comma in its path",
            )
        link = Path(beside) / "engine"
        link.symlink_to(folder.resolve(), target_is_directory=True)
        yield link


@contextmanager
def _named_in_environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _mebibytes(memory: str) -> int:
    return int(memory.removesuffix("MiB")) if memory.endswith("MiB") else 1024 * int(memory[:-3])


# -- files -------------------------------------------------------------------------------------------------------


def _pattern(path: str) -> str:
    """The pattern that only ``path`` matches: Spark reads patterns. In the file system, whatever a cluster has set."""
    return f"file:{path}".translate(_GLOB)


def _moved(written: Path, folder: Path, statistics: Sequence[str]) -> DataFile | None:
    """Move a file into ``folder``, under a name of our own; ``None`` when it has no rows."""
    about = pq.read_metadata(written)
    if not about.num_rows:
        return None
    name = f"part-{uuid4()}.parquet"
    size = written.stat().st_size
    written.rename(folder / name)
    found = {column: statistics_of(about, column) for column in statistics}
    return DataFile(
        name=name,
        rows=about.num_rows,
        size=size,
        minima={c: low for c, (low, _, _) in found.items() if low is not None},
        maxima={c: high for c, (_, high, _) in found.items() if high is not None},
        nulls={c: nulls for c, (_, _, nulls) in found.items() if nulls is not None},
    )


def _in_zone(schema: pa.Schema, zone: str) -> pa.Schema:
    """``schema`` with moments in ``zone``; how they are kept does not change."""
    return pa.schema(
        [f.with_type(pa.timestamp("us", zone)) if pa.types.is_timestamp(f.type) else f for f in schema]
    )


# -- failures ----------------------------------------------------------------------------------------------------

_SIGNS_OF_DAMAGE = ("PATH_NOT_FOUND", "FAILED_READ_FILE", "FileNotFoundException", "is not a Parquet file")
_CONDITION = re.compile(r"\[[A-Z_0-9.]{4,}\] .*")
_SIGNS_OF_NO_ROOM = ("No space left", "Permission denied", "Read-only file system")


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn Spark's exceptions into refusals of the lake."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        text, said = str(error), _said(error)
        if any(sign in text for sign in _SIGNS_OF_DAMAGE):
            raise LakeDamaged(
                f"Spark could not read a file: {said}",
                next_step="Run huoshui doctor to find damaged files; every worker must see the lake's folder",
            ) from error
        if any(sign in text for sign in _SIGNS_OF_NO_ROOM):
            raise LakeNotWritable(
                f"Spark could not write: {said}",
                next_step="Make space or give write access to the house's folder, then try again; nothing was changed",
            ) from error
        if "OutOfMemoryError" in text:
            raise QueryFailed(
                "Spark ran out of memory",
                received=said,
                next_step="Give it more with HUOSHUI_MEMORY, or its workers with spark.executor.memory",
            ) from error
        raise QueryFailed("Spark could not answer", received=said) from error


def _said(error: Exception) -> str:
    """What is said of the cause; the first line of an error that comes from a worker only tells who asked."""
    named = _CONDITION.search(str(error))
    return named[0] if named else first_line(error)
