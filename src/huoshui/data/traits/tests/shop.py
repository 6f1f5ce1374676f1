"""A small shop in a real DuckDB: facts are written down one by one and read as lake tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from huoshui.data.facts import tables as facts
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import LAKE_TABLES, Column
from huoshui.lake.duck import arrow_schema

LONDON = ZoneInfo("Europe/London")
PROVENANCE: dict[str, Any] = {"source": "till", "load_id": 1, "ingested_at": datetime(2025, 1, 1, tzinfo=UTC)}
CUSTOMERS = (
    Column("customer_id", "int64", ""),
    Column("created_at", "timestamp('UTC', 6)", ""),
    Column("load_id", "int64", ""),
    Column("city", "string", ""),
    Column("birth_year", "int64", ""),
    Column("birthday", "date", ""),
)

_COLUMNS = {t.slug: [c for c in t.all_columns if c.name != "superseded_by"] for t in facts.FACTS}


@cache
def _engine() -> Any:
    engine = ibis.duckdb.connect(":memory:")
    engine.raw_sql("SET TimeZone = 'Europe/London'")
    return engine


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    """The moment written as house time: ``2024-03-01`` or ``2024-03-01 14:30``."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def as_of(text: str) -> AsOf:
    """The house as of midnight of a day in London."""
    return AsOf.day(date.fromisoformat(text), LONDON)


class Shop:
    """Facts of a shop; implements `kernel.plugs.Tables`."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self._read: dict[str, Any] = {}

    def customer(self, customer_id: int, created: str = "2020-01-01", **attributes: Any) -> None:
        self._add("customers", customer_id=customer_id, created_at=at(created), **attributes)

    def order(self, customer_id: int | None, when: str, revenue: str | Decimal = "10", **columns: Any) -> str:
        order_id = columns.pop("order_id", f"o{len(self.rows.get('orders', [])) + 1}")
        self._add(
            "orders",
            **{
                "customer_id": customer_id,
                "order_id": order_id,
                "ordered_at": at(when),
                "revenue": Decimal(revenue),
            }
            | columns,
        )
        return str(order_id)

    def line(
        self,
        customer_id: int | None,
        when: str,
        category: str | None,
        revenue: str = "10",
        order_id: str | None = None,
        product_id: str | None = None,
        **columns: Any,
    ) -> None:
        self._add(
            "order_lines",
            customer_id=customer_id,
            ordered_at=at(when),
            category=category,
            revenue=Decimal(revenue),
            order_id=order_id,
            product_id=product_id,
            **columns,
        )

    def product(self, product_id: str, category: str | None = None, **columns: Any) -> None:
        self._add("products", product_id=product_id, category=category, **columns)

    def change(self, customer_id: int | None, when: str, revenue: str, **columns: Any) -> None:
        self._add(
            "order_changes",
            customer_id=customer_id,
            occurred_at=at(when),
            revenue=Decimal(revenue),
            **columns,
        )

    def answer(self, customer_id: int, when: str, metric: str, score: float) -> None:
        number = f"a{len(self.rows.get('answers', [])) + 1}"
        self._add(
            "answers",
            customer_id=customer_id,
            answered_at=at(when),
            metric=metric,
            score=score,
            answer_id=number,
        )

    def spend(self, day: str, amount: str, channel: str | None = None, **columns: Any) -> None:
        self._add(
            "spend",
            **{"day": date.fromisoformat(day), "amount": Decimal(amount), "channel": channel} | columns,
        )

    def consent(self, customer_id: int, when: str, channel: str, state: str = "granted") -> None:
        self._add(
            "consents",
            customer_id=customer_id,
            valid_from=at(when),
            channel=channel,
            state=state,
            purpose="marketing",
        )

    def event(self, customer_id: int | None, when: str, name: str = "Product Viewed", **columns: Any) -> None:
        self._add("events", **{"customer_id": customer_id, "occurred_at": at(when), "name": name} | columns)

    def table(self, slug: str) -> Any:
        """The facts of a kind; nothing can be written down after it."""
        if slug not in self._read:
            columns = CUSTOMERS if slug == "customers" else _COLUMNS[slug]
            schema = ibis.schema({c.name: c.type for c in columns}).to_pyarrow()
            rows = [{c.name: row.get(c.name) for c in columns} for row in self.rows.get(slug, [])]
            self._read[slug] = ibis.memtable(pa.Table.from_pylist(rows, schema=schema))
        return self._read[slug]

    def rows_of(self, expression: Any) -> dict[Any, dict[str, Any]]:
        """An expression's rows by ``customer_id``."""
        found = self.arrow(expression).to_pylist()
        answer = {row["customer_id"]: row for row in found}
        assert len(answer) == len(found), "a customer came twice"
        return answer

    def arrow(self, expression: Any) -> pa.Table:
        """The answer of the engine."""
        return _engine().to_pyarrow(expression)

    @property
    def session(self) -> Shop:
        """What keeps answers, as the session of a snapshot does."""
        return self

    def keep(self, expression: Any) -> Any:
        """The answer of the engine as a table."""
        return ibis.memtable(self.arrow(expression))

    def hold(self, table: pa.Table) -> Any:
        """An Arrow table as one of the engine's."""
        return ibis.memtable(table)

    def drop(self, table: Any) -> None:
        """Let go of what `keep` computed; memory does it."""

    def _add(self, slug: str, **row: Any) -> None:
        assert not self._read, "write all facts down before reading"
        self.rows.setdefault(slug, []).append({**(PROVENANCE if slug != "customers" else {}), **row})


def rows_for(slug: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """``rows`` as the lake table ``slug`` has them; columns that they lack are empty."""
    schema = arrow_schema(LAKE_TABLES[slug].all_columns)
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in schema.names} for row in rows], schema=schema
    )
