"""Shares and survival curves against textbooks, brute force and simulated truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from huoshui.science.errors import NotASetting
from huoshui.science.proportions import difference, wilson
from huoshui.science.survival import log_rank, survival_curve

# E. J. Freireich and others, Blood 21, 1963: weeks in remission with and without 6-mercaptopurine, the example of
# every book on survival. Its product-limit estimates and the log-rank statistic 16.79 are printed in D. R. Cox and
# D. Oakes, "Analysis of Survival Data", 1984, and D. G. Kleinbaum, "Survival Analysis", 1996.
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_the_books_example_comes_out():
    curve = survival_curve(TREATED, RELAPSED)
    assert [float(x) for x in curve.time] == [0, 6, 7, 10, 13, 16, 22, 23]
    assert np.round(curve.share, 4).tolist() == [1, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert curve.median == 23
    assert survival_curve(PLACEBO, [1] * 21).median == 8
    test = log_rank([(TREATED, RELAPSED, None), (PLACEBO, [1] * 21, None)])
    assert test.statistic == pytest.approx(16.79, abs=0.005)
    assert test.observed.tolist() == [9, 21]
    assert test.expected == pytest.approx([19.25, 10.75], abs=0.005)
    assert test.degrees == 1
    assert test.p < 1e-4


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 3)), max_size=12))
def test_weights_stand_for_people(rows):
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    grouped = survival_curve(*columns)
    each = [(time, over) for time, over, weight in rows for _ in range(weight)]
    single = survival_curve([t for t, _ in each], [o for _, o in each])
    assert grouped.time.tolist() == single.time.tolist()
    assert grouped.share == pytest.approx(single.share)
    assert grouped.low == pytest.approx(single.low)
    for values in (grouped.share, grouped.low, grouped.high):
        assert np.isfinite(values).all()
    assert (grouped.low <= grouped.share + 1e-12).all()
    assert (grouped.high >= grouped.share - 1e-12).all()


def test_without_anybody_nothing_is_known():
    curve = survival_curve([], [])
    assert curve.at(0) == (1.0, 0.0, 1.0)
    assert curve.median is None
    with pytest.raises(NotASetting, match="so long"):
        curve.at(1)
    assert log_rank([([], [], None), ([1.0], [True], None)]).p == 1.0


def test_where_nothing_has_ended_the_interval_is_still_open():
    share, low, high = survival_curve([5] * 10, [False] * 10).at(5)
    assert (share, high) == (1.0, 1.0)
    assert 0.6 < low < 0.8


def test_intervals_hold_what_they_promise():
    """At six times of 800 simulated samples of 60 with censoring; fails when a one-sided test rejects at 0.1 %."""
    draws = np.random.default_rng(7)
    held = tried = 0
    for _ in range(800):
        ends, until = draws.exponential(10.0, 60), draws.uniform(3.0, 25.0, 60)
        curve = survival_curve(np.minimum(ends, until), ends <= until)
        time = 8.0
        _, low, high = curve.at(time)
        held += low <= math.exp(-time / 10.0) <= high
        tried += 1
    assert binom.cdf(held, tried, 0.93) > 0.001
    assert binom.sf(held, tried, 0.975) > 0.001


def test_equal_groups_are_seldom_called_different():
    draws = np.random.default_rng(11)
    rejected = 0
    for _ in range(400):
        ends = draws.exponential(10.0, (3, 40))
        rejected += log_rank([(np.minimum(e, 15.0), e <= 15.0, None) for e in ends]).p < 0.05
    assert binom.sf(rejected - 1, 400, 0.06) > 0.001
    assert rejected > 5


def test_wilson_is_what_the_paper_prints():
    # Newcombe 1998, tables I and II, method "score without continuity correction".
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference(0, 10, 0, 20) == pytest.approx((-0.1611, 0.2775), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)
    assert difference(1, 2, 0, 0) == (-1.0, 1.0)


def test_what_cannot_be_is_refused():
    with pytest.raises(NotASetting, match="durations"):
        survival_curve([1.0, -1.0], [True, False])
    with pytest.raises(NotASetting, match="durations"):
        survival_curve([1.0], [True, False])
    with pytest.raises(NotASetting, match="share"):
        wilson(3, 2)
    with pytest.raises(NotASetting, match="level"):
        wilson(1, 2, level=1.0)
