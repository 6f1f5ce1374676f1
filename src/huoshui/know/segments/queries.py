"""Questions about segments: who they are, how many, and why somebody belongs to them or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from huoshui.data.customers import conditions as customers
from huoshui.data.customers.tiers import TIERS
from huoshui.data.traits import queries as traits
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import TRAITS, IbisTable, Tables
from huoshui.kernel.texts import Text
from huoshui.know.segments import compiling, listed, measuring, reading, sentences
from huoshui.know.segments.built_in import SHIPPED, BuiltIn, built_in
from huoshui.know.segments.errors import BadRule, NoSuchSegment
from huoshui.know.segments.models import Segment, Version
from huoshui.know.segments.rules import Clause, Did, Every, Kind, Listed, Member, Rule, Test, Value, clauses
from huoshui.know.segments.sentences import Words
from huoshui.web.shell import language_now

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

LENGTHS = ("days", "months", "years")
"""Units of traits without which a number says nothing: 90 days are not 90 orders."""
LONGEST = 60.0
"""Seconds after which counting is broken off: whoever waits is told so, and the house goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A segment as people keep it; ``rule`` is its JSON, ``sentence`` says it in words.

    ``built_in`` ones ship with the house: they cannot be changed, only copied.
    """

    slug: str
    name: str
    note: str
    rule: Mapping[str, Any]
    sentence: Text
    version: int
    changed_at: datetime
    built_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of all customers belong, as of a moment (UTC)."""

    count: int
    customers: int
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one clause holds for a customer, and by which value. ``path`` is its place in the rule."""

    path: str
    clause: Clause
    sentence: Text
    holds: bool
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Whether a customer belongs, clause by clause. ``computed_at`` is when the traits used were computed."""

    belongs: bool
    verdicts: Sequence[Verdict]
    as_of: datetime
    computed_at: datetime | None


def fields() -> tuple[dict[str, Kind], dict[str, Kind]]:
    """What rules can ask of customers: traits and attributes, each with its kind."""
    known = customers.known()
    return (
        {slug: known[slug].kind for slug in known if slug in TRAITS},
        {slug: known[slug].kind for slug in known if slug not in TRAITS},
    )


def read(written: Any, *, unless: str = "") -> Rule:
    """The rule that ``written`` says, checked with the segments that it speaks of.

    ``unless`` is the segment it is meant for, which it must not lead back to. Raises `BadRule`.
    """
    of_traits, of_attributes = fields()
    rule = reading.parse(written, traits=of_traits, attributes=of_attributes)
    for path, clause in clauses(rule):
        if isinstance(clause, Listed) and clause.number not in listed.names():
            raise BadRule("There is no such list", path=path, received=str(clause.number))
    resolve(rule, unless=unless)
    return rule


def resolve(rule: Rule, *, unless: str = "") -> dict[str, Rule]:
    """The rules of all segments that ``rule`` speaks of, and of those that they speak of.

    Raises `BadRule` for one that is not there, that is broken, or that leads in a circle.
    """
    found: dict[str, Rule] = {}
    if not any(isinstance(clause, Member) for _path, clause in clauses(rule)):
        return found
    of_traits, of_attributes = fields()

    def visit(part: Rule, trail: tuple[str, ...]) -> None:
        for path, clause in clauses(part):
            if not isinstance(clause, Member):
                continue
            here = path if len(trail) == 1 else ""
            if clause.slug in trail:
                round_ = " → ".join((*trail[1:], clause.slug))
                raise BadRule("Segments lead in a circle", path=here, received=round_.strip(" →"))
            if clause.slug not in found:
                segment = _in_use(slug=clause.slug)
                if segment is None:
                    raise BadRule("There is no such segment", path=here, received=repr(clause.slug))
                try:
                    found[clause.slug] = reading.parse(
                        segment.rule, traits=of_traits, attributes=of_attributes
                    )
                except BadRule as error:
                    raise BadRule(
                        f"The segment {segment.name} is broken: {error.problem}",
                        path=here,
                        received=error.received,
                        valid=error.valid,
                    ) from error
            visit(found[clause.slug], (*trail, clause.slug))

    visit(rule, (unless,))
    return found


