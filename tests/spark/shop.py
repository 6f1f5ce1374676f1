"""Files of a small shop that has everything two engines could see differently.

Ties in every figure that ranks, moments a microsecond beside midnight, clocks that change, missing values, refunds,
foreign money, amounts at the limit of their type, text that sorts by bytes and not by alphabet.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from huoshui.kernel.clock import start_of_day

FIRST, LAST = date(2022, 1, 1), date(2024, 6, 1)
LEARNT = date(2023, 7, 1)
"""Up to when models have learnt."""
NOW = datetime(2024, 7, 31, tzinfo=UTC)
TURNS = (date(2022, 3, 27), date(2022, 10, 30), date(2023, 3, 26), date(2023, 10, 29), date(2024, 3, 31))
"""Days on which London's clocks change."""

BORDERS = (
    *TURNS,
    *(day + timedelta(days=1) for day in TURNS),
    *(
        date(2023, 1, 1),
        date(2023, 2, 28),
        date(2023, 7, 3),
        date(2024, 2, 29),
        date(2024, 3, 1),
        date(2024, 5, 1),
    ),
)
CATEGORIES = ("robots", "Robots", "Zubehör", "锁具", "émaux", "a", "B", "", "😀")
CHANNELS = ("web", "app", "", "门店")
CITIES = ("上海", "London", "", "Zürich")
PROPERTIES = (
    '{"colour": "red", "size": 3, "kept": true}',
    '{"colour": "émaux", "size": 2.5, "kept": "yes"}',
    '{"colour": 7, "size": "big", "kept": false}',
    '{"colour": "", "size": null}',
    "",
)
"""What events bring: values of several types under one name."""

_OF_EVENTS = {"of": "events", "event": "Product Viewed"}
_RED = {"property": "colour", "op": "=", "value": "red"}
OWN_TRAITS: Mapping[str, Mapping[str, Any]] = {
    "own_views": {**_OF_EVENTS, "take": "count"},
    "own_red_or_large": {
        **_OF_EVENTS,
        "take": "count",
        "where": [_RED, {"property": "size", "op": ">", "value": 2.75}],
        "join": "any",
    },
    "own_size": {**_OF_EVENTS, "take": "sum", "property": "size"},
    "own_mean_size": {**_OF_EVENTS, "take": "average", "property": "size"},
    "own_least": {**_OF_EVENTS, "take": "min", "property": "value"},
    "own_greatest": {**_OF_EVENTS, "take": "max", "property": "size"},
    "own_first_colour": {**_OF_EVENTS, "take": "first", "property": "colour"},
    "own_kept": {**_OF_EVENTS, "take": "last", "property": "kept", "type": "flag"},
    "own_colour": {**_OF_EVENTS, "take": "top", "property": "colour"},
    "own_days": {**_OF_EVENTS, "take": "days_since"},
    "own_first_view": {**_OF_EVENTS, "take": "first"},
    "own_this_year": {"of": "orders", "take": "sum", "property": "revenue", "calendar": "this_year"},
    "own_last_year": {"of": "orders", "take": "average", "property": "revenue", "calendar": "last_year"},
    "own_channel": {"of": "orders", "take": "top", "property": "channel"},
    "own_lines": {"of": "order_lines", "take": "count", "within_hours": 24 * 300},
    "own_price": {"of": "order_lines", "take": "max", "property": "unit_price", "within_days": 600},
    "own_formula": {"formula": "own_this_year / (own_views + 1) - monetary * 0.5"},
    "own_share": {"formula": "own_lines / own_views"},
}
"""Traits that the house defines for itself: each way of taking something, each kind of window."""

MOST = "99999999999999.9999"
"""The largest amount that the house can hold."""


def files(zone: ZoneInfo, seed: int = 7) -> Iterator[tuple[str, str]]:
    """Kind and content of each file, in the order in which they are to be loaded."""
    chance = random.Random(seed)
    yield "fx_rates", _rates()
    yield "customers", _customers(chance)
    yield "transactions", _transactions(chance, zone)
    yield "consents", _consents(chance, zone)
    yield "events", _events(chance, zone)
    yield "answers", _answers(chance, zone)
    yield "spend", _spend(chance)


def _rates() -> str:
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 40)]
    return _csv(
        {"day": d, "currency": "USD", "rate": f"{6 + n % 7 * 0.13337:.5f}"} for n, d in enumerate(days)
    )


def _customers(chance: random.Random) -> str:
    rows = []
    for number in range(1, 61):
        created = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(900), seconds=number)
        city, gender = chance.choice(CITIES), chance.choice(("female", "male", ""))
        year = chance.choice((1960, 1999, ""))
        rows.append(
            {
                "customer id": f"C{number}",
                "created at": created,
                "city": city,
                "gender": gender,
                "birth year": year,
            }
        )
    return _csv(rows)


def _transactions(chance: random.Random, zone: ZoneInfo) -> str:
    lines = list(_lines(chance, zone))
    return _csv({"invoice": order, **line} for order, line in lines)


