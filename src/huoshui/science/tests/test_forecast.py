"""Forecasts: what is promised of every series, what is refused, and series of real shops."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.science.errors import NotASetting
from huoshui.science.forecast import (
    NotASeries,
    TooFewValues,
    backtest,
    forecast,
    probability_of_reaching,
    shares,
    total_interval,
)
from huoshui.science.tests import cdnow

MONTHS = 100 + 20 * np.sin(np.arange(48) / 12 * 2 * np.pi) + np.arange(48)
NUMBERS = st.floats(-1e12, 1e12, allow_nan=False).map(lambda one: round(one, 4))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(NUMBERS, min_size=3, max_size=40),
    st.integers(1, 15),
    st.sampled_from([1, 4, 7, 12]),
    st.floats(-1e13, 1e13),
)
def test_every_series_gives_numbers(values, steps, season, target):
    told = forecast(values, steps=steps, season=season)
    for one in (told.mean, told.low, told.high, told.sd):
        assert one.shape == (steps,)
        assert np.isfinite(one).all()
    assert (told.low <= told.high).all()
    total = told.total()
    assert np.isfinite([total.mean, total.sd, *total_interval(told)]).all()
    up, down = (probability_of_reaching(told, target, direction=way) for way in ("up", "down"))
    assert 0 <= up <= 1
    assert up + down == pytest.approx(1) or total.sd == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=3, max_size=30), st.floats(0, 50), st.floats(0, 50))
def test_a_greater_target_is_never_likelier(values, one, other):
    told = forecast(values, steps=4, minimum=0)
    chances = [probability_of_reaching(told, target) for target in sorted((one, other))]
    assert chances[0] >= chances[1]
    assert (told.low >= 0).all()


def test_a_series_without_noise_goes_on():
    told = forecast(MONTHS, steps=12)
    came = 100 + 20 * np.sin(np.arange(48, 60) / 12 * 2 * np.pi) + np.arange(48, 60)
    assert np.abs(told.mean - came).max() < 6
    assert told.method == "seasonal"
    assert told.beats_naive


def test_a_forecast_with_its_back_test_takes_less_than_a_third_of_a_second():
    values = np.random.default_rng(4).normal(100, 10, 72)
    values[50:] += 60
    took = []
    for _ in range(3):
        begun = time.process_time()
        forecast(values, steps=12)
        took.append(time.process_time() - begun)
    assert min(took) < 0.3


def test_what_scales_is_told_alike():
    one, many = forecast(MONTHS, steps=6), forecast(MONTHS * 1000, steps=6)
    assert many.mean == pytest.approx(one.mean * 1000)
    assert many.high == pytest.approx(one.high * 1000)


def test_decimals_are_taken():
    told = forecast([Decimal("10.5"), Decimal("11.5"), Decimal("10"), Decimal("12")], steps=2, season=1)
    assert 9 < told.mean[0] < 13


def test_a_short_series_says_that_it_has_no_season_and_is_wide():
    told = forecast(MONTHS[:18], steps=3)
    assert told.method == "level"
    assert "two whole seasons" in told.said.en
    assert "季节" in told.said.zh
    assert (told.sd >= MONTHS[:18].std() * 0.9).all()


def test_a_constant_series_stays_and_decides_targets():
    told = forecast([5.0] * 30, steps=2)
    assert told.method == "constant"
    assert told.mean == pytest.approx([5, 5])
    assert probability_of_reaching(told, 9) == 1
    assert probability_of_reaching(told, 11) == 0


def test_what_is_done_counts_towards_a_sum_and_not_towards_the_last_value():
    told = forecast(MONTHS, steps=3)
    missing = probability_of_reaching(told, 400)
    assert probability_of_reaching(told, 1400, done=1000) == pytest.approx(missing)
    last = probability_of_reaching(told, float(told.mean[-1]), of="last")
    assert last == pytest.approx(0.5, abs=0.1)
    assert probability_of_reaching(told, float(told.mean[-1]), of="last", done=1e9) == last
    low, high = total_interval(told, done=1000)
    assert low < 1000 + told.mean.sum() < high


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ([1, 2, float("nan"), 4], NotASeries),
        ([1, 2, float("inf")], NotASeries),
        ([[1, 2], [3, 4]], NotASeries),
        (["a", "b", "c"], NotASeries),
        ([1, 2], TooFewValues),
        ([], TooFewValues),
        ([1, -2, 3], NotASeries),
    ],
)
def test_what_is_no_series_is_refused(values, refusal):
    with pytest.raises(refusal):
        forecast(values, steps=2, minimum=0)


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"season": 0}, {"level": 1.0}, {"steps": 1001}])
def test_settings_without_meaning_are_refused(wrong):
    with pytest.raises(NotASetting):
        forecast(MONTHS, **{"steps": 2, **wrong})


@pytest.mark.parametrize("wrong", [{"target": float("nan")}, {"direction": "left"}, {"of": "some"}])
def test_a_target_without_meaning_is_refused(wrong):
    with pytest.raises(NotASetting):
        probability_of_reaching(forecast(MONTHS, steps=2), **{"target": 1.0, **wrong})


@given(st.lists(st.floats(0, 1e9), max_size=60), st.integers(1, 12), st.data())
def test_shares_add_up_and_have_the_place_they_are_given(values, season, data):
    first = data.draw(st.integers(0, season - 1))
    found = shares(values, season=season, first=first)
    assert found.shape == (season,)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1)


def test_shares_are_those_of_past_seasons_whatever_the_growth():
    season = np.array([1.0, 2, 3, 4])
    values = np.concatenate([[9, 9], season, season * 10])  # the first two make no whole season
    assert shares(values, season=4, first=2) == pytest.approx(season / 10)
    assert shares(values[2:], season=4, first=1) == pytest.approx(np.roll(season, 1) / 10)
    assert shares([1, 2], season=4) == pytest.approx([0.25] * 4)
    with pytest.raises(NotASetting):
        shares([1], season=4, first=4)
    with pytest.raises(NotASeries):
        shares([1, float("nan")], season=1)


def test_a_backtest_knows_nothing_of_what_came_later():
    values = MONTHS + np.random.default_rng(3).normal(0, 5, 48)
    changed = values.copy()
    changed[40:] *= 3
    one, other = (backtest(v, steps=3, origins=[30, 36]) for v in (values, changed))
    assert one is not None
    assert one == other
    assert backtest(values[:24], steps=3, origins=[]) is None


@pytest.mark.slow
def test_weeks_of_online_retail_are_nearer_than_the_week_before(test_data):
    table = pq.read_table(test_data("online_retail/online_retail.parquet")).to_pandas()
    weeks = weekly(table, *columns_of_retail(table))
    found = backtest(weeks, steps=4, season=1, minimum=None)
    assert found is not None
    assert found.beats_naive, found
    assert 0.6 < found.covered < 0.97, found


@pytest.mark.slow
def test_weeks_of_cdnow_are_nearer_than_the_week_before(test_data):
    table = cdnow.orders(test_data(cdnow.MASTER)).to_pyarrow().to_pandas()
    weeks = weekly(table, table["day"], table["revenue"])
    # The first quarter of the year is when the customers of the cohort arrived.
    found = backtest(weeks[13:], steps=4, season=1, minimum=0)
    assert found is not None
    assert found.beats_naive, found


def columns_of_retail(table):
    names = {name.lower().replace("_", ""): name for name in table.columns}
    price = names.get("unitprice") or names["price"]
    return table[names["invoicedate"]], table[names["quantity"]] * table[price]


def weekly(table, days, amounts):
    """Revenue of whole weeks."""
    numbers = np.array([one.toordinal() if isinstance(one, date) else one for one in days])
    first = numbers.min()
    weeks = ((numbers - first) // 7).astype(int)
    return np.bincount(weeks, weights=np.asarray(amounts, dtype=float))[:-1]
