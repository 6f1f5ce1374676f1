"""Rules that are compiled, held against their written meaning person by person: for tests and for the drill."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pyarrow as pa

from huoshui.data.facts.tables import FACTS
from huoshui.data.traits import queries as traits
from huoshui.data.traits.tests.shop import LONDON, Shop, as_of
from huoshui.kernel.plugs import LAKE_TABLES, LakeTable, Tables
from huoshui.know.segments import compiling
from huoshui.know.segments.reading import parse
from huoshui.know.segments.rules import Rule
from huoshui.know.segments.tests import people
from huoshui.know.segments.tests.oracle import Person
from huoshui.lake import care
from huoshui.lake.duck import arrow_schema
from huoshui.lake.engines import Session
from huoshui.lake.house import Lake
from huoshui.lake.snapshot import Snapshot

MOMENT = as_of(people.AS_OF)
AT_ONCE = 500
"""Rules of one query: half of what a query costs is spent before its first rule."""

Rows = Callable[[Any], Mapping[int, Mapping[str, Any]]]
"""The rows of an expression by ``customer_id``."""


def read(written: Any) -> Rule:
    """The rule, as the people of the shop have it."""
    return parse(written, traits=people.TRAITS, attributes=people.ATTRIBUTES)


def persons_of(shop: Shop) -> dict[int, Person]:
    """Everybody of the shop, to be asked one by one."""
    values = shop.rows_of(traits.trait_table(shop, MOMENT, only=tuple(people.TRAITS)))
    attributes = {row["customer_id"]: row for row in shop.rows["customers"]}
    facts: dict[int, dict[str, list[dict[str, Any]]]] = {who: {} for who in values}
    for kind, rows in shop.rows.items():
        for row in rows:
            facts[row["customer_id"]].setdefault(kind, []).append(row)
    return {who: Person({**attributes[who], **values[who]}, facts[who], MOMENT.at, LONDON) for who in values}


def put_into(lake: Lake, shop: Shop) -> Snapshot:
    """The shop as a house has it: traits of a refresh, events by name as compaction lays them, and later ones."""
    computed = shop.rows_of(traits.trait_table(shop, MOMENT, only=tuple(people.TRAITS))).values()
    facts = {table: _with_keys(table, shop.rows[table.slug]) for table in FACTS if table.slug in shop.rows}
    with lake.write("a refresh") as tx:
        tx.overwrite("customers", as_stored("customers", shop.rows["customers"]))
        refreshed = {"as_of": MOMENT.at, "computed_at": MOMENT.at}
        tx.overwrite("traits", as_stored("traits", [{**row, **refreshed} for row in computed]))
        for table, rows in facts.items():
            tx.put(table.slug, as_stored(table.slug, rows[: len(rows) // 2]), load_id=1)
    care.compact(lake)
    with lake.write("later") as tx:
        for table, rows in facts.items():
            tx.put(table.slug, as_stored(table.slug, rows[len(rows) // 2 :]), load_id=1)
    return lake.snapshot()


def _with_keys(table: LakeTable, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """No fact of the shop takes the place of another one."""
    found = []
    for number, row in enumerate(rows):
        keys = {
            "message_id": str(number),
            "line_no": number,
            "change_id": str(number),
            "answer_id": str(number),
        }
        if "order_id" not in table.key:
            keys["source"] = f"till {number}"
        found.append({**row, **{name: keys[name] for name in keys if name in ("source", *table.key)}})
    return found


def as_stored(slug: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of a table of the lake."""
    return pa.Table.from_pylist(list(rows), schema=arrow_schema(LAKE_TABLES[slug].all_columns))


@dataclass
class Verdict:
    """How often rules held and did not, and the rules and people of whom the two do not agree."""

    held: int = 0
    not_held: int = 0
    wrong: list[tuple[int, Any]] = field(default_factory=list)


def agree(
    tables: Tables,
    rows_of: Rows,
    persons: Mapping[int, Person],
    random: Random,
    *,
    rules: int,
    at_once: int = AT_ONCE,
) -> Verdict:
    """Compile so many random rules over ``tables`` and ask every person about each."""
    verdict = Verdict()
    for first in range(0, rules, at_once):
        written = {f"r{n}": people.rule_of(random) for n in range(first, min(first + at_once, rules))}
        compiled = {name: read(rule) for name, rule in written.items()}
        found = rows_of(compiling.table(tables, MOMENT, compiled, segments={}))
        assert found.keys() == persons.keys()
        _compare(found, persons, written, verdict)
    return verdict


def _compare(
    found: Mapping[int, Mapping[str, Any]],
    persons: Mapping[int, Person],
    written: Mapping[str, Any],
    verdict: Verdict,
) -> None:
    for who, person in persons.items():
        row = found[who]
        for name, rule in written.items():
            expected = person.meets(rule)
            if expected:
                verdict.held += 1
            else:
                verdict.not_held += 1
            if row[name] is not expected:
                verdict.wrong.append((who, rule))


class Elsewhere:
    """The facts of a shop in the session of another engine; implements `kernel.plugs.Tables`."""

    def __init__(self, shop: Shop, session: Session) -> None:
        self.shop, self.session = shop, session
        self._held: dict[str, Any] = {}

    def table(self, slug: str) -> Any:
        """The facts of a kind."""
        if slug not in self._held:
            self._held[slug] = self.session.hold(self.shop.arrow(self.shop.table(slug)))
        return self._held[slug]

    def rows_of(self, expression: Any) -> dict[int, dict[str, Any]]:
        """An expression's rows by ``customer_id``."""
        return {row["customer_id"]: row for row in self.session.arrow(expression).to_pylist()}
