"""``huoshui campaign``: campaigns without a browser."""

from __future__ import annotations

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say


@click.group()
def campaign() -> None:
    """Campaigns: where they are, and to start, pause, resume and stop them.

    \b
    Example:
      huoshui campaign list
      huoshui campaign show 3
      huoshui campaign pause 3
    """


@campaign.command("list")
@shows_result
def list_(choices: Choices) -> None:
    """List the campaigns, the newest first."""
    open_house()
    from huoshui.act.campaigns import queries, stages
    from huoshui.project.api.campaigns import line

    found = queries.campaigns(actor=CONSOLE)
    if choices.as_json:
        output.print_json([line(one) for one in found])
        return
    for one in found:
        click.echo(f"{one.number}  {stages.STATES[one.state][0].in_(choices.language)}  {one.name}")
    if not found:
        say("there are no campaigns yet: make one in the browser or by the API")


@campaign.command()
@shows_result
@click.argument("number", type=int)
def show(choices: Choices, number: int) -> None:
    """Show the campaign NUMBER: what is fixed, and where its people are."""
    open_house()
    _print(number, choices)


def _act(name: str, doc: str) -> None:
    """A command that leads a campaign on."""

    @campaign.command(name, help=doc)
    @shows_result
    @click.argument("number", type=int)
    def command(choices: Choices, number: int) -> None:
        open_house()
        from huoshui.act.campaigns import leading
        from huoshui.kernel.plugs import HOUSE

        leading.lead(name, actor=CONSOLE, number=number, zone=HOUSE().zone, now=clock.now())
        _print(number, choices)


for _name, _doc in {
    "start": "Start the approved campaign NUMBER: now, or when its schedule says.",
    "pause": "Let nothing more of the campaign NUMBER leave until it is resumed.",
    "resume": "Go on with the paused campaign NUMBER.",
    "stop": "End the campaign NUMBER for good: whoever has not got it never will.",
}.items():
    _act(_name, _doc)


def _print(number: int, choices: Choices) -> None:
    from huoshui.act.campaigns import pages, queries, stages
    from huoshui.kernel.plugs import HOUSE
    from huoshui.project.api.campaigns import shown

    one, progress = queries.in_whole(number, actor=CONSOLE, now=clock.now())
    if choices.as_json:
        output.print_json(shown(one, progress).dict())
        return
    language = choices.language
    click.echo(f"{one.number}  {one.name}  {stages.STATES[one.state][0].in_(language)}")
    if one.because:
        click.echo(one.because.in_(language))
    if audience := pages.audience(one.draft.audience):
        click.echo(audience.in_(language))
    for fact in pages.facts(one, HOUSE().currency, language):
        click.echo(f"{fact.name}: {fact.value}")
    for part in pages.parts(progress, language) if one.frozen else ():
        click.echo(f"{part.label}: {part.number}")
    for reason, people in pages.reasons(progress, language):
        click.echo(f"  {reason}: {people}")
    if one.frozen:
        click.echo(pages.law(progress, language))
