"""Whom a change of the lake, or the passing of time, can move into a segment or out of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from typing import Any

import ibis

from huoshui.data.facts.tables import OF_THE_HOUSE
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import LAKE_TABLES, IbisTable, LakeTable
from huoshui.know.segments.memberships import Cause
from huoshui.know.segments.rules import Answer, Clause, Consent, Did, Listed, Member, Tag, Then, Value, since
from huoshui.lake.snapshot import Snapshot

BY_RANK: tuple[Cause, ...] = ("import", "undo", "merge", "live", "time")
"""Where several things happened to a customer, the first of these counts: what is not told goes before what is.

Facts that the house itself writes, such as that somebody entered a segment, bring nothing new: they count as time."""

RANKS = {cause: rank for rank, cause in enumerate(BY_RANK)}

TIMES: dict[str, tuple[str, ...]] = {
    "customers": ("created_at",),
    "events": ("occurred_at",),
    "orders": ("ordered_at",),
    "order_lines": ("ordered_at",),
    "order_changes": ("occurred_at",),
    "answers": ("answered_at",),
    "consents": ("valid_from",),
    "customer_tags": ("valid_from", "valid_to"),
}
"""The moments at which a row begins to count, or ends."""

WINDOWS = {"did": "events", "orders": "orders", "products": "order_lines", "answer": "answers"}

UNDERSTOOD: frozenset[type] = frozenset((Value, Did, Then, Answer, Consent, Tag, Member, Listed))
"""Clauses of which it is known here what moves somebody into them or out of them."""


def watched() -> list[str]:
    """The tables whose changes can move customers."""
    facts = [table.slug for table in LAKE_TABLES if table.fact and _whose(table)]
    return [*facts, "customers"]


def touched(then: Snapshot, now: Snapshot) -> IbisTable | None:
    """The customers of whom the two pictures say something else: ``customer_id`` and ``rank``, of `BY_RANK`.

    Only files that one of the pictures has and the other has not are read; so this costs what was written in between,
    whatever the size of the tables. Rows of a load (its number is above 0) count as imported, rows that are gone as
    undone, what the house itself tells as time, all others as live. Nothing where no file differs.
    """
    parts = [
        part
        for slug in watched()
        if then.versions.get(slug, 0) != now.versions.get(slug, 0)
        for part in (_people(then, now) if slug == "customers" else _differing(then, now, LAKE_TABLES[slug]))
    ]
    if not parts:
        return None
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    rows = rows.filter(rows.customer_id.notnull())
    return rows.group_by("customer_id").aggregate(rank=rows["rank"].min())


def due(tables: Snapshot, then: AsOf, now: AsOf, clauses: Iterable[Clause]) -> IbisTable | None:
    """The customers of whom a fact begins or ceases to count between two moments: ``customer_id``, each once.

    A fact begins to count when its own moment passes, and leaves a window when the beginning of the window does.
    """
    spans: dict[str, set[tuple[datetime, datetime, str]]] = defaultdict(set)
    for slug in TIMES:
        spans[slug].add((then.at, now.at, ""))
    for clause in clauses:
        if isinstance(clause, Did | Answer) and (
            begun := since(then, clause.within_days, clause.within_hours)
        ):
            begins = since(now, clause.within_days, clause.within_hours) or begun
            kind, name = (clause.facts, clause.name) if isinstance(clause, Did) else ("answer", "")
            spans[WINDOWS[kind]].add((begun, begins, name))
    parts = [
        rows.filter(reduce(lambda a, b: a | b, tests)).select("customer_id")
        for slug, ranges in spans.items()
        for rows in [tables.table(slug)]
        if (tests := _tests(rows, TIMES[slug], ranges))
    ]
    if not parts:
        return None
    rows = ibis.union(*parts)
    return rows.filter(rows.customer_id.notnull()).distinct()


def concerns_everybody(clauses: Iterable[Clause], then: AsOf, now: AsOf) -> bool:
    """Whether some clause can change for anybody between the two moments without any fact: parts of days that are told
    from today, and clauses of which this module does not know what they look at."""
    another_day = then.at.astimezone(then.zone).date() != now.at.astimezone(now.zone).date()
    return any(
        type(clause) not in UNDERSTOOD
        or (isinstance(clause, Value) and clause.part is not None and another_day)
        for clause in clauses
    )


# -- inside ------------------------------------------------------------------------------------------------------


def _whose(table: LakeTable) -> bool:
    return any(column.name == "customer_id" for column in table.columns)


def _differing(then: Snapshot, now: Snapshot, table: LakeTable) -> list[IbisTable]:
    old, new = then.sizes(table.slug), now.sizes(table.slug)
    key = ("source", *(name for name in table.key if name != "customer_id"))
    names = tuple(dict.fromkeys(("customer_id", "load_id", *key)))
    span = f"{table.slug}@{then.versions.get(table.slug, 0)}..{now.versions.get(table.slug, 0)}"
    here = _rows(now, table, f"{span}#came", {f: size for f, size in new.items() if f not in old}, names)
    there = _rows(then, table, f"{span}#gone", {f: size for f, size in old.items() if f not in new}, names)
    came, gone = here.difference(there), there.difference(here)
    by_load = RANKS["merge"] if table.slug == "identity_links" else RANKS["import"]
    by_hand = (came.source == OF_THE_HOUSE).ifelse(RANKS["time"], RANKS["live"])
    came = came.mutate(rank=(came.load_id > 0).fill_null(False).ifelse(by_load, by_hand))
    # What took the place of a row says why it went; a row in whose place there is nothing was undone.
    heirs = came.select(**{f"heir_{name}": came[name] for name in key}, heir=came["rank"])
    lost = gone.left_join(heirs, [gone[name] == heirs[f"heir_{name}"] for name in key])
    lost = lost.mutate(rank=lost.heir.fill_null(RANKS["undo"]))
    return [part.select("customer_id", part["rank"].cast("int64").name("rank")) for part in (came, lost)]


def _rows(
    picture: Snapshot, table: LakeTable, name: str, files: dict[str, int], columns: Collection[str]
) -> Any:
    declared = tuple(column for column in picture.columns(table.slug) if column.name != "superseded_by")
    paths = picture.fetch(table.slug, files)
    return picture.session.parquet_files(name, paths, declared, live_only=True).select(*columns)


def _people(then: Snapshot, now: Snapshot) -> list[IbisTable]:
    """Who came and who went. The table is written whole each time, so both are read: of each customer one number."""
    before, after = then.table("customers"), now.table("customers")
    came = after.anti_join(before, "customer_id")
    gone = before.anti_join(after, "customer_id")
    came = came.mutate(rank=(came.load_id > 0).fill_null(False).ifelse(RANKS["import"], RANKS["live"]))
    return [
        came.select("customer_id", came["rank"].cast("int64").name("rank")),
        gone.select("customer_id", rank=ibis.literal(RANKS["undo"]).cast("int64")),
    ]


def _tests(rows: Any, times: Iterable[str], ranges: Iterable[tuple[datetime, datetime, str]]) -> list[Any]:
    """Whether a moment of a row lies in one of the ranges, which say of what name it has to be."""
    found = []
    for begin, end, name in sorted(ranges):
        if begin >= end:
            continue
        for time in times:
            within = (rows[time] >= ibis.literal(begin)) & (rows[time] < ibis.literal(end))
            found.append(within & (rows.name == name) if name else within)
    return found
