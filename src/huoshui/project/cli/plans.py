"""``huoshui plan``: plans without a browser."""

from __future__ import annotations

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say


@click.group()
def plan() -> None:
    """Customer development plans: which there are, and what they say today.

    \b
    Example:
      huoshui plan list
      huoshui plan show 1
    """


@plan.command("list")
@shows_result
@click.option("--archived", is_flag=True, help="Those in the archive instead.")
def list_(choices: Choices, archived: bool) -> None:
    """List the plans, the newest first."""
    open_house()
    from huoshui.plan.plans import queries
    from huoshui.plan.plans.pages.head import STATES
    from huoshui.project.api.plans import line

    found = queries.plans(CONSOLE, archived=archived)
    if choices.as_json:
        output.print_json([line(one) for one in found])
        return
    for one in found:
        state = STATES[one.state][0].in_(choices.language)
        click.echo(f"{one.id}  {state}  {one.first_day} – {one.last_day}  {one.title}")
    if not found:
        say("there are no plans yet: begin one in the browser or by the API")


@plan.command()
@shows_result
@click.argument("number", type=int)
def show(choices: Choices, number: int) -> None:
    """Show the plan NUMBER with the figures of now: its text, or all of it with --json."""
    open_house()
    from huoshui.kernel.plugs import HOUSE
    from huoshui.lake import open_lake
    from huoshui.plan.plans.document import reading, telling

    paper = reading.paper(
        actor=CONSOLE,
        plan_id=number,
        tables=open_lake().snapshot(),
        house=HOUSE(),
        language=choices.language,
        now=clock.now(),
    )
    if choices.as_json:
        output.print_json(telling.told(paper))
        return
    for text in telling.lines(paper):
        click.echo(text)
