"""Audiences as the form makes them: people of some segments, all or any of them, and of none of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Segments by slug: whose people are in (``join``: ``all`` of them or ``any``), and whose are not."""

    within: Sequence[str] = ()
    without: Sequence[str] = ()
    join: str = "any"


def rule_of(choice: Choice) -> Any:
    """The rule, as JSON; nothing for no segment at all."""
    parts: list[Any] = []
    if choice.within:
        parts.append(_together(choice.within, choice.join))
    if choice.without:
        parts.append({"not": _together(choice.without, "any")})
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"all": parts}


def choice_of(rule: Any) -> Choice | None:
    """What the form shows of a rule; nothing for one that it cannot make."""
    if rule is None:
        return Choice()
    parts = rule["all"] if set(rule) == {"all"} and len(rule["all"]) == 2 else [rule]
    negated = [one["not"] for one in parts if set(one) == {"not"}]
    plain = [one for one in parts if set(one) != {"not"}]
    if len(negated) == 2 or len(plain) == 2:
        parts, negated, plain = [rule], [], [rule]
    within, without = (_slugs(some[0]) if some else ("any", []) for some in (plain, negated))
    if within is None or without is None or (negated and without[0] != "any"):
        return None
    return Choice(within=within[1], without=without[1], join=within[0])


def segments_in(rule: Any) -> set[str]:
    """The segments that a rule names."""
    match rule:
        case {"segment": str(slug)}:
            return {slug}
        case Mapping():
            return {slug for part in rule.values() for slug in segments_in(part)}
        case list():
            return {slug for part in rule for slug in segments_in(part)}
        case _:
            return set()


def _together(slugs: Sequence[str], join: str) -> Any:
    clauses = [{"segment": slug} for slug in slugs]
    return clauses[0] if len(clauses) == 1 else {join: clauses}


def _slugs(rule: Any) -> tuple[str, list[str]] | None:
    if set(rule) == {"segment"}:
        return "any", [rule["segment"]]
    for join in ("all", "any"):
        if set(rule) == {join} and all(set(one) == {"segment"} for one in rule[join]):
            return join, [one["segment"] for one in rule[join]]
    return None
