"""Traits that people define without code: a small language, its JSON Schema, and what it may say.

A definition takes one thing of the facts of a customer, or calculates with other traits:

    {"of": "events", "event": "Product Viewed", "take": "count", "within_days": 30,
     "where": [{"property": "category", "op": "=", "value": "shoes"}]}
    {"of": "orders", "take": "average", "property": "revenue", "calendar": "last_month"}
    {"formula": "revenue_90d / orders_90d"}

``where`` is written as in rules of segments; all conditions hold, or with ``"join": "any"`` at least one. Windows are
the calendar days of the house before the moment of the refresh, hours are rolling.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from huoshui.kernel.clock import AsOf, start_of_day
from huoshui.kernel.texts import Text
from huoshui.know.custom import formulas
from huoshui.know.custom.errors import NotADefinition
from huoshui.know.custom.formulas import Tree
from huoshui.know.segments import reading, rules, schema
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.rules import Where

Of = Literal["events", "orders", "order_lines"]
Take = Literal["count", "sum", "average", "min", "max", "first", "last", "top", "days_since"]
Calendar = Literal["this_month", "last_month", "this_year", "last_year"]
Type = Literal["number", "text", "flag"]

SOURCES: Mapping[Of, Text] = {
    "events": Text("events", "行为事件"),
    "orders": Text("purchases", "购买订单"),
    "order_lines": Text("order lines", "订单行"),
}
TAKES: Mapping[Take, Text] = {
    "count": Text("count", "次数"),
    "sum": Text("sum", "合计"),
    "average": Text("average", "平均值"),
    "min": Text("least value", "最小值"),
    "max": Text("greatest value", "最大值"),
    "first": Text("first value", "首次值"),
    "last": Text("last value", "最近值"),
    "top": Text("most frequent value", "最常见值"),
    "days_since": Text("days since the last", "距最近一次的天数"),
}
CALENDARS: Mapping[Calendar, Text] = {
    "this_month": Text("this month", "本月"),
    "last_month": Text("last month", "上月"),
    "this_year": Text("this year", "今年"),
    "last_year": Text("last year", "去年"),
}
TYPES: Mapping[Type, Text] = {
    "number": Text("number", "数字"),
    "text": Text("text", "文本"),
    "flag": Text("yes or no", "是或否"),
}
FACTS: Mapping[Of, str] = {"events": "did", "orders": "orders", "order_lines": "products"}
"""What rules of segments call the sources."""

AMOUNTS: Mapping[Of, tuple[str, ...]] = {
    "events": (),
    "orders": ("revenue", "discount", "tax", "shipping", "total"),
    "order_lines": ("revenue", "unit_price"),
}
"""Properties that are money of the house."""

OF_NUMBERS: tuple[Take, ...] = ("sum", "average", "min", "max")
OF_ANY: tuple[Take, ...] = ("first", "last", "top")
MOST_CONDITIONS = 30
WINDOWS = ("within_days", "within_hours", "calendar")
LONGEST_EVENT = 200


def properties(of: Of) -> dict[str, Type]:
    """What a source can be taken and narrowed by, with its type; events bring further ones of their own."""
    known = rules.PROPERTIES[FACTS[of]]
    types: dict[str, Type] = {
        name: "number" if kind == "number" else "text"
        for name, kind in known.items()
        if of != "order_lines" or name not in rules.OF_THE_ORDER
    }
    return types | dict.fromkeys(AMOUNTS[of], "number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """What is ``take``\\ n of a customer's facts; ``property`` is empty for counts, days since, and for moments.

    ``own`` says that an event brought the property, ``type`` what it is. At most one of ``within_days``,
    ``within_hours`` and ``calendar`` is given; without, all time counts.
    """

    of: Of
    take: Take
    event: str = ""
    property: str = ""
    own: bool = False
    type: Type | None = None
    within_days: int | None = None
    within_hours: int | None = None
    calendar: Calendar | None = None
    where: tuple[Where, ...] = ()
    join: Literal["all", "any"] = "all"

    def between(self, as_of: AsOf) -> tuple[datetime | None, datetime | None]:
        """The first moment of the window and the first one after it, where there are such.

        A month or year of the calendar is that of the last moment before ``as_of``.
        """
        if self.calendar is None:
            return rules.since(as_of, self.within_days, self.within_hours), None
        last = (as_of.at - timedelta(microseconds=1)).astimezone(as_of.zone).date()
        this = last.replace(day=1) if self.calendar.endswith("month") else date(last.year, 1, 1)
        begin = start_of_day(this, as_of.zone)
        if self.calendar.startswith("this"):
            return begin, None
        before = this - timedelta(days=1)
        earlier = before.replace(day=1) if self.calendar == "last_month" else date(before.year, 1, 1)
        return start_of_day(earlier, as_of.zone), begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A calculation with traits and numeric attributes."""

    tree: Tree


