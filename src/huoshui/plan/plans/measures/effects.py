"""What measures really added: the lift of their campaigns against the control groups, or from when it will be known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from huoshui.act.holdouts.errors import NoSuchTrial
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text
from huoshui.lake.kept import kept
from huoshui.plan.plans.measures.queries import MeasureSeen

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from huoshui.lake.snapshot import Snapshot

NO_CAMPAIGN = Text("Not measured: no campaign is linked.", "未关联活动，无法衡量。")
NOT_STARTED = Text(
    "Nobody was drawn yet: it can be known only some time after a campaign has started.",
    "尚未抽取对照组，活动开始一段时间后才能得知。",
)
NO_CONTROL = Text("There is no control group to compare with.", "没有对照组，无法比较。")
DIFFERENT = Text(
    "Its campaigns were made for different goals; each stands for itself.",
    "所关联的活动目标不同，只能分别查看。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """One campaign: what it added in all, with its interval of 95 %, in the ``unit`` of its goal.

    ``value`` is None while it is not final; ``known_on`` says from which day it is, where that can be said.
    """

    campaign: int
    unit: str
    value: float | None
    low: float | None
    high: float | None
    known_on: date | None
    why: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a measure added: the sum over its campaigns.

    ``low`` and ``high`` add the bounds of the campaigns: never narrower than the interval of 95 % of their sum, since
    campaigns may share people and control groups. ``known`` says that every campaign is read to its end; until then
    ``known_on`` is the first day on which it can be known, or None, and ``why`` says it in words.
    """

    known: bool
    value: float | None
    low: float | None
    high: float | None
    unit: str
    known_on: date | None
    why: Text | None
    campaigns: tuple[Lifted, ...]


def effects(
    found: Sequence[MeasureSeen], *, actor: Actor, tables: Snapshot, zone: ZoneInfo, now: datetime
) -> Mapping[int, Effect]:
    """The effect of each measure, by its id. Raises `NotAllowed`.

    A trial that is final is read once for a house version, however many pages ask.
    """
    wanted = sorted({number for one in found for number in one.campaigns})
    read = {number: _lifted(number, actor, tables, zone, now) for number in wanted}
    return {one.id: summed([read[number] for number in one.campaigns]) for one in found}


def summed(lifts: Iterable[Lifted]) -> Effect:
    """The effect of campaigns together."""
    each = tuple(lifts)
    units = {one.unit for one in each if one.unit}
    waiting = [one for one in each if one.value is None]
    why, known_on = None, None
    if not each:
        why = NO_CAMPAIGN
    elif waiting:
        days = [one.known_on for one in waiting]
        if all(days):
            known_on = max(day for day in days if day)
            why = before(known_on)
        else:
            why = next((one.why for one in waiting if one.known_on is None), NOT_STARTED)
    elif len(units) > 1:
        why = DIFFERENT
    known = why is None
    return Effect(
        known=known,
        value=sum(one.value or 0.0 for one in each) if known else None,
        low=sum(one.low or 0.0 for one in each) if known else None,
        high=sum(one.high or 0.0 for one in each) if known else None,
        unit=units.pop() if len(units) == 1 else "",
        known_on=known_on,
        why=why,
        campaigns=each,
    )


def before(day: date) -> Text:
    """That something cannot be known before a day."""
    return Text(f"This cannot be known before {day}.", f"最早在 {day} 才能得知。")


def _lifted(number: int, actor: Actor, tables: Snapshot, zone: ZoneInfo, now: datetime) -> Lifted:
    # Here and not above: it loads SciPy, which commands need not wait for.
    from huoshui.measure.experiments.trials import effects as trials
    from huoshui.measure.experiments.trials.people import CONTROL

    what = f"campaign:{number}"
    try:
        memory = kept(("lifts of plans", str(tables.lake.root), tables.version), dict[str, Lifted])
        if what in memory:
            return memory[what]
        one = trials.effect(what, actor=actor, tables=tables, now=now)
    except NoSuchTrial:
        return Lifted(
            campaign=number, unit="", value=None, low=None, high=None, known_on=None, why=NOT_STARTED
        )
    unit = str(one.trial.terms.goal)
    known_on = one.known_at.astimezone(zone).date() if one.known_at else None
    lines = one.reading.lines.get(unit, ()) if one.reading is not None and one.state == "final" else ()
    lifts = [(line.lift, line.treated.n) for line in lines if line.lift is not None]
    if not lines or len(lifts) < len(lines) or one.base != CONTROL:
        running = one.state in ("waiting", "running")
        return Lifted(
            campaign=number,
            unit=unit,
            value=None,
            low=None,
            high=None,
            known_on=known_on if one.state == "running" else None,
            why=NOT_STARTED if running else NO_CONTROL,
        )
    made = Lifted(
        campaign=number,
        unit=unit,
        value=sum(lift.estimate * people for lift, people in lifts),
        low=sum(lift.low * people for lift, people in lifts),
        high=sum(lift.high * people for lift, people in lifts),
        known_on=known_on,
        why=None,
    )
    memory[what] = made
    return made
