"""The person's own day and night, also where clocks jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from huoshui.act.messages.hours import local_day, quiet_until, zone_of

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Shanghai",
    "Pacific/Apia",
    "Asia/Kolkata",
)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("begin", "end"), [(21 * 60, 8 * 60), (150, 165), (0, 150), (23 * 60 + 30, 90)])
def test_quiet_hours_end_outside_of_them_and_not_before_it_is_quiet(zone, begin, end):
    there = ZoneInfo(zone)
    moment = datetime(2011, 12, 1, tzinfo=UTC) if zone == "Pacific/Apia" else datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(400 * 8):
        moment += timedelta(hours=3)
        ends = quiet_until(moment, there, begin, end)
        if ends is None:
            continue
        assert moment < ends <= moment + timedelta(hours=25)
        minute = ends.astimezone(there).hour * 60 + ends.astimezone(there).minute
        assert minute >= end
        assert ends.astimezone(there).date() - moment.astimezone(there).date() <= timedelta(days=2)


def test_a_message_held_over_the_night_leaves_once_on_each_local_day():
    for zone in ZONES:
        there, day = ZoneInfo(zone), set()
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        for _ in range(400):
            leaves = quiet_until(moment, there, 21 * 60, 8 * 60) or moment
            assert local_day(leaves, there) not in day
            day.add(local_day(leaves, there))
            moment = leaves + timedelta(hours=24)


def test_equal_times_are_no_quiet_hours_and_a_zone_that_is_none_is_the_houses():
    house = ZoneInfo("Asia/Shanghai")
    assert quiet_until(datetime(2026, 1, 1, 20, tzinfo=UTC), house, 60, 60) is None
    assert zone_of("", house) is house
    assert zone_of("Mars/Base", house) is house
    assert zone_of("Europe/Berlin", house) == ZoneInfo("Europe/Berlin")
