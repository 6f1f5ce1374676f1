"""Commands about traits that the house defines for itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from huoshui.know.custom.own import Content


@click.group()
def trait() -> None:
    """Define values per customer without code: counts, sums, first and last values, formulas.

    A definition is JSON, for example {"of": "events", "event": "Product Viewed", "take": "count", "within_days": 30} or
    {"formula": "revenue_90d / orders_90d"}; beside it, under "definition", may stand label_en, label_zh, meaning_en,
    meaning_zh, unit_en and unit_zh. huoshui trait schema prints the JSON Schema.
    """


@trait.command()
@shows_result
@click.argument("name")
@click.argument("file")
def add(choices: Choices, name: str, file: str) -> None:
    """Keep the definition of FILE (- for stdin) under NAME; where NAME is defined already, as its next version."""
    open_house()
    from huoshui.know.custom import own, services
    from huoshui.lake import open_lake

    content, now = _content(file, name), clock.now()
    there = {one.slug: one.version for one in own.everything()}

    def keep(tables: Any) -> str:
        if name in there:
            services.change(
                actor=CONSOLE, slug=name, seen=there[name], content=content, tables=tables, now=now
            )
            return name
        return services.define(actor=CONSOLE, slug=name, content=content, tables=tables, now=now)

    made = own.one(open_lake().read(keep))
    if choices.as_json:
        output.print_json({"slug": made.slug, "version": made.version, **own.as_json(content)})
    else:
        click.echo(f"{made.slug}: {own.traits()[made.slug].meaning.in_(choices.language)}")
        say("its values are computed with the next refresh: huoshui refresh")


@trait.command("list")
@shows_result
def list_(choices: Choices) -> None:
    """List all traits: what they mean, and how many customers have a value."""
    open_house()
    from huoshui.know.custom import own, queries
    from huoshui.lake import open_lake

    found = open_lake().read(lambda tables: queries.catalogue(tables=tables))
    if choices.as_json:
        output.print_json(
            [
                {
                    "slug": one.trait.slug,
                    "label": one.trait.label.in_(choices.language),
                    "meaning": one.trait.meaning.in_(choices.language),
                    "type": one.trait.type,
                    "having": one.having,
                    "stale": one.stale,
                    "broken": one.trait.broken.in_(choices.language) if one.trait.broken else "",
                    "used_by": [use.name.in_(choices.language) for use in one.uses],
                    "own": own.as_json(one.own.content) if one.own and one.own.content else None,
                }
                for one in found.standings
            ]
        )
        return
    output.print_table(
        (),
        [
            (
                one.trait.slug,
                one.trait.label.in_(choices.language),
                "–" if one.having is None else f"{one.having:,}",
                one.trait.broken.in_(choices.language) if one.trait.broken else "",
            )
            for one in found.standings
        ],
    )


@trait.command()
@shows_result
@click.argument("file")
def preview(choices: Choices, file: str) -> None:
    """Say what the definition of FILE (- for stdin) would give, without keeping it."""
    zone = open_house().organisation.zone
    from huoshui.data.traits import queries as traits
    from huoshui.know.custom import queries
    from huoshui.lake import open_lake

    content, now = _content(file, "preview"), clock.now()

    def look(tables: Any) -> queries.Preview:
        refreshed = traits.last_refresh(tables=tables)
        as_of = AsOf(at=refreshed[0] if refreshed else now, zone=zone)
        return queries.preview(actor=CONSOLE, content=content, tables=tables, as_of=as_of)

    found = open_lake().read(look)
    said: dict[str, Any] = {
        "meaning": found.trait.meaning.in_(choices.language),
        "type": found.trait.type,
        "as_of": found.as_of,
        "customers": found.customers,
        "having": found.having,
        "least": found.least,
        "median": found.median,
        "most": found.most,
        "top": [{"value": value, "customers": count} for value, count in found.top],
    }
    if choices.as_json:
        output.print_json(said)
        return
    click.echo(said["meaning"])
    rows = [(name, output.cell(said[name])) for name in ("having", "customers", "least", "median", "most")]
    output.print_table(
        (), [*rows, *((output.cell(value), f"{count:,}") for value, count in found.top)], indent=2
    )


@trait.command()
@shows_result
@click.argument("name")
def retire(choices: Choices, name: str) -> None:
    """Compute the trait NAME no longer; refused while segments, saved views or formulas use it."""
    open_house()
    from huoshui.know.custom import services

    services.retire(actor=CONSOLE, slug=name, now=clock.now())
    if choices.as_json:
        output.print_json({"slug": name, "retired": True})
    else:
        say(f"{name} is computed no longer; its name stays taken")


@trait.command()
def schema() -> None:
    """Print the JSON Schema of definitions."""
    from huoshui.know.custom import definitions

    output.print_json(definitions.described())


def _content(place: str, name: str) -> Content:
    """What a file says: a definition, or labels with one. Raises `NotADefinition`."""
    from huoshui.kernel.texts import Text
    from huoshui.know.custom import own
    from huoshui.know.custom.errors import NotADefinition

    unread = Text("The file of the definition cannot be read", "无法读取定义文件")
    try:
        text = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8-sig")
        plain = json.loads(text)
    except OSError as error:
        raise NotADefinition(unread, received=f"{place}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise NotADefinition(unread, received=f"{place}: {error}"[:200], valid="JSON") from error
    if not isinstance(plain, dict) or "definition" not in plain:
        plain = {"definition": plain}
    if unknown := set(plain) - {*own.WORDS, "definition"}:
        said = Text("The file says what is not understood", "文件里有无法理解的内容")
        raise NotADefinition(
            said, received=", ".join(sorted(unknown)), valid=", ".join((*own.WORDS, "definition"))
        )
    named = {} if plain.get("label_en") or plain.get("label_zh") else {"label_en": name}
    return own.from_json({**plain, **named})
