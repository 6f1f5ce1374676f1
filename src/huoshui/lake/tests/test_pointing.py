"""Looking one customer up: which files are opened for it, and what is answered, whatever is left closed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import care, duck, groups, pointing, writing
from huoshui.lake.errors import LakeDamaged
from huoshui.lake.house import Lake
from huoshui.lake.pointing import Between, Part
from huoshui.lake.snapshot import Snapshot
from huoshui.lake.tests.shop import ARRIVED, facts

Answer = TypeVar("Answer")

FIRST = 100_000_000_000_000
EVENTS = Part(slug="events", at="occurred_at", key="message_id", columns=("name",), searched=("name",))


def load(lake: Lake, customers: range, *, load_id: int, each: int = 3) -> None:
    """Events of customers, the later the higher their number."""
    rows = [
        {
            "message_id": f"{load_id}-{customer}-{number}",
            "name": f"e{number}",
            "customer_id": FIRST + customer,
            "occurred_at": ARRIVED + timedelta(days=load_id, minutes=number),
        }
        for customer in customers
        for number in range(each)
    ]
    with lake.write("test", tended=False) as tx:
        tx.append("events", facts("events", rows, load_id=load_id))


def opened(tables: Snapshot, customer: int) -> int:
    return len(pointing.candidates(tables, "events", "customer_id", [FIRST + customer]))


def newest(tables: Snapshot, customer: int, most: int, between: Between = pointing.EVERYTHING) -> list[str]:
    found = pointing.newest(
        tables, [EVENTS], by="customer_id", value=FIRST + customer, most=most, between=between
    )
    return [row.place.key for row in found]


def test_of_several_files_only_those_that_can_hold_the_customer_are_opened(lake):
    for load_id, customers in enumerate((range(100), range(100, 200), range(200, 300), range(150, 160)), 1):
        load(lake, customers, load_id=load_id)
    tables = lake.snapshot()
    assert len(tables.files("events")) == 4
    assert [opened(tables, customer) for customer in (50, 120, 155, 299, 300)] == [1, 1, 2, 1, 0]
    found = pointing.find(tables, "events", by="customer_id", values=[FIRST + 155], columns=("message_id",))
    assert sorted(row["message_id"] for row in found) == [f"{n}-155-{i}" for n in (2, 4) for i in range(3)]
    care.compact(lake, everything=True)
    after = lake.snapshot()
    assert opened(after, 155) == len(after.files("events")) == 1
    load(lake, range(295, 300), load_id=5)  # a tail that came later costs only those whom it may hold
    tables = lake.snapshot()
    assert [opened(tables, customer) for customer in (50, 155, 297)] == [1, 1, 2]


def test_rows_of_nobody_at_the_end_of_a_file_do_not_hide_whose_rows_it_holds(lake):
    nobody = facts(
        "events",
        [
            {"message_id": f"v{n}", "name": "view", "visitor_id": 1, "occurred_at": ARRIVED}
            for n in range(duck.SMALL_ROW_GROUP + 100)
        ],
    )
    with lake.write("test", tended=False) as tx:
        tx.append("events", nobody)
    load(lake, range(100, 110), load_id=2)
    care.compact(lake, everything=True)
    tables = lake.snapshot()
    [file] = tables.files("events")
    assert pq.read_metadata(file).num_row_groups == 2  # of the last, nothing is said of customers
    assert [opened(tables, customer) for customer in (99, 100, 109, 110)] == [0, 1, 1, 0]


def test_the_newest_rows_of_many_are_those_at_their_end(lake):
    load(lake, range(2), load_id=1, each=500)
    load(lake, range(2), load_id=2, each=500)
    tables = lake.snapshot()
    assert newest(tables, 1, 3) == [f"till:2-1-{number}" for number in (499, 498, 497)]
    rows = pointing.newest(tables, [EVENTS], by="customer_id", value=FIRST + 1, most=600)
    assert newest(tables, 1, 2, Between(older_than=rows[-1].place)) == ["till:1-1-399", "till:1-1-398"]
    assert newest(tables, 1, 2, Between(newer_than=rows[2].place)) == ["till:2-1-499", "till:2-1-498"]
    assert newest(tables, 1, 2, Between(words="e7", until=ARRIVED + timedelta(days=2))) == [
        "till:1-1-79",
        "till:1-1-78",
    ]


def test_compacted_rows_stand_in_smaller_groups_than_rows_as_they_came(lake):
    load(lake, range(duck.SMALL_ROW_GROUP // 2 + 1), load_id=1, each=2)
    [before] = lake.snapshot().files("events")
    care.compact(lake, everything=True)
    [after] = lake.snapshot().files("events")
    assert LAKE_TABLES["events"].sorted_by[0] == "customer_id"
    groups = [pq.read_metadata(file) for file in (before, after)]
    assert [one.num_row_groups for one in groups] == [1, 2]
    assert groups[1].row_group(0).num_rows == duck.SMALL_ROW_GROUP


# -- with and without the engine -----------------------------------------------------------------------------------

GROUP = 2048
PEOPLE = 4
HOURS = 30
PARTS = (
    Part(slug="events", at="occurred_at", key="message_id", columns=("name", "value", "properties")),
    Part(slug="orders", at="ordered_at", key="order_id", columns=("order_id", "source", "revenue", "store")),
)


@pytest.fixture
def past(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """What few people did within few hours: replaced, taken back, in a group of others, in many groups of their own."""
    for module in (duck, writing):
        monkeypatch.setattr(module, "SMALL_ROW_GROUP", GROUP)
    made = random.Random(7)

    def moment() -> datetime:
        return ARRIVED + timedelta(hours=made.randrange(HOURS))

    def event(number: int, customer: int | None) -> dict[str, Any]:
        told = {
            "name": made.choice(["view", "cart", None, "浏览"]),
            "value": made.choice([None, 0.0, 5.0, -1.25, 1e16, 1e-5, 0.1]),
            "properties": made.choice([None, '{"page": "/p/1"}', "''"]),
        }
        who = None if customer is None else FIRST + customer
        return {"message_id": f"m{number}", "customer_id": who, "occurred_at": moment(), **told}

    def order(number: int) -> dict[str, Any]:
        paid = made.choice([None, Decimal(0), Decimal("12.5"), Decimal("-0.0001")])
        who = FIRST + made.randrange(PEOPLE)
        return {"order_id": f"s{number}", "customer_id": who, "ordered_at": moment(), "revenue": paid}

    events = [event(n, 1 if n < 2 * GROUP else made.choice([None, 0, 1, 2, 3])) for n in range(3 * GROUP)]
    with lake.write("first", tended=False) as tx:
        tx.put("events", facts("events", events), load_id=1)
        tx.put("orders", facts("orders", [order(n) for n in range(300)], source="till"), load_id=1)
    care.compact(lake, everything=True)
    for load_id in (2, 3):
        again = [event(made.randrange(3 * GROUP + 50), 2) for _ in range(40)]
        fresh = {row["message_id"]: row for row in again}
        with lake.write("later", tended=False) as tx:
            tx.put("events", facts("events", list(fresh.values()), load_id=load_id), load_id=load_id)
            orders = facts("orders", [order(n) for n in range(50)], load_id=load_id, source="web")
            tx.put("orders", orders, load_id=load_id)
    with lake.write("back", tended=False) as tx:
        tx.undo(2)
    return lake.snapshot()


def with_the_engine(ask: Callable[[], Answer]) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pointing, "MOST_KEYS", -1)
        return ask()


def without_it(ask: Callable[[], Answer]) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pointing, "_rows", lambda *_: pytest.fail("the engine was asked"))
        return ask()


@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_few_rows_are_the_same_with_and_without_the_engine(past, data):
    value = FIRST + data.draw(st.integers(0, PEOPLE))
    parts = data.draw(st.lists(st.sampled_from(PARTS), min_size=1, unique_by=lambda part: part.slug))
    hours = st.none() | st.integers(-1, HOURS + 1).map(lambda hour: ARRIVED + timedelta(hours=hour))
    since, until = data.draw(hours), data.draw(hours)
    most = data.draw(st.integers(1, 60))

    def ask(between: Between) -> Callable[[], list[pointing.Row]]:
        return lambda: pointing.newest(past, parts, by="customer_id", value=value, most=most, between=between)

    between = Between(since=since, until=until)
    first = without_it(ask(between))
    assert first == with_the_engine(ask(between))
    if first:
        place = data.draw(st.sampled_from(first)).place
        for beyond in ({"older_than": place}, {"newer_than": place}):
            between = Between(since=since, until=until, **beyond)
            assert without_it(ask(between)) == with_the_engine(ask(between))


def test_what_is_found_is_the_same_with_and_without_the_engine(past):
    for slug in ("events", "orders"):
        for values in ([FIRST + 1], [FIRST, FIRST + 2, FIRST + 3], [FIRST + PEOPLE]):

            def ask(slug: str = slug, values: list[int] = values) -> list[dict[str, Any]]:
                return sorted(pointing.find(past, slug, by="customer_id", values=values), key=str)

            assert without_it(ask) == with_the_engine(ask)
    named = pointing.find(past, "orders", by="order_id", values=["s3", "s400"], columns=("source",))
    assert sorted(row["source"] for row in named) == ["till", "web"]


def test_a_load_is_read_in_small_groups_at_once(past, lake):
    rows = [
        {"message_id": f"x{n}", "customer_id": FIRST + n % 5000, "occurred_at": ARRIVED} for n in range(5000)
    ]
    before = set(past.files("events"))
    with lake.write("load", tended=False) as tx:
        tx.put("events", facts("events", rows, load_id=9), load_id=9)
    [fresh] = set(lake.snapshot().files("events")) - before
    assert pq.read_metadata(fresh).row_group(0).num_rows == GROUP


def test_a_file_that_is_damaged_is_named(lake):
    load(lake, range(10), load_id=1)
    tables = lake.snapshot()
    [file] = map(Path, tables.files("events"))
    content = file.read_bytes()
    for damage in (
        b"",
        content[:100],
        content[:4] + bytes(len(content) // 2) + content[4 + len(content) // 2 :],
    ):
        file.write_bytes(damage)
        with pytest.raises(LakeDamaged):
            newest(tables, 3, 5)
    file.unlink()
    with pytest.raises(LakeDamaged):
        newest(tables, 3, 5)


def test_whole_columns_are_what_the_engine_reads(lake):
    few, many = ["上海", "", None], [f"city {number}" for number in range(30_000)]
    for cities, overwrite in ((few, True), (many, False), ([], False)):
        people = [
            {"customer_id": number, "city": city, "created_at": ARRIVED} for number, city in enumerate(cities)
        ]
        rows = pa.Table.from_pylist(people, schema=duck.arrow_schema(LAKE_TABLES["customers"].all_columns))
        with lake.write("test", tended=False) as tx:
            (tx.overwrite if overwrite else tx.append)("customers", rows)
    tables = lake.snapshot()
    columns = ["customer_id", "city", "country", "created_at"]
    found = pointing.whole(tables, "customers")(columns)
    asked = tables.arrow(tables.table("customers").select(*columns))
    assert found.column_names == columns
    assert found.num_rows == 30_003
    for name in columns:
        assert found[name].cast(asked.schema.field(name).type).to_pylist() == asked[name].to_pylist()


def test_whole_columns_of_older_files_are_empty_where_they_have_none(tmp_path):
    with_city, without = tmp_path / "1.parquet", tmp_path / "2.parquet"
    pq.write_table(pa.table({"customer_id": [1, 2], "city": ["上海", "北京"]}), with_city)
    pq.write_table(pa.table({"customer_id": [3]}), without)
    schema = pa.schema([("city", pa.string()), ("customer_id", pa.int64())])
    found = groups.whole([str(without), str(with_city)], schema)
    assert found.to_pydict() == {"city": [None, "上海", "北京"], "customer_id": [3, 1, 2]}
    assert groups.whole([], schema).to_pydict() == {"city": [], "customer_id": []}
    with_city.write_bytes(with_city.read_bytes()[:40])
    groups._kept.clear()
    with pytest.raises(LakeDamaged):
        groups.whole([str(with_city)], schema)


def test_tables_with_superseded_rows_are_not_read_whole(lake):
    with pytest.raises(ValueError, match="superseded"):
        pointing.whole(lake.snapshot(), "events")
