"""Arrow as the house uses it: without pandas."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import pyarrow as pa


class _Hidden(MetaPathFinder):
    """Finds no pandas, even where there is one."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is left aside", name=fullname)
        return None


def leave_pandas_aside() -> None:
    """Let Arrow look for pandas now, and not find it.

    With its first array it would load pandas to know its frames, which nothing here uses: half a second of every
    command and forty megabytes of every process. Who loads pandas on purpose can still do so.
    """
    if "pandas" in sys.modules:
        return
    hidden = _Hidden()
    sys.meta_path.insert(0, hidden)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(hidden)
