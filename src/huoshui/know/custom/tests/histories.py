"""Random small histories of customers, random definitions, and their values by brute force."""

from __future__ import annotations

import json
import math
import random
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from huoshui.data.traits.tests.shop import LONDON, Shop
from huoshui.kernel.clock import AsOf, start_of_day
from huoshui.know.custom import definitions
from huoshui.know.custom.definitions import Aggregate

PEOPLE = range(1, 26)
EVENTS = ("Product Viewed", "加入购物车", "'; DROP TABLE events; --", "event-that-nobody-did")
HOSTILE = (
    *(
        "' OR 1=1 --",
        "'; DROP TABLE orders; --",
        '"; SELECT 1; --',
        "$.a",
        "$..*",
        "{{7*7}}",
        "${jndi:x}",
        "%s %d",
    ),
    *(
        "\\",
        "\\'",
        "a\nb",
        "NULL",
        "null",
        "true",
        "0",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "é",
        "é",
    ),
    *("ＡＢＣ", "😀", "a%b_", "`rm -rf`", "@@version", "x" * 200),
)
"""25 texts that try to be something else than a text."""

BORDERS = tuple(
    moment
    for day in (date(2024, 3, 31), date(2023, 10, 29), date(2024, 2, 29), date(2024, 1, 1), date(2024, 4, 1))
    for start in (start_of_day(day, LONDON),)
    for moment in (
        start - timedelta(microseconds=1),
        start,
        start + timedelta(hours=1),
        start + timedelta(hours=2),
    )
)
"""Beside the days on which London's clocks change, a leap day, the ends of a year and of a month."""

MOMENTS = (
    AsOf.day(date(2024, 4, 1), LONDON),
    AsOf(at=datetime(2024, 3, 31, 1, 30, tzinfo=UTC), zone=LONDON),
    AsOf.day(date(2024, 3, 1), LONDON),
    AsOf(at=datetime(2023, 10, 30, 12, tzinfo=UTC), zone=LONDON),
)
VALUES: tuple[Any, ...] = (*HOSTILE, "", None, 0, 1, -1, 2.5, 1e15, True, False, [1], {"a": 1}, "1")


