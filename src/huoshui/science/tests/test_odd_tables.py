"""Tables as they come: empty, with one customer, all alike, without money, without dates, from the future, very long.

Whatever it is, each function answers in finite numbers whose intervals are as wide as the data allow, or refuses by
name.
"""

from __future__ import annotations

import math
import os
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huoshui.science import cohorts, lifecycle, rfm
from huoshui.science.clv import GammaGamma, backtest, purchase_summary, value_customers
from huoshui.science.clv.errors import NotEnoughPurchases
from huoshui.science.survival import log_rank, survival_curve

AS_OF = datetime(2024, 6, 1, tzinfo=UTC)
DAY = AS_OF.date()
FROM = DAY - timedelta(days=400)
Log = list[tuple[int | None, date | None, float | None]]

DAYS = st.integers(0, 500).map(lambda n: FROM + timedelta(days=n))  # some lie in the future
MONEY = st.sampled_from([None, math.nan, -50.0, -0.01, 0.0, 0.01, 10.0, 10.0, 1e12])
LOGS = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(1, 6)), st.one_of(st.none(), DAYS), MONEY), max_size=30
)
ALIKE: Log = [(n, FROM + timedelta(days=30 * k), 10.0) for n in range(1, 31) for k in range(4)]
ODD: dict[str, Log] = {
    "nothing": [],
    "one customer, one purchase": [(1, FROM, 10.0)],
    "one customer who comes back": [(1, FROM + timedelta(days=30 * k), 10.0) for k in range(6)],
    "all bought once, on one day": [(n, FROM, 10.0) for n in range(1, 41)],
    "all alike": ALIKE,
    "every row twice": ALIKE + ALIKE,
    "for nothing": [(n, day, 0.0) for n, day, _ in ALIKE],
    "money given back": [(n, day, -10.0) for n, day, _ in ALIKE],
    "nobody known, no date, no amount": [(None, FROM, 10.0), (1, None, 10.0), (2, FROM, None)],
    "all in the future": [(n, DAY + timedelta(days=k), 10.0) for n in (1, 2) for k in (1, 9)],
    "no number": [(n, day, math.nan) for n, day, _ in ALIKE[:8]],
    "all today": [(n, DAY - timedelta(days=1), 10.0) for n in range(1, 6)],
}


def table(log: Log) -> Any:
    rows = pa.table(
        {
            "customer_id": pa.array([one for one, _, _ in log], pa.int64()),
            "day": pa.array([day for _, day, _ in log], pa.date32()),
            "revenue": pa.array([money for *_, money in log], pa.float64()),
        }
    )
    purchases = ibis.memtable(rows)
    return purchases.mutate(ordered_at=purchases.day.cast("timestamp('UTC')"))


def finite(answer: Any) -> list[dict[str, Any]]:
    """The rows of a computed table, in which no number is none."""
    rows: list[dict[str, Any]] = answer.to_pyarrow().to_pylist()
    for row in rows:
        for name, value in row.items():
            assert not isinstance(value, float) or math.isfinite(value), (name, row)
    return rows


def customers_of(log: Log, *, dated: bool = True) -> set[int]:
    return {one for one, day, _ in log if one is not None and day is not None and day < DAY}


def look_at_rfm(log: Log) -> None:
    scored = rfm.rfm_table(table(log), as_of=AS_OF)
    rows = finite(scored)
    assert {row["customer_id"] for row in rows} == customers_of(log)
    assert all(row["recency"] >= 0 and row["frequency"] >= 1 and row["r"] in range(1, 6) for row in rows)
    valued = [row for row in rows if row["m"] is not None]
    assert sum(row["customers"] for row in finite(rfm.value_matrix(scored))) == len(valued)
    earlier = rfm.rfm_table(table(log), as_of=AS_OF - timedelta(days=90))
    assert sum(row["customers"] for row in finite(rfm.movement(earlier, scored))) == len(rows)


