"""A level that changed is told of: which month, by how much, how sure; and nothing is told where none did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from huoshui.science.forecast import Change, forecast
from huoshui.science.tests.test_forecast_breaks import quiet
from huoshui.science.tests.test_forecast_simulated import ALPHA

KNOWN = 48
STEADY, WANDERING = 0.05, 0.15
"""The stated rates at which a change is told of though none was."""


def months(kind, seed, *, size=0.0, back=8):
    """Months with a season of their own, whose level changes by ``size`` as a part, ``back`` months before the last."""
    rng = np.random.default_rng(seed)
    at = np.arange(KNOWN)
    season = rng.normal(0, rng.uniform(0.05, 0.3), 12)
    odd = {
        "steady": lambda: rng.normal(0, rng.uniform(0.03, 0.12), KNOWN),
        "trend": lambda: at * rng.uniform(-0.02, 0.03) + rng.normal(0, 0.06, KNOWN),
        "heavy tails": lambda: 0.05 * rng.standard_t(3, KNOWN),
        "wandering": lambda: np.cumsum(rng.normal(0, 0.03, KNOWN)) + rng.normal(0, 0.05, KNOWN),
    }[kind]()
    return 1000 * np.exp(np.where(at >= KNOWN - back, np.log1p(size), 0.0) + season[at % 12] + odd)


def told_of(values, *, steps) -> Change:
    """The change that is told of, which has to be there."""
    change = forecast(values, steps=steps).change
    assert change is not None
    return change


def test_a_change_is_told_with_its_month_and_its_size_in_both_units():
    values = quiet(48)
    values[38:] += 60
    change = told_of(values, steps=12)
    assert change.at == 38
    assert change.by == pytest.approx(60, abs=4)
    assert change.share == pytest.approx(0.6, abs=0.05)
    assert change.sure > 0.9


def test_a_fall_is_below_zero():
    change = told_of(months("steady", 3, size=-0.4), steps=6)
    assert change.at == pytest.approx(40, abs=1)
    assert change.by < 0
    assert change.share == pytest.approx(-0.4, abs=0.1)


def test_a_level_at_or_below_zero_has_no_part_of_it():
    values = quiet(48) - 150
    values[38:] += 60
    change = told_of(values, steps=12)
    assert (change.at, change.share) == (38, None)
    assert change.by == pytest.approx(60, abs=4)


def test_an_odd_month_the_last_month_and_a_season_nobody_knows_yet_are_no_change():
    odd, last, short = quiet(48), quiet(48), quiet(20)
    odd[41] += 150
    last[-1] += 60
    short[10:] += 60
    assert [forecast(values, steps=12).change for values in (odd, last, short)] == [None] * 3


def test_what_is_told_of_the_change_does_not_alter_the_forecast():
    values = quiet(48)
    values[38:] += 60
    told = forecast(values, steps=3)
    assert replace(told, change=None).total() == told.total()


def test_nothing_is_told_of_a_series_of_equal_values():
    assert forecast([5.0] * 48, steps=6).change is None


@pytest.mark.parametrize(
    ("kind", "rate"),
    [("steady", STEADY), ("trend", STEADY), ("heavy tails", STEADY), ("wandering", WANDERING)],
)
def test_where_no_level_changed_hardly_ever_one_is_told_of(kind, rate):
    told = sum(forecast(months(kind, seed), steps=6).change is not None for seed in range(60))
    assert binom.sf(told - 1, 60, rate) >= ALPHA, told


@pytest.mark.parametrize("size", [0.5, -0.4])
@pytest.mark.parametrize("back", [4, 8, 18])
def test_a_clear_change_is_told_of_at_the_right_month(size, back):
    told = [forecast(months("steady", seed, size=size, back=back), steps=6).change for seed in range(30)]
    seen = [one for one in told if one is not None]
    right = [one for one in seen if abs(one.at - (KNOWN - back)) <= 1]
    assert binom.cdf(len(seen), 30, 0.8) >= ALPHA, len(seen)
    assert binom.cdf(len(right), len(seen), 0.95) >= ALPHA, (len(right), len(seen))
    assert np.median([one.share for one in right]) == pytest.approx(size, abs=0.08)
