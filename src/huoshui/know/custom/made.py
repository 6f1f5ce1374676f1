"""Definitions as traits of the registry: what is computed, its type and unit, and its meaning in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable, IbisValue, Trait
from huoshui.kernel.texts import Language, Text
from huoshui.know.custom import formulas
from huoshui.know.custom.definitions import (
    AMOUNTS,
    CALENDARS,
    SOURCES,
    Aggregate,
    Definition,
    Formula,
    Of,
    Take,
)
from huoshui.know.custom.errors import NotADefinition
from huoshui.know.custom.formulas import Kind
from huoshui.know.segments import measuring, sentences
from huoshui.science import elapsed, exact

MONEY = "decimal(18, 4)"
MOMENT = "timestamp('UTC', 6)"
NUMBERS = ("int64", "float64", MONEY)
OVER: Mapping[Of, tuple[str, str]] = {
    "events": ("behaviour", "occurred_at"),
    "orders": ("purchases", "ordered_at"),
    "order_lines": ("purchase_lines", "ordered_at"),
}
"""The relation of a source and its column of time. Anonymous facts are in none of them."""

MOST_MONEY = 1e13
"""What `exact.money` can round."""

DAYS = Text("days", "天")
HOUSE_CURRENCY = Text("house currency", "本位币")
COUNTED: Mapping[Of, Text] = {
    "events": Text("events", "次"),
    "orders": Text("orders", "笔"),
    "order_lines": Text("lines", "行"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a formula may speak of: a trait or a numeric attribute, with what it is called."""

    label: Text
    type: str
    unit: Text | None = None

    @property
    def kind(self) -> Kind:
        """As formulas take it. Only amounts are decimals."""
        return Kind(money=self.type == MONEY, unit=self.unit)


def trait(
    slug: str,
    definition: Definition,
    *,
    label: Text,
    known: Mapping[str, Known],
    meaning: Text | None = None,
    unit: Text | None = None,
    defined_at: datetime | None = None,
) -> Trait:
    """A definition as a trait; ``meaning`` and ``unit`` replace those that follow from it.

    ``known`` is what formulas may speak of. Raises `NotADefinition` for formulas of something else.
    """
    said = meaning or Text(*(f"{words[:1].upper()}{words[1:]}" for words in _both(definition, known)))
    if isinstance(definition, Formula):
        require_known(definition, known)
        kind = formulas.kind(definition.tree, {name: one.kind for name, one in known.items()})
        return Trait(
            slug=slug,
            label=label,
            meaning=said,
            type=MONEY if kind.money else "float64",
            unit=unit or (HOUSE_CURRENCY if kind.money else kind.unit),
            needs=formulas.names(definition.tree) or ("customer_id",),
            expression=Calculated(definition, money=kind.money),
            defined_at=defined_at,
        )
    taken = Taken(definition)
    return Trait(
        slug=slug,
        label=label,
        meaning=said,
        type=taken.type,
        unit=unit or taken.unit,
        over=OVER[definition.of][0],
        expression=taken,
        where=taken.looks_at,
        per=taken.value if definition.take == "top" else None,
        empty=0 if definition.take in ("count", "sum") else None,
        defined_at=defined_at,
    )


def broken(slug: str, *, label: Text, type_: str, why: Text, defined_at: datetime | None) -> Trait:
    """A trait that has lost its ground: it has no values, and ``why`` says what is missing."""
    return Trait(
        slug=slug,
        label=label,
        meaning=why,
        type=type_,
        needs=("customer_id",),
        expression=lambda row, as_of: ibis.null(type_),
        defined_at=defined_at,
        broken=why,
    )


def require_known(formula: Formula, known: Mapping[str, Known]) -> None:
    """Raise `NotADefinition` unless the formula speaks of numbers that there are."""
    numeric = {slug for slug, one in known.items() if one.type in NUMBERS}
    for name in formulas.names(formula.tree):
        if name not in numeric:
            problem = (
                Text(f"{known[name].label.en} is no number", f"{known[name].label.zh}不是数字")
                if name in known
                else Text(f"There is no trait {name}", f"没有特征 {name}")
            )
            raise NotADefinition(problem, received=name, valid=", ".join(sorted(numeric)))


@dataclass(frozen=True)
class Calculated:
    """Computes a formula from a row of traits."""

    formula: Formula
    money: bool

    def __call__(self, row: IbisTable, as_of: AsOf) -> IbisValue:
        """Missing where anything it needs is, or where a result is none."""
        value = formulas.value(self.formula.tree, row)
        if not self.money:
            return value
        return exact.money((value.abs() < MOST_MONEY).ifelse(value, ibis.null("float64")))


