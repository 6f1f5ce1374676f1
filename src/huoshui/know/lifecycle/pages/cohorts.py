"""The page of cohorts as its template shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from django.urls import reverse

from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Language, Text
from huoshui.know.lifecycle.pages.cards import card_of_cohorts
from huoshui.know.lifecycle.populations import beginning
from huoshui.know.lifecycle.queries import Cohorts
from huoshui.know.models.cards import Card
from huoshui.know.value.page import listed
from huoshui.science.cohorts import GRAINS, Cohort
from huoshui.web import figures
from huoshui.web.lists import Tab

Shown = Literal["retention", "still", "revenue", "total"]
SHOWN: Mapping[Shown, Text] = {
    "retention": Text("Came back", "回购率"),
    "still": Text("Bought then or later", "仍在购买"),
    "revenue": Text("Revenue each", "人均收入"),
    "total": Text("Revenue so far", "人均累计收入"),
}
MEANINGS: Mapping[Shown, Text] = {
    "retention": Text("Share of the cohort that bought in that period.", "同期群中在该期内购买的客户占比。"),
    "still": Text(
        "Share of the cohort that bought in that period or later. It falls towards today: the future is not known.",
        "同期群中在该期或之后仍有购买的客户占比。越接近今天越低，因为未来尚不可知。",
    ),
    "revenue": Text(
        "Revenue of that period ÷ everybody who began in the cohort.", "该期收入 ÷ 同期群全部客户数。"
    ),
    "total": Text(
        "Revenue up to and with that period ÷ everybody who began in the cohort.",
        "截至该期（含）的累计收入 ÷ 同期群全部客户数。",
    ),
}
GRAIN_NAMES: Mapping[str, Text] = {
    "day": Text("Day", "日"),
    "week": Text("Week", "周"),
    "month": Text("Month", "月"),
    "quarter": Text("Quarter", "季"),
}
MOST_AGES = 13
CURVE = 24
COMPARED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of the table. ``open`` marks a period that is not over."""

    text: str
    note: str
    shade: int | None
    open: bool
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A cohort beside the others."""

    start: str
    customers: str
    share: str
    interval: str
    difference: str
    word: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page."""

    as_of: date
    grains: Sequence[Tab]
    shown: Sequence[Tab]
    title: str
    meaning: str
    ages: Sequence[str]
    lines: Sequence[tuple[str, str, str, Sequence[Cell]]]
    left_out: int
    curve: Chart | None
    waiting: str
    compared: Sequence[Compared]
    card: Card


def shown_of(asked: str) -> Shown:
    """What the address asks for, retention if it asks for nothing that there is."""
    return next((one for one in SHOWN if one == asked), "retention")


def page(found: Cohorts, *, shown: Shown, house: House, language: Language) -> Page:
    """The page."""
    here = reverse("lifecycle:cohorts")

    def to(**query: str) -> str:
        return f"{here}?{urlencode({'grain': found.grain, 'show': shown, **query})}"

    ages = min(MOST_AGES, max(len(one.active) for one in found.cohorts))
    most = max(
        (_number(one, age, shown) for one in found.cohorts for age in range(1, min(ages, len(one.active)))),
        default=0.0,
    )
    return Page(
        as_of=found.as_of,
        grains=[
            Tab(label=GRAIN_NAMES[one].in_(language), address=to(grain=one), current=one == found.grain)
            for one in GRAINS
        ],
        shown=[
            Tab(label=text.in_(language), address=to(show=one), current=one == shown)
            for one, text in SHOWN.items()
        ],
        title=SHOWN[shown].in_(language),
        meaning=MEANINGS[shown].in_(language),
        ages=[str(age) for age in range(ages)],
        lines=[
            (
                _start(one, found),
                figures.count(one.size, language),
                _listed(one, None, found),
                [
                    _cell(one, age, shown, most, found, house, language)
                    for age in range(min(ages, len(one.active)))
                ],
            )
            for one in found.cohorts
        ],
        left_out=found.left_out,
        curve=_curve(found),
        waiting=_waiting(found).in_(language),
        compared=_compared(found, language),
        card=card_of_cohorts(found, language=language),
    )


def _number(one: Cohort, age: int, shown: Shown) -> float:
    if shown == "retention":
        return one.retention(age)
    if shown == "still":
        return one.still[age] / one.size
    return one.value_per_customer(age, up_to=shown == "total")


