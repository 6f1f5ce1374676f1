"""The cells of a small table as they stand there, for rooms that read a table of their own kind."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from huoshui.data.connectors.errors import RowsDiffer
from huoshui.data.connectors.files import recognise


def texts(path: Path, *, workspace: Path) -> pa.Table:
    """The cells of a CSV, Excel or Parquet file as trimmed texts, empty where there is nothing; by column name.

    ``workspace`` is a folder for what is made of the file on the way. Raises `FileRefused`.
    """
    file = recognise(path, workspace=workspace)
    if file.format == "parquet":
        cells = pq.read_table(file.path)
        columns = [pc.fill_null(column.cast(pa.string()), "") for column in cells.columns]
        table = pa.table(columns, names=list(file.columns))
    else:
        table = _of_text(file.path, file.delimiter or ",", tuple(file.columns))
    return pa.table({name: pc.utf8_trim_whitespace(table[name]) for name in table.column_names})


def _of_text(path: Path, delimiter: str, columns: tuple[str, ...]) -> pa.Table:
    try:
        return pc_csv.read_csv(
            path,
            read_options=pc_csv.ReadOptions(column_names=list(columns), skip_rows=1),
            parse_options=pc_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pc_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise RowsDiffer(
            "A row of this table has another number of cells",
            received=str(error)[:200],
            valid=f"{len(columns)} cells in each row",
        ) from None
