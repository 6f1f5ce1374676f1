"""What the customers of a segment are like beside all customers: attributes and traits that stand out, and overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.data.customers import conditions as customers
from huoshui.data.customers.conditions import Known
from huoshui.kernel.actors import Actor, Scope
from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Text
from huoshui.know.segments import compiling, measuring, queries
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.rules import Rule, Test, Value, clauses
from huoshui.lake.kept import kept
from huoshui.science import proportions

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

FEW = 30
"""Of fewer people than this, a share says little: it is shown, and said to be of few."""
MOST_VALUES = 30
"""Values of one attribute or trait that are compared, those that most customers have."""
MOST_OTHERS = 100
"""Other segments whose overlap is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A value of an attribute or trait, ``None`` for who has none, and how many have it.

    ``inside`` of the ``size`` customers of the segment, ``everybody`` of all ``customers``. ``low`` and ``high`` are
    where the difference of the two shares lies (95 %).
    """

    slug: str
    value: str | None
    inside: int
    everybody: int
    size: int
    customers: int
    low: float
    high: float
    asked: bool

    @property
    def share(self) -> float:
        """The share in the segment."""
        return self.inside / self.size if self.size else 0.0

    @property
    def share_of_all(self) -> float:
        """The share of all customers."""
        return self.everybody / self.customers if self.customers else 0.0

    @property
    def index(self) -> float:
        """The share in the segment over that of all: 2 is twice as often."""
        return self.share / self.share_of_all if self.share_of_all else 0.0

    @property
    def few(self) -> bool:
        """Whether too few people have it, in the house or in the segment, to say much."""
        return min(self.everybody, self.size) < FEW

    @property
    def certain(self) -> float:
        """By how much the shares differ at least, below zero for too few; 0 where they may be the same."""
        return max(self.low, 0.0) or min(self.high, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Middle:
    """The median of a trait or attribute that is a number, and of how many people: in the segment and of all."""

    slug: str
    inside: float | None
    everybody: float | None
    people: int
    people_of_all: int
    asked: bool

    @property
    def few(self) -> bool:
        """Whether too few people have a value to say much."""
        return self.people < FEW

    @property
    def ratio(self) -> float | None:
        """The median in the segment over that of all; none where one of them is zero or missing."""
        return self.inside / self.everybody if self.inside and self.everybody else None

    @property
    def strength(self) -> float:
        """How far apart the medians are, whichever is greater; 0 where they are the same or cannot be divided."""
        return abs(log(self.ratio)) if self.ratio is not None and self.ratio > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a segment differs from all customers, what is strongest first.

    What the rule itself asks for is marked ``asked`` and comes last: it differs because it was chosen so.
    """

    size: int
    customers: int
    as_of: datetime
    categories: Sequence[Category]
    middles: Sequence[Middle]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How many customers a segment shares with another one."""

    slug: str
    name: Text
    both: int
    only_this: int
    only_other: int

    @property
    def jaccard(self) -> float:
        """Those in both over those in any: 0 apart, 1 the same."""
        any_ = self.both + self.only_this + self.only_other
        return self.both / any_ if any_ else 0.0


def require_whole(actor: Actor) -> None:
    """Raise `NotAllowed` unless ``actor`` sees all records: a profile tells of all customers."""
    if actor.scope != Scope.ALL:
        raise NotAllowed(
            "A profile tells of all customers of the house", valid="somebody who sees all records"
        )


def profile(*, tables: Snapshot, as_of: AsOf, rule: Rule) -> Profile:
    """The customers of ``rule`` beside all customers; kept for the house version. Raises `BadRule`.

    Shares are of all customers, those without a value among them. The segment is a part of everybody, so its share
    differs from that of all by (1 − size ÷ customers) times what it differs from that of the others, and the interval
    is that of `science.proportions.difference` of segment and others, times the same.
    """
    others = queries.resolve(rule)
    fields = customers.known()
    key = (
        "profile",
        str(tables.lake.root),
        tables.version,
        as_of.at,
        rule,
        tuple(others.items()),
        tuple(fields),
        _meanings(),
    )
    return kept(key, lambda: _profile(tables, as_of, rule, others, fields))


def _profile(
    tables: Snapshot, as_of: AsOf, rule: Rule, others: Mapping[str, Rule], fields: Mapping[str, Known]
) -> Profile:
    asked = {c.slug for one in (rule, *others.values()) for _, c in clauses(one) if isinstance(c, Value)}
    split = [slug for slug, one in fields.items() if one.kind in ("code", "flag", "text")]
    numbers = [slug for slug, one in fields.items() if one.kind == "number"]
    rows = tables.session.keep(_rows(tables, as_of, rule, others, [*split, *numbers]))
    try:
        whole = {
            "size": rows.holds.sum(),
            "customers": rows.count(),
            **{f"n_{slug}": rows[slug].count(where=rows.holds) for slug in numbers},
            **{f"N_{slug}": rows[slug].count() for slug in numbers},
            **{f"m_{slug}": _median(rows[slug], rows.holds) for slug in numbers},
            **{f"M_{slug}": _median(rows[slug]) for slug in numbers},
        }
        found = tables.arrow(rows.aggregate(**whole)).to_pylist()[0]
        counted = (
            tables.arrow(ibis.union(*(_by_value(rows, slug) for slug in split))).to_pylist() if split else []
        )
    finally:
        tables.session.drop(rows)
    size, all_ = int(found["size"] or 0), int(found["customers"])
    # Of yes and no, one says it all.
    told = [row for row in counted if fields[row["field"]].kind != "flag" or row["value"] != "false"]
    categories = [_category(row, size, all_, row["field"] in asked) for row in told]
    middles = [
        Middle(
            slug=slug,
            inside=found[f"m_{slug}"],
            everybody=found[f"M_{slug}"],
            people=int(found[f"n_{slug}"]),
            people_of_all=int(found[f"N_{slug}"]),
            asked=slug in asked,
        )
        for slug in numbers
        if found[f"N_{slug}"]
    ]
    places = list(fields)
    return Profile(
        size=size,
        customers=all_,
        as_of=as_of.at,
        categories=sorted(
            categories,
            key=lambda c: (c.asked, c.few, -abs(c.certain), places.index(c.slug), c.value or ""),
        ),
        middles=sorted(middles, key=lambda m: (m.asked, m.few, -m.strength)),
    )


def overlaps(*, tables: Snapshot, as_of: AsOf, slug: str) -> list[Overlap]:
    """How many customers a segment shares with each other one, what overlaps most first; kept for the house version.

    Segments whose rule is broken are left out. Raises `NoSuchSegment`, `BadRule`.
    """
    rules, others = {slug: queries.rule_of(slug)}, queries.resolve(queries.rule_of(slug))
    named = queries.names()
    for other in [one for one in named if one != slug][:MOST_OTHERS]:
        try:
            rules[other] = queries.rule_of(other)
            others |= queries.resolve(rules[other])
        except BadRule:
            # Its own page says what is wrong with it.
            rules.pop(other, None)
    key = (
        "overlaps",
        str(tables.lake.root),
        tables.version,
        as_of.at,
        _meanings(),
        *rules.items(),
        *sorted(others),
    )
    counts = kept(key, lambda: _shared(tables, as_of, rules, others))
    this = counts["this"]
    found = [
        Overlap(
            slug=other,
            name=named[other],
            both=counts[f"both{number}"],
            only_this=this - counts[f"both{number}"],
            only_other=counts[f"all{number}"] - counts[f"both{number}"],
        )
        for number, other in enumerate(rules)
        if number
    ]
    return sorted(found, key=lambda one: (-one.jaccard, one.slug))


def _shared(
    tables: Snapshot, as_of: AsOf, rules: Mapping[str, Rule], others: Mapping[str, Rule]
) -> dict[str, int]:
    columns = {f"s{number}": rule for number, rule in enumerate(rules.values())}
    rows = compiling.table(tables, as_of, columns, segments=others)
    sums = {"this": rows.s0.sum()}
    for number in range(1, len(columns)):
        sums[f"all{number}"] = rows[f"s{number}"].sum()
        sums[f"both{number}"] = (rows.s0 & rows[f"s{number}"]).sum()
    return {name: int(n or 0) for name, n in tables.arrow(rows.aggregate(**sums)).to_pylist()[0].items()}


def _rows(tables: Snapshot, as_of: AsOf, rule: Rule, others: Mapping[str, Rule], slugs: Sequence[str]) -> Any:
    """For every customer whether they belong, with the traits and attributes ``slugs``."""
    who = compiling.table(tables, as_of, {"holds": rule}, segments=others)
    wanted = [
        Value(of="trait" if slug in TRAITS else "attribute", slug=slug, kind="text", test=Test("empty"))
        for slug in slugs
    ]
    values = measuring.people(tables, as_of, wanted)
    values = values.select(
        _whose="customer_id", **{one.slug: values[f"{one.of}_{one.slug}"] for one in wanted}
    )
    return who.left_join(values, who.customer_id == values["_whose"]).drop("_whose")


def _by_value(rows: Any, slug: str) -> Any:
    counted = rows.group_by(value=rows[slug].cast("string").nullif("")).aggregate(
        inside=rows.holds.cast("int64").sum(), everybody=rows.count()
    )
    counted = counted.order_by(ibis.desc("everybody"), "value").limit(MOST_VALUES)
    return counted.mutate(field=ibis.literal(slug)).select("field", "value", "inside", "everybody")


def _median(column: Any, where: Any = None) -> Any:
    value = column.cast("float64")
    if column.type().is_floating():
        value = value.isnan().ifelse(ibis.null("float64"), value)
    # Not `median`: with a condition, Spark takes no answer of it from Ibis.
    return value.quantile(0.5, where=where)


def _category(row: Mapping[str, Any], size: int, all_: int, asked: bool) -> Category:
    inside, everybody = int(row["inside"] or 0), int(row["everybody"])
    low = high = 0.0
    if 0 < size < all_:
        rest = 1 - size / all_
        bounds = proportions.difference(inside, size, everybody - inside, all_ - size)
        low, high = (bound * rest for bound in bounds)
    return Category(
        slug=row["field"],
        value=row["value"],
        inside=inside,
        everybody=everybody,
        size=size,
        customers=all_,
        low=low,
        high=high,
        asked=asked,
    )


def _meanings() -> tuple[datetime | None, ...]:
    """Since when each trait means what it means: one that the house defines anew is computed anew at once."""
    return tuple(trait.defined_at for trait in TRAITS)


def label_of(slug: str, fields: Mapping[str, Known]) -> Text:
    """What an attribute or trait is called; its slug where it is gone."""
    return (
        fields[slug].label if slug in fields else TRAITS[slug].label if slug in TRAITS else Text(slug, slug)
    )


def said(slug: str, value: str | None, fields: Mapping[str, Known]) -> Text:
    """A value of an attribute or trait in words."""
    if value is None:
        return Text("no value", "没有值")
    known = fields[slug].values if slug in fields else {}
    return known.get(value, Text(value, value))
