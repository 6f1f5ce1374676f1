"""Metrics that people defined, as the evaluator takes them: contributions of a definition, and the formula in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

import ibis

from huoshui.data.facts import relations
from huoshui.kernel.clock import start_of_day
from huoshui.kernel.plugs import LAKE_TABLES, Column, IbisTable
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.definitions import OPERATORS, SOURCES, Definition, Filter, Part
from huoshui.measure.metrics.errors import BrokenMetric, NotADefinition
from huoshui.measure.metrics.lines import changes_with_products
from huoshui.measure.metrics.scope import Scope

Unit = Literal["money", "orders", "customers", "share", "number"]

MOMENT = {
    "orders": "ordered_at",
    "order_lines": "ordered_at",
    "order_changes": "occurred_at",
    "events": "occurred_at",
}
OF_SALE = {
    "orders": ("channel", "store", "source"),
    "order_lines": ("channel", "store", "source", "product", "category"),
    "order_changes": ("channel", "store", "source", "product", "category"),
    "events": ("source", "product"),
    "customers": (),
}
"""Which dimensions of sales the rows of a source have."""

_MONEY = "decimal(18, 4)"
_ANY_ZONE = ZoneInfo("UTC")
_HIDDEN = ("customer_id", "account_id", "visitor_id", "load_id", "ingested_at", "superseded_by", "properties")


def columns(of: str) -> tuple[Column, ...]:
    """The columns of a source that filters and sums may speak of."""
    return tuple(column for column in LAKE_TABLES[of].all_columns if column.name not in _HIDDEN)


def is_number(column: Column) -> bool:
    """Whether a column can be summed up."""
    return column.type.startswith(("int", "float", "decimal"))


def require_sound(definition: Definition) -> None:
    """See that everything that the definition names is there. Raises `BrokenMetric`, `NotADefinition`."""
    for part in filter(None, (definition.numerator, definition.denominator)):
        known = {column.name: column for column in columns(part.of)}
        for name in (*([part.column] if part.column else []), *(one.column for one in part.filters)):
            if name not in known:
                raise BrokenMetric(
                    Text(
                        f"The metric needs the column {name} of {part.of}, which is not there",
                        f"这个指标需要 {part.of} 的列 {name}，但它不存在",
                    ),
                    received=name,
                    valid=", ".join(known),
                    next_step="Change the definition, or bring the attribute back",
                )
        if part.column and not is_number(known[part.column]):
            raise NotADefinition(
                Text("Only numbers can be summed up", "只有数字列可以求和或平均"),
                received=part.column,
                valid=", ".join(name for name, column in known.items() if is_number(column)),
            )
        for one in part.filters:
            _values(one, known[one.column], _ANY_ZONE)


def unit_of(definition: Definition) -> Unit:
    """What the figure is: a ratio of money to money, or of people to people, is a share."""
    above = _unit(definition.numerator)
    if definition.denominator is None:
        return above
    below = _unit(definition.denominator)
    if above == below and above != "number":
        return "share"
    return "money" if above == "money" else "number"


def _unit(part: Part) -> Unit:
    if part.take == "customers" or (part.take == "rows" and part.of == "customers"):
        return "customers"
    if part.take == "rows":
        return "orders" if part.of == "orders" else "number"
    types = {column.name: column.type for column in columns(part.of)}
    in_house_money = types.get(part.column) == _MONEY and part.column not in ("quantity",)
    return "money" if in_house_money and not part.column.endswith("_original") else "number"


def counts_people(definition: Definition) -> bool:
    """Whether a row of the figure is a customer."""
    return definition.numerator.take == "customers" or definition.numerator.of == "customers"


def in_words(part: Part) -> Text:
    """A part as a phrase: “sum of shipping of orders with revenue above zero where channel is web”."""
    of = SOURCES[part.of]
    en = {
        "rows": of.en,
        "customers": f"different customers of {of.en}",
        "sum": f"sum of {part.column} of {of.en}",
        "average": f"average {part.column} of {of.en}",
    }[part.take]
    zh = {
        "rows": f"{of.zh}的数量",
        "customers": f"{of.zh}的去重客户数",
        "sum": f"{of.zh}的 {part.column} 之和",
        "average": f"{of.zh}的 {part.column} 平均值",
    }[part.take]
    if part.filters:
        en += " where " + " and ".join(_said(one).en for one in part.filters)
        zh += "，且 " + "、".join(_said(one).zh for one in part.filters)
    return Text(en, zh)


def _said(one: Filter) -> Text:
    values = one.value if isinstance(one.value, tuple) else () if one.value is None else (one.value,)
    operator = OPERATORS[one.operator]
    en, zh = (" and ", " 至 ") if one.operator == "between" else (", ", "、")
    return Text(
        f"{one.column} {operator.en} {en.join(map(str, values))}".rstrip(),
        f"{one.column} {operator.zh} {zh.join(map(str, values))}".rstrip(),
    )


@dataclass(frozen=True)
class Rows:
    """Gives the contributions of a definition, as `kernel.plugs.Metric` wants them; equal for equal definitions."""

    definition: Definition

    def __call__(self, scope: Scope) -> IbisTable:
        """Raises `BrokenMetric`, `UnknownDimension`, `UnknownValue`."""
        require_sound(self.definition)
        above, below = self.definition.numerator, self.definition.denominator
        rows = _contributions(above, scope)
        if above.take == "average":
            return rows.mutate(denominator=ibis.literal(1, "int64"))
        if below is None:
            return rows
        under = _contributions(below, scope).rename(denominator="numerator")
        keys = ("customer_id", *scope.by)
        return ibis.union(
            rows.select(*keys, "numerator", denominator=ibis.literal(0).cast(under.denominator.type())),
            under.select(*keys, ibis.literal(0).cast(rows.numerator.type()).name("numerator"), "denominator"),
        )


def _contributions(part: Part, scope: Scope) -> IbisTable:
    rows = _people(part, scope) if part.of == "customers" else _facts(part, scope)
    keys = ("customer_id", *scope.by)
    if part.take == "customers":
        known = rows.filter(rows.customer_id.notnull()).select(*keys).distinct()
        return known.mutate(numerator=ibis.literal(1, "int64"))
    if part.take == "rows":
        return rows.select(*keys, numerator=ibis.literal(1, "int64"))
    measured = rows.filter(rows["_measured"].notnull())
    return measured.select(*keys, numerator=measured["_measured"])


def _facts(part: Part, scope: Scope) -> IbisTable:
    if part.of == "orders":
        source = relations.all_orders(scope.tables, scope.latest)
    else:
        source = relations.happened_before(scope.tables.table(part.of), MOMENT[part.of], scope.latest)
    rows = _kept(source, part, scope.latest.zone).mutate(at=source[MOMENT[part.of]])
    wanted = set(scope.used) & set(OF_SALE[part.of])
    if part.of in ("order_lines", "order_changes") and wanted & {"channel", "store"}:
        orders = scope.tables.table("orders")
        known = orders.select("channel", "store", _source=orders.source, _order_id=orders.order_id)
        rows = rows.left_join(
            known, [rows.source == known["_source"], rows.order_id == known["_order_id"]]
        ).drop("_source", "_order_id")
    if part.of == "order_changes" and wanted & {"product", "category"}:
        rows = changes_with_products(rows, scope.tables)
    elif "product" in wanted:
        rows = rows.rename(product="product_id")
    measured = ["_measured"] if part.column else []
    return scope.cut(rows.select("customer_id", "at", *sorted(wanted), *measured), OF_SALE[part.of])


def _people(part: Part, scope: Scope) -> Any:
    """Customers of each period who meet the filters, with what is summed up of them."""
    who = scope.customers().rename(_who="customer_id")
    everything = _kept(scope.tables.table("customers"), part, scope.latest.zone)
    everything = everything.select("customer_id", *(["_measured"] if part.column else []))
    return scope.people(who.inner_join(everything, who["_who"] == everything.customer_id).drop("_who"))


def _kept(rows: Any, part: Part, zone: ZoneInfo) -> Any:
    """The rows that meet all filters; what is summed up of them is ``_measured``."""
    known = {column.name: column for column in columns(part.of)}
    for one in part.filters:
        rows = rows.filter(_condition(rows[one.column], one, known[one.column], zone))
    if not part.column:
        return rows
    exact = known[part.column].type.startswith("decimal")
    return rows.mutate(_measured=rows[part.column].cast(_MONEY if exact else known[part.column].type))


def _condition(column: Any, one: Filter, declared: Column, zone: ZoneInfo) -> Any:
    values = _values(one, declared, zone)
    if one.operator == "empty":
        return column.isnull() | (column == "") if declared.type == "string" else column.isnull()
    if one.operator == "in":
        return column.isin(values)
    if one.operator == "between":
        return column.between(values[0], values[1])
    # Who has no value is not equal to any: "is not web" has the rows without a channel in it.
    if one.operator == "!=":
        return (column != values[0]).fill_null(True)
    compared = {
        "=": column == values[0],
        "<": column < values[0],
        "<=": column <= values[0],
        ">": column > values[0],
        ">=": column >= values[0],
    }
    return compared[one.operator]


def _values(one: Filter, declared: Column, zone: ZoneInfo) -> Sequence[Any]:
    """The values of a filter in the type of its column. Raises `NotADefinition`."""
    values = one.value if isinstance(one.value, tuple) else () if one.value is None else (one.value,)
    try:
        return [_value(value, declared.type, zone) for value in values]
    except (ValueError, ArithmeticError, KeyError) as error:
        raise NotADefinition(
            Text(
                f"The column {declared.name} cannot have this value",
                f"列 {declared.name} 不会有这样的取值",
            ),
            received=repr(one.value)[:80],
            valid=f"a value of type {declared.type}",
        ) from error


def _value(value: Any, type_: str, zone: ZoneInfo) -> Any:
    text = str(value).strip()
    if type_.startswith("timestamp"):
        day = date.fromisoformat(text[:10])
        moment = datetime.fromisoformat(text) if len(text) > 10 else start_of_day(day, zone)
        if moment.tzinfo is None:
            raise ValueError(text)
        return ibis.literal(moment)
    if type_ == "boolean":
        return {"true": True, "false": False}[text.lower()]
    if type_.startswith("int"):
        return int(text)
    if type_.startswith("decimal"):
        return ibis.literal(Decimal(text)).cast(type_)
    if type_.startswith("float"):
        return float(text)
    return ibis.literal(date.fromisoformat(text)) if type_ == "date" else text
