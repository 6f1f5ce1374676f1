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

from huoshui.lake.duck_sql import EPOCH, MICROSECOND, constant_since
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


ISTANBUL = datetime(2016, 3, 27, 1, tzinfo=UTC)
"""Since then clocks in Turkey have not been changed; the year before they were."""


@pytest.mark.parametrize(
    ("zone", "since", "hours"),
    [
        ("Asia/Shanghai", datetime(2000, 1, 1, tzinfo=UTC), 8),
        ("Asia/Kathmandu", datetime(2000, 1, 1, tzinfo=UTC), 5.75),
        ("Europe/Istanbul", ISTANBUL, 3),
        ("Asia/Pyongyang", datetime(2018, 5, 4, 15, tzinfo=UTC), 9),
    ],
)
def test_it_is_known_since_when_clocks_are_not_changed_any_more(zone: str, since: datetime, hours: float):
    found = constant_since(ZoneInfo(zone))
    assert found is not None
    assert EPOCH + found[0] * MICROSECOND == pytest.approx(since, abs=timedelta(seconds=1))
    assert found[1] * MICROSECOND == timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["Europe/London", "America/Santiago", "Australia/Lord_Howe"])
def test_where_clocks_are_changed_every_year_the_calendar_is_asked(zone: str):
    assert constant_since(ZoneInfo(zone)) is None


@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "Europe/Istanbul", "Asia/Pyongyang", "Europe/London", "Asia/Kathmandu"]
)
def test_the_day_of_a_moment_is_that_of_the_zone_whichever_way_it_is_told(tmp_path: Path, zone: str):
    """Around each hour at which some clock was changed, at ends of days, and long before all of that."""
    around = [ISTANBUL, datetime(2018, 5, 4, 15, tzinfo=UTC), datetime(2024, 3, 31, 1, tzinfo=UTC)]
    around += [
        datetime(y, 7, d, 16, tzinfo=UTC) for y in (1969, 1988, 1999, 2000, 2015, 2050) for d in (1, 31)
    ]
    moments = [
        at + timedelta(microseconds=us, hours=h) for at in around for h in range(-24, 25) for us in (-1, 0)
    ]
    there = Lake(tmp_path / "lake", replace(engine_settings(tmp_path / "tmp"), time_zone=zone))
    session = there.snapshot().embedded().session
    rows = session.hold(pa.table({"at": pa.array([*moments, None], pa.timestamp("us", "UTC"))}))
    asked = rows.select(rows["at"], day=rows["at"].date())
    answer = session.arrow(asked).to_pylist()
    assert [one["day"] for one in answer] == [
        one["at"] and one["at"].astimezone(ZoneInfo(zone)).date() for one in answer
    ]
    assert ("MAKE_TIMESTAMP(" in session.sql(asked).upper()) == (constant_since(ZoneInfo(zone)) is not None)
    there.close()


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
