"""Growth of sales and of customers, in a small shop computed by hand and in any shop."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.data.traits.tests.shop import LONDON, Shop
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period

MARCH = Period.month(2024, 3, LONDON)
SECOND = Period.days(date(2024, 1, 1), date(2024, 4, 1), LONDON)


@pytest.fixture(scope="module")
def shop():
    """Customers 1 and 2 of Leeds, 3 of Bath.

    | who | 2023-03 | 2024-01 | 2024-02 | 2024-03 |
    |---|---|---|---|---|
    | 1 | 100 | | 60, −10 back | 90 |
    | 2 | | | 30 | |
    | 3 | | | | 50 |
    | nobody | 20 | | | 40 |
    """
    made = Shop()
    for n, city in ((1, "Leeds"), (2, "Leeds"), (3, "Bath")):
        made.customer(n, city=city)
    made.order(1, "2023-03-10", "100", channel="web")
    made.order(None, "2023-03-11", "20", channel="web")
    made.order(1, "2024-02-10", "60", channel="web")
    made.change(1, "2024-02-12", "-10")
    made.order(2, "2024-02-29 23:59", "30", channel="shop")
    made.order(1, "2024-03-05", "90", channel="web")
    made.order(3, "2024-03-31 23:59", "50", channel="shop")
    made.order(None, "2024-03-20", "40", channel="web")
    return made


def cell(shop, slug, period=MARCH, **asked):
    (found,) = queries.evaluate(slug, tables=shop, period=period, **asked)
    return found


def people(shop, slug, period=MARCH, **asked):
    return set(shop.rows_of(queries.population(slug, tables=shop, period=period, **asked)))


def test_sales_grow_against_the_months_before_after_returns_and_with_anonymous_sales(shop):
    found = cell(shop, "sales_growth")
    assert (found.numerator, found.denominator) == (180 - 80, 80)  # 90 + 50 + 40 against 60 − 10 + 30
    assert found.value == 1.25
    assert people(shop, "sales_growth") == {1, 3}


def test_sales_grow_against_the_same_month_a_year_before(shop):
    assert cell(shop, "sales_growth_yoy").value == 180 / 120 - 1
    assert cell(shop, "sales_growth_yoy", where={"channel": "web"}).value == 10 / 120


def test_growth_against_days_without_sales_is_not_known(shop):
    found = cell(shop, "sales_growth", Period.month(2024, 2, LONDON))
    assert found.value is None
    why = queries.why_unknown(queries.metric("sales_growth"), found)
    assert why is not None
    assert "revenue of the period before" in why.en


def test_growth_splits_by_what_a_sale_has_and_not_by_the_moment(shop):
    cells = queries.evaluate("sales_growth", tables=shop, period=MARCH, by=["channel"])
    found = {one.dimensions["channel"]: (one.numerator, one.denominator) for one in cells}
    assert found == {"web": (70, 60), "shop": (20, 30), None: (10, -10)}
    with pytest.raises(UnknownDimension, match="two spans of time"):
        queries.evaluate("sales_growth", tables=shop, period=MARCH, by=["month"])


def test_customers_grow_by_new_ones_for_each_who_had_bought_before(shop):
    assert cell(shop, "total_customers").value == 3
    assert cell(shop, "total_customers", Period.month(2024, 1, LONDON)).value == 1
    assert cell(shop, "customer_growth").value == 1 / 2
    assert cell(shop, "customer_growth", SECOND).value == 2 / 1
    assert people(shop, "customer_growth", SECOND) == {2, 3}
    assert cell(shop, "customer_growth", where={"city": "Leeds"}).value == 0
    assert cell(shop, "customer_growth", Period.month(2023, 3, LONDON)).value is None


def test_active_customers_grow_against_the_period_before_and_open_to_who_came_and_left(shop):
    found = cell(shop, "active_customer_growth")
    assert (found.value, found.numerator, found.denominator) == (0, 0, 2)
    assert people(shop, "active_customer_growth") == {2, 3}


def test_the_period_before_is_as_long():
    assert MARCH.preceding().first_day == date(2024, 2, 1)
    assert SECOND.preceding() == Period.days(date(2023, 10, 1), date(2024, 1, 1), LONDON)
    week = Period.days(date(2024, 3, 4), date(2024, 3, 11), LONDON)
    assert week.preceding().first_day == date(2024, 2, 26)
    leap = Period.days(date(2024, 2, 29), date(2024, 3, 1), LONDON)
    assert leap.year_before() == Period.days(date(2023, 2, 28), date(2023, 3, 1), LONDON)
    before = Period.days(date(2024, 2, 28), date(2024, 2, 29), LONDON)
    assert before.year_before().first_day < before.year_before().end_day


SALES = st.lists(
    st.tuples(
        st.sampled_from([None, 1, 2, 3]),
        st.integers(0, 120),
        st.integers(1, 30),
        st.sampled_from(["web", "shop", None]),
    ),
    min_size=1,
    max_size=20,
)


@pytest.mark.slow
@settings(max_examples=15)
@given(SALES, st.integers(0, 80), st.integers(1, 40))
def test_growth_adds_up_over_channels_and_customers_over_time(sales, first, days):
    shop, start = Shop(), date(2024, 1, 1)
    for n in (1, 2, 3):
        shop.customer(n)
    for who, day, amount, channel in sales:
        shop.order(who, f"{start + timedelta(days=day)} 12:00", str(amount), channel=channel)
    period = Period.days(start + timedelta(days=first), start + timedelta(days=first + days), LONDON)
    whole = cell(shop, "sales_growth", period)
    parts = queries.evaluate("sales_growth", tables=shop, period=period, by=["channel"])
    assert sum(Decimal(one.numerator) for one in parts) == whole.numerator
    assert sum(Decimal(one.denominator or 0) for one in parts) == whole.denominator
    revenue = [cell(shop, "revenue", one).value for one in (period, period.preceding())]
    assert (whole.numerator, whole.denominator) == (revenue[0] - revenue[1], revenue[1])
    growth, new = cell(shop, "customer_growth", period), cell(shop, "new_customers", period).value
    assert growth.numerator == new
    assert growth.numerator + growth.denominator == cell(shop, "total_customers", period).value
