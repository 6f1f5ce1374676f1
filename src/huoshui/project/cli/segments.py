"""Commands about segments."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.project.cli import output
from huoshui.project.cli.options import Choices, open_house, shows_result
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from huoshui.kernel.clock import AsOf
    from huoshui.know.segments.memberships import State
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
    from huoshui.lake import open_lake

    slug = services.add(actor=CONSOLE, name=name, rule=_read_json(rule), note=note, now=clock.now())
    made = queries.segment(slug)
    open_lake().read(lambda tables: _say_doubts(tables, queries.read(made.rule), choices))
    if choices.as_json:
        output.print_json({"slug": slug, "name": made.name, "version": made.version, "rule": made.rule})
    else:
        click.echo(f"{slug}: {made.sentence.in_(choices.language)}")


@segment.command("add-list")
@shows_result
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--column", default="", help="The column of FILE; otherwise the one by which most customers are found."
)
@click.option("--note", default="", help="What the segment is for.")
@click.option(
    "--rest", type=click.Path(path_type=Path), help="Write what names nobody, or several, to this CSV file."
)
def add_list(choices: Choices, name: str, file: Path, column: str, note: str, rest: Path | None) -> None:
    """Keep the customers whom FILE names one by one (numbers, phones, e-mails) under NAME.

    FILE is a CSV, Excel or Parquet file.
    """
    open_house()
    from huoshui.know.segments import lists

    with TemporaryDirectory() as workspace:
        made = lists.make(
            actor=CONSOLE,
            name=name,
            texts=lists.texts_of(file, workspace=Path(workspace), column=column, actor=CONSOLE),
            note=note,
            rest=rest,
            language=choices.language,
            now=clock.now(),
        )
    if choices.as_json:
        output.print_json(asdict(made))
    else:
        click.echo(f"{made.slug}: {lists.words(made).in_(choices.language)}")


@segment.command("list")
@shows_result
def list_(choices: Choices) -> None:
    """List the segments: your own, then those of every house, with how many belong as of the last refresh.

    A dash stands for a segment that was not computed yet, an exclamation mark for one whose rule is broken: its number
    is the last that could be computed.
    """
    open_house()
    from huoshui.know.segments import memberships, queries

    found, states = queries.segments(), memberships.states()
    if choices.as_json:
        output.print_json(
            [
                {
                    "slug": s.slug,
                    "name": s.name,
                    "version": s.version,
                    "rule": s.rule,
                    "changed_at": s.changed_at,
                    "built_in": s.built_in,
                    "size": states[s.slug].size if s.slug in states else None,
                    "as_of": states[s.slug].as_of if s.slug in states else None,
                    "broken": bool(states[s.slug].problem) if s.slug in states else None,
                }
                for s in found
            ]
        )
    else:
        rows = [(s.slug, _size(states.get(s.slug)), s.name, s.sentence.in_(choices.language)) for s in found]
        output.print_table((), rows, right=(1,))
    if all(s.built_in for s in found):
        say("there is no segment of your own yet. Make one: huoshui segment add NAME RULE.json")


@segment.command()
@shows_result
@click.argument("rule")
def count(choices: Choices, rule: str) -> None:
    """Count the customers of RULE: a file of JSON, - for stdin, or the name of a segment."""
    asked = _asked(rule)
    from huoshui.know.segments import queries

    found = asked(lambda tables, as_of, read: queries.count(tables=tables, as_of=as_of, rule=read))
    asked(lambda tables, as_of, read: _say_doubts(tables, read, choices))
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
    from huoshui.kernel.plugs import HOUSE
    from huoshui.know.segments import pages, queries

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
    house, language = HOUSE(), choices.language
    shown = [pages.value_in_words(v.clause, v.value, house, language) for v in reason.verdicts]
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
                        "shown": said,
                    }
                    for v, said in zip(reason.verdicts, shown, strict=True)
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
            ("✓" if v.holds else "✗", v.sentence.in_(choices.language), said)
            for v, said in zip(reason.verdicts, shown, strict=True)
        ],
        indent=2,
    )


@segment.command()
@shows_result
@click.argument("name", default="")
def refresh(choices: Choices, name: str) -> None:
    """Compute who belongs, as of the last refresh: to the segment NAME, or to all.

    huoshui refresh does it too, and the house by itself each minute for those of whom something changed. Who entered
    and left since the last computation is kept, and told as facts where time or live data moved them.
    """
    house = open_house().organisation
    from huoshui.know.segments import queries, refreshing
    from huoshui.lake import open_lake

    lake, now = open_lake(), clock.now()
    as_of = queries.moment(tables=lake.snapshot(), zone=house.zone, now=now)
    slug = queries.segment(name).slug if name else ""
    with output.progress() as tell:
        tell("segments", 0.0)
        done = refreshing.refresh(actor=CONSOLE, lake=lake, as_of=as_of, now=now, slug=slug)
    if choices.as_json:
        output.print_json(
            {
                "as_of": as_of.at,
                "segments": 1 if slug else done.segments,
                "broken": done.broken,
                "entered": done.entered,
                "left": done.left,
                "seconds": round(done.seconds, 3),
            }
        )
    elif choices.language == "zh":
        click.echo(f"进入 {done.entered:,} 人次，离开 {done.left:,} 人次，截至 {as_of}")
    else:
        click.echo(f"{done.entered:,} entered, {done.left:,} left, as of {as_of}")


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


def _say_doubts(tables: Snapshot, rule: Rule, choices: Choices) -> None:
    """Say which clauses ask for a value that nobody has."""
    from huoshui.know.segments import doubting
    from huoshui.know.segments.offering import Offers

    for path, text in doubting.doubts(rule, Offers(tables)).items():
        say(f"{path}: {text.in_(choices.language)}" if path else text.in_(choices.language))


def _size(state: State | None) -> str:
    return "–" if state is None else f"{state.size:,}{' !' if state.problem else ''}"


def _read_json(place: str) -> Any:
    from huoshui.know.segments.errors import BadRule

    try:
        text = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8-sig")
        return json.loads(text)
    except OSError as error:
        raise BadRule("The file of the rule cannot be read", received=f"{place}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadRule("The file of the rule is no JSON", received=f"{place}: {error}"[:200]) from error
