"""Verbs of budgets: cells are saved together, only those that changed, and never over what somebody else entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from huoshui.desk.threads.differences import difference
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text
from huoshui.plan.plans.budget.errors import NotABudget
from huoshui.plan.plans.changing import changed, held
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.models import BudgetLine, Change, Measure, Plan

MOST_CELLS = 5_000
LONGEST_CHANNEL = 60
LARGEST = Decimal(10) ** 13
Key = tuple[int | None, str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a cell is to be, and what it ``was`` (planned, committed) when it was read; 0 where there was none.

    ``month`` is its first day. Amounts are in house money with at most two decimals.
    """

    channel: str
    month: date
    planned: Decimal
    committed: Decimal
    was: tuple[Decimal, Decimal]
    measure_id: int | None = None

    @property
    def key(self) -> Key:
        """Which cell it is."""
        return self.measure_id, self.channel, self.month


def keep(
    *,
    actor: Actor,
    plan_id: int,
    entries: Sequence[Entry],
    reason: str = "",
    act: str = "budget.changed",
    now: datetime,
) -> int:
    """Save the cells that differ from what they were; all or none. Returns how many changed.

    Raises `PlanChanged` when somebody else changed one of them meanwhile, `NotABudget`, `NoSuchPlan`, `PlanArchived`,
    `NotAllowed`.
    """
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        wanted = [one for one in entries if (one.planned, one.committed) != one.was]
        _check(plan, wanted)
        if not wanted:
            return 0
        rows = {
            (row.measure_id, row.channel, row.month): row
            for row in BudgetLine.objects.filter(plan=plan).select_for_update()
        }
        _meanwhile(plan, wanted, rows)
        told = []
        for one in wanted:
            row = rows.get(one.key)
            before = (row.planned, row.committed) if row else (Decimal(0), Decimal(0))
            if before == (one.planned, one.committed):
                continue
            told.append(
                [one.measure_id, one.channel, one.month.isoformat(), *_pair(before), *_pair(_of(one))]
            )
            _write(plan, row, one)
        if told:
            changed(
                plan,
                actor=actor,
                act=act,
                subject="、".join(sorted({str(line[1]) for line in told}))[:200],
                detail={"cells": told},
                reason=reason,
                now=now,
                told={"count": len(told)},
            )
        return len(told)


def undo(*, actor: Actor, plan_id: int, now: datetime) -> int:
    """Take the last import back, unless its cells were changed since. Returns how many cells went back.

    Raises `NotABudget` where there is none to take back, `PlanChanged`, `NoSuchPlan`, `PlanArchived`, `NotAllowed`.
    """
    with transaction.atomic():
        plan = held(actor=actor, plan_id=plan_id)
        last = Change.objects.filter(plan=plan, act__in=("budget.imported", "budget.taken_back")).first()
        if last is None or last.act != "budget.imported":
            raise NotABudget(Text("There is no import to take back", "没有可以撤销的导入"))
        entries = [
            Entry(
                measure_id=measure,
                channel=channel,
                month=date.fromisoformat(month),
                planned=Decimal(planned),
                committed=Decimal(committed),
                was=(Decimal(new_planned), Decimal(new_committed)),
            )
            for measure, channel, month, planned, committed, new_planned, new_committed in last.detail[
                "cells"
            ]
        ]
        return keep(actor=actor, plan_id=plan_id, entries=entries, act="budget.taken_back", now=now)


def checked_channel(text: str) -> str:
    """The name of a channel as it is kept. Raises `NotABudget`."""
    name = " ".join(text.replace("\x00", "").split())
    if not name or len(name) > LONGEST_CHANNEL:
        raise NotABudget(
            Text(
                f"A channel has a name of 1 to {LONGEST_CHANNEL} letters",
                f"渠道名称须为 1 到 {LONGEST_CHANNEL} 字",
            ),
            received=text[:40],
        )
    return name


def _check(plan: Plan, entries: Sequence[Entry]) -> None:
    if len(entries) > MOST_CELLS:
        raise NotABudget(
            Text(f"At most {MOST_CELLS} cells at once", f"一次最多保存 {MOST_CELLS} 个单元格"),
            received=str(len(entries)),
        )
    keys = [one.key for one in entries]
    if len(set(keys)) != len(keys):
        raise NotABudget(Text("The same cell is entered twice", "同一单元格重复填写"))
    measures = set(Measure.objects.filter(plan=plan).values_list("pk", flat=True))
    for one in entries:
        if checked_channel(one.channel) != one.channel:
            raise NotABudget(
                Text("The name of the channel has odd spaces", "渠道名称含有多余空格"),
                received=one.channel[:40],
            )
        emptied = not one.planned and not one.committed
        if one.month.day != 1 or not (emptied or plan.first_day.replace(day=1) <= one.month <= plan.last_day):
            raise NotABudget(
                Text("This month is outside the days of the plan", "该月份不在计划时段之内"),
                received=f"{one.month:%Y-%m}",
                valid=f"{plan.first_day:%Y-%m} – {plan.last_day:%Y-%m}",
            )
        if one.measure_id is not None and one.measure_id not in measures:
            raise NotABudget(
                Text("There is no such measure in this plan", "计划中没有这项措施"),
                received=str(one.measure_id)[:20],
            )
        for amount in _of(one):
            if not amount.is_finite() or not 0 <= amount < LARGEST or amount != round(amount, 2):
                raise NotABudget(
                    Text(
                        "An amount is from 0 to below ten trillion, with at most two decimals",
                        "金额须不小于 0、小于十万亿，最多两位小数",
                    ),
                    received=str(amount)[:40],
                )


def _meanwhile(plan: Plan, entries: Sequence[Entry], rows: dict[Key, Any]) -> None:
    """Raises `PlanChanged` where a cell is not what it was, unless it is already what it is to be."""
    old, new = {}, {}
    for one in entries:
        row = rows.get(one.key)
        there = (row.planned, row.committed) if row else (Decimal(0), Decimal(0))
        if there not in (one.was, _of(one)):
            name = f"{one.channel} {one.month:%Y-%m}"
            old[name], new[name] = " / ".join(_pair(_of(one))), " / ".join(_pair(there))
    if new:
        last = Change.objects.filter(plan=plan, act__startswith="budget.").first()
        raise PlanChanged(by=last.by if last else "", version=plan.version, changes=difference(old, new))


def _write(plan: Plan, row: BudgetLine | None, one: Entry) -> None:
    if not one.planned and not one.committed:
        if row is not None:
            row.delete()
        return
    row = row or BudgetLine(plan=plan, measure_id=one.measure_id, channel=one.channel, month=one.month)
    row.planned, row.committed = one.planned, one.committed
    row.save()


def _of(one: Entry) -> tuple[Decimal, Decimal]:
    return one.planned, one.committed


def _pair(amounts: tuple[Decimal, Decimal]) -> tuple[str, str]:
    return f"{amounts[0]:.2f}", f"{amounts[1]:.2f}"
