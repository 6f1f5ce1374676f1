"""Totals do not depend on where time is cut: over any zone, month, and change of clocks."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from huoshui.data.traits.tests.shop import Shop
from huoshui.kernel.clock import start_of_day
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.errors import UnknownGrain
from huoshui.measure.metrics.periods import GRAINS, Period, in_grains, months_after

ZONES = ("Asia/Shanghai", "Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
FIRST, END = date(2023, 10, 1), date(2024, 5, 1)
MOMENTS = [
    start_of_day(day, ZoneInfo(zone)) + timedelta(microseconds=apart)
    for zone in ZONES
    for day in (
        date(2023, 10, 29),
        date(2023, 10, 30),
        date(2023, 11, 5),
        date(2024, 1, 1),
        date(2024, 3, 31),
    )
    for apart in (-1, 0)
]


@pytest.fixture(scope="module")
def shop():
    made = Shop()
    made.customer(1)
    for moment in MOMENTS:
        local = moment.astimezone(ZoneInfo("Europe/London")).replace(tzinfo=None)
        made.order(1, local.isoformat(sep=" "), "1")
    return made


@pytest.mark.parametrize("zone", ZONES[1:4])
def test_totals_are_equal_over_any_border_of_zone_month_and_clocks(shop, zone):
    house = ZoneInfo(zone)
    turns = (date(2023, 10, 27), date(2023, 11, 7))
    spans = {"day": turns, "month": (FIRST, END), "quarter": (FIRST, END)}
    wholes = {grain: Period.days(*span, house) for grain, span in spans.items()}
    parts = {grain: in_grains(*span, grain, house) for grain, span in spans.items()}
    periods = [*wholes.values(), *(period for some in parts.values() for period in some)]
    found = dict(queries.evaluate_many(["revenue"], tables=shop, periods=periods)["revenue"])
    # The shop writes down house time of London: what it was asked to write may be an hour off where clocks turn.
    written = [row["ordered_at"] for row in shop.rows["orders"]]
    for grain, whole in wholes.items():
        total = found[whole][0].value
        assert total == Decimal(sum(whole.start <= at < whole.end for at in written)) > 20
        assert sum(found[part][0].numerator for part in parts[grain]) == total, grain


@given(
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.integers(1, 900),
    st.sampled_from(GRAINS),
    st.sampled_from(ZONES),
)
@example(date(2011, 12, 29), 3, "day", "Pacific/Apia")
def test_the_periods_of_any_length_make_up_the_days_without_gap_or_overlap(first, days, grain, zone):
    house, end = ZoneInfo(zone), first + timedelta(days=days)
    assume(start_of_day(first, house) < start_of_day(end, house))
    periods = in_grains(first, end, grain, house)
    assert periods[0].start == start_of_day(first, house)
    assert periods[-1].end == start_of_day(end, house)
    assert all(a.end == b.start for a, b in pairwise(periods))
    inner = [period.first_day for period in periods[1:]]
    if grain == "week":
        assert all(day.weekday() == 0 for day in inner)
    elif grain != "day":
        months = {"month": 1, "quarter": 3, "year": 12}[grain]
        assert all(day.day == 1 and (day.month - 1) % months == 0 for day in inner)
        assert all(months_after(a, months) == b for a, b in pairwise(inner))


def test_a_length_that_there_is_not_is_refused():
    with pytest.raises(UnknownGrain, match="quarter"):
        in_grains(FIRST, END, "fortnight", ZoneInfo("UTC"))
