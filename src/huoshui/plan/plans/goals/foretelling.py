"""What a goal will have come to by its end if things go on as they did, with its interval and its chance.

The past of a metric is read in months that end with the last day known, so that all of them are whole; how they are put
together depends on how the metric gathers (`accumulating`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import METRICS, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.periods import Period, months_after
from huoshui.plan.plans.figures import Ask, Cut, Figures
from huoshui.plan.plans.goals.accumulating import better_down, gathering
from huoshui.plan.plans.goals.levels import LevelChange, level_change
from huoshui.science.forecast import Forecast, forecast, probability_of_reaching, total_interval

DAY = timedelta(days=1)
BACK, BACK_OF_SPANS = 48, 30
"""How many months are looked back, and for metrics whose every point is a span of the goal's length."""
LEAST = 6
"""Fewer months say too little of what comes."""
TOLD = 0.8
FURTHEST = 60
SIGN_OF_DATA = "orders"

SLOW = Text(
    "There is no forecast: this metric takes as long as a refresh for each day of the past.",
    "没有预测：该指标回算过去每个时点都相当于一次全量刷新。",
)
ENTERED = Text("There is no forecast of a metric that is entered by hand.", "手工录入的指标不做预测。")
SHORT = Text(
    f"There is no forecast yet: fewer than {LEAST} months are known.",
    f"暂无预测：已知数据不足 {LEAST} 个月。",
)
FAR = Text(
    "There is no forecast: the goal ends more than five years ahead.", "没有预测：目标结束于五年以后。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """``value`` by the end of a goal, within ``low`` and ``high`` with a chance of 80 %.

    ``probability`` is that of reaching the target. Where there is no forecast all are None and ``problem`` says why;
    otherwise ``method`` says how it was made, and ``changed`` which change of level it goes by, if there was any.
    """

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    probability: float | None = None
    method: Text | None = None
    changed: LevelChange | None = None
    problem: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is foretold: a metric within ``cut`` over the days ``first`` to ``last``; days before ``end`` are known."""

    metric: Metric
    cut: Cut
    first: date
    last: date
    end: date
    zone: ZoneInfo

    @property
    def so_far(self) -> Period | None:
        """The days that are known; None before the first."""
        end = min(self.end, self.last + DAY)
        return Period.days(self.first, end, self.zone) if end > self.first else None

    @property
    def whole(self) -> Period:
        """All of its days."""
        return Period.days(self.first, self.last + DAY, self.zone)

    @property
    def ended(self) -> bool:
        """Whether all of its days are known."""
        return self.end > self.last

    def months(self) -> list[Period]:
        """The months that end with the last day known, oldest first."""
        marks = [months_after(self.end, -back) for back in range(BACK, -1, -1)]
        return [Period.days(first, end, self.zone) for first, end in pairwise(marks)]

    def spans(self) -> list[Period]:
        """Spans of the goal's length, of which each ends with one of these months, oldest first."""
        after = self.last + DAY
        whole = next((m for m in range(1, 121) if months_after(self.first, m) == after), 0)
        ends = [months_after(self.end, -back) for back in range(BACK_OF_SPANS, -1, -1)]
        length = after - self.first
        return [
            Period.days(months_after(end, -whole) if whole else end - length, end, self.zone) for end in ends
        ]

    def weights(self) -> list[float]:
        """Of each month from now on: which part of its days the goal has left. The last is above zero."""
        found, step, start = [], 0, max(self.first, self.end)
        while (mark := months_after(self.end, step)) <= self.last:
            following = months_after(self.end, step + 1)
            days = (min(following, self.last + DAY) - max(mark, start)).days
            found.append(max(days, 0) / (following - mark).days)
            step += 1
        return found


def asks(course: Course) -> list[Ask]:
    """What a forecast asks for."""
    metric, kind = course.metric, gathering(course.metric)
    if course.ended or metric.slow or metric.entered:
        return []
    if kind in ("sum", "mean", "level"):
        return [Ask(metric=metric, period=one, cut=course.cut) for one in course.months()]
    data = [Ask(metric=METRICS[SIGN_OF_DATA], period=one) for one in course.months()]
    return [*data, *(Ask(metric=metric, period=one, cut=course.cut) for one in course.spans())]


def foretell(course: Course, target: Decimal | None, figures: Figures) -> Foretold:
    """The end of a goal that has days left, by what is known before ``course.end``."""
    metric = course.metric
    if metric.slow:
        return Foretold(problem=SLOW)
    if metric.entered:
        return Foretold(problem=ENTERED)
    weights = course.weights()
    if len(weights) > FURTHEST:
        return Foretold(problem=FAR)
    kind = gathering(metric)
    try:
        if kind == "sum":
            return _of_sum(course, target, weights, figures)
        if kind == "mean":
            return _of_mean(course, target, weights, figures)
        return _of_last(course, target, len(weights), figures)
    except HuoshuiError as error:
        return Foretold(problem=error.says or SHORT)


def _of_sum(course: Course, target: Decimal | None, weights: Sequence[float], figures: Figures) -> Foretold:
    values = _known([figures.exactly(ask) for ask in asks(course)])
    if len(values) < LEAST:
        return Foretold(problem=SHORT)
    done = _so_far(course, figures) or Decimal(0)
    told = forecast(values, steps=len(weights), minimum=_minimum(course.metric, values))
    changed = level_change(told, course.months(), known=len(values))
    return _answer(_left(told, weights), target, course.metric, done=done, changed=changed)


def _of_mean(course: Course, target: Decimal | None, weights: Sequence[float], figures: Figures) -> Foretold:
    cells = [figures.cell(ask) for ask in asks(course)]
    values = _known([None if c.value is None else Decimal(str(c.value)) for c in cells])
    if len(values) < LEAST:
        return Foretold(problem=SHORT)
    told = forecast(values, steps=len(weights), minimum=_minimum(course.metric, values))
    # What is still to come counts by its denominator: that of the last year's months, for the days left.
    monthly = [abs(float(c.denominator or 0)) for c in cells[-12:]]
    to_come = sum(monthly) / len(monthly) * sum(weights)
    so_far = (
        figures.cell(Ask(metric=course.metric, period=course.so_far, cut=course.cut))
        if course.so_far
        else None
    )
    done = abs(float(so_far.denominator or 0)) if so_far and so_far.value is not None else 0.0
    share = done / (done + to_come) if done + to_come > 0 else 0.0
    left = _left(told, [(1 - share) * weight / sum(weights) for weight in weights], shared=True)
    known = Decimal(str(float(so_far.value) * share)) if so_far and so_far.value is not None else Decimal(0)
    changed = level_change(told, course.months(), known=len(values))
    return _answer(left, target, course.metric, done=known, changed=changed)


def _of_last(course: Course, target: Decimal | None, steps: int, figures: Figures) -> Foretold:
    metric = course.metric
    if gathering(metric) == "level":
        spans = course.months()
    else:
        data = [
            (one, figures.exactly(Ask(metric=METRICS[SIGN_OF_DATA], period=one))) for one in course.months()
        ]
        begin = next((one.start for one, value in data if value), None)
        spans = [one for one in course.spans() if begin is not None and one.start >= begin]
    values = _known([figures.exactly(Ask(metric=metric, period=one, cut=course.cut)) for one in spans])
    if len(values) < LEAST:
        return Foretold(problem=SHORT)
    told = forecast(values, steps=steps, minimum=_minimum(metric, values))
    chance = None
    if target is not None:
        chance = probability_of_reaching(
            told, float(target), direction="down" if better_down(metric) else "up", of="last"
        )
    return Foretold(
        value=_decimal(told.mean[-1]),
        low=_decimal(told.low[-1]),
        high=_decimal(told.high[-1]),
        probability=chance,
        method=told.said,
        changed=level_change(told, spans, known=len(values)),
    )


def _left(told: Forecast, weights: Sequence[float], *, shared: bool = False) -> Forecast:
    """The forecast of the days left: months of which only a part counts, those of which none does left out.

    Of a month of which a part is left, the spread is that of a part of its days; ``shared`` weights are of ratios,
    whose spread does not shrink so.
    """
    import numpy as np

    weight = np.asarray(weights, dtype=float)
    covariance = told.covariance * np.outer(weight, weight)
    if not shared:
        covariance = covariance + np.diag(np.diag(told.covariance) * weight * np.maximum(1 - weight, 0))
    there = weight > 0
    return replace(
        told,
        mean=(told.mean * weight)[there],
        low=(told.low * weight)[there],
        high=(told.high * weight)[there],
        sd=np.sqrt(np.diag(covariance))[there],
        covariance=covariance[np.ix_(there, there)],
    )


def _answer(
    told: Forecast, target: Decimal | None, metric: Metric, *, done: Decimal, changed: LevelChange | None
) -> Foretold:
    low, high = total_interval(told, done=float(done))
    chance = None
    if target is not None:
        chance = probability_of_reaching(
            told, float(target), done=float(done), direction="down" if better_down(metric) else "up", of="sum"
        )
    return Foretold(
        value=done + (_decimal(told.total().mean) or Decimal(0)),
        low=_decimal(low),
        high=_decimal(high),
        probability=chance,
        method=told.said,
        changed=changed,
    )


def _so_far(course: Course, figures: Figures) -> Decimal | None:
    if course.so_far is None:
        return None
    return figures.exactly(Ask(metric=course.metric, period=course.so_far, cut=course.cut))


def _known(found: Sequence[Decimal | None]) -> list[float]:
    """The values after the last gap, without nothings at the beginning: those are of before there were data."""
    values: list[float] = []
    for value in found:
        if value is None:
            values = []
        elif value or values:
            values.append(float(value))
    return values


def _minimum(metric: Metric, values: Sequence[float]) -> float | None:
    """What cannot be negative stays so: all but shares and scores, as long as it never was."""
    return 0.0 if metric.unit not in ("share", "score") and min(values) >= 0 else None


def _decimal(value: float) -> Decimal | None:
    return Decimal(str(round(float(value), 6)))
