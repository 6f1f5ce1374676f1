"""Stages against what came after: who bought, by the stage of an earlier day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from huoshui.data.traits.standing import standing
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE
from huoshui.science import lifecycle

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

FEW = 30
"""Of fewer customers a share says little: its 95 % interval spans a third of all there is."""
LEVEL: Mapping[str, int] = {"new": 2, "active": 2, "silent": 1, "lost": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageJudged:
    """Customers of a stage on the earlier day, and how many of them bought since.

    ``foretold`` is the share of that stage that bought in as many days before that day; None where nobody was in it.
    """

    stage: str
    customers: int
    bought: int
    foretold: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A rule of stages, judged by who bought within the days after.

    ``own`` is the share of pairs, one who bought and one who did not, that the rule in use puts into the right order
    (half for pairs it cannot tell apart), ``fixed`` that of fixed days; None where all or none bought.
    """

    customers: int
    bought: int
    own: float | None
    fixed: float | None
    stages: Sequence[StageJudged]

    @property
    def wins(self) -> bool:
        """Whether the rule in use tells who buys better than fixed days."""
        return self.own is not None and self.fixed is not None and self.own > self.fixed

    @property
    def tested(self) -> bool:
        """Whether enough customers bought, and enough did not, for a judgement."""
        return min(self.bought, self.customers - self.bought) >= FEW

    @property
    def off(self) -> float | None:
        """How far foretold shares were from what came, on average over customers; None where nothing was foretold."""
        told = [(one, one.foretold) for one in self.stages if one.foretold is not None and one.customers]
        if not told:
            return None
        apart = sum(abs(one.bought - one.customers * share) for one, share in told)
        return apart / sum(one.customers for one, _ in told)


def judge(tables: Snapshot, before: Any, *, since: date, days: int) -> Judged:
    """Who bought from ``since`` on, by the stage of that day and by the stage that fixed days would have said.

    ``before`` holds how customers stood on ``since``: ``customer_id``, ``stage``, ``recency``.
    """
    rows = _bought(tables, before, since)
    earlier = since - timedelta(days=days)
    past = standing(tables, AsOf.day(earlier, HOUSE().zone), ("stage", "recency"))
    foretold = {
        stage: bought / customers
        for stage, (customers, bought) in _by("stage", _bought(tables, past, earlier, until=since)).items()
    }
    counted = _by("stage", rows)
    return Judged(
        customers=sum(row["customers"] for row in rows),
        bought=sum(row["bought"] for row in rows),
        own=_in_order(counted),
        fixed=_in_order(_by("fixed", rows)),
        stages=[
            StageJudged(stage=stage, customers=customers, bought=bought, foretold=foretold.get(stage))
            for stage in LEVEL
            for customers, bought in [counted.get(stage, (0, 0))]
        ],
    )


def _bought(tables: Snapshot, stood: Any, since: date, *, until: date | None = None) -> list[dict[str, Any]]:
    """Customers and those who bought within the days, by stage and by the stage of fixed days."""
    fixed = lifecycle.stage(
        days_since_first=stood.recency,  # does not matter: new and active count as one
        days_since_last=stood.recency,
        ratio=stood.recency,
        by=lifecycle.FixedDays(),
    )
    buyers = stood.filter(stood.recency.notnull()).select("customer_id", "stage", fixed=fixed)
    orders, zone = tables.table("orders"), HOUSE().zone
    orders = orders.filter(orders.revenue > 0, orders.ordered_at >= AsOf.day(since, zone).at)
    if until is not None:
        orders = orders.filter(orders.ordered_at < AsOf.day(until, zone).at)
    came = orders.select(_who=orders.customer_id).distinct()
    joined = buyers.left_join(came, buyers.customer_id == came["_who"])
    counted = joined.group_by("stage", "fixed").aggregate(
        customers=joined.count(), bought=joined["_who"].count()
    )
    rows: list[dict[str, Any]] = tables.arrow(counted).to_pylist()
    return rows


def _by(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Customers and buyers by one of the two stages."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        customers, bought = found.get(row[name], (0, 0))
        found[row[name]] = customers + row["customers"], bought + row["bought"]
    return found


def _in_order(counted: Mapping[str, tuple[int, int]]) -> float | None:
    """The share of pairs (one bought, one did not) that stages put into the right order; ties count half."""
    came, stayed = [0, 0, 0], [0, 0, 0]
    for stage, (customers, bought) in counted.items():
        came[LEVEL[stage]] += bought
        stayed[LEVEL[stage]] += customers - bought
    pairs = sum(came) * sum(stayed)
    if not pairs:
        return None
    right = sum(came[a] * stayed[b] * (1.0 if a > b else 0.5) for a in range(3) for b in range(a + 1))
    return right / pairs
