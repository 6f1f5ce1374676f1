"""What everything together added: everybody against the global control group, since that group began.

Never the sum of what single campaigns added: those overlap and displace each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import numpy.typing as npt

from huoshui.act.holdouts import queries as holdouts
from huoshui.act.holdouts.queries import Group
from huoshui.act.holdouts.trials import global_key
from huoshui.kernel.actors import Actor, Right
from huoshui.measure.experiments.errors import NoSuchTotal
from huoshui.measure.experiments.reading import Line
from huoshui.measure.experiments.trials import people as windows
from huoshui.measure.experiments.trials.effects import EXPECTED, MONEY, OUTCOMES, Measured
from huoshui.measure.experiments.trials.people import BEFORE_DAYS, TREATED
from huoshui.science import drawing, experiments
from huoshui.science.experiments import Lift, NotEnoughPeople, Sample

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

MONTHS = 12
"""The last whole months that are told one by one."""
WINSORISED = 0.999
"""The part of people whose money counts whole; what the others spent beyond is left out, on both sides alike."""
MEASURED: dict[str, Measured] = {"revenue": "revenue", "margin": "margin"}
"""Columns of money that are outcomes; the others are of the time before."""
SHOWN: tuple[Measured, ...] = ("conversion", "orders", "revenue", "margin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The most money counted per person, in house currency, and how many people had more and count with it."""

    amount: float
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Revenue per person in a whole month of the house that began at ``since``, counted up to ``cap``."""

    since: datetime
    line: Line
    cap: Cap


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What everything together added since the group of now began.

    ``lines`` are by outcome, with intervals that stay valid however often they are looked at; where the margin is not
    known it has no line. ``added`` is the revenue of all people of the treated side together, with ``low`` and
    ``high`` (None where it is not known). ``excluded`` people were merged of profiles on both sides. ``adjusted``
    says that what people did before the group began explains a part. Money counts up to ``caps``, by outcome, found of
    both sides together (`WINSORISED`).
    """

    group: Group
    treated: int
    control: int
    excluded: int
    adjusted: bool
    lines: dict[Measured, Line]
    caps: dict[Measured, Cap]
    added: float | None
    low: float | None
    high: float | None
    months: tuple[Month, ...]


def total(*, actor: Actor, tables: Snapshot, zone: ZoneInfo, now: datetime) -> Total | None:
    """The total since the global control group of now began; None where there is no such group.

    People are those who were customers when it began: who came later may have come because of what was done.
    Raises `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    group = holdouts.group()
    if group is None:
        return None
    ids, held, excluded = _people(tables, group)
    adjusted = _is_fresh(group)
    done, caps = _done(tables, ids, group.since, now)
    lines = {
        name: _line(name, done, held, days=(now - group.since) / timedelta(days=1), adjusted=adjusted)
        for name in SHOWN
        if name != "margin" or done["margin"].any()
    }
    lift = lines["revenue"].lift
    people = int((~held).sum())
    return Total(
        group=group,
        treated=people,
        control=int(held.sum()),
        excluded=excluded,
        adjusted=adjusted,
        lines=lines,
        caps={name: caps[name] for name in lines if name in caps},
        added=lift.estimate * people if lift else None,
        low=lift.low * people if lift else None,
        high=lift.high * people if lift else None,
        months=tuple(
            _month(tables, ids, held, since, until) for since, until in months(group.since, now, zone)
        ),
    )


def required(*, actor: Actor, tables: Snapshot, zone: ZoneInfo, now: datetime) -> Total:
    """As `total`; raises `NoSuchTotal` where there is no global control group."""
    found = total(actor=actor, tables=tables, zone=zone, now=now)
    if found is None:
        raise NoSuchTotal(
            "There is no global control group", next_step="Draw one: Act, Control group, or huoshui holdout"
        )
    return found


def months(since: datetime, now: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The last whole months of ``zone`` between two moments, the newest first: when each begins and ends."""
    end = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found: list[tuple[datetime, datetime]] = []
    while len(found) < MONTHS:
        begin = (end - timedelta(days=1)).replace(day=1)
        if begin < since:
            break
        found.append((begin, end))
        end = begin
    return found


