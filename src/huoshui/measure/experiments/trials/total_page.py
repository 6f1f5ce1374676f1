"""What the page of the total shows, in words and written numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Language, Text
from huoshui.measure.experiments import pages
from huoshui.measure.experiments.pages import Card, Row
from huoshui.measure.experiments.trials.effects import OUTCOMES, Measured
from huoshui.measure.experiments.trials.page import LABELS, MEANINGS
from huoshui.measure.experiments.trials.people import BEFORE_DAYS
from huoshui.measure.experiments.trials.total import Cap, Total
from huoshui.web import figures
from huoshui.web.lists import Fact

MOST: Mapping[Measured, Text] = {
    "revenue": Text("Most revenue counted per person", "每人计入收入上限"),
    "margin": Text("Most margin counted per person", "每人计入毛利上限"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the page shows; ``says`` is the total in one sentence, or why it is not known."""

    says: str
    cards: Sequence[Card]
    months: Sequence[Row]
    facts: Sequence[Fact]


def page(found: Total, *, house: House, language: Language) -> Page:
    """The page of the total."""
    everybody = Text("Everything together", "全部触达合计").in_(language)
    cards = []
    for name, line in found.lines.items():
        row = replace(pages.row_of(line, OUTCOMES[name][0], language), label=everybody)
        cards.append(
            Card(
                name=LABELS[name].in_(language),
                meaning=MEANINGS[name].in_(language),
                rows=pages.drawn([row], [line.lift]),
            )
        )
    rows = [
        replace(
            pages.row_of(month.line, "mean", language),
            label=_month(month.since.astimezone(house.zone), language),
        )
        for month in found.months
    ]
    return Page(
        says=_says(found, house, language),
        cards=cards,
        months=pages.drawn(rows, [month.line.lift for month in found.months]),
        facts=_facts(found, house, language),
    )


def _says(found: Total, house: House, language: Language) -> str:
    if found.added is None or found.low is None or found.high is None:
        return Text(
            "What everything together added cannot be known yet: too few people have bought on one of the sides.",
            "合计增量暂时无法得知：两侧下单的人数还太少。",
        ).in_(language)
    added, low, high = (
        figures.money(round(value), house.currency, language)
        for value in (found.added, found.low, found.high)
    )
    told = Text(
        f"Since {_day(found, house, 'en')} everything together added {added} of revenue ({low} … {high}).",
        f"自 {_day(found, house, 'zh')} 起，全部触达合计带来收入 {added}（{low} … {high}）。",
    )
    if found.low <= 0 <= found.high:
        told = Text(
            f"{told.en} The interval holds zero: it may have been nothing.",
            f"{told.zh}区间包含 0：也可能没有增量。",
        )
    return told.in_(language)


def _facts(found: Total, house: House, language: Language) -> list[Fact]:
    told = [
        (Text("Held out", "留出比例"), figures.share(found.group.share, language)),
        (Text("Began", "起始日"), _day(found, house, language)),
        (Text("In the global control group", "全局对照组"), figures.count(found.control, language)),
        (Text("Everybody else", "其余客户"), figures.count(found.treated, language)),
    ]
    if found.excluded:
        told.append(
            (
                Text("Excluded: merged of both sides", "已排除：由两侧档案合并"),
                figures.count(found.excluded, language),
            )
        )
    told += [(MOST[name], _cap(cap, house, language)) for name, cap in found.caps.items()]
    told.append(
        (
            Text("Adjusted by", "校正依据"),
            Text(f"the {BEFORE_DAYS} days before (CUPED)", f"此前 {BEFORE_DAYS} 天（CUPED）").in_(language)
            if found.adjusted
            else Text(
                "nothing: the group only changed its size, so the time before already differed",
                "不校正：对照组只是调整了大小，此前两侧已有差异",
            ).in_(language),
        )
    )
    return [Fact(name=name.in_(language), value=value) for name, value in told]


def _cap(cap: Cap, house: House, language: Language) -> str:
    amount = figures.money(round(cap.amount, 2), house.currency, language)
    if not cap.people:
        return Text(f"{amount}, the largest there is", f"{amount}，即最大值，未截断").in_(language)
    people = figures.count(cap.people, language)
    return Text(f"{amount}; {people} had more", f"{amount}；{people} 人超出").in_(language)


def _day(found: Total, house: House, language: Language) -> str:
    return figures.day(found.group.since.astimezone(house.zone).date(), language)


def _month(since: datetime, language: Language) -> str:
    return Text(f"{since:%Y-%m}", f"{since.year} 年 {since.month} 月").in_(language)
