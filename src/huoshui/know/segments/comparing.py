"""Comparing a column with what a rule says: always true or false, never empty."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from huoshui.kernel.clock import AsOf, start_of_day
from huoshui.know.segments.rules import Kind, Part, Test

EXACT = "decimal(38, 9)"


def holds(column: Any, kind: Kind, test: Test, zone: ZoneInfo) -> Any:
    """Whether ``column`` compares so, as a boolean expression. ``zone`` is where the days of moments begin."""
    value = _finite(column) if kind == "number" else column
    match test.op:
        case "empty":
            # Elsewhere empty texts need no thought: nothing is ever compared with an empty text (`reading`).
            return (value.nullif("") if kind in ("text", "code") else value).isnull()
        case "!=" | "not_in":
            positive = Test("=" if test.op == "!=" else "in", test.value)
            return ~_compared(value, kind, positive, zone).fill_null(False)
        case _:
            return _compared(value, kind, test, zone).fill_null(False)


def part_of(day: Any, part: Part, as_of: AsOf) -> Any:
    """The month of a column of days, or the months or days until it comes round again after ``as_of``.

    Whole numbers, 0 for this month or today; 29 February comes round on 1 March where a year has none.
    """
    today = as_of.at.astimezone(as_of.zone).date()
    month = day.month()
    if part == "month":
        return month
    if part == "months_until":
        return (month - today.month + 12) % 12
    firsts = {
        year: [(number, (date(year, number, 1) - today).days - 1) for number in range(1, 13)]
        for year in (today.year, today.year + 1)
    }
    this_year = ibis.cases(*((month == number, day.day() + days) for number, days in firsts[today.year]))
    next_year = ibis.cases(*((month == number, day.day() + days) for number, days in firsts[today.year + 1]))
    return (this_year >= 0).ifelse(this_year, next_year)


def _compared(value: Any, kind: Kind, test: Test, zone: ZoneInfo) -> Any:
    given: Any = test.value
    if kind == "number":
        value, given = _numbers(value, given)
    elif kind == "moment":
        return _moments(value, test, zone)
    match test.op:
        case "=":
            return value == given
        case "<" | "before":
            return value < given
        case "<=":
            return value <= given
        case ">" | "after":
            return value > given
        case ">=":
            return value >= given
        case "in":
            return value.isin(list(given))
        case "between":
            return (value >= given[0]) & (value <= given[1])
        case _:
            return value.contains(given)


def _moments(value: Any, test: Test, zone: ZoneInfo) -> Any:
    """Days of the house: before one, after one, or from one to another, both included."""
    given: Any = test.value
    if test.op == "before":
        return value < _start(given, zone)
    if test.op == "after":
        return value >= _start(given + timedelta(days=1), zone)
    low, high = given
    return (value >= _start(low, zone)) & (value < _start(high + timedelta(days=1), zone))


def _start(day: date, zone: ZoneInfo) -> Any:
    return ibis.literal(start_of_day(day, zone))


def _numbers(value: Any, given: Any) -> tuple[Any, Any]:
    """Column and values in a type that holds both exactly; with floating columns, as floating numbers."""
    several = isinstance(given, tuple)
    numbers: tuple[Decimal, ...] = given if several else (given,)
    if value.type().is_floating():
        made = [ibis.literal(float(number)) for number in numbers]
    elif value.type().is_integer() and all(number == number.to_integral_value() for number in numbers):
        made = [ibis.literal(int(number)) for number in numbers]
    else:
        value = value.cast(EXACT)
        made = [ibis.literal(number, EXACT) for number in numbers]
    return value, made if several else made[0]


def _finite(column: Any) -> Any:
    return column.isnan().ifelse(ibis.null(column.type()), column) if column.type().is_floating() else column
