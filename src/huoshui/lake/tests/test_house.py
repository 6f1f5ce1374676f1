"""Writes that are all or nothing, readers with one picture, loads that can be undone."""

from __future__ import annotations

import resource
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.kernel.clock import now
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import house
from huoshui.lake.duck import arrow_schema
from huoshui.lake.errors import LakeBusy, LakeDamaged, LakeNotWritable, NoSuchVersion
from huoshui.lake.house import Lake
from huoshui.lake.models import HouseVersion
from huoshui.lake.tests.shop import ARRIVED, engine_settings, facts, orders, put_orders, revenues
from huoshui.lake.writing import Put

pytestmark = pytest.mark.django_db(transaction=True)


class Spilled(Exception):
    """Something goes wrong in the middle of a write."""


# -- what counts -------------------------------------------------------------------------------------------------


def test_an_empty_lake_reads_as_empty_typed_tables(lake):
    snapshot = lake.snapshot()
    assert snapshot.version == 0
    for table in LAKE_TABLES:
        rows = snapshot.table(table.slug).to_pyarrow()
        assert rows.num_rows == 0
        assert rows.column_names == [c.name for c in table.all_columns if c.name != "superseded_by"]


@pytest.mark.lake_in("folder", "bucket")
def test_appended_rows_read_back_as_they_were(lake):
    written = orders({"甲-1": 5, "o'2": 7}, channel="小程序 😀")
    with lake.write("append") as tx:
        assert tx.append("orders", written)
    read = lake.snapshot().rows("orders").order_by("revenue").to_pyarrow()
    assert read.to_pylist() == written.to_pylist()


def test_days_of_the_engine_are_days_of_the_house(lake):
    moment = ARRIVED.replace(hour=18)  # after midnight in Shanghai
    with lake.write("append") as tx:
        tx.append("orders", orders({"a": 1}, ordered_at=moment))
    table = lake.snapshot().table("orders")
    [row] = table.select(day=table.ordered_at.date()).to_pyarrow().to_pylist()
    assert str(row["day"]) == "2024-03-11"


@pytest.mark.lake_in("folder", "bucket")
def test_the_newest_version_of_a_key_counts_within_its_source(lake):
    put_orders(lake, {"a": 1, "b": 2}, load_id=1)
    put_orders(lake, {"c": 50}, load_id=2, source="webshop")
    put_orders(lake, {"b": 30, "c": 40}, load_id=3)
    rows = lake.snapshot().table("orders").to_pyarrow().to_pylist()
    found = {(r["source"], r["order_id"]): int(r["revenue"]) for r in rows}
    assert found == {("till", "a"): 1, ("till", "b"): 30, ("till", "c"): 40, ("webshop", "c"): 50}
    assert lake.snapshot().rows("orders").count().to_pyarrow().as_py() == 5


def test_put_says_how_many_rows_came_and_whether_any_was_replaced(lake):
    with lake.write("first") as tx:
        assert tx.put("orders", orders({"a": 1, "b": 2}), load_id=1) == Put(rows=2, replaced=False)
    with lake.write("second") as tx:
        assert tx.put("orders", orders({"b": 3}, load_id=2), load_id=2) == Put(rows=1, replaced=True)
        assert tx.put("orders", orders({}, load_id=3), load_id=3) == Put(rows=0, replaced=False)


def test_a_load_replaces_an_order_with_all_its_lines(lake):
    def lines(load_id, *numbers):
        rows = [{"order_id": "a", "line_no": n, "ordered_at": ARRIVED} for n in numbers]
        return facts("order_lines", rows, load_id=load_id)

    with lake.write("three lines") as tx:
        tx.put("order_lines", lines(1, 1, 2, 3), load_id=1)
    with lake.write("one line") as tx:
        tx.put("order_lines", lines(2, 1), load_id=2)
    assert lake.snapshot().table("order_lines").count().to_pyarrow().as_py() == 1
    with lake.write("undo") as tx:
        assert tx.undo(2) == {"order_lines": 1}
    assert lake.snapshot().table("order_lines").count().to_pyarrow().as_py() == 3


@pytest.mark.lake_in("folder", "bucket")
def test_overwriting_replaces_the_whole_table(lake):
    columns = arrow_schema(LAKE_TABLES["events_by_name"].all_columns)
    for names in (["a", "b"], ["c"], []):
        with lake.write("overwrite") as tx:
            rows = pa.Table.from_pylist([{"name": n, "customer_id": 1} for n in names], schema=columns)
            assert tx.overwrite("events_by_name", rows) == len(names)
        found = lake.snapshot().table("events_by_name").to_pyarrow().to_pylist()
        assert [row["name"] for row in found] == names


