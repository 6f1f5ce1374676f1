"""The fact queue: what is queued with a transaction comes to the lake once, wherever its process dies."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from django.db import transaction

from huoshui.data.facts import queue
from huoshui.data.facts.models import Batch, Parcel
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake
from huoshui.lake.writing import Write

NOW = datetime(2024, 5, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("queue")
    return EngineSettings(memory="300MiB", threads=1, time_zone="UTC", temporary=folder)


@pytest.fixture
def lake(tmp_path, database, engine):
    made = Lake(tmp_path / "lake", engine)
    yield made
    made.close()


def events(*numbers):
    return pa.table({"message_id": [f"m{n}" for n in numbers], "name": ["Segment Entered"] * len(numbers)})


def enqueue(*numbers):
    return queue.enqueue(table="events", rows=events(*numbers), now=NOW)


def drain(lake):
    return queue.drain(lake=lake, now=NOW)


def in_lake(lake):
    rows = lake.snapshot().table("events").to_pyarrow().to_pylist()
    assert {row["source"] for row in rows} <= {"huoshui"}
    return sorted(row["message_id"] for row in rows)


def begun(lake):
    """A write as a process has it that will die before it publishes."""
    return Write(lake, lake.engine.session(), lake.snapshot().versions, "forward")


def test_facts_wait_until_they_are_drained_and_then_are_in_the_lake_once(lake):
    assert enqueue(1, 2) == 2
    assert in_lake(lake) == []
    assert (queue.waiting().facts, queue.waiting().since) == (2, NOW)
    assert drain(lake).facts == 2
    assert drain(lake).facts == 0
    assert in_lake(lake) == ["m1", "m2"]
    assert queue.waiting().facts == 0
    assert not Parcel.objects.exists()


def test_a_transaction_that_is_rolled_back_queues_nothing(lake):
    with transaction.atomic():
        enqueue(1)
        transaction.set_rollback(True)
    assert drain(lake).facts == 0


def test_who_dies_after_claiming_leaves_the_batch_to_the_next(lake):
    enqueue(1)
    queue._claim(NOW)
    enqueue(2)
    assert drain(lake).facts == 2
    assert in_lake(lake) == ["m1", "m2"]
    assert [batch.facts for batch in Batch.objects.order_by("number")] == [1, 1]


def test_who_dies_between_commit_and_publication_has_written_each_fact_once(lake):
    enqueue(1, 2)
    with lake._writing("work that dies"):
        queue._claim(NOW)
        queue._move(begun(lake), Batch.objects.get(), NOW)
    assert in_lake(lake) == []
    enqueue(3)
    drain(lake)
    assert in_lake(lake) == ["m1", "m2", "m3"]
    assert not Parcel.objects.exists()
    assert not Batch.objects.filter(moved_at=None).exists()


def test_a_write_that_fails_leaves_all_of_it_queued(lake, monkeypatch):
    enqueue(1)
    with monkeypatch.context() as broken:
        broken.setattr(queue, "_moved", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            drain(lake)
    assert in_lake(lake) == []
    assert queue.waiting().facts == 1
    drain(lake)
    assert in_lake(lake) == ["m1"]


def test_numbers_of_batches_are_not_used_again(lake, monkeypatch):
    monkeypatch.setattr(queue, "REMEMBERED_BATCHES", 1)
    for number in (1, 2, 3):
        enqueue(number)
        drain(lake)
    assert Batch.objects.latest("number").number == 3
    assert Batch.objects.count() <= 2
    assert in_lake(lake) == ["m1", "m2", "m3"]


def test_a_parcel_that_cannot_be_read_is_parked_and_keeps_nobody_waiting(lake):
    enqueue(1)
    Parcel.objects.update(rows="no parcel")
    enqueue(2)
    done = drain(lake)
    assert (done.facts, done.parked) == (1, 1)
    assert in_lake(lake) == ["m2"]
    found = queue.waiting()
    assert (found.facts, found.parked) == (0, 1)
    assert "cannot be read" in found.problem


def test_many_facts_are_queued_in_parcels_and_written_as_batches(lake, monkeypatch):
    monkeypatch.setattr(queue, "FACTS_OF_A_PARCEL", 3)
    monkeypatch.setattr(queue, "PARCELS_OF_A_BATCH", 2)
    enqueue(*range(10))
    assert Parcel.objects.count() == 4
    assert drain(lake).facts == 10
    assert in_lake(lake) == sorted(f"m{n}" for n in range(10))
    assert Batch.objects.count() == 2


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("nothing", events(1)),
        ("events_by_name", events(1)),
        ("events", pa.table({"colour": ["red"]})),
        ("events", pa.table({"message_id": ["m"], "customer_id": ["somebody"]})),
    ],
)
def test_rows_that_do_not_fit_are_refused_when_they_are_queued(db, table, rows):
    with pytest.raises(queue.NotFacts):
        queue.enqueue(table=table, rows=rows, now=NOW)
    assert not Parcel.objects.exists()
