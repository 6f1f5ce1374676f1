"""Columns of files: Arrow arrays made of numbers, without a Python object per row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.demo.draws import Numbers


def texts(values: Sequence[str], places: Numbers) -> pa.Array:
    """The text at each of ``places``."""
    return pa.array(values, pa.string()).take(pa.array(places))


def numbered(prefix: str, numbers: Numbers, suffix: str = "") -> pa.Array:
    """Texts such as K100001."""
    digits = pa.array(numbers).cast(pa.string())
    return pc.binary_join_element_wise(prefix, digits, suffix, "")


def only(condition: Numbers, values: Any) -> pa.Array:
    """``values`` where the condition holds, else empty cells."""
    return pc.if_else(pa.array(np.asarray(condition, bool)), values, pa.scalar(None, values.type))


def money(values: Sequence[Decimal], places: Numbers) -> pa.Array:
    """The amount at each of ``places``."""
    return pa.array(values, pa.decimal128(18, 2)).take(pa.array(places))