def _is_fresh(group: Group) -> bool:
    """Whether people were drawn anew: where the group only grew or shrank, what was done before already differed."""
    return all(one.seed != group.seed or one == group for one in holdouts.history())


Ids = npt.NDArray[np.int64]
Sides = npt.NDArray[np.bool_]


def _people(tables: Snapshot, group: Group) -> tuple[Ids, Sides, int]:
    """Everybody who was a customer when the group began, sorted by id; who of them is in it; how many are left out."""
    customers = tables.table("customers")
    customers = customers.filter(customers.created_at < ibis.literal(group.since)).select("customer_id")
    ids = np.sort(tables.arrow(customers)["customer_id"].to_numpy().astype(np.int64))
    key = global_key(group.seed)
    held = drawing.drawn(ids, key, group.share)
    both = np.zeros(len(ids), dtype=np.bool_)
    if len(ids) and tables.sizes("identity_links"):
        links = tables.table("identity_links")
        links = tables.arrow(links.filter(links.valid_to.isnull()).select("from_id", "customer_id"))
        begun, into = (links[name].to_numpy().astype(np.int64) for name in ("from_id", "customer_id"))
        places = np.minimum(np.searchsorted(ids, into), len(ids) - 1)
        known = ids[places] == into
        crossed = known & (drawing.drawn(begun, key, group.share) != held[places])
        both[places[crossed]] = True
    return ids[~both], held[~both], int(both.sum())


Done = dict[str, npt.NDArray[np.float64]]


def _done(tables: Snapshot, ids: Ids, since: datetime, until: datetime) -> tuple[Done, dict[Measured, Cap]]:
    """What each of ``ids`` did from ``since`` to ``until``, and before: by column, zero for who did nothing.

    Money is counted up to the caps.
    """
    rows = tables.arrow(windows.done(tables, since=since, until=until))
    found: Done = {}
    who: Any = rows["customer_id"].to_numpy()
    inside = np.isin(who, ids)
    places = np.searchsorted(ids, who[inside].astype(np.int64))
    for name in windows.DONE:
        found[name] = np.zeros(len(ids))
        found[name][places] = rows[name].to_numpy()[inside]
    found["conversion"] = (found["orders"] > 0).astype(np.float64)
    caps: dict[Measured, Cap] = {}
    for column in MONEY:
        cut = experiments.winsorised(found[column], share=WINSORISED)
        found[column] = cut.values
        if measured := MEASURED.get(column):
            caps[measured] = Cap(amount=cut.cap, people=cut.people)
    return found, caps


def _line(name: Measured, done: Done, held: Sides, *, days: float, adjusted: bool) -> Line:
    kind, column, before = OUTCOMES[name]
    explains = done[before] if adjusted else None
    treated, control = (
        Sample.of(done[column][side], None if explains is None else explains[side]) for side in (~held, held)
    )
    usual = float(done[before].mean()) if len(held) else 0.0
    expected = max(EXPECTED * usual * days / BEFORE_DAYS, 1e-4)
    try:
        lift: Lift | None = experiments.always_valid(treated, control, kind, expected=expected)
        unknown: NotEnoughPeople | None = None
    except NotEnoughPeople as error:
        lift, unknown = None, error
    return Line(arm=TREATED, treated=treated, control=control, lift=lift, unknown=unknown)


def _month(tables: Snapshot, ids: Ids, held: Sides, since: datetime, until: datetime) -> Month:
    """A month that is over is read once: its interval is the usual one."""
    done, caps = _done(tables, ids, since, until)
    revenue = done["revenue"]
    treated, control = Sample.of(revenue[~held]), Sample.of(revenue[held])
    try:
        lift: Lift | None = experiments.lift(treated, control, "mean")
        unknown: NotEnoughPeople | None = None
    except NotEnoughPeople as error:
        lift, unknown = None, error
    line = Line(arm=TREATED, treated=treated, control=control, lift=lift, unknown=unknown)
    return Month(since=since, line=line, cap=caps["revenue"])
