"""Commands about segments."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from huoshui.kernel.clock import AsOf
    from huoshui.know.segments.rules import Rule
    from huoshui.lake.snapshot import Snapshot


@click.group()
def segment() -> None:
    """Say "these customers": rules kept under a name, counted, listed, explained.

    A rule is JSON, for example {"all": [{"trait": "frequency", "op": ">=", "value": 2}, {"tag": "VIP"}]}. What it can
    say stands in docs/guide/segments.md; huoshui segment schema prints its JSON Schema.
    """


@segment.command()
@shows_result
@click.argument("name")
@click.argument("rule")
@click.option("--note", default="", help="What the segment is for.")
def add(choices: Choices, name: str, rule: str, note: str) -> None:
    """Keep the rule of the file RULE under NAME."""
    open_house()
    from huoshui.know.segments import queries, services

    slug = services.add(actor=CONSOLE, name=name, rule=_read_json(rule), note=note, now=clock.now())
    made = queries.segment(slug)
    if choices.as_json:
        output.print_json({"slug": slug, "name": made.name, "version": made.version, "rule": made.rule})
    else:
        click.echo(f"{slug}: {made.sentence.in_(choices.language)}")


@segment.command("list")
@shows_result
def list_(choices: Choices) -> None:
    """List the segments."""
    open_house()
    from huoshui.know.segments import queries

    found = queries.segments()
    if choices.as_json:
        output.print_json(
            [
                {
                    "slug": s.slug,
                    "name": s.name,
                    "version": s.version,
                    "rule": s.rule,
                    "changed_at": s.changed_at,
                }
                for s in found
            ]
        )
    elif found:
        output.print_table((), [(s.slug, s.name, s.sentence.in_(choices.language)) for s in found])
    if not found:
        say("there is no segment yet. Make one: huoshui segment add NAME RULE.json")


@segment.command()
@shows_result
@click.argument("rule")
def count(choices: Choices, rule: str) -> None:
    """Count the customers of RULE: a file of JSON, - for stdin, or the name of a segment."""
    asked = _asked(rule)
    from huoshui.know.segments import queries

    found = asked(lambda tables, as_of, read: queries.count(tables=tables, as_of=as_of, rule=read))
    if choices.as_json:
        output.print_json({"count": found.count, "customers": found.customers, "as_of": found.as_of})
    else:
        of = "位客户，共" if choices.language == "zh" else "of"
        click.echo(f"{found.count:,} {of} {found.customers:,}")


@segment.command()
@shows_result
@click.argument("rule")
@click.option(
    "--limit", type=click.IntRange(1, 10_000_000), default=100, show_default=True, help="How many at most."
)
def members(choices: Choices, rule: str, limit: int) -> None:
    """List the customers of RULE by their ids: a file of JSON, - for stdin, or the name of a segment."""
    asked = _asked(rule)
    from huoshui.know.segments import queries

    def ids(tables: Snapshot, as_of: AsOf, read: Rule) -> list[int]:
        found = queries.members(tables, as_of, read).order_by("customer_id").limit(limit)
        return [int(one) for one in tables.arrow(found)["customer_id"].to_pylist()]

    found = asked(ids)
    if choices.as_json:
        output.print_json({"customer_ids": found})
    else:
        for customer_id in found:
            click.echo(customer_id)


@segment.command()
@shows_result
@click.argument("rule")
@click.argument("customer")
def why(choices: Choices, rule: str, customer: str) -> None:
    """Say clause by clause why CUSTOMER (any number, phone or e-mail) belongs to RULE or not."""
    asked = _asked(rule)
    from huoshui.data.customers import queries as customers
    from huoshui.know.segments import queries

    found = customers.find(customer)
    if len(found) != 1:
        say(
            "no customer has this number"
            if not found
            else "several customers have this number; give our own id"
        )
        sys.exit(1)
    customer_id = found[0].customer_id
    reason = asked(
        lambda tables, as_of, read: queries.why(
            tables=tables, as_of=as_of, rule=read, customer_id=customer_id
        )
    )
    if reason is None:
        say("this customer was not there at that moment")
        sys.exit(1)
    if choices.as_json:
        output.print_json(
            {
                "customer_id": customer_id,
                "belongs": reason.belongs,
                "as_of": reason.as_of,
                "computed_at": reason.computed_at,
                "clauses": [
                    {
                        "path": v.path,
                        "sentence": v.sentence.in_(choices.language),
                        "holds": v.holds,
                        "value": v.value,
                    }
                    for v in reason.verdicts
                ],
            }
        )
        return
    zh = choices.language == "zh"
    click.echo(
        ("属于" if reason.belongs else "不属于")
        if zh
        else ("belongs" if reason.belongs else "does not belong")
    )
    output.print_table(
        (),
        [
            ("✓" if v.holds else "✗", v.sentence.in_(choices.language), _shown(v.value))
            for v in reason.verdicts
        ],
        indent=2,
    )


@segment.command()
def schema() -> None:
    """Print the JSON Schema of rules, with the traits and attributes of this house."""
    open_house()
    from huoshui.know.segments import schema as described

    output.print_json(described.schema())


def _asked(rule: str) -> Any:
    """A function that asks the lake about ``rule`` as of the last refresh."""
    house = open_house().organisation
    from huoshui.know.segments import queries
    from huoshui.lake import open_lake

    is_file = rule == "-" or rule.endswith(".json") or Path(rule).exists()
    read = queries.read(_read_json(rule)) if is_file else queries.rule_of(rule)
    now = clock.now()

    def ask(question: Any) -> Any:
        def answer(tables: Snapshot) -> Any:
            as_of = queries.moment(tables=tables, zone=house.zone, now=now)
            return question(tables, as_of, read)

        return open_lake().read(answer)

    return ask


def _read_json(place: str) -> Any:
    from huoshui.know.segments.errors import BadRule

    try:
        text = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8-sig")
        return json.loads(text)
    except OSError as error:
        raise BadRule("The file of the rule cannot be read", received=f"{place}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadRule("The file of the rule is no JSON", received=f"{place}: {error}"[:200]) from error


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return "–" if value is None else output.cell(value)
