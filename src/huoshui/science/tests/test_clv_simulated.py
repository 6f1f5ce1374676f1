"""Customers whose truth is known: do the estimators find it, and are their intervals as wide as they say?

Each test fails only when a one-sided test rejects at 0.1 %.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm

from huoshui.science.clv import (
    BetaGeo,
    GammaGamma,
    ModifiedBetaGeo,
    ParetoNBD,
    SteadyRate,
    simulate,
    value_intervals,
)
from huoshui.science.errors import NotASetting

BG = {"unit": "W", "params": {"r": 0.6, "alpha": 5.0, "a": 0.8, "b": 2.5}}
PARETO = {"unit": "W", "params": {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 10.0}}
TRUTHS = [BetaGeo.from_dict(BG), ModifiedBetaGeo.from_dict(BG), ParetoNBD.from_dict(PARETO)]
MONEY = GammaGamma.from_dict({"params": {"p": 6.0, "q": 4.0, "v": 15.0}})
ALPHA = 0.001


def names(one):
    return type(one).__name__


def drawn(model, number, seed, ahead=52.18):
    return simulate(
        model, MONEY, np.random.default_rng(seed).integers(26, 104, number), ahead=ahead, seed=seed
    )


def within(hits, tries, low=0.90, high=0.97):
    """Whether coverage may lie between the two: neither one-sided test rejects."""
    return binom.cdf(hits, tries, low) >= ALPHA and binom.sf(hits - 1, tries, high) >= ALPHA


def test_the_judge_can_say_no():
    assert within(950, 1000)
    assert not within(850, 1000)
    assert not within(995, 1000)


@pytest.mark.parametrize("truth", TRUTHS, ids=names)
def test_parameters_of_many_customers_are_found(truth):
    data = drawn(truth, 40_000, seed=11)
    fitted = type(truth)(unit="W").fit(data.frequency, data.recency, data.T)
    far = norm.isf(ALPHA)
    for name, value in truth.params_.items():
        off = np.log(fitted.params_[name] / value) * fitted.params_[name] / fitted.standard_errors_[name]
        assert abs(off) < far, name


def test_parameters_of_money_are_found():
    data = drawn(TRUTHS[0], 40_000, seed=12)
    fitted = GammaGamma().fit(data.frequency, data.monetary_value)
    for name, value in MONEY.params_.items():
        off = np.log(fitted.params_[name] / value) * fitted.params_[name] / fitted.standard_errors_[name]
        assert abs(off) < norm.isf(ALPHA), name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "tries", "number"),
    [(TRUTHS[0], 120, 2000), (TRUTHS[2], 40, 1500)],
    ids=["BetaGeo", "ParetoNBD"],
)
def test_parameter_intervals_cover_the_truth_as_often_as_they_say(truth, tries, number):
    hits = dict.fromkeys(truth.params_, 0)
    for seed in range(tries):
        data = drawn(truth, number, seed=1000 + seed)
        ends = type(truth)(unit="W").fit(data.frequency, data.recency, data.T).parameter_intervals()
        for name, value in truth.params_.items():
            hits[name] += ends[name][0] <= value <= ends[name][1]
    assert all(within(count, tries) for count in hits.values()), hits


@pytest.mark.slow
@pytest.mark.parametrize("truth", TRUTHS[:2], ids=names)
def test_intervals_of_the_chance_to_be_a_customer_cover_the_truth(truth):
    past = ([1.0, 4.0, 12.0, 2.0], [10.0, 60.0, 50.0, 5.0], [52.0, 80.0, 104.0, 90.0])
    really, tries, hits = truth.probability_alive(*past), 150, np.zeros(4)
    for seed in range(tries):
        data = drawn(truth, 1500, seed=5000 + seed)
        fitted = type(truth)(unit="W").fit(data.frequency, data.recency, data.T)
        low, high = fitted.probability_alive_interval(*past)
        hits += (low <= really) & (really <= high)
    assert all(within(int(count), tries) for count in hits), hits


@pytest.mark.slow
def test_intervals_of_the_parameters_of_money_cover_the_truth():
    tries, hits = 120, dict.fromkeys(MONEY.params_, 0)
    for seed in range(tries):
        data = drawn(TRUTHS[0], 2000, seed=3000 + seed)
        ends = GammaGamma().fit(data.frequency, data.monetary_value).parameter_intervals()
        for name, value in MONEY.params_.items():
            hits[name] += ends[name][0] <= value <= ends[name][1]
    assert all(within(count, tries) for count in hits.values()), hits


@pytest.mark.parametrize("truth", TRUTHS, ids=names)
def test_realised_values_lie_within_the_predictive_intervals_as_often_as_they_say(truth):
    number = 4000
    data = drawn(truth, number, seed=21)
    fitted = type(truth)(unit="W").fit(data.frequency, data.recency, data.T)
    money = GammaGamma(unit="W").fit(data.frequency, data.monetary_value)
    found = value_intervals(
        fitted, money, data.frequency, data.recency, data.T, data.monetary_value, time=52.18
    )
    hits = int(((data.value_ahead >= found.low) & (data.value_ahead <= found.high)).sum())
    assert within(hits, number), hits / number
    expected = found.nothing.sum()
    spread = np.sqrt((found.nothing * (1 - found.nothing)).sum())
    assert abs((data.value_ahead == 0).sum() - expected) < 4 * spread


@pytest.mark.parametrize("truth", TRUTHS, ids=names)
def test_forecasts_add_up_to_what_comes(truth):
    data = drawn(truth, 40_000, seed=31)
    expected = truth.expected_purchases(52.18, data.frequency, data.recency, data.T)
    off = data.frequency_ahead - expected
    assert abs(off.sum()) < norm.isf(ALPHA / 2) * off.std() * np.sqrt(len(off))
    value = (expected * MONEY.expected_value(data.frequency, data.monetary_value)).sum()
    error = data.value_ahead.std() * np.sqrt(len(off))
    assert abs(data.value_ahead.sum() - value) < norm.isf(ALPHA / 2) * error


def test_the_same_seed_gives_the_same_customers():
    one, other = drawn(TRUTHS[0], 50, 1), drawn(TRUTHS[0], 50, 1)
    assert (one.recency == other.recency).all()
    assert (drawn(TRUTHS[0], 50, 2).recency != one.recency).any()


def test_a_rule_without_leaving_cannot_be_drawn_from():
    with pytest.raises(NotASetting):
        simulate(SteadyRate.from_dict({"params": {"r": 1, "alpha": 1}}), None, [1.0], ahead=1, seed=1)
