"""A level that changed and stayed, and a single odd month: what is told after them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, wilcoxon

from huoshui.science.forecast import forecast
from huoshui.science.forecast.models import Model
from huoshui.science.forecast.past import naive_ahead
from huoshui.science.tests.test_forecast_simulated import ALPHA

STEPS = 12
SEASON = 20 * np.sin(np.arange(12) / 12 * 2 * np.pi)


def quiet(count, seed=0):
    """A level of 100 with a season of 20 and a noise of 2."""
    return 100 + SEASON[np.arange(count) % 12] + np.random.default_rng(seed).normal(0, 2, count)


def jumped(known, back, seed):
    """Months whose level changed by a fifth to four fifths, ``back`` months before the last known one."""
    rng = np.random.default_rng(seed)
    at = np.arange(known + STEPS)
    season = rng.normal(0, rng.uniform(0.05, 0.3), 12)
    noise = rng.normal(0, rng.uniform(0.03, 0.12), known + STEPS)
    size = rng.choice([-1, 1]) * rng.uniform(0.2, 0.6)
    return 1000 * np.exp(np.where(at >= known - back, size, 0.0) + season[at % 12] + noise)


def test_the_new_level_is_gone_on_with_and_the_season_is_kept():
    values = quiet(48)
    values[38:] += 60
    told = forecast(values, steps=STEPS)
    assert told.mean == pytest.approx(160 + SEASON, abs=6)
    assert (told.high - told.low).max() < 20


def test_an_odd_month_of_the_past_does_not_go_on():
    values = quiet(48)
    odd = values.copy()
    odd[41] += 150
    assert forecast(odd, steps=STEPS).mean == pytest.approx(forecast(values, steps=STEPS).mean, abs=6)


def test_after_one_odd_month_nobody_knows_whether_it_stays():
    values = quiet(48)
    values[-1] += 60
    told = forecast(values, steps=STEPS)
    assert (told.low <= 103 + SEASON).all()
    assert (told.high >= 157 + SEASON).all()


def test_the_month_after_says_which_it_was():
    stayed, went = quiet(50), quiet(50)
    stayed[46:] += 60
    went[46] += 60
    assert forecast(stayed, steps=STEPS).mean.mean() == pytest.approx(160, abs=8)
    assert forecast(went, steps=STEPS).mean.mean() == pytest.approx(100, abs=8)


@pytest.mark.slow
def test_in_series_without_breaks_few_are_seen():
    seen = sum(bool(Model.of(quiet(60, seed), season=12, steps=3).happened()) for seed in range(40))
    assert binom.sf(seen - 1, 40, 0.1) >= ALPHA, seen


def test_a_break_that_is_not_there_yet_is_not_known():
    values = quiet(48)
    values[40:] += 60
    model = Model.of(values, season=12, steps=3)
    assert model.happened() == [40]
    there = model.breaks.at == 40
    assert model.weighed(40).shares[1:][there].sum() == 0
    assert model.weighed(42).shares[1:][there].sum() > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("known", [30, 36, 48])
@pytest.mark.parametrize("back", [3, 6, 18])
def test_after_a_jump_it_is_nearer_than_the_year_before_and_the_interval_holds(known, back):
    nearer, hits = [], []
    for seed in range(40):
        values = jumped(known, back, seed=1000 * known + 100 * back + seed)
        told, came = forecast(values[:known], steps=STEPS, minimum=0), values[known:]
        naive = naive_ahead(values[:known], STEPS, 12)
        nearer.append(np.abs(naive - came).mean() - np.abs(told.mean - came).mean())
        hits.append(told.low[5] <= came[5] <= told.high[5])
    assert np.mean(nearer) > 0
    assert back == 18 or wilcoxon(nearer, alternative="greater").pvalue < ALPHA
    assert binom.cdf(sum(hits), len(hits), 0.73) >= ALPHA, np.mean(hits)


@pytest.mark.slow
def test_a_jump_between_two_years_of_which_only_these_are_known_makes_the_interval_wide():
    """It cannot be told from a trend: the interval holds both."""
    hits = []
    for seed in range(60):
        values = jumped(24, 12, seed=7000 + seed)
        told = forecast(values[:24], steps=STEPS, minimum=0)
        hits.append(told.low[11] <= values[35] <= told.high[11])
    assert binom.cdf(sum(hits), len(hits), 0.73) >= ALPHA, np.mean(hits)
