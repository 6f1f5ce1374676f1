"""Rules as columns: for every customer whether each rule holds, many rules in one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.know.segments import comparing, holding, measuring
from huoshui.know.segments.measuring import Among, Measure
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


def table(tables: Tables, as_of: AsOf, rules: Mapping[str, Rule], *, segments: Segments) -> IbisTable:
    """``customer_id`` and a column of truth values for each of ``rules``: one row per customer of the moment.

    Each kind of fact is read once, however many rules speak of it.
    """
    return _Compiled(tables, as_of, tuple(rules.values()), segments).columns(rules)


def members(tables: Tables, as_of: AsOf, rule: Rule, *, segments: Segments) -> IbisTable:
    """``customer_id`` of those for whom ``rule`` holds.

    Who is ruled out by clauses about values is put aside before the facts of the others are looked at.
    """
    parts = rule.parts if isinstance(rule, Every) else (rule,)
    of_values = tuple(part for part in parts if _is_of_values(part, segments))
    others = tuple(part for part in parts if part not in of_values)
    compiled = _Compiled(tables, as_of, others, segments, only=of_values)
    row = compiled.row.filter(*map(compiled.holds, others)) if others else compiled.row
    return row.select("customer_id")


def values(
    tables: Tables, as_of: AsOf, rule: Rule, *, segments: Segments
) -> tuple[IbisTable, Mapping[str, tuple[str, str]]]:
    """For every customer and clause whether it holds, and the value that decided.

    The table, and path of a clause → the names of its two columns.
    """
    return _Compiled(tables, as_of, (rule,), segments).explained(rule)


def _is_of_values(rule: Rule, segments: Segments) -> bool:
    """Whether traits and attributes alone decide."""
    return all(
        isinstance(clause, Value)
        or (isinstance(clause, Member) and _is_of_values(segments[clause.slug], segments))
        for _, clause in clauses(rule)
    )


class _Compiled:
    def __init__(
        self,
        tables: Tables,
        as_of: AsOf,
        rules: tuple[Rule, ...],
        segments: Segments,
        *,
        only: tuple[Rule, ...] = (),
    ) -> None:
        """``only`` are further rules, of values alone: customers for whom one does not hold are left out."""
        self.as_of, self.segments = as_of, segments
        found = [clause for rule in (*rules, *only) for clause in self.all_clauses(rule)]
        wanted = [measuring.measure_of(c) for c in found if not isinstance(c, Value | Member)]
        self.row: Any = measuring.people(tables, as_of, found)
        if only:
            self.row = holding.at_once(tables, self.row.filter(*map(self.holds, only)))
            tables = Among(tables, self.row.select("customer_id"))
        self.measured: Mapping[Measure, Any]
        self.row, self.measured = measuring.measured(tables, as_of, wanted, self.row)

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
                return self.measured[measuring.measure_of(clause)]
