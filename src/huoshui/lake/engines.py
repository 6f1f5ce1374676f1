"""What analysis asks of an engine, whichever one the house runs on.

Two engines answer: the embedded one (``duck.py``) and Spark (``spark.py``). Analysis is Ibis expressions over the
tables of a session, so it is the same for both; what differs between them is settled inside their modules. Facts are
loaded by the embedded engine in every house.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from huoshui.kernel.plugs import Column
from huoshui.lake.entries import DataFile


class Session(Protocol):
    """Tables and expressions of one session can be joined; those of two cannot."""

    def parquet_files(
        self, name: str, files: Sequence[str], columns: Sequence[Column], *, live_only: bool
    ) -> Any:
        """The Ibis table of ``files`` with exactly ``columns``; columns that no file has are empty.

        ``name`` stands for just these files; ``live_only`` leaves out rows that a newer version has replaced.
        Raises `LakeDamaged`.
        """

    def hold(self, table: pa.Table) -> Any:
        """An Arrow table as an Ibis table of this session."""

    def keep(self, expression: Any) -> Any:
        """Compute ``expression`` once, to be read several times in this session."""

    def drop(self, table: Any) -> None:
        """Let go of what `keep` computed."""

    def arrow(self, query: Any) -> pa.Table:
        """The answer of an expression as an Arrow table; moments carry the house zone.

        Raises `LakeDamaged`, `QueryFailed`.
        """

    def at_most(self, seconds: float) -> AbstractContextManager[None]:
        """Break off what is asked inside the block and takes longer; an engine may not know how.

        Raises `QueryTooLong`.
        """

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
        """Write ``rows`` (expression or Arrow table) as zstd Parquet files into ``folder``; not yet committed.

        ``statistics`` names the columns whose minima and maxima are noted. ``small`` asks for small groups of rows, so
        that few rows here and there are read quickly; an engine may not know how. Raises `LakeNotWritable`,
        `QueryFailed`.
        """


class Engine(Protocol):
    """What makes sessions."""

    def session(self) -> Session:
        """A session of its own."""

    def close(self) -> None:
        """Let go of memory, processes and temporary files."""
