"""``huoshui webhook``: other systems that messages are posted to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from huoshui.act.channels.webhook_queries import DeliverySeen, EndpointSeen


@click.group()
def webhook() -> None:
    """Other systems that messages are posted to, signed by Standard Webhooks.

    \b
    Example:
      huoshui webhook add "SMS gateway" https://sms.example.com/huoshui --contact phone
      huoshui webhook test 1
      huoshui webhook deliveries 1 --state dead
      huoshui webhook replay 1
    """


@webhook.command("list")
@shows_result
def list_(choices: Choices) -> None:
    """All webhooks; the first that is on is the usual one."""
    open_house()
    from huoshui.act.channels import webhook_queries as queries

    _show([_line(one) for one in queries.endpoints(actor=CONSOLE)], choices)


@webhook.command()
@shows_result
@click.argument("name")
@click.argument("url")
@click.option(
    "--contact",
    type=click.Choice(["none", "phone", "email"]),
    default="none",
    show_default=True,
    help="What of the person goes along besides their number.",
)
@click.option("--repeats", is_flag=True, help="The receiver takes the same webhook-id twice for one.")
def add(choices: Choices, name: str, url: str, contact: str, repeats: bool) -> None:
    """Add a webhook and print its secret, which is shown this once."""
    open_house()
    from huoshui.act.channels import webhook_services as services

    number, secret = services.add(
        actor=CONSOLE, name=name, url=url, contact=contact, repeats=repeats, now=clock.now()
    )
    _show([{"webhook": number, "secret": secret}], choices)


@webhook.command()
@shows_result
@click.argument("number", type=int)
def rotate(choices: Choices, number: int) -> None:
    """Make a new secret and print it; the old one signs as well for 24 hours."""
    open_house()
    from huoshui.act.channels import webhook_services as services

    secret = services.rotate(actor=CONSOLE, endpoint_id=number, now=clock.now())
    _show([{"webhook": number, "secret": secret}], choices)


@webhook.command()
@shows_result
@click.argument("number", type=int)
def test(choices: Choices, number: int) -> None:
    """Post a test at once and say how it went."""
    open_house()
    from huoshui.act.channels import webhook_queries as queries
    from huoshui.act.channels import webhook_services as services

    made = services.test(actor=CONSOLE, endpoint_id=number, now=clock.now())
    _show([_delivery(queries.delivery(actor=CONSOLE, delivery_id=made))], choices)


@webhook.command()
@click.argument("number", type=int)
@click.argument("state", type=click.Choice(["on", "off"]))
def switch(number: int, state: str) -> None:
    """Switch a webhook on or off; what waits is kept."""
    open_house()
    from huoshui.act.channels import webhook_services as services

    services.switch(actor=CONSOLE, endpoint_id=number, on=state == "on", now=clock.now())
    say(f"webhook {number} is {state}")


@webhook.command()
@shows_result
@click.argument("number", type=int)
@click.option("--state", default="", help="waiting, trying, delivered, uncertain, dead or stopped.")
@click.option("--most", type=click.IntRange(1, 1000), default=50, show_default=True)
def deliveries(choices: Choices, number: int, state: str, most: int) -> None:
    """What was delivered, newest first."""
    open_house()
    from huoshui.act.channels import webhook_queries as queries

    found = queries.deliveries(actor=CONSOLE, endpoint_id=number, state=state, size=most)
    _show([_delivery(one) for one in found], choices)


@webhook.command()
@click.argument("number", type=int)
@click.option("--delivery", type=int, help="Only this one, also where it is uncertain.")
def replay(number: int, delivery: int | None) -> None:
    """Send again what was given up, each under its old id."""
    open_house()
    from huoshui.act.channels import webhook_services as services

    if delivery is not None:
        services.again(actor=CONSOLE, delivery_id=delivery, now=clock.now())
        say(f"delivery {delivery} is sent again")
        return
    count = services.all_again(actor=CONSOLE, endpoint_id=number, now=clock.now())
    say(f"{count} deliveries are sent again")


def _show(rows: list[dict[str, object]], choices: Choices) -> None:
    if choices.as_json:
        output.print_json(rows)
    elif rows:
        output.print_table(list(rows[0]), [[output.cell(value) for value in row.values()] for row in rows])
    else:
        say("none yet")


def _line(one: EndpointSeen) -> dict[str, object]:
    return {
        "webhook": one.id,
        "name": one.name,
        "address": one.url,
        "contact": one.contact,
        "state": "off" if not one.active else "failing" if one.failing else "on",
        "delivered": one.counts.get("delivered", 0),
        "waiting": one.counts.get("waiting", 0),
        "to_decide": one.to_decide,
    }


def _delivery(one: DeliverySeen) -> dict[str, object]:
    return {
        "delivery": one.id,
        "id": one.message_id,
        "customer": one.customer_id,
        "state": one.state,
        "attempts": one.attempts,
        "answer": one.answer,
        "made_at": one.made_at.isoformat(timespec="seconds"),
    }
