"""Who the customers are: groups, the R × F grid, moves between stages, cohorts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import ibis

from huoshui.data.facts import relations
from huoshui.data.traits.standing import kept_moments, standing
from huoshui.kernel.clock import AsOf, start_of_day
from huoshui.kernel.plugs import HOUSE_ZONE, TRAITS
from huoshui.measure.dashboards.standing import among
from huoshui.measure.metrics.dimensions import Value
from huoshui.measure.metrics.periods import first_day_of, in_grains
from huoshui.science import cohorts
from huoshui.science.cohorts import Cohort

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

GROUPS = ("stage", "value_class", "rfm_segment")
SCORES = ("r_score", "f_score")
MOST_AT_ONCE = 100_000
NEAR = timedelta(hours=36)
"""A kept moment stands for the start of a period when it is no farther from it."""

Stage = str | None
"""A code of the trait ``stage``; ``None`` for who was not there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """All customers as of a moment. ``groups`` holds them by trait and code, every code named, customers without one
    under ``None``; ``grid`` by R and F score: how many, and what they brought in all after returns."""

    groups: Mapping[str, Mapping[str | None, int]]
    grid: Mapping[tuple[int, int], tuple[int, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Who was in which stage at ``before`` and is in which at ``after``: ``moves`` counts customers by both."""

    before: datetime
    after: datetime
    moves: Mapping[tuple[Stage, str], int]

    def then(self, stage: str) -> int:
        """How many were in a stage before."""
        return sum(number for (was, _), number in self.moves.items() if was == stage)

    def now(self, stage: str) -> int:
        """How many are in a stage after."""
        return sum(number for (_, to), number in self.moves.items() if to == stage)


def people(tables: Snapshot, at: datetime, zone: ZoneInfo, where: Mapping[str, Value]) -> People:
    """Everybody as of ``at``, of whom the attributes ``where`` hold."""
    slugs = (*GROUPS, *SCORES)
    rows = among(standing(tables, AsOf(at=at, zone=zone), (*slugs, "net_monetary")), tables, where)
    split = rows.group_by(*slugs).aggregate(number=rows.count(), money=rows.net_monetary.sum())
    counts: dict[str, Counter[Any]] = {group: Counter() for group in GROUPS}
    grid: dict[tuple[int, int], tuple[int, Decimal]] = {}
    for cell in tables.arrow(split).to_pylist():
        for group in GROUPS:
            counts[group][cell[group]] += cell["number"]
        if cell["r_score"] is not None and cell["f_score"] is not None:
            place = (cell["r_score"], cell["f_score"])
            number, money = grid.get(place, (0, Decimal(0)))
            grid[place] = (number + cell["number"], money + (cell["money"] or 0))
    return People(groups={group: _named(group, found) for group, found in counts.items()}, grid=grid)


def flow(
    tables: Snapshot, since: datetime, at: datetime, zone: ZoneInfo, where: Mapping[str, Value], *, wait: bool
) -> Flow | None:
    """Moves between stages from ``since``, or the kept moment next to it, to ``at``.

    Stages that were not kept are computed from the facts: for more than `MOST_AT_ONCE` customers only if asked to
    ``wait``, else there is no answer.
    """
    kept = [moment for moment in kept_moments(tables) if abs(moment - since) <= NEAR and moment < at]
    before = min(kept, key=lambda moment: abs(moment - since), default=None)
    if before is None:
        if not wait and _customers(tables) > MOST_AT_ONCE:
            return None
        before = since
    then = standing(tables, AsOf(at=before, zone=zone), ("stage",)).rename(_who="customer_id", _was="stage")
    now = among(standing(tables, AsOf(at=at, zone=zone), ("stage",)), tables, where)
    joined = now.left_join(then, now.customer_id == then["_who"])
    counted = joined.group_by("_was", "stage").aggregate(number=joined.count())
    moves = {(row["_was"], row["stage"]): row["number"] for row in tables.arrow(counted).to_pylist()}
    return Flow(before=before, after=at, moves=moves)


def by_cohort(
    tables: Snapshot, as_of: date, since: date, where: Mapping[str, Value], *, trusted: bool
) -> tuple[Cohort, ...]:
    """The cohorts by month of the first purchase, from the month of ``since`` (its first day), oldest first.

    ``trusted`` says that the traits know of all orders, so that only those who began since need to be looked at.
    """
    zone = HOUSE_ZONE()
    rows = relations.purchases(tables, AsOf(at=start_of_day(as_of, zone), zone=zone))
    rows = among(rows, tables, where)
    day = rows.ordered_at.truncate("D").date()
    if trusted:
        begun = ibis.literal(start_of_day(since, zone))
        traits = tables.table("traits")
        new = traits.filter(traits.first_order_at >= begun).select("customer_id")
        rows = rows.filter(rows.ordered_at >= begun).semi_join(new, "customer_id")
        day = first_day_of(rows.ordered_at, in_grains(since, as_of, "month", zone))
    purchases = rows.select("customer_id", day=day)
    counted = cohorts.cohort_table(purchases, as_of=as_of, value=None, since=since)
    return cohorts.read(tables.arrow(counted).to_pylist(), as_of=as_of)


def _customers(tables: Snapshot) -> int:
    rows = tables.table("customers")
    return int(tables.arrow(rows.aggregate(number=rows.count()))["number"][0].as_py())


def _named(group: str, counts: Mapping[str | None, int]) -> dict[str | None, int]:
    named: dict[str | None, int] = {code: counts.get(code, 0) for code in TRAITS[group].values}
    if counts.get(None):
        named[None] = counts[None]
    return named
