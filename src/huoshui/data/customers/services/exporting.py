"""Customers as a file: CSV and Excel, in which no cell is run as a formula, and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from huoshui.data.customers import listing
from huoshui.data.customers.conditions import Known
from huoshui.data.customers.listing import Row
from huoshui.data.customers.scope import seen_ids
from huoshui.desk.audit import services as audit
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import masks
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.cells import as_text
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language, Text

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

Format = Literal["csv", "xlsx", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "parquet")
PAGE = 20_000
MOST_IN_SHEET = 1_048_575
"""Rows of a sheet of Excel below its head."""

PERSON = {
    "customer_id": Text("Customer", "客户编号"),
    "name": Text("Name", "姓名"),
    "phone": Text("Phone", "手机号"),
    "email": Text("E-mail", "邮箱"),
    "owner": Text("Owner", "负责人"),
}


class NotAFormat(HuoshuiError):
    """A kind of file that customers are not exported to."""

    code = "not_a_format"
    says = Text("Customers can be exported as CSV, Excel or Parquet", "客户可导出为 CSV、Excel 或 Parquet")


class TooManyForSheet(HuoshuiError):
    """A sheet of Excel has no room for so many."""

    code = "too_many_for_a_sheet"
    says = Text(
        "A sheet of Excel holds 1,048,575 customers; choose CSV or Parquet",
        "Excel 工作表最多容纳 1,048,575 位客户；请选 CSV 或 Parquet",
    )


def export(
    *,
    actor: Actor,
    tables: Snapshot,
    customer_ids: Sequence[int],
    columns: Sequence[str],
    format: str,
    file: Path,
    language: Language,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> int:
    """Write those of the customers whom the actor sees to ``file``, in this order; returns how many.

    Phones and e-mails are masked for whoever may not see them. The audit log says who took how many, of what, and
    whether contacts were whole. Raises `NotAFormat`, `TooManyForSheet`, `NotAColumn`, `NotAllowed`; then there is no
    file.
    """
    actor.require(Right.CUSTOMERS_EXPORT)
    if format not in FORMATS:
        raise NotAFormat(
            "Customers are not exported so", received=repr(format[:20]), valid=", ".join(FORMATS)
        )
    offered = listing.known()
    for slug in columns:
        listing.require_offered(slug, offered)
    if format == "xlsx" and len(customer_ids) > MOST_IN_SHEET:
        raise TooManyForSheet(
            "A sheet of Excel has no room for so many",
            received=str(len(customer_ids)),
            valid=str(MOST_IN_SHEET),
        )
    whole = actor.may(Right.CONTACTS_REVEAL)
    shown = [offered[slug] for slug in columns]
    count = 0

    def pages() -> Iterator[list[Row]]:
        nonlocal count
        for start in range(0, len(customer_ids), PAGE):
            piece = list(customer_ids[start : start + PAGE])
            allowed = seen_ids(actor, piece)
            rows = listing.rows(tables, [pk for pk in piece if pk in allowed], columns)
            count += len(rows)
            yield [row if whole else _masked(row) for row in rows]
            progress(min(start + PAGE, len(customer_ids)), len(customer_ids))

    zone = organisation.current().zone
    part = file.with_name(f"{file.name}.part")
    try:
        {"csv": _write_csv, "xlsx": _write_xlsx, "parquet": _write_parquet}[format](
            part, pages(), shown, zone, language
        )
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    audit.record(
        actor=actor,
        act="customers.exported",
        detail={
            "customers": count,
            "columns": list(columns),
            "format": format,
            "contacts": "whole" if whole else "masked",
        },
        now=now,
    )
    return count


def _masked(row: Row) -> Row:
    return Row(
        customer_id=row.customer_id,
        name=row.name,
        phone=masks.phone(row.phone),
        email=masks.email(row.email),
        owner=row.owner,
        values=row.values,
    )


def _head(shown: Sequence[Known], language: Language) -> list[str]:
    return [text.in_(language) for text in PERSON.values()] + [known.label.in_(language) for known in shown]


def _texts(row: Row, shown: Sequence[Known], zone: ZoneInfo) -> list[str]:
    values = [row.values.get(known.slug) for known in shown]
    return [
        str(row.customer_id),
        row.name,
        row.phone,
        row.email,
        row.owner,
        *(_text(v, zone) for v in values),
    ]


def _text(value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _write_csv(
    file: Path, pages: Iterator[list[Row]], shown: Sequence[Known], zone: ZoneInfo, language: Language
) -> None:
    # With the mark of UTF-8, or Excel takes Chinese for something else.
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([as_text(cell) for cell in _head(shown, language)])
        for page in pages:
            buffer = io.StringIO(newline="")
            csv.writer(buffer).writerows([as_text(cell) for cell in _texts(row, shown, zone)] for row in page)
            out.write(buffer.getvalue())


def _write_xlsx(
    file: Path, pages: Iterator[list[Row]], shown: Sequence[Known], zone: ZoneInfo, language: Language
) -> None:
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(file), options) as book:
        sheet = book.add_worksheet()
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for at, title in enumerate(_head(shown, language)):
            sheet.write_string(0, at, as_text(title), bold)
        sheet.freeze_panes(1, 0)
        number = 0
        for page in pages:
            for row in page:
                number += 1
                for at, text in enumerate(_texts(row, (), zone)):
                    sheet.write_string(number, at, as_text(text))
                for at, known in enumerate(shown, start=len(PERSON)):
                    value = row.values.get(known.slug)
                    if isinstance(value, datetime):
                        sheet.write_datetime(number, at, value.astimezone(zone).replace(tzinfo=None), day)
                    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                        sheet.write_number(number, at, float(value))
                    elif value is not None:
                        sheet.write_string(number, at, as_text(_text(value, zone)))


def _write_parquet(
    file: Path, pages: Iterator[list[Row]], shown: Sequence[Known], zone: ZoneInfo, language: Language
) -> None:
    del zone, language  # columns have their slugs and values their moments, for programs
    types: Mapping[str, pa.DataType] = {"number": pa.float64(), "flag": pa.bool_(), "day": pa.date32()}
    fields = [("customer_id", pa.int64()), *((name, pa.string()) for name in list(PERSON)[1:])]
    fields += [
        (k.slug, pa.timestamp("us", "UTC") if k.kind == "moment" else types.get(k.kind, pa.string()))
        for k in shown
    ]
    schema = pa.schema(fields)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for page in pages:
            writer.write_table(pa.Table.from_pylist([_typed(row, shown) for row in page], schema=schema))


def _typed(row: Row, shown: Sequence[Known]) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(row, name) for name in PERSON}
    for known in shown:
        value = row.values.get(known.slug)
        if value is not None and known.kind == "number":
            value = float(value)
        elif value is not None and known.kind in ("text", "code") and not isinstance(value, date):
            value = str(value)
        values[known.slug] = value
    return values


@contextmanager
def passing_file(format: str) -> Iterator[Path]:
    """A place for a file that is answered at once and kept nowhere. Raises `NotAFormat`."""
    if format not in FORMATS:
        raise NotAFormat(
            "Customers are not exported so", received=repr(format[:20]), valid=", ".join(FORMATS)
        )
    home = Path(settings.HUOSHUI_HOME) / "tmp"
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="export-", dir=home) as folder:
        yield Path(folder) / f"customers.{format}"
