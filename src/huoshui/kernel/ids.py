"""Random numbers that name people and visitors.

An id is a random number of exactly 15 digits. It tells nothing (no count, no order, no date), is exact in a
double, in JSON, in JavaScript and in a spreadsheet cell, and eight bytes wide in the lake. See decision 0002.
"""

from __future__ import annotations

import secrets

import numpy as np
import numpy.typing as npt

LOWEST = 10**14
HIGHEST = 10**15 - 1


def draw_id() -> int:
    """One new random id; the caller's unique constraint decides whether it is free."""
    return LOWEST + secrets.randbelow(HIGHEST - LOWEST + 1)


def draw_ids(count: int) -> npt.NDArray[np.int64]:
    """``count`` different random ids, shape ``(count,)``, sorted ascending (bulk inserts like that)."""
    found: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
    while len(found) < count:
        missing = count - len(found)
        noise = np.frombuffer(secrets.token_bytes(8 * missing), dtype=np.uint64)
        fresh = (noise % np.uint64(HIGHEST - LOWEST + 1)).astype(np.int64) + LOWEST
        # (`numpy.unique` takes twelve times as long.)
        drawn = np.sort(np.concatenate([found, fresh]))
        found = drawn[np.diff(drawn, prepend=0) > 0]
    return found


def looks_like_id(text: str) -> bool:
    """Whether ``text`` has the form of one of our ids."""
    return len(text) == 15 and text.isascii() and text.isdigit() and text[0] != "0"
