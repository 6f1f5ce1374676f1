"""The tables of facts as declared, and what has happened as of a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest

from huoshui.data.facts import relations, tables
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import LAKE_TABLES, PROVENANCE, RELATIONS

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2024, 3, 9, 16, tzinfo=UTC)  # of 2024-03-10 in Shanghai
INSTANT = timedelta(microseconds=1)


# -- tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", tables.FACTS, ids=lambda table: table.slug)
def test_a_table_is_declared_without_contradiction(table):
    names = [column.name for column in table.all_columns]
    assert LAKE_TABLES[table.slug] is table
    assert len(names) == len(set(names))
    assert names[-len(PROVENANCE) :] == ["source", "load_id", "ingested_at", "superseded_by"]
    assert set(table.key) <= set(names)
    assert table.key[: len(table.whole)] == table.whole or set(table.whole) <= set(names)
    assert set(table.statistics) <= set(names)
    assert set(table.sorted_by) <= set(names)
    assert table.doc
    assert table.written_by
    assert table.kept
    assert all(column.doc for column in table.columns)


@pytest.mark.parametrize("table", tables.FACTS, ids=lambda table: table.slug)
def test_statistics_are_kept_for_ids_and_times_only(table):
    types = {column.name: ibis.dtype(column.type) for column in table.all_columns}
    for name in table.statistics:
        kind = types[name]
        assert kind.is_date() or kind.is_timestamp() or (kind.is_integer() and name.endswith("_id")), name


@pytest.mark.parametrize("table", tables.FACTS, ids=lambda table: table.slug)
def test_moments_are_in_utc_and_money_is_exact(table):
    for column in table.all_columns:
        kind = ibis.dtype(column.type)
        if kind.is_timestamp():
            assert kind.timezone == "UTC"
        if column.name.startswith(
            ("revenue", "discount", "tax", "shipping", "total", "unit_", "amount", "cost")
        ):
            assert kind.is_decimal(), column.name
            assert kind.scale == 4


def test_facts_hold_no_names_addresses_or_numbers_of_people():
    forbidden = {"email", "phone", "mobile", "address", "birthday", "ip", "user_agent"}
    for table in tables.FACTS:
        assert not forbidden & {column.name for column in table.columns}, table.slug


# -- relations ---------------------------------------------------------------------------------------------------


class Facts:
    """Rows in a real DuckDB; implements `kernel.plugs.Tables`."""

    def __init__(self, **rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def table(self, slug: str) -> Any:
        columns = [c for c in LAKE_TABLES[slug].all_columns if c.name != "superseded_by"]
        schema = ibis.schema({c.name: c.type for c in columns}).to_pyarrow()
        rows = [{c.name: row.get(c.name) for c in columns} for row in self._rows.get(slug, [])]
        return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def found(expression: Any, name: str) -> list[Any]:
    return sorted(ibis.duckdb.connect().to_pyarrow(expression)[name].to_pylist())


def order(
    number: str, at: datetime, revenue: str = "10", customer: int | None = 1, **more: Any
) -> dict[str, Any]:
    return {
        "order_id": number,
        "ordered_at": at,
        "revenue": Decimal(revenue),
        "customer_id": customer,
        **more,
    }


AS_OF = AsOf.day(date(2024, 3, 10), SHANGHAI)


def test_what_happens_at_the_moment_itself_does_not_count_yet():
    moments = {"before": MIDNIGHT - INSTANT, "at": MIDNIGHT, "after": MIDNIGHT + INSTANT}
    facts = Facts(orders=[order(number, at) for number, at in moments.items()])
    assert found(relations.purchases(facts, AS_OF), "order_id") == ["before"]


def test_a_purchase_has_a_known_customer_and_revenue_above_zero():
    day = MIDNIGHT - timedelta(days=1)
    facts = Facts(
        orders=[
            order("paid", day),
            order("least", day, "0.0001"),
            order("free", day, "0"),
            order("negative", day, "-5"),
            order("anonymous", day, customer=None),
            {**order("unknown", day), "revenue": None},
        ]
    )
    assert found(relations.purchases(facts, AS_OF), "order_id") == ["least", "paid"]
    assert found(relations.all_orders(facts, AS_OF), "order_id") == ["anonymous", "least", "paid"]


def test_a_second_cut_asks_what_was_known_then():
    day = MIDNIGHT - timedelta(days=5)
    facts = Facts(
        orders=[
            order("known", day, ingested_at=MIDNIGHT - INSTANT),
            order("late", day, ingested_at=MIDNIGHT),
        ]
    )
    known = AsOf(at=AS_OF.at, zone=SHANGHAI, known_at=MIDNIGHT)
    assert found(relations.purchases(facts, known), "order_id") == ["known"]
    assert found(relations.purchases(facts, AS_OF), "order_id") == ["known", "late"]


def test_changes_count_with_their_sign_and_with_anonymous_ones_only_where_asked():
    day = MIDNIGHT - timedelta(days=1)
    rows = [
        {"change_id": "refund", "occurred_at": day, "revenue": Decimal("-5"), "customer_id": 1},
        {"change_id": "anonymous", "occurred_at": day, "revenue": Decimal("-5")},
        {"change_id": "later", "occurred_at": MIDNIGHT, "revenue": Decimal("-5"), "customer_id": 1},
    ]
    facts = Facts(order_changes=rows)
    assert found(relations.changes(facts, AS_OF), "change_id") == ["refund"]
    assert found(relations.all_changes(facts, AS_OF), "change_id") == ["anonymous", "refund"]


def test_lines_events_and_consents_are_cut_in_the_same_way():
    day = MIDNIGHT - timedelta(days=1)
    facts = Facts(
        order_lines=[
            order("paid", day),
            order("gift", day, "0"),
            order("later", MIDNIGHT),
            order("anonymous", day, customer=None),
        ],
        events=[
            {"message_id": "e1", "customer_id": 1, "occurred_at": day},
            {"message_id": "visitor", "visitor_id": 2, "occurred_at": day},
            {"message_id": "later", "customer_id": 1, "occurred_at": MIDNIGHT},
        ],
        consents=[
            {"purpose": "marketing", "customer_id": 1, "valid_from": day},
            {"purpose": "profiling", "customer_id": 1, "valid_from": MIDNIGHT},
        ],
    )
    assert found(relations.purchase_lines(facts, AS_OF), "order_id") == ["paid"]
    assert found(relations.behaviour(facts, AS_OF), "message_id") == ["e1"]
    assert found(relations.consent_states(facts, AS_OF), "purpose") == ["marketing"]


def test_each_relation_is_declared_under_its_name_and_has_customers():
    for slug in ("purchases", "changes", "purchase_lines", "behaviour", "consent_states"):
        relation = RELATIONS[slug]
        assert relation.doc
        assert "customer_id" in relation.build(Facts(), AS_OF).columns