Definition = Aggregate | Formula


def read(plain: Any) -> Definition:
    """What JSON says, as `described` has it. Raises `NotADefinition`."""
    if not isinstance(plain, dict):
        raise _refused(plain, "an object", Text("This is no definition", "这不是一个定义"))
    if "formula" in plain:
        _only(plain, ("formula",))
        return Formula(tree=formulas.parse(plain["formula"]))
    _only(plain, ("of", "event", "take", "property", "type", *WINDOWS, "where", "join"))
    of = _one_of(plain.get("of"), SOURCES, Text("There is no such source", "没有这样的数据来源"))
    take = _one_of(plain.get("take"), TAKES, Text("There is nothing like this to take", "没有这样的计算方式"))
    name, own, kind = _property(plain, of, take)
    where = plain.get("where", [])
    if isinstance(where, list) and len(where) > MOST_CONDITIONS:
        raise _refused(
            len(where), f"at most {MOST_CONDITIONS}", Text("These are too many conditions", "条件太多")
        )
    return Aggregate(
        of=of,
        take=take,
        event=_event(plain, of),
        property=name,
        own=own,
        type=kind,
        where=_where(where, of),
        join=_one_of(
            plain.get("join", "all"),
            {"all": 1, "any": 1},
            Text("Conditions go together so", "条件的组合方式不对"),
        ),
        **_window(plain),
    )


def plain(definition: Definition) -> dict[str, Any]:
    """The definition as JSON, which `read` reads."""
    if isinstance(definition, Formula):
        return {"formula": formulas.written(definition.tree)}
    one = definition
    said = {
        "of": one.of,
        "event": one.event,
        "take": one.take,
        "property": one.property,
        "type": one.type if one.own else None,
        **{name: getattr(one, name) for name in WINDOWS},
        "where": [_plain_where(where) for where in one.where],
        "join": one.join if one.join == "any" else None,
    }
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def described() -> dict[str, Any]:
    """The language as a JSON Schema (draft 2020-12), published at ``/traits/schema.json``."""
    window = {
        "within_days": {"type": "integer", "minimum": 1, "maximum": reading.MOST_DAYS},
        "within_hours": {"type": "integer", "minimum": 1, "maximum": reading.MOST_WITHIN["within_hours"]},
        "calendar": {"enum": list(CALENDARS)},
    }
    conditions = schema.conditions()
    conditions["of_products"]["anyOf"] = [
        one
        for one in conditions["of_products"]["anyOf"]
        if one["properties"]["property"]["const"] not in rules.OF_THE_ORDER
    ]
    shapes: list[dict[str, Any]] = [
        _object({"formula": {"type": "string", "minLength": 1, "maxLength": formulas.LONGEST}}, ["formula"])
    ]
    for of in SOURCES:
        shared: dict[str, Any] = {
            "of": {"const": of},
            **window,
            "where": {
                "type": "array",
                "maxItems": MOST_CONDITIONS,
                "items": {"$ref": f"#/$defs/of_{FACTS[of]}"},
            },
            "join": {"enum": ["all", "any"]},
        }
        needed = ["of", "take"]
        if of == "events":
            shared["event"] = {"type": "string", "minLength": 1, "maxLength": LONGEST_EVENT}
            needed.append("event")
        known = properties(of)
        numbers = [name for name, kind in known.items() if kind == "number"]
        shapes.append(_object({**shared, "take": {"enum": ["count", "days_since", "first", "last"]}}, needed))
        for takes, names in ((OF_NUMBERS, numbers), (OF_ANY, list(known))):
            taken = {**shared, "take": {"enum": list(takes)}}
            shapes.append(_object({**taken, "property": {"enum": names}}, [*needed, "property"]))
            if of == "events":
                types = ["number"] if takes == OF_NUMBERS else list(TYPES)
                own = {"type": "string", "pattern": f"^{reading.OWN.pattern}$", "not": {"enum": list(known)}}
                shapes.append(
                    _object(
                        {**taken, "property": own, "type": {"enum": types}},
                        [*needed, "property"],
                    )
                )
    return {
        "$schema": schema.DRAFT,
        "title": "Definition of a trait of Huoshui",
        "anyOf": shapes,
        "not": {"anyOf": [{"required": [a, b]} for n, a in enumerate(WINDOWS) for b in WINDOWS[n + 1 :]]},
        "$defs": conditions,
    }


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _event(plain: Mapping[str, Any], of: Of) -> str:
    event = plain.get("event", "")
    if of != "events":
        if "event" in plain:
            raise _refused(
                event, "event only for events", Text("Only events have names", "只有行为事件才有名称")
            )
        return ""
    if not isinstance(event, str) or not event.strip() or len(event) > LONGEST_EVENT or "\0" in event:
        raise _refused(
            event, "the name of an event", Text("It is not said which event", "没有说明是哪种行为事件")
        )
    return unicodedata.normalize("NFC", event)


