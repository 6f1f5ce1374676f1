"""The conditions of a list as chips, each with the address that lifts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from huoshui.data.customers.conditions import NOBODY, Conditions, Known, population
from huoshui.desk.users import queries as users
from huoshui.kernel.texts import Language, Text
from huoshui.web import figures
from huoshui.web.lists import Chip

TAG = Text("Tag", "标签")
OWNER = Text("Owner", "负责人")
TEAM = Text("Team", "团队")
SOURCE = Text("Source", "来源")
EMPTY = Text("empty", "为空")
FILLED = Text("not empty", "不为空")
NO_OWNER = Text("nobody", "无人")


def chips(
    path: str,
    pairs: Sequence[tuple[str, str]],
    conditions: Conditions,
    offered: Mapping[str, Known],
    names: Mapping[int, str],
    language: Language,
) -> list[Chip]:
    """A chip for each condition, in the order of the kinds."""
    found: list[Chip] = []

    def add(label: str, value: str, lifted: tuple[str, str]) -> None:
        left = [pair for pair in pairs if pair != lifted]
        without = f"{path}?{urlencode(left)}" if left else f"{path}?all=1"
        found.append(Chip(name=label, value=value, without=without))

    def label(slug: str) -> str:
        return offered[slug].label.in_(language) if slug in offered else slug

    for text in conditions.populations:
        group, _, sentence = population(text)
        add(group.label.in_(language), sentence.in_(language), ("in", text))
    for slug, codes in conditions.any_of.items():
        for code in codes:
            words = offered[slug].values
            add(label(slug), words[code].in_(language) if code in words else code, (slug, code))
    bounds: list[tuple[str, str, Mapping[str, Any]]] = [
        ("least", "≥", conditions.least),
        ("most", "≤", conditions.most),
        ("since", "≥", conditions.since),
        ("until", "≤", conditions.until),
        ("has", "∋", conditions.has),
    ]
    for name, sign, values in bounds:
        for slug, value in values.items():
            said = next((v for n, v in pairs if n == name and v.startswith(f"{slug}:")), "")
            text = figures.count(value, language) if isinstance(value, Decimal) else str(value)
            add(label(slug), f"{sign} {text}", (name, said))
    for slug in conditions.empty:
        add(label(slug), EMPTY.in_(language), ("empty", slug))
    for slug in conditions.filled:
        add(label(slug), FILLED.in_(language), ("filled", slug))
    for tag in conditions.tags:
        add(TAG.in_(language), tag, ("tag", tag))
    for owner in conditions.owners:
        known = (
            NO_OWNER.in_(language)
            if owner == NOBODY
            else names.get(int(owner) if owner.isdecimal() else 0, owner)
        )
        add(OWNER.in_(language), known, ("owner", owner))
    if conditions.teams:
        teams = {team.id: team.name.in_(language) for team in users.teams()}
        for team in conditions.teams:
            add(TEAM.in_(language), teams.get(team, str(team)), ("team", str(team)))
    for source in conditions.sources:
        add(SOURCE.in_(language), source, ("source", source))
    return found
