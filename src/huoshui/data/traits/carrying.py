"""Answers of the last refresh that the next one need not compute again.

A relation may say of which table alone it is made (`Relation.made_of`). Then somebody's answer is another one only if
rows of theirs stand in files of that table that came or went since, or have their moment between the two refreshes:
data files never change. Those customers are computed from all their facts, as ever; the answers of all others are taken
from the table of traits. What a refresh was computed from stands in the entry of the log that made that table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis

from huoshui import __version__
from huoshui.data.traits import queries
from huoshui.data.traits.tables import CURRENT
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import LAKE_TABLES, IbisTable, Relation, Tables
from huoshui.lake.errors import LakeDamaged
from huoshui.lake.snapshot import Snapshot

NOTE = "computed_from"
READABLE = timedelta(days=6)
"""For how long what the lake held then can be relied on to be there; it is kept for seven days."""
MOST_ANEW = 0.25
"""Where more than this part of the files or of the customers changed, everybody is computed."""

Keep = Callable[[IbisTable], IbisTable]


@dataclass(frozen=True, slots=True)
class Carried:
    """The answers of the refresh as of ``since``, and what has changed in the lake up to ``until``."""

    now: Snapshot
    then: Snapshot
    since: datetime
    until: datetime
    slugs: frozenset[str]
    keep: Keep

    def rest(self, relation: Relation, slugs: list[str]) -> tuple[Tables, IbisTable] | None:
        """The facts of those whose traits ``slugs`` must be computed, and the answers of all others by ``customer_id``.

        Nothing where everybody must be.
        """
        if relation.made_of is None or not self.slugs.issuperset(slugs):
            return None
        try:
            touched = self._touched(*relation.made_of)
        except LakeDamaged:  # an erasure has removed what the lake held then
            return None
        if touched is None:
            return None
        stored = self.now.table(CURRENT.slug)
        others = stored.anti_join(touched, "customer_id").select("customer_id", *slugs)
        return _OfSome(self.now, relation.made_of[0], touched), others

    def _touched(self, slug: str, moment: str) -> IbisTable | None:
        """Customers with rows that came, went or began to count, and new ones; nothing where they are many."""
        old, new = self.then.sizes(slug), self.now.sizes(slug)
        came = {file: size for file, size in new.items() if file not in old}
        gone = {file: size for file, size in old.items() if file not in new}
        if sum(came.values()) + sum(gone.values()) > MOST_ANEW * sum(new.values()):
            return None
        rows = self.now.table(slug)
        begun = (rows[moment] >= ibis.literal(self.since)) & (rows[moment] < ibis.literal(self.until))
        stored = self.now.table(CURRENT.slug)
        unknown = self.now.table("customers").anti_join(stored, "customer_id")
        parts = [rows.filter(begun).select("customer_id"), unknown.select("customer_id")]
        parts += [self._whose(self.now, slug, came, "came"), self._whose(self.then, slug, gone, "gone")]
        people = ibis.union(*parts)
        touched = self.keep(people.filter(people.customer_id.notnull()).distinct())
        [count] = self.now.arrow(touched.aggregate(n=touched.count()))["n"].to_pylist()
        [all_] = self.now.arrow(stored.aggregate(n=stored.count()))["n"].to_pylist()
        return touched if count <= MOST_ANEW * all_ else None

    def _whose(self, picture: Snapshot, slug: str, files: dict[str, int], what: str) -> Any:
        """Whose rows the files hold, also those that have been replaced."""
        columns = tuple(c for c in LAKE_TABLES[slug].all_columns if c.name == "customer_id")
        span = f"{slug}@{self.then.versions.get(slug, 0)}..{self.now.versions.get(slug, 0)}#whose-{what}"
        paths = picture.fetch(slug, files)
        return picture.session.parquet_files(span, paths, columns, live_only=False).select("customer_id")


def note(tables: Snapshot, *, as_of: AsOf, now: datetime, slugs: Collection[str]) -> dict[str, str]:
    """What stands beside the traits ``slugs`` computed from ``tables``: all that `since_last` must know of them."""
    told = {
        "program": __version__,
        "as_of": as_of.at.astimezone(UTC).isoformat(),
        "computed_at": now.astimezone(UTC).isoformat(),
        "tables": tables.versions,
        "traits": list(slugs),
    }
    return {} if as_of.known_at is not None else {NOTE: json.dumps(told)}


def since_last(tables: Snapshot, *, as_of: AsOf, now: datetime, keep: Keep) -> Carried | None:
    """What a refresh as of a moment can take over from the last one; nothing where that cannot be told."""
    written = tables.lake.noted(CURRENT.slug, tables.versions.get(CURRENT.slug, 0), NOTE)
    last = queries.last_refresh(tables=tables)
    if not written or last is None or as_of.known_at is not None:
        return None
    told = json.loads(written)
    since, computed = (datetime.fromisoformat(told[name]) for name in ("as_of", "computed_at"))
    if (since, computed) != last or told["program"] != __version__:
        return None
    if since > as_of.at or not timedelta() <= now - computed < READABLE:
        return None
    then = Snapshot(lake=tables.lake, session=tables.session, version=0, versions=told["tables"])
    return Carried(tables, then, since, as_of.at, frozenset(told["traits"]), keep)


@dataclass(frozen=True, slots=True)
class _OfSome:
    """Tables of which one has the rows of some customers only."""

    everything: Tables
    slug: str
    customers: IbisTable

    def table(self, slug: str) -> Any:
        rows: Any = self.everything.table(slug)
        return rows.semi_join(self.customers, "customer_id") if slug == self.slug else rows
