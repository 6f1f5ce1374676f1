"""Three hundred people with many missing, empty, odd and boundary values; and random rules about them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from huoshui.data.traits.tests.shop import Shop
from huoshui.know.segments.rules import MEASURES, MOMENTS, OPS, PARTS, Kind

WORDS = (
    "上海", "Shanghai", "shanghai", "O'Brien", "a%b", "_", "ＡＢＣ", "é", "NULL", "😀", "x", "online", "store",
)  # fmt: skip
NUMBERS = (0, -1, 1, 2, 3, 99, 100, 101, 2**53, Decimal("0.1"), Decimal("2.5"), 1000000000)
DAYS = ("1970-01-01", "2024-02-29", "2024-02-28", "2024-03-01", "2024-03-31", "2024-04-01", "2023-12-31")
EVENTS = ("Product Viewed", "Cart Updated", "a%b", "浏览")
TAGS = ("VIP", "员工", "a%b")
HOURS = (1, 24, 25, 48, 720)
AS_OF = "2024-04-02"

TRAITS: dict[str, Kind] = {
    "frequency": "number",
    "monetary": "number",
    "recency": "number",
    "average_order_value": "number",
    "stage": "code",
    "last_order_at": "moment",
    "marketable_email": "flag",
}
ATTRIBUTES: dict[str, Kind] = {"city": "text", "birth_year": "number", "birthday": "day"}
STAGES = ("potential", "new", "active", "silent", "lost")
CODES = {"stage": STAGES}


def shop_of(people: int, random: Random) -> Shop:
    """People with facts around the borders of days and windows."""
    shop = Shop()
    for who in range(1, people + 1):
        shop.customer(
            who,
            city=random.choice((None, "", *WORDS)),
            birth_year=random.choice((None, 0, -1, 99, 100, 101, 1990, 2**53)),
            birthday=random.choice(
                (None, *map(date.fromisoformat, DAYS), date(1990, 4, 2), date(2001, 5, 31))
            ),
        )
        for _ in range(random.choice((0, 0, 1, 2, 5))):
            when = moment(random)
            order = shop.order(
                who,
                when,
                random.choice(("0", "10", "0.1", "99.9999", "100")),
                channel=random.choice((None, "", "online", "store")),
                coupon=random.choice((None, "a%b")),
                store=random.choice((None, "上海")),
            )
            for _ in range(random.randrange(3)):
                category = random.choice((None, "", "浏览", "x"))
                number = random.choice((None, Decimal(1), Decimal("2.5")))
                product = random.choice(WORDS)
                shop.line(who, when, category, random.choice(("0", "10")), order, product, quantity=number)
        for _ in range(random.choice((0, 0, 1, 3, 9))):
            properties = {"plan": random.choice(("gold", "", "é")), "n": random.choice((1, 2.5, "2"))}
            shop._add(
                "events",
                customer_id=who,
                occurred_at=_at(moment(random)),
                name=random.choice(EVENTS),
                product_id=random.choice((None, "", "x")),
                value=random.choice((None, 1.0, 2.5, -1.0)),
                properties=random.choice((None, json.dumps(properties))),
            )
        for _ in range(random.choice((0, 0, 1, 3))):
            shop._add(
                "answers",
                customer_id=who,
                answered_at=_at(moment(random)),
                metric=random.choice(("nps", "csat")),
                survey=random.choice((None, "", "售后", "a%b")),
                score=float(random.randrange(11)),
            )
        for _ in range(random.choice((0, 0, 1, 3))):
            shop._add(
                "consents",
                customer_id=who,
                valid_from=_at(moment(random)),
                channel=random.choice(("email", "sms", "any")),
                purpose=random.choice(("marketing", "service")),
                state=random.choice(("granted", "withdrawn")),
            )
        for _ in range(random.choice((0, 0, 1, 2))):
            since = moment(random)
            shop._add(
                "customer_tags",
                customer_id=who,
                tag=random.choice(TAGS),
                valid_from=_at(since),
                valid_to=random.choice((None, _at(moment(random)))),
            )
    return shop


def moment(random: Random) -> str:
    """A moment of the house, often the first or last of a day."""
    day = date(2024, 4, 3) - timedelta(days=random.choice((0, 1, 2, 3, 7, 8, 30, 31, 32, 400)))
    return f"{day} {random.choice(('00:00:00', '23:59:59', '12:00:00', '01:30:00'))}"


def _at(text: str) -> Any:
    from huoshui.data.traits.tests.shop import at

    return at(text)


def rule_of(random: Random, depth: int = 4) -> dict[str, Any]:
    """A random rule, as JSON."""
    if depth > 1 and random.random() < 0.4:
        if random.random() < 0.25:
            return {"not": rule_of(random, depth - 1)}
        parts = [rule_of(random, depth - 1) for _ in range(random.choice((1, 2, 3)))]
        return {random.choice(("all", "any")): parts}
    return random.choice(
        (_trait, _attribute, _did, _time, _then, _orders, _products, _answer, _consent, _tag)
    )(random)


def _trait(random: Random) -> dict[str, Any]:
    slug = random.choice(tuple(TRAITS))
    return {"trait": slug, **_test(random, TRAITS[slug], CODES.get(slug, WORDS))}


def _attribute(random: Random) -> dict[str, Any]:
    slug = random.choice(tuple(ATTRIBUTES))
    if ATTRIBUTES[slug] == "day" and random.random() < 0.7:
        part = random.choice(PARTS)
        return {"attribute": slug, "part": part, **_test(random, "number")}
    return {"attribute": slug, **_test(random, ATTRIBUTES[slug])}


def _did(random: Random) -> dict[str, Any]:
    kinds: dict[str, Kind] = {"product_id": "text", "value": "number", "plan": "text", "n": "number"}
    where = [_where(random, kinds) for _ in range(random.choice((1, 2)))]
    return {
        "did": random.choice(EVENTS),
        **_counted(random),
        **_window(random),
        "where": where if random.random() < 0.5 else [],
    }


def _time(random: Random) -> dict[str, Any]:
    return {
        "did": random.choice(EVENTS),
        "time": random.choice(("first", "last")),
        **_test(random, "moment"),
        **_window(random),
    }


def _then(random: Random) -> dict[str, Any]:
    return {
        "did": random.choice(EVENTS),
        "then": random.choice(EVENTS),
        **random.choice(
            ({"within_days": random.choice((1, 2, 7, 30))}, {"within_hours": random.choice(HOURS)})
        ),
    }


def _orders(random: Random) -> dict[str, Any]:
    where = [_where(random, {"channel": "text", "coupon": "text", "revenue": "number"})]
    return {
        **_measured(random, "orders"),
        **_window(random),
        "where": where if random.random() < 0.5 else [],
    }


def _products(random: Random) -> dict[str, Any]:
    kinds: dict[str, Kind] = {
        "category": "text",
        "product_id": "text",
        "revenue": "number",
        "channel": "text",
    }
    where = [_where(random, kinds) for _ in range(random.choice((1, 2)))]
    return {
        **_measured(random, "products"),
        **_window(random),
        "where": where if random.random() < 0.5 else [],
    }


def _answer(random: Random) -> dict[str, Any]:
    where = [_where(random, {"survey": "text"}, ("售后", "a%b"))]
    return {
        "answer": random.choice(("nps", "csat")),
        **_test(random, "number"),
        **_window(random),
        "where": where if random.random() < 0.5 else [],
    }


def _consent(random: Random) -> dict[str, Any]:
    return {
        "consent": random.choice(("email", "sms")),
        "purpose": random.choice(("marketing", "service")),
        "value": random.choice(("granted", "withdrawn")),
    }


def _tag(random: Random) -> dict[str, Any]:
    return {"tag": random.choice(TAGS)}


def _window(random: Random) -> dict[str, Any]:
    days, hours = random.choice((1, 2, 7, 30, 31)), random.choice(HOURS)
    return random.choice(({}, {"within_days": days}, {"within_days": days}, {"within_hours": hours}))


def _measured(random: Random, facts: str) -> dict[str, Any]:
    measure = random.choice(MEASURES[facts])
    return {facts: measure, **(_test(random, "moment") if measure in MOMENTS else _counted(random))}


def _counted(random: Random) -> dict[str, Any]:
    found = _test(random, "number")
    return {"op": "=", "value": 0} if found["op"] == "empty" else found


def _where(
    random: Random, kinds: dict[str, Kind], words: tuple[str, ...] = (*WORDS, "gold")
) -> dict[str, Any]:
    name = random.choice(tuple(kinds))
    return {"property": name, **_test(random, kinds[name], words)}


def _test(random: Random, kind: Kind, words: tuple[str, ...] = (*WORDS, "gold")) -> dict[str, Any]:
    op = random.choice(OPS[kind])
    drawn = [_value(random, kind, words) for _ in range(3)]
    if op == "empty":
        return {"op": op}
    if op == "between":
        return {"op": op, "value": sorted(drawn[:2])}
    return {"op": op, "value": drawn if op in ("in", "not_in") else drawn[0]}


def _value(random: Random, kind: Kind, words: tuple[str, ...]) -> Any:
    match kind:
        case "number":
            return random.choice(NUMBERS)
        case "flag":
            return random.random() < 0.5
        case "moment" | "day":
            return random.choice(DAYS)
        case _:
            return random.choice(words)
