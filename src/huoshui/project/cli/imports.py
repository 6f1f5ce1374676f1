"""``huoshui import`` and ``huoshui imports``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.texts import Language
from huoshui.project.cli import output, summaries
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
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


DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "bar": "|"}
"""Separators as words, for shells in which they mean something themselves."""


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
    help="Which column means which field, where the guess is wrong; also “A | B” (the first that is filled) and "
    "“A + B” (joined). FIELD= leaves the field out. May be repeated.",
)
@click.option(
    "--source",
    metavar="NAME",
    help="The system the file comes from; its order and customer numbers are its own.",
)
@click.option(
    "--currency", metavar="C", help="Currency of the amounts (default: guessed, else that of the house)."
)
@click.option(
    "--time-zone",
    metavar="Z",
    help="Time zone of times without one (default: guessed, else that of the house).",
)
@click.option(
    "--date-order", type=click.Choice(["dmy", "mdy"]), help="Whether 01/02/2024 is in February or in January."
)
@click.option(
    "--amounts-in",
    type=click.Choice(["units", "cents"]),
    help="Whether amounts are in units (元) or hundredths (分), where the names of the columns do not say.",
)
@click.option("--encoding", metavar="E", help="How the text is encoded, where that cannot be told.")
@click.option(
    "--delimiter", metavar="C", help="What separates the cells of a text: comma, tab, semicolon or bar."
)
@click.option("--sheet", metavar="NAME", help="Which sheet of a workbook (default: the first with a table).")
@click.option(
    "--profile",
    metavar="NAME",
    help="A saved mapping, or a tool's profile (huoshui imports --profiles); none: look for none.",
)
@click.option(
    "--save-profile", metavar="NAME", help="Save the mapping and these options for files like this one."
)
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
    amounts_in: str | None,
    encoding: str | None,
    delimiter: str | None,
    sheet: str | None,
    profile: str | None,
    save_profile: str | None,
    dry_run: bool,
    strict: bool,
    undo: int | None,
) -> None:
    """Load a file: CSV and other text, XLSX, or Parquet.

    Exports of Shopify, WooCommerce, Youzan, Doudian, Taobao, HubSpot and Salesforce are recognised by their columns;
    other columns are matched by their names, Chinese or English. The summary shows every guess.

    Rows that cannot be used are set aside with line, column and reason in a file that can be corrected and loaded; the
    others are loaded, and rows = loaded + rejected. The same file again changes nothing. A new version of an order
    replaces the old one whole.

    A transaction is one row per purchase or invoice line: orders, lines, products and customers are made from it.

    \b
    Examples:
      huoshui import orders.csv --as transactions
      huoshui import orders.csv --as transactions --map customer=买家昵称 --map amount=实付金额 --dry-run
      huoshui import invoices.csv --as transactions --currency GBP --time-zone Europe/London --date-order dmy
      huoshui import people.csv --as customers --source crm
      huoshui import till.csv --as transactions --map amount=实收 --save-profile till
      huoshui import --undo 3
    """
    if undo is not None:
        if file is not None or kind is not None:
            raise click.UsageError(
                "--undo takes the number of a load and nothing else, as in: huoshui import --undo 3"
            )
        _undo(choices, undo)
        return
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
        amounts_in="units" if amounts_in == "units" else "cents" if amounts_in == "cents" else None,
        encoding=encoding,
        sheet=sheet,
        delimiter=DELIMITERS.get(delimiter or "", delimiter),
        profile=profile,
        save_profile=save_profile,
        language=choices.language,
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
        summaries.print_report(report, choices.language, house_currency=house.organisation.currency)
    if report.rejects_file:
        say(f"the rejected rows are in {report.rejects_file}: correct them there and load that file.")


def _pair(text: str) -> tuple[str, str]:
    field, sign, column = text.partition("=")
    if not sign or not field.strip():
        raise click.UsageError(f"--map {text} is not of the form FIELD=COLUMN, as in --map customer=买家昵称")
    return field.strip(), column.strip()


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
    summaries.print_counts(
        [*report.facts.items(), (removed, report.customers_removed), (kept, report.customers_kept)]
    )


@click.command()
@click.option("--profiles", is_flag=True, help="List the saved mappings and the profiles of tools instead.")
@click.option("--forget", metavar="NAME", help="Forget a saved mapping; loads that used it stay.")
@shows_result
def imports(choices: Choices, profiles: bool, forget: str | None) -> None:
    """List all loads, oldest first, with their numbers for --undo."""
    if forget is not None:
        _forget(choices, forget)
    elif profiles:
        _print_profiles(choices)
    else:
        _print_loads(choices)


def _forget(choices: Choices, name: str) -> None:
    open_house()
    from huoshui.data.connectors.services import forget_mapping

    forget_mapping(actor=CONSOLE, name=name)
    if choices.as_json:
        output.print_json({"forgotten": name})
    else:
        click.echo(f"已删除 {name}" if choices.language == "zh" else f"{name} is forgotten")


def _print_profiles(choices: Choices) -> None:
    house = open_house()
    from huoshui.data.connectors import queries
    from huoshui.data.connectors.tools import TOOLS

    saved = queries.saved_mappings(actor=CONSOLE)
    if choices.as_json:
        output.print_json(
            {"saved": [asdict(one) for one in saved], "tools": [asdict(t) for t in TOOLS.values()]}
        )
        return
    zh = choices.language == "zh"
    if saved:
        headers = (
            ("已保存", "类型", "来源", "币种", "时区", "由", "时间")
            if zh
            else (("saved", "kind", "source", "currency", "time zone", "by", "when"))
        )
        rows = [
            (
                output.cell(one.name),
                one.kind,
                output.cell(one.source),
                one.currency,
                one.time_zone,
                output.cell(one.actor),
                output.moment(one.saved_at, house.organisation.zone),
            )
            for one in saved
        ]
        output.print_table(headers, rows)
        click.echo()
    titles = (
        ("工具档案", "类型", "内容", "依据") if zh else ("profile of a tool", "kind", "what", "known from")
    )
    guessed = "推测" if zh else "guessed"
    output.print_table(
        titles,
        [(t.name, t.kind, t.label.in_(choices.language), t.documented or guessed) for t in TOOLS.values()],
    )


def _print_loads(choices: Choices) -> None:
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
                    "profile": load.report.get("profile", ""),
                    "mapping": load.report.get("mapping", {}),
                    "started_at": load.started_at,
                    "undone_at": load.undone_at,
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
