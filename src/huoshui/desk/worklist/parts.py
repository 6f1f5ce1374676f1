"""What other pages show of tasks: today's on the overview, a customer's on their page, hits of the search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.desk.worklist import queries
from huoshui.desk.worklist.lines import lines, today
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import Hit, Panel, SearchProvider
from huoshui.kernel.texts import Language, Text

FEW = 5


def _today(actor: Actor, subject: str, language: Language) -> Mapping[str, Any]:
    day = today()
    found = queries.day(actor=actor, today=day)
    shown = [*found.overdue, *found.today][:FEW]
    return {
        "lines": lines(actor, shown, day, language),
        "due": found.due,
        "soon": found.totals.get("soon", 0),
        "waiting": found.totals.get("waiting", 0),
        "may_work": actor.may(Right.TASKS_WORK),
    }


def _of_subject(actor: Actor, subject: str, language: Language) -> Mapping[str, Any]:
    day = today()
    found = queries.of_subject(actor=actor, subject=subject, most=FEW)
    return {
        "lines": lines(actor, found.rows, day, language),
        "more": max(0, found.total - len(found.rows)),
        "may_work": actor.may(Right.TASKS_WORK),
        "about": subject,
    }


def _hits(actor: Actor, words: str, language: Language, limit: int) -> list[Hit]:
    conditions = queries.Conditions(view="all", state="", words=words)
    found = queries.find(actor=actor, conditions=conditions, sort="-made_at", size=limit)
    if not found.rows:
        return []
    day = today()
    return [
        Hit(
            title=line.task.title,
            note=" · ".join(part for part in (line.who, line.due if line.task.open else line.state) if part),
            url="worklist:task",
            arguments={"task_id": line.task.id},
            icon="checkbox",
        )
        for line in lines(actor, found.rows, day, language)
    ]


TODAY = Panel(
    slug="work_today",
    label=Text("My work today", "今日待办"),
    page="overview",
    width="narrow",
    place=10,
    template="worklist/today_panel.html",
    context=_today,
    right=Right.TASKS_WORK,
)
OF_CUSTOMER = Panel(
    slug="tasks",
    label=Text("Tasks", "任务"),
    page="customer",
    width="narrow",
    place=10,
    template="worklist/subject_panel.html",
    context=_of_subject,
)
SEARCH_TASKS = SearchProvider(slug="tasks", label=Text("Tasks", "任务"), place=40, find=_hits)
