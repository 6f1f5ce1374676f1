"""What a dead writer leaves is noticed by the next one, settled and removed; readers and the living are left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from huoshui.kernel.plugs import LAKE_TABLES, Column
from huoshui.lake import care
from huoshui.lake.errors import ColumnChanged, LakeBusy, LakeDamaged, UnsafeVacuum
from huoshui.lake.locks import OwnFolder, WriterLock, sweep_folders
from huoshui.lake.sql import select
from huoshui.lake.tests.conftest import connected_to
from huoshui.lake.tests.shop import die_writing, orders, put_orders, revenues

pytestmark = pytest.mark.django_db(transaction=True)


def died_in(lake, purpose: str) -> None:
    """The words that a killed writer leaves in the lock."""
    (lake.root / ".writer.lock").write_text(purpose)


# -- the lock ----------------------------------------------------------------------------------------------------


def test_the_lock_tells_a_holder_that_lives_from_one_that_died(tmp_path):
    path = tmp_path / "lock"
    lock, other = WriterLock(path), WriterLock(path)
    assert other.holder() == ("", False)
    with lock.held(timeout=1, purpose="import of a.csv") as died:
        assert not died
        assert other.holder() == ("import of a.csv", True)
        with lock.held(timeout=1, purpose="within it") as died_within:
            assert not died_within
        with pytest.raises(LakeBusy, match=r"import of a\.csv"), other.held(timeout=0, purpose="mine"):
            pass
    assert other.holder() == ("", False)
    path.write_text("import of b.csv")
    assert other.holder() == ("import of b.csv", False)
    with lock.held(timeout=1, purpose="the next") as died:
        assert died
    with lock.held(timeout=1, purpose="the one after") as died:
        assert not died


def test_the_next_writer_removes_at_once_what_a_dead_one_left(lake, open_another):
    put_orders(lake, {"a": 1})
    folder = lake.root / "orders"
    left = [folder / "part-half.parquet", folder / "_delta_log" / f"{9:020}.json#1"]
    for path in left:
        path.write_bytes(b"half")
    put_orders(lake, {"b": 2}, load_id=2)
    assert all(path.exists() for path in left)  # nobody died, so they may be anybody's
    died_in(lake, "import of c.csv")
    put_orders(open_another(), {"c": 3}, load_id=3)
    assert not any(path.exists() for path in left)
    assert revenues(lake.snapshot()) == {"a": 1, "b": 2, "c": 3}


def test_a_reader_of_an_older_version_reads_on_while_the_dead_are_cleared_away(lake, open_another):
    put_orders(lake, {"a": 1})
    reader = open_another().snapshot()
    put_orders(lake, {"a": 2}, load_id=2)
    die_writing(lake, "back", {"x": 9})
    died_in(lake, "work that dies")
    put_orders(lake, {"b": 3}, load_id=3)
    assert revenues(reader) == {"a": 1}


def test_files_of_commits_that_are_taken_back_do_not_stay(lake):
    put_orders(lake, {"a": 1})
    before = set((lake.root / "orders").glob("*.parquet"))
    die_writing(lake, "back", {"x": 9})
    assert set((lake.root / "orders").glob("*.parquet")) != before
    assert lake.recover() == {"orders": "back"}
    assert set((lake.root / "orders").glob("*.parquet")) == before


def test_a_writer_that_died_before_its_table_had_a_first_version_is_no_obstacle(lake):
    log = lake.root / "orders" / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020}.json#1").write_text("half")
    died_in(lake, "import of the first file")
    put_orders(lake, {"a": 1})
    assert revenues(lake.snapshot()) == {"a": 1}
    assert not list(log.glob("*#*"))


def test_nothing_is_written_behind_commits_that_were_lost(lake, open_another):
    put_orders(lake, {"a": 1})
    put_orders(lake, {"b": 2}, load_id=2)
    max((lake.root / "orders" / "_delta_log").glob("*.json")).unlink()
    with pytest.raises(LakeDamaged, match="newest commits"):
        put_orders(open_another(), {"c": 3}, load_id=3)


# -- temporary folders -------------------------------------------------------------------------------------------


def test_temporary_folders_go_when_their_process_has_died_and_not_before(tmp_path):
    code = (
        "import sys, pathlib, time; from huoshui.lake.locks import OwnFolder; "
        "f = OwnFolder(pathlib.Path(sys.argv[1]), 'import'); (f.path / 'copy.csv').write_text('x'); "
        "print(f.path, flush=True); time.sleep(60)"
    )
    source = Path(sys.modules["huoshui"].__file__ or "").parents[1]
    other = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path],
        env={**os.environ, "PYTHONPATH": str(source)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    theirs = Path(other.stdout.readline().strip())
    with OwnFolder(tmp_path, "engine") as own:
        sweep_folders(tmp_path)
        assert own.is_dir()
        assert theirs.is_dir()
        other.kill()
        other.communicate()
        sweep_folders(tmp_path)
        assert own.is_dir()
        assert not theirs.exists()
    assert list(tmp_path.iterdir()) == []


# -- readers beside removal --------------------------------------------------------------------------------------


def test_only_the_thread_that_paused_the_writers_may_remove_young_files(lake):
    put_orders(lake, {"a": 1})
    refused: list[UnsafeVacuum] = []

    def try_it() -> None:
        try:
            lake.vacuum(timedelta(0))
        except UnsafeVacuum as error:
            refused.append(error)

    with lake.exclusive("erasure"):
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
        assert lake.vacuum(timedelta(0)) == 0
    assert len(refused) == 1


@pytest.mark.parametrize("erasures", [1, 8])
def test_a_question_whose_files_were_erased_meanwhile_is_asked_again(lake, open_another, erasures):
    put_orders(lake, {"a": 1})
    reader, asked = open_another(), []

    def question(snapshot):
        asked.append(snapshot.version)
        if len(asked) <= erasures:
            put_orders(lake, {"a": 1 + len(asked)}, load_id=1 + len(asked))
            with lake.exclusive("erasure"):
                lake.vacuum(timedelta(0))
        return select(snapshot, "SELECT sum(revenue) AS s FROM orders")["s"][0].as_py()

    assert reader.read(question) == 1 + erasures
    assert len(asked) == 1 + erasures


def test_a_file_that_goes_between_two_looks_at_it_is_told_as_damage(lake):
    put_orders(lake, {"a": 1})
    [file] = lake.snapshot().files("orders")

    def make() -> str:
        Path(file).unlink()
        return f"SELECT * FROM read_parquet('{file}')"

    with pytest.raises(LakeDamaged):
        lake.engine.define("a view", make)


def test_a_question_that_meets_real_damage_is_not_asked_again(lake, open_another):
    put_orders(lake, {"a": 1})
    Path(lake.snapshot().files("orders")[0]).unlink()
    with pytest.raises(LakeDamaged):
        open_another().read(lambda snapshot: revenues(snapshot))


@pytest.mark.slow
def test_every_read_beside_compaction_and_erasure_sees_one_version(database_file, open_another):
    """Two tables are always written together; a reader that saw parts of two versions would see unequal sums."""
    lake = open_another()
    stop, wrong, seen = threading.Event(), [], []
    query = "SELECT (SELECT sum(revenue) FROM orders) AS a, (SELECT sum(revenue) FROM order_lines) AS b"

    def lines(number: int):
        table = orders({"o": number}, load_id=number)
        names = {"order_id", "revenue", "source", "load_id", "ingested_at"}
        from huoshui.lake.tests.shop import facts

        rows = [{k: v for k, v in row.items() if k in names} for row in table.to_pylist()]
        return facts("order_lines", [{**row, "line_no": 1} for row in rows], load_id=number)

    def write(number: int) -> None:
        with lake.write(f"load {number}") as tx:
            tx.put("orders", orders({"o": number}, load_id=number), load_id=number)
            tx.put("order_lines", lines(number), load_id=number)

    def read() -> None:
        reader = open_another()
        with connected_to(database_file):
            while not stop.is_set():
                [row] = reader.read(lambda snapshot: select(snapshot, query)).to_pylist()
                seen.append(row["a"])
                if row["a"] != row["b"]:
                    wrong.append(row)

    write(1)
    with ThreadPoolExecutor(1) as readers:
        reading = readers.submit(read)
        began, number = time.monotonic(), 1
        while (len(seen) < 50 or number < 6) and time.monotonic() - began < 60 and not reading.done():
            number += 1
            write(number)
            care.compact(lake, everything=True)
            with lake.exclusive("erasure"):
                lake.vacuum(timedelta(0))
        stop.set()
        reading.result()
    assert wrong == []
    assert len(seen) >= 10
    assert seen == sorted(seen)  # and no answer goes back in time


# -- other shapes ------------------------------------------------------------------------------------------------


@pytest.fixture
def redeclared(monkeypatch):
    """Declare the columns of orders anew, as a later version does."""

    def change(columns: tuple[Column, ...]) -> None:
        table = LAKE_TABLES["orders"]
        monkeypatch.setitem(LAKE_TABLES._by_slug, "orders", replace(table, columns=columns))

    return change


def test_a_later_version_may_add_many_columns(lake, open_another, redeclared):
    put_orders(lake, {"a": 1})
    more = tuple(Column(f"extra_{n}", "string", "one more") for n in range(300))
    redeclared((*LAKE_TABLES["orders"].columns, *more))
    later = open_another()
    put_orders(later, {"b": 2}, load_id=2)
    rows = later.snapshot().rows("orders")
    assert {"extra_0", "extra_299"} <= set(rows.columns)
    assert revenues(later.snapshot()) == {"a": 1, "b": 2}


@pytest.mark.parametrize("change", [{"type": "string"}, {"name": "Customer_ID"}], ids=["type", "case"])
def test_a_column_declared_otherwise_is_refused_and_nothing_is_written(
    lake, open_another, redeclared, change
):
    put_orders(lake, {"a": 1})
    columns = LAKE_TABLES["orders"].columns
    redeclared(tuple(replace(c, **change) if c.name == "customer_id" else c for c in columns))
    later, version = open_another(), lake.snapshot().version
    rows = orders({"b": 2}, load_id=2, customer_id=None)
    with pytest.raises(ColumnChanged, match="customer_id: "), later.write("other shape") as tx:
        tx.append("orders", rows)
    assert later.snapshot().version == version
    redeclared(columns)
    assert revenues(open_another().snapshot()) == {"a": 1}
