"""Amounts: what is taken, what is refused, and that nothing is lost on the way."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel.money import NotAnAmount, parse_amount


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("1234.50", "1234.5"),
        ("-3", "-3"),
        ("+3.25", "3.25"),
        ("1,234,567.8", "1234567.8"),
        ("¥1,234.50", "1234.5"),
        ("￥5", "5"),
        ("$5", "5"),
        ("£5.00", "5"),
        ("€5", "5"),
        ("-¥5.00", "-5"),
        ("¥-5.00", "-5"),
        ("5元", "5"),
        ("5.5 元", "5.5"),
        ("  7\t", "7"),
        ("007", "7"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("99,999,999,999,999", "99999999999999"),
        ("0.00005", "0.0001"),
        ("-0.00005", "-0.0001"),
        ("0.00004", "0"),
        ("1.23456789012345678901", "1.2346"),
    ],
)
def test_amounts_as_people_write_them_are_taken(text, value):
    assert parse_amount(text) == Decimal(value)


@pytest.mark.parametrize("text", ["-0", "-0.00", "-0.00004", "+0"])
def test_zero_has_no_sign(text):
    assert str(parse_amount(text)) in {"0.0000", "0"}
    assert not parse_amount(text).is_signed()


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "NaN", "nan", "sNaN", "inf", "-Infinity", "1e999", "1E5", "1.38E+10", "1_000", "１００", "٣", "²",
        "1.234,56", "1,23", "12,34,567", "1,2345", ",123", "1,234,", "1.", ".5", "1.2.3", "--5", "-¥-5", "+-5",
        "5-", "(5)", "5%", "5 USD", "USD 5", "¥", "元", "abc", "0x10", "1 000", "1\u00a0000", "12'345", "5\x00",
        "5元元", "¥¥5", "=1+1", "100000000000000", "999999999999999999", "100,000,000,000,000",
        "99999999999999.99995", "0." + "1" * 21, "9" * 10_000, "\u22125", "2024-01-31",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_with_what_was_received(text):
    with pytest.raises(NotAnAmount) as refusal:
        parse_amount(text)
    assert refusal.value.code == "not_an_amount"
    assert len(refusal.value.received) <= 4 * 60


_AMOUNTS = st.decimals(min_value=-(10**14) + 1, max_value=10**14 - 1, places=4)


@given(value=_AMOUNTS)
def test_an_amount_written_down_reads_back(value):
    assert parse_amount(f"{value:f}") == value
    assert parse_amount(f"{value:,f}") == value
    assert parse_amount(f" ¥{value:f}元 ") == value


@given(value=st.decimals(min_value=-(10**12), max_value=10**12, places=9))
def test_ties_are_rounded_away_from_zero(value):
    assert parse_amount(f"{value:f}") == value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


@given(text=st.text())
def test_any_text_is_an_amount_in_range_or_refused(text):
    try:
        value = parse_amount(text)
    except NotAnAmount:
        return
    assert value.is_finite()
    assert abs(value) < 10**14
    assert value == value.quantize(Decimal("0.0001"))
    assert any(sign in "0123456789" for sign in text)
