"""``huoshui sql``."""

from __future__ import annotations

from typing import Any

import click
import pyarrow as pa

from huoshui.kernel.actors import CONSOLE, Right
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

MOST_SHOWN = 1_000
BATCH = 10_000


@click.command()
@click.argument("query")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print.",
)
@shows_result
def sql(choices: Choices, query: str, form: str) -> None:
    """Answer one SELECT over the tables of the lake. It can read nothing else and change nothing.

    Tables: customers, customer_attributes, customer_tags, consents, products, orders, order_lines, order_changes,
    events, answers, spend, fx_rates, traits, traits_history … Each shows the rows that count now. Money is in the
    house currency, times are shown in the house time zone.

    \b
    table  aligned, the first 1,000 rows
    csv    all rows; texts that a spreadsheet would run as a formula get an apostrophe in front, numbers stay numbers
    json   a list of objects; exact: decimals as JSON numbers with all digits, times in ISO 8601 with offset

    \b
    Examples:
      huoshui sql "SELECT sum(revenue) FROM order_lines"
      huoshui sql "SELECT stage, count(*) AS n FROM traits GROUP BY ALL ORDER BY n DESC"
      huoshui sql "SELECT * FROM orders" --format csv > orders.csv
    """
    open_house()
    from huoshui.lake import open_lake
    from huoshui.lake.sql import select

    CONSOLE.require(Right.LAKE_QUERY)
    answer = open_lake().read(lambda snapshot: select(snapshot, query))
    if choices.as_json or form == "json":
        _print_json(answer)
    elif form == "csv":
        _print_csv(answer)
    else:
        _print_table(answer)


def _print_json(answer: pa.Table) -> None:
    names = _names(answer)
    click.echo("[", nl=False)
    first = True
    for row in _rows(answer):
        pairs = ", ".join(
            f"{output.json_scalar(n)}: {output.json_scalar(v)}" for n, v in zip(names, row, strict=True)
        )
        click.echo(("\n" if first else ",\n") + "  {" + pairs + "}", nl=False)
        first = False
    click.echo("]" if first else "\n]")


def _print_csv(answer: pa.Table) -> None:
    lines = [output.csv_line(answer.column_names)]
    for row in _rows(answer):
        lines.append(output.csv_line(row))
        if len(lines) >= BATCH:
            click.echo("".join(lines), nl=False)
            lines = []
    click.echo("".join(lines), nl=False)


def _print_table(answer: pa.Table) -> None:
    shown = answer.slice(0, MOST_SHOWN)
    numbers = [i for i, field in enumerate(answer.schema) if _is_number(field.type)]
    rows = [[output.cell(value) for value in row] for row in _rows(shown)]
    output.print_table([output.cell(n) for n in answer.column_names], rows, right=numbers)
    if shown.num_rows < answer.num_rows:
        say(f"the first {shown.num_rows:,} of {answer.num_rows:,} rows; --format csv or json prints all")


def _is_number(type_: Any) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _rows(answer: pa.Table) -> Any:
    for batch in answer.to_batches(max_chunksize=BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _names(answer: pa.Table) -> list[str]:
    """Column names without doubles, since an object has each key once: a second ``n`` becomes ``n_2``."""
    seen: dict[str, int] = {}
    names = []
    for name in answer.column_names:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return names
