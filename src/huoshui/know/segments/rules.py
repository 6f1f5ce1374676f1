"""The language of segments: a tree of clauses, written as JSON.

    {"all": [{"trait": "frequency", "op": ">=", "value": 2},
             {"any": [{"attribute": "city", "op": "in", "value": ["上海", "杭州"]},
                      {"did": "Product Viewed", "op": ">=", "value": 3, "within_days": 7}]},
             {"not": {"tag": "staff"}}]}

====================================  ==========================================================================
clause                                holds for customers
====================================  ==========================================================================
``{"all": […]}`` ``{"any": […]}``      for whom every one, at least one of the clauses holds
``{"not": …}``                        for whom the clause does not hold: the exact complement
``{"trait": SLUG, "op", "value"}``    whose trait compares so with the value; ``attribute`` likewise. Of a day a
                                      ``part`` can be compared: its ``month`` (1 to 12), or ``months_until`` or
                                      ``days_until`` it comes round again, 0 for this month, today
``{"did": EVENT, "op", "value"}``     who did it so many times; ``= 0`` did not. With ``"time": "first"`` or ``"last"``
                                      the first or last time is compared with a day
``{"did": A, "then": B, …}``          who did A and, at the same moment or later, B: at most ``within_days`` × 24 hours
                                      or ``within_hours`` after it
``{"orders": MEASURE, "op", …}``      whose purchases come to so much: ``times`` or ``amount``; or whose ``first`` or
                                      ``last`` was before or after a day
``{"products": MEASURE, "op", …}``    whose lines of purchases do: ``times`` (orders), ``quantity``, ``amount``,
                                      ``first``, ``last``
``{"answer": METRIC, "op", "value"}`` whose latest answer (nps, csat, ces …) scores so
``{"consent": CHANNEL, "value"}``     whose latest word on a purpose and channel is ``granted`` or ``withdrawn``
``{"tag": NAME}``                     who carry the tag
``{"segment": SLUG}``                 who belong to another segment
``{"list": NUMBER}``                  who were named one by one on a list
====================================  ==========================================================================

``within_days`` D looks at the D calendar days of the house before the moment of the evaluation, ``within_hours`` H
at the H hours before it; ``where`` narrows events, orders, lines and answers down by their properties, all of which
must hold of the same one.

**Missing values.** Every clause is true or false. A missing value fails every positive comparison (``=``, ``in``,
``contains``, ``<``, ``between``, ``before`` …), passes ``!=`` and ``not_in``, and is ``empty``. Empty text
is empty, too. Counting gives 0 where there is nothing to count. Texts are compared in Unicode form NFC, letter by
letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args

from huoshui.kernel.clock import AsOf

Op = Literal[
    "=", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "between", "before", "after", "empty"
]
Kind = Literal["number", "text", "code", "flag", "moment", "day"]
Scalar = str | Decimal | bool | date
Part = Literal["month", "months_until", "days_until"]
PARTS: tuple[Part, ...] = get_args(Part)
"""What of a day can be compared besides the day itself: all are numbers."""

COMPARED: tuple[Op, ...] = ("=", "!=", "<", "<=", ">", ">=", "between")
OPS: Mapping[Kind, tuple[Op, ...]] = {
    "number": (*COMPARED, "in", "not_in", "empty"),
    "text": ("=", "!=", "in", "not_in", "contains", "empty"),
    "code": ("=", "!=", "in", "not_in", "empty"),
    "flag": ("=", "!=", "empty"),
    "moment": ("before", "after", "between", "empty"),
    "day": ("=", "!=", "before", "after", "between", "empty"),
}
"""What values of a kind can be compared by."""

PROPERTIES: Mapping[str, Mapping[str, Kind]] = {
    "did": {"product_id": "text", "value": "number", "session_id": "text"},
    "orders": {
        "channel": "text",
        "store": "text",
        "source": "text",
        "coupon": "text",
        "campaign": "text",
        "revenue": "number",
    },
    "products": {
        "product_id": "text",
        "category": "text",
        "source": "text",
        "quantity": "number",
        "unit_price": "number",
        "revenue": "number",
        "channel": "text",
        "store": "text",
        "coupon": "text",
        "campaign": "text",
    },
    "answer": {"survey": "text", "question": "text", "sentiment": "number"},
}
"""What facts can be narrowed down by. Events have further properties of their own, whose values are texts."""

OF_THE_ORDER = ("channel", "store", "coupon", "campaign")
"""Properties that a line has from its order."""

MEASURES: Mapping[str, tuple[str, ...]] = {
    "orders": ("times", "amount", "first", "last"),
    "products": ("times", "quantity", "amount", "first", "last"),
}
MOMENTS = ("first", "last")
"""Measures that are moments; the others are numbers."""


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison: ``value`` is one value, several for ``in`` and ``between``, nothing for ``empty``."""

    op: Op
    value: Scalar | tuple[Scalar, ...] | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """A property of a fact and what it is compared with; ``own`` when the event brought it as one of its own."""

    name: str
    kind: Kind
    test: Test
    own: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """Every part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Rule


@dataclass(frozen=True, slots=True)
class Value:
    """A trait or an attribute compares so, or a ``part`` of the day that it is; ``kind`` is what is compared."""

    of: Literal["trait", "attribute"]
    slug: str
    kind: Kind
    test: Test
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Did:
    """What facts of a kind add up to, or when the first or last of them was.

    ``facts`` are ``did`` (events of ``name``), ``orders`` or ``products``; ``measure`` is ``times``, ``amount``,
    ``quantity``, or ``first`` and ``last`` for the moment.
    """

    facts: Literal["did", "orders", "products"]
    measure: Literal["times", "amount", "quantity", "first", "last"]
    test: Test
    name: str = ""
    within_days: int | None = None
    where: tuple[Where, ...] = ()
    within_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Then:
    """An event, and at most so many days (of 24 hours) or hours after it another one."""

    first: str
    then: str
    within_days: int | None = None
    within_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The latest score of a metric of satisfaction compares so."""

    metric: str
    test: Test
    within_days: int | None = None
    where: tuple[Where, ...] = ()
    within_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The latest word on a purpose, on this channel or on all of them, is ``state``."""

    channel: str
    purpose: str
    state: Literal["granted", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Tag:
    """The customer carries the tag."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """The customer belongs to another segment."""

    slug: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The customer stands on a list."""

    number: int