def test_an_expression_of_the_same_write_can_be_written(lake):
    put_orders(lake, {"a": 1, "b": 2})
    with lake.write("derive") as tx:
        table = tx.snapshot.rows("orders")
        tx.append("orders", table.filter(table.order_id == "a").mutate(order_id=table.order_id + "-copy"))
        assert revenues(tx) == {"a": 1, "b": 2, "a-copy": 1}


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))), ids=str)
def test_a_chain_of_three_loads_is_undone_in_any_order(lake, order):
    loads = {1: {"a": 1, "b": 1}, 2: {"a": 2, "c": 2}, 3: {"a": 3, "b": 3, "c": 3}}
    for load_id, numbers in loads.items():
        put_orders(lake, numbers, load_id=load_id)
    remaining = dict(loads)
    for load_id in order:
        with lake.write("undo") as tx:
            assert tx.undo(load_id) == {"orders": len(loads[load_id])}
        del remaining[load_id]
        model: dict[str, int] = {}
        for numbers in remaining.values():
            model |= numbers
        assert revenues(lake.snapshot()) == model


def test_undoing_what_was_never_loaded_changes_nothing(lake):
    put_orders(lake, {"a": 1})
    before = lake.snapshot().version
    with lake.write("undo") as tx:
        assert tx.undo(99) == {}
    assert lake.snapshot().version == before


_LOAD = st.tuples(
    st.sampled_from(["till", "webshop"]),
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 9), min_size=1),
)
_UNDO = st.integers(1, 8)


@settings(max_examples=9, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.one_of(_LOAD, _LOAD, _UNDO), min_size=2, max_size=9))
def test_any_loads_and_undos_leave_what_a_plain_list_of_loads_says(tmp_path_factory, steps):
    HouseVersion.objects.all().delete()
    folder = tmp_path_factory.mktemp("house")
    lake = Lake(folder / "lake", engine_settings(folder / "tmp"))
    loads: dict[int, tuple[str, dict[str, int]]] = {}
    try:
        for load_id, step in enumerate(steps, start=1):
            if isinstance(step, int):
                with lake.write("undo") as tx:
                    removed = tx.undo(step)
                gone = loads.pop(step, None)
                assert removed == ({"orders": len(gone[1])} if gone else {})
            else:
                put_orders(lake, step[1], load_id=load_id, source=step[0])
                loads[load_id] = step
        expected = set()
        for load_id, (source, numbers) in loads.items():
            for number, revenue in numbers.items():
                later = (n for n, (s, m) in loads.items() if n > load_id and s == source and number in m)
                expected.add((load_id, source, number, revenue, min(later, default=None)))
        rows = lake.snapshot().rows("orders").to_pyarrow().to_pylist()
        names = ("load_id", "source", "order_id", "revenue", "superseded_by")
        assert len(rows) == len(expected)
        assert {tuple(row[n] for n in names) for row in rows} == expected
        live = lake.snapshot().table("orders").to_pyarrow().to_pylist()
        assert {tuple(r[n] for n in names[:4]) for r in live} == {e[:4] for e in expected if e[4] is None}
    finally:
        lake.close()


# -- all or nothing ----------------------------------------------------------------------------------------------


@pytest.mark.lake_in("folder", "bucket")
def test_a_failing_write_takes_all_tables_back(lake):
    put_orders(lake, {"a": 1})
    with pytest.raises(Spilled), lake.write("fails") as tx:  # noqa: PT012
        tx.put("orders", orders({"a": 2, "b": 2}, load_id=2), load_id=2)
        tx.append("products", facts("products", [{"product_id": "p"}]))
        tx.undo(1)
        raise Spilled
    assert revenues(lake.snapshot()) == {"a": 1}
    assert lake.snapshot().table("products").count().to_pyarrow().as_py() == 0
    assert lake.recover() == {}
    put_orders(lake, {"c": 3}, load_id=3)
    assert revenues(lake.snapshot()) == {"a": 1, "c": 3}


@pytest.mark.lake_in("folder", "bucket")
def test_two_tables_are_published_together(lake):
    with lake.write("both") as tx:
        tx.append("orders", orders({"a": 1}))
        tx.append("products", facts("products", [{"product_id": "p"}]))
        assert lake.snapshot().version == 0
        assert revenues(lake.snapshot()) == {}
        assert revenues(tx) == {"a": 1}
    assert HouseVersion.objects.count() == 1
    assert set(lake.snapshot().versions) == {"orders", "products"}
    assert revenues(lake.snapshot()) == {"a": 1}


