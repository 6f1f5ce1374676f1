"""Cells to values: one expression per field type, with a reason where a cell is not what it should be.

Runs over whole files in the embedded engine, so it is written as Ibis expressions (builtin functions of DuckDB where
Ibis has none). `kernel.money.parse_amount` is the reference for amounts; a property test holds both to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import ibis
import ibis.expr.datatypes as dt

from huoshui.data.connectors.fields import FieldType
from huoshui.kernel.cells import PREFIXED
from huoshui.kernel.currencies import CODES
from huoshui.kernel.money import AMOUNT, DIGITS_BEFORE_POINT, SCALE, SIGNS_OF_MONEY

MONEY = "decimal(18, 4)"
RATE = "decimal(18, 8)"
LONGEST = 10_000
LONGEST_ID = 200
EARLIEST_YEAR = 1970
LIMIT = 10**DIGITS_BEFORE_POINT
EXACT_DOUBLE = 2**53 // 10**SCALE

DateOrder = Literal["dmy", "mdy"]

_DATE = r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_TIME = r"[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
ISO_LOCAL = rf"{_DATE}(?:{_TIME})?"
ISO_ZONED = rf"{_DATE}{_TIME} ?(?:Z|UTC|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])"
COMPACT = r"[0-9]{8}(?:[0-9]{6})?"
CHINESE = r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日(?: ?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
DOTTED = r"[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
SLASHED = r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AaPp][Mm])?)?"

_ERRORS = r"#(?:N/A|VALUE!|REF!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|MERGED!|NOT_CALCULATED!)"
_SHORTENED = r"[0-9](?:\.[0-9]+)?E\+[0-9]{2,3}"
_DAY_NUMBER = r"[1-9][0-9]{4}(?:\.[0-9]+)?"
DAMAGED = "has characters that were damaged before it was exported"
SHEET_ERROR = "is an error of the spreadsheet, not a value"
SHORTENED = "was shortened by a spreadsheet; format the column as text and export it again"
DAY_NUMBER = "is the day number of a spreadsheet; format the column as dates and export it again"

_AMOUNT = AMOUNT.replace(r"\s", r"[\s\v]")  # RE2 leaves the vertical tab out of white space
_SIMPLE_AMOUNT = rf"-?[0-9]{{1,{DIGITS_BEFORE_POINT}}}(?:\.[0-9]{{1,4}})?"


@ibis.udf.scalar.builtin(name="regexp_full_match", signature=((dt.string, dt.string), dt.boolean))
def matches(text: Any, pattern: Any) -> Any:
    """DuckDB: whether the whole of ``text`` matches."""


@ibis.udf.scalar.builtin(name="try_strptime", signature=((dt.string, dt.Array(dt.string)), dt.Timestamp()))
def _try_strptime(text: Any, formats: Any) -> Any:
    """DuckDB: the first of ``formats`` that fits."""


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dt.string, dt.Timestamp()), dt.Timestamp(timezone="UTC"))
)
def _in_zone(zone: str, local: Any) -> Any:
    """DuckDB: the moment at which clocks of ``zone`` show ``local``."""


@ibis.udf.scalar.builtin(name="chr", signature=((dt.int64,), dt.string))
def _character(code: Any) -> Any:
    """DuckDB: the character of ``code``, also the one that no text of SQL can hold."""


@ibis.udf.scalar.builtin(name="array_extract", signature=((dt.string, dt.int64), dt.string))
def _character_at(text: Any, place: Any) -> Any:
    """DuckDB: one character of ``text``, from the end where ``place`` is negative."""


@ibis.udf.scalar.builtin(name="isfinite", signature=((dt.float64,), dt.boolean))
def _is_finite(number: Any) -> Any:
    """DuckDB: neither NaN nor infinite."""


@ibis.udf.scalar.builtin(name="json_valid", signature=((dt.string,), dt.boolean))
def _is_json(text: Any) -> Any:
    """DuckDB: whether ``text`` is JSON."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one column is read: the values, and (condition, reason) for cells that cannot be read."""

    value: Any
    problems: tuple[tuple[Any, str], ...] = ()
    instant: Any = None
    """Only for times: the moment, for cells that name their own zone; ``value`` is the local time otherwise."""


@dataclass(frozen=True, slots=True)
class Conventions:
    """What the cells of a file leave open."""

    zone: str
    date_order: DateOrder | None
    not_after: datetime


def moment(zone: str, local: Any) -> Any:
    """The moment at which clocks of ``zone`` show ``local``. Clock changes: a time that does not exist is moved
    forward by the missing hour; of two, the second is meant."""
    return _in_zone(ibis.literal(zone), local)


