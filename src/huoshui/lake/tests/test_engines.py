"""Which engine does what, as far as that can be told without Spark; the rest is in tests/spark."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest

from huoshui.lake.errors import EngineMissing
from huoshui.lake.house import Lake
from huoshui.lake.tests.shop import engine_settings, put_orders, revenues

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_spark_everything_is_read_by_the_embedded_engine(lake: Lake):
    picture = lake.snapshot()
    assert lake.computing is lake.engine
    assert picture.embedded() is picture


def test_a_picture_read_by_the_embedded_engine_shows_the_same_version(lake: Lake):
    put_orders(lake, {"a": 1})
    before = lake.snapshot()
    put_orders(lake, {"b": 2}, load_id=2)
    assert revenues(before.embedded()) == {"a": 1}


def test_what_a_write_computes_is_written(lake: Lake):
    put_orders(lake, {"a": 1, "b": 5})
    with lake.write("copy", computing=True) as tx:
        rows = tx.snapshot.rows("orders")
        tx.append("orders", rows.filter(rows.order_id == "b").mutate(order_id=rows.order_id + "2"))
    assert revenues(lake.snapshot()) == {"a": 1, "b": 5, "b2": 5}


@pytest.mark.parametrize(
    "since", ["2024-03-30 12:00:00.000001", "2024-10-26 23:00", "1969-12-31 00:00", None]
)
def test_elapsed_time_is_that_of_the_clockwork_whatever_the_clocks_did(lake: Lake, since: str | None):
    """It is subtracted as numbers: the calendar of the engine takes forty times as long for the same."""
    session = lake.snapshot().embedded().session
    began = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None
    until = datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/London"))
    rows = session.hold(pa.table({"since": pa.array([began], pa.timestamp("us", "UTC"))}))
    asked = rows.select(elapsed=ibis.literal(until).delta(rows.since, unit="microsecond"))
    passed = (until - began) // timedelta(microseconds=1) if began else None
    assert session.arrow(asked)["elapsed"].to_pylist() == [passed]
    assert "EPOCH_US" in session.sql(asked).upper()


def test_an_engine_that_is_not_installed_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "huoshui.lake.spark", None)
    settings = replace(engine_settings(tmp_path / "tmp"), engine="spark")
    with pytest.raises(EngineMissing, match=r"requirements/spark\.lock"):
        Lake(tmp_path / "lake", settings)


def test_what_dead_workers_left_unfinished_is_swept(lake: Lake):
    put_orders(lake, {"a": 1})
    left = lake.root / "orders" / ".unfinished-5d1a"
    (left / "_temporary").mkdir(parents=True)
    (left / "_temporary" / "part-0.parquet").write_bytes(b"PAR1")
    assert lake.sweep() == 0
    assert left.exists(), "a living writer may be at work in it"
    moment = time.time() - timedelta(hours=2).total_seconds()
    os.utime(left, (moment, moment))
    assert lake.sweep() == 1
    assert not left.exists()
    assert revenues(lake.snapshot()) == {"a": 1}
