"""Money divides to the last digit."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import ibis
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huoshui.science import exact

MOST = Decimal("99999999999999.9999")
CASES = st.tuples(
    st.one_of(st.none(), st.decimals(-MOST, MOST, places=4)),
    st.one_of(st.none(), st.integers(0, 12), st.integers(0, 10**9)),
)


def shares(cases):
    amounts, parts = zip(*cases, strict=True)
    columns = {
        "n": range(len(cases)),
        "amount": pa.array(amounts, pa.decimal128(18, 4)),
        "parts": list(parts),
    }
    table = ibis.memtable(pa.table({**columns, "parts": pa.array(parts, pa.int64())}))
    answer = table.select("n", share=exact.share(table.amount, table.parts)).order_by("n").to_pyarrow()
    assert answer.schema.field("share").type == pa.decimal128(18, 4)
    return answer["share"].to_pylist()


def by_hand(amount, parts):
    if amount is None or not parts:
        return None
    return (amount / parts).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("amount", "parts", "expected"),
    [
        ("0.0001", 2, "0.0001"),
        ("0.0003", 2, "0.0002"),
        ("-0.0001", 2, "-0.0001"),
        ("0.0001", 3, "0.0000"),
        ("10", 3, "3.3333"),
        ("99999999999999.9999", 1, "99999999999999.9999"),
        ("99999999999999.9999", 2, "50000000000000.0000"),
    ],
)
def test_halves_are_rounded_away_from_zero_however_large_the_sum(amount, parts, expected):
    assert shares([(Decimal(amount), parts)]) == [Decimal(expected)]


def test_nothing_divides_by_zero():
    assert shares([(Decimal(1), 0), (None, 1), (Decimal(1), None)]) == [None, None, None]


@settings(max_examples=25)
@given(st.lists(CASES, min_size=1, max_size=30))
@example([(MOST - Decimal("0.0001"), 3), (-MOST, 7)])
def test_a_share_equals_its_definition(cases):
    assert shares(cases) == [by_hand(*case) for case in cases]


def test_what_is_no_finite_number_is_missing():
    amounts = [1.5, float("nan"), float("inf"), -float("inf"), None, 0.0]
    table = ibis.memtable(pa.table({"amount": pa.array(amounts, pa.float64())}))
    found = table.select(known=exact.known(table.amount)).to_pyarrow()["known"].to_pylist()
    assert found == [1.5, None, None, None, None, 0.0]
