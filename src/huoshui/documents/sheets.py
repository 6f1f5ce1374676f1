"""Lists as files: CSV and Excel, in which no cell is run as a formula, and Parquet.

A page is turned into text column by column, in Arrow, so a million rows take seconds and no more memory than a page.
Amounts are written with all their digits. Moments are in the zone of the house, which every one of them states: in CSV
behind the time (``2026-11-18 10:25:00+08:00``), in Excel, which knows no zones, in the head of the column. Parquet has
keys for heads, moments in UTC and texts as they are: it is read by programs.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from huoshui.documents import workbook
from huoshui.kernel.cells import LIKE_A_FORMULA, PLAIN_NUMBER, as_text
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.sheets import Kind, Sheet
from huoshui.kernel.texts import Language, Text

MOST_IN_WORKBOOK = 1_048_575
"""Rows of a sheet of Excel below its head."""

SLICE = 8_192
"""So many rows are turned into text at once."""

TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "amount": pa.decimal128(18, 4),
    "flag": pa.bool_(),
    "day": pa.date32(),
    "moment": pa.timestamp("us", "UTC"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of file: what people call it, the end of its name, and how text is written where that can be chosen."""

    slug: str
    label: Text
    suffix: str
    encoding: str = "utf-8"


KINDS: Mapping[str, FileKind] = {
    kind.slug: kind
    for kind in (
        # With the mark of UTF-8, or Excel takes Chinese for something else.
        FileKind(
            slug="csv",
            label=Text("CSV for Excel", "CSV（Excel 可直接打开）"),
            suffix="csv",
            encoding="utf-8-sig",
        ),
        FileKind(slug="xlsx", label=Text("Excel", "Excel"), suffix="xlsx"),
        FileKind(slug="parquet", label=Text("Parquet", "Parquet"), suffix="parquet"),
        FileKind(slug="csv-utf-8", label=Text("CSV, UTF-8 without mark", "CSV，UTF-8 无 BOM"), suffix="csv"),
        FileKind(
            slug="csv-gb18030", label=Text("CSV, GB18030", "CSV，GB18030"), suffix="csv", encoding="gb18030"
        ),
    )
}


class NotAFileKind(HuoshuiError):
    """A kind of file that lists are not written to."""

    code = "not_a_format"
    says = Text("Lists can be taken away as CSV, Excel or Parquet", "列表可导出为 CSV、Excel 或 Parquet")


class TooManyForWorkbook(HuoshuiError):
    """A sheet of Excel has no room for so many rows."""

    code = "too_many_for_a_sheet"
    says = Text(
        "A sheet of Excel holds 1,048,575 rows; choose CSV or Parquet",
        "Excel 工作表最多容纳 1,048,575 行；请选 CSV 或 Parquet",
    )


def kind_named(slug: str) -> FileKind:
    """The kind of file. Raises `NotAFileKind`."""
    if slug not in KINDS:
        raise NotAFileKind("Lists are not written so", received=repr(slug[:20]), valid=", ".join(KINDS))
    return KINDS[slug]


def require_room(kind: FileKind, rows: int) -> None:
    """Raise `TooManyForWorkbook` where so many rows do not fit."""
    if kind.suffix == "xlsx" and rows > MOST_IN_WORKBOOK:
        raise TooManyForWorkbook(
            "A sheet of Excel has no room for so many", received=str(rows), valid=str(MOST_IN_WORKBOOK)
        )


def write(
    sheet: Sheet, file: Path, *, kind: str, language: Language, zone: ZoneInfo, name: str = "Sheet1"
) -> int:
    """Write ``sheet`` to ``file`` and return how many rows it got; ``name`` is that of the sheet of a workbook.

    Raises `NotAFileKind`, `TooManyForWorkbook`, and whatever the pages raise; then there is no file.
    """
    chosen = kind_named(kind)
    require_room(chosen, sheet.total)
    part = file.with_name(f"{file.name}.part")
    written = {"csv": _csv, "xlsx": _workbook, "parquet": _parquet}[chosen.suffix]
    try:
        with part.open("wb") as out:
            count = written(out, sheet, chosen, language, zone, name)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return count


