"""Capped amounts: as many keep theirs as was said, and it does not matter who was treated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.science import experiments
from huoshui.science.errors import NotASetting
from huoshui.science.experiments import NotASample

AMOUNTS = st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), max_size=60)


@given(amounts=AMOUNTS, share=st.floats(0.01, 1))
def test_so_many_keep_theirs_and_nobody_has_more_than_the_cap(amounts, share):
    found = experiments.winsorised(amounts, share=share)
    given_ = np.asarray(amounts, dtype=float)
    assert (np.abs(found.values) <= found.cap).all()
    kept = found.values == given_
    assert kept.sum() == len(amounts) - found.people
    assert found.people <= (1 - share) * len(amounts) + 1e-9
    assert (np.sign(found.values[found.values != 0]) == np.sign(given_[found.values != 0])).all()
    assert not amounts or found.cap in np.abs(given_)


def test_below_a_thousand_people_nothing_is_cut_by_the_usual_share():
    amounts = np.arange(999.0)
    assert experiments.winsorised(amounts).people == 0
    assert experiments.winsorised(np.arange(1_001.0)).people == 1


def test_one_person_no_longer_decides():
    """2 x 5,000 people who spend alike; one of them a million: uncut, the interval holds anything."""
    random = np.random.default_rng(11)
    spent = random.gamma(2, 50, 10_000)
    spent[0] = 1e6
    uncut = experiments.lift(spent[:5_000], spent[5_000:], "mean")
    cut = experiments.winsorised(spent).values
    read = experiments.lift(cut[:5_000], cut[5_000:], "mean")
    assert read.high - read.low < (uncut.high - uncut.low) / 20
    assert abs(read.estimate) < 5


@pytest.mark.parametrize("share", [0, -0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(NotASetting):
        experiments.winsorised([1.0], share=share)


@pytest.mark.parametrize("amounts", [[1.0, float("nan")], [[1.0]], ["a"]])
def test_what_is_no_amount_is_refused(amounts):
    with pytest.raises(NotASample):
        experiments.winsorised(amounts)
