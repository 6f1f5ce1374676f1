"""Festivals: days that anybody can look up, and what a period compares with a year before."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.desk.organisation.festivals import Calendar, Festival, usual_festivals
from huoshui.kernel.texts import Text

CALENDAR = Calendar()
DAYS = st.dates(date(2016, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "slug"),
    [
        (date(2026, 2, 16), "spring_festival"),
        (date(2026, 2, 23), "spring_festival"),
        (date(2026, 2, 24), None),
        (date(2027, 2, 5), "spring_festival"),
        (date(2025, 10, 6), "mid_autumn"),
        (date(2025, 10, 7), "national_day"),
        (date(2024, 6, 18), "june_18"),
        (date(2024, 6, 10), "dragon_boat"),
        (date(2025, 11, 11), "double_11"),
        (date(2025, 11, 28), "black_friday"),
        (date(2025, 12, 1), "black_friday"),
        (date(2025, 8, 30), None),
    ],
)
def test_a_day_belongs_to_the_festival_that_the_calendar_says(day, slug):
    found = CALENDAR.festival_of(day)
    assert (found.slug if found else None) == slug


def test_the_spring_festival_is_compared_with_the_spring_festival():
    found = CALENDAR.same_days_last_year(date(2026, 2, 1), date(2026, 3, 1))
    assert (found.first, found.end) == (date(2025, 1, 13), date(2025, 2, 10))
    assert found.festival is not None
    assert found.festival.slug == "spring_festival"


def test_days_without_a_festival_are_compared_with_the_same_dates():
    found = CALENDAR.same_days_last_year(date(2025, 7, 1), date(2025, 8, 1))
    assert (found.first, found.end, found.festival) == (date(2024, 7, 1), date(2024, 8, 1), None)


def test_a_sale_on_fixed_dates_is_compared_with_the_same_dates():
    found = CALENDAR.same_days_last_year(date(2025, 11, 1), date(2025, 11, 12))
    assert (found.first, found.end) == (date(2024, 11, 1), date(2024, 11, 12))


@given(DAYS, st.integers(1, 400))
def test_as_many_days_are_compared_and_none_of_them_is_in_the_period_of_a_month(first, days):
    end = first + timedelta(days=days)
    found = CALENDAR.same_days_last_year(first, end)
    assert found.end - found.first == end - first
    assert 300 < (first - found.first).days < 430


@pytest.mark.parametrize("slug", ["spring_festival", "dragon_boat", "qixi", "mid_autumn"])
def test_festivals_of_the_moon_come_after_twelve_or_thirteen_moons(slug):
    days = [one.first for year in range(2015, 2036) for one in CALENDAR.of_year(year) if one.slug == slug]
    assert len(days) == 21
    for one, following in pairwise(days):
        moons = (following - one).days / 29.530588
        assert abs(moons - round(moons)) < 0.06
        assert round(moons) in (12, 13)


def test_a_house_has_its_own_days_instead_of_the_usual_ones():
    name = Text("618", "618")
    own = Festival(slug="june_18", name=name, first=date(2025, 5, 13), last=date(2025, 6, 18))
    calendar = Calendar(own=(own,))
    assert [one for one in calendar.of_year(2025) if one.slug == "june_18"] == [own]
    assert calendar.festival_of(date(2025, 6, 20)) is None
    assert calendar.festival_of(date(2024, 6, 20)) is not None
    moved = calendar.same_days_last_year(date(2025, 5, 13), date(2025, 6, 19))
    assert moved.first == date(2024, 6, 1)


def test_every_festival_has_a_name_in_both_languages():
    names = dict(usual_festivals())
    assert len(names) == 15
    assert all(name.en and name.zh for name in names.values())
