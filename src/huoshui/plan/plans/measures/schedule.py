"""The timeline of measures, as plain values that page and export draw alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from huoshui.kernel.papers import Bar, Schedule
from huoshui.kernel.texts import Language, Text
from huoshui.plan.plans.measures.dependencies import conflicts
from huoshui.plan.plans.measures.queries import MeasureSeen, spans

TITLE = Text("Timeline of the measures", "措施时间安排")


def schedule(
    found: Sequence[MeasureSeen], *, first: date, last: date, today: date, language: Language, title: str = ""
) -> Schedule | None:
    """A Gantt chart of at least the days ``first`` to ``last``; None where nothing is planned.

    One that is late or begins too early is toned. ``after`` of a bar are places in this chart.
    """
    live = [one for one in found if one.state != "dropped"]
    if not live:
        return None
    place = {one.id: at for at, one in enumerate(live)}
    early = conflicts(spans(live))
    bars = tuple(
        Bar(
            name=one.name,
            who=one.owner or (one.team.in_(language) if one.team else ""),
            start=one.first_day,
            end=one.last_day,
            done=1.0 if one.state == "done" else one.done / 100,
            after=tuple(place[id_] for id_ in one.after if id_ in place),
            tone="bad" if one.id in early else "warning" if one.late(today) else "",
        )
        for one in live
    )
    alternative = Text(
        f"{len(bars)} measures; {len(early)} begin before what they wait for has ended.",
        f"共 {len(bars)} 项措施，其中 {len(early)} 项早于前置措施结束就开始。",
    )
    return Schedule(
        title=title or TITLE.in_(language),
        first=min([first, *(bar.start for bar in bars)]),
        last=max([last, *(bar.end for bar in bars)]),
        bars=bars,
        today=today,
        alternative=alternative.in_(language),
    )
