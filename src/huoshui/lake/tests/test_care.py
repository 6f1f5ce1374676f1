"""Compaction changes no answer, and the narrow form of events answers as the full one."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel import clock
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import care
from huoshui.lake.errors import LakeNotWritable, NoSuchVersion
from huoshui.lake.models import HouseVersion
from huoshui.lake.tests.shop import events, orders, put_orders, revenues
from huoshui.lake.writing import Write

pytestmark = pytest.mark.django_db(transaction=True)


def put_events(lake, names, *, load_id=1):
    with lake.write(f"load {load_id}") as tx:
        tx.put("events", events(names, load_id=load_id), load_id=load_id)


def everything(lake, slug):
    rows = lake.snapshot().rows(slug).to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def narrow(lake):
    snapshot = lake.snapshot()
    rows = snapshot.arrow(care.events_by_name(snapshot)).to_pylist()
    return sorted(str(list(row.values())) for row in rows)


def full(lake):
    snapshot = lake.snapshot()
    table = snapshot.table("events").select("name", "customer_id", "visitor_id", "occurred_at")
    rows = snapshot.arrow(table).to_pylist()
    return sorted(str(list(row.values())) for row in rows)


def covered(lake):
    """Whether the narrow form is used."""
    snapshot = lake.snapshot()
    return "events_by_name" in snapshot.session.sql(care.events_by_name(snapshot))


def test_compaction_merges_small_files_and_keeps_every_row(lake):
    for load_id in range(1, 5):
        put_orders(lake, {"a": load_id, f"o{load_id}": load_id}, load_id=load_id)
    before, files = everything(lake, "orders"), lake.snapshot().files("orders")
    assert len(files) == 4
    assert care.compact(lake) == {"orders": 4}
    assert len(lake.snapshot().files("orders")) == 1
    assert everything(lake, "orders") == before
    with lake.write("undo") as tx:
        assert tx.undo(4) == {"orders": 2}
    assert revenues(lake.snapshot()) == {"a": 3} | {f"o{n}": n for n in range(1, 4)}


def test_files_of_one_size_are_merged_by_themselves_when_many_have_gathered(lake):
    for load_id in range(1, care.MANY):
        put_orders(lake, {f"o{load_id}": load_id}, load_id=load_id)
    assert len(lake.snapshot().files("orders")) == care.MANY - 1
    put_orders(lake, {f"o{care.MANY}": care.MANY}, load_id=care.MANY)
    assert len(lake.snapshot().files("orders")) == 1
    assert revenues(lake.snapshot()) == {f"o{n}": n for n in range(1, care.MANY + 1)}


def test_a_write_stands_when_looking_after_it_fails(lake, monkeypatch, caplog):
    def refuse(*_: object, **__: object) -> None:
        raise LakeNotWritable("The disk is full")

    monkeypatch.setattr(Write, "merge", refuse)
    for load_id in range(1, 9):
        put_orders(lake, {f"o{load_id}": load_id}, load_id=load_id)
    assert "The disk is full" in caplog.text
    assert revenues(lake.snapshot()) == {f"o{n}": n for n in range(1, 9)}
    assert len(lake.snapshot().files("orders")) == 8


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=150))
def test_few_files_remain_and_a_row_is_rewritten_seldom(sizes):
    """Merging by size, as `tend` does it, on sizes alone."""
    files: dict[str, int] = {}
    rewritten = 0
    for number, size in enumerate(sizes):
        files[f"f{number}"] = size * 1_000
        if chosen := care.crowded(files):
            merged = sum(files.pop(name) for name in chosen)
            rewritten += merged
            files[f"f{number}+"] = merged
    assert sum(files.values()) == sum(sizes) * 1_000
    small = [size for size in files.values() if size < care.SMALL]
    classes = {size.bit_length() // care.BITS_OF_A_CLASS for size in small}
    assert len(small) <= care.MANY * max(1, len(classes))
    assert rewritten <= sum(sizes) * 1_000 * (2 + math.log(max(8, len(sizes)), care.MANY) * 2)


def test_house_versions_that_may_no_longer_be_read_are_let_go_with_their_files(lake, monkeypatch):
    put_orders(lake, {"a": 1})
    first = lake.snapshot()
    [old] = first.files("orders")
    then = clock.now() - timedelta(days=9)
    with monkeypatch.context() as long_ago:
        long_ago.setattr("huoshui.lake.delta.time.time", then.timestamp)
        care.compact(lake, everything=True)
    assert Path(old).exists()
    HouseVersion.objects.update(published_at=then)
    put_orders(lake, {"b": 2}, load_id=2)
    assert not Path(old).exists()
    assert revenues(lake.snapshot()) == {"a": 1, "b": 2}
    assert HouseVersion.objects.count() == 2  # that of the write, and that of the letting go
    with pytest.raises(NoSuchVersion):
        lake.snapshot(first.version)


def test_a_merged_table_is_sorted_as_declared(lake):
    for load_id in (5, 2, 8, 1, 7, 3, 6, 4):
        put_orders(lake, {f"o{load_id}": load_id}, load_id=load_id)
    care.compact(lake)
    rows = lake.snapshot().table("orders").to_pyarrow().to_pylist()
    places = [tuple(row[name] for name in LAKE_TABLES["orders"].sorted_by) for row in rows]
    assert len(places) == 8
    assert places == sorted(places)


def test_a_single_small_file_is_left_alone_unless_everything_is_asked_for(lake):
    put_orders(lake, {"a": 1})
    before = lake.snapshot().version
    assert care.compact(lake) == {}
    assert lake.snapshot().version == before
    assert care.compact(lake, everything=True) == {"orders": 1}
    assert revenues(lake.snapshot()) == {"a": 1}


@pytest.mark.lake_in("folder", "bucket")
def test_an_earlier_snapshot_reads_on_after_compaction(lake):
    put_orders(lake, {"a": 1})
    put_orders(lake, {"b": 2}, load_id=2)
    snapshot = lake.snapshot()
    care.compact(lake, everything=True)
    assert revenues(snapshot) == {"a": 1, "b": 2}


def test_a_house_without_events_has_no_names_of_events(lake):
    assert narrow(lake) == []
    assert care.compact(lake) == {}


@pytest.mark.lake_in("folder", "bucket")
def test_the_narrow_form_of_events_answers_as_the_full_one(lake):
    put_events(lake, {"e1": "Product Viewed", "e2": "Order Completed"})
    assert narrow(lake) == full(lake)
    assert not covered(lake)
    care.compact(lake)
    assert covered(lake)
    assert narrow(lake) == full(lake)
    assert len(full(lake)) == 2


def test_files_that_end_before_a_window_are_not_opened_and_no_event_of_it_is_missed(lake):
    for load_id, days in ((1, 400), (2, 60), (3, 0)):
        rows = events({f"e{load_id}": "Product Viewed"}, load_id=load_id)
        at = rows.column_names.index("occurred_at")
        moved = pc.subtract(rows["occurred_at"], pa.scalar(timedelta(days=days)))
        with lake.write(f"load {load_id}") as tx:
            tx.put("events", rows.set_column(at, rows.schema.field(at), moved), load_id=load_id)
        if load_id < 3:
            care.compact(lake, everything=True)  # the last stays a tail
    snapshot = lake.snapshot()
    newest = max(snapshot.arrow(snapshot.table("events"))["occurred_at"].to_pylist())
    for days, count in ((500, 3), (60, 2), (1, 1), (0, 1)):
        since = newest - timedelta(days=days)
        rows = care.events_by_name(snapshot, since=since)
        assert snapshot.arrow(rows.filter(rows.occurred_at >= since)).num_rows == count
    assert snapshot.arrow(care.events_by_name(snapshot, since=newest)).num_rows == 1, "one file is enough"


def test_the_narrow_form_lies_by_month_also_where_it_did_not_before(lake):
    put_events(lake, {"e1": "Product Viewed"})
    declared = care.EVENTS_BY_NAME
    care.compact(lake, everything=True)
    with lake.write("as before") as tx:
        rows = tx.snapshot.table(declared.slug)
        tx.overwrite(declared.slug, rows.mutate(month=ibis.null("date")))
    put_events(lake, {"e2": "Cart Viewed"}, load_id=2)
    assert narrow(lake) == full(lake)
    care.compact(lake, everything=True)
    snapshot = lake.snapshot()
    months = snapshot.arrow(snapshot.table(declared.slug))["month"].to_pylist()
    assert len(months) == 2
    assert all(month.day == 1 for month in months)
    assert narrow(lake) == full(lake)


def test_events_that_came_later_are_read_as_a_tail(lake):
    put_events(lake, {"e1": "Product Viewed"})
    care.compact(lake, everything=True)
    put_events(lake, {"e2": "Order Completed", "e3": "Product Viewed"}, load_id=2)
    assert covered(lake)
    assert narrow(lake) == full(lake)
    assert len(full(lake)) == 3
    with lake.write("undo the tail") as tx:
        tx.undo(2)
    assert narrow(lake) == full(lake)
    assert len(full(lake)) == 1


def test_events_that_were_replaced_or_undone_do_not_answer_from_the_narrow_form(lake):
    put_events(lake, {"e1": "Product Viewed", "e2": "Order Completed"})
    put_events(lake, {"e3": "Product Viewed"}, load_id=2)
    care.compact(lake, everything=True)
    put_events(lake, {"e1": "Cart Viewed"}, load_id=3)
    assert narrow(lake) == full(lake)
    assert len(full(lake)) == 3
    with lake.write("undo") as tx:
        tx.undo(1)
    assert not covered(lake)
    assert narrow(lake) == full(lake)
    assert len(full(lake)) == 2
    care.compact(lake, everything=True)
    assert covered(lake)
    assert narrow(lake) == full(lake)


def test_the_narrow_form_grows_by_pieces(lake):
    put_events(lake, {"e1": "Product Viewed"})
    care.compact(lake, everything=True)
    [piece] = lake.snapshot().files("events_by_name")
    for load_id in range(2, care.MANY + 1):
        put_events(lake, {f"e{load_id}": "Cart Viewed"}, load_id=load_id)
    assert len(lake.snapshot().files("events")) == 1, "many small files became one"
    assert covered(lake)
    assert narrow(lake) == full(lake)
    assert len(full(lake)) == care.MANY
    assert piece not in lake.snapshot().files("events_by_name"), "its file of events is gone"


def test_when_all_events_are_gone_the_narrow_form_is_empty(lake):
    put_events(lake, {"e1": "Product Viewed"})
    care.compact(lake, everything=True)
    with lake.write("undo") as tx:
        tx.undo(1)
    assert narrow(lake) == full(lake) == []
    care.compact(lake, everything=True)
    put_events(lake, {"e2": "Order Completed"}, load_id=2)
    assert narrow(lake) == full(lake)
    assert len(full(lake)) == 1


@pytest.mark.lake_in("folder")
def test_a_compaction_that_fails_leaves_everything_as_it_was(lake, monkeypatch):
    for load_id in (1, 2):
        put_orders(lake, {f"o{load_id}": load_id}, load_id=load_id)
    with lake.write("events") as tx:
        tx.put("events", events({"e1": "Product Viewed"}, load_id=3), load_id=3)
        tx.append("orders", orders({"x": 9}, load_id=3))
    before = everything(lake, "orders")
    (lake.root / "events_by_name").write_text("in the way")
    with pytest.raises(LakeNotWritable):
        care.compact(lake, everything=True)
    (lake.root / "events_by_name").unlink()
    assert everything(lake, "orders") == before
    care.compact(lake, everything=True)
    assert everything(lake, "orders") == before
    assert narrow(lake) == full(lake)
