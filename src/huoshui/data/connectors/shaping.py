"""From the rows of a file to the cells that are read: what a tool's profile says, and columns taken together.

One way for all tools; what differs between them stands in their declarations.
"""

from __future__ import annotations

from typing import Any

import ibis

from huoshui.data.connectors.mapping import FieldMapping
from huoshui.data.connectors.recipes import Columns, Recipe
from huoshui.data.connectors.tools import Tool
from huoshui.lake.engines import Session

SAYS_YES = ("yes", "true", "1", "y", "subscribed", "是", "同意")

Problem = tuple[Any, str, str]
"""A condition on the cells, the field or column it speaks of, and the reason."""


def cells(raw: Any, columns: tuple[str, ...], mapping: FieldMapping, tool: Tool | None) -> Any:
    """``row_no``, each mapped recipe under its own text, and ``no sale N`` for the rules of ``tool``.

    The very rows of the file where nothing is to be done; anything else is worth keeping, since cells are read often.
    """
    here = Columns(columns)
    recipes = {text: here.read(text) for text in mapping.as_dict().values()}
    plain = all(recipe is not None and len(recipe.columns) == 1 for recipe in recipes.values())
    if plain and (tool is None or not (tool.no_sale or _brings_together(here, tool))):
        return raw
    rows = _per_order(raw, here, tool) if tool is not None and _brings_together(here, tool) else raw
    found = {text: _cell(rows, recipe) for text, recipe in recipes.items() if recipe is not None}
    rules = {f"no sale {n}": condition for n, condition in _no_sale(rows, here, tool)} if tool else {}
    return rows.select("row_no", **found, **rules)


def rules(cells: Any, tool: Tool | None) -> list[str]:
    """The columns of `cells` that answer the rules of ``tool`` about rows that are no sales."""
    asked = [f"no sale {n}" for n, _ in enumerate(tool.no_sale)] if tool else []
    return [name for name in asked if name in cells.columns]


def problems(cells: Any, tool: Tool | None) -> list[Problem]:
    """The rules of ``tool`` about rows that are no sales, on what has the columns of `rules`."""
    if tool is None:
        return []
    return [
        (cells[f"no sale {n}"], rule.column, rule.reason)
        for n, rule in enumerate(tool.no_sale)
        if f"no sale {n}" in cells.columns
    ]


def consents_claimed(session: Session, raw: Any, columns: tuple[str, ...], tool: Tool | None) -> int:
    """How many rows say that somebody agreed to be written to, without any proof of it."""
    here = Columns(columns)
    found = [column for name in (tool.consent if tool else ()) if (column := here.find(name)) is not None]
    if not found:
        return 0
    yes = ibis.or_(*(raw[c].cast("string").strip().lower().isin(SAYS_YES) for c in found))
    return int(session.arrow(raw.aggregate(n=yes.sum()))["n"][0].as_py() or 0)


def _brings_together(here: Columns, tool: Tool) -> bool:
    return bool(tool.order and here.find(tool.order) and (tool.fill_down or tool.once))


def _per_order(rows: Any, here: Columns, tool: Tool) -> Any:
    """Fill what stands in one row of an order into all its rows; leave what is meant once in its first row only."""
    order = here.find(tool.order)
    filled_down = [c for name in tool.fill_down if (c := here.find(name)) is not None]
    once = [c for name in tool.once if (c := here.find(name)) is not None]
    key = _filled(rows[order])
    numbered = rows.filter(key.notnull())
    told = numbered.group_by(order_of=key).aggregate(
        first_row=numbered.row_no.min(),
        **{
            f"told {n}": numbered[c].argmin(numbered.row_no, where=_filled(numbered[c]).notnull())
            for n, c in enumerate((*filled_down, *once))
        },
    )
    joined = rows.left_join(told, key == told.order_of)
    changed = {}
    for n, column in enumerate((*filled_down, *once)):
        value = joined[f"told {n}"]
        if column in once:
            value = ibis.ifelse(joined.row_no == joined.first_row, value, ibis.null(value.type()))
            changed[column] = ibis.ifelse(joined.order_of.isnull(), joined[column], value)
        else:
            changed[column] = ibis.coalesce(_filled(joined[column]), value)
    return joined.mutate(**changed).select(*rows.columns)


def _no_sale(rows: Any, here: Columns, tool: Tool) -> list[tuple[int, Any]]:
    found = []
    for n, rule in enumerate(tool.no_sale):
        if (column := here.find(rule.column)) is not None:
            cell = _filled(rows[column].cast("string"))
            holds = cell.re_search(f"(?i){rule.pattern}") if rule.pattern else cell.notnull()
            found.append((n, holds.fill_null(False)))
    return found


def _cell(rows: Any, recipe: Recipe) -> Any:
    if len(recipe.columns) == 1:
        return rows[recipe.columns[0]]
    parts = [rows[column] for column in recipe.columns]
    if recipe.joined or len({str(part.type()) for part in parts}) > 1:
        parts = [part.cast("string") for part in parts]
    if not recipe.joined:
        return ibis.coalesce(*map(_filled, parts))
    text = ibis.literal("")
    for part in parts:
        text = text + ibis.coalesce(ibis.literal(" ") + _filled(part), ibis.literal(""))
    return text.strip().nullif("")


def _filled(column: Any) -> Any:
    """The column, with blank texts missing."""
    return ibis.ifelse(column.strip() == "", None, column) if column.type().is_string() else column