def segments() -> list[Described]:
    """All segments in use: those that people made, by name, then those that ship with the house."""
    words = words_now()
    of_traits, of_attributes = fields()
    answer = []
    for segment in _all_in_use():
        try:
            rule = reading.parse(segment.rule, traits=of_traits, attributes=of_attributes)
            said = sentences.sentence(rule, words)
        except BadRule as error:
            said = Text(f"Broken: {error}", f"规则已失效：{error}")
        answer.append(_described(segment, said))
    return answer


def segment(name: str) -> Described:
    """The segment with this slug or name. Raises `NoSuchSegment`, `BadRule` when its rule means nothing any more."""
    found = _kept(name)
    return _described(found, sentences.sentence(read(found.rule), words_now()))


def rule_of(name: str) -> Rule:
    """The rule of a segment. Raises `NoSuchSegment`, `BadRule`."""
    return read(_kept(name).rule)


def members(tables: Tables, as_of: AsOf, rule: Rule) -> IbisTable:
    """The customers of a rule as an Ibis table of ``customer_id``. Raises `BadRule`."""
    return compiling.members(tables, as_of, rule, segments=resolve(rule))


def count(*, tables: Snapshot, as_of: AsOf, rule: Rule) -> Count:
    """How many customers belong to a rule. Raises `BadRule`, and `QueryTooLong` after `LONGEST` seconds."""
    with tables.session.at_most(LONGEST):
        # Counting those alone lets the engine put aside whom a cheap clause rules out before it looks at facts.
        those = members(tables, as_of, rule)
        found = tables.arrow(those.aggregate(n=those.count()))["n"][0].as_py()
        everybody = measuring.how_many(tables, as_of)
    return Count(count=int(found), customers=everybody, as_of=as_of.at)


def prepare(*, tables: Snapshot, as_of: AsOf) -> None:
    """Count nobody, by an attribute and an event of no name, so that a real count finds in memory what each asks for:
    the ids of everybody, and how events lie."""
    nobody = (
        Value("attribute", "country", "text", Test("empty")),
        Did("did", "times", Test(">", Decimal(0)), within_days=1),
    )
    count(tables=tables, as_of=as_of, rule=Every(nobody))


def counts(*, tables: Snapshot, as_of: AsOf, slugs: Sequence[str]) -> dict[str, Count]:
    """How many customers belong to each of these segments, by slug, in one query; broken ones are left out.

    Raises `QueryTooLong`.
    """
    of_traits, of_attributes = fields()
    rules: dict[str, Rule] = {}
    others: dict[str, Rule] = {}
    for slug, _version, rule in written():
        if slug not in slugs:
            continue
        try:
            rules[slug] = reading.parse(rule, traits=of_traits, attributes=of_attributes)
            others |= resolve(rules[slug], unless=slug)
        except BadRule:
            # The list says beside it that the rule is broken, and shows no number.
            rules.pop(slug, None)
    if not rules:
        return {}
    columns = {f"s{number}": rule for number, rule in enumerate(rules.values())}
    found = compiling.table(tables, as_of, columns, segments=others)
    sums = {name: found[name].sum() for name in columns}
    with tables.session.at_most(LONGEST):
        row = tables.arrow(found.aggregate(customers=found.count(), **sums)).to_pylist()[0]
    return {
        slug: Count(count=int(row[f"s{number}"] or 0), customers=int(row["customers"]), as_of=as_of.at)
        for number, slug in enumerate(rules)
    }


def versions(slug: str) -> list[tuple[int, str, datetime, Text]]:
    """Number, who, when and sentence of each version of a segment, the newest first."""
    words = words_now()
    of_traits, of_attributes = fields()
    answer = []
    for version in Version.objects.filter(segment__slug=slug):
        try:
            rule = reading.parse(version.rule, traits=of_traits, attributes=of_attributes)
            said = sentences.sentence(rule, words)
        except BadRule as error:
            said = Text(f"Broken: {error.problem}", f"规则已失效：{error.problem}")
        answer.append((version.number, version.by, version.made_at, said))
    return answer


def version(slug: str, number: int) -> Rule:
    """The rule of a version. Raises `NoSuchSegment`, `BadRule` when it means nothing any more."""
    if slug in built_in():
        return read(built_in()[slug].rule)
    found = Version.objects.filter(segment__slug=slug, segment__retired_at=None, number=number).first()
    if found is None:
        raise NoSuchSegment("There is no such version", received=str(number))
    of_traits, of_attributes = fields()
    return reading.parse(found.rule, traits=of_traits, attributes=of_attributes)


