"""What an alert finds: the newest whole period against its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from huoshui.kernel.plugs import House, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.alerts import words
from huoshui.measure.metrics.dimensions import Value
from huoshui.measure.metrics.pages.words import period as short
from huoshui.measure.metrics.periods import Period, begin_of, in_grains, months_after
from huoshui.measure.metrics.queries import Cell
from huoshui.science.forecast import forecast

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

LEVEL = 0.98
"""How sure it must be: of figures as ever, one in fifty lies outside."""
LEAST = 8
NEAR = 1e-6
"""What floating point may be off by."""
PAST = {"day": (8 * 7, 7), "week": (104, 1), "month": (48, 12), "quarter": (24, 4)}
"""How many periods before it a period is judged by, and how many make a season."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of ``period``: a state of `models.Alert`, and what is said of it."""

    period: Period
    state: str
    said: Text


def last_whole(end: date, grain: str, zone: ZoneInfo) -> Period:
    """The newest whole period before the day ``end``, which is the first one that figures do not know."""
    after = begin_of(end, grain)
    days = {"day": 1, "week": 7}
    first = (
        date.fromordinal(after.toordinal() - days[grain])
        if grain in days
        else begin_of(date.fromordinal(after.toordinal() - 1), grain)
    )
    return Period.days(first, after, zone)


def look(
    metric: Metric,
    *,
    kind: str,
    bound: Decimal | None,
    grain: str,
    where: Mapping[str, Value],
    period: Period,
    tables: Snapshot,
    house: House,
) -> Found:
    """How the metric stands in ``period``.

    Raises what `queries.evaluate_metrics` raises where the metric or the slice is gone.
    """
    past = before(period, grain, house.zone) if kind == "unusual" else []
    periods = [*past, period]
    cells = values(metric, periods, where, tables)
    label = _named(period, grain)
    now = cells[-1]
    gone = _gone(metric, now, periods, where, tables)
    if gone is not None:
        said = Text(
            f"{metric.label.en} of {label} is unknown: {gone.en}",
            f"{label} 的{metric.label.zh}无法得出：{gone.zh}",
        )
        return Found(period=period, state="unknown", said=said)
    value = words.number(metric, now.value, house)
    if kind == "unusual":
        return _judged(metric, cells, period, grain, house)
    line, amount = words.number(metric, bound, house), Decimal(str(now.value))
    fires = bound is not None and (amount < bound if kind == "below" else amount > bound)
    verb = {
        ("below", True): Text("below", "低于"),
        ("above", True): Text("above", "高于"),
        ("below", False): Text("not below", "不低于"),
        ("above", False): Text("not above", "不高于"),
    }[kind, fires]
    said = Text(
        f"{metric.label.en} of {label} is {value.en}, {verb.en} {line.en}",
        f"{label} 的{metric.label.zh}为 {value.zh}，{verb.zh} {line.zh}",
    )
    return Found(period=period, state="firing" if fires else "quiet", said=said)


def _named(period: Period, grain: str) -> str:
    """The period in a sentence: a week by its first and last day."""
    return period.label if grain == "week" else short(period, grain)


def _judged(metric: Metric, cells: Sequence[Cell], period: Period, grain: str, house: House) -> Found:
    """The last of ``cells`` against what those before it let expect."""
    past, label = known(cells[:-1]), _named(period, grain)
    if len(past) < LEAST:
        said = Text(
            f"{len(past)} earlier periods have a figure; {LEAST} are needed to say what is usual",
            f"之前仅有 {len(past)} 个周期有数据，至少需要 {LEAST} 个才能判断是否异常",
        )
        return Found(period=period, state="learning", said=said)
    (low, high), value = expected(metric, past, grain), float(cells[-1].value or 0)
    usual = [words.number(metric, _like(cells[-1].value, one), house) for one in (low, high)]
    here = words.number(metric, cells[-1].value, house)
    fires = not low - NEAR * abs(low) <= value <= high + NEAR * abs(high)
    verb = Text("outside", "超出") if fires else Text("within", "处于")
    said = Text(
        f"{metric.label.en} of {label} is {here.en}, {verb.en} the expected {usual[0].en} to {usual[1].en}",
        f"{label} 的{metric.label.zh}为 {here.zh}，{verb.zh}预期范围 {usual[0].zh} 至 {usual[1].zh}",
    )
    return Found(period=period, state="firing" if fires else "quiet", said=said)


def expected(metric: Metric, past: Sequence[float], grain: str) -> tuple[float, float]:
    """Within which a period lies as surely as `LEVEL` says, by the figures before it, of which there are `LEAST`."""
    least = 0.0 if min(past) >= 0 and metric.unit != "score" else None
    told = forecast(past, steps=1, season=PAST[grain][1], level=LEVEL, minimum=least)
    return float(told.low[0]), float(told.high[0])


def _like(value: object, amount: float) -> Decimal | int | float:
    """An amount in the type of a value of the metric."""
    if isinstance(value, Decimal):
        return Decimal(str(round(amount, 2)))
    return round(amount) if isinstance(value, int) else amount


def known(cells: Sequence[Cell]) -> list[float]:
    """The figures after the last gap, without what lies before the first sale: nothing was counted then."""
    found: list[float] = []
    for cell in cells:
        if cell.value is None:
            found = []
        elif found or cell.value:
            found.append(float(cell.value))
    return found


def before(period: Period, grain: str, zone: ZoneInfo, *, count: int = 0) -> list[Period]:
    """The ``count`` periods before one, oldest first; as many as it is judged by, if nothing is said."""
    count = count or PAST[grain][0]
    if grain in ("day", "week"):
        days = count * (7 if grain == "week" else 1)
        first = date.fromordinal(period.first_day.toordinal() - days)
    else:
        first = months_after(period.first_day, -count * (3 if grain == "quarter" else 1))
    return in_grains(first, period.first_day, grain, zone)


def values(
    metric: Metric, periods: Sequence[Period], where: Mapping[str, Value], tables: Snapshot
) -> list[Cell]:
    """The figure of each period within the slice. Raises what `queries.evaluate_metrics` raises."""
    found = queries.evaluate_metrics([metric], tables=tables, periods=periods, where=where)[metric.slug]
    return [cells[0] for _, cells in found]


def _gone(
    metric: Metric, now: Cell, periods: Sequence[Period], where: Mapping[str, Value], tables: Snapshot
) -> Text | None:
    """Why the figure is not known. A sum of nothing counts as one only where the house recorded something at all."""
    why = queries.why_unknown(metric, now)
    if why is not None or now.numerator or metric.entered:
        return why
    whole = values(metric, periods[-1:], {}, tables)[0] if where else now
    nothing = whole.denominator is None and not whole.numerator
    if not nothing or metric.denominator is not None:
        return None
    return Text("nothing was recorded; is an import missing?", "没有任何记录，是否缺少导入？")
