"""Rhythm, overdue ratio and stages."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.science import lifecycle
from huoshui.science.errors import NotASetting
from huoshui.science.lifecycle import FixedDays, OwnRhythm, Rhythm
from huoshui.science.survival import survival_curve

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


def test_a_chain_of_stages_is_found_again():
    """10,000 people pass once through a known matrix; fails when one of its 9 shares is 4 standard errors off."""
    truth = np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.05, 0.0, 0.95]])
    draws = np.random.default_rng(3)
    before = draws.integers(0, 3, 10_000)
    after = (draws.random(10_000)[:, None] > np.cumsum(truth, axis=1)[before]).sum(axis=1)
    names = ("active", "silent", "lost")
    counts = Counter((names[a], names[b]) for a, b in zip(before, after, strict=True))
    found = lifecycle.transition_matrix(counts, stages=names)
    for passage, share in zip(found, truth.ravel(), strict=True):
        near = 4 * math.sqrt(share * (1 - share) / 3_000)
        assert passage.share == pytest.approx(share, abs=near)
        assert passage.low <= passage.share <= passage.high
    nobody = lifecycle.transition_matrix({}, stages=names)
    assert {(one.share, one.low, one.high) for one in nobody} == {(0.0, 0.0, 1.0)}


def test_people_are_lost_when_their_pause_reaches_their_own_cut():
    start = date(2024, 1, 1)

    def day(n):
        return start + timedelta(days=n)

    purchases = pa.table(
        {
            "customer_id": [1, 1, 1, 2, 2, 3, 4, None],
            "day": [day(0), day(10), day(90), day(0), day(30), day(95), day(200), day(0)],
        }
    )
    rhythms = pa.table({"customer_id": [1, 2, 3, 4], "rhythm_days": [14.0, 14.6, 20.0, 20.0]})
    found = lifecycle.time_until_lost(ibis.memtable(purchases), ibis.memtable(rhythms), as_of=day(100))
    # 1 is lost 56 days after day 10; 2 is lost 59 days after day 30; 3 is still there.
    assert {tuple(row.values()) for row in found.to_pyarrow().to_pylist()} == {
        (66, True, 1),
        (89, True, 1),
        (5, False, 1),
    }


def test_survival_of_customers_who_leave_at_random_is_found():
    """2,000 customers buy each week until they leave, on average after 100 days: the curve must hold the truth."""
    draws = np.random.default_rng(5)
    leave = draws.exponential(100.0, 2_000)
    rows = [
        (n, date(2022, 1, 1) + timedelta(days=k))
        for n, end in enumerate(leave)
        for k in range(0, 300, 7)
        if k <= end
    ]
    purchases = pa.table({"customer_id": [n for n, _ in rows], "day": [d for _, d in rows]})
    rhythms = pa.table({"customer_id": list(range(2_000)), "rhythm_days": [7.0] * 2_000})
    found = lifecycle.time_until_lost(
        ibis.memtable(purchases), ibis.memtable(rhythms), as_of=date(2022, 10, 28)
    ).to_pyarrow()
    curve = survival_curve(*(found[name].to_numpy(zero_copy_only=False) for name in found.column_names))
    for weeks in (4, 10, 20):
        # Whoever buys in week k is lost 28 days after their last purchase at the earliest.
        share, low, high = curve.at(weeks * 7 + 27)
        assert low - 0.01 <= math.exp(-weeks * 7 / 100.0) <= high + 0.01, share
    assert (
        lifecycle.time_until_lost(
            ibis.memtable(purchases.slice(0, 0)), ibis.memtable(rhythms), as_of=date(2022, 1, 1)
        )
        .to_pyarrow()
        .num_rows
        == 0
    )


@pytest.mark.parametrize(
    ("stage", "first", "last", "since_return", "expected", "left"),
    [
        ("potential", None, None, None, 9, None),
        ("new", 12, 3, None, 12, 37),
        ("active", 100, 3, None, 70, 37),
        ("active", 100, 3, 20, 20, 37),
        ("active", 35, 3, 33, 5, 37),
        ("silent", 200, 47, None, 7, 33),
        ("lost", 200, 100, None, 20, None),
    ],
)
def test_days_in_a_stage_and_until_the_next(stage, first, last, since_return, expected, left):
    row = ibis.memtable(
        pa.table(
            {
                "stage": [stage],
                "first": pa.array([first], pa.int64()),
                "last": pa.array([last], pa.int64()),
                "rhythm": pa.array([20.0 if first is not None else None], pa.float64()),
                "back": pa.array([since_return], pa.int64()),
                "known": [9],
            }
        )
    )
    found = row.select(
        inside=lifecycle.days_in_stage(
            stage=row.stage,
            days_since_first=row["first"],
            days_since_last=row["last"],
            rhythm_days=row.rhythm,
            days_since_return=row.back,
            days_known=row.known,
        ),
        until=lifecycle.days_until_next_stage(
            stage=row.stage, days_since_last=row["last"], rhythm_days=row.rhythm
        ),
    )
    assert found.to_pyarrow().to_pylist() == [{"inside": expected, "until": left}]
