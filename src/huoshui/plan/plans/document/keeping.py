"""Blocks of what keeps a plan honest: its budget by channel, and its reviews with what was decided."""

from __future__ import annotations

from decimal import Decimal

from huoshui.kernel.papers import Element, Grid, Heading, Notice, Paragraph, Points, Tone
from huoshui.kernel.texts import Text
from huoshui.plan.plans.budget import queries as budgets
from huoshui.plan.plans.budget.sums import Amounts
from huoshui.plan.plans.document.content import Block
from huoshui.plan.plans.document.reader import Reader
from huoshui.plan.plans.document.words import plain
from huoshui.plan.plans.reviews import queries as held
from huoshui.plan.plans.reviews.queries import KINDS, STATES
from huoshui.web import figures

NO_BUDGET = Text("No budget is planned yet.", "还没有编制预算。")
NO_REVIEWS = Text("No reviews are scheduled yet.", "还没有安排复盘。")
MOST_DECISIONS = 8
WEEKDAYS = (
    Text("Monday", "周一"),
    Text("Tuesday", "周二"),
    Text("Wednesday", "周三"),
    Text("Thursday", "周四"),
    Text("Friday", "周五"),
    Text("Saturday", "周六"),
    Text("Sunday", "周日"),
)


def budget(block: Block, reader: Reader) -> tuple[Element, ...]:
    """The budget by channel: planned, committed, spent, remaining, and what came back."""
    found = budgets.budget(
        actor=reader.actor,
        plan_id=reader.plan.id,
        tables=reader.tables,
        house=reader.house,
        now=reader.now,
    )
    if not found.entered:
        return (Notice(text=reader.say(NO_BUDGET), tone="muted"),)
    heads = (
        Text("Channel", "渠道"),
        Text("Planned", "计划"),
        Text("Committed", "已承诺"),
        Text("Spent", "已花"),
        Text("Remaining", "剩余"),
        Text("Revenue per spend", "产出比"),
    )
    rows = [_row(one.channel or "–", one.sum, one.returned, reader) for one in found.channels]
    rows.append(_row(reader.say(Text("Total", "合计")), found.sum, found.returned, reader))
    bad: Tone = "bad"
    note = ""
    if found.spent_until is not None:
        note = reader.say(Text(f"Spent up to {found.spent_until}", f"花费截至 {found.spent_until}"))
    grid = Grid(
        title=block["title"] or reader.say(Text("Budget by channel", "各渠道预算")),
        head=tuple(reader.say(head) for head in heads),
        rows=tuple(rows),
        numeric=(1, 2, 3, 4, 5),
        total=True,
        note=note,
        tones=tuple((at, 4, bad) for at, one in enumerate(found.channels) if one.sum.overspent),
    )
    return (grid, *([Notice(text=reader.say(found.problem))] if found.problem else []))


def reviews(block: Block, reader: Reader) -> tuple[Element, ...]:
    """When the plan is reviewed, and what was decided last."""
    rhythm = held.rhythm(actor=reader.actor, plan_id=reader.plan.id)
    found = held.reviews(actor=reader.actor, plan_id=reader.plan.id)
    if rhythm.weekday is None and rhythm.month_day is None and not found:
        return (Notice(text=reader.say(NO_REVIEWS), tone="muted"),)
    said: list[Element] = [Heading(text=block["title"], level=3)] if block["title"] else []
    when = []
    if rhythm.weekday is not None:
        day = WEEKDAYS[rhythm.weekday]
        when.append(Text(f"Weekly progress on {day.en}", f"每{day.zh}开周进展会"))
    if rhythm.month_day is not None:
        n = rhythm.month_day
        when.append(Text(f"Monthly retrospective on day {n} of each month", f"每月 {n} 日做月度复盘"))
    if when:
        said.append(Points(items=tuple(plain(reader.say(one)) for one in when)))
    near = [one for one in found if one.open][:1] + [one for one in found if one.state == "held"][-5:]
    if near:
        heads = (
            Text("Day", "日期"),
            Text("Review", "复盘"),
            Text("State", "状态"),
            Text("Decisions", "决定"),
        )
        said.append(
            Grid(
                title="",
                head=tuple(reader.say(head) for head in heads),
                rows=tuple(
                    (
                        f"{one.due_on}",
                        reader.say(KINDS[one.kind]),
                        reader.say(STATES[one.state]),
                        str(len(one.decisions)) if one.state == "held" else "–",
                    )
                    for one in sorted(near, key=lambda one: one.due_on)
                ),
                numeric=(3,),
            )
        )
    decided = [
        f"{one.due_on} · {decision.get('text', '')}"
        for one in reversed(found)
        for decision in one.decisions
        if decision.get("text")
    ][:MOST_DECISIONS]
    if decided:
        said.append(Paragraph(words=plain(reader.say(Text("Decided last:", "最近的决定：")))))
        said.append(Points(items=tuple(plain(line) for line in decided)))
    return tuple(said)


def _row(name: str, amounts: Amounts, returned: Decimal | None, reader: Reader) -> tuple[str, ...]:
    def money(value: Decimal | None) -> str:
        return figures.money(value, reader.house.currency, reader.language)

    return (
        name,
        money(amounts.planned),
        money(amounts.committed),
        money(amounts.spent),
        money(amounts.remaining),
        "–" if returned is None else f"{returned:.1f} ×",
    )
