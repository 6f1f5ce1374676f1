"""The lake: Delta tables behind one door, and the engine that reads them.

Promises: a write is all or nothing, over several tables; what is acknowledged is flushed to disk; readers see one
consistent picture, pinned by a *house version*; nothing but this package knows of DuckDB, Delta or SQL strings.

Door: ``open_lake()`` gives the `Lake` of the current settings; ``lake.snapshot()`` reads, ``lake.write()`` writes,
``lake.exclusive()`` pauses writers, ``lake.select()`` answers read-only SQL.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from huoshui.kernel.plugs import HOUSE_ZONE

if TYPE_CHECKING:
    from huoshui.lake.house import Lake

__all__ = ["close_lakes", "open_lake"]

_opened: list[Lake] = []


def open_lake() -> Lake:
    """The lake of the current settings: one per process and folder, engine included."""
    from django.conf import settings

    return _lake(
        Path(settings.HUOSHUI_LAKE),
        Path(settings.HUOSHUI_HOME),
        settings.HUOSHUI_MEMORY,
        settings.HUOSHUI_THREADS,
        HOUSE_ZONE().key,
    )


@lru_cache(maxsize=8)
def _lake(root: Path, home: Path, memory: str, threads: int, time_zone: str) -> Lake:
    from huoshui.lake.duck import EngineSettings
    from huoshui.lake.house import Lake

    settings = EngineSettings(memory=memory, threads=threads, time_zone=time_zone, temporary=home / "tmp")
    lake = Lake(root, settings)
    _opened.append(lake)
    return lake


def close_lakes() -> None:
    """Let go of the engines of this process and of their temporary files; for the end of a program."""
    _lake.cache_clear()
    while _opened:
        _opened.pop().close()