def _property(plain: Mapping[str, Any], of: Of, take: Take) -> tuple[str, bool, Type | None]:
    """Name of the property taken, whether an event brought it, and its type."""
    known = properties(of)
    name = plain.get("property", "")
    if take in ("count", "days_since") or (take in ("first", "last") and "property" not in plain):
        if "property" in plain or "type" in plain:
            raise _refused(name, "no property", Text("A count has no property", "计次数时不需要属性"))
        return "", False, None
    own = of == "events" and isinstance(name, str) and name not in known
    if not isinstance(name, str) or not (reading.OWN.fullmatch(name) if own else name in known):
        raise _refused(
            name,
            ", ".join(known)
            + (" or one that the event brought: letters, digits, _ and $" if of == "events" else ""),
            Text("There is no such property", "没有这个属性"),
        )
    if "type" in plain and not own:
        raise _refused(
            plain["type"], "no type", Text(f"The type of {name} is known", f"{name} 的类型是已知的")
        )
    usual: Type = "number" if take in OF_NUMBERS else "text"
    kind = (
        _one_of(plain.get("type", usual), TYPES, Text("There is no such type", "没有这种类型"))
        if own
        else known[name]
    )
    if take in OF_NUMBERS and kind != "number":
        raise _refused(
            name,
            ", ".join(one for one, type_ in known.items() if type_ == "number")
            or "a property of type number",
            Text(f"{TAKES[take].en.capitalize()} needs a number", f"{TAKES[take].zh}需要数字属性"),
        )
    return name, own, kind


def _window(plain: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: plain[name] for name in WINDOWS if name in plain}
    if len(said) > 1:
        raise _refused(
            ", ".join(said), "one of them", Text("There is one window at most", "最多只能有一个时间窗口")
        )
    for name, value in said.items():
        if name == "calendar":
            _one_of(value, CALENDARS, Text("There is no such window", "没有这样的时间窗口"))
        elif type(value) is not int or not 1 <= value <= reading.MOST_WITHIN[name]:
            raise _refused(
                value,
                f"1 to {reading.MOST_WITHIN[name]}",
                Text("This is no length of a window", "时间窗口的长度不对"),
            )
    return said


def _where(written: Any, of: Of) -> tuple[Where, ...]:
    try:
        found = reading.conditions(written, FACTS[of])
    except BadRule as error:
        said = Text(error.problem, f"条件写得不对（{error.path}）")
        raise NotADefinition(said, received=error.received, valid=error.valid) from error
    known = properties(of)
    if strange := [one.name for one in found if not one.own and one.name not in known]:
        raise _refused(strange[0], ", ".join(known), Text("There is no such property", "没有这个属性"))
    return found


def _plain_where(one: Where) -> dict[str, Any]:
    value = one.test.value
    if value is None:
        return {"property": one.name, "op": one.test.op}
    made = [_plain(part) for part in value] if isinstance(value, tuple) else _plain(value)
    return {"property": one.name, "op": one.test.op, "value": made}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _only(plain: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    if strange := [str(key) for key in plain if key not in allowed]:
        raise _refused(
            ", ".join(strange), ", ".join(allowed), Text("The definition says too much", "定义里有多余的内容")
        )


def _one_of(value: Any, allowed: Mapping[Any, Any], problem: Text) -> Any:
    if not isinstance(value, str) or value not in allowed:
        raise _refused(value, ", ".join(allowed), problem)
    return value


def _refused(received: Any, valid: str, problem: Text) -> NotADefinition:
    return NotADefinition(problem, received=repr(received)[:120], valid=valid)
