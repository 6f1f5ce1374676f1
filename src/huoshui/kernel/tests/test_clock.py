"""Moments and days of the house, also on days on which the clock is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel.clock import AsOf, NotADate, now, parse_day, start_of_day, zone_named

LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")
SANTIAGO = ZoneInfo("America/Santiago")  # the clock goes forward at midnight
HAVANA = ZoneInfo("America/Havana")
ZONES = st.sampled_from([LONDON, NEW_YORK, SHANGHAI, SANTIAGO, HAVANA, ZoneInfo("Australia/Lord_Howe")])
DAYS = st.dates(date(1995, 1, 1), date(2035, 1, 1))


def test_now_is_in_utc():
    assert now().tzinfo is UTC


def test_a_day_starts_at_midnight_of_the_house():
    assert start_of_day(date(2024, 3, 10), SHANGHAI) == datetime(2024, 3, 9, 16, tzinfo=UTC)
    assert start_of_day(date(2024, 7, 1), LONDON) == datetime(2024, 6, 30, 23, tzinfo=UTC)


def test_a_day_without_midnight_starts_when_the_clock_jumps():
    start = start_of_day(date(2024, 9, 8), SANTIAGO)  # 00:00 became 01:00
    assert start == datetime(2024, 9, 8, 4, tzinfo=UTC)
    assert start.astimezone(SANTIAGO).time() == time(1)
    assert (start - timedelta(microseconds=1)).astimezone(SANTIAGO).date() == date(2024, 9, 7)


def test_a_day_with_two_midnights_starts_at_the_first():
    start = start_of_day(date(2024, 11, 3), HAVANA)  # 01:00 became 00:00 again
    assert start == datetime(2024, 11, 3, 4, tzinfo=UTC)
    assert start_of_day(date(2024, 11, 4), HAVANA) - start == timedelta(hours=25)


@given(day=DAYS, zone=ZONES)
def test_days_follow_each_other_without_gap(day, zone):
    start, following = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
    assert timedelta(hours=22) < following - start < timedelta(hours=26)
    assert start.astimezone(zone).date() == day
    assert (following - timedelta(microseconds=1)).astimezone(zone).date() == day


def test_days_before_are_calendar_days_when_the_clock_goes_forward():
    as_of = AsOf.day(date(2024, 4, 1), LONDON)  # summer time began on 2024-03-31
    assert as_of.at == datetime(2024, 3, 31, 23, tzinfo=UTC)
    assert as_of.days_before(1) == datetime(2024, 3, 31, 0, tzinfo=UTC)  # a day of 23 hours
    assert as_of.days_before(2) == datetime(2024, 3, 30, 0, tzinfo=UTC)


def test_days_before_are_calendar_days_when_the_clock_goes_back():
    as_of = AsOf.day(date(2024, 11, 4), NEW_YORK)
    assert as_of.at - as_of.days_before(1) == timedelta(hours=25)


def test_thirty_days_before_the_tenth_of_march_is_the_ninth_of_february():
    as_of = AsOf.day(date(2024, 3, 10), SHANGHAI)
    assert as_of.days_before(30) == start_of_day(date(2024, 2, 9), SHANGHAI)
    assert as_of.days_before(0) == as_of.at


def test_inside_a_day_that_day_is_the_first_of_the_days():
    noon = AsOf(at=datetime(2024, 3, 10, 4, tzinfo=UTC), zone=SHANGHAI)  # 12:00 in Shanghai
    assert noon.days_before(1) == start_of_day(date(2024, 3, 10), SHANGHAI)
    assert noon.days_before(2) == start_of_day(date(2024, 3, 9), SHANGHAI)


def test_a_day_whose_midnight_does_not_exist_starts_at_one():
    spring = AsOf.day(date(1999, 3, 28), ZoneInfo("America/Havana"))
    assert spring.at == datetime(1999, 3, 28, 5, tzinfo=UTC)
    assert str(spring) == "1999-03-28"
    assert spring.days_before(0) == spring.at
    assert spring.days_before(1) == datetime(1999, 3, 27, 5, tzinfo=UTC)


@given(day=DAYS, days=st.integers(0, 1000), zone=ZONES)
def test_a_window_starts_with_a_day_of_the_house(day, days, zone):
    assert AsOf.day(day, zone).days_before(days) == start_of_day(day - timedelta(days=days), zone)


def test_a_moment_writes_itself_as_a_day_or_a_time_of_the_house():
    assert str(AsOf.day(date(2024, 3, 10), SHANGHAI)) == "2024-03-10"
    assert str(AsOf(at=datetime(2024, 3, 10, tzinfo=UTC), zone=SHANGHAI)) == "2024-03-10T08:00:00+08:00"


def test_days_are_written_with_the_year_first():
    assert parse_day("2024-02-29") == date(2024, 2, 29)
    for text in ("", "29.02.2024", "2023-02-29", "2024-2-9", "tomorrow", "2024-02-29T00:00"):
        with pytest.raises(NotADate):
            parse_day(text)


def test_zones_have_their_names():
    assert zone_named("Asia/Shanghai") == SHANGHAI
    for name in ("", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Asia", "Beijing time", "\x00"):
        with pytest.raises(NotADate):
            zone_named(name)
