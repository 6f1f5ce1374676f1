"""Transactions: the rule for each oddity, and the promise that totals, corrections and undoing come out right."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count, permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.data.connectors.tests.house import House

# Slow: nearly every test loads several files.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ODDITIES = """\
Invoice,Customer,Date,Stock Code,Description,Quantity,Price,Country
1,a,2024-03-01 10:05,L1,Lamp,2,10.50,France
1,a,2024-03-01 10:04,K1,Key,1,5,France
1,a,2024-03-01 10:04,K1,Key,1,5,France
C2,a,2024-03-02 09:00,L1,Lamp,-1,10.50,France
c3,,2024-03-02 09:30,L1,Lamp,1,-4.00,
4,b,2024-03-03,L1,Lamp,-1,10.50,Spain
4,b,2024-03-03,K1,Key,1,5,Spain
5,b,2024-03-04,B,Adjust bad debt,1,-20,Spain
6,b,2024-03-05,L1,damaged,-3,0,Spain
7,b,2024-03-06,G1,Gift,1,0,Spain
8,,2024-03-07,K1,Key,2,5,
9,b,2024-03-08,POST,Postage,1,4.95,Spain
9,b,2024-03-08,,  Brass   BELL ,1,3.3333,Spain
10,b,2024-03-09,L1,Lamp,1,1,Spain
10,a,2024-03-09,L1,Lamp,1,1,Spain
10,a,2024-03-09,L1,Lamp,-1,1,Spain
CASH,b,2024-03-10,L1,Lamp,1,2,Spain
11,b,2024-03-10,L1,Lamp,99999999999,99999999,Spain
"""


@pytest.fixture(scope="module")
def oddities(shared_house: House):
    report = shared_house.load(ODDITIES, source="odd")
    return shared_house, report


def test_each_oddity_follows_its_rule_and_is_counted(oddities):
    _, report = oddities
    assert (report.rows, report.loaded) == (18, 14)
    assert report.reasons == {
        "order_id belongs to more than one customer": 3,
        "quantity times the price is too large": 1,
    }
    assert report.rules == {
        "cancellation": 2,
        "return": 1,
        "correction": 2,
        "zero_price": 1,
        "anonymous": 2,
        "service_line": 3,
        "several_times": 1,
    }
    assert report.facts["order_lines"] + report.facts["order_changes"] == report.loaded
    assert [(r["line"], r["column"]) for r in report.first_rejects] == [
        (15, "Invoice"),
        (16, "Invoice"),
        (17, "Invoice"),
        (19, "Quantity"),
    ]


def test_changes_are_facts_of_their_own_and_never_purchases(oddities):
    house, _ = oddities
    changes = house.answers(
        "SELECT change_id, order_id, kind, quantity::DOUBLE, revenue::DOUBLE, customer_id IS NULL "
        "FROM order_changes WHERE source = 'odd' ORDER BY change_id"
    )
    assert changes == [
        ("4#1", "4", "return", -1.0, -10.5, False),
        ("5#1", "5", "correction", 1.0, -20.0, False),
        ("6#1", "6", "correction", -3.0, 0.0, False),
        ("C2#1", None, "cancellation", -1.0, -10.5, False),
        ("c3#1", None, "cancellation", 1.0, -4.0, True),
    ]


def test_orders_have_their_earliest_time_and_the_sum_of_their_lines(oddities):
    house, _ = oddities
    orders = house.answers(
        "SELECT order_id, ordered_at, revenue::DOUBLE, customer_id IS NULL FROM orders WHERE source = 'odd' "
        "ORDER BY ordered_at"
    )
    assert [(o, r, anonymous) for o, _, r, anonymous in orders] == [
        ("1", 31.0, False),
        ("4", 5.0, False),
        ("7", 0.0, False),
        ("8", 10.0, True),
        ("9", 8.2833, False),
        ("CASH", 2.0, False),
    ]
    assert orders[0][1] == datetime(2024, 3, 1, 10, 4, tzinfo=UTC)
    lines = house.answers(
        "SELECT line_no, product_id, category, revenue::DOUBLE, ordered_at FROM order_lines "
        "WHERE source = 'odd' AND order_id IN ('1', '9') ORDER BY order_id, line_no"
    )
    assert [row[:4] for row in lines] == [
        (1, "L1", None, 21.0),
        (2, "K1", None, 5.0),
        (3, "K1", None, 5.0),
        (1, "POST", "=postage", 4.95),
        (2, "name:brass bell", None, 3.3333),
    ]
    assert {row[4] for row in lines[:3]} == {orders[0][1]}


def test_products_keep_the_name_they_were_sold_by(oddities):
    house, _ = oddities
    names = dict(house.answers("SELECT product_id, name FROM products WHERE source = 'odd'"))
    assert names["L1"] == "Lamp"
    assert names["name:brass bell"] == "Brass   BELL"
    assert names["B"] == "Adjust bad debt"


def test_people_are_known_since_their_first_row_and_have_their_attributes(oddities):
    house, _ = oddities
    people = house.answers(
        "SELECT DISTINCT c.created_at, c.country FROM customers c JOIN orders o USING (customer_id) "
        "WHERE o.source = 'odd' ORDER BY 1"
    )
    assert people == [
        (datetime(2024, 3, 1, 10, 4, tzinfo=UTC), "France"),
        (datetime(2024, 3, 3, tzinfo=UTC), "Spain"),
    ]


def test_without_order_numbers_an_order_is_one_time_or_one_day_of_one_customer(shared_house):
    text = """customer,date,amount
