"""Series whose truth is known: is what comes nearer than the season before, and are intervals and chances honest?

Each test fails only when a one-sided test rejects at 0.1 %. A series counts once: its steps hang together.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, wilcoxon

from huoshui.science.forecast import forecast, probability_of_reaching, total_interval
from huoshui.science.forecast.past import naive_ahead

ALPHA = 0.001
KINDS = ("trend", "walk", "shift", "memory")
STEPS = 12


def series(kind, count, seed):
    """Monthly sales of some years: a season, noise, and a level that rises, wanders, jumps once or forgets slowly."""
    rng = np.random.default_rng(seed)
    at = np.arange(count)
    season = rng.normal(0, rng.uniform(0.05, 0.3), 12)
    noise = rng.normal(0, rng.uniform(0.03, 0.12), count)
    if kind == "trend":
        level = rng.uniform(-0.005, 0.015) * at
    elif kind == "walk":
        level = np.cumsum(rng.normal(0, rng.uniform(0.02, 0.06), count))
    elif kind == "shift":
        level = np.where(at > rng.integers(count // 4, count), rng.normal(0, 0.3), 0.0)
    else:
        level, steps = np.zeros(count), rng.normal(0, 0.06, count)
        for one in range(1, count):
            level[one] = 0.7 * level[one - 1] + steps[one]
    return 1000 * np.exp(level + season[at % 12] - season.mean() + noise)


@pytest.fixture(scope="module")
def told():
    """Series of each kind with 30 to 72 known months: what was told, what came, and the season before."""
    found = []
    for number in range(480):
        kind, known = KINDS[number % 4], (30, 36, 48, 60, 72)[number % 5]
        values = series(kind, known + STEPS, seed=number)
        found.append(
            (
                kind,
                forecast(values[:known], steps=STEPS, minimum=0),
                values[known:],
                naive_ahead(values[:known], STEPS, 12),
            )
        )
    return found


def within(hits, tries, low=0.73, high=0.87):
    """Whether coverage may lie between the two: neither one-sided test rejects."""
    return binom.cdf(hits, tries, low) >= ALPHA and binom.sf(hits - 1, tries, high) >= ALPHA


def test_the_judge_can_say_no():
    assert within(480, 600)
    assert not within(390, 600)
    assert not within(552, 600)


@pytest.mark.slow
@pytest.mark.parametrize("step", [0, 5, 11])
def test_four_of_five_values_lie_in_the_interval(told, step):
    hits = sum(one.low[step] <= came[step] <= one.high[step] for _, one, came, _ in told)
    assert within(hits, len(told)), hits / len(told)


@pytest.mark.slow
def test_four_of_five_sums_lie_in_their_interval(told):
    hits = 0
    for _, one, came, _ in told:
        low, high = total_interval(one)
        hits += low <= came.sum() <= high
    assert within(hits, len(told)), hits / len(told)


@pytest.mark.slow
def test_it_is_nearer_than_the_season_before(told):
    for kind in (None, *KINDS):
        rows = [row for row in told if kind in (None, row[0])]
        nearer = [
            np.abs(naive - came).mean() - np.abs(one.mean - came).mean() for _, one, came, naive in rows
        ]
        assert np.mean(nearer) > 0, kind
        assert wilcoxon(nearer, alternative="greater").pvalue < ALPHA, kind


@pytest.mark.slow
@pytest.mark.parametrize("chance", [0.2, 0.5, 0.8])
def test_targets_are_reached_as_often_as_was_said(told, chance):
    """Of targets set where the forecast gave this chance, as many were reached, give or take seven of a hundred."""
    reached = 0
    for _, one, came, _ in told:
        low, high = 0.0, 10 * float(one.mean.sum())
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if probability_of_reaching(one, middle) > chance else (low, middle)
        reached += came.sum() >= low
    assert within(reached, len(told), chance - 0.07, chance + 0.07), reached / len(told)


@pytest.mark.slow
def test_without_two_seasons_the_interval_is_no_narrower_than_it_says():
    hits, tries = 0, 200
    for seed in range(tries):
        values = series(KINDS[seed % 4], 18 + 3, seed=5000 + seed)
        one = forecast(values[:18], steps=3)
        assert one.method == "level"
        hits += one.low[2] <= values[20] <= one.high[2]
    assert binom.cdf(hits, tries, 0.73) >= ALPHA, hits / tries
