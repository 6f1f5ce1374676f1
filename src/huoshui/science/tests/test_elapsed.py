"""Elapsed time does not depend on clocks or zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.science import elapsed

UNTIL = datetime(2024, 3, 31, 12, tzinfo=UTC)  # the day on which London's clocks go forward


@cache
def engine_in(zone):
    engine = ibis.duckdb.connect(":memory:")
    engine.raw_sql(f"SET TimeZone = '{zone}'")
    return engine


def days(moments, zone="Europe/London"):
    columns = {"n": range(len(moments)), "at": pa.array(moments, pa.timestamp("us", "UTC"))}
    table = ibis.memtable(pa.table(columns))
    answer = table.select("n", d=elapsed.whole_days(since=table["at"], until=UNTIL)).order_by("n")
    return engine_in(zone).to_pyarrow(answer)["d"].to_pylist()


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "Asia/Shanghai"])
def test_a_day_has_24_hours_in_every_zone(zone):
    day, instant = timedelta(days=1), timedelta(microseconds=1)
    moments = [UNTIL, UNTIL - day + instant, UNTIL - day, UNTIL - 2 * day + instant, UNTIL - 2 * day]
    assert days(moments, zone) == [0, 0, 1, 1, 2]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 10**16), min_size=1, max_size=20))
def test_whole_days_equal_their_definition(ago):
    moments = [UNTIL - timedelta(microseconds=n) for n in ago]
    assert days(moments) == [(UNTIL - moment) // timedelta(days=1) for moment in moments]