def _lines(chance: random.Random, zone: ZoneInfo) -> Iterator[tuple[str, dict[str, Any]]]:
    number = 0
    # 1 to 50 buy by chance and often on one day, 51 to 70 once each for the same money: they tie in all scores.
    for customer in range(1, 71):
        orders = chance.choice((1, 2, 2, 3, 5, 8)) if customer <= 50 else 1
        for _ in range(orders):
            number += 1
            when = chance.choice(_moments(zone)) if chance.random() < 0.5 else _at_random(chance)
            for line in range(chance.randrange(1, 4) if customer <= 50 else 1):
                price = chance.choice(("0.01", "19.99", "20", "33.335", "0.0001", "1999"))
                yield f"I{number}", _line(chance, customer, when, price if customer <= 50 else "20", line)
    for number, when in enumerate(_moments(zone)):
        yield f"N{number}", _line(chance, None, when, "7.77", 1)  # anonymous
        if number % 3 == 0:
            back = when + timedelta(days=9)
            yield f"C{number}", _line(chance, 1 + number % 50, back, "19.99", 1) | {"quantity": -1}
    for number, day in enumerate((date(2023, 5, 5), date(2024, 5, 30))):
        usd = _line(chance, 90 + number, start_of_day(day, zone), "10.0001", 1) | {"currency": "USD"}
        yield f"U{number}", usd
    yield "M1", _line(chance, 95, start_of_day(date(2024, 5, 20), zone), MOST, 1) | {"quantity": 1}
    # Averages that lie between two amounts: half of a ten-thousandth.
    for number, price in enumerate(("0.0001", "0.0002", "0.0002", "0.0003", "49999999999999.9999", "0.0002")):
        when = start_of_day(date(2024, 4, 1 + number), zone)
        yield f"H{number}", _line(chance, 96 + number // 2, when, price, 1) | {"quantity": 1}


def _line(
    chance: random.Random, customer: int | None, when: datetime, price: str, product: int
) -> dict[str, Any]:
    return {
        "customer id": f"C{customer}" if customer else "",
        "order time": when,
        "product id": f"P{chance.randrange(12)}-{product}",
        "product name": chance.choice(("lamp", "锁", "POSTAGE", "Filter")),
        "category": chance.choice(CATEGORIES),
        "quantity": chance.choice((1, 1, 2, 3)),
        "unit price": price,
        "unit cost": ("", "0.0001", "7.5")[product % 3],
        "currency": "",
        "channel": chance.choice(CHANNELS),
        "store": chance.choice(("No. 1", "")),
    }


def _consents(chance: random.Random, zone: ZoneInfo) -> str:
    rows = []
    for customer in range(1, 41):
        for channel in ("email", "sms", "phone", "wecom"):
            when = chance.choice(_moments(zone))
            states = chance.choice(
                (["granted"], ["withdrawn"], ["granted", "withdrawn"], ["withdrawn", "granted"])
            )
            for step, state in enumerate(states):
                apart = timedelta(microseconds=step * chance.choice((0, 1)))
                rows.append(_consent(customer, "marketing", channel, state, when + apart))
        rows.append(_consent(customer, "service", "email", "granted", chance.choice(_moments(zone))))
    return _csv(rows)


def _consent(customer: int, purpose: str, channel: str, state: str, when: datetime) -> dict[str, Any]:
    said = {"customer id": f"C{customer}", "purpose": purpose, "channel": channel, "state": state}
    return {**said, "given at": when, "wording": "v1", "origin": "form", "evidence": "form 1"}


def _events(chance: random.Random, zone: ZoneInfo) -> str:
    rows = []
    for number in range(600):
        when = chance.choice(_moments(zone)) if number % 2 else _at_random(chance)
        who = f"C{chance.randrange(1, 80)}" if number % 5 else ""
        rows.append(
            {
                "event id": f"E{number}",
                "customer id": who,
                "visitor id": f"V{number % 9}" if not who else "",
                "event": chance.choice(("Product Viewed", "Product Added", "页面浏览")),
                "occurred at": when,
                "value": chance.choice(("", "0.1", "-3", "1000000.25")),
                "properties": PROPERTIES[number % len(PROPERTIES)],
            }
        )
    return _csv(rows)


def _answers(chance: random.Random, zone: ZoneInfo) -> str:
    """Some of one moment, so that the latest is not clear from its time alone."""
    return _csv(
        {
            "answer id": f"A{number}",
            "customer id": f"C{chance.randrange(1, 60)}",
            "answered at": chance.choice(_moments(zone)),
            "survey": "service",
            "question": "1",
            "metric": chance.choice(("csat", "nps", "ces")),
            "score": chance.choice((0, 1, 2.5, 5)),
        }
        for number in range(150)
    )


def _spend(chance: random.Random) -> str:
    """Months with and without, days beside their borders, channels of sales and others."""
    days = [day for border in BORDERS for day in (border - timedelta(days=1), border)]
    return _csv(
        {"day": day, "channel": channel, "campaign": "", "amount": chance.choice(("0.0001", "33.335", "120"))}
        for day in days
        for channel in ("web", "门店", "radio")
        if chance.random() < 0.7
    )


def _moments(zone: ZoneInfo) -> Sequence[datetime]:
    """Midnights of the house with the microsecond before and after, and noons."""
    beside = (timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1), timedelta(hours=12))
    return [start_of_day(day, zone) + by for day in BORDERS for by in beside]


def _at_random(chance: random.Random) -> datetime:
    span = (LAST - FIRST).days * 86_400
    return datetime(2022, 1, 1, tzinfo=UTC) + timedelta(
        seconds=chance.randrange(span), milliseconds=number_of(chance)
    )


def number_of(chance: random.Random) -> int:
    return chance.randrange(1000)


def _csv(rows: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> str:
    found = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(found[0]))
    writer.writeheader()
    for row in found:
        writer.writerow({k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()})
    return text.getvalue()
