"""``huoshui experiment``: what an action added, from a table of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huoshui.measure.experiments.pages import Card
    from huoshui.measure.experiments.queries import Described


@click.group()
def experiment() -> None:
    """What an action added: people who were treated against people who were not.

    \b
    Example:
      huoshui experiment read results.csv --control "segment=No E-Mail" --outcome visit --outcome spend
      huoshui experiment list
      huoshui experiment show 1
      huoshui experiment of campaign:12
      huoshui experiment total
    """


@experiment.command()
@shows_result
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--control",
    required=True,
    metavar="COLUMN=VALUE",
    help="Who was not treated; other values are treated arms.",
)
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    required=True,
    help="A column of numbers, or of yes and no. Repeatable.",
)
@click.option(
    "--before", default="", help="A column of numbers known before the start: narrows intervals (CUPED)."
)
@click.option(
    "--group", "groups", multiple=True, help="A column that divides people into groups. Repeatable."
)
@click.option(
    "--control-share", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Planned part."
)
@click.option("--name", default="", help="Name of the experiment (default: that of the file).")
@click.option("--note", default="", help="What was tried.")
def read(
    choices: Choices,
    file: Path,
    control: str,
    outcomes: tuple[str, ...],
    before: str,
    groups: tuple[str, ...],
    control_share: float | None,
    name: str,
    note: str,
) -> None:
    """Read the experiment whose results stand in FILE (CSV, Excel or Parquet), one row for each person drawn.

    Only sums of each arm are kept, never a person.
    """
    open_house()
    from huoshui.measure.experiments import queries, services
    from huoshui.measure.experiments.results import Asked

    arm, _, value = control.partition("=")
    number = services.read(
        actor=CONSOLE,
        name=name or file.stem[: services.LONGEST_NAME],
        note=note,
        path=file,
        asked=Asked(
            arm=arm,
            control=value,
            outcomes=outcomes,
            before=before,
            groups=groups,
            control_share=control_share,
        ),
        now=clock.now(),
    )
    _print(queries.experiment(number, actor=CONSOLE), choices)


@experiment.command()
@shows_result
@click.argument("number", type=int)
def show(choices: Choices, number: int) -> None:
    """Show what the experiment NUMBER says."""
    open_house()
    from huoshui.measure.experiments import queries

    _print(queries.experiment(number, actor=CONSOLE), choices)


@experiment.command("list")
@shows_result
def list_(choices: Choices) -> None:
    """List the experiments, the newest first."""
    open_house()
    from huoshui.measure.experiments import queries

    found = queries.experiments(actor=CONSOLE)
    if choices.as_json:
        output.print_json([{"number": o.number, "name": o.name, "made_at": o.made_at} for o in found])
        return
    for one in found:
        click.echo(f"{one.number}  {one.name}  {one.made_at:%Y-%m-%d}")
    if not found:
        say("no experiment has been read yet: huoshui experiment read FILE")


@experiment.command()
@shows_result
@click.argument("what")
def of(choices: Choices, what: str) -> None:
    """Show what WHAT of this house, such as campaign:12, added."""
    open_house()
    from huoshui.kernel.plugs import HOUSE
    from huoshui.know.segments import queries as segments
    from huoshui.lake import open_lake
    from huoshui.measure.experiments.trials import effects, page
    from huoshui.project.api.experiments import tried

    found = effects.effect(what, actor=CONSOLE, tables=open_lake().snapshot(), now=clock.now())
    if choices.as_json:
        output.print_json(tried(found).dict())
        return
    shown = page.page(found, segments.names(), address="", house=HOUSE(), language=choices.language)
    click.echo(f"{shown.what}  {shown.title}  {shown.state}\n{shown.says}")
    if shown.suspicious:
        click.echo(shown.suspicious)
    _print_cards(shown.cards)
    for cost in shown.costs:
        click.echo(f"\n{cost.label}  {cost.sent}  {cost.cost}  {cost.per_message} {cost.interval}")


@experiment.command()
@shows_result
def total(choices: Choices) -> None:
    """Show what everything together added: everybody against the global control group, since it began."""
    open_house()
    from huoshui.kernel.plugs import HOUSE
    from huoshui.lake import open_lake
    from huoshui.measure.experiments.trials import total as totals
    from huoshui.measure.experiments.trials import total_page
    from huoshui.project.api.experiments_total import told

    house = HOUSE()
    found = totals.required(actor=CONSOLE, tables=open_lake().snapshot(), zone=house.zone, now=clock.now())
    if choices.as_json:
        output.print_json(told(found, house.currency).dict())
        return
    shown = total_page.page(found, house=house, language=choices.language)
    click.echo(shown.says)
    for fact in shown.facts:
        click.echo(f"{fact.name}: {fact.value}")
    _print_cards(shown.cards)


def _print(one: Described, choices: Choices) -> None:
    from huoshui.measure.experiments import pages
    from huoshui.project.api.experiments import described

    if choices.as_json:
        output.print_json(described(one).dict())
        return
    page = pages.page(one, choices.language)
    click.echo(f"{one.number}  {one.name}  {one.reading.found.arm} = {one.reading.found.control}")
    if page.suspicious:
        click.echo(page.suspicious)
    _print_cards(page.cards)


def _print_cards(cards: Sequence[Card]) -> None:
    for card in cards:
        click.echo(f"\n{card.name} ({card.meaning})")
        shown = [(row.label, row) for row in card.rows]
        shown += [(f"{arm} · {row.label}", row) for arm, rows in card.groups for row in rows]
        for label, row in shown:
            said = f"{row.treated} / {row.control}  {row.difference} ({row.interval})  {row.word}"
            click.echo(f"  {label}  {row.unknown or said}")
