"""Who was drawn for a trial and what each of them did afterwards, as Ibis tables: a row for each person.

Everybody who was drawn counts, reached or not. What happened counts from the moment of their own draw, for as many
days of 24 hours as were fixed; of what happened before, `BEFORE_DAYS` days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.act.holdouts.trials import Trial
from huoshui.kernel.plugs import IbisTable
from huoshui.science.elapsed import DAY, microseconds

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

BEFORE_DAYS = 180
"""What people did in so many days before they were drawn explains a part of what they do afterwards (CUPED)."""
CONTROL, TREATED = "control", "treated"
"""The names of arms, where there is one variant without a name."""
DONE = ("orders", "revenue", "margin", "orders_before", "revenue_before", "others")
"""What is known of what each person did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When the first and the last were drawn (UTC), and how many people each arm has; ``excluded`` are merged people
    who were exposed on both sides, ``global_control`` those whom only the global control group kept out."""

    first: datetime
    last: datetime
    people: dict[str, int]
    excluded: int
    global_control: int


def drawn(tables: Snapshot, trial: Trial) -> IbisTable:
    """Everybody who was drawn: ``customer_id`` (of today), ``decided_at``, ``arm``, ``excluded``, ``by_global``.

    After a merge one person has several draws. The same arm twice is that arm; of different ones that of the older
    profile holds (of equally old ones that of the first draw), unless a message went out under either: then the person
    was exposed on both sides and is excluded, whichever is older, so that both arms lose alike.
    """
    rows = tables.table("decisions")
    rows = rows.filter(rows.what == trial.what)
    variant = (rows.variant.length() > 0).ifelse(rows.variant, TREATED).fill_null(TREATED)
    rows = rows.select(
        "customer_id",
        "decided_at",
        arm=rows.holdout.ifelse(CONTROL, variant),
        by_global=(rows.reason == "global_control").fill_null(False),
    )
    if not tables.sizes("identity_links"):
        return rows.mutate(excluded=ibis.literal(False))
    return _merged(tables, trial, rows)


def outcomes(tables: Snapshot, trial: Trial, people: IbisTable, span: Span) -> IbisTable:
    """What each of ``people`` who did anything did, maybe beside others who were not drawn.

    ``customer_id`` and, as floats, ``orders``, ``revenue``, ``margin``, ``orders_before``, ``revenue_before``,
    ``others`` (messages of other actions).
    """
    horizon = timedelta(days=trial.terms.horizon_days)
    asked = _Window(tables, people, span.first, span.last, span.last + horizon, trial.terms.horizon_days)
    return _together(
        people, [asked.bought(), asked.changed(), asked.earned(), asked.other_messages(trial.what)]
    )


def done(tables: Snapshot, *, since: datetime, until: datetime) -> IbisTable:
    """What everybody did from ``since`` to ``until``, as `outcomes`; who did nothing has no row, ``others`` is 0."""
    everybody = tables.table("customers")
    asked = _Window(
        tables, everybody, since, since, until, 0
    )  # of one moment: days do not count, ``until`` does
    return _together(everybody, [asked.bought(), asked.changed(), asked.earned()])


def _together(people: IbisTable, parts: Sequence[IbisTable | None]) -> IbisTable:
    # Each part gives its own columns, and nothing of the others: sums of a long table instead of joins.
    whole = [
        part.select(
            "customer_id",
            **{name: part[name] if name in part.columns else ibis.literal(0.0) for name in DONE},
        )
        for part in parts
        if part is not None
    ]
    nobody = people.limit(0).select("customer_id", **{name: ibis.literal(0.0) for name in DONE})
    rows = ibis.union(nobody, *whole) if whole else nobody
    return rows.group_by("customer_id").aggregate(**{name: rows[name].sum() for name in DONE})


def resolved(tables: Snapshot, rows: Any) -> Any:
    """``rows`` with the ``customer_id`` of today."""
    if not tables.sizes("identity_links"):
        return rows
    links = tables.table("identity_links")
    links = links.filter(links.valid_to.isnull()).select(from_id="from_id", now_="customer_id")
    joined = rows.left_join(links, rows.customer_id == links.from_id)
    return joined.mutate(customer_id=ibis.coalesce(joined.now_, joined.customer_id)).drop("from_id", "now_")


def _merged(tables: Snapshot, trial: Trial, rows: Any) -> IbisTable:
    sent = tables.table("touches")
    sent = sent.filter((sent.campaign == trial.what) & (sent.kind == "message"))
    sent = sent.select(sent_to="customer_id").distinct()
    profiles = tables.table("customers").select(profile="customer_id", since="created_at")
    rows = rows.left_join(profiles, rows.customer_id == profiles.profile)
    rows = rows.left_join(sent, rows.customer_id == sent.sent_to)
    rows = resolved(tables, rows.mutate(reached=rows.sent_to.notnull(), drawn_as=rows.customer_id))
    late = ibis.timestamp("2999-01-01").cast("timestamp('UTC', 6)")
    # The least of all of it and not the value at the least moment: profiles that one file brought are equally old,
    # and engines differ in which of them comes first.
    said = ibis.struct(
        {
            "since": ibis.coalesce(rows.since, late),
            **{name: rows[name] for name in ("decided_at", "drawn_as", "arm", "by_global")},
        }
    )
    by = rows.group_by("customer_id").aggregate(
        oldest=said.min(), lowest=rows.arm.min(), highest=rows.arm.max(), reached=rows.reached.max()
    )
    return by.select(
        "customer_id",
        **{name: by.oldest[name] for name in ("decided_at", "arm", "by_global")},
        excluded=(by.lowest != by.highest) & by.reached,
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """What happened to ``people`` in ``days`` days from their draw; ``end`` is when the last of them are over."""

    tables: Snapshot
    people: IbisTable
    first: datetime
    last: datetime
    end: datetime
    days: int

    def bought(self) -> IbisTable | None:
        orders = self._rows("orders", "ordered_at", self.first - timedelta(days=BEFORE_DAYS), "revenue")
        if orders is None:
            return None
        orders = orders.filter(orders.revenue > 0)
        revenue = orders.revenue.cast("float64")
        after, before = self._after(orders), orders.at < orders.decided_at
        return orders.select(
            "customer_id",
            orders=after.cast("float64"),
            revenue=after.ifelse(revenue, 0.0),
            orders_before=before.cast("float64"),
            revenue_before=before.ifelse(revenue, 0.0),
        )

    def changed(self) -> IbisTable | None:
        """Returns and corrections that came in the window; goods that come back save their cost."""
        rows = self._rows(
            "order_changes", "occurred_at", self.first, "revenue", "quantity", "product_id", "source"
        )
        if rows is None:
            return None
        products = self.tables.table("products").select(
            product_="product_id", source_="source", unit_cost="unit_cost"
        )
        rows = rows.filter(self._after(rows))
        rows = rows.left_join(
            products, [rows.product_id == products.product_, rows.source == products.source_]
        )
        revenue = rows.revenue.cast("float64")
        cost = (rows.quantity.cast("float64") * rows.unit_cost.cast("float64")).fill_null(0.0)
        return rows.select("customer_id", revenue=revenue, margin=revenue - cost)

    def earned(self) -> IbisTable | None:
        """What is left of lines after their cost; lines whose cost nobody knows are left out."""
        rows = self._rows("order_lines", "ordered_at", self.first, "revenue", "quantity", "unit_cost")
        if rows is None:
            return None
        rows = rows.filter(self._after(rows) & rows.unit_cost.notnull() & (rows.revenue > 0))
        cost = rows.quantity.cast("float64") * rows.unit_cost.cast("float64")
        return rows.select("customer_id", margin=rows.revenue.cast("float64") - cost)

    def other_messages(self, what: str) -> IbisTable | None:
        rows = self._rows("touches", "occurred_at", self.first, "kind", "campaign")
        if rows is None:
            return None
        rows = rows.filter(
            self._after(rows) & (rows.kind == "message") & (rows.campaign != what).fill_null(True)
        )
        return rows.select("customer_id", others=ibis.literal(1.0))

    def _rows(self, slug: str, time: str, since: datetime, *columns: str) -> Any:
        """Rows of ``people`` from ``since`` to the end, their moment as ``at``; None where the table is empty."""
        if not self.tables.sizes(slug):
            return None
        rows = self.tables.table(slug)
        rows = rows.filter((rows[time] >= ibis.literal(since)) & (rows[time] < ibis.literal(self.end)))
        rows = resolved(self.tables, rows.select("customer_id", *columns, at=time))
        if self.first == self.last:  # no need to look everybody up
            return rows.mutate(decided_at=ibis.literal(self.first))
        people = self.people.select("customer_id", "decided_at")
        return rows.inner_join(people, "customer_id")

    def _after(self, rows: Any) -> Any:
        if self.first == self.last:
            return rows["at"] >= rows.decided_at  # the end is the same for all
        passed = microseconds(since=rows.decided_at, until=rows["at"])
        return (passed >= 0) & (passed < self.days * DAY)
