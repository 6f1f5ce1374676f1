"""Writers that die: what they committed is settled, once, and a job is judged by what it committed."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from drills.forking import begin
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.house import Lake
from huoshui.lake.models import HouseVersion
from huoshui.lake.tests.shop import (
    die_writing,
    engine_settings,
    events,
    facts,
    orders,
    put_orders,
    revenues,
)
from huoshui.lake.writing import Write


def writer(database: Path, root: Path, verb: str, first: int, count: int = 1) -> ForkServerProcess:
    """Begin a process of ``writer``."""
    words = (str(database), str(root), verb, str(first), str(count))
    return begin("huoshui.lake.tests.writer", *words, environment=os.environ, err=2)


class Spilled(Exception):
    """Something goes wrong in the middle of a write."""


# -- transaction numbers -----------------------------------------------------------------------------------------


def test_a_repeated_transaction_number_is_skipped(lake):
    for number, expected in ((5, True), (5, False), (4, False), (6, True)):
        with lake.write("move", on_crash="forward") as tx:
            assert (
                tx.append("orders", orders({f"o{number}": number}), transaction=("spool", number)) is expected
            )
    assert revenues(lake.snapshot()) == {"o5": 5, "o6": 6}


def test_transaction_numbers_are_counted_per_application(lake):
    for application in ("spool", "mover"):
        with lake.write("move", on_crash="forward") as tx:
            assert tx.append("orders", orders({application: 1}), transaction=(application, 1))
    assert revenues(lake.snapshot()) == {"spool": 1, "mover": 1}


def test_a_number_without_rows_counts_too(lake):
    with lake.write("move", on_crash="forward") as tx:
        assert tx.append("orders", orders({}), transaction=("spool", 1))
    with lake.write("move", on_crash="forward") as tx:
        assert not tx.append("orders", orders({"a": 1}), transaction=("spool", 1))


def test_a_transaction_number_needs_a_write_that_rolls_forward(lake):
    with pytest.raises(ValueError, match="forward"), lake.write("move") as tx:
        tx.append("orders", orders({"a": 1}), transaction=("spool", 1))
    assert revenues(lake.snapshot()) == {}


def test_a_number_whose_rows_were_taken_back_can_be_used_again(lake):
    with lake.write("move", on_crash="forward") as tx:
        tx.append("orders", orders({"a": 1}), transaction=("spool", 3))
    for application, number in (("spool", 4), ("mover", 1)):
        with pytest.raises(Spilled), lake.write("fails", on_crash="forward") as tx:  # noqa: PT012
            assert tx.append("orders", orders({"b": 2}), transaction=(application, number))
            raise Spilled
    for application, number, expected in (("spool", 3, False), ("spool", 4, True), ("mover", 1, True)):
        with lake.write("again", on_crash="forward") as tx:
            rows = orders({f"{application} {number}": number})
            assert tx.append("orders", rows, transaction=(application, number)) is expected
    assert revenues(lake.snapshot()) == {"a": 1, "spool 4": 4, "mover 1": 1}


def test_rows_whose_publication_failed_do_not_come_back_later(lake):
    def spill():
        raise Spilled

    with pytest.raises(Spilled), lake.write("fails late", on_crash="forward") as tx:  # noqa: PT012
        tx.append("orders", orders({"a": 1}), transaction=("spool", 1))
        tx.when_published(spill)
    assert lake.recover() == {}
    assert revenues(lake.snapshot()) == {}
    with lake.write("again", on_crash="forward") as tx:
        assert tx.append("orders", orders({"a": 1}), transaction=("spool", 1))
    assert revenues(lake.snapshot()) == {"a": 1}


# -- killed between commit and publication -----------------------------------------------------------------------


@pytest.mark.lake_in("folder", "bucket")
def test_an_unpublished_forward_commit_is_not_seen_and_then_rolled_forward(lake):
    put_orders(lake, {"a": 1})
    die_writing(lake, "forward", {"b": 2}, number=7)
    assert revenues(lake.snapshot()) == {"a": 1}
    assert lake.recover() == {"orders": "forward"}
    assert revenues(lake.snapshot()) == {"a": 1, "b": 2}
    assert lake.recover() == {}
    with lake.write("again", on_crash="forward") as tx:
        assert not tx.append("orders", orders({"b": 2}), transaction=("spool", 7))
    assert revenues(lake.snapshot()) == {"a": 1, "b": 2}


@pytest.mark.lake_in("folder", "bucket")
def test_an_unpublished_commit_is_taken_back_where_work_starts_again(lake):
    put_orders(lake, {"a": 1})
    die_writing(lake, "back", {"b": 2})
    assert lake.recover() == {"orders": "back"}
    assert revenues(lake.snapshot()) == {"a": 1}
    assert lake.recover() == {}


def test_the_next_write_settles_what_a_killed_one_left(lake):
    die_writing(lake, "back", {"b": 2})
    put_orders(lake, {"c": 3})
    assert revenues(lake.snapshot()) == {"c": 3}
    die_writing(lake, "forward", {"d": 4}, number=1)
    put_orders(lake, {"e": 5}, load_id=2)
    assert revenues(lake.snapshot()) == {"c": 3, "d": 4, "e": 5}


def test_a_forward_commit_behind_one_that_goes_back_goes_back_and_can_be_repeated(lake):
    put_orders(lake, {"a": 1})
    die_writing(lake, "back", {"b": 2})
    die_writing(lake, "forward", {"c": 3}, number=1)
    assert lake.recover() == {"orders": "back"}
    with lake.write("again", on_crash="forward") as tx:
        assert tx.append("orders", orders({"c": 3}), transaction=("spool", 1))
    assert revenues(lake.snapshot()) == {"a": 1, "c": 3}


def test_tables_are_settled_each_in_its_own_way(lake):
    die_writing(lake, "forward", {"b": 2}, number=1)
    with pytest.raises(Spilled), lake.write("fails") as tx:  # noqa: PT012
        tx.append("products", facts("products", [{"product_id": "p"}]))
        raise Spilled
    assert revenues(lake.snapshot()) == {"b": 2}
    assert lake.snapshot().table("products").count().to_pyarrow().as_py() == 0


def test_a_new_column_does_not_turn_a_forward_commit_back(lake, open_another, monkeypatch):
    table = LAKE_TABLES["orders"]
    older = replace(table, columns=tuple(c for c in table.columns if c.name != "coupon"))
    monkeypatch.setitem(LAKE_TABLES._by_slug, "orders", older)
    put_orders(lake, {"a": 1})
    monkeypatch.setitem(LAKE_TABLES._by_slug, "orders", table)
    newer = open_another()
    die_writing(newer, "forward", {"b": 2}, number=1)
    assert newer.recover() == {"orders": "forward"}
    assert revenues(newer.snapshot()) == {"a": 1, "b": 2}


@pytest.mark.lake_in("folder", "bucket")
def test_files_that_a_killed_writer_had_replaced_survive_a_vacuum(lake):
    with lake.write("first") as tx:
        tx.append("events", events({"e1": "Product Viewed"}))
    newest = HouseVersion.objects.latest("version")
    with lake._writing("work that dies"):
        write = Write(lake, lake.engine.session(), dict(newest.tables), "back")
        write.overwrite("events", events({"e2": "Order Completed"}))
    with lake.exclusive("erasure"):
        lake.vacuum(timedelta(0))
    assert lake.missing_files() == []
    [row] = lake.snapshot().table("events").to_pyarrow().to_pylist()
    assert row["message_id"] == "e1"


# -- real processes ----------------------------------------------------------------------------------------------


@pytest.fixture
def shared(database_file, tmp_path):
    lake = Lake(tmp_path / "lake", engine_settings(tmp_path / "tmp"))
    yield database_file, lake
    lake.close()


@pytest.mark.slow
def test_a_process_killed_between_commit_and_publication_loses_and_repeats_nothing(shared):
    database, lake = shared
    dead = writer(database, lake.root, "die", 1)
    dead.join(60)
    assert dead.exitcode == -signal.SIGKILL
    assert revenues(lake.snapshot()) == {}
    assert lake.folder("orders").version() == 1
    again = writer(database, lake.root, "append", 1, 2)
    again.join(60)
    assert again.exitcode == 0
    assert revenues(lake.snapshot()) == {"o1": 1, "o2": 2}


@pytest.mark.slow
def test_a_job_is_judged_by_the_commit_record_and_not_by_how_its_process_ended(shared):
    database, lake = shared
    job = writer(database, lake.root, "abort", 1)
    job.join(60)
    assert job.exitcode == -signal.SIGABRT
    assert lake.folder("orders").transaction_version("spool") == 1
    with lake.write("the job again", on_crash="forward") as tx:
        assert not tx.append("orders", orders({"o1": 1}), transaction=("spool", 1))
    assert revenues(lake.snapshot()) == {"o1": 1}


@pytest.mark.slow
def test_two_processes_that_write_at_once_both_land(shared):
    database, lake = shared
    put_orders(lake, {"a": 0})
    both = [writer(database, lake.root, "plain", first, 4) for first in (1, 101)]
    for process in both:
        process.join(60)
        assert process.exitcode == 0
    assert set(revenues(lake.snapshot())) == {"a"} | {f"o{n}" for f in (1, 101) for n in range(f, f + 4)}
    assert HouseVersion.objects.count() >= 9  # small files are merged meanwhile
