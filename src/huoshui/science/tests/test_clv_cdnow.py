"""Published and recomputed figures of CDNOW, the data set by which these models are judged."""

from __future__ import annotations

import ibis
import numpy as np
import pytest

from huoshui.science.clv import (
    BetaGeo,
    GammaGamma,
    ModifiedBetaGeo,
    ParetoNBD,
    backtest,
    tracking_curve,
    value_intervals,
)
from huoshui.science.tests import cdnow

LAST_WEEK = 545 / 7  # the last day of the data, counted as T is
FIGURES = [
    # model, file, parameters, tolerance, log-likelihood, mean absolute error of the hold-out, tolerance
    (BetaGeo, cdnow.SAMPLE, (0.243, 4.414, 0.793, 2.426), 0.001, -9582.4, 0.7855),
    (BetaGeo, cdnow.MASTER, (0.2516, 4.7889, 0.7234, 2.1611), 0.001, -95368.4, 0.8187),
    (ModifiedBetaGeo, cdnow.SAMPLE, (0.525, 6.183, 0.891, 1.614), 0.001, -9582.13, 0.7648),
    (ModifiedBetaGeo, cdnow.MASTER, (0.6371, 7.3103, 0.8075, 1.2284), 0.001, -95337.0, 0.7945),
    (ParetoNBD, cdnow.SAMPLE, (0.553, 10.578, 0.606, 11.669), 0.002, -9595.0, 0.7545),
    (ParetoNBD, cdnow.MASTER, (0.5974, 11.5861, 0.5222, 8.8274), 0.002, -95415.1, 0.7938),
]


@pytest.fixture(scope="module")
def columns(test_data):
    made = {}

    def of(name):
        if name not in made:
            made[name] = cdnow.summary(test_data(name))
        return made[name]

    return of


def judged(data):
    return *history(data), data["frequency_holdout"], data["duration_holdout"]


def spent(data):
    return *history(data), data["monetary_value"]


def history(data):
    return data["frequency"], data["recency"], data["T"]


@pytest.mark.parametrize(("model", "name", "published", "tolerance", "likelihood", "error"), FIGURES)
def test_parameters_likelihood_and_forecasts_are_the_published_ones(
    columns, model, name, published, tolerance, likelihood, error
):
    data = columns(name)
    fitted = model(unit="W").fit(*history(data))
    assert list(fitted.params_.values()) == pytest.approx(published, abs=tolerance)
    assert fitted.log_likelihood_ == pytest.approx(likelihood, abs=0.1)
    assert fitted.converged_
    assert not fitted.prior_used_
    found = backtest(fitted, *judged(data))
    assert found.model.mean_absolute <= error + 0.00005
    assert found.wins


@pytest.mark.parametrize(
    ("name", "published", "likelihood"),
    [(cdnow.SAMPLE, (6.25, 3.74, 15.44), -4055.92), (cdnow.MASTER, (6.275, 3.624, 14.984), None)],
)
def test_money_has_the_published_parameters(columns, name, published, likelihood):
    data = columns(name)
    fitted = GammaGamma(unit="W").fit(data["frequency"], data["monetary_value"])
    assert list(fitted.params_.values()) == pytest.approx(published, abs=0.02)
    if likelihood:
        assert fitted.log_likelihood_ == pytest.approx(likelihood, abs=0.1)
        assert fitted.expected_value(data["frequency"], data["monetary_value"]).mean() == pytest.approx(
            35.253, abs=0.001
        )


def test_the_summary_counts_what_the_papers_count(columns):
    sample, master = columns(cdnow.SAMPLE), columns(cdnow.MASTER)
    assert len(sample["T"]) == 2357
    assert (sample["frequency"].sum(), (sample["frequency"] == 0).sum()) == (2457, 1411)
    assert sample["frequency_holdout"].sum() == 1882
    assert len(master["T"]) == 23570
    assert (master["frequency"].sum(), (master["frequency"] == 0).sum()) == (24337, 14119)
    assert master["frequency_holdout"].sum() == 19684
    assert master["value_holdout"].sum() == pytest.approx(776961.13, abs=0.005)
    assert set(master["duration_holdout"]) == {39.0}


def test_the_sum_of_forecasts_and_the_chance_to_be_alive_are_the_recomputed_ones(columns):
    data = columns(cdnow.SAMPLE)
    for model, total, alive in (
        (BetaGeo, 1653.4, 0.813),
        (ModifiedBetaGeo, 1576.7, 0.449),
        (ParetoNBD, 1665.5, 0.446),
    ):
        fitted = model(unit="W").fit(*history(data))
        assert fitted.expected_purchases(39, *history(data)).sum() == pytest.approx(total, abs=0.1)
        assert fitted.probability_alive(*history(data)).mean() == pytest.approx(alive, abs=0.001)


def test_one_time_buyers_come_back_as_the_paper_says(columns):
    data = columns(cdnow.SAMPLE)
    for model, expected in ((BetaGeo, 0.23), (ParetoNBD, 0.14)):
        fitted = model(unit="W").fit(*history(data))
        found = backtest(fitted, *judged(data))
        assert found.classes[0].customers == 1411
        assert found.classes[0].actual == pytest.approx(0.24, abs=0.005)
        assert found.classes[0].predicted == pytest.approx(expected, abs=0.005)


def test_the_tracking_curve_ends_as_far_below_the_truth_as_published(columns, test_data):
    orders = cdnow.orders(test_data(cdnow.SAMPLE))
    days = orders.select("customer_id", "day").distinct()
    first = days.day.min().over(ibis.window(group_by="customer_id"))
    at = days.mutate(
        first=first.delta(ibis.literal(cdnow.START), unit="day") / 7.0,
        at=days.day.delta(ibis.literal(cdnow.START), unit="day") / 7.0,
    ).to_pyarrow()
    when, born = at["at"].to_numpy(), at["first"].to_numpy()
    for model, below in ((BetaGeo, 0.04), (ParetoNBD, 0.02)):
        fitted = model(unit="W").fit(*history(columns(cdnow.SAMPLE)))
        curve = tracking_curve(fitted, born[when == born], when[when > born], [39.0, LAST_WEEK])
        assert curve.actual[-1] == 2457 + 1882
        assert 1 - curve.predicted[-1] / curve.actual[-1] == pytest.approx(below, abs=0.005)


@pytest.mark.slow
@pytest.mark.parametrize("model", [BetaGeo, ParetoNBD])
def test_realised_value_of_the_holdout_lies_within_the_predictive_intervals(columns, model):
    data = columns(cdnow.MASTER)
    fitted = model(unit="W").fit(*history(data))
    money = GammaGamma(unit="W").fit(data["frequency"], data["monetary_value"])
    found = value_intervals(fitted, money, *spent(data), time=39.0)
    within = (data["value_holdout"] >= found.low - 1e-9) & (data["value_holdout"] <= found.high + 1e-9)
    assert 0.90 <= np.mean(within) <= 0.97
