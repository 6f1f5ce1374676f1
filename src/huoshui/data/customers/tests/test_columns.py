"""Columns against plain Python: whatever the values, conditions and orders are what comparing the values says."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.data.customers.columns import EPOCH, Column, places

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENTS = st.integers(-(10**15), 10**15).map(lambda us: EPOCH + timedelta(microseconds=us))
MONEY = st.decimals(-(10**13), 10**13, places=4)
BOUNDS = MONEY | st.just(Decimal("1.5"))
VALUES = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.decimal128(18, 4): MONEY,
    pa.timestamp("us", "UTC"): MOMENTS,
    pa.date32(): st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
}


def column(values, kind):
    array = pa.chunked_array([pa.array(values[:3], kind), pa.array(values[3:], kind)])
    return Column.of(array, np.arange(len(values)), len(values))


def found(mask):
    return np.flatnonzero(mask).tolist()


@pytest.mark.parametrize("kind", VALUES, ids=str)
def test_an_order_is_that_of_the_values_with_missing_ones_last(kind):
    @given(st.lists(st.none() | VALUES[kind] | st.sampled_from(_some(kind)), max_size=12), st.booleans())
    def check(values, falling):
        filled = [at for at, value in enumerate(values) if value is not None]
        key = (lambda at: values[at].encode()) if kind == pa.string() else (lambda at: values[at])
        ordered = sorted(filled, key=key, reverse=falling)  # equal ones stay in their places
        missing = [at for at, value in enumerate(values) if value is None]
        assert column(values, kind).order(falling=falling).tolist() == ordered + missing

    check()


def _some(kind):
    """Two values, so that equal ones meet."""
    return {
        pa.int64(): [1, 2],
        pa.float64(): [0.0, -0.0, 1.5],
        pa.decimal128(18, 4): [Decimal("1.5000"), Decimal(2)],
        pa.timestamp("us", "UTC"): [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)],
        pa.date32(): [date(2024, 1, 1), date(2024, 1, 2)],
        pa.bool_(): [True, False],
        pa.string(): ["上海", "Paris"],
    }[kind]


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.decimal128(18, 4)], ids=str)
def test_bounds_of_numbers_are_exact(kind):
    @given(
        st.lists(st.none() | VALUES[kind] | st.sampled_from(_some(kind)), max_size=8),
        BOUNDS,
    )
    def check(values, bound):
        said = float(bound) if kind == pa.float64() else bound
        met = [at for at, value in enumerate(values) if value is not None and value >= said]
        assert found(column(values, kind).least(bound)) == met
        met = [at for at, value in enumerate(values) if value is not None and value <= said]
        assert found(column(values, kind).most(bound)) == met

    check()


def test_what_is_no_number_is_more_than_any():
    values = [math.nan, 1.0, math.inf, None]
    held = column(values, pa.float64())
    assert held.order(falling=True).tolist() == [0, 2, 1, 3]
    assert found(held.least(Decimal(1))) == [0, 1, 2]
    assert found(held.most(Decimal(1))) == [1]


@given(
    st.lists(st.none() | MOMENTS, max_size=8),
    st.dates(date(1901, 1, 1), date(2199, 1, 1)),
)
def test_days_begin_where_the_house_is(values, day):
    days = [None if value is None else value.astimezone(SHANGHAI).date() for value in values]
    held = column(values, pa.timestamp("us", "UTC"))
    assert found(held.since(day, SHANGHAI)) == [at for at, d in enumerate(days) if d is not None and d >= day]
    assert found(held.until(day, SHANGHAI)) == [at for at, d in enumerate(days) if d is not None and d <= day]
    plain = column(days, pa.date32())
    assert found(plain.since(day, SHANGHAI)) == found(held.since(day, SHANGHAI))
    assert found(plain.until(day, SHANGHAI)) == found(held.until(day, SHANGHAI))


def test_texts_are_found_by_part_and_by_code_and_nothing_is_a_pattern():
    values = ["Paris", "上海", None, "50%", ""]
    held = column(values, pa.string())
    assert found(held.any_of(["上海", "Lyon", ""])) == [1, 4]
    assert found(held.has("PAR")) == [0]
    assert found(held.has("%")) == [3]
    assert found(held.has("")) == [0, 1, 3, 4]
    assert found(column([None, None], pa.string()).any_of(["x"])) == []
    assert found(column([None, None], pa.null()).filled) == []


@given(st.lists(st.integers(0, 50), unique=True), st.lists(st.integers(0, 60)))
def test_values_come_to_the_customers_they_belong_to(ids, told):
    known = np.array(sorted(ids), dtype=np.int64)
    told = list(dict.fromkeys(told))
    held = Column.of(
        pa.chunked_array([pa.array(told, pa.int64())]),
        places(known, np.array(told, dtype=np.int64)),
        len(known),
    )
    assert found(held.filled) == [at for at, pk in enumerate(known) if pk in told]
    assert [int(held.keys[at]) for at in found(held.filled)] == [pk for pk in sorted(ids) if pk in told]


def test_a_moment_of_midnight_belongs_to_the_day_it_begins():
    midnight = datetime(2024, 5, 20, tzinfo=SHANGHAI)
    held = column([midnight, midnight - timedelta(microseconds=1)], pa.timestamp("us", "UTC"))
    assert found(held.since(date(2024, 5, 20), SHANGHAI)) == [0]
    assert found(held.until(date(2024, 5, 19), SHANGHAI)) == [1]
