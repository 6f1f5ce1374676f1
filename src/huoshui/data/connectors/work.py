"""What every kind of import needs while it runs: the load, its conventions, people, and rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.data.connectors import values
from huoshui.data.connectors.errors import RateMissing
from huoshui.data.connectors.reports import ImportReport
from huoshui.data.connectors.staging import Staged
from huoshui.data.customers import normalise
from huoshui.data.customers import queries as customer_queries
from huoshui.data.customers import services as customers
from huoshui.kernel.actors import Actor
from huoshui.lake.house import Snapshot, Write

MONEY = "decimal(18, 4)"
RATE = "decimal(18, 8)"
MOMENT = "timestamp('UTC', 6)"
CUSTOMER_KEYS = (("customer", "number"), ("email", "email"), ("phone", "phone"))


@dataclass(slots=True)
class Loading:
    """One import in progress."""

    load_id: int
    source: str
    currency: str
    zone: str
    region: str | None
    house_currency: str
    house_zone: str
    now: datetime
    actor: Actor
    staged: Staged
    snapshot: Snapshot
    report: ImportReport
    tell: Callable[[str, float], None]
    tx: Write | None = None
    people: set[int] = field(default_factory=set)

    # -- rows ----------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Any:
        """The good rows."""
        return self.staged.good

    def count(self, rows: Any) -> int:
        """How many ``rows`` there are."""
        return int(self.one(rows.aggregate(n=rows.count()))["n"] or 0)

    def one(self, rows: Any) -> dict[str, Any]:
        """The single row of an aggregate."""
        return dict(self.arrow(rows).to_pylist()[0])

    def arrow(self, rows: Any) -> pa.Table:
        """Compute ``rows``."""
        return self.staged.session.arrow(rows)

    def rule(self, name: str, times: int) -> None:
        """Note that a documented rule for an oddity was used ``times`` times."""
        if times:
            self.report.rules[name] = self.report.rules.get(name, 0) + times

    def has(self, name: str) -> bool:
        """Whether the file has a column for the field or attribute ``name``."""
        return name in self.staged.mapping.fields or name in self.staged.mapping.attributes

    def field(self, rows: Any, name: str, type_: str = "string") -> Any:
        """The column of field ``name``, or empty cells where the file has none."""
        return rows[name] if name in rows.columns else ibis.null(type_)

    def moment(self, rows: Any, name: str) -> Any:
        """The moment of the time field ``name``: its own zone's where the cell names one, else the source's."""
        local = values.moment(self.zone, rows[name])
        instant = f"{name}_instant"
        return ibis.coalesce(rows[instant], local) if instant in rows.columns else local

    def stamped(self, rows: Any, **extra: Any) -> Any:
        """``rows`` with provenance."""
        return rows.mutate(
            source=ibis.literal(self.source),
            load_id=ibis.literal(self.load_id).cast("int64"),
            ingested_at=ibis.literal(self.now),
            **extra,
        )

    def put(self, slug: str, rows: Any, *, keys_are_new: bool = False) -> bool:
        """Put facts and count them; the answer says whether older versions were replaced. Nothing in a dry run."""
        table_columns = [c for c in self.snapshot.columns(slug) if c.name != "superseded_by"]
        present = set(rows.columns)
        full = self.stamped(rows.select(*(c.name for c in table_columns if c.name in present)))
        missing = {c.name: ibis.null(c.type) for c in table_columns if c.name not in full.columns}
        full = full.mutate(**missing)
        if self.tx is None:
            count, replaced = self.count(full), False
        else:
            put = self.tx.put(slug, full, load_id=self.load_id, keys_are_new=keys_are_new)
            count, replaced = put.rows, put.replaced
        if count:
            self.report.facts[slug] = self.report.facts.get(slug, 0) + count
        return replaced

    # -- people --------------------------------------------------------------------------------------------------

    def key_columns(self) -> list[tuple[str, str]]:
        """Fields of the file that say who, with the kind of identity, the most telling first."""
        return [(name, kind) for name, kind in CUSTOMER_KEYS if self.has(name)]

    def settle_keys(self) -> None:
        """Give every row ``key_kind`` and ``key``: the shop's number, else e-mail, else phone, else nobody.

        Unreadable e-mails and phones are left out beside a number; where nothing else says who, the row is set
        aside.
        """
        staged = self.staged
        rows = staged.rows
        for name, kind in self.key_columns():
            if kind == "number":
                continue
            readable = self._readable(kind, rows, name)
            rows = rows.left_join(readable, rows[name] == readable.given).drop("given")
            rows = rows.drop(name).rename({name: "said"})
            bad = rows[name].isnull() & rows.why.notnull()
            others = [rows[n].notnull() for n, _ in self.key_columns() if n != name]
            alone = bad & ~ibis.or_(*others) if others else bad
            reason = ibis.literal(f"{name}\x1f") + rows.why
            rows = rows.mutate(problem=ibis.coalesce(rows.problem, ibis.ifelse(alone, reason, ibis.null("string"))))
            rows = rows.mutate(**{f"{name}_unreadable": bad}).drop("why")
        keys = self.key_columns()
        if not keys:
            staged.rows = rows.mutate(key_kind=ibis.null("string"), key=ibis.null("string"))
            return
        kind_of = ibis.cases(*((rows[n].notnull(), k) for n, k in keys), else_=ibis.null("string"))
        staged.rows = rows.mutate(key_kind=kind_of, key=ibis.coalesce(*(rows[n] for n, _ in keys)))
        if len(keys) > 1 or keys[0][1] != "number":
            staged.rows = staged.keep(staged.rows)
            for name, kind in keys:
                if kind != "number":
                    flagged = self.rows.filter(self.rows[f"{name}_unreadable"])
                    self.rule("contact_unreadable", self.count(flagged))

    def _readable(self, kind: str, rows: Any, name: str) -> Any:
        given = self.arrow(rows.filter(rows[name].notnull()).select(given=rows[name]).distinct())["given"]
        found = normalise.normalise_many(kind, given, region=self.region)
        table = pa.table(
            {
                "given": given.cast(pa.string()),
                "said": pa.array([value for value, _ in found], pa.string()),
                "why": pa.array([why or None for _, why in found], pa.string()),
            }
        )
        return self.staged.session.hold(table)

    def customers_of(self, rows: Any, since: Any = None) -> Any:
        """A table ``key_kind, key, customer_id`` for everybody ``rows`` speak of.

        People who are not known yet become customers, known since the least ``since`` of their rows. In a dry run
        nobody is made; ids of new people are then empty.
        """
        who = rows.filter(rows.key.notnull())
        moments = {"since": who[since].min()} if since else {}
        wanted = self.arrow(who.group_by("key_kind", "key").aggregate(**moments, n=who.count()))
        parts = []
        for kind in wanted["key_kind"].unique().to_pylist():
            here = wanted.filter(pc.equal(wanted["key_kind"], kind))
            parts.append(self._resolve(kind, here))
        empty = pa.table(
            {"key_kind": pa.array([], pa.string()), "key": pa.array([], pa.string()), "customer_id": pa.array([], pa.int64())}
        )
        return self.staged.session.hold(pa.concat_tables([empty, *parts]))

    def _resolve(self, kind: str, wanted: pa.Table) -> pa.Table:
        if self.tx is None:
            known = customer_queries.known(source=self.source, kind=kind, values=wanted["key"])
            fresh = known["customer_id"].null_count
            answer = known
        else:
            since = wanted["since"] if "since" in wanted.column_names else None
            done = 0

            def progress(further: int) -> None:
                nonlocal done
                done += further
                self.tell("customers", done / max(1, wanted.num_rows))

            answer = customers.resolve(
                actor=self.actor,
                source=self.source,
                kind=kind,
                values=wanted["key"],
                load_id=self.load_id,
                created_at=since,
                now=self.now,
                progress=progress,
            )
            fresh = int(pc.sum(answer["created"]).as_py() or 0)
        self.report.customers_new += fresh
        self.report.customers_known += answer.num_rows - fresh
        return pa.table(
            {
                "key_kind": pa.array([kind] * answer.num_rows, pa.string()),
                "key": answer["value"].cast(pa.string()),
                "customer_id": answer["customer_id"],
            }
        )

    def with_customer(self, rows: Any, people: Any) -> Any:
        """``rows`` with ``customer_id``; empty where nobody is named."""
        return rows.left_join(people, ["key_kind", "key"]).drop("key_kind_right", "key_right")

    # -- money ---------------------------------------------------------------------------------------------------

    def with_rate(self, rows: Any, day: Any) -> Any:
        """``rows`` with ``rate``: house currency for one unit of ``currency`` on ``day``.

        Raises `RateMissing` naming the days and currencies that have none: a rate is never guessed.
        """
        foreign = rows.filter(rows.currency != self.house_currency)
        if not self.count(foreign):
            return rows.mutate(rate=ibis.literal(1).cast(RATE))
        rates = self.snapshot.table("fx_rates").select(rate_day="day", rate_currency="currency", known_rate="rate")
        rates = rates.group_by("rate_day", "rate_currency").aggregate(known_rate=rates.known_rate.max())
        dated = rows.mutate(rate_of=day)
        joined = dated.left_join(
            rates, [dated.rate_of == rates.rate_day, dated.currency == rates.rate_currency]
        )
        joined = joined.mutate(
            rate=ibis.ifelse(joined.currency == self.house_currency, ibis.literal(1).cast(RATE), joined.known_rate)
        ).drop("rate_day", "rate_currency", "known_rate")
        lacking = joined.filter(joined.rate.isnull())
        missing = self.arrow(lacking.select("rate_of", "currency").distinct().order_by("rate_of", "currency")).to_pylist()
        if missing:
            named = ", ".join(f"{m['currency']} on {m['rate_of']}" for m in missing[:5])
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            raise RateMissing(
                f"There is no exchange rate into {self.house_currency} for {named}{more}",
                valid="a rate for every day and currency of the file",
                next_step="Load the rates first: huoshui import RATES.csv --as fx_rates (columns day, currency, rate), "
                "or say which currency the file is in with --currency; nothing was loaded",
            )
        return joined.drop("rate_of")

    def house_day(self, moment: Any) -> Any:
        """The calendar day of a moment in the house zone (the session's zone is the house's)."""
        return moment.cast("date")


def in_house(amount: Any, rate: Any) -> Any:
    """``amount × rate`` to 4 decimals."""
    return (amount * rate).cast(MONEY)


def latest(rows: Any, names: Sequence[str]) -> dict[str, Any]:
    """Aggregates that take, of each of ``names``, the cell of the last row that has one."""
    return {name: rows[name].argmax(rows.row_no, where=rows[name].notnull()) for name in names}
