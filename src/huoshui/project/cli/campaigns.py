"""``huoshui campaign``: campaigns without a browser."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from huoshui.act.holdouts.trials import Goal
    from huoshui.data.customers.queries import Means


@click.group()
def campaign() -> None:
    """Campaigns: where they are, and to start, pause, resume and stop them.

    \b
    Example:
      huoshui campaign list
      huoshui campaign show 3
      huoshui campaign pause 3
      huoshui campaign record list.csv --channel sms --sent 2026-03-02 --who no --held group=control
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


@campaign.command()
@shows_result
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="Name of the campaign (default: that of the file).")
@click.option("--note", default="", help="What it was.")
@click.option("--channel", required=True, help="What it went out on, such as email, sms, wecom.")
@click.option(
    "--sent",
    required=True,
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"]),
    help="When it was sent, in the time of the house; of a day alone, at noon.",
)
@click.option("--who", required=True, metavar="COLUMN", help="The column that names the customer.")
@click.option(
    "--as",
    "kind",
    default="number",
    type=click.Choice(["number", "phone", "email", "id"]),
    show_default=True,
    help="What it holds: the shop's number, a phone, an e-mail, or our id.",
)
@click.option("--held", default="", metavar="COLUMN=VALUE", help="Who was left out to compare.")
@click.option(
    "--reason", default="", metavar="COLUMN", help="A column that says why somebody did not get it."
)
@click.option(
    "--share",
    type=click.FloatRange(0, 0.5),
    help="Part that was to be left out (default: the part that the list has).",
)
@click.option(
    "--goal",
    default="conversion",
    type=click.Choice(["conversion", "orders", "revenue", "margin"]),
    show_default=True,
    help="What decides.",
)
@click.option(
    "--days", default=14, show_default=True, type=click.IntRange(1, 365), help="Counted for so long."
)
@click.option("--cap", type=click.FloatRange(0, min_open=True), help="Most money counted per person.")
@click.option("--message-cost", default="0", help="Cost of a message, in house currency.")
@click.option("--known-only", is_flag=True, help="Leave out rows that name no customer here.")
def record(
    choices: Choices,
    file: Path,
    name: str,
    note: str,
    channel: str,
    sent: datetime,
    who: str,
    kind: Means,
    held: str,
    reason: str,
    share: float | None,
    goal: Goal,
    days: int,
    cap: float | None,
    message_cost: str,
    known_only: bool,
) -> None:
    """Write down a campaign that another tool has sent, from the list in FILE (CSV, Excel or Parquet).

    FILE has a row for everybody of its audience, also for those who were left out to compare. Nothing is sent, and it
    cannot be taken back.
    """
    open_house()
    from huoshui.act.campaigns import drafts, past_lists
    from huoshui.act.campaigns.past import Past
    from huoshui.act.campaigns.past_lists import Asked
    from huoshui.data.connectors import cells
    from huoshui.kernel.plugs import HOUSE

    house = HOUSE()
    at = sent.replace(hour=12) if sent.time() == time() else sent
    column, _, value = held.partition("=")
    with TemporaryDirectory() as workspace:
        table = cells.texts(file, workspace=Path(workspace))
    made = past_lists.record(
        actor=CONSOLE,
        past=Past(
            name=name or file.stem[: drafts.LONGEST_NAME],
            note=note,
            channel=channel,
            at=at.replace(tzinfo=house.zone),
            goal=goal,
            horizon_days=days,
            share=0.0,
            cap=None if cap is None else Decimal(str(cap)),
            message_cost=_amount(message_cost),
        ),
        share=share,
        cells=table,
        asked=Asked(who=who, kind=kind, held=column, value=value, reason=reason, known_only=known_only),
        zone=house.zone,
        now=clock.now(),
    )
    left = made.people
    if left.unknown or left.again or left.both:
        say(f"left out: {left.unknown} unknown, {left.again} again, {left.both} on both sides")
    _print(made.number, choices)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise click.BadParameter(f"{text!r} is no amount of money", param_hint="--message-cost")
    return amount


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
