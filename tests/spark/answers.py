"""One question to both engines, and whether they say the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ibis
import pyarrow as pa

from huoshui.lake.snapshot import Snapshot

NEAR = 1e-9
"""How far apart, in proportion, floating point numbers may be: sums add up in another order."""
FIGURES = ("numerator", "denominator")


def differences(picture: Snapshot, ask: Callable[[Any], Any]) -> list[str]:
    """What the engines say differently about ``ask(tables)``, an expression; at most ten rows, as text."""
    embedded = picture.embedded()
    assert embedded is not picture, "the house does not run on Spark"
    return unlike(embedded.arrow(ask(embedded)), picture.arrow(ask(picture)))


def unlike(expected: pa.Table, given: pa.Table) -> list[str]:
    """In what two answers differ, whatever the order of their rows."""
    if expected.schema.names != given.schema.names:
        return [f"columns {expected.schema.names} and {given.schema.names}"]
    if expected.num_rows != given.num_rows:
        return [f"{expected.num_rows} and {given.num_rows} rows"]
    exact = [f.name for f in expected.schema if not pa.types.is_floating(f.type)]
    mine, theirs = (sorted(t.to_pylist(), key=lambda row: _place(row, exact)) for t in (expected, given))
    return [
        f"{name}: {a[name]!r} and {b[name]!r} of {a}"
        for a, b in zip(mine, theirs, strict=True)
        for name in a
        if not same(a[name], b[name])
    ][:10]


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal; floating point numbers nearly."""
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=NEAR, abs_tol=0)
    return bool(a == b) and (a is None) == (b is None)


def _place(row: dict[str, Any], exact: list[str]) -> list[str]:
    floating = [f"{v:.6g}" if v is not None else "" for n, v in row.items() if n not in exact]
    return [*(repr(row[name]) for name in exact), *floating]


class Asked(Exception):
    """Carries the expression that something wanted to have computed."""

    def __init__(self, expression: Any) -> None:
        super().__init__("asked")
        self.expression = expression


class Asking:
    """Tables that do not answer: `expression_of` learns what would have been asked."""

    def __init__(self, tables: Any) -> None:
        self.table = tables.table
        self.whole = tables

    def arrow(self, expression: Any) -> Any:
        raise Asked(expression)


def expression_of(ask: Callable[[Any], Any], tables: Any) -> Any:
    """The expression that ``ask(tables)`` has computed first."""
    try:
        ask(Asking(tables))
    except Asked as asked:
        return asked.expression
    raise AssertionError("nothing was asked")


def together(parts: dict[str, Any]) -> Any:
    """Several answers with a numerator and maybe a denominator as one, each row with its ``part``.

    Each stands in a column of its kind: ``…_exact`` for counts and money, ``…_near`` for floating point numbers,
    which are as good as their last digit.
    """
    rows = []
    for part, expression in parts.items():
        found = {name: expression[name] for name in FIGURES if name in expression.columns}
        rows.append(expression.select(part=ibis.literal(part), **_by_kind(found)))
    return ibis.union(*rows)


def _by_kind(found: dict[str, Any]) -> dict[str, Any]:
    said = {}
    for name in FIGURES:
        figure = found.get(name, ibis.null("int64"))
        near = figure.type().is_floating()
        said[f"{name}_exact"] = (ibis.null() if near else figure).cast("decimal(38, 4)")
        said[f"{name}_near"] = (figure if near else ibis.null()).cast("float64")
    return said
