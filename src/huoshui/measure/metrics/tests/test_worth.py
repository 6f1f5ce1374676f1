"""High value, concentration and the value to come, beside what they are made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from huoshui.data.traits.tests.shop import LONDON, Shop
from huoshui.know.value import forecasting
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period

YEAR = Period.days(date(2023, 4, 1), date(2024, 4, 1), LONDON)


@pytest.fixture(scope="module")
def shop():
    """Forty customers: the higher their number, the more and the later they bought; some of the best are gone."""
    made = Shop()
    for n in range(1, 41):
        made.customer(n, city="Leeds" if n % 2 else "Bath")
        for times in range(1 + n // 8):
            day = date(2022, 6, 1) + timedelta(
                days=n * 5 + times * (20 if n % 8 == 0 else 60 if n % 4 == 0 else 120)
            )
            if day < YEAR.end_day:
                made.order(n, f"{day} 10:00", str(10 + n))
    made.order(None, "2024-03-01", "5000")
    return made


def cell(shop, slug, period=YEAR, **asked):
    (found,) = queries.evaluate(slug, tables=shop, period=period, **asked)
    return found


def people(shop, slug, period=YEAR, **asked):
    return set(shop.rows_of(queries.population(slug, tables=shop, period=period, **asked)))


def of_high_value(shop, end: date) -> set[int]:
    day = Period.days(end - timedelta(days=1), end, LONDON)
    found: set[int] = people(shop, "customers_by_stage", day, where={"value_class": "high"})
    return found


def test_high_value_is_the_value_class_at_the_end(shop):
    then, now = of_high_value(shop, YEAR.first_day), of_high_value(shop, YEAR.end_day)
    assert then
    assert now - then
    assert then - now
    assert people(shop, "high_value_customers") == now
    assert cell(shop, "high_value_customers").value == len(now)
    growth = cell(shop, "high_value_growth")
    assert growth.value == (len(now) - len(then)) / len(then)
    assert people(shop, "high_value_growth") == now ^ then


def test_retention_of_high_value_asks_who_of_a_year_ago_bought_since(shop):
    then = of_high_value(shop, YEAR.first_day)
    since = people(shop, "active_customers")
    found = cell(shop, "high_value_retention_12m")
    assert (found.numerator, found.denominator) == (len(then & since), len(then))
    assert 0 < len(then & since) < len(then)
    assert people(shop, "high_value_retention_12m") == then & since
    with pytest.raises(UnknownDimension):
        cell(shop, "high_value_retention_12m", where={"channel": "web"})


def test_a_fifth_of_the_customers_rounded_up_is_the_top(shop):
    spent: dict[int, Decimal] = {}
    for row in shop.rows["orders"]:
        if row["customer_id"] and YEAR.start <= row["ordered_at"] < YEAR.end:
            spent[row["customer_id"]] = spent.get(row["customer_id"], Decimal(0)) + row["revenue"]
    first = sorted(spent, key=lambda who: (-spent[who], who))[: -(-len(spent) // 5)]
    found = cell(shop, "revenue_concentration")
    assert found.numerator == sum(spent[who] for who in first)
    assert found.denominator == sum(spent.values())
    assert people(shop, "revenue_concentration") == set(first)


@pytest.mark.parametrize(("buyers", "top"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_the_top_of_equals_is_told_by_their_number(buyers, top):
    shop = Shop()
    for n in range(1, buyers + 1):
        shop.customer(n)
        shop.order(n, "2024-03-01", "10")
    assert people(shop, "revenue_concentration") == set(range(1, top + 1))
    assert cell(shop, "revenue_concentration").value == top / buyers


@pytest.mark.django_db
def test_the_value_to_come_is_not_known_before_a_model_is(shop):
    found = cell(shop, "clv")
    assert found.value is None
    assert found.denominator == 0


def test_the_value_to_come_is_the_mean_of_the_forecasts(shop, monkeypatch):
    blank = forecasting.SCHEMA.empty_table()
    told = {"customer_id": [1, 2, 3], "clv_12m": [Decimal(30), Decimal("0.5"), None]}
    rows = pa.table(
        {name: told.get(name, [None] * 3) for name in blank.column_names}, schema=forecasting.SCHEMA
    )
    asked: list[datetime] = []

    def forecasts(tables, as_of):
        asked.append(as_of.at)
        return tables.session.hold(rows)

    monkeypatch.setattr(forecasting, "forecasts", forecasts)
    found = cell(shop, "clv")
    assert (found.numerator, found.denominator, found.value) == (Decimal("30.5"), 2, Decimal("15.25"))
    assert asked == [YEAR.end.astimezone(UTC)]
    assert cell(shop, "clv", where={"city": "Bath"}).value == Decimal("0.5")
