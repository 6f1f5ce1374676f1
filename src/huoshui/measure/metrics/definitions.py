"""Metrics that people define without code: a small language, its JSON Schema, and what it may say.

A definition is a numerator and maybe a denominator, each a *part*: rows of a source that meet all filters, and what is
taken of them. A part that takes an average needs no denominator: it brings its own.

    {"numerator": {"of": "orders", "take": "sum", "column": "shipping", "filters": [
        {"column": "channel", "operator": "in", "value": ["web", "app"]}]}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from huoshui.kernel.texts import Text
from huoshui.measure.metrics.errors import NotADefinition

Take = Literal["rows", "customers", "sum", "average"]

SOURCES = {
    "orders": Text("orders with revenue above zero", "金额大于零的订单"),
    "order_lines": Text("order lines", "订单行"),
    "order_changes": Text("order changes (returns, refunds, corrections)", "订单变更（退货、退款、更正）"),
    "events": Text("events", "行为事件"),
    "customers": Text("customers known at the end of the period", "期末已知的客户"),
}
TAKES: dict[str, Text] = {
    "rows": Text("count of rows", "计数"),
    "customers": Text("count of different customers", "去重客户数"),
    "sum": Text("sum of a column", "某列求和"),
    "average": Text("average of a column", "某列平均"),
}
OPERATORS = {
    "=": Text("is", "等于"),
    "!=": Text("is not", "不等于"),
    "<": Text("is less than", "小于"),
    "<=": Text("is at most", "不大于"),
    ">": Text("is greater than", "大于"),
    ">=": Text("is at least", "不小于"),
    "in": Text("is one of", "属于"),
    "between": Text("is between", "介于"),
    "empty": Text("is empty", "为空"),
}
MOST_FILTERS = 10
MOST_VALUES = 100

_PLAIN = {"type": ["string", "number", "boolean"], "maxLength": 200}
_FILTER = {
    "type": "object",
    "required": ["column", "operator"],
    "additionalProperties": False,
    "properties": {
        "column": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"},
        "operator": {"enum": list(OPERATORS)},
        "value": {},
    },
    "oneOf": [
        {"properties": {"operator": {"const": "empty"}, "value": False}},
        {
            "required": ["value"],
            "properties": {
                "operator": {"const": "in"},
                "value": {"type": "array", "items": _PLAIN, "minItems": 1, "maxItems": MOST_VALUES},
            },
        },
        {
            "required": ["value"],
            "properties": {
                "operator": {"const": "between"},
                "value": {"type": "array", "items": _PLAIN, "minItems": 2, "maxItems": 2},
            },
        },
        {
            "required": ["value"],
            "properties": {"operator": {"enum": ["=", "!=", "<", "<=", ">", ">="]}, "value": _PLAIN},
        },
    ],
}
_COLUMN_TAKEN = {"properties": {"take": {"enum": ["sum", "average"]}}, "required": ["column"]}
_PART = {
    "type": "object",
    "required": ["of", "take"],
    "additionalProperties": False,
    "properties": {
        "of": {"enum": list(SOURCES)},
        "take": {"enum": list(TAKES)},
        "column": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"},
        "filters": {"type": "array", "items": {"$ref": "#/$defs/filter"}, "maxItems": MOST_FILTERS},
    },
    "oneOf": [
        _COLUMN_TAKEN,
        {"properties": {"take": {"enum": ["rows", "customers"]}, "column": False}},
    ],
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Definition of a metric of Huoshui",
    "type": "object",
    "required": ["numerator"],
    "additionalProperties": False,
    "properties": {
        "numerator": {"$ref": "#/$defs/part"},
        "denominator": {
            "$ref": "#/$defs/part",
            "properties": {"take": {"enum": ["rows", "customers", "sum"]}},
        },
    },
    "if": {"required": ["denominator"]},
    "then": {"properties": {"numerator": {"properties": {"take": {"enum": ["rows", "customers", "sum"]}}}}},
    "$defs": {"part": _PART, "filter": _FILTER},
}
"""The language as a JSON Schema (draft 2020-12), published at ``/metrics/schema.json``."""

_NAME = re.compile("[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """``value`` is one value, a tuple for ``in`` (any of) and ``between`` (both ends in), nothing for ``empty``."""

    column: str
    operator: str
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is ``take``\\ n ``of`` a source: of the rows that meet all ``filters``."""

    of: str
    take: Take
    column: str = ""
    filters: Sequence[Filter] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A metric. An average has no ``denominator``."""

    numerator: Part
    denominator: Part | None = None


def read(plain: Any) -> Definition:
    """What JSON says, as `SCHEMA` has it. Raises `NotADefinition`."""
    whole = _object(plain, "definition", {"numerator", "denominator"})
    denominator = whole.get("denominator")
    found = Definition(
        numerator=_part(whole.get("numerator"), "numerator"),
        denominator=_part(denominator, "denominator") if denominator is not None else None,
    )
    if found.denominator is not None and "average" in (found.numerator.take, found.denominator.take):
        raise _refused(
            "average",
            "a ratio of counts and sums",
            Text(
                "An average is divided already: it is no part of a ratio",
                "平均值本身已是除法，不能再作为比率的一部分",
            ),
        )
    return found


def plain(definition: Definition) -> dict[str, Any]:
    """The definition as JSON, which `read` reads."""
    parts = {"numerator": definition.numerator, "denominator": definition.denominator}
    return {name: _plain_part(part) for name, part in parts.items() if part is not None}


def _plain_part(part: Part) -> dict[str, Any]:
    filters = [
        {"column": one.column, "operator": one.operator}
        | (
            {}
            if one.value is None
            else {"value": list(one.value) if isinstance(one.value, tuple) else one.value}
        )
        for one in part.filters
    ]
    return {
        "of": part.of,
        "take": part.take,
        **({"column": part.column} if part.column else {}),
        **({"filters": filters} if filters else {}),
    }


def _part(plain: Any, name: str) -> Part:
    found = _object(plain, name, {"of", "take", "column", "filters"})
    of, take, column = found.get("of"), found.get("take"), found.get("column", "")
    filters = found.get("filters", [])
    if of not in SOURCES:
        raise _refused(of, ", ".join(SOURCES), Text("There is no such source of rows", "没有这样的数据来源"))
    if take not in TAKES:
        raise _refused(
            take, ", ".join(TAKES), Text("There is nothing like this to take", "没有这样的计算方式")
        )
    of_column = take in ("sum", "average")
    if of_column != ("column" in found) or (of_column and not (isinstance(column, str) and _is_name(column))):
        raise _refused(
            column,
            "a column for sums and averages, none for counts",
            Text("A sum or an average needs a column, a count has none", "求和与平均需要选一列，计数不需要"),
        )
    if not isinstance(filters, list) or len(filters) > MOST_FILTERS:
        raise _refused(filters, f"at most {MOST_FILTERS}", Text("These are no filters", "这不是筛选条件"))
    return Part(of=of, take=take, column=column, filters=tuple(_filter(one) for one in filters))


def _filter(plain: Any) -> Filter:
    found = _object(plain, "filter", {"column", "operator", "value"})
    column, operator, value = found.get("column"), found.get("operator"), found.get("value")
    if not isinstance(column, str) or not _is_name(column):
        raise _refused(column, "the name of a column", Text("A filter needs a column", "筛选条件需要一列"))
    if operator not in OPERATORS:
        raise _refused(operator, " ".join(OPERATORS), Text("There is no such comparison", "没有这种比较"))
    if operator == "empty" and "value" not in found:
        return Filter(column=column, operator=operator)
    most = {"in": MOST_VALUES, "between": 2}.get(operator)
    if most is not None:
        least = 2 if operator == "between" else 1
        if isinstance(value, list) and least <= len(value) <= most and all(map(_is_plain, value)):
            return Filter(column=column, operator=operator, value=tuple(value))
    elif operator != "empty" and _is_plain(value):
        return Filter(column=column, operator=operator, value=value)
    valid = {"in": "a list of values", "between": "a list of two values", "empty": "no value"}
    raise _refused(
        value,
        valid.get(operator, "one value"),
        Text("The value does not fit the comparison", "取值与比较方式不符"),
    )


def _object(plain: Any, name: str, keys: set[str]) -> Mapping[str, Any]:
    if not isinstance(plain, dict) or set(plain) - keys:
        raise _refused(
            plain, f"an object with {', '.join(sorted(keys))}", Text(f"This is no {name}", "定义的写法不对")
        )
    return plain


def _is_plain(value: Any) -> bool:
    return isinstance(value, (int, float, bool)) or (isinstance(value, str) and len(value) <= 200)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _refused(received: Any, valid: str, problem: Text) -> NotADefinition:
    return NotADefinition(problem, received=repr(received)[:80], valid=valid)
