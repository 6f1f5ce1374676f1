"""Who sends data, and the exchange rates that foreign amounts are turned by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Max

from huoshui.data.connectors import queries
from huoshui.data.connectors.models import Load
from huoshui.data.customers import queries as customers
from huoshui.kernel.actors import Actor, Right
from huoshui.lake.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A system that rows come from, and how its last file was read. ``currency`` and ``zone`` empty: by the file.

    ``orders`` and ``customers`` are what counts of it now.
    """

    name: str
    loads: int
    last_at: datetime | None
    last_load: int | None
    kind: str
    currency: str
    zone: str
    orders: int
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What is known of a currency: from when to when, how many days, and the newest rate in the house currency."""

    currency: str
    first: date
    last: date
    days: int
    rate: Decimal


def sources(*, actor: Actor, tables: Snapshot) -> Sequence[Source]:
    """All sources of which something is loaded, most orders first. Raises `NotAllowed`.

    ``last_load`` is empty where that load is none of those that the actor sees.
    """
    actor.require(Right.IMPORTS_RUN)
    rows = tables.table("orders")
    counted = tables.arrow(rows.group_by("source").aggregate(n=rows.count())).to_pylist()
    orders = {row["source"]: row["n"] for row in counted}
    people = customers.counts_by_source()
    done = Load.objects.filter(state=Load.State.LOADED)
    loads = {row["source"]: row for row in done.values("source").annotate(n=Count("pk"), last=Max("pk"))}
    seen = set(queries.seen(actor).values_list("load_id", flat=True))
    newest = {load.source: load for load in done.filter(pk__in=[row["last"] for row in loads.values()])}
    found = [
        Source(
            name=name,
            loads=loads[name]["n"] if name in loads else 0,
            last_at=newest[name].started_at if name in newest else None,
            last_load=newest[name].load_id if name in newest and newest[name].load_id in seen else None,
            kind=newest[name].kind if name in newest else "",
            currency=newest[name].currency if name in newest else "",
            zone=newest[name].time_zone if name in newest else "",
            orders=orders.get(name, 0),
            customers=people.get(name, 0),
        )
        for name in {*orders, *people, *loads}
    ]
    return sorted(found, key=lambda one: (-one.orders, -one.customers, one.name))


def rates(*, actor: Actor, tables: Snapshot) -> Sequence[Rates]:
    """The currencies with rates, by code. Raises `NotAllowed`."""
    actor.require(Right.IMPORTS_RUN)
    rows = tables.table("fx_rates")
    grouped = rows.group_by("currency").aggregate(
        first=rows.day.min(), last=rows.day.max(), days=rows.day.nunique(), rate=rows.rate.argmax(rows.day)
    )
    return [Rates(**row) for row in tables.arrow(grouped.order_by("currency")).to_pylist()]
