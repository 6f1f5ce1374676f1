"""Read one sheet of a workbook into a CSV in UTF-8: a program of its own, started by `spreadsheets`.

Workbooks are read whole, by a library that trusts them. So the reading happens in a process with a ceiling on its
memory and on the size of what it writes: a workbook that is made to exhaust the machine ends this process only, and
what it took is free again when it ends. Imports nothing of this project, so that it starts at once.

Arguments: workbook, CSV to write, sheet (empty: guess), ceiling in bytes. Prints one JSON object: ``sheet`` and
``sheets``, or ``problem`` (``password``, ``no_sheet``, ``empty``, ``broken``) with ``message``.
"""

from __future__ import annotations

import csv
import json
import math
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import python_calamine as calamine

EXACT = 2**53
DIGITS_KEPT = 15
MERGED = "#MERGED!"
NOT_CALCULATED = "#NOT_CALCULATED!"
BLOCK = 4 * 1024 * 1024
ROW_END = "\r\n"
"""Both, so that the csv module quotes cells with either."""

_CELL = re.compile(rb"<(?:\w+:)?c ([^<>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_ERROR = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_WITHOUT_VALUE = re.compile(
    rb"<(?:\w+:)?f(?: [^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def main(book: Path, target: Path, wanted: str, ceiling: int) -> dict[str, Any]:
    """Write the sheet; returns what is printed."""
    try:
        with calamine.CalamineWorkbook.from_path(str(book)) as workbook:
            tables = [s for s in workbook.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
            names = [s.name for s in tables]
            found = _chosen(workbook, tables, wanted)
            if isinstance(found, str):
                return {"problem": found, "sheets": names}
            marks = dict(_marks(book, found.name)) if zipfile.is_zipfile(book) else {}
            with target.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator=ROW_END)
                for cells in _rows(found, marks):
                    if any(cells):
                        writer.writerow(cells)
                    else:
                        file.write(ROW_END)
            return {"sheet": found.name, "sheets": names}
    except calamine.PasswordError:
        return {"problem": "password"}
    except (
        calamine.CalamineError,
        zipfile.BadZipFile,
        ElementTree.ParseError,
        KeyError,
        ValueError,
    ) as error:
        return {"problem": "broken", "message": str(error)[:200]}


def _chosen(workbook: Any, tables: list[Any], wanted: str) -> Any:
    """The sheet asked for; else the first visible one with a table; else the first with anything."""
    if wanted:
        matching = [s.name for s in tables if s.name.strip().casefold() == wanted.strip().casefold()]
        if not matching:
            return "no_sheet"
        sheet = workbook.get_sheet_by_name(wanted if wanted in matching else matching[0])
        return sheet if sheet.height else "empty"
    anything = ""
    for visible in (True, False):
        for one in tables:
            if (one.visible == calamine.SheetVisibleEnum.Visible) is not visible:
                continue
            sheet = workbook.get_sheet_by_name(one.name)
            if sheet.height > 1 and sheet.width > 1:
                return sheet
            anything = anything or (one.name if sheet.height else "")
        if anything:
            return workbook.get_sheet_by_name(anything)
    return "empty"


def _rows(sheet: Any, marks: dict[tuple[int, int], str]) -> Iterator[list[str]]:
    """All rows from the first of the sheet on, as text."""
    left = sheet.start[1]
    beginning = {
        (top, column): bottom for (top, column), (bottom, _) in sheet.merged_cell_ranges or () if bottom > top
    }
    reaching: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(sheet.iter_rows()):
        cells = [_text(cell) for cell in row]
        filled = any(cells)
        for column, (bottom, value) in list(reaching.items()):
            if number > bottom:
                del reaching[column]
            elif filled and not cells[column - left]:
                cells[column - left] = value
        for index, cell in enumerate(row):
            place = (number, index + left)
            if place in beginning and cells[index]:
                # A text stands for all its rows. A number may be one to share out, or the id of all: nobody knows.
                value = MERGED if isinstance(cell, float) else cells[index]
                reaching[place[1]] = (beginning[place], value)
            cells[index] = cells[index] or marks.get(place, "")
        yield cells


def _text(cell: Any) -> str:
    """The cell as text: what a person sees, without what formats leave out."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return _number(float(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(cell)


def _number(value: float) -> str:
    """A number without exponent, to the 15 digits that spreadsheets keep.

    Whole numbers beyond these stay exact where they are; those that end in zeros have lost their last digits, and are
    written as spreadsheets show them (``6.92345E+18``), which no reader takes for a number of something.
    """
    if not math.isfinite(value):
        return str(value)
    if value.is_integer():
        if abs(value) < 10**DIGITS_KEPT:
            return str(int(value))
        lost = abs(value) > EXACT or float(f"{value:.{DIGITS_KEPT}g}") == value
        return f"{value:.{DIGITS_KEPT - 1}E}" if lost else str(int(value))
    short = f"{value:.{DIGITS_KEPT}g}"
    return f"{value:.20f}".rstrip("0") if "e" in short else short


def _marks(book: Path, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Cells that the library gives as empty though they are not: errors, and formulas that nobody calculated."""
    with zipfile.ZipFile(book) as archive:
        part = _part_of(archive, sheet)
        if part is None:
            return
        with archive.open(part) as file:
            rest = b""
            while block := file.read(BLOCK):
                rest += block
                end = rest.rfind(b"c>") + 2
                if end > 1:
                    yield from _marks_in(rest[:end])
                    rest = rest[end:]


def _marks_in(xml: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    if b't="e"' not in xml and b"f>" not in xml and b"f " not in xml:
        return
    for cell in _CELL.finditer(xml):
        attributes, content = cell[1], cell[2]
        error = b't="e"' in attributes
        if (error or _WITHOUT_VALUE.fullmatch(content)) and (place := _PLACE.search(attributes)):
            value = _ERROR.search(content) if error else None
            yield _index(place), value[1].decode() if value else NOT_CALCULATED


def _index(place: re.Match[bytes]) -> tuple[int, int]:
    column = 0
    for letter in place[1]:
        column = column * 26 + letter - 64
    return int(place[2]) - 1, column - 1


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The part of an XLSX that holds ``sheet``; nothing for other formats."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    targets = {
        one.get("Id"): one.get("Target", "")
        for one in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - no DTD comes here
    }
    for one in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314 - no DTD comes here
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            key = next((value for name, value in one.attrib.items() if name.endswith("}id")), None)
            target = targets.get(key, "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return part if part in archive.namelist() else None
    return None


if __name__ == "__main__":
    limit = int(sys.argv[4])
    for what in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
        with suppress(ValueError, OSError):  # macOS has no ceiling for memory
            resource.setrlimit(what, (limit, limit))
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], limit)))
