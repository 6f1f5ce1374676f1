"""The period and the slice are chosen once and kept in the address."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.kernel.errors import HuoshuiError
from huoshui.web.address import Chosen, chosen

END = date(2026, 11, 21)


def asked(query: str) -> Chosen:
    return chosen(RequestFactory().get(f"/?{query}"))


def test_nothing_said_is_the_last_thirty_days_of_everything():
    usual = asked("")
    assert usual.days(END) == (date(2026, 10, 22), END)
    assert usual.before(END) == (date(2026, 9, 22), date(2026, 10, 22))
    assert usual.query == ""


def test_days_can_be_named_and_both_are_in():
    named = asked("period=2026-02-01..2026-02-28")
    assert named.days(END) == (date(2026, 2, 1), date(2026, 3, 1))
    assert named.before(END) == (date(2026, 1, 4), date(2026, 2, 1))


def test_this_year_begins_on_its_first_day_also_on_the_first_of_january():
    assert asked("period=year").days(END) == (date(2026, 1, 1), END)
    assert asked("period=year").days(date(2027, 1, 1)) == (date(2026, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    "period", ["decade", "2026-02-30..2026-03-01", "2026-03-02..2026-03-01", "..", "0001-01-01..0001-01-02"]
)
def test_a_period_that_is_none_is_refused_with_what_would_be_valid(period: str):
    with pytest.raises(HuoshuiError) as refusal:
        asked(f"period={period}")
    assert refusal.value.valid


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(["channel", "store"]), st.text(min_size=1, max_size=20)))
def test_a_slice_comes_back_as_it_was_chosen(cut: dict[str, str]):
    query = Chosen(period="7d", slice=cut).query
    back = asked(query.removeprefix("?"))
    assert back.slice == cut
    assert back.period == "7d"


def test_choosing_something_else_keeps_the_rest():
    here = asked("period=7d&slice=channel:tmall")
    assert here.with_(period="30d") == "?slice=channel%3Atmall"
    assert here.with_(channel=None) == "?period=7d"
