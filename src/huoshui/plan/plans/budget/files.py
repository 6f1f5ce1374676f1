"""Budgets as files that people fill in: read line by line, so that what is wrong is told and the rest can be taken.

Two shapes are read, with heads in English or Chinese. A line for each cell: ``channel, month, planned, committed`` and
``measure``, the name of a measure or nothing. Or a line for each channel with a column for each month, whose cells are
what is planned. An empty cell leaves what is there; other columns are passed over.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from huoshui.data.connectors.files.recognising import DAMAGED, RecognisedFile, recognise
from huoshui.data.connectors.files.shape import Rows
from huoshui.kernel.cells import as_written
from huoshui.kernel.money import NotAnAmount, parse_amount
from huoshui.kernel.texts import Text
from huoshui.plan.plans.budget.errors import NotABudget
from huoshui.plan.plans.budget.queries import Entered
from huoshui.plan.plans.budget.services import LARGEST, MOST_CELLS, Entry, Key, checked_channel

LARGEST_FILE = 4 * 1024 * 1024
MOST_WRONG = 200
HEADS: Mapping[str, tuple[str, ...]] = {
    "channel": ("channel", "渠道"),
    "month": ("month", "月份", "月"),
    "measure": ("measure", "措施"),
    "planned": ("planned", "计划"),
    "committed": ("committed", "已承诺"),
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})月?(?:[-/.]?[0-9]{1,2}日?)?(?:[ T]00:00(?::00)?)?", re.ASCII
)
_NAMED = re.compile(r"([A-Za-z]{3})[- ]([0-9]{4}|[0-9]{2})", re.ASCII)

NO_HEADS = Text(
    "The file needs a column for the channel, and either month and planned or a column for each month",
    "文件须有“渠道”列，并有“月份”“计划”两列，或每月一列",
)
RAGGED = Text("This line has another number of cells than the head", "此行的单元格数与表头不一致")
NOT_A_MONTH = Text("This is no month; write it as 2026-01", "月份写法不对，请写成 2026-01")
OUTSIDE = Text("This month is outside the days of the plan", "该月份不在计划时段之内")
NOT_MONEY = Text("This is no amount from 0 with at most two decimals", "金额须为不小于 0 的数，最多两位小数")
TWICE = Text("The same cell stands further up already", "同一单元格前面已出现")
NO_MEASURE = Text("No measure of this plan has just this name", "计划中没有唯一同名的措施")
UNREADABLE = Text("Some letters of this line cannot be read", "此行有无法识别的字符")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong in a ``line`` of the file (of a sheet: its row), and what stood there."""

    line: int
    words: Text
    received: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a file would change: ``entries`` that differ, how many are the ``same``, and what is wrong.

    ``wrong`` are the first `MOST_WRONG` of ``wrong_count``. ``mark`` tells the budget that it was compared with.
    """

    entries: tuple[Entry, ...]
    same: int
    wrong: tuple[Wrong, ...]
    wrong_count: int
    mark: str


def proposed(
    path: Path, *, there: Sequence[Entered], months: Sequence[date], measures: Mapping[int, str]
) -> Proposal:
    """What the file would change of the budget that is ``there``, of a plan of these ``months`` and ``measures``.

    Nothing is stored. Raises `FileRefused` for what is no table, `NotABudget` for a table of something else.
    """
    now = {(one.measure_id, one.channel, one.month): (one.planned, one.committed) for one in there}
    known: dict[str, list[int]] = {}
    for id_, name in measures.items():
        known.setdefault(name.casefold(), []).append(id_)
    found: dict[Key, Entry] = {}
    wrong: list[Wrong] = []
    count = 0
    with TemporaryDirectory() as workspace:
        file = recognise(path, workspace=Path(workspace))
        columns = _columns(file)
        for line, row in _rows(file):
            for entry in _entries(row, len(file.columns), columns, now, known, set(months)):
                if isinstance(entry, Entry) and entry.key in found:
                    entry = (TWICE, f"{entry.channel} {entry.month:%Y-%m}")
                if isinstance(entry, Entry):
                    found[entry.key] = entry
                    continue
                count += 1
                if len(wrong) < MOST_WRONG:
                    wrong.append(Wrong(line=line, words=entry[0], received=entry[1][:60]))
            if len(found) > MOST_CELLS:
                raise NotABudget(
                    Text(f"A file holds at most {MOST_CELLS} cells", f"一个文件最多 {MOST_CELLS} 个单元格")
                )
    changed = tuple(one for one in found.values() if (one.planned, one.committed) != one.was)
    return Proposal(
        entries=changed,
        same=len(found) - len(changed),
        wrong=tuple(wrong),
        wrong_count=count,
        mark=mark_of(there),
    )


def mark_of(there: Sequence[Entered]) -> str:
    """A mark that is another one when any cell of the budget is another one."""
    told = sorted(
        f"{one.measure_id}|{one.channel}|{one.month}|{one.planned:.2f}|{one.committed:.2f}" for one in there
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def month_of(text: str) -> date | None:
    """The first day of the month that ``text`` says, in one of the ways in which spreadsheets write it."""
    text = text.strip()
    if match := _NUMBERS.fullmatch(text):
        year, month = int(match[1]), int(match[2])
    elif (match := _NAMED.fullmatch(text)) and match[1].lower() in MONTHS:
        year, month = int(match[2]) + (2000 if len(match[2]) == 2 else 0), MONTHS.index(match[1].lower()) + 1
    else:
        return None
    return date(year, month, 1) if 1 <= month <= 12 and year > 0 else None


def amount_of(text: str) -> Decimal | None:
    """An amount that can be budgeted; None for an empty text. Raises `NotAnAmount`."""
    if not text.strip():
        return None
    amount = parse_amount(text)
    if not 0 <= amount < LARGEST or amount != round(amount, 2):
        raise NotAnAmount("This cannot be budgeted", received=repr(text[:60]))
    return round(amount, 2)


def _columns(file: RecognisedFile) -> dict[str | date, int]:
    """Where what stands: names of `HEADS`, and first days of months. Raises `NotABudget`."""
    names = {word: name for name, words in HEADS.items() for word in words}
    found: dict[str | date, int] = {}
    for at, head in enumerate(file.columns):
        said = as_written(head).strip()
        key = names.get(said.casefold()) or month_of(said)
        if key in found:
            raise NotABudget(Text("Two columns mean the same", "两列含义相同"), received=said[:40])
        if key is not None:
            found[key] = at
    long = "month" in found and ("planned" in found or "committed" in found)
    wide = "month" not in found and any(isinstance(key, date) for key in found)
    if file.format == "parquet" or "channel" not in found or not (long or wide):
        raise NotABudget(NO_HEADS, received=", ".join(file.columns)[:200])
    return found


def _rows(file: RecognisedFile) -> Iterator[tuple[int, list[str]]]:
    """The rows below the head that are not empty, each with its line in the file."""
    with file.path.open(encoding="utf-8", newline="") as text:
        reader = Rows(text, file.delimiter or ",")
        before = 0
        try:
            for number, row in enumerate(reader, start=1):
                line = file.above + (number if file.format == "sheet" else before + 1)
                before = reader.lines
                if number > 1 and any(cell.strip() for cell in row):
                    yield line, row
        except csv.Error as error:
            raise NotABudget(
                Text("The file cannot be read to its end", "文件无法读到末尾"),
                received=f"line {before + 1}: {error}",
            ) from error


def _entries(
    row: list[str],
    width: int,
    columns: Mapping[str | date, int],
    now: Mapping[Key, tuple[Decimal, Decimal]],
    measures: Mapping[str, list[int]],
    months: set[date],
) -> Iterator[Entry | tuple[Text, str]]:
    """The cells that a row says, and what is wrong of it."""
    if len(row) < width or any(cell.strip() for cell in row[width:]):
        yield RAGGED, f"{len(row)}"
        return
    if any(DAMAGED in cell for cell in row):
        yield UNREADABLE, " ".join(row)
        return
    try:
        channel = checked_channel(as_written(row[columns["channel"]]))
    except NotABudget as error:
        yield error.words, error.received
        return
    measure: int | None = None
    said = as_written(row[columns["measure"]]).strip() if "measure" in columns else ""
    if said:
        ids = measures.get(said.casefold(), [])
        if len(ids) != 1:
            yield NO_MEASURE, said
            return
        measure = ids[0]
    for month, planned, committed in _cells(row, columns):
        first = month if isinstance(month, date) else month_of(month)
        if first is None:
            yield NOT_A_MONTH, str(month)
            continue
        if first not in months:
            yield OUTSIDE, f"{first:%Y-%m}"
            continue
        was = now.get((measure, channel, first), (Decimal(0), Decimal(0)))
        try:
            new = (amount_of(planned), amount_of(committed))
        except NotAnAmount as error:
            yield NOT_MONEY, error.received
            continue
        if new != (None, None):
            yield Entry(
                channel=channel,
                month=first,
                planned=was[0] if new[0] is None else new[0],
                committed=was[1] if new[1] is None else new[1],
                was=was,
                measure_id=measure,
            )


def _cells(row: list[str], columns: Mapping[str | date, int]) -> Iterator[tuple[str | date, str, str]]:
    """Month, planned and committed of each cell that a row has."""

    def of(name: str) -> str:
        return row[columns[name]] if name in columns else ""

    if "month" in columns:
        yield of("month"), of("planned"), of("committed")
        return
    for key, at in columns.items():
        if isinstance(key, date):
            yield key, row[at], ""
