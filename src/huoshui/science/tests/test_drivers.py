"""Why a figure moved: the parts add up exactly, and the cause comes first."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from huoshui.science.drivers import NoDenominator, contributions, mix_and_rate, rank
from huoshui.science.errors import NotASetting

CELLS = st.sampled_from(["a", "b", "c", "d", None, ("x", "y")])
MONEY = st.decimals(-(10**15), 10**15, places=4)
SUMS = st.dictionaries(CELLS, MONEY)
COUNTS = st.dictionaries(CELLS, st.integers(0, 10**9))
ALPHA = 0.001


@given(SUMS, SUMS)
def test_the_parts_of_a_sum_add_up_exactly(before, after):
    parts = contributions(before, after)
    moved = sum(map(Fraction, after.values())) - sum(map(Fraction, before.values()))
    assert sum(Fraction(one.change) for one in parts) == moved
    assert {one.cell for one in parts} == {*before, *after}


@given(SUMS, SUMS, st.integers(1, 8))
def test_the_top_and_the_rest_add_up_exactly(before, after, top):
    parts = contributions(before, after)
    found = rank(parts, top=top)
    assert len(found.top) + found.rest_count == len(parts)
    everything = sum((Fraction(one.change) for one in found.top), Fraction(found.rest))
    assert everything == sum(Fraction(one.change) for one in parts)
    sizes = [abs(one.change) for one in found.top]
    assert sizes == sorted(sizes, reverse=True)


@given(SUMS, COUNTS, SUMS, COUNTS)
def test_mix_and_rate_of_a_ratio_add_up_exactly(num_before, den_before, num_after, den_after):
    sides = (num_before, den_before), (num_after, den_after)
    if not all(sum(den.values()) for _, den in sides):
        with pytest.raises(NoDenominator):
            mix_and_rate(num_before, den_before, num_after, den_after)
        return
    parts = mix_and_rate(num_before, den_before, num_after, den_after)
    assert all(one.mix + one.rate == one.change == one.total for one in parts)
    before, after = (
        rounded(Fraction(sum(map(Fraction, num.values()))) / sum(den.values())) for num, den in sides
    )
    assert sum(Fraction(one.change) for one in parts) == after - before


def rounded(ratio):
    steps = abs(ratio) * 10_000 + Fraction(1, 2)
    return Fraction(steps.numerator // steps.denominator, 10_000) * (1 if ratio >= 0 else -1)


def test_a_ratio_that_moves_by_weights_alone_is_all_mix():
    parts = mix_and_rate(
        {"web": 10, "shop": 40}, {"web": 100, "shop": 100}, {"web": 5, "shop": 60}, {"web": 50, "shop": 150}
    )
    assert [one.rate for one in parts] == [0, 0]
    assert sum(one.mix for one in parts) == Decimal("0.0750")


def test_a_ratio_that_moves_by_its_parts_alone_is_all_rate():
    parts = mix_and_rate(
        {"web": 10, "shop": 40}, {"web": 100, "shop": 100}, {"web": 20, "shop": 40}, {"web": 100, "shop": 100}
    )
    by_name = {one.cell: one for one in parts}
    assert (by_name["web"].rate, by_name["web"].mix) == (Decimal("0.0500"), Decimal(0))
    assert by_name["shop"].change == 0


def test_a_part_like_the_whole_adds_nothing_by_its_weight():
    num0, den0 = {"like": 25, "low": 10, "high": 40}, {"like": 100, "low": 100, "high": 100}
    num1, den1 = {"like": 50, "low": 10, "high": 40}, {"like": 200, "low": 100, "high": 100}
    assert all(one.change == 0 for one in mix_and_rate(num0, den0, num1, den1) if one.cell == "like")


def test_what_is_new_or_gone_counts_whole():
    new, gone = contributions({"gone": Decimal(7)}, {"new": Decimal(5)})[::-1]
    assert (new.before, new.after, new.change) == (0, Decimal(5), Decimal(5))
    assert (gone.before, gone.after, gone.change) == (Decimal(7), 0, Decimal(-7))


def test_ties_are_ranked_by_name_and_nothing_is_no_cause():
    found = rank(contributions({}, {"b": 2, "a": -2, "z": 0}), top=3)
    assert [one.cell for one in found.top] == ["a", "b"]
    assert (found.rest, found.rest_count) == (0, 1)
    with pytest.raises(NotASetting):
        rank((), top=0)
    with pytest.raises(NotASetting):
        mix_and_rate({}, {"a": 1}, {}, {"a": 1}, quantum=Decimal(0))


def test_a_planted_cause_comes_first():
    """A part that loses 40 %, among twenty that only fluctuate, in 99 of 100 cases."""
    rng, tries, hits = np.random.default_rng(7), 500, 0
    for _ in range(tries):
        names = [f"channel {n}" for n in range(20)]
        expected = rng.uniform(800, 1200, 20)
        planted = int(rng.integers(20))
        factor = np.ones(20)
        factor[planted] = 0.6
        before = dict(zip(names, map(int, rng.poisson(expected)), strict=True))
        after = dict(zip(names, map(int, rng.poisson(expected * factor)), strict=True))
        hits += rank(contributions(before, after), top=1).top[0].cell == names[planted]
    assert binom.cdf(hits, tries, 0.99) >= ALPHA


def test_a_planted_rate_comes_first_though_weights_move():
    rng, tries, hits = np.random.default_rng(8), 300, 0
    for _ in range(tries):
        names = list("abcdefgh")
        weights, after = rng.integers(4000, 6000, 8), rng.integers(4000, 6000, 8)
        rates = np.full(8, 0.2)
        changed = rates.copy()
        planted = int(rng.integers(8))
        changed[planted] = 0.12
        sides = [
            dict(zip(names, map(int, numbers), strict=True))
            for numbers in (rng.binomial(weights, rates), weights, rng.binomial(after, changed), after)
        ]
        hits += rank(mix_and_rate(*sides), top=1).top[0].cell == names[planted]
    assert binom.cdf(hits, tries, 0.99) >= ALPHA
