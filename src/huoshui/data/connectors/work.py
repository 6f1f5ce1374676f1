"""What every kind of import needs while it runs: the load, its conventions, people, and rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connections

from huoshui.data.connectors import values
from huoshui.data.connectors.errors import RateMissing
from huoshui.data.connectors.reports import ImportReport
from huoshui.data.connectors.staging import Staged
from huoshui.data.connectors.tools import Tool
from huoshui.data.customers import normalise
from huoshui.data.customers import queries as customer_queries
from huoshui.data.customers import services as customers
from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.snapshot import Snapshot
from huoshui.lake.writing import Write

MONEY = "decimal(18, 4)"
RATE = "decimal(18, 8)"
MOMENT = "timestamp('UTC', 6)"
MANY_PEOPLE = 100_000
CUSTOMER_KEYS = (("customer", "number"), ("email", "email"), ("phone", "phone"))


class Background:
    """One thread that writes people to the database while the engine works on the facts."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._jobs: list[Future[None]] = []

    def run(self, job: Callable[[], None]) -> None:
        """Start ``job`` with a database connection of its own."""
        self._jobs.append(self._pool.submit(_with_own_connection, job))

    @property
    def used(self) -> bool:
        """Whether there has been a job."""
        return bool(self._jobs)

    def finish(self) -> None:
        """Wait for all jobs; raises what one of them raised."""
        self._pool.shutdown(wait=True)
        for job in self._jobs:
            job.result()


