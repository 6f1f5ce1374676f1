"""Rules as columns: for every customer whether each rule holds, many rules in one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.know.segments import comparing, measuring
from huoshui.know.segments.measuring import Measure
from huoshui.know.segments.rules import (
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


def table(tables: Tables, as_of: AsOf, rules: Mapping[str, Rule], *, segments: Segments) -> IbisTable:
    """``customer_id`` and a column of truth values for each of ``rules``: one row per customer of the moment.

    Each kind of fact is read once, however many rules speak of it.
    """
    return _Compiled(tables, as_of, tuple(rules.values()), segments).columns(rules)


def values(
    tables: Tables, as_of: AsOf, rule: Rule, *, segments: Segments
) -> tuple[IbisTable, Mapping[str, tuple[str, str]]]:
    """For every customer and clause whether it holds, and the value that decided.

    The table, and path of a clause → the names of its two columns.
    """
    return _Compiled(tables, as_of, (rule,), segments).explained(rule)


class _Compiled:
    def __init__(self, tables: Tables, as_of: AsOf, rules: tuple[Rule, ...], segments: Segments) -> None:
        self.as_of, self.segments = as_of, segments
        found = [clause for rule in rules for clause in self.all_clauses(rule)]
        wanted = [measuring.measure_of(c) for c in found if not isinstance(c, Value | Member)]
        row = measuring.people(tables, as_of, found)
        self.row: Any
        self.names: Mapping[Measure, str]
        self.row, self.names = measuring.measured(tables, as_of, wanted, row)

    def all_clauses(self, rule: Rule) -> list[Clause]:
        found: list[Clause] = []
        for _, clause in clauses(rule):
            found += self.all_clauses(self.segments[clause.slug]) if isinstance(clause, Member) else [clause]
        return found

    def columns(self, rules: Mapping[str, Rule]) -> Any:
        return self.row.select("customer_id", **{name: self.holds(rule) for name, rule in rules.items()})

    def explained(self, rule: Rule) -> tuple[Any, Mapping[str, tuple[str, str]]]:
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
            case Value(_, _, kind, test):
                return comparing.holds(self.value(rule), kind, test, self.as_of.zone)
            case Did(_, measure, test):
                kind = "moment" if measure in ("first", "last") else "number"
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
            case Value(of, slug):
                return self.row[f"{of}_{slug}"]
            case _:
                return self.row[self.names[measuring.measure_of(clause)]]
