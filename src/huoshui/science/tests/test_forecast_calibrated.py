"""Chances and intervals against what came, over past periods: of series whose truth is known, and of two real shops.

Each forecast knows nothing of what came after its origin. A test fails only when a one-sided test rejects at 0.1 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import binom

from huoshui.science.forecast import forecast, probability_of_reaching
from huoshui.science.forecast.past import naive_ahead
from huoshui.science.tests import cdnow, pasts
from huoshui.science.tests.test_forecast_simulated import ALPHA, KINDS, series, within

pytestmark = pytest.mark.slow

TARGETS = (0.8, 0.9, 1.0, 1.1, 1.25)
"""Parts of what the seasonal naive forecast says of the sum: as a plan sets them."""
WEEKS = 4


@dataclass(frozen=True)
class Told:
    """Of one origin: the chance of each target and whether it was reached; steps held; errors against the naive."""

    name: str
    origin: int
    said: tuple[float, ...]
    reached: tuple[bool, ...]
    held: tuple[bool, ...]
    error: float
    naive: float


def tell(name, values, origin, *, steps, season):
    one = forecast(values[:origin], steps=steps, season=season, minimum=0)
    came, naive = values[origin : origin + steps], naive_ahead(values[:origin], steps, season)
    # A week alone is no yardstick: of weeks, the mean of the last eight.
    base = naive.sum() if season > 1 else values[max(0, origin - 8) : origin].mean() * steps
    return Told(
        name=name,
        origin=origin,
        said=tuple(probability_of_reaching(one, float(base * part)) for part in TARGETS),
        reached=tuple(bool(came.sum() >= base * part) for part in TARGETS),
        held=tuple((one.low <= came) & (came <= one.high)),
        error=float(np.abs(one.mean - came).mean()),
        naive=float(np.abs(naive - came).mean()),
    )


def bins(rows, edges=(0.2, 0.4, 0.6, 0.8)):
    """Of each bin of chances: how many targets, the mean chance said, and how many were reached."""
    said = np.array([one for row in rows for one in row.said])
    reached = np.array([one for row in rows for one in row.reached])
    at = np.digitize(said, edges)
    return [
        (int((at == k).sum()), float(said[at == k].mean()), int(reached[at == k].sum()))
        for k in range(len(edges) + 1)
        if (at == k).any()
    ]


def honest(rows, give):
    """Whether in each bin as many targets were reached as was said, give or take so many."""
    return all(
        within(hits, count, max(said - give, 0.0), min(said + give, 1.0)) for count, said, hits in bins(rows)
    )


def brier(rows):
    """The Brier score of the chances, and of always saying how often targets are reached (G. W. Brier, 1950)."""
    said = np.array([one for row in rows for one in row.said])
    reached = np.array([one for row in rows for one in row.reached], dtype=float)
    return float(((said - reached) ** 2).mean()), float(reached.var())


@pytest.fixture(scope="module")
def simulated():
    """Years of six told year by year, of series whose level rises, wanders, jumps once or forgets slowly."""
    return [
        tell(kind, series(kind, 72, seed=41000 + 10 * number), origin, steps=12, season=12)
        for number in range(25)
        for kind in KINDS
        for origin in (24, 36, 48, 60)
    ]


@pytest.fixture(scope="module")
def shops(test_data):
    """Four weeks told every four weeks, of 52 series of two shops."""
    found = [
        *pasts.retail(test_data("online_retail/online_retail.parquet")),
        *pasts.music(test_data(cdnow.MASTER)),
    ]
    return [
        tell(name, values, origin, steps=WEEKS, season=1)
        for name, values in found
        for origin in range(16, len(values) - WEEKS + 1, WEEKS)
    ]


def test_the_judge_can_say_no():
    sure = Told("", 0, (0.9,) * 5, (True, False, True, False, True), (), 0, 0)
    assert not honest([sure] * 40, 0.07)
    assert honest([Told("", 0, (0.6,) * 5, sure.reached, (), 0, 0)] * 40, 0.07)
    assert brier([sure])[0] > brier([sure])[1]


def test_chances_of_past_years_are_those_with_which_targets_were_reached(simulated):
    assert honest(simulated, 0.07), bins(simulated)
    for origin in (24, 36, 48, 60):  # with two years known as well as with five
        some = [row for row in simulated if row.origin == origin]
        assert honest(some, 0.1), (origin, bins(some))


def test_chances_of_past_years_say_much_more_than_how_often_targets_are_reached(simulated):
    ours, plain = brier(simulated)
    assert ours < plain / 2, (ours, plain)


@pytest.mark.parametrize("origin", [24, 36, 48, 60])
def test_four_of_five_past_months_lay_in_their_interval(simulated, origin):
    rows = [row for row in simulated if row.origin == origin]
    for step in (0, 5, 11):
        hits = sum(row.held[step] for row in rows)
        assert within(hits, len(rows)), (origin, step, hits / len(rows))


@pytest.mark.parametrize("kind", KINDS)
def test_past_years_were_nearer_than_the_year_before_with_two_years_known_too(simulated, kind):
    rows = [row for row in simulated if row.name == kind and row.origin == 24]
    assert np.mean([row.error for row in rows]) < np.mean([row.naive for row in rows])


def test_chances_of_past_weeks_of_two_shops_are_those_with_which_targets_were_reached(shops):
    """Give or take twelve of a hundred: the year of one of them is known once, and it ends in Christmas."""
    assert honest(shops, 0.12), bins(shops)
    ours, plain = brier(shops)
    assert ours < plain, (ours, plain)


def test_four_of_five_past_weeks_of_two_shops_lay_in_their_interval(shops):
    hits = [held for row in shops for held in row.held]
    assert 0.73 < np.mean(hits) < 0.87, np.mean(hits)


def test_past_weeks_of_two_shops_were_nearer_than_the_week_before(shops):
    names = sorted({row.name for row in shops})
    nearer = sum(
        sum(row.error for row in shops if row.name == name)
        < sum(row.naive for row in shops if row.name == name)
        for name in names
    )
    assert binom.sf(nearer - 1, len(names), 0.5) < ALPHA, nearer
    ratios = [np.log(row.error / row.naive) for row in shops if row.naive > 0 and row.error > 0]
    assert np.exp(np.mean(ratios)) < 0.95
