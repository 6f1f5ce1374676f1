"""The page of life cycles as its template shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.texts import Language, Text
from huoshui.know.lifecycle.populations import changing
from huoshui.know.lifecycle.queries import SOON, Life
from huoshui.know.lifecycle.rules import rule_in_use
from huoshui.know.value.page import listed
from huoshui.know.value.populations import moving
from huoshui.science import lifecycle
from huoshui.science.lifecycle import STAGES, FixedDays
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
    rule: Sequence[tuple[str, str]]
    judged: str
    wins: bool


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
        rule=_rule(found, language),
        judged=_judged(found).in_(language),
        wins=found.judged.own is not None
        and found.judged.fixed is not None
        and found.judged.own > found.judged.fixed,
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


def _rule(found: Life, language: Language) -> list[tuple[str, str]]:
    rule = rule_in_use()
    if isinstance(rule, FixedDays):
        name = Text("fixed days", "固定天数")
        silent, lost = (
            Text(f"from {rule.active} days", f"满 {rule.active} 天"),
            Text(f"from {rule.silent} days", f"满 {rule.silent} 天"),
        )
    else:
        name = Text("each customer's own rhythm", "客户自身购买节奏")
        silent = Text(f"from {rule.silent:g} × rhythm", f"达节奏的 {rule.silent:g} 倍")
        lost = Text(f"from {rule.lost:g} × rhythm", f"达节奏的 {rule.lost:g} 倍")
    lines = (
        (Text("Rule", "规则"), name),
        (Text("Silent", "沉默"), silent),
        (Text("Lost", "流失"), lost),
        (
            Text("Customers with a rhythm of their own", "有自身节奏的客户"),
            Text(f"{found.rhythms:,}", f"{found.rhythms:,}"),
        ),
        (
            Text("Typical interval, for the others", "其余客户所用的典型间隔"),
            Text(f"{found.typical:.0f} days", f"{found.typical:.0f} 天"),
        ),
        (Text("Nothing later than", "数据截至"), Text(str(found.until), str(found.until))),
    )
    return [(label.in_(language), value.in_(language)) for label, value in lines]


def _judged(found: Life) -> Text:
    judged = found.judged
    if judged.own is None or judged.fixed is None:
        return Text(
            "It cannot be judged yet: nobody, or everybody, bought since.",
            "尚无法检验：其后无人购买，或人人都购买。",
        )
    own, fixed = round(judged.own * 100), round(judged.fixed * 100)
    return Text(
        f"Of {judged.customers:,} customers on {found.since}, {judged.bought:,} bought since. Of 100 pairs of one who "
        f"did and one who did not, the stages of that day put {own} into the right order (a tie counts half); fixed "
        f"days (90, 180) {fixed}, chance 50.",
        f"{found.since} 的 {judged.customers:,} 位客户中，此后有 {judged.bought:,} 位购买。"
        f"任取购买与未购买的客户各一位配成 100 对，当日阶段能正确排序 {own} 对（平局计半）；"
        f"固定天数（90、180 天）为 {fixed} 对，随机为 50 对。",
    )