Clause = Value | Did | Then | Answer | Consent | Tag | Member | Listed
Rule = Every | Some | Not | Clause

WITHIN = ("within_days", "within_hours")
KEYS: Mapping[str, tuple[str, ...]] = {
    "trait": ("op", "value", "part"),
    "attribute": ("op", "value", "part"),
    "did": ("op", "value", *WITHIN, "where", "time", "then"),
    "orders": ("op", "value", *WITHIN, "where"),
    "products": ("op", "value", *WITHIN, "where"),
    "answer": ("op", "value", *WITHIN, "where"),
    "consent": ("purpose", "value"),
    "tag": (),
    "segment": (),
    "list": (),
}
"""What may stand in a clause beside the key that says its kind."""


def clauses(rule: Rule, path: str = "") -> Iterator[tuple[str, Clause]]:
    """Every clause of ``rule`` with its path, from left to right."""
    match rule:
        case Every(parts) | Some(parts):
            name = "all" if isinstance(rule, Every) else "any"
            for number, part in enumerate(parts):
                yield from clauses(part, f"{path}.{name}[{number}]".lstrip("."))
        case Not(part):
            yield from clauses(part, f"{path}.not".lstrip("."))
        case _:
            yield path, rule


def since(as_of: AsOf, days: int | None, hours: int | None) -> datetime | None:
    """Where a window of ``within_days`` or ``within_hours`` begins; nothing without a window."""
    if hours is not None:
        return as_of.at - timedelta(hours=hours)
    return None if days is None else as_of.days_before(days)
