"""What the log says of a file that an engine has written: least and greatest values, and how many are missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from huoshui.kernel.plugs import Column
from huoshui.lake.entries import DataFile


def copied_file(row: tuple[Any, ...], statistics: Sequence[str], columns: Sequence[Column]) -> DataFile:
    """The file that a row of ``COPY … RETURN_STATS`` speaks of."""
    path, rows, size, _, found, *_ = row
    types = {c.name: c.type for c in columns}
    minima: dict[str, Any] = {}
    maxima: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    about: Any = None
    for name in statistics:
        column = found.get(f'"{name}"', {})
        if "null_count" in column:
            nulls[name] = int(column["null_count"])
        if "min" in column and "max" in column:
            minima[name] = _of_text(column["min"], types[name])
            maxima[name] = _of_text(column["max"], types[name])
        elif nulls.get(name, rows) < rows:
            # The engine says nothing where one group has no value, such as the last of rows sorted by customer:
            # whoever looked a customer up would open the file in vain.
            about = about or pq.read_metadata(path)
            low, high, _ = statistics_of(about, name)
            if low is not None:
                minima[name], maxima[name] = low, high
    return DataFile(name=Path(path).name, rows=rows, size=size, minima=minima, maxima=maxima, nulls=nulls)


def statistics_of(about: pq.FileMetaData, column: str) -> tuple[Any, Any, int | None]:
    """Least, greatest and number of missing values by the end of a file, as the Delta protocol writes them; ``None``
    for what it does not tell."""
    place = about.schema.names.index(column)
    groups = [about.row_group(i) for i in range(about.num_row_groups)]
    said = [(group.num_rows, group.column(place).statistics) for group in groups]
    if any(one is None for _, one in said):
        return None, None, None
    nulls = sum(one.null_count for _, one in said) if all(one.has_null_count for _, one in said) else None
    known = [one for _, one in said if one.has_min_max]
    if not known or any(not one.has_min_max and one.null_count != rows for rows, one in said):
        return None, None, nulls
    return _logged(min(one.min for one in known)), _logged(max(one.max for one in known)), nulls


def _logged(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, date) else value


def _of_text(text: str, ibis_type: str) -> Any:
    """A statistic of DuckDB as the Delta protocol writes it."""
    if ibis_type.startswith("int"):
        return int(text)
    return _logged(datetime.fromisoformat(text)) if ibis_type.startswith("timestamp") else text
