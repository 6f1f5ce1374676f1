"""Division of money that is exact on every engine.

Engines disagree on ``/`` between decimals: some divide as floating point, which is off by a ten-thousandth for sums of
billions and by chance where the answer lies halfway between two amounts, others keep more digits. Whole numbers they
all multiply and subtract alike.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ibis

from huoshui.kernel.money import QUANTUM

_SMALLEST = int(1 / QUANTUM)

EXACT_AS_FLOAT = 10**11
"""Below it twice the rounding of floating point, 2⁻⁵², is less than half a ten-thousandth."""


def known(amount: Any) -> Any:
    """An Ibis number of any type; missing where it is floating point that is no number, or infinite.

    Files of other programs write NaN where they mean a missing value, and one of them spoils every sum.
    """
    if not amount.type().is_floating():
        return amount
    # Only of what is finite the difference with itself is a number; not every engine knows of infinity.
    return (amount - amount).isnan().ifelse(ibis.null(amount.type()), amount)


def share(amount: Any, parts: Any) -> Any:
    """``amount`` ÷ ``parts``, rounded to ten-thousandths, halves away from zero.

    Parameters
    ----------
    amount
        Ibis decimal(18, 4) value.
    parts
        Ibis int64 value. Missing and zero give a missing answer; below zero is not defined.

    Returns
    -------
    Ibis decimal(18, 4) value.
    """
    number = parts.nullif(0)
    units = _units(amount).abs()
    # The quotient of large numbers is only nearly right; what it leaves over is small, and its quotient is right.
    nearly = (units // number).cast("int64")
    whole = nearly + ((units - nearly * number) // number).cast("int64")
    over = units - whole * number
    rounded = whole + (over * 2 >= number).ifelse(1, 0)
    sign = (amount < 0).ifelse(-1, 1)
    return _money(rounded * sign)


def money(amount: Any) -> Any:
    """Floating point as money: rounded to ten-thousandths, halves away from zero.

    Parameters
    ----------
    amount
        Ibis float64 value, less than 10¹³ in size; missing stays missing.

    Returns
    -------
    Ibis decimal(18, 4) value.
    """
    units = (amount.abs() * float(_SMALLEST) + 0.5).floor().cast("int64") * (amount < 0).ifelse(-1, 1)
    return _money(units)


def _units(amount: Any) -> Any:
    """Money as a number of ten-thousandths, int64."""
    nearly = (amount.cast("float64") * float(_SMALLEST)).round().cast("int64")
    exactly = (amount.cast("decimal(28, 4)") * _SMALLEST).cast("int64")
    # Floating point is off by less than half a unit here, and takes a twentieth of the time.
    return (amount.abs() < EXACT_AS_FLOAT).ifelse(nearly, exactly)


def _money(units: Any) -> Any:
    """A number of ten-thousandths as decimal(18, 4)."""
    one = ibis.literal(Decimal(QUANTUM), type="decimal(18, 4)")
    return (units.cast("decimal(18, 0)") * one).cast("decimal(18, 4)")
