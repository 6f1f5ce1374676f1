"""Every metric in a small shop computed by hand, and all of them against plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.data.traits.tests.shop import LONDON, Shop, at
from huoshui.kernel.plugs import METRICS
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.errors import EmptyPeriod, UnknownDimension, UnknownMetric, UnknownValue
from huoshui.measure.metrics.metrics import CATALOGUE
from huoshui.measure.metrics.periods import Period, months_after, months_between

MARCH = Period.month(2024, 3, LONDON)


@pytest.fixture
def shop():
    made = Shop()
    made.customer(1, city="Leeds", birth_year=1980)
    made.customer(2, city="Bath")
    made.customer(3, city="Leeds")
    made.customer(4, created="2024-04-01")
    made.order(1, "2022-06-01", "5", channel="web")
    made.order(1, "2024-03-01 00:00", "100", channel="web", order_id="A")
    made.order(1, "2024-03-31 23:59", "50", channel="shop")
    made.order(2, "2024-03-15", "30", channel="shop")
    made.order(3, "2022-05-01", "70", channel="web")
    made.order(3, "2024-04-01 00:00", "1000", channel="web")  # April in the house, 31 March in UTC
    made.order(None, "2024-03-20", "20", channel="shop")
    made.order(2, "2024-03-21", "0", channel="shop")  # a gift is no order
    made.change(1, "2024-03-05", "-40", order_id="A")
    made.change(None, "2024-03-25", "-3")
    made.change(3, "2024-04-02", "-70")
    return made


def value(shop, slug, period=MARCH, **asked):
    (cell,) = queries.evaluate(slug, tables=shop, period=period, **asked)
    return cell.value


def by(shop, slug, *dimensions, period=MARCH, **asked):
    cells = queries.evaluate(slug, tables=shop, period=period, by=dimensions, **asked)
    return {tuple(cell.dimensions.values()): cell.value for cell in cells}


def people(shop, slug, period=MARCH, **asked):
    table = queries.population(slug, tables=shop, period=period, **asked)
    return set(shop.rows_of(table))


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("revenue", 157),
        ("gross_revenue", 200),
        ("returns", 43),
        ("orders", 4),
        ("active_customers", 2),
        ("new_customers", 1),
        ("average_order_value", 50),
        ("repeat_rate", 0.5),
        ("retention_12m", 0.5),
        ("customers_by_stage", 3),
    ],
)
def test_the_figures_of_march_are_those_counted_by_hand(shop, slug, expected):
    assert value(shop, slug) == expected


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("revenue", {1, 2}),
        ("returns", {1}),
        ("orders", {1, 2}),
        ("active_customers", {1, 2}),
        ("new_customers", {2}),
        ("repeat_rate", {1}),
        ("retention_12m", {1}),
        ("customers_by_stage", {1, 2, 3}),
    ],
)
def test_every_figure_opens_down_to_its_customers(shop, slug, expected):
    assert people(shop, slug) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("slug", [m.slug for m in CATALOGUE])
def test_a_period_in_which_nothing_happened_has_no_sales_and_no_ratios(shop, slug):
    declared = METRICS[slug]
    found = value(shop, slug, Period.month(2019, 1, LONDON))
    assert found is None if declared.denominator or declared.unknown else found == 0
    assert people(shop, slug, Period.month(2019, 1, LONDON)) == set()


def test_sales_split_by_what_a_sale_has(shop):
    assert by(shop, "revenue", "channel") == {("shop",): 100, ("web",): 60, (None,): -3}
    assert by(shop, "orders", "channel") == {("shop",): 3, ("web",): 1}
    assert by(shop, "active_customers", "channel") == {("shop",): 2, ("web",): 1}
    assert by(shop, "new_customers", "channel") == {("shop",): 1}
    assert by(shop, "repeat_rate", "channel") == {("shop",): 0, ("web",): 0}
    assert by(shop, "orders", "source") == {("till",): 4}


def test_figures_split_by_attributes_of_customers(shop):
    assert by(shop, "revenue", "city") == {("Bath",): 30, ("Leeds",): 110, (None,): 17}
    assert by(shop, "retention_12m", "city") == {("Leeds",): 0.5}
    assert by(shop, "orders", "city", "channel") == {
        ("Bath", "shop"): 1, ("Leeds", "shop"): 1, ("Leeds", "web"): 1, (None, "shop"): 1,
    }  # fmt: skip


def test_customers_by_stage_come_in_the_order_of_life(shop):
    cells = queries.evaluate("customers_by_stage", tables=shop, period=MARCH, by=["stage"])
    assert [(c.dimensions["stage"], c.value) for c in cells] == [("new", 1), ("active", 1), ("lost", 1)]
    assert people(shop, "customers_by_stage", where={"stage": "lost"}) == {3}
    assert value(shop, "revenue", where={"stage": "new"}) == 30


def test_a_split_by_days_weeks_and_months_uses_those_of_the_house(shop):
    spring = Period.days(date(2024, 3, 1), date(2024, 5, 1), LONDON)
    assert by(shop, "orders", "month", period=spring) == {(date(2024, 3, 1),): 4, (date(2024, 4, 1),): 1}
    assert by(shop, "revenue", "month", period=spring) == {(date(2024, 3, 1),): 157, (date(2024, 4, 1),): 930}
    assert (date(2024, 3, 31),) in by(shop, "orders", "day", period=spring)
    assert (date(2024, 2, 26),) in by(shop, "orders", "week", period=spring)


def test_a_slice_keeps_what_has_the_value(shop):
    assert value(shop, "orders", where={"channel": "web"}) == 1
    assert value(shop, "orders", where={"channel": "web", "city": "Bath"}) == 0
    assert value(shop, "revenue", where={"channel": None}) == -3
    assert value(shop, "orders", where={"birth_year": "1980"}) == 2
    assert by(shop, "orders", "channel", where={"city": "Leeds"}) == {("shop",): 1, ("web",): 1}


def test_a_series_is_the_figure_of_each_period(shop):
    months = months_between(date(2024, 3, 1), date(2024, 5, 1), LONDON)
    found = queries.series("orders", tables=shop, periods=months)
    assert [(period.label, cells[0].value) for period, cells in found] == [("2024-03", 4), ("2024-04", 1)]


@pytest.mark.django_db
def test_what_does_not_exist_is_refused_with_what_does(shop):
    with pytest.raises(UnknownMetric, match="gross_revenue"):
        value(shop, "turnover")
    with pytest.raises(UnknownDimension, match="channel"):
        value(shop, "revenue", by=["colour"])
    with pytest.raises(UnknownDimension, match="customer_id"):
        value(shop, "revenue", where={"customer_id": 1})
    with pytest.raises(UnknownDimension, match="people have no such dimension"):
        value(shop, "retention_12m", by=["channel"])
    with pytest.raises(UnknownValue, match="potential"):
        value(shop, "revenue", where={"stage": "asleep"})
    with pytest.raises(UnknownValue, match="int64"):
        value(shop, "revenue", where={"birth_year": "young"})
    with pytest.raises(EmptyPeriod):
        Period.days(date(2024, 3, 1), date(2024, 3, 1), LONDON)


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda m: m.slug)
def test_every_metric_says_what_it_does_with_returns_and_anonymous_sales(metric):
    assert "eturn" in metric.meaning.en
    assert "nonymous" in metric.meaning.en
    assert "退" in metric.meaning.zh
    assert "匿名" in metric.meaning.zh
    # A sum of money or of things has no denominator, a ratio has one; what is entered is as it is.
    assert metric.denominator is not None or metric.entered or metric.unit in ("money", "orders", "customers")
    assert metric.slug not in metric.alternatives
    assert {METRICS[other].unit for other in metric.alternatives} <= {metric.unit}


START = date(2022, 1, 1)
SALES = st.lists(
    st.tuples(
        st.sampled_from([None, 1, 2, 3]),
        st.integers(0, 1000),
        st.integers(0, 30),
        st.sampled_from(["web", "shop", None]),
    ),
    max_size=25,
)
CHANGES = st.lists(
    st.tuples(st.sampled_from([None, 1, 2, 3]), st.integers(0, 1000), st.integers(-20, 5)), max_size=6
)


@pytest.mark.slow
@settings(max_examples=12)
@given(SALES, CHANGES, st.integers(1, 900), st.integers(1, 400))
def test_the_figures_of_any_shop_equal_their_definitions(sales, changes, first, length):
    shop = Shop()
    for customer in (1, 2, 3):
        shop.customer(customer)
    for n, (who, day, amount, channel) in enumerate(sales):
        shop.order(who, f"{START + timedelta(days=day)} 10:{n:02d}", str(amount), channel=channel)
    for who, day, amount in changes:
        shop.change(who, str(START + timedelta(days=day)), str(amount))
    begin, end = START + timedelta(days=first), START + timedelta(days=first + length)
    period = Period.days(begin, end, LONDON)

    bought = [(w, START + timedelta(days=d), Decimal(a), c) for w, d, a, c in sales if a > 0]
    inside = [sale for sale in bought if begin <= sale[1] < end]
    back = [Decimal(a) for _, d, a in changes if begin <= START + timedelta(days=d) < end]
    gross = sum((a for _, _, a, _ in inside), Decimal(0))
    per_customer: dict[int | None, int] = defaultdict(int)
    for who, *_ in inside:
        per_customer[who] += who is not None
    buyers = {who for who in per_customer if who is not None}
    year, two = months_after(end, -12), months_after(end, -24)
    before = {w for w, d, *_ in bought if w and two <= d < year}
    after = {w for w, d, *_ in bought if w and year <= d < end}

    assert value(shop, "gross_revenue", period) == gross
    assert value(shop, "returns", period) == -sum(back)
    assert value(shop, "revenue", period) == gross + sum(back)
    assert value(shop, "orders", period) == len(inside)
    assert value(shop, "active_customers", period) == len(buyers)
    earliest = {w: min(d for x, d, *_ in bought if x == w) for w in buyers}
    assert people(shop, "new_customers", period) == {w for w, d in earliest.items() if d >= begin}
    aov = value(shop, "average_order_value", period)
    assert aov == (round(gross / len(inside), 4) if inside else None)
    repeat = value(shop, "repeat_rate", period)
    assert repeat == (sum(n >= 2 for w, n in per_customer.items() if w) / len(buyers) if buyers else None)
    retention = value(shop, "retention_12m", period)
    assert retention == (len(before & after) / len(before) if before else None)
    channels = by(shop, "orders", "channel", period=period)
    assert channels == {(c,): sum(s[3] == c for s in inside) for c in {s[3] for s in inside}}
    assert sum(channels.values()) == len(inside)


def test_the_month_before_another_keeps_to_its_last_day():
    assert months_after(date(2024, 3, 31), -1) == date(2024, 2, 29)
    assert months_after(date(2024, 1, 31), 13) == date(2025, 2, 28)
    assert months_after(date(2024, 12, 1), 1) == date(2025, 1, 1)
    assert months_after(date(2024, 2, 29), -12) == date(2023, 2, 28)


def test_the_days_before_a_moment_end_with_its_day():
    from huoshui.data.traits.tests.shop import as_of

    week = Period.before(as_of("2024-03-10"), days=7)
    assert (week.start, week.end) == (at("2024-03-03"), at("2024-03-10"))
    assert (week.first_day, week.end_day) == (date(2024, 3, 3), date(2024, 3, 10))
    assert week.label == "2024-03-03 – 2024-03-09"
