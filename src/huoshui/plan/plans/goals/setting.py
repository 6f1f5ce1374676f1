"""What a goal is set to: what people said, checked, with its baseline and the seasons of its metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import Value
from huoshui.measure.metrics.errors import UnknownMetric
from huoshui.measure.metrics.periods import Period, months_after
from huoshui.plan.plans.figures import Ask, Figures, exact
from huoshui.plan.plans.goals import targets
from huoshui.plan.plans.goals.accumulating import gathering
from huoshui.plan.plans.goals.days import KINDS, baseline_days
from huoshui.plan.plans.goals.errors import NotAGoal
from huoshui.plan.plans.goals.standing import refusal
from huoshui.plan.plans.goals.targets import Said
from huoshui.science.forecast import shares

DAY = timedelta(days=1)
LONGEST_NAME, LONGEST_NOTE, LONGEST_DAYS, MOST_POINTS = 200, 500, 3660, 60
PATHS = ("linear", "seasonal", "own")
SEASONS_BACK = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A goal as people say it. ``target`` and ``points`` are typed: a line of points is a day and a value."""

    metric: str
    target: str
    first_day: date
    last_day: date
    name: str = ""
    cut: Mapping[str, Value] = field(default_factory=dict)
    baseline_kind: str = "year"
    path: str = "linear"
    points: str = ""
    owner_id: int | None = None
    note: str = ""
    parent_id: int | None = None
    part: str = ""
    usual: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a metric was over the days ``of``; ``value`` is None where nobody knows."""

    value: Decimal | None
    of: tuple[date, date]


def declared(slug: str) -> Metric:
    """The metric of a goal. Raises `NotAGoal`."""
    try:
        return metrics.metric(slug)
    except UnknownMetric as error:
        raise NotAGoal(
            Text("Choose a metric that there is", "请选择现有的指标"), field="metric", received=slug[:60]
        ) from error


def checked(draft: Draft, metric: Metric) -> tuple[str, Said, list[list[str]]]:
    """Name, target and points of a draft that is in order. Raises `NotAGoal`."""
    name = " ".join(draft.name.split()) or metric.label.en
    problem: tuple[Text, str] | None = None
    if len(name) > LONGEST_NAME or "\0" in name + draft.note:
        problem = Text("A name has at most 200 characters", "名称最多 200 字"), "name"
    elif len(draft.note) > LONGEST_NOTE:
        problem = Text("A note has at most 500 characters", "说明最多 500 字"), "note"
    elif draft.last_day < draft.first_day:
        problem = Text("The last day lies before the first", "最后一天早于第一天"), "last_day"
    elif (draft.last_day - draft.first_day).days > LONGEST_DAYS:
        problem = Text("A goal is of at most ten years", "目标时段最长十年"), "last_day"
    elif not 1990 <= draft.first_day.year <= draft.last_day.year <= 2200:
        problem = Text("These days are out of all bounds", "日期超出范围"), "first_day"
    elif draft.baseline_kind not in KINDS:
        problem = Text("There is no such baseline", "没有这种基线"), "baseline_kind"
    elif draft.path not in PATHS:
        problem = Text("There is no such path", "没有这种路径"), "path"
    if problem:
        raise NotAGoal(problem[0], field=problem[1])
    said = targets.read(draft.target, metric)
    points = _points(draft, metric) if draft.path == "own" else []
    return name, said, points


def read_points(text: str) -> list[tuple[date, str]]:
    """Lines of a day and a value. Raises `NotAGoal`."""
    found = []
    for line in filter(str.strip, text.replace("\t", " ").splitlines()):
        day, _space, value = line.strip().partition(" ")
        try:
            found.append((date.fromisoformat(day.strip(",;")), value.strip()))
        except ValueError as error:
            raise NotAGoal(
                Text(
                    "A point is a day and a value: “2026-03-31 120000”",
                    "每行一个日期和数值，如“2026-03-31 120000”",
                ),
                field="points",
                received=repr(line[:40]),
            ) from error
    return found


def _points(draft: Draft, metric: Metric) -> list[list[str]]:
    said = read_points(draft.points)
    days = [day for day, _ in said]
    if not days or len(days) > MOST_POINTS:
        raise NotAGoal(
            Text("A path of one's own needs 1 to 60 points", "自定路径需要 1 到 60 个点"), field="points"
        )
    if sorted(set(days)) != days or days[0] < draft.first_day or days[-1] > draft.last_day:
        raise NotAGoal(
            Text(
                "Points follow each other and lie within the days of the goal",
                "各点须按日期递增，且在目标时段之内",
            ),
            field="points",
            received=f"{days[0]} – {days[-1]}",
        )
    found = []
    for day, value in said:
        read = targets.read(value, metric)
        if read.how != "absolute":
            raise NotAGoal(
                Text("A point is a value itself, without a sign", "路径点须为数值本身，不带正负号"),
                field="points",
                received=value[:40],
            )
        found.append([day.isoformat(), str(read.amount)])
    return found


def baseline(draft: Draft, metric: Metric, *, figures: Figures, zone: ZoneInfo, end: date) -> Baseline:
    """What the metric was over the days of the baseline; a sum of nothing is not known. Raises `NotAGoal`."""
    first, last = baseline_days(draft.first_day, draft.last_day, draft.baseline_kind, end=end)
    period = Period.days(first, last + DAY, zone)
    try:
        cell = figures.cell(Ask(metric=metric, period=period, cut=tuple(sorted(draft.cut.items()))))
    except HuoshuiError as error:
        raise NotAGoal(refusal(error), field="cut", received=str(dict(draft.cut))[:80]) from error
    value = exact(cell.value)
    if not value and metric.denominator is None:
        value = None
    return Baseline(value=value, of=(first, last))


def target_of(said: Said, found: Baseline, metric: Metric) -> Decimal | None:
    """The absolute target; None while it waits for its baseline. Raises `NotAGoal`."""
    return said.of(found.value, metric)


def seasons(draft: Draft, metric: Metric, *, figures: Figures, zone: ZoneInfo, end: date) -> list[float]:
    """The share of each calendar month, January first, of the last whole years; even where too little is known."""
    if draft.path != "seasonal" or metric.slow or metric.entered or gathering(metric) in ("mean", "rate"):
        return []
    last = end.replace(day=1)
    firsts = [months_after(last, -back) for back in range(SEASONS_BACK, -1, -1)]
    cut = tuple(sorted(draft.cut.items()))
    asks = [
        Ask(metric=metric, period=Period.days(first, months_after(first, 1), zone), cut=cut)
        for first in firsts[:-1]
    ]
    figures.prepare(asks)
    values = [float(figures.exactly(ask) or 0) for ask in asks]
    begun = next((place for place, value in enumerate(values) if value), len(values))
    known, first = values[begun:], firsts[begun].month - 1
    if gathering(metric) != "sum":
        known = [max(after - before, 0.0) for before, after in pairwise(known)]
        first = (first + 1) % 12
    if len(known) < 12:
        return []
    return [round(float(one), 8) for one in shares(known, season=12, first=first)]


def kept_slice(cut: Mapping[str, Any]) -> dict[str, Any]:
    """A slice as it is kept: plain values."""
    return {
        name: value if value is None or isinstance(value, str | int | float | bool) else str(value)
        for name, value in cut.items()
    }
