"""How goals stand: actual, path, pace, what will come of it and how likely the target is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import House, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.dashboards.queries import end_of_figures
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.cells import of_period
from huoshui.measure.metrics.periods import Period
from huoshui.plan.plans.figures import Ask, Figures, exact
from huoshui.plan.plans.goals import foretelling
from huoshui.plan.plans.goals.accumulating import better_down, builds_up, gathering
from huoshui.plan.plans.goals.foretelling import Course, Foretold
from huoshui.plan.plans.goals.levels import LevelChange
from huoshui.plan.plans.goals.pace import Feasible, Pace, feasible, pace
from huoshui.plan.plans.goals.paths import Path
from huoshui.plan.plans.goals.queries import GoalSeen
from huoshui.plan.plans.goals.targets import FINEST

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

DAY = timedelta(days=1)

WAITS = Text(
    "The target is relative and waits for its baseline: there were no data of it when the goal was set.",
    "目标为相对值，尚待基线：设定时没有相应数据。",
)
NO_BASELINE = Text(
    "There is no baseline, so nobody can say how far it should be by now; points of one's own would do.",
    "没有基线，无法判断目前应达到多少；可以改用自定路径。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a goal stands; numbers are in the unit of its metric, shares as parts of one.

    ``actual`` is of the days ``actual_of``; None where it cannot be known, never 0 then. ``expected`` is what the path
    asks for by the last of them. ``forecast``, within ``low`` and ``high`` with a chance of 80 %, is what it will be by
    the end, ``probability`` the chance of reaching the target, ``method`` how that was made, ``changed`` the change of
    level that it goes by, if there was any; where there is no forecast ``foretold`` says why. ``done`` and ``should``
    are for a bar: actual and path as parts of the target, 0 to 1. ``problem`` says what is not known and why; ``opens``
    is the page of the customers behind ``actual``, or empty.
    """

    goal: GoalSeen
    metric: Metric | None
    end: date
    actual: Decimal | None
    actual_of: Period | None
    baseline: Decimal | None
    target: Decimal | None
    expected: Decimal | None
    pace: Pace
    forecast: Decimal | None
    low: Decimal | None
    high: Decimal | None
    probability: float | None
    feasible: Feasible
    method: Text | None
    changed: LevelChange | None
    foretold: Text | None
    path_points: tuple[tuple[date, Decimal], ...]
    done: float
    should: float | None
    problem: Text | None
    opens: str


def standings(
    *,
    plan_id: int,
    goals: Sequence[GoalSeen],
    tables: Snapshot,
    house: House,
    now: datetime,
    end: date | None = None,
) -> tuple[Standing, ...]:
    """How the goals of a plan stand, in their order, by the data of ``tables``.

    All that is cut alike is evaluated in one pass over each table of facts, and kept for the house version. ``end`` is
    the day after the last that counts: that of the last refresh, unless another is asked for.
    """
    if end is None:
        end = end_of_figures(tables=tables, zone=house.zone, now=now)
    figures = Figures(tables)
    declared = {one.slug: one for one in metrics.catalogue()}
    courses = {
        one.id: course(one, declared[one.metric], end=end, house=house)
        for one in goals
        if one.metric in declared
    }
    asks: list[Ask] = []
    for one in courses.values():
        asks += foretelling.asks(one)
        if one.so_far is not None:
            asks.append(Ask(metric=one.metric, period=one.so_far, cut=one.cut))
    figures.prepare(asks)
    return tuple(
        _standing(one, courses[one.id], figures) if one.id in courses else _gone(one, end) for one in goals
    )


def course(goal: GoalSeen, metric: Metric, *, end: date, house: House) -> Course:
    """What a goal is about, for forecasts."""
    return Course(
        metric=metric, cut=goal.cut, first=goal.first_day, last=goal.last_day, end=end, zone=house.zone
    )


def path_of(goal: GoalSeen, metric: Metric) -> Path | None:
    """The path of a goal; None while it has no target, or where it begins at a baseline that nobody knows."""
    if goal.target is None:
        return None
    flat = gathering(metric) in ("mean", "rate")
    start = Decimal(0) if builds_up(metric) else goal.baseline
    if start is None:
        if not flat and goal.path != "own":
            return None
        start = goal.points[0][1] if goal.points else goal.target
    return Path(
        kind=goal.path,
        first=goal.first_day,
        last=goal.last_day,
        start=start,
        target=goal.target,
        flat=flat,
        shares=goal.shares,
        points=goal.points,
    )


