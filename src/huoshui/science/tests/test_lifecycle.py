"""Rhythm, overdue ratio and stages."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.science import lifecycle
from huoshui.science.errors import NotASetting
from huoshui.science.lifecycle import FixedDays, OwnRhythm, Rhythm

START = date(2024, 1, 1)


def gaps_of(purchases):
    """``purchases``: (customer, day number); answers customer → its gaps in order."""
    table = ibis.memtable(
        pa.table(
            {
                "customer_id": pa.array([c for c, _ in purchases], pa.int64()),
                "day": pa.array([START + timedelta(days=d) for _, d in purchases], pa.date32()),
            }
        )
    )
    gap = lifecycle.days_since_previous(customer=table.customer_id, day=table.day)
    found: dict[int, list[int]] = {}
    for row in table.mutate(gap=gap).order_by("customer_id", "day").to_pyarrow().to_pylist():
        found.setdefault(row["customer_id"], [])
        if row["gap"] is not None:
            found[row["customer_id"]].append(row["gap"])
    return found


def test_intervals_are_days_between_days_of_purchase():
    assert gaps_of([(1, 0), (1, 7), (1, 20), (2, 5)]) == {1: [7, 13], 2: []}


def test_several_purchases_on_one_day_are_one_occasion():
    assert gaps_of([(1, 0), (1, 0), (1, 10), (1, 10), (1, 10)]) == {1: [10]}


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 60)), min_size=1, max_size=30))
def test_intervals_equal_their_definition(purchases):
    expected = {}
    for customer in {c for c, _ in purchases}:
        days = sorted({d for c, d in purchases if c == customer})
        expected[customer] = [b - a for a, b in pairwise(days)]
    assert gaps_of(purchases) == expected


def lives(rows, *, rhythm=lifecycle.USUAL_RHYTHM, by=lifecycle.USUAL_STAGES):
    """``rows``: (own median or None, intervals, days since first, days since last); answers rows in order."""
    table = ibis.memtable(
        pa.table(
            {
                "n": range(len(rows)),
                "own": pa.array([r[0] for r in rows], pa.float64()),
                "intervals": pa.array([r[1] for r in rows], pa.int64()),
                "first": pa.array([r[2] for r in rows], pa.int64()),
                "last": pa.array([r[3] for r in rows], pa.int64()),
            }
        )
    )
    table = table.mutate(typical=lifecycle.typical_interval(table.own, table.intervals, rhythm=rhythm))
    table = table.mutate(
        rhythm=lifecycle.purchase_rhythm(table.own, table.intervals, table.typical, rhythm=rhythm)
    )
    table = table.mutate(ratio=lifecycle.overdue_ratio(table.last, table.rhythm))
    table = table.mutate(
        stage=lifecycle.stage(
            days_since_first=table.first, days_since_last=table.last, ratio=table.ratio, by=by
        )
    )
    return table.order_by("n").to_pyarrow().to_pylist()


def test_the_stages_of_a_small_house_are_those_computed_by_hand():
    found = lives(
        [
            (20.0, 5, 200, 39),  # own rhythm 20: 39 ÷ 20 = 1.95
            (20.0, 5, 200, 40),  # 2.0 exactly
            (40.0, 3, 300, 159),  # own rhythm 40: 3.975
            (40.0, 3, 300, 160),  # 4.0 exactly
            (10.0, 1, 25, 15),  # (1 × 10 + 2 × 30) ÷ 3 = 23⅓
            (None, 0, 29, 29),  # typical: median of 20, 20, 40, 40 = 30
            (None, 0, 30, 30),
            (None, 0, None, None),
        ]
    )
    assert [row["rhythm"] for row in found] == pytest.approx([20, 20, 40, 40, 70 / 3, 30, 30, 30])
    assert [row["stage"] for row in found] == [
        "active", "silent", "silent", "lost", "new", "new", "active", "potential",
    ]  # fmt: skip


def test_a_house_without_repeat_customers_falls_back_to_ninety_days():
    found = lives([(None, 0, 10, 10), (5.0, 1, 300, 180)])
    assert [row["rhythm"] for row in found] == pytest.approx([90, (5 + 2 * 90) / 3])


def test_the_rhythm_stays_within_its_bounds():
    found = lives([(1.0, 9, 50, 5), (900.0, 9, 5000, 500)])
    assert [row["rhythm"] for row in found] == [14, 365]


def test_fixed_days_are_the_same_for_everybody():
    by = FixedDays(new=30, active=90, silent=180)
    found = lives([(1.0, 9, 400, d) for d in (0, 89, 90, 179, 180)] + [(None, 0, 29, 29)], by=by)
    assert [row["stage"] for row in found] == ["active", "active", "silent", "silent", "lost", "new"]


HISTORY = st.lists(
    st.tuples(st.integers(0, 8), st.floats(1, 400, width=32), st.integers(0, 900), st.integers(0, 900)),
    min_size=1,
    max_size=20,
)


@settings(max_examples=30)
@given(HISTORY, st.one_of(st.just(OwnRhythm()), st.just(FixedDays())))
def test_stages_equal_their_definition(history, by):
    rows = [(m if n else None, n, max(a, b), min(a, b)) for n, m, a, b in history]
    known = [m for n, m, _, _ in history if n >= 3]
    typical = median(known) if known else 90.0
    for row, (own, n, first, last) in zip(lives(rows, by=by), rows, strict=True):
        kept = min(n, 3)
        rhythm = min(max((kept * (own or 0) + (3 - kept) * typical) / 3, 14), 365)
        assert row["rhythm"] == pytest.approx(rhythm)
        late, very_late = (row["ratio"], by.lost) if isinstance(by, OwnRhythm) else (last, by.silent)
        overdue = by.silent if isinstance(by, OwnRhythm) else by.active
        expected = (
            "lost"
            if late >= very_late
            else "silent"
            if late >= overdue
            else "new"
            if first < by.new
            else "active"
        )
        assert row["stage"] == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rhythm(enough=0),
        lambda: Rhythm(shortest=50, longest=10),
        lambda: OwnRhythm(silent=4, lost=2),
        lambda: FixedDays(active=200, silent=100),
    ],
)
def test_settings_without_meaning_are_refused(make):
    with pytest.raises(NotASetting):
        make()
