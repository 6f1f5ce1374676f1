"""``huoshui import`` and ``huoshui imports``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language, Text
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from huoshui.data.connectors.reports import ImportReport
    from huoshui.data.connectors.services import UndoReport

KINDS = (
    "customers",
    "products",
    "orders",
    "order_lines",
    "transactions",
    "events",
    "spend",
    "answers",
    "fx_rates",
    "consents",
)

RULES = {
    "cancellation": Text("lines of cancellations: they reduce revenue", "取消单的行：冲减收入"),
    "return": Text("returns and refunds: they reduce revenue", "退货与退款：冲减收入"),
    "correction": Text("lines of corrections: they change revenue", "更正的行：调整收入"),
    "zero_price": Text("lines without a price: gifts and samples", "零价的行：赠品与样品"),
    "anonymous": Text(
        "lines of nobody: in revenue, in no customer's figures", "匿名的行：计入收入，不计入任何客户"
    ),
    "service_line": Text("lines of postage, fees and vouchers", "邮费、手续费与礼券的行"),
    "product_from_name": Text(
        "lines without a product number: the name stands in", "没有商品编号的行：以名称代替"
    ),
    "order_from_time": Text(
        "orders made of one customer's lines of one time", "由同一客户同一时间的行合成的订单"
    ),
    "several_times": Text("orders with several times: the earliest counts", "含多个时间的订单：取最早者"),
    "contact_unreadable": Text(
        "phones or e-mails that cannot be read, left out", "无法识别的电话或邮箱，已略去"
    ),
    "contact_shared": Text("phones or e-mails of several customers", "多位客户共用的电话或邮箱"),
    "owner_unknown": Text("owners who are no colleagues here", "不是本组织同事的负责人"),
    "same_key_twice": Text("further rows of the same customer or product", "同一客户或商品的重复行"),
    "same_key_added_up": Text(
        "rows of one day, channel and campaign, added up", "同一天、渠道与活动的行，已相加"
    ),
}

ROWS, LOADED, REJECTED = Text("rows", "行数"), Text("loaded", "已导入"), Text("rejected", "已拒绝")


class NoProfiles(HuoshuiError):
    """``--profile`` was asked for."""

    code = "no_profiles"


@click.command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--as",
    "kind",
    type=click.Choice(KINDS),
    metavar="KIND",
    help="What the rows are: " + ", ".join(KINDS) + ".",
)
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column means which field, where the guess is wrong. FIELD= leaves the field out. May be repeated.",
)
@click.option(
    "--source",
    metavar="NAME",
    help="The system the file comes from; its order and customer numbers are its own.",
)
@click.option("--currency", metavar="C", help="Currency of the amounts (default: that of the house).")
@click.option("--time-zone", metavar="Z", help="Time zone of times without one (default: that of the house).")
@click.option(
    "--date-order", type=click.Choice(["dmy", "mdy"]), help="Whether 01/02/2024 is in February or in January."
)
@click.option("--profile", metavar="NAME", help="A saved set of these options (this version has none).")
@click.option("--dry-run", is_flag=True, help="Read and check everything, load nothing.")
@click.option("--strict", is_flag=True, help="One bad row refuses the whole file.")
@click.option(
    "--undo", type=int, metavar="ID", help="Take the load with this number back (see: huoshui imports)."
)
@shows_result
def import_(
    choices: Choices,
    file: Path | None,
    kind: str | None,
    mapping: tuple[str, ...],
    source: str | None,
    currency: str | None,
    time_zone: str | None,
    date_order: str | None,
    profile: str | None,
    dry_run: bool,
    strict: bool,
    undo: int | None,
) -> None:
    """Load a file: CSV in UTF-8 or GB18030, text in columns, or Parquet.

    Columns are matched by their names, Chinese or English; the summary shows how. Rows that cannot be used are set
    aside with line, column and reason in a file that can be corrected and loaded; the others are loaded, and rows =
    loaded + rejected. The same file again changes nothing. A new version of an order replaces the old one whole.

    A transaction is one row per purchase or invoice line: orders, lines, products and customers are made from it.

    \b
    Examples:
      huoshui import orders.csv --as transactions
      huoshui import orders.csv --as transactions --map customer=买家昵称 --map amount=实付金额 --dry-run
      huoshui import invoices.csv --as transactions --currency GBP --time-zone Europe/London --date-order dmy
      huoshui import people.csv --as customers --source crm
      huoshui import --undo 3
    """
    if undo is not None:
        if file is not None or kind is not None:
            raise click.UsageError(
                "--undo takes the number of a load and nothing else, as in: huoshui import --undo 3"
            )
        _undo(choices, undo)
        return
    if profile is not None:
        raise NoProfiles(
            "This version has no saved profiles",
            received=f"--profile {profile}",
            next_step="Say what is needed with --map",
        )
    if file is None:
        raise click.UsageError("Say which file, as in: huoshui import orders.csv --as transactions")
    if kind is None:
        raise click.UsageError(f"Say what the rows are with --as KIND; KIND is one of {', '.join(KINDS)}")
    told = dict(_pair(text) for text in mapping)
    from huoshui.data.connectors.files import must_be_readable

    must_be_readable(file)  # before a house is founded for it
    house = open_house(found=True)
    from huoshui.data.connectors.services import ImportOptions, import_file
    from huoshui.lake import open_lake

    options = ImportOptions(
        mapping=told,
        source=source,
        currency=currency,
        time_zone=time_zone,
        date_order="dmy" if date_order == "dmy" else "mdy" if date_order == "mdy" else None,
        dry_run=dry_run,
        strict=strict,
    )
    with output.progress() as tell:
        report = import_file(
            actor=CONSOLE, lake=open_lake(), path=file, kind=kind, options=options, now=clock.now(), tell=tell
        )
    if choices.as_json:
        output.print_json(report.as_dict())
    else:
        print_report(report, choices.language, house_currency=house.organisation.currency)
    if report.rejects_file:
        say(f"the rejected rows are in {report.rejects_file}: correct them there and load that file.")


def _pair(text: str) -> tuple[str, str]:
    field, sign, column = text.partition("=")
    if not sign or not field.strip():
        raise click.UsageError(f"--map {text} is not of the form FIELD=COLUMN, as in --map customer=买家昵称")
    return field.strip(), column.strip()


def print_report(report: ImportReport, language: Language, *, house_currency: str) -> None:
    """The summary of an import for people."""
    zh = language == "zh"
    click.echo(_title(report, language))
    if report.already is not None:
        return
    counts = ((ROWS, report.rows), (LOADED, report.loaded), (REJECTED, report.rejected))
    _counts([(text.in_(language), count) for text, count in counts])
    if report.facts:
        output.heading("由此得到" if zh else "Made of them")
        _counts(list(report.facts.items()))
        new, known = ("新客户", "已知客户") if zh else ("new customers", "known customers")
        if report.customers_new or report.customers_known:
            _counts([(new, report.customers_new), (known, report.customers_known)])
    if report.rules:
        output.heading("特殊情况及其规则" if zh else "Oddities and their rules")
        _counts([(RULES[r].in_(language) if r in RULES else r, n) for r, n in report.rules.items()])
    if report.reasons:
        output.heading("拒绝原因" if zh else "Why rows were rejected")
        _counts([(output.cell(reason), n) for reason, n in report.reasons.items()])
        for reject in report.first_rejects:
            where = f"{'第 ' if zh else 'line '}{reject['line']}{' 行' if zh else ''}"
            click.echo(f"  {where}: {output.cell(reject['column'])} {output.cell(reject['reason'])}".rstrip())
    output.heading("列的含义" if zh else "Columns were read as")
    output.print_table(
        (), [(output.cell(f), "←", output.cell(c)) for f, c in report.mapping.items()], indent=2
    )
    if report.unused_columns:
        unused = ", ".join(output.cell(c) for c in report.unused_columns)
        click.echo(f"  {'未使用' if zh else 'not used'}: {unused}")
    click.echo()
    click.echo(_conventions(report, language, house_currency))
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


def _conventions(report: ImportReport, language: Language, house_currency: str) -> str:
    zh = language == "zh"
    guessed = ("（推测）" if zh else " (guessed)") if report.source_guessed else ""
    into = "" if report.currency == house_currency else f" → {house_currency}"
    parts = [
        f"{'来源' if zh else 'source'} {report.source}{guessed}",
        f"{'币种' if zh else 'currency'} {report.currency}{into}",
        f"{'时区' if zh else 'time zone'} {report.time_zone}",
    ]
    if report.encoding:
        parts.append(f"{'编码' if zh else 'encoding'} {report.encoding}")
    return " · ".join(parts)


def _counts(pairs: list[tuple[str, int]]) -> None:
    output.print_table((), [(name, output.number(count)) for name, count in pairs], right=(1,), indent=2)


def _undo(choices: Choices, load_id: int) -> None:
    open_house()
    from huoshui.data.connectors.services import undo
    from huoshui.lake import open_lake

    report = undo(actor=CONSOLE, lake=open_lake(), load_id=load_id, now=clock.now())
    if choices.as_json:
        output.print_json(
            {
                "load_id": report.load_id,
                "file": report.file,
                "facts": report.facts,
                "customers_removed": report.customers_removed,
                "customers_kept": report.customers_kept,
            }
        )
    else:
        _print_undo(report, choices.language)
    say("the figures of customers change with the next: huoshui refresh")


def _print_undo(report: UndoReport, language: Language) -> None:
    zh = language == "zh"
    name = output.cell(report.file)
    click.echo(
        f"已撤回第 {report.load_id} 次导入（{name}）"
        if zh
        else f"Load {report.load_id} ({name}) was taken back"
    )
    removed, kept = (
        ("移除的客户", "因其他数据保留的客户")
        if zh
        else ("customers removed", "customers kept for other facts")
    )
    _counts([*report.facts.items(), (removed, report.customers_removed), (kept, report.customers_kept)])


@click.command()
@shows_result
def imports(choices: Choices) -> None:
    """List all loads, oldest first, with their numbers for --undo."""
    house = open_house()
    from huoshui.data.connectors import queries

    loads = queries.loads(actor=CONSOLE)
    if choices.as_json:
        output.print_json(
            [
                {
                    "load_id": load.load_id,
                    "file": load.file_name,
                    "kind": load.kind,
                    "source": load.source,
                    "state": load.state,
                    "rows": load.rows,
                    "loaded": load.loaded,
                    "rejected": load.rejected,
                    "actor": load.actor,
                    "started_at": load.started_at,
                }
                for load in loads
            ]
        )
        return
    zh = choices.language == "zh"
    if not loads:
        say("nothing was loaded yet. Try: huoshui import orders.csv --as transactions")
        return
    headers = (
        ("编号", "文件", "类型", "来源", "状态", "行数", "已导入", "已拒绝", "时间")
        if zh
        else ("id", "file", "kind", "source", "state", "rows", "loaded", "rejected", "when")
    )
    output.print_table(
        headers,
        [
            (
                str(load.load_id),
                output.cell(load.file_name),
                load.kind,
                output.cell(load.source),
                load.state,
                output.number(load.rows),
                output.number(load.loaded),
                output.number(load.rejected),
                output.moment(load.started_at, house.organisation.zone),
            )
            for load in loads
        ],
        right=(0, 5, 6, 7),
    )
