"""Answers that stay true as long as the house version does, kept in the process.

Building the expressions of a page costs more than computing them. What is asked of one house version has one
answer, so it is asked once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

MOST = 128
T = TypeVar("T")

_kept: OrderedDict[Hashable, Any] = OrderedDict()
_guard = threading.Lock()


def kept(key: Hashable, ask: Callable[[], T]) -> T:
    """The answer of ``ask``, asked only if it is not among the last `MOST` answers.

    ``key`` must name everything that the answer depends on, the house version included.
    """
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
            found: T = _kept[key]
            return found
    answer = ask()
    with _guard:
        _kept[key] = answer
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return answer
