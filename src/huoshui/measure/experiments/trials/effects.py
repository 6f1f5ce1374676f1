"""What a trial added: read from the lake in two questions, wherever a million people stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import ibis
import numpy as np
import numpy.typing as npt

from huoshui.act.holdouts import queries as holdouts
from huoshui.act.holdouts.trials import Goal, Trial
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import IbisTable
from huoshui.know.segments import memberships
from huoshui.measure.experiments import reading
from huoshui.measure.experiments.reading import Arms, Found, Line, Outcome, Reading
from huoshui.measure.experiments.trials import people as drawing
from huoshui.measure.experiments.trials.people import BEFORE_DAYS, CONTROL, TREATED, Span
from huoshui.science import experiments
from huoshui.science.experiments import Kind, Lift, NotEnoughPeople, Sample

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

Measured = Literal["conversion", "orders", "revenue", "margin", "others"]
State = Literal["waiting", "running", "final", "unknown"]

OUTCOMES: dict[Measured, tuple[Kind, str, str]] = {
    "conversion": ("proportion", "conversion", "orders_before"),
    "orders": ("mean", "orders", "orders_before"),
    "revenue": ("mean", "revenue", "revenue_before"),
    "margin": ("mean", "margin", "revenue_before"),
    "others": ("mean", "others", "orders_before"),
}
"""Each outcome: its kind, the column of people, and what of the time before explains a part of it."""
MONEY = ("revenue", "margin", "revenue_before")
MOST_SEGMENTS = 12
SEGMENT = "segment"
EXPECTED = 0.1
"""The gain that readings on the way are tuned for: a tenth of what people did before, which is known at the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """What went out to one arm: how many messages, and what they cost in the house currency."""

    sent: int
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What one arm brought per message, with the interval of 95 %, and what it brought in all after its cost.

    ``of_few`` says that so few did anything that the interval is all that can be told, and it leaves zero open.
    """

    per_message: float
    low: float
    high: float
    added: float
    net: float
    of_few: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a trial says.

    ``state`` is ``waiting`` until somebody was drawn, ``running`` until the horizon of the last one is over at
    ``known_at``, then ``final``; ``unknown`` where there is nobody to compare with. While it runs, ``so_far`` are the
    readings of its goal that stay valid however often they are looked at, by arm; ``reading`` may be read at the end.
    ``base`` names the arm compared with: the control group, or the first variant where there is none. ``messages``
    and ``worth`` (by margin) are by arm.
    """

    trial: Trial
    state: State
    known_at: datetime | None
    span: Span | None
    base: str
    reading: Reading | None
    so_far: Mapping[str, Line]
    messages: Mapping[str, Messages]
    worth: Mapping[str, Worth]
    costs_known: bool


def trials(*, actor: Actor) -> list[Trial]:
    """Every trial of the house, the newest first."""
    actor.require(Right.CUSTOMERS_VIEW)
    return holdouts.trials()