a,2024-01-01 10:00,1
a,2024-01-01 10:00,2
a,2024-01-01 11:00,4
b,2024-01-01 10:00,8
a,2024-01-02,16
a,2024-01-02,32
,2024-01-02,64
,2024-01-02,128
a,2024-01-05T00:30:00+01:00,256
"""
    report = shared_house.load(text, source="no numbers")
    assert report.rules["order_from_time"] == 6
    orders = shared_house.answers(
        "SELECT revenue::INTEGER FROM orders WHERE source = 'no_numbers' ORDER BY revenue"
    )
    assert [revenue for (revenue,) in orders] == [3, 4, 8, 48, 192, 256]
    moment = shared_house.answer("SELECT max(ordered_at) FROM orders WHERE source = 'no_numbers'")[0]
    assert moment == datetime(2024, 1, 4, 23, 30, tzinfo=UTC)


def test_without_product_numbers_the_id_comes_from_the_name(shared_house):
    text = "date,product,amount\n2024-01-01,Big  LAMP,1\n2024-01-01,big lamp,2\n2024-01-01,,4\n2024-01-01,运费,8\n"
    report = shared_house.load(text, source="names")
    assert report.rules["product_from_name"] == 3
    assert report.rules["service_line"] == 1
    lines = shared_house.answers(
        "SELECT product_id, category, sum(revenue)::INTEGER FROM order_lines WHERE source = 'names' "
        "GROUP BY ALL ORDER BY 3"
    )
    assert lines == [("name:big lamp", None, 3), (None, None, 4), ("name:运费", "=postage", 8)]


def test_an_order_in_two_currencies_is_set_aside_whole(shared_house):
    text = (
        "order,customer,date,amount,currency\n1,a,2024-01-01,1,GBP\n1,a,2024-01-01,1,USD\n2,a,2024-01-01,1,\n"
    )
    report = shared_house.load(text, source="two currencies")
    assert report.reasons == {"order_id is in more than one currency": 2}
    assert report.loaded == 1


def test_rows_that_are_no_sales_are_set_aside(shared_house):
    text = "order,date,amount,status\n1,2024-01-01,1,交易成功\n2,2024-01-01,2,交易关闭\n3,2024-01-01,4,Refunded\n"
    report = shared_house.load(text, source="states")
    assert (report.loaded, report.reasons) == (1, {"status is not a sale": 2})


def test_amounts_win_over_quantity_times_price(shared_house):
    text = "order,date,amount,quantity,price\n1,2024-01-01,9,2,5\n1,2024-01-01,,3,1.33335\n"
    shared_house.load(text, source="both")
    lines = shared_house.answers(
        "SELECT quantity::DOUBLE, unit_price::DOUBLE, revenue::DOUBLE FROM order_lines WHERE source = 'both' "
        "ORDER BY line_no"
    )
    assert lines == [(2.0, 5.0, 9.0), (3.0, 1.3334, 4.0002)]


def test_large_amounts_are_exact_and_too_large_ones_do_not_stop_the_rest(shared_house):
    text = """order,date,quantity,price,amount
