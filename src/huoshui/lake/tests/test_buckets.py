"""A lake in a bucket: the bucket has what counts, this machine only copies; failures are named and leave no harm."""

from __future__ import annotations

import os
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable
from deltalake.transaction import AddAction
from django.apps import apps

from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import examining
from huoshui.lake.duck import arrow_schema
from huoshui.lake.errors import LakeDamaged, LakeUnreachable
from huoshui.lake.house import Lake
from huoshui.lake.object_store import FETCHING, IN_USE, Access, ObjectStore
from huoshui.lake.storage import LocalFolder, storage_at
from huoshui.lake.tests.shop import engine_settings, orders, put_orders, revenues

pytestmark = pytest.mark.django_db(transaction=True)

in_a_bucket = pytest.mark.lake_in("bucket")


def objects(lake):
    """Names of the data files of orders in the bucket."""
    return {name for name in lake.folder("orders").place.listed() if name.endswith(".parquet")}


def copies(lake):
    return {path.name for path in (lake.root / "orders").glob("*.parquet")}


def age(path, seconds):
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


# -- the cache ---------------------------------------------------------------------------------------------------


@in_a_bucket
def test_the_cache_may_be_removed_at_any_time(lake, open_another):
    put_orders(lake, {"a": 1})
    put_orders(lake, {"b": 2}, load_id=2)
    assert copies(lake) == objects(lake)
    shutil.rmtree(lake.root)
    assert revenues(open_another().snapshot()) == {"a": 1, "b": 2}
    assert copies(lake) == objects(lake)
    shutil.rmtree(lake.root)
    put_orders(lake, {"a": 3}, load_id=3)
    assert revenues(lake.snapshot()) == {"a": 3, "b": 2}


@in_a_bucket
def test_a_copy_that_was_cut_short_is_fetched_anew(lake, open_another):
    put_orders(lake, {"a": 1})
    [file] = map(Path, lake.snapshot().files("orders"))
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    assert revenues(open_another().snapshot()) == {"a": 1}
    assert file.read_bytes() == whole
    assert not list(lake.root.rglob(f"{FETCHING}*"))


@in_a_bucket
def test_the_cache_keeps_to_its_limit_but_for_what_is_in_use(lake):
    for number, name in enumerate("abc", start=1):
        put_orders(lake, {name: number}, load_id=number)
    files = [Path(f) for f in lake.snapshot().files("orders")]
    lake.storage.limit = files[0].stat().st_size + 1
    for place, file in enumerate(files[:2]):
        age(file, IN_USE + 100 - place)
    abandoned = files[0].with_name(f"{FETCHING}of-a-killed-process")
    abandoned.write_bytes(b"half")
    age(abandoned, IN_USE + 1)
    lake.storage.make_room()
    assert [file.exists() for file in (*files, abandoned)] == [False, False, True, False]
    assert revenues(lake.snapshot()) == {"a": 1, "b": 2, "c": 3}
    assert all(file.exists() for file in files), "each was asked for within the hour"


@in_a_bucket
def test_removing_old_files_removes_their_copies_too(lake):
    put_orders(lake, {"a": 1, "b": 1})
    put_orders(lake, {"a": 2}, load_id=2)
    with lake.exclusive("erasure"):
        assert lake.vacuum(timedelta(0)) == 1
    assert copies(lake) == objects(lake)
    assert len(objects(lake)) == 2


# -- writers that die --------------------------------------------------------------------------------------------


@in_a_bucket
def test_what_a_writer_sent_and_did_not_commit_is_swept(lake, monkeypatch):
    put_orders(lake, {"a": 1})
    known = objects(lake)
    folder = lake.folder("orders")
    table = LAKE_TABLES["orders"]
    with lake._writing("work that dies"):
        written = lake.engine.session().write_files(orders({"b": 2}), folder.path, table.all_columns, ())
        folder.place.settle([file.name for file in written])
    assert objects(lake) == known | {file.name for file in written}
    assert revenues(lake.snapshot()) == {"a": 1}
    assert lake.sweep() == 0, "a writer may be about to commit it"
    monkeypatch.setattr("huoshui.lake.house.time.time", lambda: time.monotonic() + 10**10)
    assert lake.sweep() == 1
    assert objects(lake) == copies(lake) == known
    assert lake.missing_files() == []
    assert revenues(lake.snapshot()) == {"a": 1}


