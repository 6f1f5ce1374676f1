"""The timeline of a customer: what the address asks for, and what the page shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from huoshui.kernel.clock import parse_day
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Language, Text
from huoshui.lake.pointing import Between, Place, Row
from huoshui.measure.dashboards.pages.words import CHANGES
from huoshui.measure.dashboards.pages.words import PAST as KINDS
from huoshui.measure.dashboards.queries.person import PAST, Line, Past
from huoshui.web import figures
from huoshui.web.lists import Moment, Tab

SIZE = 30
LONGEST_WORDS = 100
OF_KIND = {"orders": ("orders", "order_changes")}
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)


class NotInThePast(HuoshuiError):
    """The address asks for a kind or a place of a timeline that there is not."""

    code = "not_in_the_past"
    says = Text("The timeline has no such part", "时间线没有这一部分")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for."""

    kind: str
    words: str
    first: str
    last: str
    between: Between

    @property
    def kinds(self) -> Sequence[str]:
        """The tables; none for all."""
        return OF_KIND.get(self.kind, (self.kind,)) if self.kind else ()

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.kind or self.words or self.first or self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A stretch of the past as the page shows it."""

    moments: Sequence[Moment]
    kinds: Sequence[Tab]
    asked: Asked
    path: str
    newer: str
    older: str
    plain: str


def asked(query: QueryDict, house: House) -> Asked:
    """What the query string says. Raises `NotInThePast`, `NotADate`."""
    kind = query.get("kind", "")
    if kind not in KINDS:
        raise NotInThePast(
            "The timeline has no such kind", received=repr(kind[:40]), valid=", ".join(k for k in KINDS if k)
        )
    first, last = query.get("first", "").strip(), query.get("last", "").strip()
    days = [parse_day(text) if text else None for text in (first, last)]
    older, newer = query.get("older", ""), query.get("newer", "")
    words = query.get("q", "").strip()[:LONGEST_WORDS].replace("\x00", "")
    return Asked(
        kind=kind,
        words=words,
        first=first,
        last=last,
        between=Between(
            words=words,
            since=_midnight(days[0], house) if days[0] else None,
            until=_midnight(days[1] + timedelta(days=1), house) if days[1] else None,
            older_than=_place(older) if older else None,
            newer_than=_place(newer) if newer and not older else None,
        ),
    )


def timeline(found: Past, what: Asked, *, path: str, house: House, language: Language) -> Timeline:
    """The stretch with the addresses of its neighbours."""
    kept = [
        (name, value)
        for name, value in (
            ("kind", what.kind),
            ("q", what.words),
            ("first", what.first),
            ("last", what.last),
        )
        if value
    ]

    def at(*more: tuple[str, str]) -> str:
        return f"{path}?{urlencode([*kept, *more])}" if kept or more else path

    return Timeline(
        moments=[_moment(row, found, house, language) for row in found.rows],
        kinds=[
            Tab(
                label=label.in_(language),
                address=f"{path}?{urlencode(pairs)}"
                if (pairs := [*([("kind", kind)] if kind else []), *(p for p in kept if p[0] != "kind")])
                else path,
                current=kind == what.kind,
            )
            for kind, label in KINDS.items()
        ],
        asked=what,
        path=path,
        newer=at(("newer", _token(found.rows[0].place))) if found.newer and found.rows else "",
        older=at(("older", _token(found.rows[-1].place))) if found.older and found.rows else "",
        plain=path,
    )


def _midnight(day: Any, house: House) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=house.zone)


def _token(place: Place) -> str:
    micros = (place.at - EARLIEST) // timedelta(microseconds=1)
    return f"{micros}.{place.slug}.{place.key}"


def _place(text: str) -> Place:
    micros, _, rest = text.partition(".")
    slug, _, key = rest.partition(".")
    known = (
        micros.isascii() and micros.isdecimal() and len(micros) < 18 and slug in PAST and "\x00" not in key
    )
    if not known:
        raise NotInThePast(
            "The timeline has no such place", received=repr(text[:60]), valid="an address of its own links"
        )
    return Place(at=EARLIEST + timedelta(microseconds=int(micros)), slug=slug, key=key)


def _moment(row: Row, found: Past, house: House, language: Language) -> Moment:
    at, zh = row.place.at.astimezone(house.zone), language == "zh"
    of = {name: value or "" for name, value in row.values.items()}
    lines: Sequence[tuple[str, str, str]] = ()
    strong, kind = False, ""
    if row.place.slug == "orders":
        amount = _money(of["revenue"], house, language)
        title, icon, kind, strong = (
            (f"下单 {amount}" if zh else f"Ordered for {amount}"),
            "shopping-bag",
            "buy",
            True,
        )
        text = _joined(of["order_id"], of["channel"], of["store"], of["coupon"])
        lines = shown_lines(found.lines.get((of["source"], of["order_id"]), ()), house, language)
    elif row.place.slug == "order_changes":
        word = CHANGES[of["kind"]].in_(language) if of["kind"] in CHANGES else of["kind"]
        title, icon, kind = f"{word} {_money(of['revenue'], house, language)}", "receipt-refund", "bad"
        text = _joined(of["order_id"] or of["document_id"], of["product_id"])
    elif row.place.slug == "events":
        title, icon, text = (
            of["name"],
            "eye",
            _joined(of["product_id"], _short(of["value"]), *_said(of["properties"])),
        )
    elif row.place.slug == "touches":
        title, icon, kind = _joined(of["kind"], of["channel"]), "message", "info"
        text = _joined(of["campaign"], of["journey"], of["step"], of["variant"])
    else:
        title = _joined(of["metric"] or of["question"], _short(of["score"]))
        icon, kind, text = (
            "clipboard-text",
            "info",
            _joined(of["survey"], of["question"] if of["metric"] else ""),
        )
    return Moment(
        day=figures.day(at.date(), language),
        time=f"{at:%H:%M}",
        icon=icon,
        title=title,
        text=text,
        strong=strong,
        kind=kind,
        lines=lines,
    )


def shown_lines(lines: Sequence[Line], house: House, language: Language) -> list[tuple[str, str, str]]:
    """Name, quantity and amount of lines of an order."""
    return [
        (
            line.name,
            figures.count(line.quantity, language),
            figures.money(line.revenue, house.currency, language, exact=True),
        )
        for line in lines
    ]


def _money(text: str, house: House, language: Language) -> str:
    return figures.money(Decimal(text) if text else None, house.currency, language, exact=True)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _short(text: str) -> str:
    """A number without the zeros an engine writes behind it."""
    try:
        return f"{Decimal(text).normalize():f}" if text else ""
    except InvalidOperation:
        return text


def _said(properties: str) -> list[str]:
    """The first plain properties of an event."""
    try:
        known = json.loads(properties) if properties else {}
    except ValueError:
        return []
    if not isinstance(known, dict):
        return []
    plain = [(str(k), v) for k, v in known.items() if isinstance(v, str | int | float) and v != ""]
    return [f"{name}: {str(value)[:80]}" for name, value in plain[:3]]
