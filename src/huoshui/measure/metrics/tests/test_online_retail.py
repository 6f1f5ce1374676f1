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


@pytest.mark.real_data
@pytest.mark.slow
def test_growth_loyalty_and_concentration_of_every_month_are_those_of_plain_sql_on_the_file(
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
        ), months AS (
            SELECT unnest(generate_series(DATE '2010-12-01', DATE '2011-12-01', INTERVAL 1 MONTH)) AS month
        ), moved AS (
            SELECT date_trunc('month', moment) AS month, sum(amount) AS amount FROM sales GROUP BY ALL
            UNION ALL
            SELECT date_trunc('month', happened), sum(amount) FROM lines WHERE NOT sold GROUP BY ALL
        ), revenue AS (
            SELECT month, sum(amount) AS revenue FROM moved GROUP BY ALL
        ), known AS (
            SELECT who, moment, amount, date_trunc('month', moment) AS month FROM sales WHERE who IS NOT NULL
        ), first AS (
            SELECT who, min(moment) AS begun FROM known GROUP BY ALL
        ), per_customer AS (
            SELECT month, who, count(*) AS times, sum(amount) AS spent FROM known GROUP BY ALL
        ), ranked AS (
            SELECT *, row_number() OVER (PARTITION BY month ORDER BY spent DESC, who) AS place,
                   count(*) OVER (PARTITION BY month) AS people FROM per_customer
        ), activated AS (
            SELECT who, begun::DATE + 90 AS until,
                   (SELECT count(*) FROM known k
                    WHERE k.who = f.who AND k.moment::DATE < f.begun::DATE + 90) > 1 AS twice
            FROM first f
        )
        SELECT m.month,
               (SELECT revenue FROM revenue r WHERE r.month = m.month) AS revenue,
               (SELECT revenue FROM revenue r WHERE r.month = m.month - INTERVAL 1 MONTH) AS revenue_before,
               (SELECT count(*) FROM first WHERE begun < m.month + INTERVAL 1 MONTH) AS there,
               (SELECT count(*) FROM first WHERE begun < m.month) AS there_before,
               (SELECT count(*) FROM per_customer p WHERE p.month = m.month) AS active,
               (SELECT count(*) FROM per_customer p WHERE p.month = m.month - INTERVAL 1 MONTH) AS active_before,
               (SELECT sum(times) FROM per_customer p WHERE p.month = m.month) AS purchases,
               (SELECT sum(spent) FROM ranked r WHERE r.month = m.month AND place <= ceil(people / 5)) AS top,
               (SELECT sum(spent) FROM ranked r WHERE r.month = m.month) AS spent,
               (SELECT count(*) FROM activated a WHERE date_trunc('month', until) = m.month) AS ready,
               (SELECT count(*) FROM activated a WHERE date_trunc('month', until) = m.month AND twice) AS twice
        FROM months m ORDER BY 1
    """)
    names = [column[0] for column in asked.description]
    expected = [dict(zip(names, row, strict=True)) for row in asked.fetchall()]
    assert len(expected) == len(MONTHS)
    slugs = [
        "sales_growth",
        "total_customers",
        "customer_growth",
        "active_customer_growth",
        "purchase_frequency",
        "revenue_concentration",
        "activation_rate",
    ]
    found = queries.evaluate_many(slugs, tables=shop, periods=MONTHS)
    for number, row in enumerate(expected):
        cells = {
            slug: (c[1][0].numerator, c[1][0].denominator) for slug, s in found.items() for c in [s[number]]
        }
        before = row["revenue_before"] or 0
        assert cells["sales_growth"] == (row["revenue"] - before, before)
        assert cells["total_customers"] == (row["there"], None)
        assert cells["customer_growth"] == (row["there"] - row["there_before"], row["there_before"])
        assert cells["active_customer_growth"] == (row["active"] - row["active_before"], row["active_before"])
        assert cells["purchase_frequency"] == (row["purchases"], row["active"])
        assert cells["revenue_concentration"] == (row["top"], row["spent"])
        assert cells["activation_rate"] == (row["twice"], row["ready"])
    assert found["activation_rate"][-1][1][0].denominator


@pytest.mark.real_data
@pytest.mark.slow
def test_stages_behind_churn_and_win_back_are_those_of_the_traits_on_the_file(shop: OnlineRetail):
    period = Period.days(date(2011, 9, 1), date(2011, 12, 1), LONDON)
    start, end = (
        shop.rows_of(traits.trait_table(shop, as_of(day), only=("stage", "value_class")))
        for day in ("2011-09-01", "2011-12-01")
    )
    bought = set(shop.rows_of(queries.population("active_customers", tables=shop, period=period)))
    there = {who for who, row in start.items() if row["stage"] in ("new", "active", "silent")}
    stayed = {who for who, row in end.items() if row["stage"] in ("new", "active", "silent")}
    away = {who for who, row in start.items() if row["stage"] in ("silent", "lost")}
    high = [{who for who, row in rows.items() if row["value_class"] == "high"} for rows in (start, end)]
    expected = {
        "churn_rate": (len([who for who in there if end[who]["stage"] == "lost"]), len(there)),
        "win_back_rate": (len(away & bought), len(away)),
        "net_customer_growth": (len(stayed) - len(there), len(there)),
        "high_value_customers": (len(high[1]), None),
        "high_value_growth": (len(high[1]) - len(high[0]), len(high[0])),
    }
    found = queries.evaluate_many(list(expected), tables=shop, periods=[period])
    for slug, parts in expected.items():
        cell = found[slug][0][1][0]
        assert (cell.numerator, cell.denominator) == parts, slug
        assert cell.value
