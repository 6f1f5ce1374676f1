"""Rules as columns: for every customer whether each rule holds, many rules in one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.know.segments import comparing, holding, measuring
from huoshui.know.segments.measuring import Among, Measured
from huoshui.know.segments.rules import (
    MOMENTS,
    Answer,
    Clause,
    Consent,
    Did,
    Every,
    Member,
    Not,
    Rule,
    Some,
    Value,
    clauses,
)

Segments = Mapping[str, Rule]
"""Segment → its rule, for every segment that rules speak of."""

Looked = Value | Measured
"""Clauses that look at customers themselves, not at other segments."""


def table(tables: Tables, as_of: AsOf, rules: Mapping[str, Rule], *, segments: Segments) -> IbisTable:
    """``customer_id`` and a column of truth values for each of ``rules``: one row per customer of the moment.

    Each kind of fact is read once, however many rules speak of it.
    """
    return _Compiled(tables, as_of, tuple(rules.values()), segments).columns(rules)


def members(tables: Tables, as_of: AsOf, rule: Rule, *, segments: Segments) -> IbisTable:
    """``customer_id`` of those for whom ``rule`` holds."""
    return _Compiled(tables, as_of, (rule,), segments).members(rule)


def values(
    tables: Tables, as_of: AsOf, rule: Rule, *, segments: Segments
) -> tuple[IbisTable, Mapping[str, tuple[str, str]]]:
    """For every customer and clause whether it holds, and the value that decided.

    The table, and path of a clause → the names of its two columns.
    """
    return _Compiled(tables, as_of, (rule,), segments).explained(rule)


class _Compiled:
    def __init__(self, tables: Tables, as_of: AsOf, rules: tuple[Rule, ...], segments: Segments) -> None:
        self.tables, self.as_of, self.segments = tables, as_of, segments
        found = [clause for rule in rules for clause in self.all_clauses(rule)]
        wanted = dict.fromkeys(measuring.measure_of(c) for c in found if not isinstance(c, Value | Member))
        self.names = {measure: f"m{number}" for number, measure in enumerate(wanted)}
        self.row: Any
        self.row, self.at_hand = measuring.at_hand(tables, as_of, found, self.names)

    def measure(self, tables: Tables) -> None:
        """Look at the facts of ``tables`` for what is not at hand."""
        others = {measure: name for measure, name in self.names.items() if measure not in self.at_hand}
        self.row = measuring.measured(tables, self.as_of, others, self.row)

    def members(self, rule: Rule) -> Any:
        """Who is ruled out by clauses about what is at hand is put aside before the facts are looked at."""
        parts = rule.parts if isinstance(rule, Every) else (rule,)
        quick = [part for part in parts if self.is_at_hand(part)]
        others = [part for part in parts if part not in quick]
        tables = self.tables
        if quick:
            self.row = self.row.filter(*map(self.holds, quick))
        if quick and others:
            self.row = holding.at_once(tables, self.row)
            tables = Among(tables, self.row.select("customer_id"))
        if others:
            self.measure(tables)
            self.row = self.row.filter(*map(self.holds, others))
        return self.row.select("customer_id")

    def is_at_hand(self, rule: Rule) -> bool:
        """Whether traits, attributes and what is counted already decide."""
        return all(
            isinstance(clause, Value) or measuring.measure_of(clause) in self.at_hand
            for clause in self.all_clauses(rule)
        )

    def all_clauses(self, rule: Rule) -> list[Looked]:
        """The clauses of a rule, and those of the segments that it speaks of."""
        found: list[Looked] = []
        for _, clause in clauses(rule):
            found += self.all_clauses(self.segments[clause.slug]) if isinstance(clause, Member) else [clause]
        return found

    def columns(self, rules: Mapping[str, Rule]) -> Any:
        self.measure(self.tables)
        return self.row.select("customer_id", **{name: self.holds(rule) for name, rule in rules.items()})

    def explained(self, rule: Rule) -> tuple[Any, Mapping[str, tuple[str, str]]]:
        self.measure(self.tables)
        shown: dict[str, Any] = {}
        names: dict[str, tuple[str, str]] = {}
        for number, (path, clause) in enumerate(clauses(rule)):
            names[path] = (f"holds{number}", f"value{number}")
            shown[f"holds{number}"] = self.holds(clause)
            shown[f"value{number}"] = self.value(clause)
        return self.row.select("customer_id", holds=self.holds(rule), **shown), names

    def holds(self, rule: Rule) -> Any:
        match rule:
            case Every(parts):
                first, *others = (self.holds(part) for part in parts)
                for other in others:
                    first = first & other
                return first
            case Some(parts):
                first, *others = (self.holds(part) for part in parts)
                for other in others:
                    first = first | other
                return first
            case Not(part):
                return ~self.holds(part)
            case Member(slug):
                return self.holds(self.segments[slug])
            case Value(kind=kind, test=test):
                return comparing.holds(self.value(rule), kind, test, self.as_of.zone)
            case Did(_, measure, test):
                kind = "moment" if measure in MOMENTS else "number"
                return comparing.holds(self.value(rule), kind, test, self.as_of.zone)
            case Answer(_, test):
                return comparing.holds(self.value(rule), "number", test, self.as_of.zone)
            case Consent(_, _, state):
                return (self.value(rule) == state).fill_null(False)
            case _:
                return self.value(rule)

    def value(self, clause: Clause) -> Any:
        """What ``clause`` looks at."""
        match clause:
            case Member(slug):
                return self.holds(self.segments[slug])
            case Value(of, slug, part=part):
                value = self.row[f"{of}_{slug}"]
                return comparing.part_of(value, part, self.as_of) if part else value
            case _:
                measure = measuring.measure_of(clause)
                return measuring.filled(self.row[self.names[measure]], measure)
