"""What the pages of goals show, in words and written numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from huoshui.kernel.charts import Chart
from huoshui.kernel.plugs import Metric
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics.dimensions import named, valued
from huoshui.plan.plans.goals import sentences, targets
from huoshui.plan.plans.goals.checking import PARTS_NAMED, Check
from huoshui.plan.plans.goals.days import KINDS
from huoshui.plan.plans.goals.pace import PACES, Pace
from huoshui.plan.plans.goals.papers import check_words
from huoshui.plan.plans.goals.queries import Changed, GoalSeen
from huoshui.plan.plans.goals.standing import Standing
from huoshui.plan.plans.goals.usual import KPIS, MISSION, USUAL
from huoshui.plan.plans.goals.variance import Diagnosis
from huoshui.web.lists import Fact, Tone

TONES: Mapping[Pace, Tone] = {
    "ahead": "good",
    "on_track": "good",
    "behind": "warn",
    "far_behind": "bad",
    "reached": "good",
    "missed": "bad",
    "not_begun": "",
    "unknown": "",
}
BARS: Mapping[Tone, str] = {"good": "good", "warn": "warn", "bad": "bad"}
ACTS: Mapping[str, Text] = {
    "goal.added": Text("set", "设定"),
    "goal.changed": Text("changed", "修改"),
    "goal.removed": Text("taken out", "移除"),
    "goal.restored": Text("brought back", "恢复"),
    "goal.rebased": Text("baseline computed anew", "重算基线"),
}
FIELDS: Mapping[str, Text] = {
    "name": Text("name", "名称"),
    "metric": Text("metric", "指标"),
    "slice": Text("slice", "范围"),
    "first_day": Text("first day", "开始日"),
    "last_day": Text("last day", "结束日"),
    "target": Text("target", "目标值"),
    "baseline": Text("baseline", "基线"),
    "path": Text("path", "路径"),
    "owner_id": Text("owner", "负责人"),
    "note": Text("note", "说明"),
}
PATHS: Mapping[str, Text] = {
    "linear": Text("even, day by day", "按天均匀"),
    "seasonal": Text("by the seasons of the past years", "按往年季节规律"),
    "own": Text("by points of one's own", "自定各节点"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A goal in the tree. ``indent`` is a class; ``said`` is one sentence on what will come of it."""

    address: str
    name: str
    indent: str
    about: str
    target: str
    said_as: str
    actual: str
    opens: str
    expected: str
    pace: str
    tone: Tone
    done: float
    should: float | None
    bar: str
    chance: str
    forecast: str
    owner: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A row of a variance."""

    name: str
    before: str
    after: str
    change: str
    mix: str
    rate: str
    opens: str
    good: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """A dimension of a variance; ``total`` is what its rows add up to, between ``before`` and ``after`` of the whole.

    ``mix`` and ``rate`` are those of all rows together; empty where none is told.
    """

    label: str
    rows: Sequence[Cause]
    total: str
    before: str
    after: str
    mix: str
    rate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A line of the history of a goal."""

    what: str
    changes: Sequence[str]
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one kind: what they add up to, or why they need not."""

    label: str
    fine: bool
    summed: bool
    said: Sequence[str]


def line(one: Standing, currency: str, language: Language) -> Line:
    """A goal in the tree."""
    goal, metric = one.goal, one.metric
    tone = TONES[one.pace]
    relative = targets.in_words(goal.said)

    def value(amount: Decimal | None) -> str:
        return sentences.written(metric, amount, currency, language) if amount is not None else ""

    return Line(
        address=reverse("plans:goal", args=[goal.plan_id, goal.id]),
        name=goal.name,
        indent=f"hs-level-{min(goal.depth, 9)}" if goal.depth else "",
        about=about(one, language),
        target=sentences.written(metric, one.target, currency, language),
        said_as=relative.in_(language) if relative else "",
        actual=sentences.written(metric, one.actual, currency, language) if one.pace != "not_begun" else "",
        opens=one.opens,
        expected=value(one.expected),
        pace=PACES[one.pace].in_(language),
        tone=tone,
        done=one.done,
        should=one.should,
        bar="" if metric is None or metric.direction == "down" else BARS.get(tone, ""),
        chance=sentences.percent(one.probability) if one.probability is not None else "",
        forecast=value(one.forecast),
        owner=goal.owner,
        said=one.problem.in_(language) if one.problem else "",
    )


def about(one: Standing, language: Language) -> str:
    """Metric, slice and days."""
    goal = one.goal
    label = one.metric.label.in_(language) if one.metric else goal.metric
    cut = [f"{named(name).in_(language)} {valued(name, value).in_(language)}" for name, value in goal.cut]
    return " · ".join([label, *cut, f"{goal.first_day} – {goal.last_day}"])


def facts(one: Standing, currency: str, language: Language) -> list[Fact]:
    """What a goal was set to."""
    goal, metric = one.goal, one.metric
    relative = targets.in_words(goal.said)
    found: list[tuple[Text, str]] = [
        (Text("Metric", "指标"), metric.label.in_(language) if metric else goal.metric),
        (Text("Days", "时段"), f"{goal.first_day} – {goal.last_day}"),
        (Text("Target", "目标值"), sentences.written(metric, goal.target, currency, language)),
        (Text("Said as", "设定方式"), relative.in_(language) if relative else ""),
        (Text("Baseline", "基线"), sentences.written(metric, goal.baseline, currency, language)),
        (
            Text("Baseline of", "基线时段"),
            f"{goal.baseline_of[0]} – {goal.baseline_of[1]} · {KINDS[goal.baseline_kind].in_(language)}"
            if goal.baseline_of
            else "",
        ),
        (Text("Path", "路径"), PATHS[goal.path].in_(language)),
        (Text("Forecast by", "预测方法"), one.method.in_(language) if one.method else ""),
        (Text("Owner", "负责人"), goal.owner),
        (Text("Only", "仅看"), _cut(goal, language)),
    ]
    return [Fact(name=label.in_(language), value=value) for label, value in found if value]


def causes(found: Diagnosis, metric: Metric | None, currency: str, language: Language) -> list[Causes]:
    """The dimensions of a variance."""
    if metric is None:
        return []
    better = -1 if metric.direction == "down" else 1

    def value(amount: Decimal | None) -> str:
        return "–" if amount is None else sentences.written(metric, amount, currency, language)

    def apart(amount: Decimal | None) -> str:
        return "" if amount is None else sentences.apart(metric, amount, currency, language)

    def together(amounts: Iterable[Decimal | None]) -> Decimal | None:
        told = [amount for amount in amounts if amount is not None]
        return sum(told, Decimal(0)) if told else None

    return [
        Causes(
            label=split.label.in_(language),
            rows=[
                Cause(
                    name=row.name.in_(language),
                    before=value(row.before),
                    after=value(row.after),
                    change=apart(row.change),
                    mix=apart(row.mix),
                    rate=apart(row.rate),
                    opens=row.opens,
                    good=("good" if row.change * better > 0 else "bad") if row.change else "",
                )
                for row in split.rows
            ],
            total=apart(split.total),
            before=value(found.before),
            after=value(found.after),
            mix=apart(together(row.mix for row in split.rows)),
            rate=apart(together(row.rate for row in split.rows)),
        )
        for split in found.splits
    ]


def parts(checks: Sequence[Check], currency: str, language: Language) -> list[Parts]:
    """What is said of the parts of a goal."""
    return [
        Parts(
            label=PARTS_NAMED[one.part].in_(language),
            fine=one.fine,
            summed=one.sum is not None,
            said=[
                *check_words(one, currency, language),
                *([one.why_not.in_(language)] if one.why_not else []),
            ],
        )
        for one in checks
    ]


def history(rows: Sequence[Changed], write: Callable[[str, Any], str], language: Language) -> list[Told]:
    """What was changed of a goal; ``write`` puts a column into words."""
    found = []
    for row in rows:
        old, new = row.detail.get("from", {}), row.detail.get("to", {})
        changes = [
            f"{FIELDS[name].in_(language)} {write(name, old.get(name))} → {write(name, new.get(name))}"
            for name in FIELDS
            if name in old and name in new and old[name] != new[name]
        ]
        act = ACTS.get(row.act)
        found.append(
            Told(
                what=act.in_(language) if act else row.act,
                changes=changes,
                reason=row.reason,
                by=row.by,
                at=row.at,
            )
        )
    return found


def writer(
    metric: Metric | None, owners: Mapping[int, str], currency: str, language: Language
) -> Callable[[str, Any], str]:
    """Puts a column of a goal into words."""

    def write(name: str, value: Any) -> str:
        if name in ("target", "baseline"):
            return sentences.written(metric, Decimal(value) if value else None, currency, language)
        if name == "owner_id":
            return owners.get(value or 0, "–")
        if name == "path":
            return PATHS[value].in_(language) if value in PATHS else str(value)
        if name == "slice":
            cut = [f"{named(n).in_(language)} {valued(n, v).in_(language)}" for n, v in (value or {}).items()]
            return ", ".join(cut) or "–"
        return str(value) if value not in (None, "") else "–"

    return write


def usual(
    there: frozenset[str], language: Language
) -> list[tuple[str, Sequence[tuple[str, str, str, bool]]]]:
    """The usual goals to choose from: group, and of each its slug, name, meaning, and whether the plan has it."""
    groups = ((Text("Goals", "目标"), MISSION), (Text("KPIs", "关键指标"), KPIS))
    return [
        (
            label.in_(language),
            [
                (slug, USUAL[slug].label.in_(language), USUAL[slug].says.in_(language), slug in there)
                for slug in slugs
            ],
        )
        for label, slugs in groups
    ]


def picture(drawn: Chart | None) -> Chart | None:
    """The course, where there is anything to see."""
    return None if drawn is None or drawn.empty else drawn


def until(one: Standing) -> date | None:
    """The last day that counts, where the goal has begun."""
    return one.actual_of.end_day if one.actual_of else None


def _cut(goal: GoalSeen, language: Language) -> str:
    return ", ".join(
        f"{named(name).in_(language)}: {valued(name, value).in_(language)}" for name, value in goal.cut
    )
