"""Drawing lots that anybody can draw again: a place between 0 and 1 for each person, from a key and their number.

With ``mix`` the finalizer of SplitMix64, all numbers of 64 bits without sign, sums and products modulo 2^64:

    mix(x):  x ^= x >> 30;  x *= 0xbf58476d1ce4e5b9;  x ^= x >> 27;  x *= 0x94d049bb133111eb;  x ^= x >> 31
    key     = the first 8 bytes of SHA-256 of the text of the key in UTF-8, the first byte the highest
    place   = (mix(mix(customer_id) ^ key) >> 11) / 2^53

Who has a place below ``share`` is drawn. So the draw needs nothing stored to be checked, does not depend on who else
is in it or when, and a share that grows keeps whom it had. Draws of different keys have nothing to do with one another.

Sources: G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; the
constants are D. Stafford's variant 13.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huoshui.science.errors import NotASetting

_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_UNIT = 2.0**-53


def places(ids: Any, key: str) -> NDArray[np.float64]:
    """The place of each of ``ids`` (whole numbers, shape ``(n,)``) under ``key``: evenly spread over [0, 1)."""
    numbers = np.asarray(ids, dtype=np.int64).astype(np.uint64)
    secret = np.uint64(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big"))
    return (_mixed(_mixed(numbers) ^ secret) >> np.uint64(11)).astype(np.float64) * _UNIT


def drawn(ids: Any, key: str, share: float) -> NDArray[np.bool_]:
    """Whether each of ``ids`` is among the ``share`` (0 to 1) drawn under ``key``.

    Raises `NotASetting` for another share.
    """
    if not 0 <= share <= 1:
        raise NotASetting("This is not a share", received=f"{share}", valid="0 to 1")
    return places(ids, key) < share


def dealt(ids: Any, key: str, weights: Mapping[str, float]) -> NDArray[np.int64]:
    """Which of the parts ``weights`` (larger than 0, taken in proportion) each of ``ids`` falls to, as its number.

    Raises `NotASetting` for no parts, or weights that are not larger than 0.
    """
    if not weights or not all(0 < weight < np.inf for weight in weights.values()):
        raise NotASetting("These are no weights", received=str(dict(weights)), valid="each larger than 0")
    ends = np.cumsum(list(weights.values()))
    return np.searchsorted(ends[:-1] / ends[-1], places(ids, key), side="right").astype(np.int64)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))