class History:
    """Facts of a few customers, as plain rows and in a shop."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self.shop = Shop()
        self.rows: dict[str, list[dict[str, Any]]] = {"events": [], "orders": [], "order_lines": []}
        for who in PEOPLE:
            self.shop.customer(who)
        for number in range(400):
            who = chance.choice((*PEOPLE, None))
            at = chance.choice(BORDERS) if chance.random() < 0.5 else _some_day(chance)
            getattr(self, chance.choice(("event", "event", "order", "line")))(chance, who, at, number)

    def event(self, chance: random.Random, who: int | None, at: datetime, number: int) -> None:
        brought: Any = {name: chance.choice(VALUES) for name in ("a", "colour") if chance.random() < 0.8}
        written = chance.choice((json.dumps(brought), json.dumps(brought), "not json", "", None, "[1]", "{"))
        valid = brought if written == json.dumps(brought) else {}
        columns = {
            "product_id": chance.choice(("p1", "p2", "", None)),
            "value": chance.choice((None, 0.0, 1.5, -3.0, math.nan, math.inf)),
            "session_id": None,
        }
        self.add(
            "events", who, at, "occurred_at", name=chance.choice(EVENTS[:3]), properties=written, **columns
        )
        self.rows["events"][-1]["brought"] = valid

    def order(self, chance: random.Random, who: int | None, at: datetime, number: int) -> None:
        self.add(
            "orders",
            who,
            at,
            "ordered_at",
            order_id=f"o{number}",
            revenue=_amount(chance),
            channel=chance.choice(("web", "app", "", None)),
            coupon=chance.choice((*HOSTILE[:3], None)),
            shipping=chance.choice((None, Decimal("4.9900"))),
        )

    def line(self, chance: random.Random, who: int | None, at: datetime, number: int) -> None:
        self.add(
            "order_lines",
            who,
            at,
            "ordered_at",
            order_id=f"l{number}",
            line_no=1,
            revenue=_amount(chance),
            quantity=Decimal(chance.choice((1, 2, 3))),
            category=chance.choice(("robots", "Zubehör", None)),
            product_id=chance.choice(("p1", "p2")),
        )

    def add(self, kind: str, who: int | None, at: datetime, time: str, **columns: Any) -> None:
        self.shop._add(kind, **{"customer_id": who, time: at, "source": "till"} | columns)
        if kind == "events" or columns["revenue"] > 0:
            self.rows[kind].append({"who": who, "at": at, "source": "till"} | columns)


def some_definitions(seed: int, number: int) -> Iterator[dict[str, Any]]:
    """Random definitions as JSON, all of which are sound."""
    chance = random.Random(seed)
    while number:
        of = chance.choice(tuple(definitions.SOURCES))
        take = chance.choice(tuple(definitions.TAKES))
        made: dict[str, Any] = {"of": of, "take": take}
        if of == "events":
            made["event"] = chance.choice(EVENTS)
        known = definitions.properties(of)
        if take in (*definitions.OF_NUMBERS, *definitions.OF_ANY):
            if of == "events" and chance.random() < 0.7:
                made["property"] = chance.choice(("a", "colour"))
                made["type"] = (
                    "number" if take in definitions.OF_NUMBERS else chance.choice(tuple(definitions.TYPES))
                )
            else:
                fitting = [n for n, t in known.items() if t == "number" or take not in definitions.OF_NUMBERS]
                made["property"] = chance.choice(fitting)
        made |= chance.choice(
            (
                {},
                {"within_days": chance.choice((1, 2, 31, 200))},
                {"within_hours": chance.choice((1, 24, 36, 744))},
                {"calendar": chance.choice(tuple(definitions.CALENDARS))},
            )
        )
        if chance.random() < 0.5:
            made["where"] = [_condition(chance, of) for _ in range(chance.randrange(1, 4))]
            made["join"] = chance.choice(("all", "any"))
        number -= 1
        yield made


def _condition(chance: random.Random, of: str) -> dict[str, Any]:
    names = {
        "events": ("a", "colour", "value", "product_id"),
        "orders": ("channel", "revenue", "coupon"),
        "order_lines": ("category", "quantity"),
    }
    name = chance.choice(names[of])
    if name in ("value", "revenue", "quantity") or (name == "a" and chance.random() < 0.5):
        return {
            "property": name,
            "op": chance.choice(("=", "!=", "<", ">=")),
            "value": chance.choice((0, 1, 2.5, 50)),
        }
    if chance.random() < 0.2:
        return {"property": name, "op": "empty"}
    texts = tuple(unicodedata.normalize("NFC", text) for text in (*HOSTILE, "web", "robots"))
    op = chance.choice(("=", "!=", "in", "not_in", "contains"))
    several = op in ("in", "not_in")
    return {"property": name, "op": op, "value": chance.sample(texts, 3) if several else chance.choice(texts)}


def by_brute_force(definition: Aggregate, history: History, who: int, as_of: AsOf) -> Any:
    """The value of a definition for one customer, fact by fact."""
    facts = [
        row for row in history.rows[definition.of] if row["who"] == who and _counts(definition, row, as_of)
    ]
    if definition.take == "count":
        return len(facts)
    latest = max((row["at"] for row in facts), default=None)
    if definition.take == "days_since":
        return None if latest is None else (as_of.at - latest) // timedelta(days=1)
    if not definition.property:
        return min((row["at"] for row in facts), default=None) if definition.take == "first" else latest
    return _of_values(definition, facts)


def _of_values(definition: Aggregate, facts: list[dict[str, Any]]) -> Any:
    pairs = [(row["at"], value) for row in facts if (value := _value(definition, row)) is not None]
    values = [value for _, value in pairs]
    money = definition.property in definitions.AMOUNTS[definition.of]
    match definition.take:
        case "sum":
            return sum(values)
        case _ if not values:
            return None
        case "average":
            found = sum(values) / len(values)
            return found.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP) if money else found
        case "min" | "max":
            return min(values) if definition.take == "min" else max(values)
        case "first" | "last":
            return (min(pairs) if definition.take == "first" else max(pairs))[1]
    return min(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))[0]


def _counts(definition: Aggregate, row: Mapping[str, Any], as_of: AsOf) -> bool:
    if definition.of == "events" and row["name"] != definition.event:
        return False
    if row["at"] >= as_of.at or not _in_window(definition, row["at"], as_of):
        return False
    held = [_holds(where, row) for where in definition.where]
    return not held or (all(held) if definition.join == "all" else any(held))


def _in_window(definition: Aggregate, at: datetime, as_of: AsOf) -> bool:
    if definition.within_hours is not None:
        return at >= as_of.at - timedelta(hours=definition.within_hours)
    day = at.astimezone(LONDON).date()
    last = (as_of.at - timedelta(microseconds=1)).astimezone(LONDON).date()
    if definition.within_days is not None:
        return (last - day).days < definition.within_days
    match definition.calendar:
        case "this_month":
            return (day.year, day.month) == (last.year, last.month)
        case "last_month":
            before = last.replace(day=1) - timedelta(days=1)
            return (day.year, day.month) == (before.year, before.month)
        case "this_year":
            return day.year == last.year
        case "last_year":
            return day.year == last.year - 1
    return True


def _holds(where: Any, row: Mapping[str, Any]) -> bool:
    found: Any = row.get("brought", {}).get(where.name) if where.own else row.get(where.name)
    test = where.test
    wanted: Any = test.value
    if test.op == "empty":
        return not isinstance(found, str | int | float | Decimal) or found == "" or found != found
    missing = found is None or found == "" or isinstance(found, list | dict)
    if where.kind == "number":
        missing = missing or isinstance(found, bool | str) or math.isnan(found)
    elif not isinstance(found, str):
        missing = True
    if test.op in ("!=", "not_in"):
        return missing or not (found == wanted if test.op == "!=" else found in wanted)
    if missing:
        return False
    match test.op:
        case "=":
            return bool(found == wanted)
        case "<":
            return bool(found < wanted)
        case ">=":
            return bool(found >= wanted)
        case "in":
            return found in wanted
    return wanted in found


def _value(definition: Aggregate, row: Mapping[str, Any]) -> Any:
    if not definition.own:
        found = row.get(definition.property)
        if definition.type == "text":
            return found or None
        if found is None or definition.property in definitions.AMOUNTS[definition.of]:
            return found
        return float(found) if math.isfinite(found) else None
    found = row["brought"].get(definition.property)
    match definition.type:
        case "text":
            return found if isinstance(found, str) and found else None
        case "flag":
            return found if isinstance(found, bool) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _amount(chance: random.Random) -> Decimal:
    return Decimal(chance.choice(("0", "9.9900", "10", "50", "33.3333", "-5")))


def _some_day(chance: random.Random) -> datetime:
    return datetime(2022, 6, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(60 * 24 * 730))
