"""What the address of the list says, as conditions: ``?stage=active&least=frequency:2&tag=VIP&sort=-net_monetary``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from huoshui.data.customers import conditions as asked_for
from huoshui.data.customers.conditions import Conditions, Known, NotACondition
from huoshui.data.customers.listing import USUAL_SORT, NoSuchPage
from huoshui.kernel.clock import NotADate, parse_day

LONGEST_WORDS = 100
MOST = 60
"""Conditions in one address."""
USUAL = ("stage", "value_class", "net_monetary", "frequency", "last_order_at", "city")
BOUNDS = ("least", "most", "since", "until", "has")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A list as its address says it."""

    conditions: Conditions
    columns: Sequence[str]
    sort: str
    page: int


def read(query: QueryDict, offered: Mapping[str, Known] | None = None) -> Asked:
    """What ``query`` asks for. Raises `NotACondition`, `NoSuchPage`; what was never offered is refused by the list."""
    offered = asked_for.known() if offered is None else offered
    if sum(len(values) for _, values in query.lists()) > MOST + len(offered):
        raise NotACondition("These are too many conditions", valid=f"at most {MOST}")
    bounds: dict[str, dict[str, Any]] = {name: {} for name in BOUNDS}
    for name in BOUNDS:
        for text in query.getlist(name):
            slug, sign, value = text.partition(":")
            if not sign or not value.strip():
                raise NotACondition("This is not a bound", received=repr(text[:40]), valid="NAME:VALUE")
            bounds[name][slug] = _value(name, value)
    any_of = {
        slug: [code for code in query.getlist(slug) if code]
        for slug in offered
        if slug in query and slug not in TAKEN and any(query.getlist(slug))
    }
    conditions = Conditions(
        words=query.get("q", "").strip()[:LONGEST_WORDS],
        any_of=any_of,
        empty=tuple(filter(None, query.getlist("empty"))),
        filled=tuple(filter(None, query.getlist("filled"))),
        tags=tuple(tag.strip()[:60] for tag in query.getlist("tag") if tag.strip()),
        owners=tuple(filter(None, query.getlist("owner"))),
        teams=tuple(_team(text) for text in query.getlist("team") if text),
        sources=tuple(filter(None, query.getlist("source"))),
        populations=tuple(dict.fromkeys(filter(None, query.getlist("in")))),
        **bounds,
    )
    for text in conditions.populations:
        asked_for.population(text)
    columns = [slug for slug in query.getlist("columns") if slug]
    for slug in columns:
        asked_for.require_offered(slug, offered)
    return Asked(
        conditions=conditions,
        columns=columns or [slug for slug in USUAL if slug in offered],
        sort=query.get("sort") or USUAL_SORT,
        page=_page(query.get("page", "1")),
    )


TAKEN = frozenset(
    {
        *BOUNDS,
        *("q", "empty", "filled", "tag", "owner", "team", "source", "in"),
        *("columns", "sort", "page", "view"),
    }
)
"""Names of an address that mean something else than an attribute of the same name."""


def spoken_of(query: QueryDict) -> set[str]:
    """What an address speaks of, by slug: columns, conditions, sort; also what is offered no longer."""
    return {
        *(name for name in query if name not in TAKEN),
        *(text.partition(":")[0] for name in BOUNDS for text in query.getlist(name)),
        *(slug for name in ("empty", "filled", "columns") for slug in query.getlist(name)),
        *(slug.removeprefix("-") for slug in query.getlist("sort")),
    }


def _value(name: str, text: str) -> Decimal | date | str:
    if name in ("least", "most"):
        return asked_for.bound(text)
    if name == "has":
        return text.strip()[:LONGEST_WORDS]
    try:
        day = parse_day(text.strip())
    except NotADate as error:
        raise NotACondition(
            "This is not a day", received=repr(text[:40]), valid="a day such as 2024-05-20"
        ) from error
    if not 1900 <= day.year <= 2200:
        raise NotACondition("This day is too far away", received=repr(text[:40]), valid="years 1900 to 2200")
    return day


def _team(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise NotACondition("This is no team", received=repr(text[:40]), valid="a number")
    return int(text)


def _page(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9) or int(text) < 1:
        raise NoSuchPage("The list has no such page", received=repr(text[:40]), valid="a number from 1")
    return int(text)
