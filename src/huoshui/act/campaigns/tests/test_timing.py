"""Due moments: exactly one for each local day, whatever the clocks of a zone do (TIME-01)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.act.campaigns import timing

ZONES = (
    *("America/New_York", "Europe/Berlin", "Australia/Lord_Howe"),
    *("Asia/Shanghai", "Pacific/Apia", "Asia/Kolkata"),
)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(2, 30), time(0), time(2, 15)])
def test_each_local_day_of_four_hundred_has_one_moment_in_order(zone, at):
    theirs = ZoneInfo(zone)
    first = date(2026, 1, 1)
    moments = [timing.moment_of(first + timedelta(days=one), at, theirs) for one in range(400)]
    assert all(before < after for before, after in pairwise(moments))
    for one, moment in enumerate(moments):
        local = moment.astimezone(theirs)
        wall = datetime.combine(first + timedelta(days=one), at)
        assert local.date() == wall.date()
        assert timedelta(0) <= local.replace(tzinfo=None) - wall <= timedelta(hours=1)


def test_an_hour_that_is_left_out_is_the_next_valid_minute():
    berlin = ZoneInfo("Europe/Berlin")
    assert timing.moment_of(date(2026, 3, 29), time(2, 30), berlin) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    found = timing.moment_of(date(2026, 10, 4), time(2, 15), lord_howe).astimezone(lord_howe)
    assert (found.hour, found.minute) == (2, 30)


def test_an_hour_that_comes_twice_is_its_first():
    berlin = ZoneInfo("Europe/Berlin")
    assert timing.moment_of(date(2026, 10, 25), time(2, 30), berlin) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_a_day_that_a_zone_left_out_is_the_first_moment_after_it():
    apia = ZoneInfo("Pacific/Apia")
    found = timing.moment_of(date(2011, 12, 30), time(2, 30), apia).astimezone(apia)
    assert (found.date(), found.hour) == (date(2011, 12, 31), 0)


@given(
    day=st.dates(date(2000, 1, 1), date(2037, 12, 31)),
    at=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
)
def test_a_moment_is_never_before_the_clocks_show_it(day, at, zone):
    theirs = ZoneInfo(zone)
    local = timing.moment_of(day, at, theirs).astimezone(theirs).replace(tzinfo=None)
    assert timedelta(0) <= local - datetime.combine(day, at) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (date(2028, 2, 28), ["02-28", "02-29", "03-01"]),
        (date(2027, 2, 28), ["02-28", "03-01", "03-02"]),
        (date(2100, 2, 28), ["02-28", "03-01", "03-02"]),
        (date(2026, 12, 30), ["12-30", "12-31", "01-01"]),
        (date(2026, 10, 31), ["10-31", "11-01", "11-02"]),
    ],
)
@pytest.mark.parametrize("plan", ["house", "recipient"])
def test_waves_follow_each_other_by_days_of_the_calendar(plan, first, days):
    theirs = ZoneInfo("America/New_York")
    house = theirs if plan == "house" else ZoneInfo("Asia/Shanghai")
    for wave, day in enumerate(days):
        due = timing.due(
            plan, day=first, at=time(9), wave=wave, zone=theirs, began=datetime.now(UTC), house=house
        )
        local = due.astimezone(theirs)
        assert (f"{local:%m-%d}", local.hour) == (day, 9)


def test_nobody_is_due_before_the_audience_is_computed():
    house = ZoneInfo("Europe/London")
    day, at = date(2026, 7, 1), time(9)
    begins = timing.beginning("recipient", day=day, at=at, house=house, now=datetime(2026, 1, 1, tzinfo=UTC))
    for zone in ("Pacific/Kiritimati", *ZONES):
        due = timing.due("recipient", day=day, at=at, wave=0, zone=ZoneInfo(zone), began=begins, house=house)
        assert due >= begins