def test_what_belongs_to_a_write_happens_with_its_publication(lake):
    def note():
        HouseVersion.objects.create(tables={}, reason="a note beside", published_at=now())
        raise Spilled

    put_orders(lake, {"a": 1})
    with pytest.raises(Spilled), lake.write("fails late") as tx:  # noqa: PT012
        tx.append("orders", orders({"b": 2}))
        tx.when_published(note)
    assert not HouseVersion.objects.filter(reason="a note beside").exists()
    assert revenues(lake.snapshot()) == {"a": 1}
    put_orders(lake, {"c": 3}, load_id=3)
    assert revenues(lake.snapshot()) == {"a": 1, "c": 3}


def test_a_write_that_changes_nothing_publishes_nothing(lake):
    with lake.write("nothing") as tx:
        tx.append("orders", orders({}))
    assert HouseVersion.objects.count() == 0


@pytest.mark.lake_in("folder", "bucket")
def test_a_snapshot_stays_as_it_was_while_others_write(lake):
    put_orders(lake, {"a": 1})
    snapshot = lake.snapshot()
    early = snapshot.table("orders")
    with lake.write("later") as tx:
        tx.put("orders", orders({"a": 2, "b": 2}, load_id=2), load_id=2)
        assert revenues(snapshot) == {"a": 1}
    with lake.write("undo") as tx:
        tx.undo(1)
    assert revenues(snapshot) == {"a": 1}
    assert early.count().to_pyarrow().as_py() == 1
    assert revenues(lake.snapshot()) == {"a": 2, "b": 2}


# -- time travel -------------------------------------------------------------------------------------------------


@pytest.mark.lake_in("folder", "bucket")
def test_an_older_version_of_this_week_can_be_read(lake):
    put_orders(lake, {"a": 1})
    first = lake.snapshot().version
    put_orders(lake, {"a": 2}, load_id=2)
    assert revenues(lake.snapshot(first)) == {"a": 1}
    assert revenues(lake.snapshot()) == {"a": 2}


def test_a_version_older_than_a_week_or_never_published_is_refused(lake):
    put_orders(lake, {"a": 1})
    first = lake.snapshot().version
    put_orders(lake, {"a": 2}, load_id=2)
    HouseVersion.objects.update(published_at=now() - timedelta(days=8))
    with pytest.raises(NoSuchVersion):
        lake.snapshot(first)
    with pytest.raises(NoSuchVersion):
        lake.snapshot(first + 99)
    assert revenues(lake.snapshot(first + 1)) == {"a": 2}  # the newest can always be read


# -- folders and schemas -----------------------------------------------------------------------------------------


def test_a_lake_lives_in_a_folder_with_spaces_and_chinese_characters(transactional_db, tmp_path):
    lake = Lake(tmp_path / "活水 lake 'one'", engine_settings(tmp_path / "临时 files"))
    try:
        put_orders(lake, {"a": 1, "b": 2})
        put_orders(lake, {"a": 3}, load_id=2)
        with lake.write("undo") as tx:
            tx.undo(1)
        assert revenues(lake.snapshot()) == {"a": 3}
        assert lake.missing_files() == []
        assert lake.sweep() == 0
        with lake.exclusive("erasure"):
            assert lake.vacuum(timedelta(0)) > 0
        assert revenues(lake.snapshot()) == {"a": 3}
    finally:
        lake.close()


@pytest.mark.lake_in("folder", "bucket")
def test_a_column_that_was_declared_later_is_empty_in_older_files(lake, open_another, monkeypatch):
    table = LAKE_TABLES["orders"]
    older = replace(table, columns=tuple(c for c in table.columns if c.name != "coupon"))
    monkeypatch.setitem(LAKE_TABLES._by_slug, "orders", older)
    with lake.write("older house") as tx:
        tx.append("orders", orders({"a": 1}))
    monkeypatch.setitem(LAKE_TABLES._by_slug, "orders", table)
    newer = open_another()
    [row] = newer.snapshot().table("orders").to_pyarrow().to_pylist()
    assert row["coupon"] is None
    with newer.write("newer house") as tx:
        tx.put("orders", orders({"b": 2}, load_id=2, coupon="SPRING"), load_id=2)
    rows = newer.snapshot().table("orders").to_pyarrow().to_pylist()
    assert {r["order_id"]: r["coupon"] for r in rows} == {"a": None, "b": "SPRING"}
    with newer.write("replace a row of the older file") as tx:
        tx.put("orders", orders({"a": 3}, load_id=3, coupon="MAY"), load_id=3)
    with newer.write("undo") as tx:
        tx.undo(2)
    rows = newer.snapshot().rows("orders").to_pyarrow().to_pylist()
    assert sorted((r["order_id"], r["coupon"] or "", r["superseded_by"]) for r in rows) == [
        ("a", "", 3),
        ("a", "MAY", None),
    ]


