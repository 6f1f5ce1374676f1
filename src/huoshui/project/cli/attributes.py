"""Commands about the attributes of customers."""

from __future__ import annotations

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.texts import Text
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say


@click.group()
def attribute() -> None:
    """Declare what customers have besides the built-in attributes, and retire what nobody needs."""


@attribute.command("list")
@shows_result
def list_(choices: Choices) -> None:
    """List all attributes with what uses them; retired ones, too."""
    open_house()
    from huoshui.data.customers import queries

    uses, found = queries.uses_of_attributes(), queries.attributes(retired=True)
    zh = choices.language == "zh"
    if choices.as_json:
        output.print_json(
            [
                {
                    "slug": one.slug,
                    "label": one.label_zh if zh else one.label_en,
                    "type": one.type,
                    "kind": one.kind,
                    "purposes": list(one.purposes),
                    "preset": one.preset,
                    "retired_at": one.retired_at,
                    "used_by": [use.in_(choices.language) for use in uses.get(one.slug, ())],
                }
                for one in found
            ]
        )
        return
    retired = Text("retired", "已停用").in_(choices.language)
    output.print_table(
        (),
        [
            (
                one.slug,
                one.label_zh if zh else one.label_en,
                one.type,
                one.kind,
                ", ".join(one.purposes),
                retired if one.retired_at else "",
            )
            for one in found
        ],
    )


@attribute.command()
@shows_result
@click.argument("name")
@click.option(
    "--type", "type_", type=click.Choice(["text", "integer", "decimal", "boolean", "date"]), default="text"
)
@click.option("--kind", type=click.Choice(["ordinary", "identifying", "sensitive"]), default="ordinary")
@click.option("--label-en", default="", help="What it is called in English (default: NAME).")
@click.option("--label-zh", default="", help="What it is called in Chinese (default: NAME).")
def add(choices: Choices, name: str, type_: str, kind: str, label_en: str, label_zh: str) -> None:
    """Declare the attribute NAME; files can bring it from now on. Again, it gets these labels."""
    open_house()
    from huoshui.data.customers import services

    made = services.declare_attribute(
        actor=CONSOLE, slug=name, label_en=label_en, label_zh=label_zh, type=type_, kind=kind
    )
    if choices.as_json:
        output.print_json({"slug": made.slug, "type": made.type, "kind": made.kind})
    else:
        say(f"{made.slug} is an attribute: {made.type}, {made.kind}")


@attribute.command()
@shows_result
@click.argument("name")
@click.argument("purposes", nargs=-1)
def allow(choices: Choices, name: str, purposes: tuple[str, ...]) -> None:
    """Say what the attribute NAME may be used for: marketing, service, profiling, research.

    Campaigns whose audience or message uses an attribute that does not serve marketing are refused.
    """
    open_house()
    from huoshui.data.customers import services

    made = services.allow_attribute(actor=CONSOLE, slug=name, purposes=purposes, now=clock.now())
    if choices.as_json:
        output.print_json({"slug": made.slug, "purposes": list(made.purposes)})
    else:
        say(f"{made.slug} may be used for: {', '.join(made.purposes) or 'nothing'}")


@attribute.command("events")
@shows_result
def events_(choices: Choices) -> None:
    """List the events that came, by name, with what they may be used for."""
    open_house()
    from huoshui.data.customers import queries
    from huoshui.lake import open_lake

    found = queries.event_types(open_lake().snapshot())
    if choices.as_json:
        output.print_json(
            [{"name": one.name, "times": one.times, "purposes": list(one.purposes)} for one in found]
        )
        return
    output.print_table((), [(one.name, f"{one.times:,}", ", ".join(one.purposes)) for one in found])


@attribute.command("allow-event")
@shows_result
@click.argument("name")
@click.argument("purposes", nargs=-1)
def allow_event(choices: Choices, name: str, purposes: tuple[str, ...]) -> None:
    """Say what events called NAME may be used for: marketing, service, profiling, research.

    Campaigns whose audience asks for events that do not serve marketing are refused.
    """
    open_house()
    from huoshui.data.customers import services

    kept = services.allow_event(actor=CONSOLE, name=name, purposes=purposes, now=clock.now())
    if choices.as_json:
        output.print_json({"name": name, "purposes": list(kept)})
    else:
        say(f"{name} may be used for: {', '.join(kept) or 'nothing'}")


@attribute.command()
@shows_result
@click.argument("name")
@click.option("--anyway", is_flag=True, help="Also while something uses it.")
def retire(choices: Choices, name: str, anyway: bool) -> None:
    """Offer the attribute NAME no longer; its values stay.

    Segments, traits, saved views, metrics and boards that use it are named, and it is not retired unless --anyway says
    that they are to go on with the values of today.
    """
    open_house()
    from huoshui.data.customers import services

    services.retire_attribute(actor=CONSOLE, slug=name, now=clock.now(), anyway=anyway)
    if choices.as_json:
        output.print_json({"slug": name, "retired": True})
    else:
        say(f"{name} is retired; its values stay: huoshui attribute restore {name}")


@attribute.command()
@shows_result
@click.argument("name")
def restore(choices: Choices, name: str) -> None:
    """Offer a retired attribute again, with the values that it has."""
    open_house()
    from huoshui.data.customers import services

    services.restore_attribute(actor=CONSOLE, slug=name, now=clock.now())
    if choices.as_json:
        output.print_json({"slug": name, "retired": False})
    else:
        say(f"{name} is offered again")
