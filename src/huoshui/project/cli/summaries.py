"""The summary of an import, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from huoshui.data.connectors.words import RULES
from huoshui.kernel.texts import Language, Text
from huoshui.project.cli import output

if TYPE_CHECKING:
    from huoshui.data.connectors.reports import ImportReport

ROWS, LOADED, REJECTED = Text("rows", "行数"), Text("loaded", "已导入"), Text("rejected", "已拒绝")


def print_report(report: ImportReport, language: Language, *, house_currency: str) -> None:
    """The summary of an import for people."""
    zh = language == "zh"
    click.echo(_title(report, language))
    if report.already is not None:
        return
    counts = ((ROWS, report.rows), (LOADED, report.loaded), (REJECTED, report.rejected))
    print_counts([(text.in_(language), count) for text, count in counts])
    if report.facts:
        output.heading("由此得到" if zh else "Made of them")
        print_counts(list(report.facts.items()))
        new, known = ("新客户", "已知客户") if zh else ("new customers", "known customers")
        if report.customers_new or report.customers_known:
            print_counts([(new, report.customers_new), (known, report.customers_known)])
    if report.rules:
        output.heading("特殊情况及其规则" if zh else "Oddities and their rules")
        print_counts([(RULES[r].in_(language) if r in RULES else r, n) for r, n in report.rules.items()])
    if report.rejections:
        output.heading("拒绝原因" if zh else "Why rows were rejected")
        print_counts(
            [(output.cell(rejection.in_(language)), rejection.rows) for rejection in report.rejections]
        )
        for reject in report.first_rejects:
            where = f"{'第 ' if zh else 'line '}{reject['line']}{' 行' if zh else ''}"
            click.echo(f"  {where}: {output.cell(reject['column'])} {output.cell(reject['reason'])}".rstrip())
    output.heading("列的含义" if zh else "Columns were read as")
    cents = "（分）" if zh else " (hundredths)"
    output.print_table(
        (),
        [
            (output.cell(f), "←", output.cell(c) + (cents if f in report.cents else ""))
            for f, c in report.mapping.items()
        ],
        indent=2,
    )
    if report.unused_columns:
        unused = ", ".join(output.cell(c) for c in report.unused_columns)
        click.echo(f"  {'未使用' if zh else 'not used'}: {unused}")
    output.heading("文件被理解为" if zh else "The file was understood as")
    _print_understanding(report, language, house_currency)
    if report.saved_as:
        click.echo(f"已保存为 {report.saved_as}" if zh else f"Saved as {report.saved_as}")
    if report.load_id is not None:
        undo = f"huoshui import --undo {report.load_id}"
        click.echo(f"撤回此次导入：{undo}" if zh else f"To take this load back: {undo}")


def _title(report: ImportReport, language: Language) -> str:
    name = f"{output.cell(report.file)} → {report.kind}"
    if report.already is not None:
        if language == "zh":
            return f"{name}：此文件已在第 {report.already} 次导入中载入，没有任何改变"
        return f"{name}: this file was loaded before as load {report.already}; nothing changed"
    seconds = f"{report.seconds:.1f} s"
    if report.dry_run:
        return (
            f"{name}：试运行，未载入任何数据（{seconds}）"
            if language == "zh"
            else f"{name}: dry run, nothing was loaded ({seconds})"
        )
    return (
        f"{name}：第 {report.load_id} 次导入（{seconds}）"
        if language == "zh"
        else f"{name}: load {report.load_id} ({seconds})"
    )


def _print_understanding(report: ImportReport, language: Language, house_currency: str) -> None:
    """Profile, source, currency, time zone and encoding, each with where it comes from and how to say it otherwise."""
    from huoshui.data.connectors.tools import TOOLS
    from huoshui.data.connectors.understanding import WHY

    zh = language == "zh"
    into = "" if report.currency == house_currency else f" → {house_currency}"
    tool = TOOLS.get(report.profile)
    profile = f"{report.profile}（{tool.label.zh}）" if tool and zh else report.profile
    profile = f"{report.profile} ({tool.label.en})" if tool and not zh else profile
    parts = [
        (Text("profile", "档案"), profile or ("无" if zh else "none"), "profile"),
        (Text("source", "来源"), report.source, "source"),
        (Text("currency", "币种"), report.currency + into, "currency"),
        (Text("time zone", "时区"), report.time_zone, "time_zone"),
        (Text("encoding", "编码"), report.encoding, "encoding"),
        (Text("sheet", "工作表"), report.sheet, "sheet"),
    ]
    rows = [
        (
            label.in_(language),
            output.cell(value),
            WHY[why].in_(language) if (why := report.why.get(name)) else "",
        )
        for label, value, name in parts
        if value
    ]
    output.print_table((), rows, indent=2)
    if tool and not tool.documented:
        click.echo(
            "  该格式没有可靠的公开说明，映射为推测，请核对"
            if zh
            else "  This format has no dependable specification: the mapping is a guess, check it"
        )
    if report.fits:
        other = TOOLS[report.fits]
        click.echo(
            f"  列名符合 {other.label.zh}：请用 --as {other.kind}"
            if zh
            else f"  The columns fit {other.label.en}, which are imported --as {other.kind}"
        )


def print_counts(pairs: list[tuple[str, int]]) -> None:
    """Names with numbers, aligned."""
    output.print_table((), [(name, output.number(count)) for name, count in pairs], right=(1,), indent=2)