def _with_own_connection(job: Callable[[], None]) -> None:
    try:
        job()
    finally:
        connections.close_all()


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
    tool: Tool | None = None
    background: Background = field(default_factory=lambda: Background())
    newcomers: list[pa.Table] = field(default_factory=list)

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
        if rows[name].type().timezone is not None:
            return rows[name]
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
            self._count_replaced(slug, full)
        else:
            put = self.tx.put(slug, full, load_id=self.load_id, keys_are_new=keys_are_new)
            count, replaced = put.rows, put.replaced
        if count:
            self.report.facts[slug] = self.report.facts.get(slug, 0) + count
        return replaced

    def _count_replaced(self, slug: str, rows: Any) -> None:
        """Note how many facts that count now ``rows`` would take the place of."""
        now = self.snapshot.table(slug)
        keys = [column for column in LAKE_TABLES[slug].replaced_by if column != "source"]
        fresh = rows.select(**{f"{key}_new": rows[key] for key in keys}).distinct()
        there = now.filter(now.source == self.source).semi_join(fresh, [(key, f"{key}_new") for key in keys])
        if count := self.count(there):
            self.report.replaces[slug] = self.report.replaces.get(slug, 0) + count

    # -- people --------------------------------------------------------------------------------------------------

    def key_columns(self) -> list[tuple[str, str]]:
        """Fields of the file that say who, with the kind of identity, the most telling first."""
        return [(name, kind) for name, kind in CUSTOMER_KEYS if self.has(name)]

    def name_keys(self) -> None:
        """Give the staged rows ``key`` (and ``key_kind`` where there are several kinds): who a row speaks of.

        That is the shop's number, else the e-mail, else the phone, else nobody. Unreadable e-mails and phones are
        left out beside a number; where nothing else says who, the row is set aside.
        """
        staged = self.staged
        keys = self.key_columns()
        for name, kind in keys:
            if kind == "number":
                continue
            rows = staged.rows
            readable, reasons = self._readable(kind, name)
            rows = (
                rows.left_join(readable, rows[name] == readable.given)
                .drop("given", name)
                .rename({name: "said"})
            )
            others = [rows[n].isnull() for n, _ in keys if n != name]
            alone = rows.why.notnull() & ibis.and_(*others) if others else rows.why.notnull()
            staged.rows = rows
            problem = staged.flagged(*((alone & (rows.why == why), name, why) for why in reasons))
            staged.rows = rows.mutate(problem=problem).drop("why")
        rows = staged.rows
        if not keys:
            staged.rows = rows.mutate(key=ibis.null("string"))
        elif len(keys) == 1:
            staged.rows = rows.mutate(key=rows[keys[0][0]])
        else:
            kind_of = ibis.cases(*((rows[n].notnull(), k) for n, k in keys), else_=ibis.null("string"))
            staged.rows = rows.mutate(key_kind=kind_of, key=ibis.coalesce(*(rows[n] for n, _ in keys)))

    @property
    def who(self) -> list[str]:
        """The columns that say who a row speaks of."""
        return ["key_kind", "key"] if len(self.key_columns()) > 1 else ["key"]

    def _readable(self, kind: str, name: str) -> tuple[Any, list[str]]:
        """For each spelling in the file the one spelling of the house, or why there is none; and those reasons."""
        rows = self.staged.rows
        given = self.arrow(rows.filter(rows[name].notnull()).select(given=rows[name]).distinct())["given"]
        found = normalise.normalise_many(kind, given, region=self.region)
        table = pa.table(
            {
                "given": given.cast(pa.string()),
                "said": pa.array([value for value, _ in found], pa.string()),
                "why": pa.array([why or None for _, why in found], pa.string()),
            }
        )
        self.rule("contact_unreadable", sum(1 for _, why in found if why))
        return self.staged.session.hold(table), sorted({why for _, why in found if why})

    def persons(self, rows: Any, since: str = "") -> pa.Table:
        """Everybody ``rows`` speak of: `who`, ``since`` (least moment of the time field) and a number ``person``."""
        named = rows.filter(rows.key.notnull())
        moments: dict[str, Any] = {}
        if since:
            moments["since"] = named[since].min()
            if f"{since}_instant" in named.columns:
                moments["since_instant"] = named[f"{since}_instant"].min()
        grouped = named.group_by(self.who).aggregate(n=named.count(), **moments).drop("n")
        if since:
            # The clock of the source is read once per person, not once per row.
            moment = self.moment(grouped, "since")
            grouped = grouped.select(*self.who, since=moment)
        found = self.arrow(grouped)
        return found.append_column("person", pa.array(np.arange(found.num_rows)))

    def resolve(self, persons: pa.Table) -> Any:
        """The customers of ``persons``: a table of `who`, ``person`` and ``customer_id``.

        People who are not known yet become customers. In a dry run nobody is made; ids of new people are empty.
        """
        if len(self.who) == 1:
            kinds = [kind for _, kind in self.key_columns()]
            parts = [self._resolve(kinds[0], persons)] if kinds else []
        else:
            kinds = persons["key_kind"].unique().to_pylist()
            parts = [
                self._resolve(kind, persons.filter(pc.equal(persons["key_kind"], kind))) for kind in kinds
            ]
        types = {"key_kind": pa.string(), "key": pa.string(), "person": pa.int64(), "customer_id": pa.int64()}
        names = [*self.who, "person", "customer_id"]
        empty = pa.table({name: pa.array([], types[name]) for name in names})
        return self.staged.session.hold(pa.concat_tables([empty, *(part.select(names) for part in parts)]))

    def _resolve(self, kind: str, persons: pa.Table) -> pa.Table:
        if self.tx is None:
            answer = customer_queries.known(source=self.source, kind=kind, values=persons["key"])
            fresh = answer["customer_id"].null_count
        else:
            done = 0

            def progress(further: int) -> None:
                nonlocal done
                done += further
                self.tell("customers", done / max(1, persons.num_rows))

            answer = customers.resolve(
                actor=self.actor,
                source=self.source,
                kind=kind,
                values=persons["key"],
                load_id=self.load_id,
                created_at=persons["since"] if "since" in persons.column_names else None,
                now=self.now,
                progress=progress,
                later=self.background.run if persons.num_rows > MANY_PEOPLE else None,
            )
            fresh = int(pc.sum(answer["created"]).as_py() or 0)
            self._note_newcomers(persons, answer)
        self.report.customers_new += fresh
        self.report.customers_known += answer.num_rows - fresh
        return persons.append_column("customer_id", answer["customer_id"])

    def write_people(self, job: Callable[[], None], rows: int) -> None:
        """Let ``job`` write ``rows`` rows about people to the database; if many, while other work goes on.

        What is said of people is written after them, in the order in which it is given here.
        """
        if rows > MANY_PEOPLE or self.background.used:
            self.background.run(job)
        else:
            job()

    def _note_newcomers(self, persons: pa.Table, answer: pa.Table) -> None:
        since: Any = pa.repeat(pa.scalar(self.now, pa.timestamp("us", "UTC")), answer.num_rows)
        if "since" in persons.column_names:
            since = pc.coalesce(persons["since"].cast(pa.timestamp("us", "UTC")), since)
        rows = pa.table({"customer_id": answer["customer_id"], "created_at": since})
        self.newcomers.append(rows.filter(answer["created"]))

    def customers_of(self, rows: Any, since: str = "") -> Any:
        """`resolve` of everybody ``rows`` speak of."""
        return self.resolve(self.persons(rows, since))

    def with_customer(self, rows: Any, people: Any) -> Any:
        """``rows`` with ``customer_id``; empty where nobody is named."""
        known = people.select(*self.who, "customer_id").rename({f"{name}_known": name for name in self.who})
        joined = rows.left_join(known, [rows[name] == known[f"{name}_known"] for name in self.who])
        return joined.drop(*(f"{name}_known" for name in self.who))

    # -- money ---------------------------------------------------------------------------------------------------

    def with_rate(self, rows: Any, day: Any) -> Any:
        """``rows`` with ``rate``: house currency for one unit of ``currency`` on ``day``; empty means 1.

        Raises `RateMissing` naming the days and currencies that have none: a rate is never guessed.
        """
        if not self.foreign:
            return rows.mutate(rate=ibis.null(RATE))
        rates = self.snapshot.table("fx_rates").select(
            rate_day="day", rate_currency="currency", known_rate="rate"
        )
        rates = rates.group_by("rate_day", "rate_currency").aggregate(known_rate=rates.known_rate.max())
        dated = rows.mutate(rate_of=day)
        joined = dated.left_join(
            rates, [dated.rate_of == rates.rate_day, dated.currency == rates.rate_currency]
        )
        joined = joined.mutate(
            rate=ibis.ifelse(
                joined.currency == self.house_currency, ibis.literal(1).cast(RATE), joined.known_rate
            )
        ).drop("rate_day", "rate_currency", "known_rate")
        lacking = joined.filter(joined.rate.isnull())
        days = lacking.select("rate_of", "currency").distinct().order_by("rate_of", "currency")
        missing = self.arrow(days).to_pylist()
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

    @property
    def foreign(self) -> bool:
        """Whether some amount of the file may be in another currency than the house's."""
        return self.has("currency") or self.currency != self.house_currency

    def in_house(self, amount: Any, rate: Any) -> Any:
        """``amount × rate`` to 4 decimals; the amount itself where all is in house currency."""
        return product_of(amount, rate) if self.foreign else amount

    def currency_of(self, rows: Any) -> Any:
        """The currency of each row: its own, or that of the file."""
        return ibis.coalesce(self.field(rows, "currency"), ibis.literal(self.currency))

    def house_day(self, moment: Any) -> Any:
        """The calendar day of a moment in the house zone (the session's zone is the house's)."""
        return moment.cast("date")


@ibis.udf.scalar.builtin(name="try", signature=((dt.Decimal(18, 8),), dt.Decimal(38, 12)))
def _where_it_fits(product: Any) -> Any:
    """DuckDB: the value, or empty where computing it overflows."""


def product_of(one: Any, other: Any) -> Any:
    """``one × other`` to 4 decimals; empty where that is too large for money.

    The engine multiplies two numbers of 18 digits within 18 digits, which is quick and enough for nearly all rows;
    only the others are multiplied with as many digits as it takes.
    """
    quick = _where_it_fits(one * other).try_cast(MONEY)
    wide = one.cast("decimal(19, 4)") * other.cast(f"decimal(19, {other.type().scale})")
    return ibis.coalesce(quick, wide.try_cast("decimal(37, 4)").try_cast(MONEY))


def as_money(amount: Any) -> Any:
    """``amount`` as money. Sums are wider in the engine than Ibis knows, which leaves out a plain cast."""
    return amount.cast("decimal(38, 4)").cast(MONEY)


def latest(rows: Any, names: Sequence[str]) -> dict[str, Any]:
    """Aggregates that take, of each of ``names``, the cell of the last row that has one."""
    return {name: rows[name].argmax(rows.row_no, where=rows[name].notnull()) for name in names}
