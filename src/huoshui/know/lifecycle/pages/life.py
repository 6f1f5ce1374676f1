"""The page of life cycles as its template shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.texts import Language, Text
from huoshui.know.lifecycle.pages.cards import card_of_life
from huoshui.know.lifecycle.populations import changing
from huoshui.know.lifecycle.queries import SOON, Life
from huoshui.know.models.cards import Card
from huoshui.know.value.page import listed
from huoshui.know.value.populations import moving
from huoshui.science import lifecycle
from huoshui.science.lifecycle import STAGES
from huoshui.web import figures
from huoshui.web.lists import Part, Tab

COLOURS = {"active": "c1", "silent": "c2", "new": "c3", "potential": "c5", "lost": "c0"}
STEPS = 24
"""At most so many points on the curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A cell of the table of flows: number, share of the row with its interval, and who they are."""

    number: str
    share: str
    interval: str
    shade: int | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page."""

    as_of: datetime
    since: date
    until: date
    periods: Sequence[Tab]
    parts: Sequence[Part]
    heads: Sequence[str]
    flows: Sequence[tuple[str, str, Sequence[Flow]]]
    staying: Sequence[tuple[str, ...]]
    soon: Sequence[tuple[str, str, str, bool]]
    curve: Chart | None
    median: str
    card: Card


def page(found: Life, *, days: int, offered: Sequence[int], language: Language) -> Page:
    """The page."""
    here = reverse("lifecycle:lifecycle")
    customers = reverse("customers:list")
    return Page(
        as_of=found.as_of,
        since=found.since,
        until=found.until,
        periods=[
            Tab(
                label=f"{n} 天" if language == "zh" else f"{n} days",
                address=f"{here}?days={n}",
                current=n == days,
            )
            for n in offered
        ],
        parts=[
            Part(
                label=STAGES[code].in_(language),
                number=figures.count(number, language),
                size=float(number),
                colour=COLOURS[code],
                address=f"{customers}?{urlencode({'stage': code})}",
            )
            for code, number in found.stages.items()
        ],
        heads=[text.in_(language) for text in STAGES.values()],
        flows=_flows(found, language),
        staying=[
            (STAGES[code].in_(language), *(figures.count(days, language) for days in quarters))
            for code, quarters in found.staying.items()
        ],
        soon=_soon(found, language),
        curve=_curve(found),
        median=_median(found).in_(language),
        card=card_of_life(found, days=days, language=language),
    )


def _flows(found: Life, language: Language) -> list[tuple[str, str, list[Flow]]]:
    counts = {(a, b): n for (a, b), n in found.flows.items() if a is not None and b is not None}
    passages = lifecycle.transition_matrix(counts)
    lines = []
    for place, (code, text) in enumerate(STAGES.items()):
        row = passages[place * len(STAGES) : (place + 1) * len(STAGES)]
        total = sum(one.customers for one in row)
        lines.append(
            (
                text.in_(language),
                figures.count(total, language),
                [
                    Flow(
                        number=figures.count(one.customers, language),
                        share=figures.share(one.share, language) if total else "",
                        interval=f"{one.low * 100:.0f}–{one.high * 100:.0f}%" if total else "",
                        shade=min(6, int(one.share * 6.999)) if one.customers else None,
                        address=_moved(found, code, one.after) if one.customers else "",
                    )
                    for one in row
                ],
            )
        )
    came = [found.flows.get((None, after), 0) for after in STAGES]
    if any(came):
        lines.append(
            (
                "当时尚无" if language == "zh" else "not there then",
                figures.count(sum(came), language),
                [
                    Flow(
                        number=figures.count(number, language),
                        share="",
                        interval="",
                        shade=None,
                        address=_moved(found, None, after) if number else "",
                    )
                    for number, after in zip(came, STAGES, strict=True)
                ],
            )
        )
    return lines


def _moved(found: Life, before: str | None, after: str) -> str:
    return listed(moving("stage", before, after, found.since, found.until))


def _soon(found: Life, language: Language) -> list[tuple[str, str, str, bool]]:
    words = {
        "silent": Text("silent within {} days", "{} 天内转为沉默"),
        "lost": Text("lost within {} days", "{} 天内转为流失"),
    }
    return [
        (
            words[stage].in_(language).format(days),
            figures.count(number, language),
            listed(changing(stage, days)) if number else "",
            stage == "lost",
        )
        for (stage, days), number in found.soon.items()
        if days in SOON
    ]


def _curve(found: Life) -> Chart | None:
    curve = found.curve
    if not curve.ended.sum():
        return None
    step = max(1, round(curve.longest / STEPS / 7)) * 7
    times = list(range(0, int(curve.longest) + 1, step))
    points = [curve.at(time) for time in times]

    def column(place: int) -> tuple[float, ...]:
        return tuple(round(point[place], 4) for point in points)

    return Chart(
        kind="line",
        title=Text("Customers not lost yet, by days since the first purchase", "首次购买后未流失的客户占比"),
        axis=Text("Days since the first purchase", "首次购买后的天数"),
        unit="share",
        places=tuple(Text(str(time), str(time)) for time in times),
        series=(
            Series(name=Text("not lost yet", "尚未流失"), values=column(0), colour="c1"),
            Series(name=Text("95% interval, low", "95% 区间下限"), values=column(1), part="previous"),
            Series(name=Text("95% interval, high", "95% 区间上限"), values=column(2), part="previous"),
        ),
    )


def _median(found: Life) -> Text:
    if found.curve.median is None:
        return Text(
            "More than half of the customers have not been lost so far.", "超过一半的客户至今尚未流失。"
        )
    days = f"{found.curve.median:,.0f}"
    return Text(
        f"Half of the customers have been lost for the first time {days} days after their first purchase.",
        f"首次购买后 {days} 天，半数客户已流失过一次。",
    )
