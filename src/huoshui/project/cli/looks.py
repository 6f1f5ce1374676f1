"""``huoshui look``: how documents of the house look."""

from __future__ import annotations

from pathlib import Path

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result


@click.command()
@shows_result
@click.option("--colour", metavar="COLOUR", help="Main colour, such as #0B7285.")
@click.option("--accent", metavar="COLOUR", help="Second colour, for marks.")
@click.option("--logo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PNG or JPEG.")
@click.option(
    "--template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A Word document (DOCX) whose styles, page and header are used.",
)
@click.option("--undo", is_flag=True, help="Go back to the look before.")
@click.option("--remove", is_flag=True, help="Take the look of Huoshui again.")
def look(
    choices: Choices,
    colour: str | None,
    accent: str | None,
    logo: Path | None,
    template: Path | None,
    undo: bool,
    remove: bool,
) -> None:
    """Show how plans look as documents, or change it: colours, logo, an own Word template.

    A snapshot of a plan keeps the look of its day.

    \b
    Examples:
      huoshui look
      huoshui look --colour '#1F3A8A' --accent '#D97706' --logo logo.png
      huoshui look --undo
    """
    open_house()
    from django.db import transaction

    from huoshui.desk.audit import services as audit
    from huoshui.desk.organisation import looking

    if sum((undo, remove, any(one is not None for one in (colour, accent, logo, template)))) > 1:
        raise click.UsageError("--undo, --remove and a new look are three things: say one")
    now = clock.now()
    given = {"colour": colour, "accent": accent, "logo": logo, "template": template}
    fields = [name for name, value in given.items() if value is not None]
    with transaction.atomic():
        if undo:
            number = looking.undo_look(actor=CONSOLE)
            audit.record(actor=CONSOLE, act="look.restored", detail={"look": number}, now=now)
        elif remove:
            looking.remove_look(actor=CONSOLE)
            audit.record(actor=CONSOLE, act="look.deleted", detail={"fields": ["all"]}, now=now)
        elif fields:
            number = looking.set_look(
                actor=CONSOLE,
                colour=colour,
                accent=accent,
                logo=logo.read_bytes() if logo else None,
                template=template.read_bytes() if template else None,
                template_name=template.name if template else "",
                now=now,
            )
            audit.record(
                actor=CONSOLE, act="look.changed", detail={"look": number, "fields": fields}, now=now
            )
    seen = looking.seen(actor=CONSOLE)
    if choices.as_json:
        output.print_json(
            {
                "look": seen.number,
                "colour": seen.colour,
                "accent": seen.accent,
                "text_colour": seen.text_colour,
                "mark_colour": seen.mark_colour,
                "logo": seen.has_logo,
                "template": seen.template_name,
            }
        )
        return
    zh = choices.language == "zh"
    none = "无" if zh else "none"
    lines = (
        ("主色" if zh else "Main colour", f"{seen.colour} ({seen.contrast:.1f}) → {seen.text_colour}"),
        (
            "辅色" if zh else "Second colour",
            f"{seen.accent} ({seen.accent_contrast:.1f}) → {seen.mark_colour}",
        ),
        ("标志" if zh else "Logo", ("有" if zh else "yes") if seen.has_logo else none),
        ("Word 模板" if zh else "Word template", seen.template_name or none),
    )
    for name, value in lines:
        click.echo(f"{name}  {value}")
