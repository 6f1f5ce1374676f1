"""The segments whose rules can be applied now, and a sign that tells one meaning of a rule from another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.rules import Clause, Rule, Value, clauses


@dataclass(frozen=True, slots=True)
class Applicable:
    """A segment whose rule can be applied. ``meaning`` changes with all that decides who belongs, but for the facts."""

    slug: str
    version: int
    rule: Rule
    others: Mapping[str, Rule]
    meaning: str

    def clauses(self) -> Iterator[Clause]:
        """Its clauses, and those of the segments it builds on."""
        for rule in (self.rule, *self.others.values()):
            yield from (clause for _, clause in clauses(rule))


def applicable() -> tuple[list[Applicable], dict[str, Text]]:
    """All segments in use whose rules can be applied, and what is wrong with the others."""
    known, problems = [], {}
    for slug, version, written in queries.written():
        try:
            rule = queries.read(written, unless=slug)
            others = queries.resolve(rule, unless=slug)
        except BadRule as error:
            problems[slug] = Text(str(error), f"规则已失效：{error}")
            continue
        one = Applicable(slug, version, rule, others, "")
        known.append(replace(one, meaning=_meaning(one)))
    return known, problems


def _meaning(one: Applicable) -> str:
    """A sign of the rule, of those it builds on, and of what the traits in them say they are."""
    of_traits = {
        clause.slug: (TRAITS[clause.slug].meaning.en, TRAITS[clause.slug].defined_at)
        for clause in one.clauses()
        if isinstance(clause, Value) and clause.of == "trait"
    }
    said = repr((one.rule, sorted(one.others.items()), sorted(of_traits.items())))
    return hashlib.sha256(said.encode()).hexdigest()