@in_a_bucket
def test_writers_that_commit_at_once_do_not_overwrite_each_other(lake):
    """Without conditional puts, of several writers that saw the same version all but one would be lost."""
    put_orders(lake, {"a": 1})
    place = lake.folder("orders").place
    first = lake.folder("orders").version()
    tables = [DeltaTable(place.uri, storage_options=place.options) for _ in range(6)]
    started = threading.Barrier(len(tables))

    def commit(number):
        action = AddAction(f"file-{number}.parquet", 1, {}, 0, True, '{"numRecords": 1}')
        started.wait()
        tables[number].create_write_transaction([action], mode="append", schema=tables[number].schema())

    threads = [threading.Thread(target=commit, args=(number,)) for number in range(len(tables))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lake.folder("orders").version() == first + len(tables)
    named = set(lake.folder("orders").data_files(first + len(tables)))
    assert {f"file-{number}.parquet" for number in range(len(tables))} <= named


# -- damage ------------------------------------------------------------------------------------------------------


@in_a_bucket
def test_an_object_that_is_gone_is_found_and_reading_it_is_refused(lake):
    put_orders(lake, {"a": 1})
    [name] = objects(lake)
    lake.folder("orders").place._remove(name)
    assert [damage.kind for damage in examining.find_damage(lake)] == ["missing"]
    shutil.rmtree(lake.root)
    with pytest.raises(LakeDamaged, match=f"{name} is missing"):
        lake.snapshot().table("orders")


@in_a_bucket
def test_an_object_with_other_bytes_is_found(lake, s3):
    put_orders(lake, {"a": 1})
    [file] = map(Path, lake.snapshot().files("orders"))
    path = f"{lake.storage.base}/orders/{file.name}"
    content = file.read_bytes()
    with s3.client().open_output_stream(path) as stream:
        stream.write(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    assert examining.find_damage(lake) == []
    assert [damage.kind for damage in examining.find_damage(lake, deep=True)] == ["changed"]
    with s3.client().open_output_stream(path) as stream:
        stream.write(content[:-1])
    assert [damage.kind for damage in examining.find_damage(lake)] == ["cut short"]
    shutil.rmtree(lake.root)
    with pytest.raises(LakeDamaged, match="bytes instead of"):
        lake.snapshot().table("orders")


# -- a store that does not let us in -----------------------------------------------------------------------------


@pytest.fixture
def lake_at(tmp_path):
    """Open a lake by its URL and the settings of the environment."""
    opened = []

    def make(url, environment):
        storage = ObjectStore(url, Access.read(environment), tmp_path / "cache", limit=10**9)
        opened.append(Lake(storage, engine_settings(tmp_path / "tmp")))
        return opened[-1]

    yield make
    for lake in opened:
        lake.close()


def test_a_bucket_that_is_not_there_is_named(s3, lake_at):
    lake = lake_at("s3://nobodys-bucket/lake", s3.environment)
    with pytest.raises(LakeUnreachable, match="bucket of the lake is not there") as refusal:
        put_orders(lake, {"a": 1})
    assert refusal.value.received == "nobodys-bucket"


def test_a_wrong_key_is_named_and_never_shown(s3, lake_at):
    lake = lake_at(f"s3://{s3.new_bucket()}/lake", s3.environment | {"AWS_SECRET_ACCESS_KEY": "a-secret"})
    with (
        s3.asking_for_keys(),
        pytest.raises(LakeUnreachable, match="does not let this house into") as refusal,
    ):
        put_orders(lake, {"a": 1})
    assert "AWS_ACCESS_KEY_ID" in refusal.value.next_step
    assert "a-secret" not in f"{refusal.value} {refusal.value.received} {Access.read(s3.environment)!r}"
    put_orders(lake, {"a": 1})
    assert revenues(lake.snapshot()) == {"a": 1}


@pytest.mark.slow
def test_a_store_that_does_not_answer_is_named_soon(s3, lake_at):
    lake = lake_at("s3://bucket/lake", s3.environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    started = time.monotonic()
    with pytest.raises(LakeUnreachable, match=r"127\.0\.0\.1:9.* does not answer"):
        put_orders(lake, {"a": 1})
    with pytest.raises(LakeUnreachable, match=r"127\.0\.0\.1:9.* does not answer"):
        lake.folder("orders").version()
    assert time.monotonic() - started < 40  # not the minutes that the library would try


@in_a_bucket
def test_a_store_that_fails_in_the_middle_of_a_write_loses_nothing(lake, s3):
    put_orders(lake, {"a": 1})
    with pytest.raises(LakeUnreachable), s3.asking_for_keys(), lake.write("two tables") as tx:
        tx.append("orders", orders({"b": 2}))
    assert revenues(lake.snapshot()) == {"a": 1}
    put_orders(lake, {"c": 3}, load_id=3)
    assert revenues(lake.snapshot()) == {"a": 1, "c": 3}
    assert apps.get_model("lake", "HouseVersion").objects.count() == 2


def test_plain_http_is_only_for_this_machine_unless_it_is_allowed():
    for endpoint in ("http://192.0.2.1:9000", "ftp://127.0.0.1", "minio:9000"):
        with pytest.raises(LakeUnreachable):
            Access.read({"AWS_ENDPOINT_URL": endpoint})
    assert Access.read({"AWS_ENDPOINT_URL": "http://localhost:9000"}).allow_http
    assert Access.read({"AWS_ENDPOINT_URL": "http://192.0.2.1:9000", "AWS_ALLOW_HTTP": "true"}).allow_http
    assert not Access.read({"AWS_ENDPOINT_URL": "https://s3.example.com"}).allow_http
    assert not Access.read({}).allow_http


def test_the_url_says_where_the_lake_lies(tmp_path, monkeypatch, s3):
    assert isinstance(storage_at("/data/lake", tmp_path, cache=1), LocalFolder)
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    one, other = (storage_at(f"s3://bucket/{name}", tmp_path, cache=1) for name in ("one", "other"))
    assert {one.name, other.name} == {"s3://bucket/one", "s3://bucket/other"}
    assert one.folder != other.folder, "two lakes do not share a cache"
    assert one.folder.is_relative_to(tmp_path / "cache")


@in_a_bucket
def test_a_log_is_summed_up_before_it_gets_long(lake):
    schema = arrow_schema(LAKE_TABLES["orders"].all_columns)
    folder = lake.folder("orders")
    folder.create(schema, ())
    last = folder.place.checkpoint_every - 1
    for _ in range(last):
        folder.commit(schema=schema)
    assert folder.stands_at(last)
    assert any("checkpoint" in name for name in folder.log_files(last))
