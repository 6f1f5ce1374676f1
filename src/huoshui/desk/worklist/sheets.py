"""Tasks as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from huoshui.desk.worklist import asking, queries
from huoshui.desk.worklist.queries import PRIORITIES, STATES, Task
from huoshui.kernel.actors import Actor
from huoshui.kernel.sheets import Export, Field, Sheet, one
from huoshui.kernel.texts import Language, Text
from huoshui.web import subjects
from huoshui.web.subjects import Named

PAGE = 1_000

FIELDS = (
    Field(key="id", label=Text("Number", "编号"), kind="integer"),
    Field(key="title", label=Text("Task", "任务")),
    Field(key="state", label=Text("State", "状态")),
    Field(key="due", label=Text("Until", "截止"), kind="day"),
    Field(key="owner", label=Text("For", "负责人")),
    Field(key="team", label=Text("Team", "团队")),
    Field(key="priority", label=Text("Priority", "优先级")),
    Field(key="subject", label=Text("Concerns", "涉及")),
    Field(key="note", label=Text("Note", "备注")),
    Field(key="made_by", label=Text("Added by", "创建人")),
    Field(key="made_at", label=Text("Added", "创建时间"), kind="moment"),
    Field(key="closed_at", label=Text("Closed", "结束时间"), kind="moment"),
)


def sheet(actor: Actor, said: Mapping[str, Sequence[str]], language: Language) -> Sheet:
    """The tasks of the list, in its order."""
    conditions = asking.read({name: one(said, name) for name in said})
    sort = one(said, "sort", queries.USUAL_SORT)
    first = queries.find(actor=actor, conditions=conditions, sort=sort, page=1, size=PAGE)

    def pages() -> Iterator[Sequence[Sequence[object]]]:
        page, found = 1, first
        while found.rows:
            names = subjects.named(actor, {task.subject for task in found.rows if task.subject})
            yield [_row(task, names, language) for task in found.rows]
            if page * PAGE >= first.total:
                return
            page += 1
            found = queries.find(actor=actor, conditions=conditions, sort=sort, page=page, size=PAGE)

    return Sheet(fields=FIELDS, total=first.total, pages=pages())


def _row(task: Task, names: Mapping[str, Named], language: Language) -> tuple[object, ...]:
    about = names.get(task.subject)
    return (
        task.id,
        task.title,
        STATES[task.state].in_(language),
        task.due,
        task.owner,
        task.team.in_(language) if task.team else "",
        PRIORITIES[task.priority].in_(language),
        about.title if about else "",
        task.note,
        task.made_by,
        task.made_at,
        task.closed_at,
    )


EXPORT = Export(slug="tasks", label=Text("Tasks", "任务"), sheet=sheet)
