"""What the clauses of rules compare: one column per customer for each of them, one pass for each kind of fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import ibis
import pyarrow as pa

from huoshui.data.facts import relations
from huoshui.data.traits import queries as traits
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.know.segments import comparing, counting, holding, listed
from huoshui.know.segments.choosing import Chosen
from huoshui.know.segments.rules import (
    OF_THE_ORDER,
    Answer,
    Clause,
    Consent,
    Did,
    Listed,
    Tag,
    Then,
    Value,
    Where,
    since,
)
from huoshui.lake.care import events_by_name
from huoshui.lake.snapshot import EmbeddedSnapshot, Snapshot
from huoshui.science import elapsed

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
    within_hours: int | None = None


Measured = Did | Then | Answer | Consent | Tag | Listed
"""Clauses about facts."""


def measure_of(clause: Measured) -> Measure:
    """What has to be measured of the facts for ``clause``."""
    match clause:
        case Did(facts, measure, _, name, days, where, hours):
            return Measure(facts, measure, name, days, where, hours)
        case Then(first, then, days, hours):
            return Measure("then", then, first, days, (), hours)
        case Answer(metric, _, days, where, hours):
            return Measure("answer", "score", metric, days, where, hours)
        case Consent(channel, purpose, _):
            return Measure("consent", purpose, channel)
        case Tag(name):
            return Measure("tag", "carried", name)
        case Listed(number):
            return Measure("list", "stands", str(number))


Names = Mapping[Measure, str]
"""What is measured, and the column that has it."""


def how_many(tables: Snapshot, as_of: AsOf) -> int:
    """The number of customers of the moment."""
    if isinstance(tables, EmbeddedSnapshot) and _is_last_refresh(tables, as_of):
        return len(holding.ids(tables))
    everybody = people(tables, as_of, ())
    return int(tables.arrow(everybody.aggregate(n=everybody.count()))["n"][0].as_py())


def people(tables: Tables, as_of: AsOf, clauses: Sequence[Clause]) -> IbisTable:
    """Every customer of the moment with the traits and attributes that ``clauses`` ask for.

    Columns: ``customer_id``, ``trait_SLUG``, ``attribute_SLUG``. Values of the last refresh are used where it was of
    this moment; of another moment they are computed.
    """
    return at_hand(tables, as_of, clauses, {})[0]


def at_hand(
    tables: Tables, as_of: AsOf, clauses: Sequence[Clause], wanted: Names
) -> tuple[IbisTable, Collection[Measure]]:
    """`people` with the columns of those of ``wanted`` that memory can answer, and which these are."""
    asked = {
        of: sorted({c.slug for c in clauses if isinstance(c, Value) and c.of == of})
        for of in ("trait", "attribute")
    }
    last_refresh = _is_last_refresh(tables, as_of) and not _are_stale(tables, asked["trait"])
    if last_refresh and isinstance(tables, EmbeddedSnapshot):
        with ThreadPoolExecutor(1) as beside:  # what is not held yet is read from other files
            reading = beside.submit(holding.reader(tables, asked["trait"], asked["attribute"]))
            counted = counting.counted(tables, as_of, wanted)
            held = reading.result()
        columns = {wanted[measure]: values for measure, values in counted.items()}
        return tables.session.hold(pa.table(held | columns)), counted
    if last_refresh:
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
    return row, ()


@dataclass(frozen=True, slots=True)
class Among:
    """``tables`` with the facts of ``customers`` only (a table of ``customer_id``)."""

    tables: Tables
    customers: IbisTable

    def table(self, slug: str) -> IbisTable:
        """The rows of ``slug`` that speak of them."""
        return self.narrowed(self.tables.table(slug))

    def narrowed(self, rows: IbisTable) -> IbisTable:
        """Those of ``rows`` that speak of them."""
        return rows.semi_join(self.customers, "customer_id") if "customer_id" in rows.columns else rows


def measured(tables: Tables, as_of: AsOf, wanted: Names, row: IbisTable) -> IbisTable:
    """``row`` joined with the columns ``wanted``, empty for customers of whom there is nothing; see `filled`."""
    by_facts: dict[str, list[Measure]] = defaultdict(list)
    for measure in wanted:
        by_facts[_pass_of(measure)].append(measure)
    for facts, measures in by_facts.items():
        build = PASSES[facts]
        of_facts = build(tables, as_of, {wanted[m]: m for m in measures})
        whose = f"whose_{facts}"
        of_facts = of_facts.rename({whose: "customer_id"})
        row = row.left_join(of_facts, row.customer_id == of_facts[whose])
    return row


def _pass_of(measure: Measure) -> str:
    """Events that are counted by name and time alone are read from their narrow form."""
    return "narrow" if measure.facts == "did" and not measure.where else measure.facts


def filled(column: Any, measure: Measure) -> Any:
    """A measured column as rules compare it: counts and sums are 0 where there is nothing, moments and scores empty,
    the rest false."""
    if measure.facts in ("then", "tag", "list"):
        return column.fill_null(False)
    if measure.what == "times":
        return column.fill_null(0)
    return (
        column.fill_null(ibis.literal(0).cast(AMOUNT)) if measure.what in ("amount", "quantity") else column
    )


def _are_stale(tables: Tables, slugs: Sequence[str]) -> bool:
    """Whether one of the traits means something else than at the last refresh, and is to be computed."""
    return isinstance(tables, Snapshot) and bool(traits.stale(tables=tables, slugs=slugs))


def _is_last_refresh(tables: Tables, as_of: AsOf) -> bool:
    if not isinstance(tables, Snapshot) or as_of.known_at is not None:
        return False
    if isinstance(tables, Chosen):
        return True
    refreshed = traits.last_refresh(tables=tables)
    return refreshed is not None and refreshed[0] == as_of.at


# -- one pass for each kind of fact ------------------------------------------------------------------------------

Wanted = Mapping[str, Measure]


def _events(tables: Tables, as_of: AsOf, wanted: Wanted, *, narrow: bool) -> IbisTable:
    picture = tables.tables if isinstance(tables, Among) else tables
    if narrow and isinstance(picture, Snapshot) and as_of.known_at is None:
        rows = events_by_name(picture, since=_begin(as_of, wanted.values()))
        rows = tables.narrowed(rows) if isinstance(tables, Among | Chosen) else rows
    else:
        rows = tables.table("events")
    rows = relations.happened_before(rows, "occurred_at", as_of)
    rows = rows.filter(rows.customer_id.notnull(), rows.name.isin(sorted({m.name for m in wanted.values()})))
    return _counted(rows, as_of, wanted, "did")


def _begin(as_of: AsOf, wanted: Iterable[Measure]) -> datetime | None:
    """Since when facts are looked at; nothing where one measure looks at all of them."""
    begins = [since(as_of, measure.within_days, measure.within_hours) for measure in wanted]
    known = [begin for begin in begins if begin]
    return min(known) if len(known) == len(begins) else None


def _lines(tables: Tables, as_of: AsOf, wanted: Wanted) -> IbisTable:
    """Lines of purchases, with what they have from their orders where that is asked for."""
    lines = relations.purchase_lines(tables, as_of)
    asked = {where.name for measure in wanted.values() for where in measure.where}
    theirs = [name for name in OF_THE_ORDER if name in asked]
    if not theirs:
        return lines
    orders = relations.all_orders(tables, as_of)
    orders = orders.select(
        of_source=orders.source, of_order=orders.order_id, **{n: orders[n] for n in theirs}
    )
    same = [lines.source == orders.of_source, lines.order_id == orders.of_order]
    return lines.left_join(orders, same).drop("of_source", "of_order")


def _counted(rows: Any, as_of: AsOf, wanted: Wanted, facts: str) -> IbisTable:
    """Facts counted, summed, or their first and last moment, per customer."""
    time = TIMES[facts]
    if begin := _begin(as_of, wanted.values()):
        # What no measure looks at need not be read.
        rows = rows.filter(rows[time] >= ibis.literal(begin))
    values = {}
    for name, measure in wanted.items():
        tests = [rows.name == measure.name] if facts == "did" else []
        if begin := since(as_of, measure.within_days, measure.within_hours):
            tests.append(rows[time] >= ibis.literal(begin))
        tests += [narrowed(rows, where, as_of) for where in measure.where]
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


def narrowed(rows: Any, where: Where, as_of: AsOf) -> Any:
    """Whether a property of a fact compares so. One that an event brought is compared with values of its own type."""
    if not where.own:
        return comparing.holds(rows[where.name], where.kind, where.test, as_of.zone)
    held = rows.properties.try_cast("json")[where.name]
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
            # Not by adding hours: engines differ in what a day is where clocks are changed.
            & (
                elapsed.microseconds(since=rows[name], until=rows.occurred_at)
                <= (measure.within_hours or 24 * (measure.within_days or 0)) * elapsed.HOUR
            )
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
    """The latest word on the channel or on all of them; a withdrawal wins over a consent of the same moment."""
    rows = relations.consent_states(tables, as_of)
    return _latest(
        rows,
        as_of,
        wanted,
        "valid_from",
        lambda rows, m: rows.channel.isin([m.name, "any"]) & (rows.purpose == m.what),
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
        if begin := since(as_of, measure.within_days, measure.within_hours):
            tests[name] &= rows[time] >= ibis.literal(begin)
        for where in measure.where:
            tests[name] &= narrowed(rows, where, as_of)
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


def _lists(tables: Tables, wanted: Wanted) -> IbisTable:
    session = cast("Snapshot", tables).session
    parts = [
        session.hold(listed.ids_of(int(measure.name))).mutate(stands=ibis.literal(name))
        for name, measure in wanted.items()
    ]
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    values = {name: (rows.stands == name).any() for name in wanted}
    return rows.group_by("customer_id").aggregate(**values)


PASSES: Mapping[str, Callable[[Tables, AsOf, Wanted], IbisTable]] = {
    "narrow": lambda tables, as_of, wanted: _events(tables, as_of, wanted, narrow=True),
    "did": lambda tables, as_of, wanted: _events(tables, as_of, wanted, narrow=False),
    "orders": lambda tables, as_of, wanted: _counted(
        relations.purchases(tables, as_of), as_of, wanted, "orders"
    ),
    "products": lambda tables, as_of, wanted: _counted(
        _lines(tables, as_of, wanted), as_of, wanted, "products"
    ),
    "then": _then,
    "answer": _answers,
    "consent": _consents,
    "tag": _tags,
    "list": lambda tables, _as_of, wanted: _lists(tables, wanted),
}