def read(column: Any, kind: FieldType, conventions: Conventions) -> Reading:
    """Read ``column`` (`plain` text, or the typed column of a Parquet file) as ``kind``."""
    if kind in ("amount", "number", "integer"):
        return _number(column, whole=kind == "integer")
    if kind == "rate":
        return _number(column, whole=False, money=RATE)
    if kind in ("time", "day"):
        return _time(column, conventions)
    text = _text(column)
    if kind == "currency":
        code = text.upper()
        known = code.isin(sorted(CODES))
        return Reading(ibis.ifelse(known, code, None), ((~known, "is not an ISO 4217 currency code"),))
    if kind == "json":
        valid = _is_json(text)
        return Reading(ibis.ifelse(valid, text, None), ((~valid, "is not JSON"),))
    longest = LONGEST_ID if kind == "id" else LONGEST
    if not column.type().is_string():
        return Reading(text)
    problems = [
        (text.length() > longest, f"is longer than {longest} characters"),
        (text.contains("\ufffd") | text.contains("锟斤拷") | text.contains(_character(0)), DAMAGED),
        (_starts_with(text, "#") & matches(text, ibis.literal(_ERRORS)), SHEET_ERROR),
    ]
    if kind == "id":
        problems.append((text.contains("E+") & matches(text, ibis.literal(_SHORTENED)), SHORTENED))
    return Reading(text, tuple(problems))


def plain(column: Any) -> Any:
    """Text without outer white space; empty cells are missing. Typed columns of a Parquet file stay as they are.

    The apostrophe that `kernel.cells` puts in front of what looks like a formula is taken off, and so is the ``="…"``
    that other programs write around numbers of things. A table of plain columns is selected before they are read:
    readings ask for a cell many times, and each time would repeat all of this in the text of the query.
    """
    if not column.type().is_string():
        return column
    # Comparing texts costs next to nothing. What comes before the digits and letters is more than blanks and signs of
    # formulas, and is left as it is by what follows.
    odd = (column < "0") | _starts_with(column, "=") | _starts_with(column, "\u3000")
    odd = odd | _character_at(column, -1).isin([" ", "\t", "\n", "\f", "\r", "\u3000"])
    trimmed = column.re_replace(r"^[\s\x{3000}]+|[\s\x{3000}]+$", "")
    bare = trimmed.re_replace(r'^="([^"]*)"$', r"\1").re_replace(PREFIXED, r"\1")
    return ibis.ifelse(odd, bare.nullif(""), column)


def _starts_with(text: Any, character: str) -> Any:
    """As ``text.startswith``, in two comparisons."""
    return (text >= character) & (text < chr(ord(character) + 1))


def _text(column: Any) -> Any:
    """`plain` text as it is; others spelt out. Whole numbers that a data frame wrote as ``17850.0`` lose the ``.0``."""
    type_ = column.type()
    if not type_.is_floating():
        return column if type_.is_string() else column.cast("string")
    number = column.try_cast("int64")  # empty where it is not finite, or too large
    whole = ibis.ifelse(number.cast("float64") == column, number.cast("string"), column.cast("string"))
    return whole.fill_null(column.cast("string"))


def identifier(text: Any) -> Any:
    """An id as people mean it: without the apostrophe that exports put in front, and without ``.0`` behind a number."""
    bare = ibis.ifelse(text.startswith("'"), text.substr(1), text).strip().nullif("")
    number = matches(bare, ibis.literal(r"[0-9]+\.0"))
    odd = _starts_with(text, "'") | text.endswith(".0")
    return ibis.ifelse(odd, ibis.ifelse(number, bare.replace(".0", ""), bare), text)


def _number(column: Any, *, whole: bool, money: str = MONEY) -> Reading:
    type_ = column.type()
    if type_.is_integer():
        fits = column.between(1 - LIMIT, LIMIT - 1)  # the least integer has no absolute value
        value = column.try_cast(money)
        return Reading(value, ((~fits, "has too many digits"),) if type_.nbytes > 4 else ())
    if type_.is_decimal():
        value = column.try_cast(money)
        scale = type_.scale or 0
        room = DIGITS_BEFORE_POINT - (scale > SCALE)  # rounding may carry into one more digit
        small = (type_.precision or 38) - scale <= room
        fits = () if small else ((column.notnull() & value.isnull(), "has too many digits"),)
        return Reading(value, (*fits, *_whole(value, whole)))
    if type_.is_floating():
        double = column.cast("float64")
        # Beyond 2^53 ten-thousandths the engine's own cast is off by some of them; the shortest spelling is not.
        value = ibis.ifelse(
            double.abs() < EXACT_DOUBLE, double.try_cast(money), double.cast("string").try_cast(money)
        )
        return Reading(
            value,
            (
                (~_is_finite(double), "is not a number"),
                (double.abs() >= LIMIT, "has too many digits"),
                *_whole(value, whole),
            ),
        )
    text = _text(column)
    simple = matches(text, ibis.literal(_SIMPLE_AMOUNT))
    two_signs = rf"[\s\v]*[+-][{SIGNS_OF_MONEY}]?[+-].*"
    proper = matches(text, ibis.literal(_AMOUNT)) & ~matches(text, ibis.literal(two_signs))
    stripped = text.re_replace(rf"[\s\v,+{SIGNS_OF_MONEY}元]", "")
    value = ibis.cases(
        (simple, text.try_cast(money)), (proper, stripped.try_cast(money)), else_=ibis.null(money)
    )
    unreadable = (text.notnull() & value.isnull(), "is not a number such as 1234.50")
    return Reading(value, (unreadable, *_whole(value, whole)))


