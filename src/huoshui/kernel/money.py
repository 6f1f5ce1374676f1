"""Amounts of money: one grammar, one range, one rounding.

The same grammar is compiled to Ibis expressions for bulk imports (``data/connectors/values.py``); a test holds
both to each other. Reason for a grammar of our own: ``Decimal()`` also takes NaN, 1e999, 1_000 and full-width
digits, all of which stand for something else in somebody's file (RELIABILITY M12).
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from huoshui.kernel.errors import HuoshuiError

DIGITS_BEFORE_POINT = 14
SCALE = 4
QUANTUM = Decimal(1).scaleb(-SCALE)

SIGNS_OF_MONEY = "¥￥$£€"
AMOUNT = (
    rf"\s*([+-]?)[{SIGNS_OF_MONEY}]?([+-]?)"  # -¥5.00 and ¥-5.00
    rf"([0-9]{{1,{DIGITS_BEFORE_POINT}}}|[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,4}})"  # 1234567 or 1,234,567
    r"(?:\.([0-9]{1,20}))?\s*元?\s*"
)
"""The grammar, in the common subset of Python's ``re`` and RE2; it must match the whole text."""

_AMOUNT = re.compile(AMOUNT, re.ASCII)


class NotAnAmount(HuoshuiError):
    """A text that is no amount of money."""

    code = "not_an_amount"


def parse_amount(text: str) -> Decimal:
    """The amount written in ``text``, to 4 decimals, ties away from zero.

    Accepted: optional sign, optional currency sign in front or 元 behind, ASCII digits plain or in groups of
    three with commas, optional decimals after a point. At most 14 digits before the point.

    Raises `NotAnAmount` for anything else: empty text, ``NaN``, ``inf``, exponents, ``1_000``, full-width
    digits, ``1.234,56``, more digits than fit.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None or (match[1] and match[2]):
        raise NotAnAmount(
            "This is not an amount",
            received=repr(text[:60]),
            valid="digits with an optional sign and point, such as 1234.50, -3 or ¥1,234.50",
        )
    sign, digits, decimals = match[1] + match[2], match[3].replace(",", ""), match[4] or "0"
    value = Decimal(f"{sign}{digits}.{decimals}").quantize(QUANTUM, rounding=ROUND_HALF_UP)
    if value.copy_abs() >= Decimal(10) ** DIGITS_BEFORE_POINT:
        raise NotAnAmount("This amount is too large", received=repr(text[:60]), valid="at most 14 digits")
    return value if value else abs(value)
