"""Forecasts by earlier cohorts against a count by hand, cell by cell."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.science.cohorts import Cohort
from huoshui.science.errors import NotASetting
from huoshui.science.foretelling import backtest


def cohort(number, bought, whole):
    """A cohort whose size stands first, as `cohorts.read` would give it."""
    nothing = (0,) * len(bought)
    return Cohort(date(2024, 1 + number, 1), bought[0], tuple(bought), nothing, nothing, (), whole)


@st.composite
def tables(draw):
    """Cohorts of up to seven months in a row, the last month over or not."""
    months, over = draw(st.integers(0, 7)), draw(st.integers(0, 1))
    found = []
    for number in range(months):
        size = draw(st.integers(1, 50))
        ages = months - number
        bought = [size, *draw(st.lists(st.integers(0, size), min_size=ages - 1, max_size=ages - 1))]
        found.append(cohort(number, bought, ages - 1 + over))
    return found


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(1, 8))
def test_each_cell_is_foretold_by_the_cohorts_before_it_alone(cohorts, periods):
    came = told = people = 0.0
    apart = [0.0, 0.0, 0.0]
    for place, one in enumerate(cohorts):
        for age in range(1, one.whole):
            if age < one.whole - periods or not place:
                continue
            older = cohorts[:place]
            foretold = sum(c.active[age] for c in older) / sum(c.size for c in older)
            last = older[-1].active[age] / older[-1].size
            before = one.active[age - 1] / one.size if age > 1 else last
            share = one.active[age] / one.size
            came, told, people = came + one.active[age], told + one.size * foretold, people + one.size
            for n, said in enumerate((foretold, last, before)):
                apart[n] += one.size * abs(share - said)
    found = backtest(cohorts, periods=periods)
    if not people:
        assert found is None
        return
    assert found is not None
    assert found.came == came
    assert found.foretold == pytest.approx(told)
    errors = found.error, found.cohort_before, found.period_before
    assert errors == pytest.approx([one / people for one in apart])
    assert sum(one.customers for one in found.ages) == people
    assert sum(one.customers * one.came for one in found.ages) == pytest.approx(came)
    assert sum(one.customers * one.foretold for one in found.ages) == pytest.approx(told)


def test_customers_who_come_back_alike_are_foretold_exactly_and_beat_a_simple_rule():
    cohorts = [cohort(n, [100, 50, 25, 12, 6, 3][: 6 - n], 6 - n) for n in range(6)]
    found = backtest(cohorts, periods=3)
    assert found is not None
    assert found.error == 0
    assert found.foretold == found.came
    assert found.period_before > 0
    assert not found.wins  # the cohort just before it says as much


def test_no_period_to_foretell_is_refused():
    with pytest.raises(NotASetting):
        backtest([], periods=0)
