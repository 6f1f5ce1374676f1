"""The budget of a plan as a file, in the shape in which `files` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.sheets import Export, Field, Sheet, one
from huoshui.kernel.texts import Language, Text
from huoshui.lake import open_lake
from huoshui.plan.plans.budget import queries
from huoshui.plan.plans.measures import queries as measures

FIELDS = (
    Field(key="channel", label=Text("Channel", "渠道")),
    Field(key="month", label=Text("Month", "月份")),
    Field(key="measure", label=Text("Measure", "措施")),
    Field(key="planned", label=Text("Planned", "计划"), kind="amount"),
    Field(key="committed", label=Text("Committed", "已承诺"), kind="amount"),
    Field(key="spent", label=Text("Spent", "已花"), kind="amount"),
)


def sheet(actor: Actor, said: Mapping[str, Sequence[str]], _language: Language) -> Sheet:
    """The budget of the plan ``plan``: a row for each cell, what was spent beside what is planned in general.

    Raises `NoSuchPlan`, `NotAllowed`.
    """
    text = one(said, "plan")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
    names = {it.id: it.name for it in measures.measures(actor=actor, plan_id=number)}
    found = queries.budget(
        actor=actor, plan_id=number, tables=open_lake().snapshot(), house=HOUSE(), now=clock.now()
    )
    general = {(line.channel, line.month): line for line in found.entered if line.measure_id is None}
    rows: list[tuple[object, ...]] = []
    for channel in found.channels:
        for month, amounts in channel.months.items():
            line = general.get((channel.channel, month))
            if line or amounts.spent:
                planned, committed = (line.planned, line.committed) if line else (0, 0)
                rows.append((channel.channel, f"{month:%Y-%m}", "", planned, committed, amounts.spent))
    rows += [
        (
            line.channel,
            f"{line.month:%Y-%m}",
            names.get(line.measure_id, ""),
            line.planned,
            line.committed,
            None,
        )
        for line in found.entered
        if line.measure_id is not None
    ]
    return Sheet(fields=FIELDS, total=len(rows), pages=[rows])


EXPORT = Export(
    slug="plan-budget", label=Text("Budget of a plan", "计划预算"), sheet=sheet, right=Right.CUSTOMERS_VIEW
)
