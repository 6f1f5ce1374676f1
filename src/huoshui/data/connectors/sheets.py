"""The list of loads as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from huoshui.data.connectors import asking, pages, queries
from huoshui.data.connectors.models import Load
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.sheets import Export, Field, Sheet, one
from huoshui.kernel.texts import Language, Text

PAGE = 500

FIELDS = (
    Field(key="load_id", label=Text("Load", "导入编号"), kind="integer"),
    Field(key="file", label=Text("File", "文件")),
    Field(key="kind", label=Text("Kind", "类型")),
    Field(key="source", label=Text("Source", "来源")),
    Field(key="state", label=Text("State", "状态")),
    Field(key="actor", label=Text("By", "操作人")),
    Field(key="started_at", label=Text("Started", "开始时间"), kind="moment"),
    Field(key="undone_at", label=Text("Taken back", "撤销时间"), kind="moment"),
    Field(key="rows", label=Text("Rows", "行数"), kind="integer"),
    Field(key="loaded", label=Text("Loaded", "已载入"), kind="integer"),
    Field(key="rejected", label=Text("Set aside", "被拒绝"), kind="integer"),
)


def sheet(actor: Actor, said: Mapping[str, Sequence[str]], language: Language) -> Sheet:
    """The loads of the list, newest first."""
    asked = asking.read({name: one(said, name) for name in said})
    first, total = queries.find(actor=actor, asked=asked, size=PAGE, page=1)

    def of_page() -> Iterator[Sequence[Sequence[object]]]:
        yield [_row(load, language) for load in first]
        for page in range(2, -(-total // PAGE) + 1):
            found, _total = queries.find(actor=actor, asked=asked, size=PAGE, page=page)
            yield [_row(load, language) for load in found]

    return Sheet(fields=FIELDS, total=total, pages=of_page())


def _row(load: Load, language: Language) -> tuple[object, ...]:
    report = load.report
    return (
        load.load_id,
        load.file_name,
        pages.kind_in(load.kind, language),
        load.source,
        pages.STATES[load.state][0].in_(language),
        load.actor,
        load.started_at,
        load.undone_at,
        report.get("rows", 0),
        report.get("loaded", 0),
        report.get("rejected", 0),
    )


EXPORT = Export(slug="imports", label=Text("Imports", "数据导入"), sheet=sheet, right=Right.IMPORTS_RUN)