def effect(what: str, *, actor: Actor, tables: Snapshot, now: datetime) -> Effect:
    """What the trial of ``what`` added, as far as that is known ``now``. Raises `NoSuchTrial`, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    trial = holdouts.trial(what)
    everybody = drawing.drawn(tables, trial)
    span = _span(tables, everybody, trial)
    if span is None:
        return _nothing(trial, "waiting", None, None)
    known_at = span.last + timedelta(days=trial.terms.horizon_days)
    messages = _messages(tables, what)
    base = _base(trial, span)
    if base is None:
        return _nothing(trial, "unknown", known_at, span, messages)
    counted = everybody.filter(~everybody.excluded)
    if trial.terms.choice != "global_only":
        counted = counted.filter(~counted.by_global)
    found = _found(tables, trial, counted, span, base)
    read = reading.read(found)
    running = now < known_at
    goal: Goal = trial.terms.goal
    return Effect(
        trial=trial,
        state="running" if running else "final",
        known_at=known_at,
        span=span,
        base=base,
        reading=read,
        so_far=_so_far(found, goal, trial.terms.horizon_days) if running else {},
        messages=messages,
        worth=_worth(read, messages) if base == CONTROL and not running else {},
        costs_known=any(_total(one.arms) for one in found.outcomes if one.name == "margin"),
    )


def _nothing(
    trial: Trial,
    state: State,
    known_at: datetime | None,
    span: Span | None,
    messages: Mapping[str, Messages] | None = None,
) -> Effect:
    return Effect(
        trial=trial,
        state=state,
        known_at=known_at,
        span=span,
        base="",
        reading=None,
        so_far={},
        messages=messages or {},
        worth={},
        costs_known=False,
    )


def _span(tables: Snapshot, everybody: Any, trial: Trial) -> Span | None:
    if not tables.sizes("decisions"):
        return None
    by = everybody.group_by("arm", "excluded", "by_global").aggregate(
        people=everybody.count(), first=everybody.decided_at.min(), last=everybody.decided_at.max()
    )
    rows = tables.arrow(by).to_pylist()
    if not rows:
        return None
    people: dict[str, int] = defaultdict(int)
    for row in rows:
        apart = row["by_global"] and trial.terms.choice != "global_only"
        if not (row["excluded"] or apart):
            people[row["arm"]] += row["people"]
    return Span(
        first=min(row["first"] for row in rows),
        last=max(row["last"] for row in rows),
        people=dict(sorted(people.items(), key=lambda one: (one[0] != CONTROL, one[0]))),
        excluded=sum(row["people"] for row in rows if row["excluded"]),
        global_control=sum(row["people"] for row in rows if row["by_global"] and not row["excluded"]),
    )


def _base(trial: Trial, span: Span) -> str | None:
    """The arm that others are compared with."""
    arms = list(span.people)
    if len(arms) < 2:
        return None
    return CONTROL if CONTROL in arms else arms[0]


def _found(tables: Snapshot, trial: Trial, people: Any, span: Span, base: str) -> Found:
    """The moments of every outcome by arm and, of the goal, by segment."""
    slugs = _segments()
    sums = _sums(tables, trial, people, span, slugs)
    arms = [base, *(arm for arm in span.people if arm != base)]
    outcomes = []
    for name, (kind, column, before) in OUTCOMES.items():
        groups = {}
        if name == trial.terms.goal and slugs:
            parts = {slug: _arms(sums, arms, column, before, bit=bit) for bit, slug in enumerate(slugs)}
            parts = {slug: part for slug, part in parts.items() if any(one.n for one in part.values())}
            groups = {SEGMENT: parts} if parts else {}
        outcomes.append(Outcome(name=name, kind=kind, arms=_arms(sums, arms, column, before), groups=groups))
    terms = trial.terms
    held = terms.global_share if terms.choice == "global_only" else terms.share
    whole = sum(terms.variants.values())
    variants = {name or TREATED: (1 - held) * weight / whole for name, weight in terms.variants.items()}
    weights = {**({CONTROL: held} if held else {}), **variants}
    return Found(
        arm="arm",
        control=base,
        people={arm: span.people[arm] for arm in arms},
        control_share=None,
        before=f"{BEFORE_DAYS}",
        outcomes=tuple(outcomes),
        weights={arm: weights.get(arm, 1e-9) for arm in arms},
    )


Sums = tuple[list[dict[str, Any]], npt.NDArray[np.int64]]


def _sums(tables: Snapshot, trial: Trial, people: Any, span: Span, slugs: Sequence[str]) -> Sums:
    """Sums, squares and products of every outcome by arm and by the segments people were in when they were drawn."""
    done = drawing.outcomes(tables, trial, people, span)
    inside = _inside(tables, people, slugs)
    done = done.rename(who="customer_id")
    rows = people.left_join(done, people.customer_id == done.who)
    if inside is not None:
        rows = rows.left_join(inside, rows.customer_id == inside.member)
    else:
        rows = rows.mutate(mask=ibis.literal(0, "int64"))
    cap = None if trial.terms.cap is None else float(trial.terms.cap)
    columns = {}
    for name in ("orders", "revenue", "margin", "others", "orders_before", "revenue_before"):
        value = rows[name].fill_null(0.0)
        columns[name] = value if cap is None or name not in MONEY else value.clip(-cap, cap)
    columns["conversion"] = (columns["orders"] > 0).cast("float64")
    told = rows.select("arm", mask=rows["mask"].fill_null(0), **columns)
    sums = {"people": told.count()}
    for name in columns:
        sums[name] = told[name].sum()
        sums[f"{name}²"] = (told[name] * told[name]).sum()
        sums[f"{name}≠0"] = (told[name] != 0).cast("int64").sum()
    for _, column, before in OUTCOMES.values():
        sums[f"{column}×{before}"] = (told[column] * told[before]).sum()
    found = tables.arrow(told.group_by("arm", "mask").aggregate(**sums)).to_pylist()
    return found, np.array([row["mask"] for row in found], dtype=np.int64)


def _arms(sums: Sums, arms: Sequence[str], column: str, before: str, *, bit: int | None = None) -> Arms:
    rows, masks = sums
    counted = range(len(rows)) if bit is None else np.flatnonzero((masks >> bit) & 1)
    totals: dict[str, npt.NDArray[np.float64]] = {arm: np.zeros(7) for arm in arms}
    names = ("people", column, f"{column}²", before, f"{before}²", f"{column}×{before}", f"{column}≠0")
    for at in counted:
        totals[rows[at]["arm"]] += [float(rows[at][name]) for name in names]
    return {
        arm: Sample.of_sums(int(total[0]), *total[1:6].tolist(), some=int(total[6]))
        for arm, total in totals.items()
    }


def _segments() -> list[str]:
    """The largest segments whose members are stored."""
    sizes = sorted(memberships.states().values(), key=lambda one: (-one.size, one.slug))
    return [one.slug for one in sizes if one.size][:MOST_SEGMENTS]


def _inside(tables: Snapshot, people: Any, slugs: Sequence[str]) -> IbisTable | None:
    """Who of ``people`` was in which segments when they were drawn: ``member``, and ``mask`` with a bit for each."""
    if not slugs or not tables.sizes("memberships"):
        return None
    rows = tables.table("memberships")
    rows = rows.filter(rows.segment.isin(list(slugs))).select(
        "segment",
        at=ibis.coalesce(rows.left_at, rows.entered_at),
        left=rows.left_at.notnull(),
        member="customer_id",
    )
    rows = rows.inner_join(people.select("customer_id", "decided_at"), rows.member == people.customer_id)
    # Who entered before and has not left before: each row of entering adds the bit, each of leaving takes it away.
    rows = rows.filter(rows["at"] <= rows.decided_at)
    bit = rows.segment.cases(*((slug, 1 << place) for place, slug in enumerate(slugs)), else_=0).cast("int64")
    bits = rows.left.ifelse(-bit, bit)
    return rows.group_by("member").aggregate(mask=bits.sum().cast("int64"))


def _messages(tables: Snapshot, what: str) -> dict[str, Messages]:
    if not tables.sizes("touches"):
        return {}
    rows = tables.table("touches")
    rows = rows.filter((rows.campaign == what) & (rows.kind == "message"))
    by = rows.group_by(variant=rows.variant.fill_null("")).aggregate(
        sent=rows.count(), cost=rows.cost.cast("float64").sum()
    )
    return {
        row["variant"] or TREATED: Messages(sent=row["sent"], cost=row["cost"] or 0.0)
        for row in sorted(tables.arrow(by).to_pylist(), key=lambda row: str(row["variant"]))
    }


def _so_far(found: Found, goal: Goal, days: int) -> dict[str, Line]:
    """The goal as it may be read at any time, by arm."""
    outcome = next(one for one in found.outcomes if one.name == goal)
    control = outcome.arms[found.control]
    usual = (control.before_mean or 0.0) * days / BEFORE_DAYS
    expected = max(EXPECTED * usual, 1e-4)
    lines = {}
    for arm in found.treated:
        treated = outcome.arms[arm]
        lift: Lift | None
        unknown: NotEnoughPeople | None
        try:
            lift, unknown = (
                experiments.always_valid(treated, control, outcome.kind, expected=expected),
                None,
            )
        except NotEnoughPeople as error:
            lift, unknown = None, error
        lines[arm] = Line(arm=arm, treated=treated, control=control, lift=lift, unknown=unknown)
    return lines


def _worth(read: Reading, messages: Mapping[str, Messages]) -> dict[str, Worth]:
    """What each arm brought per message: the difference of margin (of revenue where no cost is known) per person,
    times its people, by its messages."""
    money = (
        "margin"
        if any(line.treated.total or line.control.total for line in read.lines["margin"])
        else "revenue"
    )
    worth = {}
    for line in read.lines[money]:
        sent = messages.get(line.arm)
        if line.lift is None or sent is None or not sent.sent:
            continue
        added = line.lift.estimate * line.treated.n
        per = line.treated.n / sent.sent
        worth[line.arm] = Worth(
            per_message=line.lift.estimate * per,
            low=line.lift.low * per,
            high=line.lift.high * per,
            added=added,
            net=added - sent.cost,
            of_few=line.lift.is_of_few and not line.lift.is_clear,
        )
    return worth


def _total(arms: Arms) -> float:
    return sum(abs(one.total) for one in arms.values())
