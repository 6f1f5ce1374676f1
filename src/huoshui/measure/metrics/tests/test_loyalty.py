"""Whether customers come back, by fixed spans and by stage, in a small shop computed by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huoshui.data.traits.tests.shop import LONDON, Shop
from huoshui.kernel.clock import start_of_day
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period

APRIL = Period.month(2024, 4, LONDON)
YEAR = Period.days(date(2023, 4, 1), date(2024, 4, 1), LONDON)


def cell(shop, slug, period=APRIL, **asked):
    (found,) = queries.evaluate(slug, tables=shop, period=period, **asked)
    return found


def people(shop, slug, period=APRIL, **asked):
    return set(shop.rows_of(queries.population(slug, tables=shop, period=period, **asked)))


@pytest.fixture(scope="module")
def newcomers():
    """First purchases whose ninetieth day after lies in April: from 2 January to 31 January 2024."""
    made = Shop()
    for n in range(1, 8):
        made.customer(n)
    made.order(1, "2024-01-01 23:59", channel="web")  # their days ended in March
    made.order(1, "2024-01-02", channel="web")
    made.order(2, "2024-01-02 00:00", channel="web")
    made.order(2, "2024-03-31 23:59", channel="shop")  # the ninetieth day
    made.order(3, "2024-01-02 23:00", channel="web")
    made.order(3, "2024-04-01 00:00", channel="web")  # the ninety-first
    made.order(4, "2024-01-31 23:59", channel="shop")
    made.order(4, "2024-01-31 23:59", channel="shop")  # twice at once
    made.order(5, "2024-02-01 00:00", channel="shop")  # their days end in May
    made.order(5, "2024-02-02", channel="shop")
    made.order(6, "2023-06-01")
    made.order(6, "2024-01-05")
    made.order(None, "2024-01-10", channel="web")
    return made


def test_activation_looks_back_so_that_everybody_has_had_the_time(newcomers):
    found = cell(newcomers, "activation_rate")
    assert (found.numerator, found.denominator) == (2, 3)
    assert people(newcomers, "activation_rate") == {2, 4}


def test_activation_by_channel_is_that_of_the_first_purchase(newcomers):
    cells = queries.evaluate("activation_rate", tables=newcomers, period=APRIL, by=["channel"])
    assert {c.dimensions["channel"]: c.value for c in cells} == {"web": 1 / 2, "shop": 1}


@pytest.fixture(scope="module")
def shop():
    """Everybody here buys once or at intervals of 90 days: silent from 180 days without a purchase, lost from 360."""
    made, end = Shop(), date(2024, 4, 1)
    for n in range(1, 8):
        made.customer(n, city="Leeds" if n % 2 else "Bath")

    def bought(who: int | None, *days_before: int) -> None:
        for days in days_before:
            made.order(who, f"{end - timedelta(days=days)} 12:00")

    bought(1, 400)  # active a year ago, lost now
    bought(2, 400, 10)
    bought(3, 700)  # silent a year ago, lost now
    bought(4, 700, 100)  # won back
    bought(5, 800)  # lost both times
    bought(6, 800, 200)  # won back, silent again
    bought(7, 50)  # not there a year ago
    bought(None, 20)
    return made


def test_churn_is_of_those_who_were_not_lost_at_the_start(shop):
    # At the start 1, 2, 3 and 4 were not lost; at the end 1 and 3 are.
    found = cell(shop, "churn_rate", YEAR)
    assert (found.numerator, found.denominator) == (2, 4)
    assert people(shop, "churn_rate", YEAR) == {1, 3}
    assert cell(shop, "churn_rate", YEAR, where={"city": "Bath"}).value == 0


def test_won_back_is_who_was_silent_or_lost_and_bought(shop):
    found = cell(shop, "win_back_rate", YEAR)
    assert (found.numerator, found.denominator) == (2, 4)
    assert people(shop, "win_back_rate", YEAR) == {4, 6}


def test_net_growth_opens_to_who_came_in_and_who_dropped_out(shop):
    # At the end 2, 4, 6 and 7 are not lost.
    found = cell(shop, "net_customer_growth", YEAR)
    assert (found.numerator, found.denominator, found.value) == (0, 4, 0)
    assert people(shop, "net_customer_growth", YEAR) == {1, 3, 6, 7}


def test_stages_behind_these_rates_are_those_of_the_catalogue_of_traits(shop):
    starts = Period.days(date(2023, 3, 31), date(2023, 4, 1), LONDON)
    lost = [people(shop, "customers_by_stage", one, where={"stage": "lost"}) for one in (starts, YEAR)]
    assert lost == [{5, 6}, {1, 3, 5}]


def test_churn_of_twelve_months_is_what_retention_leaves(shop):
    found = {slug: cell(shop, slug, YEAR) for slug in ("churn_12m", "retention_12m")}
    # Days 366 to 731 before the end: 1, 2, 3 and 4 bought; of these 2 and 4 did again.
    assert {slug: (one.numerator, one.denominator) for slug, one in found.items()} == {
        "churn_12m": (2, 4),
        "retention_12m": (2, 4),
    }
    assert people(shop, "churn_12m", YEAR) == {1, 3}


def test_frequency_is_of_known_customers(shop):
    found = cell(shop, "purchase_frequency", YEAR)
    # 2, 4, 6 and 7 bought once each in the year, nobody twice; somebody anonymous does not count.
    assert (found.numerator, found.denominator) == (4, 4)
    ever = Period.days(date(2021, 1, 1), date(2024, 4, 1), LONDON)
    assert cell(shop, "purchase_frequency", ever).value == 10 / 7


@pytest.mark.parametrize("slug", ["churn_rate", "win_back_rate", "net_customer_growth", "churn_12m"])
def test_rates_of_people_have_no_dimensions_of_a_sale(shop, slug):
    with pytest.raises(UnknownDimension):
        queries.evaluate(slug, tables=shop, period=YEAR, by=["channel"])
    assert start_of_day(date(2024, 4, 1), LONDON) == YEAR.end
