"""The traits of value in a small shop, and against plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.data.traits import queries
from huoshui.data.traits.tests.shop import LONDON, Shop, as_of, at
from huoshui.kernel.plugs import TRAITS
from huoshui.know.value import traits as value
from huoshui.science import rfm

OF_VALUE = tuple(
    t.slug
    for t in (
        value.RECENCY, value.FREQUENCY, value.MONETARY, value.RETURNED, value.NET_MONETARY, *value.scores(),
        value.RFM_SEGMENT, value.VALUE_CLASS, value.AVERAGE_ORDER_VALUE, value.FIRST_ORDER_AT, value.LAST_ORDER_AT,
        *value.of_windows(), value.FAVOURITE_CATEGORY, value.LAST_EVENT_AT,
    )
)  # fmt: skip


def traits_of(shop, day="2024-03-10", only=OF_VALUE):
    return shop.rows_of(queries.trait_table(shop, as_of(day), only=only))


def test_every_trait_is_explained_in_both_languages_and_has_a_type():
    for slug in OF_VALUE:
        trait = TRAITS[slug]
        assert trait.label.zh != trait.label.en
        assert trait.meaning.zh != trait.meaning.en


def test_a_small_shop_has_the_values_computed_by_hand():
    shop = Shop()
    shop.customer(1)
    shop.order(1, "2023-02-01 12:00", "100.50")
    shop.order(1, "2024-02-09 00:00", "20")  # exactly 30 days before
    shop.order(1, "2024-03-08 18:00", "9.5")
    shop.order(1, "2024-03-10 00:00", "1000")  # not before the day
    shop.order(1, "2024-03-09", "0")  # a gift is no purchase
    shop.order(None, "2024-03-09", "77")
    shop.change(1, "2024-03-09", "-30")
    shop.change(1, "2024-03-11", "-1")
    shop.event(1, "2024-01-01")
    shop.event(1, "2024-03-01 10:00")
    found = traits_of(shop)[1]
    assert found["recency"] == 1
    assert (found["frequency"], found["monetary"]) == (3, 130)
    assert (found["returned"], found["net_monetary"]) == (-30, 100)
    assert found["average_order_value"] == Decimal("43.3333")
    assert found["first_order_at"] == at("2023-02-01 12:00")
    assert found["last_order_at"] == at("2024-03-08 18:00")
    assert [found[f"orders_{n}d"] for n in (30, 90, 365)] == [2, 2, 2]
    assert [found[f"revenue_{n}d"] for n in (30, 90, 365)] == [Decimal("29.5")] * 3
    assert (found["events_30d"], found["events_90d"]) == (1, 2)
    assert found["last_event_at"] == at("2024-03-01 10:00")


def test_a_customer_who_never_bought_has_no_recency_and_counts_zero():
    shop = Shop()
    shop.customer(1)
    shop.change(1, "2024-01-01", "-5")
    shop.customer(2)
    shop.order(2, "2024-01-01")
    found = traits_of(shop)[1]
    for slug in (
        "recency",
        "r_score",
        "f_score",
        "m_score",
        "rfm_segment",
        "value_class",
        "average_order_value",
    ):
        assert found[slug] is None, slug
    assert (found["frequency"], found["monetary"], found["revenue_30d"], found["orders_365d"]) == (0, 0, 0, 0)
    assert found["net_monetary"] == -5


def test_only_buyers_are_ranked():
    shop = Shop()
    for customer in range(1, 6):
        shop.customer(customer)
        for n in range(customer):
            shop.order(customer, f"2024-01-{10 + customer - n:02d}", "10")
    for customer in range(6, 30):
        shop.customer(customer)
    found = traits_of(shop)
    assert [found[c]["f_score"] for c in range(1, 6)] == [1, 2, 3, 4, 5]
    assert [found[c]["r_score"] for c in range(1, 6)] == [1, 2, 3, 4, 5]


def test_windows_are_days_of_the_house_also_across_the_change_of_clocks():
    shop = Shop()
    shop.customer(1)
    shop.order(1, "2024-03-12 00:00")  # 30 house days before 11 April; clocks went forward between
    shop.order(1, "2024-03-11 23:59")
    assert traits_of(shop, "2024-04-11", ["orders_30d"])[1]["orders_30d"] == 1


def test_the_favourite_category_is_the_one_most_was_spent_in():
    shop = Shop()
    shop.customer(1)
    shop.line(1, "2024-01-01", "lamps", "10")
    shop.line(1, "2024-01-01", "mugs", "6")
    shop.line(1, "2024-01-02", "mugs", "6")
    shop.line(1, "2024-01-02", "=postage", "50")
    shop.line(1, "2024-01-02", None, "50")
    shop.line(1, "2024-04-02", "lamps", "50")
    shop.customer(2)
    shop.line(2, "2024-01-02", "=postage", "50")
    found = traits_of(shop)
    assert [found[c]["favourite_category"] for c in (1, 2)] == ["mugs", None]


@pytest.mark.parametrize("order", [("b", "a", "c"), ("c", "a", "b"), ("a", "b", "c")])
def test_of_equal_categories_the_first_in_the_alphabet_is_the_favourite(order):
    shop = Shop()
    shop.customer(1)
    for category in order:
        shop.line(1, "2024-01-01", category)
    assert traits_of(shop)[1]["favourite_category"] == "a"


def test_the_largest_sums_are_told_apart_to_the_last_digit():
    shop = Shop()
    shop.customer(1)
    for number, (category, amount) in enumerate(
        [(f"c{n:02}", "99999999999999.9998") for n in range(30)] + [("z", "99999999999999.9999")]
    ):
        for _ in range(2):
            shop.line(1, f"2024-01-01 00:{number:02}", category, amount)
    found = traits_of(shop, only=["favourite_category"])
    assert found[1]["favourite_category"] == "z"


HOURS = 24 * 500
NOW = datetime(2024, 3, 10, tzinfo=UTC)
ORDER = st.tuples(st.integers(1, 4), st.integers(-48, HOURS), st.integers(-2, 40))


@pytest.mark.slow
@settings(max_examples=15)
@given(st.lists(ORDER, max_size=25), st.lists(ORDER, max_size=6))
def test_traits_of_any_shop_equal_their_definitions(orders, changes):
    shop = Shop()
    for customer in range(1, 5):
        shop.customer(customer)

    def local(hours):
        return (NOW - timedelta(hours=hours)).astimezone(LONDON).replace(tzinfo=None).isoformat()

    bought: dict[int, list[tuple[datetime, Decimal]]] = defaultdict(list)
    back: dict[int, Decimal] = defaultdict(Decimal)
    for customer, ago, revenue in orders:
        shop.order(customer, local(ago), str(revenue))
        if ago > 0 and revenue > 0:
            bought[customer].append((NOW - timedelta(hours=ago), Decimal(revenue)))
    for customer, ago, revenue in changes:
        shop.change(customer, local(ago), str(-revenue))
        back[customer] -= revenue if ago > 0 else 0
    found = traits_of(shop)
    recencies = {c: (NOW - max(t for t, _ in some)).days for c, some in bought.items()}
    for customer in range(1, 5):
        row, some = found[customer], bought[customer]
        assert row["frequency"] == len(some)
        assert row["monetary"] == sum(r for _, r in some)
        assert row["net_monetary"] == sum(r for _, r in some) + back[customer]
        assert row["recency"] == recencies.get(customer)
        for days in value.WINDOWS:
            since = as_of("2024-03-10").days_before(days)
            assert row[f"orders_{days}d"] == sum(t >= since for t, _ in some)
            assert row[f"revenue_{days}d"] == sum(r for t, r in some if t >= since)
        if some:
            worse = sum(other > recencies[customer] for other in recencies.values())
            assert row["r_score"] == 1 + 5 * worse // len(recencies)
            assert row["rfm_segment"] == rfm.SEGMENT_GRID[row["r_score"]][row["f_score"] - 1]


def test_events_of_more_than_a_year_ago_do_not_count():
    shop = Shop()
    shop.customer(1)
    shop.event(1, "2023-03-11 00:00")  # exactly 365 days before
    shop.customer(2)
    shop.event(2, "2023-03-10 23:59")
    found = traits_of(shop, only=["last_event_at"])
    assert (found[1]["last_event_at"], found[2]["last_event_at"]) == (at("2023-03-11"), None)
