"""``huoshui mail``: what mail servers send back, and addresses that get no e-mail."""

from __future__ import annotations

from typing import BinaryIO

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say


@click.group()
def mail() -> None:
    """E-mail to customers: what came back, and who gets none.

    \b
    Example, as a line of /etc/aliases of the mail server:
      bounces: "|HUOSHUI_HOME=/srv/huoshui huoshui mail bounce"
    """


@mail.command()
@shows_result
@click.argument("message", type=click.File("rb"), default="-")
def bounce(choices: Choices, message: BinaryIO) -> None:
    """Take in MESSAGE (default: stdin), which a mail server returned or somebody complained about.

    Reports by RFC 3464 and RFC 5965 count; anything else, such as a holiday notice, is counted and changes nothing.
    """
    open_house()
    from huoshui.act.channels import hearing, reports

    kind = hearing.receive(message.read(reports.LARGEST), now=clock.now())
    if choices.as_json:
        output.print_json({"kind": kind})
    else:
        click.echo(kind)


@mail.command()
@shows_result
@click.argument("address")
@click.option("--why", default="", help="What is noted beside it.")
def close(choices: Choices, address: str, why: str) -> None:
    """Write to ADDRESS no more."""
    open_house()
    from huoshui.act.channels import services

    number = services.close(actor=CONSOLE, address=address, why=why, now=clock.now())
    if choices.as_json:
        output.print_json({"id": number})
    else:
        click.echo(number)


@mail.command()
@shows_result
@click.argument("number", type=int)
def lift(choices: Choices, number: int) -> None:
    """Write to the address with this NUMBER again (see: huoshui mail unreachable)."""
    open_house()
    from huoshui.act.channels import services

    services.lift(actor=CONSOLE, unreachable_id=number, now=clock.now())
    if choices.as_json:
        output.print_json({"id": number, "lifted": True})
    else:
        say("this address gets e-mail again")


@mail.command()
@shows_result
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def unreachable(choices: Choices, limit: int) -> None:
    """List the addresses that get no e-mail, the newest first."""
    open_house()
    from huoshui.act.channels import queries

    found, total = queries.unreachable(actor=CONSOLE, limit=limit)
    if choices.as_json:
        items = [
            {"id": o.id, "address": o.address, "reason": o.reason, "answer": o.answer, "since": o.since}
            for o in found
        ]
        output.print_json({"total": total, "items": items})
        return
    for one in found:
        reason = queries.REASONS[one.reason].in_(choices.language)
        click.echo(f"{one.id}  {one.address}  {reason}  {one.since:%Y-%m-%d}  {one.answer}".rstrip())
    if not found:
        say("no address is kept from getting e-mail")
