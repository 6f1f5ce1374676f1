"""The page of a segment as its templates show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from huoshui.data.customers.conditions import Known
from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.plugs import TRAITS, House
from huoshui.kernel.texts import Language, Text
from huoshui.know.segments import past, populations, profiles, queries, sentences
from huoshui.know.segments.memberships import CAUSES, Size
from huoshui.know.segments.profiles import Category, Middle, Overlap
from huoshui.know.segments.rules import Clause, Consent, Value, clauses
from huoshui.know.segments.sentences import STATES
from huoshui.web import figures

MOST_MOVES = 12
MOST_CATEGORIES = 20
MOST_MIDDLES = 16
MOST_SHARED = 12
YES, NO = Text("yes", "是"), Text("no", "否")
NONE = Text("none", "没有值")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A computation of a segment: its size after it, and who came and went, each with the list of them."""

    at: datetime
    size: str
    entered: int
    entered_address: str
    left: int
    left_address: str
    cause: str
    clauses: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A value, or a number, of which a segment has more or less than all customers."""

    name: str
    value: str
    inside: str
    everybody: str
    index: str
    difference: str
    people: str
    more: bool | None
    few: bool
    asked: bool
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Another segment, and the customers that are in both, only in this one, only in the other."""

    slug: str
    name: str
    both: str
    both_address: str
    only_this: str
    only_this_address: str
    only_other: str
    only_other_address: str
    jaccard: float
    jaccard_text: str


def curve(found: Sequence[Size], house: House) -> Chart | None:
    """Size by day, the last of each day; nothing before there are two days."""
    by_day: dict[date, int] = {one.at.astimezone(house.zone).date(): one.size for one in found}
    if len(by_day) < 2:
        return None
    return Chart(
        kind="line",
        title=Text("Size over time", "规模变化"),
        axis=Text("Day", "日期"),
        unit="count",
        places=tuple(by_day),
        series=(Series(name=Text("Customers", "客户数"), values=tuple(by_day.values())),),
    )


def moves(slug: str, found: Sequence[Size], language: Language) -> list[Move]:
    """The last computations that changed something, the newest first, with the clauses that moved most customers."""
    changed = [one for one in reversed(found) if one.entered or one.left][:MOST_MOVES]
    said = _clauses_said(slug, {one.version for one in changed if one.clauses}, language)
    return [
        Move(
            at=one.at,
            size=figures.count(one.size, language),
            entered=one.entered,
            entered_address=listed(populations.moved(slug, "entered", one.at)),
            left=one.left,
            left_address=listed(populations.moved(slug, "left", one.at)),
            cause=CAUSES[one.cause].in_(language),
            clauses=[
                (said[one.version, path], count)
                for path, count in one.clauses.items()
                if (one.version, path) in said
            ],
        )
        for one in changed
    ]


def _clauses_said(slug: str, versions: set[int], language: Language) -> dict[tuple[int, str], str]:
    """What clauses say, by version and path; nothing of a rule of a single one, which says itself."""
    if not versions:
        return {}
    words = queries.words_now()
    return {
        (number, path): sentences.sentence(clause, words).in_(language)
        for number, rule in past.rules_of(slug, versions).items()
        for path, clause in clauses(rule)
        if path
    }


def steps(
    found: Sequence[past.Step], house: House, language: Language
) -> list[tuple[past.Step, str, list[str]]]:
    """Moves of a customer as the page tells them: the move, its cause, and a sentence for each clause that changed."""
    return [
        (one, CAUSES[one.cause].in_(language), [_said(c, house, language) for c in one.changed])
        for one in found
    ]


def _said(one: past.Changed, house: House, language: Language) -> str:
    sentence, now = one.sentence.in_(language), value_in_words(one.clause, one.value, house, language)
    if not one.known:
        return f"{sentence}: {now}" if language == "en" else f"{sentence}：{now}"
    was = value_in_words(one.clause, one.was, house, language)
    return f"{sentence}: {was} → {now}" if language == "en" else f"{sentence}：{was} → {now}"


def category(one: Category, group: str, fields: Mapping[str, Known], language: Language) -> Line:
    """A value as a line; it opens to the customers of the segment who have it."""
    points = "个百分点" if language == "zh" else "pts"
    low, high = (f"{bound * 100:+.1f}".replace("-", "−") for bound in (one.low, one.high))
    condition = ("empty", one.slug) if one.value is None else (one.slug, one.value)
    return Line(
        name=profiles.label_of(one.slug, fields).in_(language),
        value=profiles.said(one.slug, one.value, fields).in_(language),
        inside=figures.share(one.share, language),
        everybody=figures.share(one.share_of_all, language),
        index=figures.count(round(one.index * 100), language),
        difference=f"{low} … {high} {points}",
        people=figures.count(one.inside, language),
        more=None if not one.certain else one.certain > 0,
        few=one.few,
        asked=one.asked,
        address=listed(group, condition) if one.inside else "",
    )


def middle(one: Middle, fields: Mapping[str, Known], house: House, language: Language) -> Line:
    """A median as a line."""
    return Line(
        name=profiles.label_of(one.slug, fields).in_(language),
        value="",
        inside=number(one.slug, one.inside, house, language),
        everybody=number(one.slug, one.everybody, house, language),
        index=figures.count(round(one.ratio * 100), language) if one.ratio else "–",
        difference="",
        people=figures.count(one.people, language),
        more=None if not one.ratio or one.ratio == 1 else one.ratio > 1,
        few=one.few,
        asked=one.asked,
    )


def shared(one: Overlap, group: str, language: Language) -> Shared:
    """An overlap as a line; each number opens to its customers."""
    other = f"segment:{one.slug}"
    slug = group.partition(":")[2]
    return Shared(
        slug=one.slug,
        name=one.name.in_(language),
        both=figures.count(one.both, language),
        both_address=listed(group, ("in", other)),
        only_this=figures.count(one.only_this, language),
        only_this_address=listed(group, ("in", f"outside_{other}")),
        only_other=figures.count(one.only_other, language),
        only_other_address=listed(other, ("in", f"outside_segment:{slug}")),
        jaccard=one.jaccard,
        jaccard_text=figures.share(one.jaccard, language),
    )


def listed(group: str, *conditions: tuple[str, str]) -> str:
    """The list of the customers of a group who meet more conditions."""
    return f"{reverse('customers:list')}?{urlencode([('in', group), *conditions])}"


def number(slug: str, value: float | None, house: House, language: Language) -> str:
    """A median of a trait or attribute as people read it."""
    if value is None:
        return figures.UNKNOWN.in_(language)
    if slug in TRAITS and TRAITS[slug].type.startswith("decimal"):
        return figures.money(value, house.currency, language)
    if slug not in TRAITS and value == int(value) and 1000 <= value < 10_000:
        return str(int(value))  # a year of birth takes no comma
    return figures.count(round(value, 1 if abs(value) >= 10 else 3), language)


def value_in_words(clause: Clause, value: Any, house: House, language: Language) -> str:
    """What a clause looked at, by its label and unit rather than its code."""
    if value is None:
        return NONE.in_(language)
    if isinstance(clause, Consent):
        return STATES[value].in_(language) if value in STATES else str(value)
    if isinstance(clause, Value) and clause.slug in TRAITS and getattr(clause, "part", None) is None:
        return figures.of_trait(TRAITS[clause.slug], value, house.currency, house.zone, language)
    if isinstance(value, bool):
        return (NO, YES)[value].in_(language)
    if isinstance(value, datetime):
        return f"{value.astimezone(house.zone):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return figures.count(value, language) if isinstance(value, int | float | Decimal) else str(value)
