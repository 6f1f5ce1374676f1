"""What customers cost, in a small shop computed by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from huoshui.data.traits.tests.shop import LONDON, Shop
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period

MARCH = Period.month(2024, 3, LONDON)
COSTS = ("spend", "cac", "cac_to_order_value", "cac_to_new_revenue", "payback_months", "roas")


@pytest.fixture(scope="module")
def shop():
    made = Shop()
    for n in range(1, 5):
        made.customer(n)
    made.spend("2024-02-29", "500", "web")
    made.spend("2024-03-01", "60", "web")
    made.spend("2024-03-31", "30.5", "shop")
    made.spend("2024-03-31", "9.5", "radio", campaign="spring")
    made.spend("2024-04-01", "700", "web")
    made.order(1, "2023-05-01", "200", channel="web")
    made.order(1, "2024-03-10", "100", channel="web")
    made.order(2, "2024-03-10", "40", channel="web")
    made.order(2, "2024-03-31 23:59", "60", channel="shop")
    made.order(3, "2024-03-20", "100", channel="shop")
    made.order(None, "2024-03-21", "50", channel="shop")
    made.order(4, "2024-04-01 00:00", "900", channel="web")
    made.change(2, "2024-03-12", "-40")
    return made


def cell(shop, slug, period=MARCH, **asked):
    (found,) = queries.evaluate(slug, tables=shop, period=period, **asked)
    return found


def by(shop, slug, name, period=MARCH):
    cells = queries.evaluate(slug, tables=shop, period=period, by=[name])
    return {one.dimensions[name]: one.value for one in cells}


def people(shop, slug, period=MARCH):
    return set(shop.rows_of(queries.population(slug, tables=shop, period=period)))


def test_spending_is_that_of_the_days(shop):
    assert cell(shop, "spend").value == 100
    assert by(shop, "spend", "channel") == {"radio": Decimal("9.5"), "shop": Decimal("30.5"), "web": 60}
    assert by(shop, "spend", "day") == {date(2024, 3, 1): 60, date(2024, 3, 31): 40}
    spring = Period.days(date(2024, 2, 1), date(2024, 5, 1), LONDON)
    assert by(shop, "spend", "month", spring) == {
        date(2024, 2, 1): 500,
        date(2024, 3, 1): 100,
        date(2024, 4, 1): 700,
    }
    assert cell(shop, "spend", where={"channel": "web"}).value == 60


def test_a_new_customer_costs_all_spending_divided_by_all_of_them(shop):
    found = cell(shop, "cac")
    assert (found.value, found.numerator, found.denominator) == (50, 100, 2)
    assert people(shop, "cac") == {2, 3}


def test_a_channel_without_new_customers_or_without_spending_has_no_cost_of_one(shop):
    assert by(shop, "cac", "channel") == {"radio": None, "shop": Decimal("30.5"), "web": 60}
    lonely = Period.days(date(2023, 5, 1), date(2023, 6, 1), LONDON)
    assert by(shop, "cac", "channel", lonely) == {"web": None}


def test_the_cost_stands_beside_the_value_of_an_order_and_what_new_customers_brought(shop):
    assert cell(shop, "cac_to_order_value").value == 50 / (350 / 5)
    assert cell(shop, "cac_to_new_revenue").value == 50 / (200 / 2)
    assert by(shop, "cac_to_order_value", "channel")["web"] == 60 / (140 / 2)
    assert people(shop, "cac_to_order_value") == {2, 3}


def test_payback_goes_by_the_spending_of_a_customer_in_a_month_of_the_last_twelve(shop):
    # 500 of three customers in twelve months.
    assert cell(shop, "payback_months").value == pytest.approx(50 / (500 / 3 / 12), rel=1e-12)


def test_the_return_on_spending_is_revenue_before_returns(shop):
    found = cell(shop, "roas")
    assert found.value == 3.5
    assert people(shop, "roas") == {1, 2, 3}


@pytest.mark.parametrize("slug", COSTS)
def test_without_reports_of_spending_there_is_no_figure_and_never_zero(shop, slug):
    found = cell(shop, slug, Period.month(2023, 5, LONDON))
    assert found.value is None
    why = queries.why_unknown(queries.metric(slug), found)
    assert why is not None
    assert "spend" in why.en
    assert (found.numerator or found.denominator or 0) >= 0


@pytest.mark.parametrize("slug", COSTS)
def test_spending_has_no_people(shop, slug):
    declared = queries.metric(slug)
    for refused in ("city", "store", "product", "stage"):
        with pytest.raises(UnknownDimension):
            queries.evaluate(slug, tables=shop, period=MARCH, by=[refused])
        assert not queries.can_split(declared, (refused,), tables=shop)
    with pytest.raises(UnknownDimension, match="for which customers"):
        cell(shop, slug, where={"in": "segment:vip"})
    assert not queries.can_split(declared, ("in",), tables=shop)
    assert queries.anonymous("spend", tables=shop, period=MARCH) == 0
    assert queries.opens(declared) == (slug != "spend")
