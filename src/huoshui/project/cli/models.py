"""``huoshui models`` and ``huoshui train``."""

from __future__ import annotations

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say


@click.command()
@shows_result
def models(choices: Choices) -> None:
    """Show the versions of each model: trained when, from what, whether the data sufficed.

    \b
    Example:
      huoshui models --json
    """
    open_house()
    from huoshui.know.models import queries
    from huoshui.know.models.kinds import MODELS

    found = [version for kind in MODELS for version in queries.versions(kind.slug)]
    if choices.as_json:
        output.print_json(
            [
                {
                    "model": one.slug,
                    "version": one.number,
                    "as_of": one.as_of,
                    "known_at": one.known_at,
                    "trained_at": one.trained_at,
                    "enough": one.trained.enough,
                    "reasons": [reason.in_(choices.language) for reason in one.trained.reasons],
                    "content": one.trained.content,
                }
                for one in found
            ]
        )
        return
    for one in found:
        name = one.trained.name.in_(choices.language)
        click.echo(f"{one.slug} {one.number}  {name}  {one.as_of:%Y-%m-%d}  {one.trained_at:%Y-%m-%d %H:%M}")
        for reason in one.trained.reasons:
            click.echo(f"  {reason.in_(choices.language)}")
    if not found:
        say("no model has been trained yet: huoshui refresh does it, or huoshui train clv")


@click.command()
@click.argument("model")
@click.option("--as-of", metavar="DATE", help="Learn from what happened before this day (default: now).")
@click.option("--known-at", metavar="DATE", help="... and had been loaded before this day.")
@shows_result
def train(choices: Choices, model: str, as_of: str | None, known_at: str | None) -> None:
    """Train a model now and keep it as its next version; the next refresh uses it.

    \b
    Examples:
      huoshui train clv
      huoshui train clv --as-of 2024-01-01 --known-at 2024-01-01
    """
    day = clock.parse_day(as_of) if as_of is not None else None
    arrived = clock.parse_day(known_at) if known_at is not None else None
    zone = open_house().organisation.zone
    from huoshui.know.models import services
    from huoshui.lake import open_lake

    now = clock.now()
    at = AsOf(
        at=now if day is None else clock.start_of_day(day, zone),
        zone=zone,
        known_at=None if arrived is None else clock.start_of_day(arrived, zone),
    )
    done = services.train(actor=CONSOLE, slug=model, tables=open_lake().snapshot(), as_of=at, now=now)
    if choices.as_json:
        output.print_json({"model": done.slug, "version": done.number, "enough": done.trained.enough})
        return
    name = done.trained.name.in_(choices.language)
    click.echo(f"{done.slug} {done.number}  {name}")
    for reason in done.trained.reasons:
        click.echo(f"  {reason.in_(choices.language)}")
