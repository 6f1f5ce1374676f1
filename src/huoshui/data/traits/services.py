"""Verbs about traits: compute them all and keep them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.data.facts import queue
from huoshui.data.traits import carrying, queries
from huoshui.data.traits.tables import CURRENT, HISTORY
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import CONSEQUENCES, PREPARATIONS, TRAITS, IbisTable

if TYPE_CHECKING:
    from huoshui.lake.engines import Session
    from huoshui.lake.house import Lake

DAILY_FOR = timedelta(days=35)
WAIT_BEFORE_PRUNING = 7
"""Pruning rewrites the history, so it waits until this many moments are out of date."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh did. ``pruned`` counts moments (values of ``as_of``) taken out of the history."""

    customers: int
    traits: int
    pruned: int
    seconds: float
    as_of: datetime
    computed_at: datetime


def refresh(*, actor: Actor, lake: Lake, as_of: AsOf, now: datetime, prepare: bool = True) -> Refresh:
    """Compute all traits as of a moment; they become the current ones and a moment of the history.

    One write: either both tables show the new values, and what follows from them is done, or neither. The same moment
    computed again replaces its earlier values. Without ``prepare`` models are taken as they are. Raises `NotAllowed`,
    `LakeBusy`, and what `queries.trait_table` raises.
    """
    actor.require(Right.TRAITS_REFRESH)
    began = time.perf_counter()
    at = as_of.at.astimezone(UTC)
    for preparation in PREPARATIONS if prepare else ():
        preparation.run(actor=actor, tables=lake.snapshot(), as_of=as_of, now=now)
    # Values and columns are of one picture of the registry, whoever defines a trait meanwhile.
    with TRAITS.held(), lake.write("refresh", computing=True) as tx:
        tables = tx.snapshot
        with _one_by_one(tables.session) as keep:
            last = carrying.since_last(tables, as_of=as_of, now=now, keep=keep)
            computed = queries.trait_table(tables, as_of, keep=keep, carried=last.rest if last else None)
            stamped = computed.mutate(as_of=ibis.literal(at), computed_at=ibis.literal(now.astimezone(UTC)))
            note = carrying.note(tables, as_of=as_of, now=now, slugs=TRAITS.slugs())
            customers = tx.overwrite(CURRENT.slug, stamped, note=note)
        pruned = _remember(tx, at=at, as_of=as_of)
        for consequence in CONSEQUENCES:
            consequence.run(tx=tx, as_of=as_of, now=now)
    queue.drain(lake=lake, now=now)
    return Refresh(
        customers=customers,
        traits=len(TRAITS),
        pruned=pruned,
        seconds=time.perf_counter() - began,
        as_of=at,
        computed_at=now.astimezone(UTC),
    )


def moments_to_prune(moments: Iterable[datetime], *, as_of: AsOf) -> set[datetime]:
    """Which moments of the history need not be kept: all but the last 35 days before ``as_of`` and month ends.

    A month end is the last moment of its month in the house zone that there is (the first of a month at 00:00
    belongs to the month it closes). Moments after ``as_of`` are kept.
    """
    limit = as_of.at - DAILY_FOR
    last_of_month: dict[tuple[int, int], datetime] = {}
    for moment in sorted(moments):
        closes = (moment - timedelta(microseconds=1)).astimezone(as_of.zone)
        last_of_month[closes.year, closes.month] = moment
    kept = set(last_of_month.values())
    return {m for m in moments if m < limit and m not in kept}


@contextmanager
def _one_by_one(session: Session) -> Iterator[Callable[[IbisTable], IbisTable]]:
    """What computes a table at once, and lets go of all such in the end."""
    kept: list[IbisTable] = []

    def keep(rows: IbisTable) -> IbisTable:
        kept.append(session.keep(rows))
        return kept[-1]

    try:
        yield keep
    finally:
        for table in kept:
            session.drop(table)


def _remember(tx: Any, *, at: datetime, as_of: AsOf) -> int:
    """Add the current traits to the history and prune it; returns the number of moments taken out."""
    history = tx.table(HISTORY.slug)
    found = tx.snapshot.arrow(history.select("as_of").distinct())["as_of"].to_pylist()
    moments = {moment.astimezone(UTC) for moment in found}
    surplus = moments_to_prune(moments | {at}, as_of=as_of) - {at}
    surplus = surplus if len(surplus) >= WAIT_BEFORE_PRUNING else set()
    tx.remove(HISTORY.slug, "as_of", sorted(surplus | ({at} & moments)))
    tx.append_copy(HISTORY.slug, of=CURRENT.slug)
    return len(surplus)
