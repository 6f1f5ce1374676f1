"""Figures and traits of a real shop, from its raw file by rules written here once more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import mean, median
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huoshui.data.traits import queries as traits
from huoshui.data.traits.tests.shop import LONDON, Shop, as_of
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.periods import Period, months_between

MONTHS = months_between(date(2010, 12, 1), date(2012, 1, 1), LONDON)


class OnlineRetail(Shop):
    """The raw file as orders and changes: what is sold at a price is an order, all else a change."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        raw = ibis.memtable(pq.read_table(path))
        amount = (raw.UnitPrice.cast("decimal(18, 4)") * raw.Quantity.cast("int64")).cast("decimal(18, 4)")
        rows = raw.select(
            order_id=raw.InvoiceNo,
            customer_id=raw.CustomerID.cast("int64"),
            at=raw.InvoiceDate.cast("timestamp").cast("timestamp('UTC')"),
            revenue=amount,
            sold=(raw.Quantity > 0) & (raw.UnitPrice > 0),
        )
        columns = {
            "source": ibis.literal("till"),
            "channel": ibis.null("string"),
            "store": ibis.null("string"),
        }
        sold = rows.filter(rows.sold).group_by("order_id", "customer_id")
        orders = sold.aggregate(ordered_at=lambda t: t["at"].min(), revenue=lambda t: t.revenue.sum())
        others = rows.filter(~rows.sold)
        people = rows.filter(rows.customer_id.notnull()).group_by("customer_id")
        self._keep("orders", orders.mutate(**columns))
        changes = others.rename(occurred_at="at").mutate(product_id=ibis.null("string"), **columns)
        self._keep("order_changes", changes)
        self._keep("customers", people.aggregate(created_at=lambda t: t["at"].min()))

    def _keep(self, slug: str, expression: Any) -> None:
        self._read[slug] = ibis.memtable(self.arrow(expression))


@pytest.fixture(scope="module")
def shop(test_data: Callable[[str], Path]) -> OnlineRetail:
    return OnlineRetail(test_data("online_retail/online_retail.parquet"))


@pytest.fixture(scope="module")
def found(shop: OnlineRetail, django_db_setup, django_db_blocker) -> dict[int, dict[str, Any]]:
    only = ("recency", "frequency", "monetary", "net_monetary", "stage", "value_class", "r_score", "f_score")
    with django_db_blocker.unblock():  # which traits a house has of its own stands there
        return shop.rows_of(traits.trait_table(shop, as_of("2011-12-10"), only=only))


def everything(shop: OnlineRetail, slug: str) -> Any:
    return queries.evaluate(slug, tables=shop, period=Period.all_until(as_of("2011-12-10")))[0].value


@pytest.mark.real_data
def test_recency_frequency_and_monetary_value_are_the_published_ones(found):
    for customer, expected in {
        12347: (2, 7, "4310.00"),
        17850: (372, 34, "5391.21"),
        14911: (1, 201, "143825.06"),
        14646: (1, 73, "280206.02"),
        12346: (325, 1, "77183.60"),
    }.items():
        row = found[customer]
        assert (row["recency"], row["frequency"], row["monetary"]) == (*expected[:2], Decimal(expected[2]))
    assert found[12346]["net_monetary"] == 0


@pytest.mark.real_data
def test_the_distribution_of_rfm_is_the_published_one(found):
    buyers = [row for row in found.values() if row["frequency"]]
    assert (len(found), len(buyers)) == (4372, 4338)
    recency = [row["recency"] for row in buyers]
    assert (round(mean(recency), 2), median(recency), max(recency)) == (92.06, 50, 373)
    frequency = [row["frequency"] for row in buyers]
    assert (round(mean(frequency), 2), median(frequency), max(frequency)) == (4.27, 2, 209)
    assert frequency.count(1) == 1493
    monetary = [row["monetary"] for row in buyers]
    assert sum(monetary) == Decimal("8911407.9040")
    assert round(median(monetary), 2) == Decimal("674.48")
    assert {row["stage"] for row in found.values()} == {"potential", "new", "active", "silent", "lost"}
    # A third bought once: the tie shares the lowest score, so no customer is put above another by chance.
    assert {row["f_score"] for row in buyers if row["frequency"] == 1} == {1}


