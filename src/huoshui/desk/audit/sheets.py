"""The audit log as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from huoshui.desk.audit import asking, queries, words
from huoshui.desk.audit.queries import Act
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.kernel.sheets import Export, Field, Sheet, one
from huoshui.kernel.texts import Language, Text

PAGE = 2_000

FIELDS = (
    Field(key="number", label=Text("Number", "序号"), kind="integer"),
    Field(key="at", label=Text("When", "时间"), kind="moment"),
    Field(key="actor", label=Text("Who", "人员")),
    Field(key="act", label=Text("What", "操作")),
    Field(key="code", label=Text("Code", "代码")),
    Field(key="subject", label=Text("Subject", "对象")),
    Field(key="detail", label=Text("Detail", "详情")),
)


def sheet(actor: Actor, said: Mapping[str, Sequence[str]], language: Language) -> Sheet:
    """The entries asked for, newest first; those that are appended while they are written are left out."""
    asked = asking.read({name: one(said, name) for name in asking.NAMES}, HOUSE_ZONE())
    before = queries.newest() + 1

    def pages() -> Iterator[Sequence[Sequence[object]]]:
        older: int | None = before
        while older is not None:
            found = queries.find(actor=actor, asked=asked, before=older, size=PAGE)
            yield [_row(act, language) for act in found.acts]
            older = found.older

    return Sheet(fields=FIELDS, total=queries.count(actor=actor, asked=asked), pages=pages())


def _row(act: Act, language: Language) -> tuple[object, ...]:
    return (
        act.number,
        act.at,
        act.actor,
        words.said(act.act, language),
        act.act,
        act.subject,
        words.told(act.detail, language),
    )


EXPORT = Export(slug="audit", label=Text("Audit log", "审计日志"), sheet=sheet, right=Right.AUDIT_VIEW)
