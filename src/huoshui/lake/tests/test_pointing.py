"""Looking one customer up: which files are opened for it, and what is answered, whatever is left closed."""

from __future__ import annotations

from datetime import timedelta

import pyarrow.parquet as pq

from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import care, duck, pointing
from huoshui.lake.house import Lake
from huoshui.lake.pointing import Between, Part
from huoshui.lake.snapshot import Snapshot
from huoshui.lake.tests.shop import ARRIVED, facts

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
            for n in range(duck.SORTED_ROW_GROUP + 100)
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
    load(lake, range(duck.SORTED_ROW_GROUP // 2 + 1), load_id=1, each=2)
    [before] = lake.snapshot().files("events")
    care.compact(lake, everything=True)
    [after] = lake.snapshot().files("events")
    assert LAKE_TABLES["events"].sorted_by[0] == "customer_id"
    groups = [pq.read_metadata(file) for file in (before, after)]
    assert [one.num_row_groups for one in groups] == [1, 2]
    assert groups[1].row_group(0).num_rows == duck.SORTED_ROW_GROUP
