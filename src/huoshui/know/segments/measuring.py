"""What the clauses of rules compare: one column per customer for each of them, one pass for each kind of fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from huoshui.data.facts import relations
from huoshui.data.traits import queries as traits
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.know.segments import comparing
from huoshui.know.segments.rules import Answer, Clause, Consent, Did, Tag, Then, Value, Where
from huoshui.lake.care import events_by_name
from huoshui.lake.snapshot import Snapshot

AMOUNT = "decimal(38, 4)"
TIMES = {"did": "occurred_at", "orders": "ordered_at", "products": "ordered_at"}


@dataclass(frozen=True, slots=True)
class Measure:
    """What a clause compares, without what it is compared with: rules that measure the same share a column."""

    facts: str
    what: str
    name: str = ""
    within_days: int | None = None
    where: tuple[Where, ...] = ()


Measured = Did | Then | Answer | Consent | Tag
"""Clauses about facts."""


def measure_of(clause: Measured) -> Measure:
    """What has to be measured of the facts for ``clause``."""
    match clause:
        case Did(facts, measure, _, name, within_days, where):
            return Measure(facts, measure, name, within_days, where)
        case Then(first, then, within_days):
            return Measure("then", then, first, within_days)
        case Answer(metric, _, within_days):
            return Measure("answer", "score", metric, within_days)
        case Consent(channel, purpose, _):
            return Measure("consent", purpose, channel)
        case Tag(name):
            return Measure("tag", "carried", name)


def people(tables: Tables, as_of: AsOf, clauses: Sequence[Clause]) -> IbisTable:
    """Every customer of the moment with the traits and attributes that ``clauses`` ask for.

    Columns: ``customer_id``, ``trait_SLUG``, ``attribute_SLUG``. Values of the last refresh are used where it was of
    this moment; of another moment they are computed.
    """
    asked = {
        of: sorted({c.slug for c in clauses if isinstance(c, Value) and c.of == of})
        for of in ("trait", "attribute")
    }
    if _is_last_refresh(tables, as_of):
        values = tables.table("traits").select("customer_id", *asked["trait"])
    else:
        values = traits.trait_table(tables, as_of, only=asked["trait"])
    row = values.rename({f"trait_{slug}": slug for slug in asked["trait"]})
    if asked["attribute"]:
        customers = tables.table("customers")
        theirs = customers.select(
            whose=customers.customer_id,
            **{f"attribute_{slug}": customers[slug] for slug in asked["attribute"]},
        )
        row = row.left_join(theirs, row.customer_id == theirs.whose).drop("whose")
    return row


def measured(
    tables: Tables, as_of: AsOf, wanted: Sequence[Measure], row: IbisTable
) -> tuple[IbisTable, Mapping[Measure, str]]:
    """``row`` with a column for each of ``wanted``; and the name of each column.

    Counts and sums are 0 where there is nothing, moments and scores empty, the rest false.
    """
    columns = {measure: f"m{number}" for number, measure in enumerate(dict.fromkeys(wanted))}
    by_facts: dict[str, list[Measure]] = defaultdict(list)
    for measure in columns:
        by_facts[_pass_of(measure)].append(measure)
    for facts, measures in by_facts.items():
        build = PASSES[facts]
        of_facts = build(tables, as_of, {columns[m]: m for m in measures})
        whose = f"whose_{facts}"
        of_facts = of_facts.rename({whose: "customer_id"})
        row = row.left_join(of_facts, row.customer_id == of_facts[whose]).drop(whose)
    filled = {name: _empty(row[name], measure) for measure, name in columns.items()}
    return (row.mutate(**filled) if filled else row), columns


def _pass_of(measure: Measure) -> str:
    """Events that are counted by name and time alone are read from their narrow form."""
    return "narrow" if measure.facts == "did" and not measure.where else measure.facts


def _empty(column: Any, measure: Measure) -> Any:
    if measure.facts in ("then", "tag"):
        return column.fill_null(False)
    if measure.what == "times":
        return column.fill_null(0)
    return (
        column.fill_null(ibis.literal(0).cast(AMOUNT)) if measure.what in ("amount", "quantity") else column
    )


def _is_last_refresh(tables: Tables, as_of: AsOf) -> bool:
    if not isinstance(tables, Snapshot) or as_of.known_at is not None:
        return False
    refreshed = traits.last_refresh(tables=tables)
    return refreshed is not None and refreshed[0] == as_of.at


# -- one pass for each kind of fact ------------------------------------------------------------------------------

Wanted = Mapping[str, Measure]


def _events(tables: Tables, as_of: AsOf, wanted: Wanted, *, narrow: bool) -> IbisTable:
    if narrow and isinstance(tables, Snapshot) and as_of.known_at is None:
        rows = events_by_name(tables)
    else:
        rows = tables.table("events")
    rows = relations.happened_before(rows, "occurred_at", as_of)
    rows = rows.filter(rows.customer_id.notnull(), rows.name.isin(sorted({m.name for m in wanted.values()})))
    return _counted(rows, as_of, wanted, "did")


def _counted(rows: Any, as_of: AsOf, wanted: Wanted, facts: str) -> IbisTable:
    """Facts counted, summed, or their first and last moment, per customer."""
    time = TIMES[facts]
    days = [measure.within_days for measure in wanted.values()]
    if all(days):
        # What no measure looks at need not be read.
        rows = rows.filter(rows[time] >= ibis.literal(as_of.days_before(max(d for d in days if d))))
    values = {}
    for name, measure in wanted.items():
        tests = [rows.name == measure.name] if facts == "did" else []
        if measure.within_days:
            tests.append(rows[time] >= ibis.literal(as_of.days_before(measure.within_days)))
        tests += [_narrowed(rows, where, as_of) for where in measure.where]
        values[name] = _aggregate(rows, measure, tests, time)
    return rows.group_by("customer_id").aggregate(**values)


def _aggregate(rows: Any, measure: Measure, tests: Sequence[Any], time: str) -> Any:
    where = ibis.and_(*tests) if tests else None
    match measure.what:
        case "times" if measure.facts == "products":
            return (rows.source + ibis.literal("\t") + rows.order_id).nunique(where=where)
        case "times":
            return rows.count(where=where)
        case "amount":
            return rows.revenue.sum(where=where).cast(AMOUNT)
        case "quantity":
            return rows.quantity.sum(where=where).cast(AMOUNT)
        case "first":
            return rows[time].min(where=where)
        case _:
            return rows[time].max(where=where)


def _narrowed(rows: Any, where: Where, as_of: AsOf) -> Any:
    """Whether a property of a fact compares so. One that an event brought is compared with values of its own type."""
    if not where.own:
        return comparing.holds(rows[where.name], where.kind, where.test, as_of.zone)
    held = rows.properties.cast("json")[where.name]
    typed = {"text": held.str, "number": held.float, "flag": held.bool}
    if where.test.op == "empty":
        return ibis.and_(typed["text"].nullif("").isnull(), typed["number"].isnull(), typed["flag"].isnull())
    return comparing.holds(typed[where.kind], where.kind, where.test, as_of.zone)


def _then(tables: Tables, as_of: AsOf, wanted: Wanted) -> IbisTable:
    names = sorted({name for measure in wanted.values() for name in (measure.name, measure.what)})
    rows = tables.table("events")
    rows = relations.happened_before(rows, "occurred_at", as_of)
    rows = rows.filter(rows.customer_id.notnull(), rows.name.isin(names)).select(
        "customer_id", "name", "occurred_at"
    )
    latest = {}
    for name, measure in wanted.items():
        # At the same moment the first of the two events stands before the other one.
        order = [rows.occurred_at, (rows.name != measure.name)]
        before = ibis.window(group_by="customer_id", order_by=order, preceding=(None, 1))
        latest[name] = (
            (rows.name == measure.name)
            .ifelse(rows.occurred_at, ibis.null("timestamp('UTC')"))
            .max()
            .over(before)
        )
    rows = rows.mutate(**latest)
    values = {
        name: (
            (rows.name == measure.what)
            & (rows.occurred_at <= rows[name] + ibis.interval(hours=24 * (measure.within_days or 0)))
        )
        .fill_null(False)
        .any()
        for name, measure in wanted.items()
    }
    return rows.group_by("customer_id").aggregate(**values)


def _answers(tables: Tables, as_of: AsOf, wanted: Wanted) -> IbisTable:
    """The score of the latest answer; of several at one moment, the highest."""
    rows = relations.happened_before(tables.table("answers"), "answered_at", as_of)
    rows = rows.filter(rows.customer_id.notnull(), rows.score.notnull())
    return _latest(
        rows, as_of, wanted, "answered_at", lambda rows, m: rows.metric == m.name, lambda rows: rows.score
    )


def _consents(tables: Tables, as_of: AsOf, wanted: Wanted) -> IbisTable:
    """The latest word; a withdrawal wins over a consent of the same moment."""
    rows = relations.consent_states(tables, as_of)
    return _latest(
        rows,
        as_of,
        wanted,
        "valid_from",
        lambda rows, m: (rows.channel == m.name) & (rows.purpose == m.what),
        lambda rows: rows.state,
    )


def _latest(
    rows: Any,
    as_of: AsOf,
    wanted: Wanted,
    time: str,
    about: Callable[[Any, Measure], Any],
    value: Callable[[Any], Any],
) -> IbisTable:
    tests = {}
    for name, measure in wanted.items():
        tests[name] = about(rows, measure)
        if measure.within_days:
            tests[name] &= rows[time] >= ibis.literal(as_of.days_before(measure.within_days))
    whole = ibis.window(group_by="customer_id")
    rows = rows.mutate(**{f"{name}_is": test.fill_null(False) for name, test in tests.items()})
    rows = rows.mutate(
        **{f"{name}_at": rows[time].max(where=rows[f"{name}_is"]).over(whole) for name in wanted}
    )
    values = {
        name: value(rows).max(where=rows[f"{name}_is"] & (rows[time] == rows[f"{name}_at"]))
        for name in wanted
    }
    return rows.group_by("customer_id").aggregate(**values)


def _tags(tables: Tables, as_of: AsOf, wanted: Wanted) -> IbisTable:
    rows = relations.happened_before(tables.table("customer_tags"), "valid_from", as_of)
    rows = rows.filter(rows.valid_to.isnull() | (rows.valid_to >= ibis.literal(as_of.at)))
    values = {name: (rows.tag == measure.name).any() for name, measure in wanted.items()}
    return rows.group_by("customer_id").aggregate(**values)


PASSES: Mapping[str, Callable[[Tables, AsOf, Wanted], IbisTable]] = {
    "narrow": lambda tables, as_of, wanted: _events(tables, as_of, wanted, narrow=True),
    "did": lambda tables, as_of, wanted: _events(tables, as_of, wanted, narrow=False),
    "orders": lambda tables, as_of, wanted: _counted(
        relations.purchases(tables, as_of), as_of, wanted, "orders"
    ),
    "products": lambda tables, as_of, wanted: _counted(
        relations.purchase_lines(tables, as_of), as_of, wanted, "products"
    ),
    "then": _then,
    "answer": _answers,
    "consent": _consents,
    "tag": _tags,
}
