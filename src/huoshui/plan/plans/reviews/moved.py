"""The numbers of a moment that a review keeps, and what moved since the last one: its agenda."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from huoshui.desk.worklist import queries as worklist
from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Text
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.budget import queries as budgets
from huoshui.plan.plans.goals import queries as goals
from huoshui.plan.plans.goals import standing
from huoshui.plan.plans.goals.pace import PACES
from huoshui.plan.plans.measures import queries as measures
from huoshui.plan.plans.measures.effects import effects
from huoshui.web import figures

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

NOTHING = Text("Nothing moved since the last review.", "自上次复盘以来没有变化。")
MOST_TASKS = 50


def numbers(*, actor: Actor, plan_id: int, tables: Snapshot, house: House, now: datetime) -> dict[str, Any]:
    """Goals, measures with their effects, budget and tasks as they stand ``now``, as plain values for keeping.

    Amounts are decimals as text; None is what is not known. Raises `NoSuchPlan`, `NotAllowed`.
    """
    plan = plans.plan(actor, plan_id)
    found = measures.measures(actor=actor, plan_id=plan_id)
    added = effects(found, actor=actor, tables=tables, zone=house.zone, now=now)
    money = budgets.budget(actor=actor, plan_id=plan_id, tables=tables, house=house, now=now)
    stand = standing.standings(
        plan_id=plan_id,
        goals=goals.goals(actor=actor, plan_id=plan_id),
        tables=tables,
        house=house,
        now=now,
    )
    today = now.astimezone(house.zone).date()
    open_tasks = worklist.of_subject(actor=actor, subject=plan.subject, most=MOST_TASKS)
    return {
        "house_version": tables.version,
        "currency": house.currency,
        "goals": [
            {
                "id": one.goal.id,
                "name": one.goal.name,
                "metric": one.goal.metric,
                "actual": _text(one.actual),
                "target": _text(one.target),
                "expected": _text(one.expected),
                "forecast": _text(one.forecast),
                "probability": one.probability,
                "pace": one.pace,
            }
            for one in stand
        ],
        "measures": [
            {
                "id": one.id,
                "name": one.name,
                "state": one.state,
                "done": one.done,
                "late": one.late(today),
                "known": added[one.id].known,
                "effect": added[one.id].value,
                "low": added[one.id].low,
                "high": added[one.id].high,
                "unit": added[one.id].unit,
            }
            for one in found
        ],
        "budget": {
            "planned": _text(money.sum.planned),
            "committed": _text(money.sum.committed),
            "spent": _text(money.sum.spent),
            "remaining": _text(money.sum.remaining),
            "overspent": {one.channel: _text(-one.sum.remaining) for one in money.overspent},
        },
        "tasks": [[one.id, one.title, one.due.isoformat() if one.due else ""] for one in open_tasks.rows],
    }


def agenda(now: Mapping[str, Any], before: Mapping[str, Any] | None, *, today: date) -> list[list[str]]:
    """What a review talks about, in both languages: what moved between the `numbers` ``before`` and ``now``.

    Without numbers of a review before, everything that is not in order is on it.
    """
    old = before or {}
    found: list[Text] = []
    paces = {one["id"]: one["pace"] for one in old.get("goals", ())}
    for one in now["goals"]:
        was, is_ = paces.get(one["id"]), one["pace"]
        name, word = one["name"], PACES[is_]
        if was is not None and was != is_:
            found.append(
                Text(
                    f"Goal “{name}” went from {PACES[was].en} to {word.en}.",
                    f"目标“{name}”由“{PACES[was].zh}”变为“{word.zh}”。",
                )
            )
        elif is_ in ("behind", "far_behind", "missed"):
            found.append(Text(f"Goal “{name}” is {word.en}.", f"目标“{name}”：{word.zh}。"))
    known = {one["id"] for one in old.get("measures", ()) if one["known"]}
    for one in now["measures"]:
        if one["late"]:
            found.append(Text(f"Measure “{one['name']}” is late.", f"措施“{one['name']}”已延误。"))
        if one["known"] and one["id"] not in known:
            found.append(_added(one))
    for channel, amount in sorted(now["budget"]["overspent"].items()):
        over, currency = Decimal(amount), now["currency"]
        found.append(
            Text(
                f"“{channel}” is over its budget by {figures.money(over, currency, 'en')}.",
                f"“{channel}”超出预算 {figures.money(over, currency, 'zh')}。",
            )
        )
    late = [title for _, title, due in now["tasks"] if due and due < today.isoformat()]
    if now["tasks"]:
        found.append(
            Text(
                f"{len(now['tasks'])} tasks are open, {len(late)} of them overdue.",
                f"{len(now['tasks'])} 项任务未完成，其中 {len(late)} 项逾期。",
            )
        )
    return [[one.en, one.zh] for one in found or [NOTHING]]


UNITS: Mapping[str, Text] = {
    "conversion": Text("customers who bought", "位下单客户"),
    "orders": Text("orders", "笔订单"),
    "revenue": Text("of revenue", "收入"),
    "margin": Text("of margin", "毛利"),
}


def _added(one: Mapping[str, Any]) -> Text:
    value, low, high = (f"{one[name]:,.1f}" for name in ("effect", "low", "high"))
    unit = UNITS.get(one["unit"])
    en, zh = (f" {unit.en}", f" {unit.zh}") if unit else ("", "")
    return Text(
        f"The effect of “{one['name']}” is known: {value}{en} ({low} to {high}).",
        f"措施“{one['name']}”的效果已知：{value}{zh}（{low} 至 {high}）。",
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def last_frozen(rows: Sequence[Any]) -> Mapping[str, Any] | None:
    """The numbers of the newest of reviews that was held."""
    held = [row for row in rows if row.frozen_at is not None]
    newest: Mapping[str, Any] | None = max(held, key=lambda row: row.frozen_at).frozen if held else None
    return newest
