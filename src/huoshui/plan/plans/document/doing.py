"""Blocks of measures: who does what, when, at what cost, to which measured effect; and when, as a timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huoshui.kernel.papers import Element, Grid, Heading, Notice, Tone
from huoshui.kernel.texts import Text
from huoshui.plan.plans.document.content import Block
from huoshui.plan.plans.document.kinds import GROUPS
from huoshui.plan.plans.document.reader import Reader
from huoshui.plan.plans.measures import queries as measure_queries
from huoshui.plan.plans.measures import schedule as scheduling
from huoshui.plan.plans.measures.effects import Effect
from huoshui.plan.plans.measures.effects import effects as measured_effects
from huoshui.plan.plans.measures.queries import STATES, MeasureSeen
from huoshui.web import figures

NO_MEASURES = Text("No measures are planned yet.", "还没有安排措施。")
NO_MEASURES_OF = Text("No measures of this kind are planned yet.", "还没有安排这一类措施。")
UNITS: Mapping[str, Text] = {
    "conversion": Text(" customers", " 位客户"),
    "orders": Text(" orders", " 单"),
}


def measures(block: Block, reader: Reader) -> tuple[Element, ...]:
    """The measures of a group with owner, days, cost, and the effect that was measured; dropped ones stay away."""
    group = block["group"]
    found = [
        one for one in all_measures(reader) if one.state != "dropped" and (not group or one.kind == group)
    ]
    if not found:
        words = NO_MEASURES_OF if group in GROUPS and group else NO_MEASURES
        return (
            *([Heading(text=block["title"], level=3)] if block["title"] else []),
            Notice(text=reader.say(words), tone="muted"),
        )
    known = _effects(reader)
    heads = (
        Text("Measure", "措施"),
        Text("Owner", "负责人"),
        Text("Days", "时间"),
        Text("State", "状态"),
        Text("Cost", "费用"),
        Text("Measured effect", "实测效果"),
    )
    rows = tuple(
        (
            one.name,
            " · ".join(part for part in (one.owner, reader.say(one.team) if one.team else "") if part) or "–",
            f"{one.first_day} – {one.last_day}",
            reader.say(STATES[one.state]),
            figures.money(one.cost, reader.house.currency, reader.language) if one.cost else "–",
            _effect(known[one.id], reader),
        )
        for one in found
    )
    bad: Tone = "bad"
    late = tuple((at, 3, bad) for at, one in enumerate(found) if one.late(reader.today))
    grid = Grid(
        title=block["title"] or reader.say(Text("Measures", "措施")),
        head=tuple(reader.say(head) for head in heads),
        rows=rows,
        numeric=(4,),
        tones=late,
    )
    return (grid,)


def schedule(block: Block, reader: Reader) -> tuple[Element, ...]:
    """The measures as a Gantt chart."""
    made = scheduling.schedule(
        [one for one in all_measures(reader) if one.state != "dropped"],
        first=reader.plan.first_day,
        last=reader.plan.last_day,
        today=reader.today,
        language=reader.language,
        title=block["title"],
    )
    return (made,) if made else (Notice(text=reader.say(NO_MEASURES), tone="muted"),)


def _effect(one: Effect, reader: Reader) -> str:
    if one.value is None or one.low is None or one.high is None:
        return reader.say(one.why) if one.why else reader.say(figures.UNKNOWN)
    value, low, high = (_in_unit(number, one.unit, reader) for number in (one.value, one.low, one.high))
    return reader.say(Text(f"{value} ({low} to {high})", f"{value}（{low} 至 {high}）"))


def _in_unit(number: float, unit: str, reader: Reader) -> str:
    if unit in ("revenue", "margin"):
        return figures.money(number, reader.house.currency, reader.language)
    said = figures.count(round(number), reader.language)
    return said + reader.say(UNITS[unit]) if unit in UNITS else said


def _effects(reader: Reader) -> Mapping[int, Effect]:
    if "effects" not in reader.shared:
        reader.shared["effects"] = measured_effects(
            all_measures(reader),
            actor=reader.actor,
            tables=reader.tables,
            zone=reader.house.zone,
            now=reader.now,
        )
    found: Mapping[int, Effect] = reader.shared["effects"]
    return found


def all_measures(reader: Reader) -> Sequence[MeasureSeen]:
    """The measures of the plan, dropped ones too, asked for once."""
    if "measures" not in reader.shared:
        reader.shared["measures"] = measure_queries.measures(actor=reader.actor, plan_id=reader.plan.id)
    found: Sequence[MeasureSeen] = reader.shared["measures"]
    return found
