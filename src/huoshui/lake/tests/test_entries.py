"""Commits of our own in a Delta log: the same to all readers, noticed by all writers, left to delta-rs in doubt."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from huoshui.lake.delta import DeltaFolder
from huoshui.lake.entries import DataFile, entry_name
from huoshui.lake.storage import LOG, LocalPlace
from huoshui.lake.tests.shop import put_orders, revenues

SCHEMA = pa.schema([("a", pa.int64())])
ONE = DataFile("part-1.parquet", rows=3, size=900, minima={"a": 1}, maxima={"a": 3}, nulls={"a": 0})
TWO = DataFile("part-2.parquet", rows=2, size=700)


@pytest.fixture
def place(tmp_path):
    return LocalPlace(tmp_path / "orders")


@pytest.fixture
def folder(place):
    made = DeltaFolder(place)
    made.create(SCHEMA, ["a"])
    return made


def commit(folder, *files, **more):
    for file in files:
        (folder.path / file.name).write_bytes(b"x" * file.size)
    return folder.commit(add=files, schema=SCHEMA, **more)


def engine(folder, version):
    """Who wrote a commit."""
    return folder.commit_metadata(version)["engineInfo"].partition(":")[0]


def test_our_commits_say_to_other_readers_what_theirs_would(folder, place, monkeypatch):
    commit(folder, ONE, metadata={"why": "import"}, transaction=("spool", 7))
    ours = DeltaTable(place.uri, version=1)
    content = place.folder / entry_name(1)
    assert engine(folder, 1) == "huoshui"
    content.unlink()
    other = DeltaFolder(place)
    monkeypatch.setattr(place, "enter", lambda *_: None)  # as a bucket answers
    commit(other, ONE, metadata={"why": "import"}, transaction=("spool", 7))
    assert engine(other, 1) == "delta-rs"
    theirs = DeltaTable(place.uri, version=1)
    told = [
        pa.table(table.get_add_actions(flatten=True)).drop("modification_time") for table in (ours, theirs)
    ]
    assert told[0].to_pylist() == told[1].to_pylist()
    assert ours.transaction_version("spool") == theirs.transaction_version("spool") == 7
    assert ours.history(1)[0]["why"] == theirs.history(1)[0]["why"] == "import"


def test_removed_files_are_gone_for_other_readers_and_vacuumed_by_them(folder, place):
    commit(folder, ONE)
    folder.commit(add=[], remove=[ONE.name], schema=SCHEMA)
    table = DeltaTable(place.uri)
    assert table.version() == 2
    assert table.file_uris() == []
    assert table.vacuum(0, enforce_retention_duration=False) == [ONE.name]


def test_what_others_commit_is_noticed_by_a_table_that_is_kept(folder, place):
    commit(folder, ONE)
    other = DeltaFolder(place)
    commit(other, TWO)
    assert folder.version() == 2
    assert commit(folder, replace(TWO, name="part-3.parquet")) == 3
    assert other.version() == 3
    assert [len(one.sizes(3)) for one in (folder, other)] == [3, 3]
    assert DeltaTable(place.uri).version() == 3


def test_a_log_that_was_put_back_is_not_taken_for_the_one_before(folder, place, tmp_path):
    shutil.copytree(place.folder, tmp_path / "backup")
    commit(folder, ONE)
    shutil.rmtree(place.folder)
    shutil.copytree(tmp_path / "backup", place.folder)
    commit(DeltaFolder(place), TWO)
    assert folder.version() == 1
    assert list(folder.sizes(1)) == [str(place.folder / TWO.name)]


def test_an_entry_is_never_written_over_another_and_leaves_no_draft(folder, place):
    name = entry_name(1)
    assert place.enter(name, b"first")
    assert place.enter(name, b"second") is None
    assert (place.folder / name).read_bytes() == b"first"
    assert not list((place.folder / LOG).glob("*#*"))


def test_a_writer_that_came_between_is_looked_at_by_delta_rs(folder, place, monkeypatch):
    commit(folder, ONE)
    enter = place.enter

    def late(name, content):
        monkeypatch.undo()
        commit(DeltaFolder(place), TWO)  # just before we would
        return enter(name, content)

    monkeypatch.setattr(place, "enter", late)
    assert commit(folder, replace(TWO, name="part-3.parquet")) == 3
    assert engine(folder, 3) == "delta-rs"
    assert len(folder.sizes(3)) == 3


def test_a_table_that_asks_more_of_its_writers_is_left_to_delta_rs(folder, place):
    DeltaTable(place.uri).alter.set_table_properties({"delta.enableChangeDataFeed": "true"})
    version = commit(folder, ONE)
    assert engine(folder, version) == "delta-rs"


def test_the_log_is_summed_up_every_so_many_commits(folder, place):
    place.checkpoint_every = 5
    for number in range(1, 12):
        commit(folder, replace(ONE, name=f"part-{number}.parquet"), transaction=("spool", number))
    found = sorted(path.name[:20] for path in (place.folder / LOG).glob("*.checkpoint.parquet"))
    assert [int(name) for name in found] == [4, 9]
    assert json.loads((place.folder / LOG / "_last_checkpoint").read_bytes())["version"] == 9
    for path in (place.folder / LOG).glob("*.json"):
        if int(path.name[:20]) < 9:
            path.unlink()
    later = DeltaFolder(place)
    assert len(later.sizes(11)) == 11
    assert later.transaction_version("spool") == 11


@pytest.mark.django_db(transaction=True)
def test_two_writers_in_turn_see_and_replace_what_the_other_wrote(lake, open_another):
    other = open_another()
    for number in range(1, 13):
        put_orders((lake, other)[number % 2], {"a": number, f"o{number}": 1}, load_id=number)
    expected = {"a": 12} | {f"o{number}": 1 for number in range(1, 13)}
    assert revenues(lake.snapshot()) == revenues(other.snapshot()) == expected


@pytest.mark.django_db(transaction=True)
def test_rows_are_replaced_whichever_files_they_were_merged_into(lake):
    for number in range(1, 30):
        put_orders(lake, {f"o{number}": 1}, load_id=number)
    for number in (1, 9, 17, 29):
        put_orders(lake, {f"o{number}": 2, f"new{number}": 3}, load_id=100 + number)
    expected = {f"o{n}": 2 if n in (1, 9, 17, 29) else 1 for n in range(1, 30)}
    assert revenues(lake.snapshot()) == expected | {f"new{n}": 3 for n in (1, 9, 17, 29)}
    with lake.write("undo") as tx:
        tx.undo(117)
    assert revenues(lake.snapshot())["o17"] == 1