# -- what goes wrong ---------------------------------------------------------------------------------------------


def test_a_file_in_place_of_the_lake_is_refused_with_nothing_changed(transactional_db, tmp_path):
    root = tmp_path / "lake"
    root.write_text("somebody's notes")
    lake = Lake(root, engine_settings(tmp_path / "tmp"))
    try:
        with pytest.raises(LakeNotWritable, match="nothing was changed"):
            put_orders(lake, {"a": 1})
    finally:
        lake.close()
    assert root.read_text() == "somebody's notes"
    assert HouseVersion.objects.count() == 0


@pytest.mark.lake_in("folder")
def test_a_file_in_place_of_a_table_takes_the_other_tables_back(lake):
    put_orders(lake, {"a": 1})
    (lake.root / "products").write_text("in the way")
    with pytest.raises(LakeNotWritable), lake.write("both") as tx:  # noqa: PT012
        tx.append("orders", orders({"b": 2}))
        tx.append("products", facts("products", [{"product_id": "p"}]))
    assert revenues(lake.snapshot()) == {"a": 1}


@pytest.mark.lake_in("folder")
def test_a_full_disk_is_named_and_nothing_is_changed(lake):
    put_orders(lake, {"a": 1})
    many = orders({f"order number {n * 7919}": n % 1000 for n in range(50_000)}, load_id=2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    try:
        with pytest.raises(LakeNotWritable, match="nothing was changed"), lake.write("too much") as tx:
            tx.put("orders", many, load_id=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert revenues(lake.snapshot()) == {"a": 1}
    put_orders(lake, {"b": 2}, load_id=3)
    assert revenues(lake.snapshot()) == {"a": 1, "b": 2}


@pytest.mark.lake_in("folder", "bucket")
def test_a_missing_file_is_listed_and_reading_it_is_refused(lake, open_another):
    put_orders(lake, {"a": 1})
    [file] = lake.snapshot().files("orders")
    assert lake.missing_files() == []
    assert revenues(lake.snapshot()) == {"a": 1}
    lake.folder("orders").place.remove([Path(file).name])
    assert lake.missing_files() == [file]
    with pytest.raises(LakeDamaged):
        open_another().snapshot().table("orders")
    snapshot = lake.snapshot()
    with pytest.raises(LakeDamaged):
        snapshot.arrow(snapshot.table("orders"))


@pytest.mark.lake_in("folder")
@pytest.mark.parametrize("keep", [0, 100])
def test_a_file_cut_short_is_named_as_damage(lake, open_another, keep):
    put_orders(lake, {"a": 1})
    [file] = lake.snapshot().files("orders")
    Path(file).write_bytes(Path(file).read_bytes()[:keep])
    with pytest.raises(LakeDamaged):
        open_another().snapshot().table("orders")


@pytest.mark.lake_in("folder")
def test_a_broken_log_is_named_as_damage(lake, open_another):
    put_orders(lake, {"a": 1})
    for entry in (lake.root / "orders" / "_delta_log").glob("*.json"):
        entry.write_text("{ not a log")
    with pytest.raises(LakeDamaged):
        open_another().snapshot().table("orders")


def test_a_writer_that_waits_too_long_learns_who_writes(lake, open_another, monkeypatch):
    monkeypatch.setattr(house, "WAIT_FOR_WRITER", 0.2)
    other = open_another()
    with other.write("import of orders.csv"):
        with pytest.raises(LakeBusy, match=r"import of orders\.csv"):
            put_orders(lake, {"a": 1})
        with pytest.raises(LakeBusy), lake.exclusive("erasure"):
            pass
    put_orders(lake, {"a": 1})
    assert revenues(lake.snapshot()) == {"a": 1}


@pytest.mark.lake_in("folder", "bucket")
def test_the_state_tells_versions_rows_files_and_bytes(lake):
    put_orders(lake, {"a": 1, "b": 2})
    put_orders(lake, {"a": 3}, load_id=2)
    states = {s.slug: s for s in lake.state()}
    assert set(states) == set(LAKE_TABLES.slugs())
    found = states["orders"]
    assert (found.version, found.rows, found.files) == (2, 2, 2)
    assert found.size == sum(Path(f).stat().st_size for f in lake.snapshot().files("orders"))
    assert states["events"] == house.TableState("events", 0, 0, 0, 0)
