"""Measures for their page and their form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from huoshui.kernel.clock import parse_day
from huoshui.kernel.money import parse_amount
from huoshui.kernel.texts import Language
from huoshui.plan.plans.measures.dependencies import conflicts
from huoshui.plan.plans.measures.drafting import Draft
from huoshui.plan.plans.measures.effects import Effect
from huoshui.plan.plans.measures.queries import STATES, MeasureSeen, spans
from huoshui.web import figures
from huoshui.web.lists import Tone

TONES: Mapping[str, Tone] = {"planned": "", "running": "info", "done": "good", "dropped": ""}
TEXTS = ("name", "kind", "note", "proposition", "state", "channel", "effect")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the table of measures."""

    it: MeasureSeen
    state: str
    tone: Tone
    team: str
    cost: str
    late: bool
    waits_for: str
    effect: str
    interval: str


def lines(
    found: Sequence[MeasureSeen],
    effects: Mapping[int, Effect],
    *,
    currency: str,
    today: date,
    language: Language,
) -> list[Line]:
    """The measures with what was measured of them, or why that is not known."""
    early = conflicts(spans(found))
    names = {one.id: one.name for one in found}
    return [
        Line(
            it=one,
            state=STATES[one.state].in_(language),
            tone=TONES[one.state],
            team=one.team.in_(language) if one.team else "",
            cost=figures.money(one.cost, currency, language) if one.cost else "–",
            late=one.late(today),
            waits_for=", ".join(names[id_] for id_ in early.get(one.id, ())),
            effect=_value(effects[one.id], effects[one.id].value, currency, language)
            or (why.in_(language) if (why := effects[one.id].why) else "–"),
            interval=_interval(effects[one.id], currency, language),
        )
        for one in found
    ]


def _value(effect: Effect, value: float | None, currency: str, language: Language) -> str:
    if value is None or not effect.known:
        return ""
    if effect.unit in ("revenue", "margin"):
        return figures.money(round(Decimal(str(value)), 2), currency, language)
    return f"{value:,.1f}"


def _interval(effect: Effect, currency: str, language: Language) -> str:
    ends = [_value(effect, value, currency, language) for value in (effect.low, effect.high)]
    return " … ".join(ends) if all(ends) else ""


def form(one: MeasureSeen | None, *, first: date, last: date) -> dict[str, Any]:
    """What the form says before somebody writes into it."""
    if one is None:
        return {
            **dict.fromkeys(TEXTS, ""),
            "state": "planned",
            "first_day": first.isoformat(),
            "last_day": last.isoformat(),
            "done": "0",
            "cost": "0",
            "owner": "",
            "team": "",
            "after": [],
            "segments": [],
            "campaigns": [],
            "reason": "",
            "version": "0",
        }
    return {
        **{name: getattr(one, name) for name in TEXTS},
        "first_day": one.first_day.isoformat(),
        "last_day": one.last_day.isoformat(),
        "done": str(one.done),
        "cost": f"{one.cost:.2f}",
        "owner": str(one.owner_id or ""),
        "team": str(one.team_id or ""),
        "after": [str(id_) for id_ in one.after],
        "segments": list(one.segments),
        "campaigns": [str(number) for number in one.campaigns],
        "reason": "",
        "version": str(one.version),
    }


def draft(said: Mapping[str, Any]) -> Draft:
    """The measure that a form says. Raises `NotADate`, `NotAnAmount`."""
    texts = {name: str(said[name]) for name in TEXTS}
    return Draft(
        **texts,
        first_day=parse_day(said["first_day"]),
        last_day=parse_day(said["last_day"]),
        done=whole(said["done"]) or 0,
        cost=parse_amount(said["cost"] or "0"),
        owner_id=whole(said["owner"]),
        team_id=whole(said["team"]),
        after=tuple(number for one in said["after"] if (number := whole(one))),
        segments=tuple(said["segments"]),
        campaigns=tuple(number for one in said["campaigns"] if (number := whole(one))),
    )


def whole(text: str) -> int | None:
    """A whole number as a form sends it; None for nothing and for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
