"""Questions about budgets: what is planned, and with the data what was spent and what came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Text
from huoshui.measure.dashboards.queries import end_of_figures
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.periods import Period, months_after
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.budget.sums import ZERO, Amounts, cell, total
from huoshui.plan.plans.figures import Ask, Figures, exact
from huoshui.plan.plans.models import BudgetLine
from huoshui.plan.plans.queries import PlanSeen

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

DAY = timedelta(days=1)
NO_SPENDING = Text(
    "There are no data on spending yet: import them as spend to see what was spent.",
    "还没有花费数据，导入“花费”后即可看到实际支出。",
)

CAME_BY = "first_channel"
"""Money is spent where customers come from, not where they buy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What people entered for a channel in a month (its first day), of a measure or in general."""

    measure_id: int | None
    channel: str
    month: date
    planned: Decimal
    committed: Decimal
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel: its months in order, their sum, and ``returned``: revenue of who came by it ÷ spend, or None."""

    channel: str
    months: Mapping[date, Amounts]
    sum: Amounts
    returned: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A budget in house money over ``months`` (their first days).

    ``by_measure`` has what was entered for each measure (None: in general); what was spent is known by channel only.
    ``spent_until`` is the last day whose spending counts; ``problem`` says why nothing is known of it.
    """

    months: tuple[date, ...]
    channels: tuple[Channel, ...]
    by_month: Mapping[date, Amounts]
    by_measure: Mapping[int | None, Amounts]
    sum: Amounts
    entered: tuple[Entered, ...]
    spent_until: date | None
    problem: Text | None
    returned: Decimal | None

    @property
    def overspent(self) -> tuple[Channel, ...]:
        """The channels whose sum is below zero."""
        return tuple(one for one in self.channels if one.sum.overspent)


def months_of(plan: PlanSeen) -> tuple[date, ...]:
    """The first days of the months that a plan touches."""
    found, month = [], plan.first_day.replace(day=1)
    while month <= plan.last_day:
        found.append(month)
        month = months_after(month, 1)
    return tuple(found)


def entered(*, actor: Actor, plan_id: int) -> tuple[Entered, ...]:
    """What people entered, by channel and month. Raises `NoSuchPlan`, `NotAllowed`."""
    return of_plan(plans.plan(actor, plan_id).id)


def of_plan(plan_id: int) -> tuple[Entered, ...]:
    """The same, for verbs and jobs that have asked for rights already."""
    return tuple(
        Entered(
            measure_id=row.measure_id,
            channel=row.channel,
            month=row.month,
            planned=row.planned,
            committed=row.committed,
            note=row.note,
        )
        for row in BudgetLine.objects.filter(plan_id=plan_id)
    )


def budget(*, actor: Actor, plan_id: int, tables: Snapshot, house: House, now: datetime) -> Budget:
    """The budget with what was spent by the data of ``tables``. Raises `NoSuchPlan`, `NotAllowed`.

    Spending of channels that nobody planned for is in: it is over-spending.
    """
    plan = plans.plan(actor, plan_id)
    lines, months = of_plan(plan_id), months_of(plan)
    end = min(plan.last_day + DAY, end_of_figures(tables=tables, zone=house.zone, now=now))
    spent, returns, whole, problem = _spent(plan, months, end, tables, house)
    return gathered(
        lines, months=months, spent=spent, returns=returns, returned=whole, end=end, problem=problem
    )


def gathered(
    lines: tuple[Entered, ...],
    *,
    months: tuple[date, ...],
    spent: Mapping[tuple[str, date], Decimal] | None,
    returns: Mapping[str, Decimal | None],
    returned: Decimal | None = None,
    end: date,
    problem: Text | None = None,
) -> Budget:
    """The budget of what was entered and what was ``spent`` by channel and month; None where nothing is known of it.

    Months outside the plan that people entered once, before its days were changed, still count. ``end`` is the day
    after the last whose spending is known.
    """
    planned: dict[tuple[str, date], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for line in lines:
        planned[(line.channel, line.month)][0] += line.planned
        planned[(line.channel, line.month)][1] += line.committed
    all_months = tuple(sorted({*months, *(month for _, month in planned)}))
    names = sorted({channel for channel, _ in planned} | {channel for channel, _ in spent or {}})
    channels = []
    for name in names:
        cells = {}
        for month in all_months:
            known = spent is not None and month < end
            plan, promise = planned.get((name, month), (ZERO, ZERO))
            cells[month] = cell(
                planned=plan,
                committed=promise,
                spent=(spent or {}).get((name, month), ZERO) if known else None,
            )
        channels.append(
            Channel(channel=name, months=cells, sum=total(cells.values()), returned=returns.get(name))
        )
    measures: dict[int | None, list[Amounts]] = defaultdict(list)
    for line in lines:
        measures[line.measure_id].append(cell(planned=line.planned, committed=line.committed))
    return Budget(
        months=all_months,
        channels=tuple(channels),
        by_month={month: total(one.months[month] for one in channels) for month in all_months},
        by_measure={id_: total(amounts) for id_, amounts in measures.items()},
        sum=total(one.sum for one in channels),
        entered=lines,
        spent_until=end - DAY if spent is not None else None,
        problem=problem,
        returned=returned,
    )


def _spent(
    plan: PlanSeen, months: tuple[date, ...], end: date, tables: Snapshot, house: House
) -> tuple[
    Mapping[tuple[str, date], Decimal] | None, Mapping[str, Decimal | None], Decimal | None, Text | None
]:
    """Spending by channel and month, revenue ÷ spend by channel and in all, and why nothing is known of it."""
    if end <= plan.first_day:
        return None, {}, None, None
    declared = {one.slug: one for one in metrics.catalogue()}
    whole = Period.days(plan.first_day, end, house.zone)
    figures = Figures(tables)
    spend = declared["spend"]
    try:
        cell_of_all = figures.cell(Ask(metric=spend, period=whole))
        if cell_of_all.value is None:
            return None, {}, None, metrics.why_unknown(spend, cell_of_all) or NO_SPENDING
        found: dict[tuple[str, date], Decimal] = {}
        for month in months:
            first, last = max(month, plan.first_day), min(months_after(month, 1), end)
            if first >= last:
                continue
            period = Period.days(first, last, house.zone)
            for one in figures.cells(Ask(metric=spend, period=period, by=("channel",))):
                value = exact(one.value)
                if value:
                    found[(str(one.dimensions["channel"] or ""), month)] = value
        roas = declared["roas"]
        returns = {
            str(one.dimensions[CAME_BY] or ""): exact(one.value)
            for one in figures.cells(Ask(metric=roas, period=whole, by=(CAME_BY,)))
        }
        return found, returns, figures.exactly(Ask(metric=roas, period=whole)), None
    except HuoshuiError as error:
        return None, {}, None, error.says or NO_SPENDING