@dataclass(frozen=True)
class Taken:
    """Takes one thing of a customer's facts."""

    of: Aggregate

    @property
    def money(self) -> bool:
        """Whether the property is an amount in the currency of the house."""
        return self.of.property in AMOUNTS[self.of.of]

    @property
    def type(self) -> str:
        """The Ibis type of the values."""
        if self.of.take in ("count", "days_since"):
            return "int64"
        if not self.of.property:
            return MOMENT
        return {"number": MONEY if self.money else "float64", "text": "string", "flag": "boolean"}[
            self.of.type or "number"
        ]

    @property
    def unit(self) -> Text | None:
        """What follows from what is taken."""
        if self.of.take == "days_since":
            return DAYS
        if self.of.take == "count":
            return COUNTED[self.of.of]
        return HOUSE_CURRENCY if self.money and self.of.property else None

    def looks_at(self, rows: IbisTable, as_of: AsOf) -> IbisValue:
        """Which rows count: of the event, in the window, with the conditions."""
        one, time = self.of, rows[OVER[self.of.of][1]]
        begin, end = one.between(as_of)
        # The relation has nothing of as_of or later; said once more, every source has a test.
        tests = [time < ibis.literal(min(filter(None, (end, as_of.at))))]
        if begin is not None:
            tests.append(time >= ibis.literal(begin))
        if one.of == "events":
            tests.append(rows.name == one.event)
        if one.where:
            conditions = [measuring.narrowed(rows, where, as_of) for where in one.where]
            tests.append(ibis.and_(*conditions) if one.join == "all" else ibis.or_(*conditions))
        return ibis.and_(*tests).fill_null(False)

    def value(self, rows: IbisTable, as_of: AsOf) -> IbisValue:
        """The property of each row; missing where it is of another type, empty, or no finite number."""
        if not self.of.own:
            column = rows[self.of.property]
            if self.of.type == "text":
                return column.nullif("")
            return column if self.money else formulas.finite(column.cast("float64"))
        held = rows.properties.try_cast("json")[self.of.property]
        if self.of.type == "flag":
            return held.bool
        return formulas.finite(held.float) if self.of.type == "number" else held.str.nullif("")

    def __call__(self, rows: IbisTable, as_of: AsOf) -> IbisValue:
        """The aggregate; for the most frequent value, of counts per value. Of equals the least value stands."""
        if self.of.take == "top":
            return ibis.struct({"times": -rows.times, "value": rows.value}).min()["value"]
        time, where = rows[OVER[self.of.of][1]], self.looks_at(rows, as_of)
        if self.of.take == "count":
            return rows.count(where=where)
        if self.of.take == "days_since":
            return elapsed.whole_days(since=time.max(where=where), until=as_of.at)
        if not self.of.property:
            return time.min(where=where) if self.of.take == "first" else time.max(where=where)
        return self._of_values(self.value(rows, as_of), time, where)

    def _of_values(self, value: Any, time: Any, where: Any) -> Any:
        there = where & value.notnull()
        match self.of.take:
            case "min":
                return value.min(where=there)
            case "max":
                return value.max(where=there)
            case "first":
                return ibis.struct({"at": time, "value": value}).min(where=there)["value"]
            case "last":
                return ibis.struct({"at": time, "value": value}).max(where=there)["value"]
            case "sum" if self.money:
                return value.sum(where=there).try_cast(MONEY)
            case "average" if self.money:
                # What does not fit into an amount has no average that does, either.
                return exact.share(value.sum(where=there).try_cast(MONEY), there.sum().cast("int64"))
            case "sum":
                return formulas.finite(value.sum(where=there))
            case _:
                return formulas.finite(value.mean(where=there))


# -- in words ----------------------------------------------------------------------------------------------------

_TAKEN: Mapping[Take, Text] = {
    "count": Text("number of {of}", "{of}次数"),
    "sum": Text("sum of {property} of {of}", "{of}的{property}合计"),
    "average": Text("average {property} of {of}", "{of}的{property}平均值"),
    "min": Text("least {property} of {of}", "{of}的{property}最小值"),
    "max": Text("greatest {property} of {of}", "{of}的{property}最大值"),
    "first": Text("{property} of the first of {of}", "首次{of}的{property}"),
    "last": Text("{property} of the last of {of}", "最近一次{of}的{property}"),
    "top": Text("most frequent {property} of {of}", "{of}中最常见的{property}"),
    "days_since": Text("days since the last of {of}", "距最近一次{of}的天数"),
}
_TIME = Text("time", "时间")
_MORE = {
    "discount": Text("discount", "折扣"),
    "tax": Text("tax", "税"),
    "shipping": Text("shipping", "运费"),
    "total": Text("total", "总额"),
}
_WITHIN = {
    "within_days": Text(" in the last {} days", "最近 {} 天"),
    "within_hours": Text(" in the last {} hours", "最近 {} 小时"),
}


def property_label(name: str) -> Text:
    """What a property is called; those that events brought have the names that they brought."""
    return sentences.PROPERTIES.get(name) or _MORE.get(name) or Text(name, name)


def _both(definition: Definition, known: Mapping[str, Known]) -> tuple[str, str]:
    return in_words(definition, known, "en") + ".", in_words(definition, known, "zh") + "。"


def in_words(definition: Definition, known: Mapping[str, Known], language: Language) -> str:
    """A definition as a phrase: "number of “Product Viewed” in the last 30 days (where category is “shoes”)"."""
    if isinstance(definition, Formula):
        return _spoken(definition, known, language)
    one = definition
    of = f"“{one.event}”" if one.of == "events" else SOURCES[one.of].in_(language)
    name = (property_label(one.property) if one.property else _TIME).in_(language)
    said = _TAKEN[one.take].in_(language).format(of=of, property=name)
    before, behind = "", ""
    for key, form in _WITHIN.items():
        if (length := getattr(one, key)) is not None:
            behind = form.in_(language).format(length)
    if one.calendar is not None:
        behind = CALENDARS[one.calendar].in_(language)
        behind = behind if language == "zh" else f" {behind}"
    if language == "zh":
        before, behind = behind, ""
    where = [sentences.narrowed(part, language) for part in one.where]
    if one.join == "any" and len(where) > 1:
        joiner = "或" if language == "zh" else " or"
        return f"{before}{said}{behind}" + joiner.join(where)
    return f"{before}{said}{behind}" + "".join(where)


def _spoken(formula: Formula, known: Mapping[str, Known], language: Language) -> str:
    """The formula with the labels of its traits."""
    signs = {"*": "×", "/": "÷", "-": "−"}
    words = []
    for word in formulas.words(formula.tree):
        label = known[word].label.in_(language) if word in known else word
        words.append(signs.get(word, label))
    return "".join(words)
