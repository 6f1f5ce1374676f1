"""What the page of a trial shows, in words and written numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from huoshui.act.holdouts.trials import CHOICES, DRAWN_ELSEWHERE, GOALS, Trial, holdout_key
from huoshui.kernel.actors import called
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Language, Text
from huoshui.measure.experiments import pages
from huoshui.measure.experiments.pages import Card, Row
from huoshui.measure.experiments.reading import Line, Outcome, Reading
from huoshui.measure.experiments.trials.effects import SEGMENT, Effect, Measured
from huoshui.measure.experiments.trials.people import BEFORE_DAYS, CONTROL, TREATED
from huoshui.web import figures
from huoshui.web.lists import Fact

LABELS: Mapping[Measured, Text] = {
    **cast("Mapping[Measured, Text]", GOALS),
    "others": Text("Messages of other actions per person", "人均收到的其他触达"),
}
MEANINGS: Mapping[Measured, Text] = {
    "conversion": Text("share of people with an order in the window", "观察期内下单的人数占比"),
    "orders": Text("orders in the window, per person drawn", "观察期内订单数，按抽样人数平均"),
    "revenue": Text("after returns, per person drawn", "扣除退货，按抽样人数平均"),
    "margin": Text("after returns and cost of goods, per person drawn", "扣除退货与商品成本，按抽样人数平均"),
    "others": Text(
        "less than the control group has: this action displaced them, through the caps",
        "少于对照组，说明被本次触达通过频次上限挤占",
    ),
}
STATES = {
    "waiting": (Text("not started", "未开始"), ""),
    "running": (Text("running", "进行中"), "info"),
    "final": (Text("final", "已定论"), "good"),
    "unknown": (Text("not knowable", "无法得知"), "warn"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the messages of one arm cost and brought."""

    label: str
    sent: str
    cost: str
    per_message: str
    interval: str
    added: str
    net: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the page of a trial shows; ``says`` is the result in one sentence, or why there is none."""

    title: str
    what: str
    url: str
    state: str
    tone: str
    says: str
    suspicious: str
    cards: Sequence[Card]
    costs: Sequence[Cost]
    by: str
    facts: Sequence[Fact]
    running: bool
    many: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the list of trials."""

    what: str
    title: str
    goal: str
    share: str
    fixed_at: datetime


def entries(trials: Sequence[Trial], language: Language) -> list[Entry]:
    """The list of trials."""
    return [
        Entry(
            what=one.what,
            title=one.title,
            goal=_goal(one, language),
            share=figures.share(one.terms.share, language)
            if one.terms.share
            else CHOICES[one.terms.choice].in_(language),
            fixed_at=one.fixed_at,
        )
        for one in trials
    ]


def page(found: Effect, names: Mapping[str, Text], *, address: str, house: House, language: Language) -> Page:
    """The page of a trial; ``names`` are those of segments, ``address`` is the page of what drew lots."""
    state, tone = STATES[found.state]
    cards = _cards(found, names, language)
    return Page(
        title=found.trial.title,
        what=found.trial.what,
        url=address,
        state=state.in_(language),
        tone=tone,
        says=_says(found, house, language),
        suspicious=pages.suspicion(found.reading, language) if found.reading else "",
        cards=cards,
        costs=_costs(found, house, language),
        by=(LABELS["margin"] if found.costs_known else LABELS["revenue"]).in_(language),
        facts=_facts(found, house, language),
        running=found.state == "running",
        many=found.reading is not None and len(found.reading.found.treated) > 1,
    )


def arm(name: str, language: Language) -> str:
    """An arm in words."""
    if name == CONTROL:
        return Text("Control group", "对照组").in_(language)
    if name == TREATED:
        return Text("Treated", "触达组").in_(language)
    return Text(f"Variant {name}", f"变体 {name}").in_(language)


def _says(found: Effect, house: House, language: Language) -> str:
    terms = found.trial.terms
    if found.state == "waiting":
        return Text(
            "Nobody has been drawn yet, or the draw has not reached the lake: that takes about a minute.",
            "还没有人进入试验，或抽样结果尚未写入数据湖（约需一分钟）。",
        ).in_(language)
    if found.state == "unknown" or found.reading is None:
        return Text(
            "What it added will not be known: nobody was left out to compare with. What people did afterwards says "
            "nothing, for many would have done it anyway.",
            "增量无法得知：没有留出可比较的人。事后的下单不能说明效果，其中许多人本来就会下单。",
        ).in_(language)
    if found.state == "running" and found.known_at:
        day = figures.day(found.known_at.astimezone(house.zone).date(), language)
        return Text(
            f"It cannot be known before {day}: then the {terms.horizon_days} days of the last who were drawn are over. "
            "What stands below is so far; it stays valid however often one looks.",
            f"{day} 之前无法定论：届时最后一批人的 {terms.horizon_days} 天观察期结束。"
            "下面是目前的读数，随时查看都有效。",
        ).in_(language)
    lines = found.reading.lines[terms.goal]
    clear = [line for line in lines if line.lift and line.lift.is_clear]
    goal = GOALS[terms.goal].in_(language)
    if not clear and not any(line.lift and not line.lift.is_of_few for line in lines):
        return Text(
            f"{goal}: too few people to tell whether it added anything. Look at the interval, and not at the figure.",
            f"{goal}：人数太少，还不能判断是否有增量。请看区间，不要只看数字。",
        ).in_(language)
    if not clear:
        return Text(
            f"{goal}: no clear difference to {arm(found.base, 'en').lower()}. It may have added nothing.",
            f"{goal}：与{arm(found.base, 'zh')}相比没有明显差异，可能没有增量。",
        ).in_(language)
    kind = next(one.kind for one in found.reading.found.outcomes if one.name == terms.goal)
    told = []
    for line in clear:
        row = pages.row_of(line, kind, language)
        told.append(f"{arm(line.arm, language)} {row.difference} ({row.interval})")
    return f"{goal}{Text(': ', '：').in_(language)}{Text('; ', '；').in_(language).join(told)}"


