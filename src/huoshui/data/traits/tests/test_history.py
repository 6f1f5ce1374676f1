"""Which moments of the history are kept."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from huoshui.data.traits.services import DAILY_FOR, moments_to_prune
from huoshui.data.traits.tests.shop import LONDON, as_of
from huoshui.kernel.clock import start_of_day

FIRST = date(2024, 1, 1)


def moments(*days):
    return {start_of_day(day, LONDON) for day in days}


def every_day(count):
    return [FIRST + timedelta(days=n) for n in range(count)]


def test_days_are_kept_for_35_days_then_month_ends():
    gone = moments_to_prune(moments(*every_day(121)), as_of=as_of("2024-04-30"))
    kept = sorted(moments(*every_day(121)) - gone)
    # Midnight at the start of a month closes the month before it.
    assert kept[:3] == sorted(moments(date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)))
    assert kept[3:] == sorted(moments(*(date(2024, 3, 26) + timedelta(days=n) for n in range(36))))


def test_the_last_moment_there_is_stands_for_its_month():
    found = moments(date(2023, 5, 3), date(2023, 5, 20), date(2023, 6, 2))
    assert moments_to_prune(found, as_of=as_of("2024-04-30")) == moments(date(2023, 5, 3))


@given(st.sets(st.integers(0, 400)), st.integers(0, 400))
def test_pruning_forgets_no_month_and_nothing_young(days, today):
    found = moments(*(FIRST + timedelta(days=n) for n in days))
    looked_from = as_of((FIRST + timedelta(days=today)).isoformat())
    kept = found - moments_to_prune(found, as_of=looked_from)
    assert {m for m in found if m >= looked_from.at - DAILY_FOR} <= kept

    def months(some):
        return {((m - timedelta(seconds=1)).astimezone(LONDON)).strftime("%Y-%m") for m in some}

    assert months(kept) == months(found)
    assert moments_to_prune(kept, as_of=looked_from) == set()
