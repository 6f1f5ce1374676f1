"""Tasks as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from huoshui.desk.worklist.queries import PRIORITIES, STATES, Task
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.kernel.texts import Language, Text
from huoshui.web import figures, subjects
from huoshui.web.lists import Tone
from huoshui.web.subjects import Named

HIDDEN = Text("something you may not see", "你无权查看的对象")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A task in a list. ``subject`` is empty where there is none or the reader may not see it (``hidden``)."""

    task: Task
    due: str
    tone: Tone
    who: str
    priority: str
    state: str
    subject: Named | None
    hidden: str
    may_work: bool


def today() -> date:
    """The day in the house."""
    return clock.now().astimezone(HOUSE_ZONE()).date()


def lines(actor: Actor, tasks: Sequence[Task], day: date, language: Language) -> list[Line]:
    """The tasks for a page of ``day``; what they are about is asked once for all."""
    names = subjects.named(actor, {task.subject for task in tasks if task.subject})
    return [
        Line(
            task=task,
            due=due_words(task.due, day, language) if task.due else "",
            tone=_tone(task, day),
            who=task.owner or (task.team.in_(language) if task.team else ""),
            priority=PRIORITIES[task.priority].in_(language) if task.priority != 1 else "",
            state=STATES[task.state].in_(language),
            subject=names.get(task.subject),
            hidden=HIDDEN.in_(language) if task.subject and task.subject not in names else "",
            may_work=actor.may(Right.TASKS_WORK),
        )
        for task in tasks
    ]


def due_words(due: date, day: date, language: Language) -> str:
    """A day as people say it from ``day``: today, tomorrow, 3 days late, else the date."""
    zh = language == "zh"
    days = (due - day).days
    if days == 0:
        return "今天" if zh else "today"
    if days == 1:
        return "明天" if zh else "tomorrow"
    if days == -1:
        return "昨天到期" if zh else "due yesterday"
    if -30 <= days < 0:
        return f"逾期 {-days} 天" if zh else f"{-days} days late"
    return figures.day(due, language)


def next_days(day: date) -> tuple[date, date]:
    """To which days one puts off with one click: the next day, and the Monday of the next week."""
    return day + timedelta(days=1), day + timedelta(days=7 - day.weekday())


def _tone(task: Task, day: date) -> Tone:
    if not task.open or task.due is None or task.due > day:
        return ""
    return "bad" if task.due < day else "warn"
