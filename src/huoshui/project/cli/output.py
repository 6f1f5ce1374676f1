"""Writing results: aligned text, JSON, CSV; and showing progress beside them.

stdout carries only results. JSON is exact: decimals are written as JSON numbers with all their digits (never rounded
through a float), times in ISO 8601 with their offset, days as YYYY-MM-DD; not-a-number and infinity become null.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import click
from rich.cells import cell_len

from huoshui.kernel.cells import as_text
from huoshui.kernel.texts import Language, Text
from huoshui.project.cli.running import say

Tell = Callable[[str, float], None]

STEPS = {
    "reading": "reading and checking the file",
    "customers": "finding and making customers",
    "orders": "making orders",
    "lines": "making order lines",
    "profiles": "writing profiles",
    "traits": "computing traits",
    "segments": "computing who belongs to the segments",
}


# -- JSON --------------------------------------------------------------------------------------------------------


def print_json(value: Any) -> None:
    """``value`` as indented JSON on stdout."""
    click.echo(as_json(value))


def as_json(value: Any, indent: int = 0) -> str:
    """``value`` as JSON. Takes what queries answer: plain values, decimals, dates, mappings and sequences."""
    inner, outer = "\n" + "  " * (indent + 1), "\n" + "  " * indent
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        items = [
            f"{json.dumps(str(k), ensure_ascii=False)}: {as_json(v, indent + 1)}" for k, v in value.items()
        ]
        return "{" + inner + ("," + inner).join(items) + outer + "}"
    if isinstance(value, list | tuple):
        if not value:
            return "[]"
        return "[" + inner + ("," + inner).join(as_json(item, indent + 1) for item in value) + outer + "]"
    return json_scalar(value)


def json_scalar(value: Any) -> str:
    """One plain value as JSON."""
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, float):
        return json.dumps(value) if math.isfinite(value) else "null"
    if isinstance(value, Decimal):
        return decimal_text(value) if value.is_finite() else "null"
    if isinstance(value, Mapping | list | tuple):
        return as_json(value)
    return json.dumps(plain_text(value), ensure_ascii=False)


def decimal_text(value: Decimal) -> str:
    """All digits of ``value``, without zeros at the end and without an exponent."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def plain_text(value: Any) -> str:
    """A value that JSON has no form for, as text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds()} s"
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


# -- CSV ---------------------------------------------------------------------------------------------------------


def csv_line(cells: Iterable[Any]) -> str:
    """One line of CSV that a spreadsheet shows as it is: texts that look like formulas get an apostrophe in front.

    Numbers stay numbers, also negative ones; empty cells stand for missing values.
    """
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([_csv_cell(cell) for cell in cells])
    return buffer.getvalue()


def _csv_cell(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return decimal_text(cell)
    if isinstance(cell, int | float):
        return str(cell)
    text = as_json(cell).replace("\n", " ") if isinstance(cell, Mapping | list | tuple) else plain_text(cell)
    return as_text(text)


# -- text --------------------------------------------------------------------------------------------------------


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Iterable[int] = (), indent: int = 0
) -> None:
    """Aligned columns on stdout; columns named in ``right`` are aligned to the right. Chinese takes two places."""
    for line in table_lines(headers, rows, right=right):
        click.echo(" " * indent + line)


def table_lines(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Iterable[int] = ()
) -> list[str]:
    """The lines of `print_table`; without headers there is no heading and no rule."""
    everything = [list(headers), *rows] if headers else [list(row) for row in rows]
    if not everything:
        return []
    widths = [max(cell_len(row[i]) for row in everything) for i in range(len(everything[0]))]
    to_right = set(right)

    def line(row: Sequence[str]) -> str:
        padded = (_pad(cell, widths[i], right=i in to_right) for i, cell in enumerate(row))
        return "  ".join(padded).rstrip()

    lines = [line(row) for row in everything]
    if headers:
        lines.insert(1, "  ".join("─" * width for width in widths))
    return lines


def _pad(text: str, width: int, *, right: bool) -> str:
    gap = " " * (width - cell_len(text))
    return gap + text if right else text + gap


def cell(value: Any) -> str:
    """A value in a table for people: one line, controls made visible."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Mapping | list | tuple):
        return re.sub(r"\s*\n\s*", " ", as_json(value))
    text = value.isoformat(sep=" ") if isinstance(value, datetime) else plain_text(value)
    # Control characters of somebody's file must not steer the terminal.
    return "".join(c if c.isprintable() else "·" for c in text)


def heading(text: str) -> None:
    """A heading inside a result, with an empty line before it."""
    click.echo()
    click.echo(text)


# -- numbers for people ------------------------------------------------------------------------------------------


def number(value: Any, decimals: int = 0) -> str:
    """``1,234,567`` or ``1,234.50``; a dash for nothing."""
    return "–" if value is None else f"{value:,.{decimals}f}"


def money(value: Any, currency: str) -> str:
    """An amount in the house currency, to two decimals."""
    return "–" if value is None else f"{currency} {value:,.2f}"


def share(value: Any) -> str:
    """A share as a percentage."""
    return "–" if value is None else f"{value:.1%}"


def moment(value: datetime | None, zone: Any) -> str:
    """A moment in the house zone, to the minute."""
    return "–" if value is None else value.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def speak(text: Text, language: Language) -> str:
    """``text`` in ``language``."""
    return text.in_(language)


# -- progress ----------------------------------------------------------------------------------------------------


@contextmanager
def progress() -> Iterator[Tell]:
    """Gives a function (step, share done) that shows progress on stderr: a bar on a terminal, else a line a step."""
    if not sys.stderr.isatty():
        yield _line_per_step()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def tell(step: str, done: float) -> None:
            bar.update(task, description=STEPS.get(step, step), total=1.0 if done else None, completed=done)

        yield tell


def _line_per_step() -> Tell:
    told: list[str] = []

    def tell(step: str, _done: float) -> None:
        if step not in told:
            told.append(step)
            say(f"{STEPS.get(step, step)} …")

    return tell
