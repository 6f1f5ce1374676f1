"""The invented company: the same from the same seed, plausible, and nobody's data."""

from __future__ import annotations

from datetime import date, datetime

import phonenumbers
import pyarrow.compute as pc
import pytest

from huoshui.demo import company
from huoshui.demo.company import Invention, invent

SMALL = Invention(customers=150, days=400, seed=1, until=date(2026, 6, 30))


def same(one, other):
    return {kind: one[kind].equals(other[kind]) for kind in one}


def test_the_same_seed_and_last_day_give_the_same_company():
    assert all(same(invent(SMALL), invent(SMALL)).values())


def test_another_seed_gives_another_company():
    other = Invention(customers=150, days=400, seed=2, until=date(2026, 6, 30))
    assert not same(invent(SMALL), invent(other))["transactions"]


def test_nothing_happens_after_the_last_day_or_before_the_first():
    files = invent(SMALL)
    for kind, name in (
        ("customers", "注册时间"),
        ("transactions", "下单时间"),
        ("events", "occurred_at"),
        ("consents", "given_at"),
    ):
        found = pc.min_max(files[kind][name]).as_py()
        assert found["max"].date() <= SMALL.until
        assert found["min"].date() >= SMALL.first_day


def test_everybody_is_invented_and_can_be_read():
    people = invent(SMALL)["customers"]
    for phone in people["手机"].to_pylist():
        assert not phone or (
            phone.startswith("+861990000") and phonenumbers.is_possible_number(phonenumbers.parse(phone))
        )
    assert all(not email or email.endswith("@example.com") for email in people["邮箱"].to_pylist())


def test_returns_name_their_order_and_follow_it():
    rows = invent(SMALL)["transactions"].to_pylist()
    bought: dict[str, datetime] = {}
    for row in rows:
        if row["数量"] > 0:
            bought.setdefault(row["订单编号"], row["下单时间"])
    returned = [row for row in rows if row["数量"] < 0]
    assert returned
    assert all(row["下单时间"] > bought[row["订单编号"]] for row in returned)


@pytest.mark.parametrize(("customers", "days"), [(1, 1), (2, 40), (3, 3_650)])
def test_the_smallest_company_has_its_files(customers, days):
    files = invent(Invention(customers=customers, days=days, seed=1, until=date(2026, 6, 30)))
    assert files["customers"].num_rows == customers
    assert files["spend"].num_rows == days * 4


def test_a_day_that_is_not_over_is_refused():
    today = date(2026, 7, 1)
    company.check_until(date(2026, 6, 30), today=today)
    for wrong in (today, date(1980, 1, 1)):
        with pytest.raises(company.NotADemoDay, match="cannot end on this day"):
            company.check_until(wrong, today=today)
