"""The list of jobs as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from huoshui.desk.jobs import queries
from huoshui.desk.jobs.queries import Work
from huoshui.desk.jobs.words import STATES
from huoshui.kernel.actors import Actor
from huoshui.kernel.sheets import Export, Field, Sheet
from huoshui.kernel.texts import Language, Text

PAGE = 1_000

FIELDS = (
    Field(key="id", label=Text("Number", "编号"), kind="integer"),
    Field(key="label", label=Text("Job", "任务")),
    Field(key="state", label=Text("State", "状态")),
    Field(key="actor", label=Text("By", "发起人")),
    Field(key="created_at", label=Text("Started", "发起时间"), kind="moment"),
    Field(key="finished_at", label=Text("Ended", "结束时间"), kind="moment"),
    Field(key="attempts", label=Text("Attempts", "尝试次数"), kind="integer"),
    Field(key="note", label=Text("Result", "结果")),
)


def sheet(actor: Actor, _said: Mapping[str, Sequence[str]], language: Language) -> Sheet:
    """The actor's jobs, newest first; all that are not hidden for who manages the house."""
    total = queries.count(actor=actor)

    def pages() -> Iterator[Sequence[Sequence[object]]]:
        for start in range(0, total, PAGE):
            yield [
                _row(work, language)
                for work in queries.jobs(actor=actor, limit=min(PAGE, total - start), offset=start)
            ]

    return Sheet(fields=FIELDS, total=total, pages=pages())


def _row(work: Work, language: Language) -> tuple[object, ...]:
    return (
        work.id,
        work.label.in_(language),
        STATES[work.state][0].in_(language),
        work.actor,
        work.created_at,
        work.finished_at,
        work.attempts,
        work.note.in_(language) if work.note else "",
    )


EXPORT = Export(slug="jobs", label=Text("Background jobs", "后台任务"), sheet=sheet)