@pytest.mark.real_data
def test_revenue_with_returns_and_anonymous_sales_is_the_sum_of_the_file(shop):
    assert round(everything(shop, "revenue"), 2) == Decimal("9747747.93")
    assert everything(shop, "gross_revenue") - everything(shop, "returns") == everything(shop, "revenue")
    assert everything(shop, "active_customers") == everything(shop, "new_customers") == 4338
    by_month = queries.evaluate(
        "orders", tables=shop, period=Period.all_until(as_of("2011-12-10")), by=["month"]
    )
    assert sum(int(cell.numerator) for cell in by_month) == everything(shop, "orders")
    assert len(by_month) == 13


@pytest.mark.real_data
def test_new_customers_by_month_are_the_published_cohorts(shop):
    new = queries.series("new_customers", tables=shop, periods=MONTHS)
    assert [cells[0].value for _, cells in new] == [
        885, 417, 380, 452, 300, 284, 242, 188, 169, 299, 358, 323, 41,
    ]  # fmt: skip
    first = queries.population("new_customers", tables=shop, period=MONTHS[0])
    back = []
    for month in MONTHS[1:]:
        active = queries.population("active_customers", tables=shop, period=month)
        back.append(shop.arrow(active.semi_join(first, "customer_id").count().as_table()).to_pylist()[0])
    assert [next(iter(row.values())) for row in back] == [
        324,
        286,
        340,
        321,
        352,
        321,
        309,
        313,
        350,
        331,
        445,
        235,
    ]


@pytest.mark.real_data
def test_the_customers_behind_a_figure_are_as_many_as_it_says(shop):
    for slug in ("active_customers", "new_customers", "customers_by_stage"):
        for period in MONTHS[:3]:
            people = shop.arrow(queries.population(slug, tables=shop, period=period))
            assert people.num_rows == queries.evaluate(slug, tables=shop, period=period)[0].value
    assert isinstance(people, pa.Table)


@pytest.mark.real_data
def test_the_figures_of_every_month_are_those_of_plain_sql_on_the_file(
    shop: OnlineRetail, test_data: Callable[[str], Path]
):
    file = test_data("online_retail/online_retail.parquet")
    asked = ibis.duckdb.connect().raw_sql(f"""
        WITH lines AS (
            SELECT InvoiceNo AS invoice, CustomerID AS who, InvoiceDate::TIMESTAMP AS happened,
                   (UnitPrice::DECIMAL(18, 4) * Quantity)::DECIMAL(18, 4) AS amount,
                   Quantity > 0 AND UnitPrice > 0 AS sold
            FROM read_parquet('{file}')
        ), sales AS (
            SELECT invoice, who, min(happened) AS moment, sum(amount) AS amount FROM lines WHERE sold GROUP BY ALL
        ), per_customer AS (
            SELECT date_trunc('month', moment) AS month, who, count(*) AS times FROM sales
            WHERE who IS NOT NULL GROUP BY ALL
        ), back AS (
            SELECT date_trunc('month', happened) AS month, -sum(amount) AS amount FROM lines WHERE NOT sold GROUP BY ALL
        ), first AS (
            SELECT who, date_trunc('month', min(moment)) AS month FROM sales WHERE who IS NOT NULL GROUP BY ALL
        )
        SELECT s.month, s.gross - b.amount AS revenue, s.gross AS gross_revenue, b.amount AS returns, s.n AS orders,
               (SELECT count(*) FROM per_customer p WHERE p.month = s.month) AS active_customers,
               (SELECT count(*) FROM first f WHERE f.month = s.month) AS new_customers,
               (SELECT count(*) FROM per_customer p WHERE p.month = s.month AND times > 1) AS came_twice
        FROM (
            SELECT date_trunc('month', moment) AS month, sum(amount) AS gross, count(*) AS n FROM sales GROUP BY ALL
        ) s
        JOIN back b USING (month) ORDER BY 1
    """)
    names = [column[0] for column in asked.description]
    expected = [dict(zip(names, row, strict=True)) for row in asked.fetchall()]
    assert len(expected) == len(MONTHS)
    slugs = ["revenue", "gross_revenue", "returns", "orders", "active_customers", "new_customers"]
    found = queries.evaluate_many([*slugs, "average_order_value", "repeat_rate"], tables=shop, periods=MONTHS)
    for number, row in enumerate(expected):
        cells = {slug: series[number][1][0] for slug, series in found.items()}
        assert {slug: cells[slug].value for slug in slugs} == {slug: row[slug] for slug in slugs}
        assert cells["average_order_value"].value == round(row["gross_revenue"] / row["orders"], 4)
        assert cells["repeat_rate"].value == row["came_twice"] / row["active_customers"]