1,2024-01-01,1000000,12345678.1234,
2,2024-01-01,0.0001,,99999999999999
3,2024-01-01,99999999999,99999999,
4,2024-01-01,-30000,9999999.9999,
5,2024-01-01,0,,5
"""
    report = shared_house.load(text, source="large")
    assert report.reasons == {"quantity times the price is too large": 1}
    lines = shared_house.answers(
        "SELECT order_id, revenue, unit_price FROM order_lines WHERE source = 'large' ORDER BY order_id"
    )
    assert lines == [
        ("1", Decimal("12345678123400"), Decimal("12345678.1234")),
        ("2", Decimal(99999999999999), None),
        ("5", Decimal(5), None),
    ]
    changes = shared_house.answers("SELECT revenue FROM order_changes WHERE source = 'large'")
    assert changes == [(Decimal("-299999999997"),)]


def test_bad_rows_do_not_stop_good_ones(shared_house):
    bad = ["NaN", "inf", "1e999", "1_000", "１２", "1,23,4", "99999999999999999", "abc", "--1", "(5)"]
    text = "customer,date,amount\n" + "".join(
        f"x,2024-01-01,{json}\n" for json in [*(f'"{b}"' for b in bad), "7"]
    )
    text += "x,2099-01-01,1\nx,1900-01-01,1\nx,2024-02-30,1\nx,,1\nx,2024-01-01,\n"
    report = shared_house.load(text, source="bad rows")
    assert (report.rows, report.loaded) == (16, 1)
    assert shared_house.answer("SELECT sum(revenue)::DOUBLE FROM orders WHERE source = 'bad_rows'") == (7.0,)


# -- rules over generated tables ---------------------------------------------------------------------------------

ROW = st.fixed_dictionaries(
    {
        "order": st.integers(1, 6).map(str),
        "cancelled": st.sampled_from([False, False, False, True]),
        "hour": st.integers(0, 23),
        "product": st.sampled_from(["p1", "p2", "POST", ""]),
        "quantity": st.sampled_from([1, 1, 2, 3, -1, 0]),
        "price": st.decimals(-20, 20, places=4) | st.sampled_from([Decimal(0), Decimal("0.3333")]),
    }
)
ROWS = st.lists(ROW, min_size=1, max_size=12)
BUYERS = {str(n): buyer for n, buyer in enumerate(["a", "a", "b", "", "c", ""], start=1)}
ORDER_STATE = "SELECT order_id, revenue, ordered_at FROM orders WHERE source = '{}' ORDER BY order_id"
ALL_REVENUE = (
    "SELECT (SELECT coalesce(sum(revenue), 0) FROM order_lines WHERE source = '{0}') + "
    "(SELECT coalesce(sum(revenue), 0) FROM order_changes WHERE source = '{0}')"
)


def csv_of(rows):
    lines = ["order,customer,date,sku,quantity,price"]
    for row in rows:
        document = f"C{row['order']}" if row["cancelled"] else row["order"]
        moment = f"2024-01-0{row['order']} {row['hour']:02}:00"
        lines.append(
            f"{document},{BUYERS[row['order']]},{moment},{row['product']},{row['quantity']},{row['price']}"
        )
    return "\n".join(lines)


def amount_of(row):
    return (row["quantity"] * row["price"]).quantize(Decimal("0.0001"))


def is_change(row):
    return row["cancelled"] or row["quantity"] < 0 or amount_of(row) < 0


def orders_of(rows):
    found = defaultdict(list)
    for row in rows:
        if not is_change(row):
            found[row["order"]].append(row)
    return {
        order: (
            sum(map(amount_of, lines)),
            datetime(2024, 1, int(order), min(line["hour"] for line in lines), tzinfo=UTC),
        )
        for order, lines in found.items()
    }


def loaded_orders(house, source):
    return {order: (revenue, at) for order, revenue, at in house.answers(ORDER_STATE.format(source))}


SOURCES = count()
FEW = settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])


def new_source():
    return "s" + "abcdefghij"[(n := next(SOURCES)) // 10 % 10] + "abcdefghij"[n % 10]


@FEW
@given(rows=ROWS, corrected=ROWS)
def test_totals_corrections_and_undoing_come_out_as_a_plain_sum_says(shared_house, rows, corrected):
    house, source = shared_house, new_source()
    empty = house.everything()
    first = house.load(csv_of(rows), source=source)
    assert (first.rows, first.rejected) == (len(rows), 0)
    assert house.answer(ALL_REVENUE.format(source)) == (sum(map(amount_of, rows)),)
    assert loaded_orders(house, source) == orders_of(rows)
    once = house.everything()
    again = house.load(csv_of(rows), source=source)
    assert again.already == first.load_id
    assert house.everything() == once

    # A corrected file replaces the orders it names whole, and the changes of the documents it names.
    second = house.load(csv_of(corrected) + "\n", source=source, date_order="dmy")
    replaced = {**orders_of(rows), **orders_of(corrected)}
    assert loaded_orders(house, source) == replaced
    lines = house.answer(f"SELECT coalesce(sum(revenue), 0) FROM order_lines WHERE source = '{source}'")
    assert lines == (sum(revenue for revenue, _ in replaced.values()),)
    house.undo(second)
    assert house.everything() == once
    house.undo(first)
    assert house.everything() == empty


LINES = """
1,a,2024-01-01,p1,Lamp,1 2,b,2024-01-02,p1,Lamp,2 C3,a,2024-01-03,p1,Lamp,-1
2,b,2024-01-02,p1,Lamp2,20 4,c,2024-01-04,p2,Key,4 C3,a,2024-01-03,p1,Lamp,-2
2,b,2024-01-02,p1,Lamp3,200 1,a,2024-01-01,p1,Lamp3,100 5,d,2024-01-05,p3,Bell,5
"""
THREE = [
    "\n".join(["order,customer,date,sku,product name,amount", *row.split()])
    for row in LINES.split("\n")[1:-1]
]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_overlapping_loads_can_be_undone_in_any_order(shared_house, order):
    assert order in set(permutations(range(3)))
    house, source = shared_house, new_source()
    empty = house.everything()
    loads = [house.load(text, source=source) for text in THREE]
    totals = {1: [1, 0, 100], 2: [2, 20, 200], 4: [0, 4, 0], 5: [0, 0, 5]}
    left = {0, 1, 2}
    for gone in order:
        house.undo(loads[gone])
        left.discard(gone)
        newest = {o: next((v[n] for n in (2, 1, 0) if n in left and v[n]), None) for o, v in totals.items()}
        found = {int(o): int(revenue) for o, (revenue, _) in loaded_orders(house, source).items()}
        assert found == {o: revenue for o, revenue in newest.items() if revenue is not None}
        names = dict(house.answers(f"SELECT product_id, name FROM products WHERE source = '{source}'"))
        assert names.get("p1") == next((("Lamp", "Lamp2", "Lamp3")[n] for n in (2, 1, 0) if n in left), None)
        changed = house.answer(f"SELECT sum(revenue)::INTEGER FROM order_changes WHERE source = '{source}'")[
            0
        ]
        assert changed == next(((-1, -2)[n] for n in (1, 0) if n in left), None)
    assert house.everything() == empty


def test_a_corrected_rejects_file_brings_the_whole_order(house: House) -> None:
    lines = ("A1,c,2024-01-01,x,10", "A1,c,2024-01-01,y,ten", "A2,c,2024-01-01,x,7")
    report = house.load("\n".join(("order,customer,date,sku,amount", *lines, "")))
    path = Path(str(report.rejects_file))
    assert (report.loaded, report.rejected) == (2, 1)
    assert "repeated here" in path.read_text(encoding="utf-8-sig").splitlines()[1]
    again = house.load(path.read_text(encoding="utf-8-sig").replace(",ten", ",5"))
    assert (again.loaded, again.rejected) == (2, 0)
    assert house.answer("SELECT sum(revenue)::DOUBLE FROM orders WHERE order_id = 'A1'") == (15.0,)
    assert house.answer("SELECT count(*) FROM order_lines") == (3,)
