"""What the page of control groups shows, in words and written numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.act.holdouts.queries import ADVISED_DAYS, Standing
from huoshui.act.holdouts.trials import DRAWN_ELSEWHERE, GOALS, Trial, holdout_key
from huoshui.kernel.actors import called
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Language, Text
from huoshui.web import figures
from huoshui.web.lists import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A line of the history."""

    share: str
    since: str
    until: str
    seed: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A trial: its page, and its terms in words."""

    title: str
    url: str
    share: str
    goal: str
    key: str
    fixed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the page shows; ``asked`` is what was looked up, with what there is to say of it."""

    facts: Sequence[Fact]
    advice: str
    history: Sequence[Time]
    trials: Sequence[Line]
    asked: str
    answers: Sequence[str]


def page(found: Standing, *, addresses: Mapping[str, str], house: House, language: Language) -> Page:
    """The page of ``found``; ``addresses`` are those of what drew lots."""

    def day(moment: datetime) -> str:
        return figures.day(moment.astimezone(house.zone).date(), language)

    group = found.group
    facts = []
    if group:
        told = [
            (Text("Share", "比例"), figures.share(group.share, language)),
            (
                Text("People now", "当前人数"),
                Text(
                    f"{found.inside:,} of {found.people:,}", f"{found.people:,} 人中的 {found.inside:,} 人"
                ).in_(language),
            ),
            (Text("Since", "起始日"), day(group.since)),
            (Text("Key of the draw", "抽样密钥"), f"global:{group.seed}"),
            (Text("Set by", "设置者"), called(group.by).in_(language)),
        ]
        facts = [Fact(name=name.in_(language), value=value) for name, value in told]
    return Page(
        facts=facts,
        advice=_advice(found, language),
        history=[
            Time(
                share=figures.share(one.share, language) if one.share else Text("none", "无").in_(language),
                since=day(one.since),
                until=day(one.until) if one.until else Text("now", "至今").in_(language),
                seed=one.seed,
                by=called(one.by).in_(language),
                reason=one.reason,
            )
            for one in found.history
        ],
        trials=[_line(one, addresses.get(one.what, ""), day(one.fixed_at), language) for one in found.trials],
        asked=found.asked,
        answers=_answers(found, language),
    )


def _line(one: Trial, address: str, day: str, language: Language) -> Line:
    terms = one.terms
    goal = GOALS[terms.goal].in_(language)
    return Line(
        title=one.title,
        url=address,
        share=figures.share(terms.share, language) if terms.share else "–",
        goal=Text(f"{goal}, {terms.horizon_days} days", f"{goal}，{terms.horizon_days} 天").in_(language),
        key=DRAWN_ELSEWHERE.in_(language) if one.drawn_elsewhere else holdout_key(one.what, one.seed),
        fixed=day,
    )


def _advice(found: Standing, language: Language) -> str:
    """What the group, or one of a twentieth, can show within a quarter."""
    advice, share = found.advice, figures.share(found.advised_share, language)
    if advice is None or advice.detectable is None:
        return Text(
            "There are too few customers for a control group of the whole house to show anything.",
            "客户太少，全局对照组看不出任何差异。",
        ).in_(language)
    points = f"{100 * advice.detectable:.2f}"
    usual = figures.share(found.conversion, language)
    enough = (
        Text("; no control group is large enough to show a tenth more", "；任何大小的对照组都看不出提高一成")
        if advice.enough is None
        else Text(
            f"; {advice.enough:,} people ({100 * advice.enough / (advice.control + advice.treated):.1f} %) are enough "
            "for a tenth more",
            f"；要看出提高一成，需要 {advice.enough:,} 人"
            f"（{100 * advice.enough / (advice.control + advice.treated):.1f} %）",
        )
    ).in_(language)
    return Text(
        f"In {ADVISED_DAYS} days {usual} of customers buy. With {share} held out, a gain of {points} points or more is "
        f"seen in four of five cases{enough}.",
        f"过去 {ADVISED_DAYS} 天有 {usual} 的客户下单。留出 {share} 时，提高 {points} 个百分点及以上"
        f"有八成把握看得出来{enough}。",
    ).in_(language)


def _answers(found: Standing, language: Language) -> list[str]:
    if not found.asked:
        return []
    if found.customer_id is None:
        return [
            Text("This is no id of a customer: 15 digits.", "这不是客户编号（15 位数字）。").in_(language)
        ]
    said = [
        Text(
            f"Place in the global draw {found.place:.6f}: below the share means in the group."
            if found.place is not None
            else "There is no global control group.",
            f"在全局抽样中的位置为 {found.place:.6f}，小于比例即属于对照组。"
            if found.place is not None
            else "还没有全局对照组。",
        ).in_(language)
    ]
    if found.times_in:
        for one in found.times_in:
            until = one.until.strftime("%Y-%m-%d") if one.until else ""
            said.append(
                Text(
                    f"In the global control group from {one.since:%Y-%m-%d} {f'to {until}' if until else 'on'}.",
                    f"{one.since:%Y-%m-%d} {f'至 {until}' if until else '起'}属于全局对照组。",
                ).in_(language)
            )
    else:
        said.append(Text("Never in the global control group.", "从未属于全局对照组。").in_(language))
    return said
