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
``{"trait": SLUG, "op", "value"}``    whose trait compares so with the value; ``attribute`` likewise
``{"did": EVENT, "op", "value"}``     who did it so many times; ``= 0`` did not. With ``"time": "first"`` or ``"last"``
                                      the first or last time is compared with a day
``{"did": A, "then": B, …}``          who did A and, at the same moment or later, B: at most ``within_days`` × 24 hours
                                      after it
``{"orders": MEASURE, "op", …}``      whose purchases come to so much: ``times`` or ``amount``
``{"products": MEASURE, "op", …}``    whose lines of purchases do: ``times`` (orders), ``quantity`` or ``amount``
``{"answer": METRIC, "op", "value"}`` whose latest answer (nps, csat, ces …) scores so
``{"consent": CHANNEL, "value"}``     whose latest word on a purpose and channel is ``granted`` or ``withdrawn``
``{"tag": NAME}``                     who carry the tag
``{"segment": SLUG}``                 who belong to another segment
====================================  ==========================================================================

``within_days`` D looks at the D calendar days of the house before the moment of the evaluation; ``where`` narrows
events, orders and lines down by their own properties.

**Missing values.** Every clause is true or false. A missing value fails every positive comparison (``=``, ``in``,
``contains``, ``<``, ``between``, ``before`` …), passes ``!=`` and ``not_in``, and is ``empty``. Empty text
is empty, too. Counting gives 0 where there is nothing to count. Texts are compared in Unicode form NFC, letter by
letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Op = Literal[
    "=", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "between", "before", "after", "empty"
]
Kind = Literal["number", "text", "code", "flag", "moment", "day"]
Scalar = str | Decimal | bool | date

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
    },
}
"""What facts can be narrowed down by. Events have further properties of their own, whose values are texts."""

MEASURES: Mapping[str, tuple[str, ...]] = {
    "orders": ("times", "amount"),
    "products": ("times", "quantity", "amount"),
}


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
    """A trait or an attribute compares so."""

    of: Literal["trait", "attribute"]
    slug: str
    kind: Kind
    test: Test


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


@dataclass(frozen=True, slots=True)
class Then:
    """An event, and at most so many days (of 24 hours) after it another one."""

    first: str
    then: str
    within_days: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The latest score of a metric of satisfaction compares so."""

    metric: str
    test: Test
    within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The latest word on a purpose and channel is ``state``."""

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


Clause = Value | Did | Then | Answer | Consent | Tag | Member
Rule = Every | Some | Not | Clause

KEYS: Mapping[str, tuple[str, ...]] = {
    "trait": ("op", "value"),
    "attribute": ("op", "value"),
    "did": ("op", "value", "within_days", "where", "time", "then"),
    "orders": ("op", "value", "within_days", "where"),
    "products": ("op", "value", "within_days", "where"),
    "answer": ("op", "value", "within_days"),
    "consent": ("purpose", "value"),
    "tag": (),
    "segment": (),
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
