"""Lots: anybody can draw them again by the written law, they are even, and draws of two keys know nothing of each
other."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, kstest

from huoshui.science import drawing
from huoshui.science.errors import NotASetting

PEOPLE = np.random.default_rng(7).integers(10**14, 10**15, 200_000)


def by_hand(number: int, key: str) -> float:
    """The law as it is written, in whole numbers."""

    def mixed(x: int) -> int:
        x ^= x >> 30
        x = x * 0xBF58476D1CE4E5B9 % 2**64
        x ^= x >> 27
        x = x * 0x94D049BB133111EB % 2**64
        return x ^ x >> 31

    secret = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return (mixed(mixed(number) ^ secret) >> 11) / 2**53


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=5), st.text(max_size=40))
def test_the_written_law_draws_the_same_lots(numbers, key):
    assert drawing.places(numbers, key).tolist() == [by_hand(number, key) for number in numbers]


def test_lots_that_were_drawn_once_stay_as_they_are():
    found = drawing.places([482113095127844, 1], "campaign:12:5eed:holdout").tolist()
    assert found == [0.8674642956765202, 0.302529887435971]


@pytest.mark.parametrize("key", ["", "global:0", "global:1", "促销"])
def test_places_are_even(key):
    assert kstest(drawing.places(PEOPLE, key), "uniform").pvalue > 0.001
    # Numbers in a row, too.
    assert kstest(drawing.places(np.arange(50_000), key), "uniform").pvalue > 0.001


def test_draws_of_two_keys_are_independent():
    one, other = (drawing.drawn(PEOPLE, key, 0.1) for key in ("campaign:1:a", "campaign:2:a"))
    table = [[int(((one == a) & (other == b)).sum()) for b in (False, True)] for a in (False, True)]
    assert chi2_contingency(table).pvalue > 0.001


def test_a_share_that_grows_keeps_whom_it_had():
    small, large = (drawing.drawn(PEOPLE, "global:x", share) for share in (0.02, 0.05))
    assert small.sum()
    assert not (small & ~large).any()


def test_variants_are_dealt_by_their_weights():
    dealt = np.bincount(drawing.dealt(PEOPLE, "v", {"a": 1, "b": 2, "c": 1}), minlength=3)
    assert np.allclose(dealt / len(PEOPLE), [0.25, 0.5, 0.25], atol=0.005)
    assert set(drawing.dealt(PEOPLE[:50], "v", {"": 3}).tolist()) == {0}


def test_shares_and_weights_without_a_meaning_are_refused():
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(NotASetting):
            drawing.drawn([1], "k", share)
    for weights in ({}, {"a": 0}, {"a": -1.0, "b": 1}, {"a": float("inf")}):
        with pytest.raises(NotASetting):
            drawing.dealt([1], "k", weights)