def _cards(found: Effect, names: Mapping[str, Text], language: Language) -> list[Card]:
    read, goal = found.reading, found.trial.terms.goal
    if read is None:
        return []
    outcomes = {one.name: one for one in read.found.outcomes}
    if found.state == "running":
        lines = list(found.so_far.values())
        title = Text(f"{GOALS[goal].en} so far", f"目前的{GOALS[goal].zh}").in_(language)
        return [
            Card(
                name=title,
                meaning=MEANINGS[goal].in_(language),
                rows=_rows(lines, outcomes[goal], language),
            )
        ]
    order = [goal, *(name for name in LABELS if name != goal)]
    made = []
    for name in order:
        lines = list(read.lines[name])
        if name in ("others", "margin") and not any(
            line.treated.total or line.control.total for line in lines
        ):
            continue
        made.append(
            Card(
                name=LABELS[name].in_(language),
                meaning=MEANINGS[name].in_(language),
                rows=_rows(lines, outcomes[name], language),
                groups=_groups(read, outcomes[name], names, language),
            )
        )
    return made


def _rows(lines: Sequence[Line], outcome: Outcome, language: Language) -> list[Row]:
    rows = [
        replace(pages.row_of(line, outcome.kind, language), label=arm(line.arm, language)) for line in lines
    ]
    return pages.drawn(rows, [line.lift for line in lines])


def _groups(
    read: Reading, outcome: Outcome, names: Mapping[str, Text], language: Language
) -> list[tuple[str, Sequence[Row]]]:
    made: list[tuple[str, Sequence[Row]]] = []
    for treated in read.found.treated:
        parts = read.groups.get((outcome.name, treated), {})
        told = {slug: part for (column, slug), part in parts.items() if column == SEGMENT}
        if not told:
            continue
        rows = [
            pages.row_of_group(
                names[slug].in_(language) if slug in names else slug, part, outcome.kind, language
            )
            for slug, part in told.items()
        ]
        made.append((arm(treated, language), pages.drawn(rows, [part.lift for part in told.values()])))
    return made


def _costs(found: Effect, house: House, language: Language) -> list[Cost]:
    def money(value: float) -> str:
        return figures.money(round(value, 2), house.currency, language, exact=True)

    made = []
    for name, sent in found.messages.items():
        worth = found.worth.get(name)
        few = Text("too few to tell", "人数太少").in_(language) if worth and worth.of_few else ""
        made.append(
            Cost(
                label=arm(name, language),
                sent=figures.count(sent.sent, language),
                cost=money(sent.cost),
                per_message=money(worth.per_message) if worth else "–",
                interval=f"{money(worth.low)} … {money(worth.high)}" if worth else "",
                added=few or (money(worth.added) if worth else "–"),
                net=few or (money(worth.net) if worth else "–"),
            )
        )
    return made


def _facts(found: Effect, house: House, language: Language) -> list[Fact]:
    trial, span = found.trial, found.span
    terms = trial.terms

    def moment(at: datetime) -> str:
        return figures.day(at.astimezone(house.zone).date(), language)

    told = [
        (Text("Goal", "目标"), _goal(trial, language)),
        (
            Text("Most money counted per person", "每人计入金额上限"),
            figures.money(terms.cap, house.currency, language) if terms.cap else "–",
        ),
        (
            Text("Held out", "对照方式"),
            f"{CHOICES[terms.choice].in_(language)}"
            + (f" · {figures.share(terms.share, language)}" if terms.share else ""),
        ),
        (
            Text("Written down", "补录于") if trial.drawn_elsewhere else Text("Terms fixed", "条款固定于"),
            f"{moment(trial.fixed_at)} · {called(trial.by).in_(language)}",
        ),
    ]
    if span:
        told += [
            (
                Text("Drawn", "抽样时间"),
                moment(span.first)
                if moment(span.first) == moment(span.last)
                else f"{moment(span.first)} – {moment(span.last)}",
            ),
            *((Text(arm(n, "en"), arm(n, "zh")), figures.count(k, language)) for n, k in span.people.items()),
        ]
        if span.global_control:
            told.append(
                (
                    Text("Apart: global control group", "另计：全局对照组"),
                    figures.count(span.global_control, language),
                )
            )
        if span.excluded:
            told.append(
                (
                    Text("Excluded: merged, exposed on both sides", "已排除：合并后两侧都接触过"),
                    figures.count(span.excluded, language),
                )
            )
    told += [
        (
            Text("Adjusted by", "校正依据"),
            Text(f"the {BEFORE_DAYS} days before (CUPED)", f"此前 {BEFORE_DAYS} 天（CUPED）").in_(language),
        ),
        (
            Text("Key of the draw", "抽样密钥"),
            DRAWN_ELSEWHERE.in_(language) if trial.drawn_elsewhere else holdout_key(trial.what, trial.seed),
        ),
    ]
    return [Fact(name=name.in_(language), value=value) for name, value in told]


def _goal(trial: Trial, language: Language) -> str:
    days = trial.terms.horizon_days
    return Text(
        f"{GOALS[trial.terms.goal].en}, {days} days from the draw",
        f"{GOALS[trial.terms.goal].zh}，抽样后 {days} 天",
    ).in_(language)