def look_at_life(log: Log) -> None:
    purchases = table(log)
    days = purchases.filter(purchases.customer_id.notnull(), purchases.day.notnull(), purchases.day < DAY)
    days = days.select("customer_id", "day").distinct()
    gaps = days.mutate(gap=lifecycle.days_since_previous(customer=days.customer_id, day=days.day))
    own = gaps.group_by("customer_id").aggregate(
        middle=gaps.gap.median(), n=gaps.gap.count(), last=gaps.day.max(), first=gaps.day.min()
    )
    own = own.mutate(typical=lifecycle.typical_interval(own.middle, own.n))
    own = own.mutate(rhythm_days=lifecycle.purchase_rhythm(own.middle, own.n, own.typical))
    since = {name: ibis.literal(DAY).delta(own[name], unit="day").cast("int64") for name in ("first", "last")}
    ratio = lifecycle.overdue_ratio(since["last"], own.rhythm_days)
    staged = own.mutate(
        stage=lifecycle.stage(days_since_first=since["first"], days_since_last=since["last"], ratio=ratio)
    )
    rows = finite(staged)
    assert {row["customer_id"] for row in rows} == customers_of(log)
    assert all(row["stage"] in lifecycle.STAGES and 14 <= row["rhythm_days"] <= 365 for row in rows)
    lasting = finite(lifecycle.time_until_lost(purchases, own, as_of=DAY))
    assert sum(row["customers"] for row in lasting) == len(rows)
    columns = [[row[name] for row in lasting] for name in ("days", "lost", "customers")]
    curve = survival_curve(*columns)
    assert all(np.isfinite(one).all() for one in (curve.share, curve.low, curve.high))
    assert ((curve.low <= curve.share) & (curve.share <= curve.high)).all()
    assert math.isfinite(log_rank([tuple(columns), ([], [], None)]).p)  # type: ignore[list-item]  # three columns


def look_at_cohorts(log: Log) -> None:
    found = cohorts.read(finite(cohorts.cohort_table(table(log), as_of=DAY)), as_of=DAY)
    assert sum(one.size for one in found) == len(customers_of(log))
    for one in found:
        low, high = one.interval(len(one.active) - 1)
        assert 0 <= low <= one.retention(len(one.active) - 1) <= high <= 1
    for point in cohorts.retention_curve(found):
        assert 0 <= point.low <= point.share <= point.high <= 1
    for other in cohorts.compare(found, 1):
        assert -1 <= other.difference_low <= other.difference <= other.difference_high <= 1
    waiting = finite(cohorts.waiting_table(table(log), as_of=DAY))
    assert sum(row["customers"] for row in waiting) == len(customers_of(log))
    assert all(row["days"] >= 0 for row in waiting)


def look_at_value(log: Log) -> None:
    rows = finite(purchase_summary(table(log), as_of=DAY, calibration_end=DAY - timedelta(days=90)))
    names = ("frequency", "recency", "T", "monetary_value")
    x, t, end, money = ([row[name] for row in rows] for name in names)
    found = value_customers(x, t, end, money, usual_value=10.0)
    for column in (found.expected_orders_90d, found.clv_12m, found.clv_12m_low, found.clv_12m_high):
        assert column is None or (
            np.isfinite(column).all() and (column >= 0).all() and len(column) == len(rows)
        )
    assert found.reasons  # a handful of customers never suffices, and that is said
    ahead = [row["duration_holdout"] for row in rows]
    with suppress(NotEnoughPurchases):  # says what to do
        test = backtest(found.model, x, t, end, [row["frequency_holdout"] for row in rows], ahead)
        assert math.isfinite(test.model.mean_absolute)
        assert all(map(math.isfinite, GammaGamma().fit(x, money).params_.values()))


LOOKS = (look_at_rfm, look_at_life, look_at_cohorts, look_at_value)


@pytest.mark.parametrize("log", ODD.values(), ids=list(ODD))
def test_odd_tables_are_answered_in_finite_numbers(log):
    for look in LOOKS:
        look(log)


@pytest.mark.slow
@settings(max_examples=4, deadline=None)
@given(LOGS)
@example([(1, FROM, None), (1, FROM, 1e12), (2, FROM, math.nan), (2, DAY, -0.01)])
def test_any_log_is_answered_in_finite_numbers(log):
    for look in LOOKS:
        look(log)


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("HUOSHUI_TEST_THOROUGH") != "1", reason="takes minutes")
def test_ten_million_purchases_are_answered():
    draws, number = np.random.default_rng(3), 10_000_000
    rows = ibis.memtable(
        pa.table(
            {
                "customer_id": draws.integers(1, 1_000_001, number),
                "day": (np.datetime64(FROM) + draws.integers(0, 400, number)).astype("datetime64[D]"),
                "revenue": draws.gamma(2.0, 20.0, number),
            }
        )
    )
    rows = rows.mutate(ordered_at=rows.day.cast("timestamp('UTC')"))
    assert rfm.rfm_table(rows, as_of=AS_OF).count().to_pyarrow().as_py() > 990_000
    assert len(cohorts.read(finite(cohorts.cohort_table(rows, as_of=DAY)), as_of=DAY)) > 0
    found = purchase_summary(rows, as_of=DAY).to_pyarrow()
    columns = [found[name].to_numpy() for name in ("frequency", "recency", "T", "monetary_value")]
    valued = value_customers(*columns, usual_value=40.0, intervals=False)
    assert np.isfinite(valued.clv_12m).all()
