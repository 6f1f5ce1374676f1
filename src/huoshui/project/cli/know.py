"""``huoshui value``, ``huoshui lifecycle`` and ``huoshui cohorts``: what those pages show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.texts import Text
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from ninja import Schema

    from huoshui.lake.snapshot import Snapshot

DAYS = click.option(
    "--days",
    type=click.IntRange(1, 3653),
    default=30,
    show_default=True,
    help="Compare with so many days before the last refresh.",
)
NOTHING = "customers have not been computed yet. Do it with: huoshui refresh"


@click.command()
@DAYS
@shows_result
def value(choices: Choices, days: int) -> None:
    """Show what customers are worth: the four classes, who moved between them, how value is spread.

    --json prints what the address /api/value answers: also the cells of recency and frequency, the value matrix,
    and the ten customers of whom most is expected.
    """

    def ask(tables: Snapshot, currency: str) -> Schema:
        from huoshui.know.value import queries
        from huoshui.project.api.value import value_out

        found = queries.value(actor=CONSOLE, tables=tables, days=days)
        top = queries.most_valuable(actor=CONSOLE, tables=tables) if found else ()
        return value_out(found, top, currency=currency)

    told = _told(choices, ask)
    if choices.as_json:
        output.print_json(told)
    elif told["as_of"]:
        rows = [
            (
                one["label"],
                one["customers"],
                _amount(one["spent"]),
                _amount(one["expected"]),
                one["should_get"],
            )
            for one in told["classes"]
        ]
        heads = (
            Text("class", "类别"),
            Text("customers", "客户数"),
            Text("spent", "累计消费"),
            Text("next 12 months", "未来 12 个月"),
            Text("should get", "应得"),
        )
        _print(choices, heads, rows)
    if not told["as_of"]:
        say(NOTHING)


@click.command()
@DAYS
@shows_result
def lifecycle(choices: Choices, days: int) -> None:
    """Show in which stages customers are, how many of each moved on, and who is about to.

    --json prints what the address /api/lifecycle answers: also how long customers stay.
    """

    def ask(tables: Snapshot, currency: str) -> Schema:
        from huoshui.know.lifecycle import queries
        from huoshui.project.api.life import life_out

        return life_out(queries.life(actor=CONSOLE, tables=tables, days=days))

    told = _told(choices, ask)
    if choices.as_json:
        output.print_json(told)
    elif told["as_of"]:
        stages = [one["label"] for one in told["stages"]]
        counts = {(one["before"], one["after"]): one["customers"] for one in told["flows"]}
        rows = [
            (one["label"], one["customers"], *(counts[one["code"], to["code"]] for to in told["stages"]))
            for one in told["stages"]
        ]
        heads = (
            Text("stage", "阶段"),
            Text("now", "当前"),
            *(Text(f"→ {name}", f"→ {name}") for name in stages),
        )
        _print(choices, heads, rows)
    if not told["as_of"]:
        say(NOTHING)


@click.command()
@click.option(
    "--grain",
    type=click.Choice(("day", "week", "month", "quarter")),
    default="month",
    show_default=True,
    help="Periods in which customers began.",
)
@shows_result
def cohorts(choices: Choices, grain: Any) -> None:
    """Show who began together, and how many of them bought in each period after.

    --json prints what the address /api/cohorts answers: also revenue, intervals, and which cohorts stand out.
    """

    def ask(tables: Snapshot, currency: str) -> Schema:
        from huoshui.know.lifecycle import queries
        from huoshui.project.api.cohorts import cohorts_out

        found = queries.cohorts(actor=CONSOLE, tables=tables, grain=grain, now=clock.now())
        return cohorts_out(found, currency=currency)

    told = _told(choices, ask)
    if choices.as_json:
        output.print_json(told)
    elif told["cohorts"]:
        most = max(len(one["ages"]) for one in told["cohorts"])
        rows = [
            (
                one["start"],
                one["customers"],
                *(age["customers"] for age in one["ages"]),
                *[None] * (most - len(one["ages"])),
            )
            for one in told["cohorts"]
        ]
        ages = (Text(str(age), str(age)) for age in range(most))
        _print(choices, (Text("began", "首购"), Text("customers", "客户数"), *ages), rows)
    if not told["cohorts"]:
        say("nobody has bought yet. Start with: huoshui import orders.csv --as transactions")


def _told(choices: Choices, ask: Callable[[Snapshot, str], Schema]) -> dict[str, Any]:
    """What the API would answer, in the language of the terminal."""
    house = open_house().organisation
    from django.utils import translation

    from huoshui.lake import open_lake

    with translation.override("zh-hans" if choices.language == "zh" else "en"):
        return open_lake().read(lambda tables: ask(tables, house.currency)).model_dump(mode="json")


def _amount(money: dict[str, str] | None) -> str:
    return f"{Decimal(money['amount']):,.2f} {money['currency']}" if money else ""


def _print(choices: Choices, heads: Sequence[Text], rows: Sequence[Sequence[Any]]) -> None:
    shown = [[f"{one:,}" if isinstance(one, int) else output.cell(one) for one in row] for row in rows]
    numbers = [at for at, one in enumerate(rows[0]) if isinstance(one, int)]
    output.print_table([head.in_(choices.language) for head in heads], shown, right=numbers)
