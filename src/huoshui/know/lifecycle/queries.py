"""What the pages of life cycles and cohorts show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from huoshui.data.traits import queries as traits
from huoshui.data.traits.standing import standing
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE
from huoshui.know.lifecycle.judging import Judged, judge
from huoshui.know.lifecycle.populations import NEXT
from huoshui.know.lifecycle.rules import rule_in_use
from huoshui.know.value.clv import purchases_by_day
from huoshui.know.value.queries import day_of, kept_apart
from huoshui.lake.kept import kept
from huoshui.science import cohorts as science
from huoshui.science import lifecycle, rfm
from huoshui.science.lifecycle import STAGES

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot
    from huoshui.science.foretelling import Foretold
    from huoshui.science.survival import Survival

SOON = (7, 14, 30)
MOST_COHORTS: Mapping[str, int] = {"day": 31, "week": 26, "month": 24, "quarter": 16}
FORETOLD_PERIODS: Mapping[science.Grain, int] = {"day": 14, "week": 8, "month": 6, "quarter": 4}
"""So many of the last whole periods are foretold, to see how well that goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Stages as of the last refresh.

    ``flows`` counts customers by (stage on ``since``, stage on ``until``), None for people who were not there.
    ``staying`` holds days in the stage (quarter, middle, three quarters). ``soon`` counts by (next stage, days) who
    will be there unless they buy. ``curve`` says how long customers stay until they are lost.
    """

    as_of: datetime
    since: date
    until: date
    stages: Mapping[str, int]
    staying: Mapping[str, tuple[int, int, int]]
    flows: Mapping[tuple[str | None, str | None], int]
    soon: Mapping[tuple[str, int], int]
    curve: Survival
    rhythms: int
    typical: float
    judged: Judged


def life(*, actor: Actor, tables: Snapshot, days: int) -> Life | None:
    """Stages as of the last refresh and how they changed within ``days``; None before the first refresh.

    Raises `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    refreshed = traits.last_refresh(tables=tables)
    if refreshed is None:
        return None
    as_of = refreshed[0]
    return kept(("life", str(tables.lake.root), tables.version, days), lambda: _life(tables, as_of, days))


def _life(tables: Snapshot, as_of: datetime, days: int) -> Life:
    from huoshui.science.survival import survival_curve

    zone, until = HOUSE().zone, day_of(as_of)
    since = until - timedelta(days=days)
    stored = tables.table("traits")
    quarters = {f"q{n}": stored.days_in_stage.quantile(n / 4).cast("int64") for n in (1, 2, 3)}
    by_stage = tables.arrow(
        stored.group_by("stage").aggregate(customers=stored.count(), **quarters)
    ).to_pylist()
    found = {row["stage"]: row for row in by_stage}
    past = standing(tables, AsOf.day(since, zone), ("stage", "recency"))
    with kept_apart(tables, past) as before:
        after = standing(tables, AsOf.day(until, zone), ("stage",))
        moved = tables.arrow(rfm.movement(before, after, by=("stage",))).to_pylist()
        judged = judge(tables, before, since=since, days=days)
    purchases = purchases_by_day(tables, AsOf.day(until, zone))
    rhythms = stored.filter(stored.purchase_rhythm.notnull()).select(
        "customer_id", rhythm_days=stored.purchase_rhythm
    )
    lasting = tables.arrow(lifecycle.time_until_lost(purchases, rhythms, as_of=until, by=rule_in_use()))
    own = stored.filter(stored.purchase_intervals >= lifecycle.USUAL_RHYTHM.enough)
    known = tables.arrow(own.aggregate(n=own.count(), typical=own.median_purchase_interval.median()))
    return Life(
        as_of=as_of,
        since=since,
        until=until,
        stages={code: found[code]["customers"] if code in found else 0 for code in STAGES},
        staying={
            code: (_whole(found[code]["q1"]), _whole(found[code]["q2"]), _whole(found[code]["q3"]))
            for code in STAGES
            if code in found
        },
        flows={(row["stage_before"], row["stage_after"]): row["customers"] for row in moved},
        soon=_soon(tables, stored),
        curve=survival_curve(*(lasting[name].to_numpy() for name in ("days", "lost", "customers"))),
        rhythms=known["n"][0].as_py(),
        typical=known["typical"][0].as_py() or lifecycle.USUAL_RHYTHM.unknown,
        judged=judged,
    )


def _whole(number: Any) -> int:
    return int(number or 0)


def _soon(tables: Snapshot, stored: Any) -> dict[tuple[str, int], int]:
    counts: dict[tuple[str, int], int] = {}
    left = lifecycle.days_until_next_stage(
        stage=stored.stage,
        days_since_last=stored.recency,
        rhythm_days=stored.purchase_rhythm,
        by=rule_in_use(),
    )
    sums = {
        f"{stage}_{days}": (stored.stage.isin(sources) & (left <= days)).sum()
        for stage, sources in NEXT.items()
        for days in SOON
    }
    row = tables.arrow(stored.aggregate(**sums)).to_pylist()[0]
    for stage in NEXT:
        for days in SOON:
            counts[stage, days] = int(row[f"{stage}_{days}"] or 0)
    return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """The cohorts of a house before ``as_of``, oldest first; ``left_out`` older ones are not shown.

    ``waiting`` says how long it takes until the second day of purchase: the share that has not come back yet. ``test``
    says how well earlier cohorts foretold later ones; None before anything could be foretold.
    """

    as_of: date
    grain: science.Grain
    cohorts: Sequence[science.Cohort]
    left_out: int
    curve: Sequence[science.Point]
    compared: Sequence[science.Comparison]
    waiting: Survival
    test: Foretold | None
    customers: int


def cohorts(*, actor: Actor, tables: Snapshot, grain: science.Grain, now: datetime) -> Cohorts:
    """Retention and revenue of the newest cohorts as of the last refresh, or ``now`` before the first.

    Raises `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    refreshed = traits.last_refresh(tables=tables)
    as_of = day_of(refreshed[0] if refreshed else now)
    key = ("cohorts", str(tables.lake.root), tables.version, grain, as_of)
    return kept(key, lambda: _cohorts(tables, grain, as_of))


def _cohorts(tables: Snapshot, grain: science.Grain, as_of: date) -> Cohorts:
    from huoshui.science.foretelling import backtest
    from huoshui.science.survival import survival_curve

    purchases = purchases_by_day(tables, AsOf.day(as_of, HOUSE().zone))
    rows = tables.arrow(science.cohort_table(purchases, as_of=as_of, grain=grain)).to_pylist()
    found = science.read(rows, as_of=as_of, grain=grain)
    shown = found[-MOST_COHORTS[grain] :]
    waits = tables.arrow(science.waiting_table(purchases, as_of=as_of, grain=grain))
    return Cohorts(
        as_of=as_of,
        grain=grain,
        cohorts=shown,
        left_out=len(found) - len(shown),
        curve=science.retention_curve(found),
        compared=science.compare(shown, 1) if len(shown) > 1 else (),
        waiting=survival_curve(*(waits[name].to_numpy() for name in ("days", "came", "customers"))),
        test=backtest(found, periods=FORETOLD_PERIODS[grain]),
        customers=sum(one.size for one in found),
    )
