"""The open data sets, loaded whole: every figure of their descriptions comes out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import ibis
import pytest

from huoshui.data.connectors.tests.house import founded

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NET = "SELECT count(*), sum(revenue) FROM (SELECT revenue FROM order_lines UNION ALL SELECT revenue FROM order_changes)"


def test_cdnow_comes_out_whole(test_data, tmp_path):
    path = test_data("cdnow/CDNOW_master.txt")
    with founded(tmp_path, currency="USD", time_zone="America/New_York") as house:
        report = house.load(path)
        assert (report.rows, report.loaded, report.rejected) == (69_659, 69_659, 0)
        assert report.customers_new == 23_570
        assert report.rules["zero_price"] == 80
        assert house.answer(NET) == (69_659, Decimal("2500315.63"))
        independent = (
            ibis.duckdb.connect()
            .con.execute(
                f"""SELECT count(*), count(DISTINCT (who, day)) FROM (
                SELECT part[1] AS who, part[2] AS day FROM (
                SELECT string_split(regexp_replace(trim(line), ' +', ' ', 'g'), ' ') AS part
                FROM read_csv('{path}', columns = {{'line': 'VARCHAR'}}, delim = '\x01', header = true)))"""
            )
            .fetchone()
        )
        assert independent is not None
        assert independent[0] == report.rows
        assert house.answer("SELECT count(*) FROM orders") == (independent[1],)
        assert report.facts["orders"] == report.rules["order_from_time"] == independent[1]
        # Midnight in New York, as the file has days only; ids keep their leading zeros.
        first, last = house.answer("SELECT min(ordered_at), max(ordered_at) FROM orders")
        assert (first, last) == (datetime(1997, 1, 1, 5, tzinfo=UTC), datetime(1998, 6, 30, 4, tzinfo=UTC))
        assert house.answer("SELECT count(*) FROM orders WHERE order_id = '00001@1997-01-01'") == (1,)


def test_online_retail_comes_out_whole(test_data, tmp_path):
    path = test_data("online_retail/online_retail.parquet")
    with founded(tmp_path) as house:
        report = house.load(path)
        assert (report.rows, report.loaded, report.rejected) == (541_909, 541_909, 0)
        assert report.customers_new == 4_372
        assert (report.rules["cancellation"], report.rules["anonymous"]) == (9_288, 135_080)
        # Of the 43 invoices with two times one is a cancellation, which is no order.
        times = (
            ibis.duckdb.connect()
            .con.execute(
                f"""SELECT count(*) FROM (SELECT InvoiceNo FROM '{path}' WHERE Quantity >= 0 AND UnitPrice >= 0
                AND InvoiceNo NOT SIMILAR TO 'C[0-9]+' GROUP BY 1 HAVING count(DISTINCT InvoiceDate) > 1)"""
            )
            .fetchone()
        )
        assert (report.rules["several_times"],) == times
        rows, net = house.answer(NET)
        assert (rows, round(net, 2)) == (541_909, Decimal("9747747.93"))
        bought = house.answer(
            "SELECT count(*), count(DISTINCT customer_id), sum(revenue) FROM orders "
            "WHERE customer_id IS NOT NULL AND revenue > 0"
        )
        assert (*bought[:2], round(bought[2], 2)) == (18_532, 4_338, Decimal("8911407.90"))
        lines = house.answer("SELECT count(*) FROM order_lines WHERE customer_id IS NOT NULL AND revenue > 0")
        assert lines == (397_884,)
        assert house.answer("SELECT count(*) FROM order_changes WHERE kind = 'cancellation'") == (9_288,)
        assert house.load(path).already == report.load_id
        undone = house.undo(report)
        assert undone.customers_removed == 4_372
        assert house.answer(NET) == (0, None)