def sentence(rule: Rule) -> Text:
    """A rule in words."""
    return sentences.sentence(rule, words_now())


def why(*, tables: Snapshot, as_of: AsOf, rule: Rule, customer_id: int) -> Why | None:
    """Why a customer belongs to a rule or not; nothing for somebody who was not there at that moment."""
    found, names = compiling.values(tables, as_of, rule, segments=resolve(rule))
    rows = tables.arrow(found.filter(found.customer_id == customer_id)).to_pylist()
    if not rows:
        return None
    words, refreshed = words_now(), traits.last_refresh(tables=tables)
    return Why(
        belongs=rows[0]["holds"],
        verdicts=[_verdict(path, clause, rows[0], names, words) for path, clause in clauses(rule)],
        as_of=as_of.at,
        computed_at=refreshed[1] if refreshed and refreshed[0] == as_of.at else None,
    )


def moment(*, tables: Snapshot, zone: ZoneInfo, now: datetime) -> AsOf:
    """The moment that segments speak of: that of the last refresh, before the first the present."""
    refreshed = traits.last_refresh(tables=tables)
    return AsOf(at=refreshed[0] if refreshed else now, zone=zone)


def names() -> dict[str, Text]:
    """Slug → name of all segments in use, in the order of `segments`."""
    rows = Segment.objects.filter(retired_at=None).order_by("name").values_list("slug", "name")
    shipped = {slug: one.label for slug, one in built_in().items()}
    return {slug: Text(name, name) for slug, name in rows} | shipped


def written() -> list[tuple[str, int, Any]]:
    """Slug, version and rule, as JSON, of all segments in use, in the order of `segments`."""
    return [(segment.slug, segment.version, segment.rule) for segment in _all_in_use()]


def words_now() -> Words:
    """What traits, attributes, codes and segments are called."""
    known = customers.known()
    return Words(
        labels={slug: one.label for slug, one in known.items()},
        codes={"city_tier": TIERS, **{slug: one.values for slug, one in known.items() if one.values}},
        segments={
            **dict(Segment.objects.values_list("slug", "name")),
            **{slug: one.label.in_(language_now()) for slug, one in built_in().items()},
        },
        lists=listed.names(),
        units={one.slug: one.unit for one in TRAITS if one.unit is not None and one.unit.en in LENGTHS},
    )


def _verdict(
    path: str, clause: Clause, row: Mapping[str, Any], names: Mapping[str, tuple[str, str]], words: Words
) -> Verdict:
    holds, value = names[path]
    return Verdict(
        path=path,
        clause=clause,
        sentence=sentences.sentence(clause, words),
        holds=row[holds],
        value=row[value],
    )


def _kept(name: str) -> Segment:
    found = _in_use(slug=name) or _in_use(name=name)
    if found is None:
        in_use = Segment.objects.filter(retired_at=None)
        raise NoSuchSegment(
            "There is no such segment",
            received=repr(name[:120]),
            valid=", ".join(in_use.order_by("slug").values_list("slug", flat=True)[:20])
            or "none is made yet",
            next_step="Make one: huoshui segment add NAME RULE.json",
        )
    return found


def _in_use(**named: str) -> Segment | None:
    if shipped := built_in().get(named.get("slug", "")):
        return _shipped(shipped)
    return Segment.objects.filter(retired_at=None, **named).first()


def _all_in_use() -> list[Segment]:
    own = Segment.objects.filter(retired_at=None).order_by("name")
    return [*own, *map(_shipped, built_in().values())]


def _shipped(one: BuiltIn) -> Segment:
    """As if it were kept, but it has no number."""
    name = one.label.in_(language_now())
    return Segment(slug=one.slug, name=name, rule=dict(one.rule), made_at=SHIPPED, changed_at=SHIPPED)


def _described(segment: Segment, said: Text) -> Described:
    return Described(
        slug=segment.slug,
        name=segment.name,
        note=segment.note,
        rule=segment.rule,
        sentence=said,
        version=segment.version,
        changed_at=segment.changed_at,
        built_in=segment.pk is None,
    )