def actual_of(one: Course, figures: Figures) -> tuple[Decimal | None, Text | None]:
    """The value of the days so far; where there is none, why. A sum of nothing at all is unknown, not zero."""
    if one.so_far is None:
        return None, None
    cell = figures.cell(Ask(metric=one.metric, period=one.so_far, cut=one.cut))
    if cell.value is None:
        return None, metrics.why_unknown(one.metric, cell)
    if not cell.value and one.metric.denominator is None and not one.metric.slow:
        ever = Period.all_until(AsOf(at=one.so_far.end, zone=one.zone))
        if not figures.cell(Ask(metric=one.metric, period=ever, cut=one.cut)).value:
            return None, Text(
                f"{one.metric.label.en}: nothing that it counts is recorded. Where there was something, "
                "its data are gone.",
                f"{one.metric.label.zh}：没有任何可供统计的记录。如果以前有，说明数据已被移除。",
            )
    return exact(cell.value), None


def _standing(goal: GoalSeen, one: Course, figures: Figures) -> Standing:
    metric = one.metric
    try:
        actual, problem = actual_of(one, figures)
    except HuoshuiError as error:
        return _unknown(goal, metric, one.end, refusal(error))
    path = path_of(goal, metric)
    last_known = min(one.end, goal.last_day + DAY) - DAY
    begun = one.so_far is not None
    expected = path.at(last_known).quantize(FINEST) if path and begun else None
    if goal.target is None:
        problem = problem or WAITS
    elif begun and expected is None and problem is None and not one.ended:
        problem = NO_BASELINE
    told = Foretold()
    gone = begun and actual is None and problem is not None
    if not one.ended and not gone:
        told = foretelling.foretell(one, goal.target, figures)
    where: Pace = "not_begun" if not begun else "unknown"
    if goal.target is not None:
        way = None
        if gathering(metric) == "level" and goal.baseline is not None:
            way = goal.target - goal.baseline
        where = pace(
            actual=actual,
            expected=expected,
            target=goal.target,
            begun=begun,
            ended=one.ended,
            down=better_down(metric),
            builds_up=builds_up(metric),
            way=way,
        )
    probability = told.probability
    if where in ("reached", "missed"):
        probability = 1.0 if where == "reached" else 0.0
    return Standing(
        goal=goal,
        metric=metric,
        end=one.end,
        actual=actual,
        actual_of=one.so_far,
        baseline=goal.baseline,
        target=goal.target,
        expected=expected,
        pace=where,
        forecast=told.value,
        low=told.low,
        high=told.high,
        probability=probability,
        feasible=feasible(told.probability),
        method=told.method,
        changed=told.changed,
        foretold=told.problem,
        path_points=_points(path, goal),
        done=_part(actual, goal.target),
        should=_part(expected, goal.target) if expected is not None else None,
        problem=problem,
        opens=opened(goal, one, actual),
    )


def opened(goal: GoalSeen, one: Course, actual: Decimal | None) -> str:
    """The page of the customers behind a goal's actual value; empty where there is nobody to show."""
    if not actual or one.so_far is None or one.metric.entered or not one.metric.of_people:
        return ""
    return of_period(one.metric.slug, one.so_far, dict(goal.cut)).customers


def refusal(error: HuoshuiError) -> Text:
    """What a room below refused, as a sentence in both languages."""
    said = getattr(error, "words", None) or error.says
    return said if isinstance(said, Text) else Text(error.problem, error.problem)


def _points(path: Path | None, goal: GoalSeen) -> tuple[tuple[date, Decimal], ...]:
    """The path at the end of each month."""
    if path is None:
        return ()
    found, month = [], goal.first_day.replace(day=1)
    while month <= goal.last_day:
        following = (month + timedelta(days=31)).replace(day=1)
        day = min(following - DAY, goal.last_day)
        found.append((day, path.at(day)))
        month = following
    return tuple(found)


def _part(value: Decimal | None, target: Decimal | None) -> float:
    if value is None or not target:
        return 0.0
    return min(max(float(value / target), 0.0), 1.0)


def _gone(goal: GoalSeen, end: date) -> Standing:
    words = Text(f"There is no metric “{goal.metric}” any more.", f"指标“{goal.metric}”已不存在。")
    return _unknown(goal, None, end, words)


def _unknown(goal: GoalSeen, metric: Metric | None, end: date, problem: Text) -> Standing:
    nothing: dict[str, Any] = dict.fromkeys(
        (
            "actual",
            "actual_of",
            "expected",
            "forecast",
            "low",
            "high",
            "probability",
            "method",
            "changed",
            "foretold",
            "should",
        )
    )
    return Standing(
        goal=goal,
        metric=metric,
        end=end,
        baseline=goal.baseline,
        target=goal.target,
        pace="unknown" if end > goal.first_day else "not_begun",
        feasible="unknown",
        path_points=(),
        done=0.0,
        problem=problem,
        opens="",
        **nothing,
    )
