"""Files of a table: flushed before they are acknowledged, without personal data in the log, tidied with care."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.errors import UnsafeVacuum
from huoshui.lake.storage import LOG
from huoshui.lake.tests.shop import facts, orders, put_orders, revenues

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL = "ada.lovelace@example.com"


def log(lake, slug="orders"):
    """Names of all files of the log."""
    return sorted(name for name in lake.folder(slug).place.listed() if name.startswith(LOG))


def content(lake, name, slug="orders"):
    with lake.folder(slug).place.open(name) as file:
        return file.read()


def actions(lake, version):
    return [json.loads(line) for line in content(lake, f"{LOG}/{version:020}.json").splitlines()]


def entries(lake):
    """Paths of the commits, for a lake in a folder."""
    return [lake.root / "orders" / name for name in log(lake) if name.endswith(".json")]


def data(lake):
    return sorted(name for name in lake.folder("orders").place.listed() if name.endswith(".parquet"))


def age(path, hours):
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))


# -- the log -----------------------------------------------------------------------------------------------------


@pytest.mark.lake_in("folder", "bucket")
def test_the_log_holds_no_text_of_any_row(lake):
    with lake.write("personal") as tx:
        tx.append("orders", orders({EMAIL: 1, f"{EMAIL}.cn": 2}, channel=EMAIL, coupon=EMAIL, store=EMAIL))
        tx.append("answers", facts("answers", [{"answer_id": EMAIL, "survey": EMAIL, "score": 9.0}]))
    with lake.write("more of it") as tx:
        tx.put("orders", orders({EMAIL: 3}, load_id=2, campaign=EMAIL), load_id=2)
    files = [content(lake, name, slug) for slug in ("orders", "answers") for name in log(lake, slug)]
    assert len(files) >= 5
    for text in files:
        assert b"lovelace" not in text
        assert b"example.com" not in text


def test_the_log_tells_minima_and_maxima_of_ids_and_times_only(lake):
    put_orders(lake, {"a": 1, "b": 5})
    [added] = [json.loads(action["add"]["stats"]) for action in actions(lake, 1) if "add" in action]
    assert added["numRecords"] == 2
    assert set(added["minValues"]) == {"customer_id", "ordered_at", "load_id", "ingested_at"}
    assert added["minValues"]["customer_id"] == 100_000_000_000_001
    assert added["maxValues"]["ordered_at"] == "2024-03-09T08:00:00.000000Z"
    assert added["nullCount"]["superseded_by"] == 2


def test_tables_tell_other_writers_for_which_columns_to_keep_statistics(lake):
    put_orders(lake, {"a": 1})
    [metadata] = [action["metaData"] for action in actions(lake, 0) if "metaData" in action]
    kept = metadata["configuration"]["delta.dataSkippingStatsColumns"].split(",")
    assert kept == ["customer_id", "ordered_at", "load_id", "superseded_by", "ingested_at"]


# -- flushing ----------------------------------------------------------------------------------------------------


@pytest.fixture
def flushed(monkeypatch):
    """What was flushed, in order, each with how many log entries of orders there were at that moment."""
    real = os.fsync
    seen: list[tuple[Path, int]] = []

    def fsync(handle):
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        folder = next((p for p in (path, *path.parents) if p.name == "orders"), path)
        seen.append((path, len(list(folder.glob("_delta_log/*.json")))))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


@pytest.mark.lake_in("folder")
def test_data_log_and_folders_are_flushed_before_a_write_is_acknowledged(lake, flushed):
    published: list[int] = []
    with lake.write("first") as tx:
        tx.append("orders", orders({"a": 1}))
        tx.when_published(lambda: published.append(len(flushed)))
    before = [path for path, _ in flushed[: published[0]]]
    table = lake.root / "orders"
    [data] = map(Path, lake.snapshot().files("orders"))
    for path in (data, table, table / "_delta_log", *entries(lake), lake.root):
        assert path in before, path
    assert (data, 1) in flushed  # the file first, and then the entry that names it


@pytest.mark.lake_in("folder")
def test_files_that_are_rewritten_are_flushed_as_well(lake, flushed):
    put_orders(lake, {"a": 1})
    flushed.clear()
    put_orders(lake, {"a": 2}, load_id=2)
    before = {path for path, _ in flushed}
    assert set(map(Path, lake.snapshot().files("orders"))) <= before
    assert entries(lake)[-1] in before


@pytest.mark.lake_in("folder")
def test_what_is_taken_back_is_flushed(lake, flushed):
    put_orders(lake, {"a": 1})
    with pytest.raises(KeyError), lake.write("fails") as tx:  # noqa: PT012
        tx.append("orders", orders({"b": 2}))
        flushed.clear()
        raise KeyError
    assert entries(lake)[-1] in {path for path, _ in flushed}


# -- tidying -----------------------------------------------------------------------------------------------------


def test_removing_young_files_is_refused_while_writers_live(lake):
    put_orders(lake, {"a": 1})
    put_orders(lake, {"a": 2}, load_id=2)
    files = data(lake)
    for retention in (timedelta(0), timedelta(days=6, hours=23)):
        with pytest.raises(UnsafeVacuum, match="exclusive"):
            lake.vacuum(retention)
    assert data(lake) == files
    assert lake.vacuum() == 0


@pytest.mark.lake_in("folder", "bucket")
def test_inside_exclusive_old_files_go_and_the_table_stays_readable(lake):
    put_orders(lake, {"a": 1, "b": 1})
    put_orders(lake, {"a": 2}, load_id=2)
    with lake.exclusive("erasure"):
        assert lake.vacuum(timedelta(0)) == 1
    assert data(lake) == sorted(Path(f).name for f in lake.snapshot().files("orders"))
    assert {p.name for p in (lake.root / "orders").glob("*.parquet")} == set(data(lake))
    assert lake.missing_files() == []
    assert revenues(lake.snapshot()) == {"a": 2, "b": 1}
    with pytest.raises(UnsafeVacuum):
        lake.vacuum(timedelta(0))


@pytest.mark.lake_in("folder")
def test_sweeping_removes_old_leftovers_and_nothing_else(lake):
    put_orders(lake, {"a": 1})
    put_orders(lake, {"a": 2}, load_id=2)
    folder = lake.root / "orders"
    known = [*folder.glob("*.parquet"), *entries(lake)]
    old = [folder / "_delta_log" / f"{3:020}.json#1", folder / "part-orphan.parquet"]
    young = [folder / "_delta_log" / f"{4:020}.json#1", folder / "part-young.parquet"]
    for path in (*old, *young):
        path.write_bytes(b"left over")
    for path in (*old, *known):
        age(path, hours=2)
    for path in young:
        age(path, hours=0.5)
    assert lake.sweep() == 2
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in (*young, *known))
    assert revenues(lake.snapshot()) == {"a": 2}
    first = lake.snapshot(lake.snapshot().version - 1)
    assert revenues(first) == {"a": 1}


@pytest.mark.lake_in("folder")
def test_files_of_a_failed_write_are_swept_only_when_no_version_knows_them(lake):
    put_orders(lake, {"a": 1})
    with pytest.raises(KeyError), lake.write("fails") as tx:  # noqa: PT012
        tx.session.write_files(orders({"b": 2}), lake.root / "orders", LAKE_TABLES["orders"].all_columns, ())
        raise KeyError
    assert len(list((lake.root / "orders").glob("*.parquet"))) == 2
    assert lake.sweep() == 0
    for path in (lake.root / "orders").glob("*.parquet"):
        age(path, hours=2)
    assert lake.sweep() == 1
    assert revenues(lake.snapshot()) == {"a": 1}


@pytest.mark.lake_in("folder", "bucket")
def test_a_table_reads_the_same_behind_a_checkpoint(lake, open_another):
    put_orders(lake, {"a": 1})
    place = lake.folder("orders").place
    DeltaTable(place.uri, storage_options=place.options).create_checkpoint()
    assert any("checkpoint" in name for name in log(lake))
    put_orders(lake, {"a": 2}, load_id=2)
    assert revenues(open_another().snapshot()) == {"a": 2}
