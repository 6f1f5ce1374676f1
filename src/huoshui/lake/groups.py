"""Reading a few rows straight from the groups of data files that can hold them, without the engine.

The engine plans every question anew, over all groups of each file it names; for a page that wants some rows of one
customer this is most of the work. The end of a file says what each of its groups holds. Files never change, so the
ends are kept in memory; the file itself is opened each time, so that what was removed is noticed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from huoshui.lake.errors import LakeDamaged

MOST_BYTES = 8 * 2**20
"""How much of the ends of files is kept, as written; in memory they take several times that."""

_kept: OrderedDict[str, End] = OrderedDict()
_guard = threading.Lock()


class End:
    """What the end of ``file`` says of it."""

    def __init__(self, file: str) -> None:
        self.file = file
        with _damage_named():
            self.metadata = pq.read_metadata(file)
        self._at = {name: number for number, name in enumerate(self.metadata.schema.names)}
        self._bounds: dict[str, list[Bounds]] = {}

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the file."""
        return frozenset(self._at)

    def rows(self, group: int) -> int:
        """How many rows a group has."""
        return int(self.metadata.row_group(group).num_rows)

    def read(self, group: int, columns: Sequence[str]) -> pa.Table:
        """These columns of a group, which the file has. Raises `LakeDamaged`."""
        with (
            _damage_named(),
            pq.ParquetFile(self.file, metadata=self.metadata, read_dictionary=self._coded) as file,
        ):
            return file.read_row_group(group, columns=list(columns), use_threads=False)

    def read_all(self, columns: Sequence[str]) -> pa.Table:
        """These columns, which the file has, of all groups. Raises `LakeDamaged`."""
        with (
            _damage_named(),
            pq.ParquetFile(self.file, metadata=self.metadata, read_dictionary=self._coded) as file,
        ):
            return file.read(columns=list(columns))

    def bounds(self, column: str) -> list[Bounds]:
        """What is said of ``column`` in each group."""
        if column not in self._bounds:
            at = self._at[column]
            groups = (self.metadata.row_group(g) for g in range(self.metadata.num_row_groups))
            self._bounds[column] = [
                Bounds.of(group.column(at).statistics, group.num_rows) for group in groups
            ]
        return self._bounds[column]

    @cached_property
    def _coded(self) -> list[str]:
        """The columns with few values, which are quicker read as numbers of those values."""
        if not self.metadata.num_row_groups:
            return []
        group = self.metadata.row_group(0)
        return [
            name
            for name, at in self._at.items()
            if group.column(at).physical_type == "BYTE_ARRAY"
            and any("DICTIONARY" in encoding for encoding in group.column(at).encodings)
        ]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest value of a column in a group of ``rows``; empty where nothing is said of it."""

    low: Any
    high: Any
    nulls: int | None
    rows: int

    @classmethod
    def of(cls, said: Any, rows: int) -> Bounds:
        """The bounds that the statistics ``said`` of the file give."""
        if said is None:
            return cls(None, None, None, rows)
        low, high = (said.min, said.max) if said.has_min_max else (None, None)
        return cls(low, high, said.null_count if said.has_null_count else None, rows)

    def may_hold(self, values: Sequence[int | str]) -> bool:
        """Whether one of ``values`` may be there."""
        if self.nulls == self.rows:
            return False
        # Ends of long texts may be cut; ids of customers are numbers and exact.
        if not (isinstance(self.low, int) and isinstance(self.high, int)):
            return True
        return any(isinstance(value, int) and self.low <= value <= self.high for value in values)


@dataclass(frozen=True, slots=True)
class Hits:
    """Rows of group ``number`` of a file: those ``at`` these places have one of the values that were asked for, which
    is ``keys``, in the column ``by``."""

    end: End
    number: int
    by: str
    at: npt.NDArray[np.int64]
    keys: pa.ChunkedArray

    @property
    def rows(self) -> int:
        """How many rows must be decoded to have them."""
        return self.end.rows(self.number)

    def bounds(self, column: str) -> Bounds:
        """What the file says of ``column`` in the whole group."""
        return self.end.bounds(column)[self.number]

    def read(self, columns: Sequence[str]) -> pa.Table:
        """Those of ``columns`` that the file has. Rows that were superseded are left out. Raises `LakeDamaged`."""
        there = self.end.columns
        wanted = [
            name for name in dict.fromkeys((*columns, "superseded_by")) if name in there and name != self.by
        ]
        found = self.end.read(self.number, wanted).append_column(self.by, self.keys)
        # In an order by customer they stand together, and a slice copies nothing.
        first, last = int(self.at[0]), int(self.at[-1])
        together = last - first + 1 == len(self.at)
        found = found.slice(first, len(self.at)) if together else found.take(self.at)
        return found.filter(pc.is_null(found["superseded_by"])) if "superseded_by" in wanted else found

    def read_rows(self, columns: Sequence[str]) -> list[dict[str, Any]]:
        """As `read`, each row with all of ``columns``, empty where the file has none; moments are in UTC."""
        found = self.read(columns)
        there = set(found.column_names)
        cells = [_cells(found[name]) if name in there else [None] * found.num_rows for name in columns]
        return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]


def end(file: str) -> End:
    """What the end of ``file`` says, read once. Raises `LakeDamaged`."""
    with _guard:
        if file in _kept:
            _kept.move_to_end(file)
            return _kept[file]
    found = End(file)
    with _guard:
        _kept[file] = found
        while len(_kept) > 1 and sum(one.metadata.serialized_size for one in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)
    return found


def hits(files: Sequence[str], by: str, values: Sequence[int | str], most: int) -> list[Hits] | None:
    """The rows of ``files`` whose ``by`` is one of ``values``, by group; nothing where more than ``most`` rows would
    have to be looked at. Raises `LakeDamaged`."""
    ends = [one for one in map(end, files) if by in one.columns]
    groups = [
        (one, number) for one in ends for number, said in enumerate(one.bounds(by)) if said.may_hold(values)
    ]
    if sum(one.rows(number) for one, number in groups) > most:
        return None
    wanted, found = pa.array(values), []
    for one, number in groups:
        keys = one.read(number, [by])[by]
        at = np.flatnonzero(pc.is_in(keys, value_set=wanted).to_numpy())
        if len(at):
            found.append(Hits(one, number, by, at, keys))
    return found


def whole(files: Sequence[str], schema: pa.Schema) -> pa.Table:
    """The columns of ``schema`` of all rows in the order of ``files``; texts with few values are coded as numbers of
    those values. What a file does not have is empty. Raises `LakeDamaged`."""
    if not files:
        return schema.empty_table()
    parts = []
    for one in map(end, files):
        there = [name for name in schema.names if name in one.columns]
        rows = one.read_all(there)
        for field in schema:
            if field.name not in one.columns:
                rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
        parts.append(rows.select(schema.names))
    coded = [
        name
        for name in schema.names
        if any(pa.types.is_dictionary(part.schema.field(name).type) for part in parts)
    ]
    return pa.concat_tables([_coded(part, coded) for part in parts]).unify_dictionaries()


def _coded(rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    """``rows`` with these columns coded as numbers of their values."""
    for name in columns:
        if not pa.types.is_dictionary(rows.schema.field(name).type):
            at = rows.schema.get_field_index(name)
            rows = rows.set_column(at, name, pc.dictionary_encode(rows[name]))
    return rows


def _cells(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_timestamp(column.type):
        return [None if value is None else value.astimezone(UTC) for value in values]
    return values


@contextmanager
def _damage_named() -> Iterator[None]:
    """Turn what the reader raises into a refusal of the lake."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise LakeDamaged(
            f"A data file could not be read: {str(error).strip().splitlines()[0]}",
            next_step="Run huoshui doctor to find damaged files",
        ) from error
