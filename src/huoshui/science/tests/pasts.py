"""Weeks of two real shops: of the whole, of countries, of products and of parts of the customers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from huoshui.science.forecast.smoothing import Array
from huoshui.science.tests import cdnow

COUNTRIES = ("United Kingdom", "Germany", "France", "EIRE")
PRODUCTS = 25


def retail(path: Path) -> Iterator[tuple[str, Array]]:
    """Revenue, units and orders of 53 weeks of Online Retail, less what was cancelled; and units of what sells most."""
    rows = pq.read_table(path).to_pandas()
    rows = rows[(rows.Quantity > 0) & (rows.UnitPrice > 0)]
    week = (rows.InvoiceDate - rows.InvoiceDate.min().normalize()).dt.days // 7
    rows = rows.assign(week=week, revenue=rows.Quantity * rows.UnitPrice)
    count = int(week.max())  # the last is no whole week
    for country in (None, *COUNTRIES):
        some = rows if country is None else rows[rows.Country == country]
        invoices = some.drop_duplicates("InvoiceNo")
        yield f"revenue {country}", _weekly(some.week, some.revenue, count)
        yield f"units {country}", _weekly(some.week, some.Quantity, count)
        yield f"orders {country}", _weekly(invoices.week, np.ones(len(invoices)), count)
    for product in rows.StockCode.value_counts().index[:PRODUCTS]:
        some = rows[rows.StockCode == product]
        yield f"units of {product}", _weekly(some.week, some.Quantity, count)


def music(path: Path) -> Iterator[tuple[str, Array]]:
    """Revenue and orders of 65 weeks of CDNOW, after the quarter in which its customers came; by fifths of them."""
    rows = cdnow.orders(path).to_pyarrow().to_pandas()
    day = np.array([one.toordinal() for one in rows["day"]])
    week = (day - day.min()) // 7 - 13
    count = int(week.max())
    part = rows["customer_id"].to_numpy() % 5
    for number in range(6):
        some = (week >= 0) & ((part == number) | (number == 5))
        yield f"revenue {number}", _weekly(week[some], rows["revenue"][some], count)
        yield f"orders {number}", _weekly(week[some], np.ones(int(some.sum())), count)


def _weekly(week: object, amounts: object, count: int) -> Array:
    weights = np.asarray(amounts, dtype=np.float64)
    return np.bincount(np.asarray(week), weights=weights, minlength=count)[:count].astype(np.float64)