def _whole(value: Any, whole: bool) -> tuple[tuple[Any, str], ...]:
    return ((value != value.floor(), "is not a whole number"),) if whole else ()


def _time(column: Any, conventions: Conventions) -> Reading:
    type_ = column.type()
    if type_.is_timestamp():
        if type_.timezone is None:
            return _bounded(column.cast("timestamp(6)"), None, None, conventions)
        return _bounded(ibis.null("timestamp(6)"), column.cast("timestamp('UTC', 6)"), None, conventions)
    if type_.is_date():
        return _bounded(column.cast("timestamp(6)"), None, None, conventions)
    text = _text(column)
    iso = matches(text, ibis.literal(ISO_LOCAL))
    spelt = text.re_replace(r" ?([+-]\d{2}):?(\d{2})$", r"\1:\2").replace(" UTC", "Z").replace(" Z", "Z")
    slashed = []
    if conventions.date_order is not None:
        slashed.append((matches(text, ibis.literal(SLASHED)), _slashed(text, conventions.date_order)))
    local = ibis.cases(
        (iso, text.try_cast("timestamp")),
        (matches(text, ibis.literal(COMPACT)), _strptime(text, ("%Y%m%d", "%Y%m%d%H%M%S"))),
        (matches(text, ibis.literal(DOTTED)), text.replace(".", "-").try_cast("timestamp")),
        (
            matches(text, ibis.literal(CHINESE)),
            text.replace("年", "-").replace("月", "-").replace("日", " ").strip().try_cast("timestamp"),
        ),
        *slashed,
        else_=ibis.null("timestamp"),
    )
    no_instant = ibis.null("timestamp('UTC', 6)")
    instant = ibis.cases(  # most cells are not looked at a second time
        (iso, no_instant),
        (matches(text, ibis.literal(ISO_ZONED)), spelt.try_cast("timestamp('UTC', 6)")),
        else_=no_instant,
    )
    return _bounded(local, instant, text, conventions)


def _bounded(local: Any, instant: Any, text: Any, conventions: Conventions) -> Reading:
    """Refuse times that cannot be: unreadable, before 1970, or in the future."""
    # A day of grace for local clocks; moments are compared as they are.
    first, last = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC), conventions.not_after
    early = local < ibis.literal(first.replace(tzinfo=None))
    late = local > ibis.literal((last + timedelta(hours=14)).replace(tzinfo=None))
    if instant is not None:
        early = early.fill_null(False) | (instant < ibis.literal(first))
        late = late.fill_null(False) | (instant > ibis.literal(last))
    problems = [(early, f"lies before {EARLIEST_YEAR}"), (late, "lies in the future")]
    if text is not None:
        unreadable = text.notnull() & local.isnull() & instant.isnull()
        counted = unreadable & matches(text, ibis.literal(_DAY_NUMBER))
        problems = [(counted, DAY_NUMBER), (unreadable, "is not a date such as 2024-01-31 18:30"), *problems]
    return Reading(value=local, problems=tuple(problems), instant=instant)


def _slashed(text: Any, order: DateOrder) -> Any:
    day = "%d-%m-%Y" if order == "dmy" else "%m-%d-%Y"
    dashed = text.re_replace(r"[/.]", "-").upper()
    return _strptime(
        dashed,
        (day, f"{day} %H:%M", f"{day} %H:%M:%S", f"{day} %I:%M %p", f"{day} %I:%M:%S %p", f"{day} %I:%M%p"),
    )


def _strptime(text: Any, formats: Sequence[str]) -> Any:
    return _try_strptime(text, ibis.array([ibis.literal(f) for f in formats]))


def slashed_parts(column: Any) -> tuple[Any, Any, Any]:
    """For guessing the order of day and month: count of slashed dates, largest first and second part."""
    text = plain(column)
    slashed = matches(text, ibis.literal(SLASHED))
    parts = text.re_replace(r"[/.]", "-")
    first = ibis.ifelse(slashed, parts.re_extract(r"^(\d{1,2})-", 1), None).try_cast("int64")
    second = ibis.ifelse(slashed, parts.re_extract(r"^\d{1,2}-(\d{1,2})-", 1), None).try_cast("int64")
    return slashed.sum(), first.max(), second.max()