def _csv(out: BinaryIO, sheet: Sheet, kind: FileKind, language: Language, zone: ZoneInfo, _name: str) -> int:
    count = 0
    options = pyarrow.csv.WriteOptions(include_header=False)

    def put(columns: Sequence[Any]) -> None:
        buffer = io.BytesIO()
        pyarrow.csv.write_csv(pa.table(list(columns), list(map(str, range(len(columns))))), buffer, options)
        text = buffer.getvalue()
        if not kind.encoding.startswith("utf-8"):
            text = text.decode("utf-8").encode(kind.encoding)
        out.write(text)

    if kind.encoding == "utf-8-sig":
        out.write(codecs.BOM_UTF8)
    put([pa.array([as_text(field.label.in_(language))]) for field in sheet.fields])
    for rows in _slices(sheet):
        put([_written(column, zone) for column in rows.columns])
        count += rows.num_rows
    return count


def _workbook(
    out: BinaryIO, sheet: Sheet, _kind: FileKind, language: Language, zone: ZoneInfo, name: str
) -> int:
    count = 0
    heads = [
        as_text(f"{label} ({zone.key})" if field.kind == "moment" else label)
        for field in sheet.fields
        for label in (field.label.in_(language),)
    ]
    with workbook.writing(out, name=name, heads=heads) as append:
        for rows in _slices(sheet):
            append([_safe(column) if _is_text(column) else _local(column, zone) for column in rows.columns])
            count += rows.num_rows
    return count


def _parquet(
    out: BinaryIO, sheet: Sheet, _kind: FileKind, _language: Language, _zone: ZoneInfo, _name: str
) -> int:
    count, rows = 0, _pages(sheet)
    first = next(rows, None)
    schema = (
        pa.schema([(field.key, TYPES[field.kind]) for field in sheet.fields])
        if first is None
        else first.schema
    )
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for page in () if first is None else chain((first,), rows):
            writer.write_table(page.cast(schema))
            count += page.num_rows
    return count


def _pages(sheet: Sheet) -> Iterator[pa.Table]:
    """The pages as tables of Arrow, columns in the order of the fields."""
    keys = [field.key for field in sheet.fields]
    for page in sheet.pages:
        if isinstance(page, pa.Table):
            yield page.select(keys)
        else:
            columns = zip(*page, strict=True) if page else [()] * len(keys)
            yield pa.table(
                [
                    pa.array(column, TYPES[field.kind])
                    for field, column in zip(sheet.fields, columns, strict=True)
                ],
                keys,
            )


def _slices(sheet: Sheet) -> Iterator[pa.Table]:
    for page in _pages(sheet):
        for start in range(0, page.num_rows, SLICE):
            yield page.slice(start, SLICE)


def _is_text(column: Any) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _written(column: Any, zone: ZoneInfo) -> Any:
    """A column as CSV has it: texts that nothing runs, amounts with two to four places, moments with their offset."""
    if _is_text(column):
        return _safe(column)
    if pa.types.is_decimal(column.type):
        return pc.replace_substring_regex(column.cast(pa.string()), r"(\.\d\d\d??)0+$", r"\1")
    if pa.types.is_timestamp(column.type):
        local = column.cast(pa.timestamp("s", zone.key), safe=False)
        texts = pc.strftime(local, "%Y-%m-%d %H:%M:%S%z")
        return pc.replace_substring_regex(texts, r"([+-]\d\d)(\d\d)$", r"\1:\2")
    return column


def _local(column: Any, zone: ZoneInfo) -> Any:
    """A column for Excel: moments by the clock on the wall of the zone."""
    if pa.types.is_timestamp(column.type):
        return pc.local_timestamp(column.cast(pa.timestamp("s", zone.key), safe=False))
    return column


def _safe(texts: Any) -> Any:
    """Each text so that a spreadsheet shows it and does not run it: `kernel.cells.as_text` of a whole column."""
    risky = pc.and_not(
        pc.match_substring_regex(texts, f"^(?:{LIKE_A_FORMULA})"),
        pc.match_substring_regex(texts, f"^(?:{PLAIN_NUMBER})$"),
    )
    if not pc.any(risky).as_py():
        return texts
    apostrophe = pa.scalar("'", texts.type)
    return pc.if_else(risky, pc.binary_join_element_wise(apostrophe, texts, pa.scalar("", texts.type)), texts)