def _cell(
    one: Cohort, age: int, shown: Shown, most: float, found: Cohorts, house: House, language: Language
) -> Cell:
    number = _number(one, age, shown)
    if shown in ("retention", "still"):
        text = f"{number * 100:.0f}%"
    else:
        figure = figures.short(round(number), language)
        text = f"{figure.before}{figure.digits}{figure.after}"
    low, high = one.interval(age)
    note = (
        f"{one.active[age]:,} · {low * 100:.0f}–{high * 100:.0f}%"
        if shown == "retention"
        else f"{one.active[age]:,}"
    )
    part = number / most if most > 0 else 0.0
    return Cell(
        text=text,
        note=note,
        shade=min(6, int(6.999 * min(part, 1.0))) if number > 0 else None,
        open=age >= one.whole,
        address=_listed(one, age, found) if one.active[age] else "",
    )


def _listed(one: Cohort, age: int | None, found: Cohorts) -> str:
    return listed(beginning(found.grain, one.start, age, found.as_of))


def _start(one: Cohort, found: Cohorts) -> str:
    if found.grain == "month":
        return f"{one.start:%Y-%m}"
    if found.grain == "quarter":
        return f"{one.start.year} Q{(one.start.month + 2) // 3}"
    return one.start.isoformat()


def _curve(found: Cohorts) -> Chart | None:
    points = found.curve[1 : CURVE + 1]
    if len(points) < 2:
        return None

    def column(name: str) -> tuple[float, ...]:
        return tuple(round(getattr(point, name), 4) for point in points)

    return Chart(
        kind="line",
        title=Text("Share of customers who bought, by age", "按龄期的购买客户占比"),
        axis=Text(
            f"{GRAIN_NAMES[found.grain].en}s since the first purchase",
            f"首次购买后的{GRAIN_NAMES[found.grain].zh}数",
        ),
        unit="share",
        places=tuple(Text(str(point.age), str(point.age)) for point in points),
        series=(
            Series(name=Text("bought", "有购买"), values=column("share"), colour="c1"),
            Series(name=Text("95% interval, low", "95% 区间下限"), values=column("low"), part="previous"),
            Series(name=Text("95% interval, high", "95% 区间上限"), values=column("high"), part="previous"),
        ),
    )


def _waiting(found: Cohorts) -> Text:
    curve = found.waiting
    if not curve.ended.sum():
        return Text("Nobody has bought on a second day yet.", "还没有客户在另一天再次购买。")
    ends = [days for days in (30, 90, 365) if days <= curve.longest] or [int(curve.longest)]
    parts = []
    for days in ends:
        share, low, high = curve.at(days)
        came = f"{(1 - share) * 100:.0f}% ({(1 - high) * 100:.0f}–{(1 - low) * 100:.0f})"
        parts.append((came, days))
    en = ", ".join(f"{came} within {days} days" for came, days in parts)
    zh = "，".join(f"{days} 天内 {came}" for came, days in parts)
    return Text(
        f"Of all who bought once, a second purchase came from {en}. Customers who can still come back are counted as "
        "long as they were seen (Kaplan–Meier, 95% interval in brackets).",
        f"首次购买后再次购买的客户：{zh}。尚可能回来的客户按已观察的时间计入（Kaplan–Meier 估计，括号内为 95% 区间）。",
    )


def _compared(found: Cohorts, language: Language) -> list[Compared]:
    words = {
        "good": Text("better", "更好"),
        "bad": Text("worse", "更差"),
        "": Text("not yet known", "还不能知道"),
    }
    lines = []
    for one in list(reversed(found.compared))[:COMPARED]:
        tone = "good" if one.difference_low > 0 else "bad" if one.difference_high < 0 else ""
        start = next(c for c in found.cohorts if c.start == one.start)
        lines.append(
            Compared(
                start=_start(start, found),
                customers=figures.count(one.customers, language),
                share=figures.share(one.share, language),
                interval=f"{one.low * 100:.0f}–{one.high * 100:.0f}%",
                difference=f"{one.difference * 100:+.1f}".replace("-", "−"),
                word=words[tone].in_(language),
                tone=tone,
            )
        )
    return lines
