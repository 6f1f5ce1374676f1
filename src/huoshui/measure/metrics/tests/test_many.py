"""Many figures at once are those asked for one by one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import ibis
import pytest

from huoshui.data.customers import columns
from huoshui.data.traits.tests.shop import LONDON, Shop, at
from huoshui.kernel.plugs import METRICS
from huoshui.know.segments.tests import agreeing
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.dimensions import names
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period, apart, months_between

MONTHS = months_between(date(2023, 11, 1), date(2024, 5, 1), LONDON)
PERIODS = [
    MONTHS[2],
    Period.days(date(2024, 1, 15), date(2024, 3, 15), LONDON),  # lies across others
    Period.days(date(2022, 1, 1), date(2025, 1, 1), LONDON),
    Period.month(2019, 1, LONDON),
    MONTHS[2],
]
OF_PEOPLE = {"retention_12m", "customers_by_stage"}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shop():
    """Two products per order now and then, services, gifts, changes with and without their order."""
    made = Shop()
    for product, category in (("lamp", "light"), ("lock", "door"), ("bulb", "light"), ("post", "=post")):
        made.product(product, category)
    categories = {"lamp": "light", "lock": "door", "bulb": "light"}
    for n in range(1, 9):
        made.customer(n, created=f"2023-{n + 3:02d}-01", city=("Leeds", "Bath", None)[n % 3])
    made.customer(9, created="2024-12-01")
    made.event(9, "2024-02-10")
    for n in range(60):
        who = None if n % 11 == 0 else n % 9 + 1
        when = f"{date(2022, 6, 1) + timedelta(days=n * 13)} {n % 24:02d}:{n:02d}"
        order = made.order(who, when, str(20 + n), channel=("web", "shop", None)[n % 3])
        for product in list(categories)[: n % 4]:
            made.line(who, when, categories[product], "7.5", order_id=order, product_id=product)
        if n % 5 == 0:
            product = list(categories)[n % 3]
            made.change(
                who, f"{date(2022, 6, 9) + timedelta(days=n * 13)}", "-3", order_id=order, product_id=product
            )
    return made


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by", "where"),
    [
        ((), {}),
        (("week",), {"source": "till"}),
        (("product",), {"category": "light", "city": None}),
        (("stage",), {}),
    ],
    ids=str,
)
def test_many_figures_at_once_are_those_asked_for_one_by_one(shop, by, where):
    slugs = [m.slug for m in METRICS if not m.slow and queries.can_split(m, (*by, *where), tables=shop)]
    if "stage" in by:
        slugs = ["revenue", "sales_growth", *sorted(OF_PEOPLE)]
    if "week" in by:
        slugs = ["revenue", "orders", "repeat_rate"]
    periods = PERIODS if not by else PERIODS[:2]
    found = queries.evaluate_many(slugs, tables=shop, periods=periods, by=by, where=where)
    assert list(found) == slugs
    for slug in slugs:
        one_by_one = [queries.evaluate(slug, tables=shop, period=p, by=by, where=where) for p in periods]
        assert [period for period, _ in found[slug]] == periods
        assert [cells for _, cells in found[slug]] == one_by_one
    assert any(cell.value for series in found.values() for _, cells in series for cell in cells)


@pytest.mark.slow
def test_many_slow_figures_at_once_are_those_asked_for_one_by_one(shop):
    slugs = [m.slug for m in METRICS if m.slow]
    found = queries.evaluate_many(slugs, tables=shop, periods=PERIODS[:3])
    for slug in slugs:
        assert found[slug] == [(p, queries.evaluate(slug, tables=shop, period=p)) for p in PERIODS[:3]], slug
    assert any(cells[0].value for series in found.values() for _, cells in series)


def test_people_are_not_split_by_what_a_sale_has(shop):
    with pytest.raises(UnknownDimension, match="people have no such dimension"):
        queries.evaluate_many(["revenue", "retention_12m"], tables=shop, periods=MONTHS, by=["product"])
    assert queries.evaluate_many([], tables=shop, periods=MONTHS) == {}
    assert queries.evaluate_many(["orders"], tables=shop, periods=[]) == {"orders": []}


def test_periods_that_overlap_are_told_apart_in_few_groups():
    assert [[n for n, _ in group] for group in apart(MONTHS)] == [[0, 1, 2, 3, 4, 5]]
    groups = apart([*MONTHS, *PERIODS])
    assert len(groups) == 5
    assert sorted(n for group in groups for n, _ in group) == list(range(11))


@pytest.fixture(scope="module")
def sold():
    """Two orders: A of a lamp, two bulbs and a discount; B without lines. A bulb came back."""
    made = Shop()
    for product in ("lamp", "bulb"):
        made.product(product, "light")
    made.product("wire", "cable")
    made.customer(1)
    made.customer(2)
    made.order(1, "2024-03-05", "100", order_id="A", channel="web")
    made.line(1, "2024-03-05", "light", "70", order_id="A", product_id="lamp")
    made.line(1, "2024-03-05", "light", "20", order_id="A", product_id="bulb")
    made.line(1, "2024-03-05", "light", "20", order_id="A", product_id="bulb")
    made.line(1, "2024-03-05", "cable", "0", order_id="A", product_id="wire")  # a gift
    made.order(2, "2024-03-06", "40", order_id="B", channel="shop")
    made.change(1, "2024-03-09", "-20", order_id="A", product_id="bulb")
    made.change(2, "2024-03-09", "-5")
    return made


def by(shop, slug, *dimensions, **asked):
    cells = queries.evaluate(slug, tables=shop, period=Period.month(2024, 3, LONDON), by=dimensions, **asked)
    return {tuple(cell.dimensions.values()): cell.value for cell in cells}


def test_an_order_counts_once_for_each_product_it_has_money_in(sold):
    # The discount of 10 on A and all of B are of no product.
    assert by(sold, "gross_revenue", "product") == {("bulb",): 40, ("lamp",): 70, (None,): 30}
    assert by(sold, "orders", "product") == {("bulb",): 1, ("lamp",): 1, (None,): 2}
    assert by(sold, "orders", "category") == {("light",): 1, (None,): 2}
    assert by(sold, "active_customers", "product") == {("bulb",): 1, ("lamp",): 1, (None,): 2}
    assert by(sold, "new_customers", where={"product": "lamp"}) == {(): 1}
    assert by(sold, "average_order_value", "product")[("bulb",)] == 40
    assert by(sold, "orders", "product", "channel", where={"category": "light"}) == {
        ("bulb", "web"): 1,
        ("lamp", "web"): 1,
    }


def test_money_by_product_is_complete_and_knows_what_came_back(sold):
    revenue = by(sold, "revenue", "product")
    assert revenue == {("bulb",): 20, ("lamp",): 70, (None,): 25}
    assert sum(revenue.values()) == by(sold, "revenue")[()] == Decimal(115)
    assert by(sold, "revenue", "category") == {("light",): 90, (None,): 25}
    assert by(sold, "returns", "category", "product") == {("light", "bulb"): 20, (None, None): 5}


@pytest.mark.django_db
def test_every_dimension_has_a_name_in_both_languages(shop):
    found = {d.slug: d for d in queries.dimensions(shop)}
    assert tuple(found) == names(shop)
    assert (found["product"].label.zh, found["product"].kind) == ("商品", "product")
    assert (found["city"].label.zh, found["city"].kind, found["city"].of_people) == (
        "城市",
        "attribute",
        True,
    )
    assert found["stage"].kind == "trait"
    assert [d.slug for d in queries.dimensions(shop, of_people=True)] == [
        slug for slug, d in found.items() if d.of_people
    ]


@pytest.mark.slow
def test_each_fact_table_is_read_once_whatever_is_asked(shop):
    asked: list[Any] = []

    class Listening:
        """The shop, which remembers what is computed of it."""

        table = staticmethod(shop.table)
        drop = staticmethod(shop.drop)
        hold = staticmethod(shop.hold)

        @property
        def session(self) -> Any:
            return self

        def keep(self, expression: Any) -> Any:
            asked.append(expression)
            return shop.keep(expression)

        def arrow(self, expression: Any) -> Any:
            asked.append(expression)
            return shop.arrow(expression)

    slugs = [m.slug for m in METRICS if queries.can_split(m, ("city",), tables=shop)]
    queries.evaluate_many(slugs, tables=Listening(), periods=[*MONTHS, *PERIODS], by=["city"])
    text = " ".join(str(ibis.to_sql(expression, dialect="duckdb")) for expression in asked)
    for slug in ("orders", "order_changes", "events"):
        assert text.count(f'"{shop.table(slug).get_name()}"') == 1, slug


def test_new_customers_of_a_house_are_those_of_its_orders_as_they_are_now(db, tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "_kept", type(columns._kept)())
    lake = Lake(
        tmp_path / "lake",
        EngineSettings(memory="400MiB", threads=1, time_zone="Europe/London", temporary=tmp_path),
    )
    made, told = Shop(), []
    for customer, day in ((1, "2024-01-10"), (2, "2024-01-20"), (2, "2024-02-03"), (3, "2024-03-05")):
        made.order(customer, day)
    made.order(None, "2024-01-05")
    made.order(4, "2024-01-06", revenue="0")
    with lake.write("orders") as tx:
        tx.append(
            "orders", agreeing.as_stored("orders", [{**row, "load_id": 1} for row in made.rows["orders"]])
        )
    tables = lake.snapshot()
    earlier = {"customer_id": 3, "order_id": "o9", "source": "till", "ordered_at": at("2024-01-31")}
    try:
        for rows in ([], [earlier | {"revenue": Decimal(5)}]):
            if rows:
                with lake.write("later") as tx:
                    tx.append("orders", agreeing.as_stored("orders", [{**rows[0], "load_id": 2}]))
                tables = lake.snapshot()
            one_by_one = [
                queries.evaluate("new_customers", tables=tables, period=month) for month in MONTHS[2:5]
            ]
            together = queries.series("new_customers", tables=tables, periods=MONTHS[2:5])
            assert [cells for _, cells in together] == one_by_one
            told.append([cell.value for [cell] in one_by_one])
        behind = queries.population("new_customers", tables=tables, period=MONTHS[2])
        assert sorted(tables.arrow(behind)["customer_id"].to_pylist()) == [1, 2, 3]
    finally:
        lake.close()
    assert told == [[2, 0, 1], [3, 0, 0]]
