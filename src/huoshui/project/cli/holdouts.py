"""``huoshui holdout``: who is left out, so that what is done can be measured."""

from __future__ import annotations

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say


@click.group()
def holdout() -> None:
    """Who is left out, so that what is done can be measured.

    \b
    Example:
      huoshui holdout set 5 --reason "yearly draw"
      huoshui holdout show
      huoshui holdout draw global:9b1c2d3e4f506172 482113095127844
    """


@holdout.command()
@shows_result
def show(choices: Choices) -> None:
    """Show the global control group over time, the newest first."""
    open_house()
    from huoshui.act.holdouts import queries

    found = queries.history()
    if choices.as_json:
        told = ("seed", "share", "since", "until", "by", "reason")
        output.print_json([{name: getattr(one, name) for name in told} for one in found])
        return
    for one in found:
        until = f"{one.until:%Y-%m-%d}" if one.until else "now"
        click.echo(f"{one.since:%Y-%m-%d} … {until}  {one.share:.1%}  {one.seed}  {one.by}  {one.reason}")
    if not found:
        say("there is no global control group: huoshui holdout set PERCENT")


@holdout.command("set")
@click.argument("percent", type=click.FloatRange(0, 20))
@click.option("--anew", is_flag=True, help="Draw other people instead of keeping those who are in the group.")
@click.option("--reason", default="", help="Why; kept in the history.")
def set_(percent: float, anew: bool, reason: str) -> None:
    """Let PERCENT of all customers be the global control group from now on; 0 ends it."""
    open_house()
    from huoshui.act.holdouts import services

    services.set_group(actor=CONSOLE, share=percent / 100, anew=anew, reason=reason, now=clock.now())
    say(f"the global control group is {percent:g} % of all customers, for what is started from now on")


@holdout.command()
@shows_result
@click.argument("key")
@click.argument("ids", nargs=-1, required=True, type=click.IntRange(0, 10**15))
def draw(choices: Choices, key: str, ids: tuple[int, ...]) -> None:
    """Draw lots again: the place, 0 to 1, of each of IDS under KEY. Needs no house; changes nothing."""
    from huoshui.science import drawing

    found = drawing.places(ids, key).tolist()
    if choices.as_json:
        output.print_json(
            [{"customer_id": one, "place": place} for one, place in zip(ids, found, strict=True)]
        )
        return
    for one, place in zip(ids, found, strict=True):
        click.echo(f"{one}  {place:.6f}")
