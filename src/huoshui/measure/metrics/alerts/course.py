"""The past of what an alert waits for: the figures beside its line, or beside what was expected of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import House, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.alerts import checking, queries
from huoshui.measure.metrics.alerts.queries import AlertSeen
from huoshui.measure.metrics.models import Ring
from huoshui.measure.metrics.periods import Period

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

SHOWN = {"day": 56, "week": 53, "month": 24, "quarter": 12}
"""How many periods are shown."""
EXPECTED = 8
"""For how many of them it is said what was expected."""
MOST_RINGS = 20

SLOW = Text(
    "There is no chart: this metric takes as long as a refresh for each day of the past.",
    "没有图表：该指标回算过去每个时点都相当于一次全量刷新。",
)
GONE = Text("There is no chart: the metric or the slice is gone.", "没有图表：指标或筛选条件已不存在。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """When it rang, about which period (its first day), and what was said."""

    at: datetime
    period: date
    said: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A whole period: its figure, None where there is none; and what was expected of it, where that is asked."""

    period: Period
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """An alert with its past, oldest period first; the rings newest first. Without places ``problem`` says why."""

    alert: AlertSeen
    rings: Sequence[Rung]
    places: Sequence[Place]
    problem: Text | None = None


def course(*, actor: Actor, alert_id: int, end: date, tables: Snapshot, house: House) -> Course:
    """An alert with the whole periods before the day ``end``. Raises `NoSuchAlert`, `NotAllowed`."""
    alert = queries.alert(actor=actor, alert_id=alert_id)
    rows = Ring.objects.filter(alert_id=alert.id).order_by("-at", "-pk")[:MOST_RINGS]
    rings = [Rung(at=row.at, period=row.period, said=Text(row.said["en"], row.said["zh"])) for row in rows]
    if alert.metric is None:
        return Course(alert=alert, rings=rings, places=[], problem=GONE)
    if alert.metric.slow:
        return Course(alert=alert, rings=rings, places=[], problem=SLOW)
    try:
        places = _places(alert, alert.metric, end, tables, house)
    except HuoshuiError:
        return Course(alert=alert, rings=rings, places=[], problem=GONE)
    return Course(alert=alert, rings=rings, places=places)


def _places(alert: AlertSeen, metric: Metric, end: date, tables: Snapshot, house: House) -> Sequence[Place]:
    last = checking.last_whole(end, alert.grain, house.zone)
    shown = SHOWN[alert.grain]
    known_by = checking.PAST[alert.grain][0] if alert.kind == "unusual" else 0
    periods = [
        *checking.before(last, alert.grain, house.zone, count=max(shown - 1, known_by + EXPECTED - 1)),
        last,
    ]
    cells = checking.values(metric, periods, alert.where, tables)
    found: list[Place] = []
    begun = False  # nothing was counted before the first figure
    for number, (period, cell) in enumerate(zip(periods, cells, strict=True)):
        begun = begun or bool(cell.value)
        low = high = None
        if alert.kind == "unusual" and number >= len(periods) - EXPECTED:
            past = checking.known(cells[number - known_by : number])
            if len(past) >= checking.LEAST:
                low, high = checking.expected(metric, past, alert.grain)
        value = float(cell.value) if begun and cell.value is not None else None
        found.append(Place(period=period, value=value, low=low, high=high))
    return found[-shown:]
