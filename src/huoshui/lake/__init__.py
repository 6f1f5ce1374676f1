"""The lake: Delta tables behind one door, and the engine that reads them.

Promises: a write is all or nothing, over several tables; what is acknowledged is flushed to disk; readers see one
consistent picture, pinned by a *house version*; nothing but this package knows of DuckDB, Spark, Delta or SQL strings.

Door: ``open_lake()`` gives the `Lake` of the current settings; ``lake.snapshot()`` reads, ``lake.write()`` writes,
``lake.exclusive()`` pauses writers, ``lake.select()`` answers read-only SQL.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from huoshui.kernel.plugs import HOUSE_ZONE

if TYPE_CHECKING:
    from huoshui.lake.duck import EngineSettings
    from huoshui.lake.house import Lake

__all__ = ["close_lakes", "last_writer", "newest_version", "open_lake"]

_opened: list[Lake] = []


def open_lake() -> Lake:
    """The lake of the current settings: one per process and folder, engine included."""
    from django.conf import settings

    from huoshui.lake.duck import EngineSettings

    return _lake(
        settings.HUOSHUI_LAKE,
        settings.HUOSHUI_CACHE,
        EngineSettings(
            memory=settings.HUOSHUI_MEMORY,
            threads=settings.HUOSHUI_THREADS,
            time_zone=HOUSE_ZONE().key,
            temporary=Path(settings.HUOSHUI_HOME) / "tmp",
            engine=settings.HUOSHUI_ENGINE,
            spark_master=settings.HUOSHUI_SPARK_MASTER,
        ),
    )


def newest_version() -> int:
    """The number of the newest house version; 0 before the first. One small query, and nothing is opened."""
    from huoshui.lake.models import HouseVersion

    return HouseVersion.objects.order_by("-version").values_list("version", flat=True).first() or 0


def last_writer() -> tuple[str, bool]:
    """What the lake is being written for and True; what a writer that died was doing and False; no words else.

    Costs a look at one file.
    """
    from django.conf import settings

    from huoshui.lake.locks import writer_lock
    from huoshui.lake.storage import storage_at

    storage = storage_at(settings.HUOSHUI_LAKE, Path(settings.HUOSHUI_HOME), cache=settings.HUOSHUI_CACHE)
    return writer_lock(storage.folder).holder()


@lru_cache(maxsize=8)
def _lake(url: str, cache: int, settings: EngineSettings) -> Lake:
    from huoshui.lake.house import Lake
    from huoshui.lake.storage import storage_at

    lake = Lake(storage_at(url, settings.temporary.parent, cache=cache), settings)
    _opened.append(lake)
    return lake


def close_lakes() -> None:
    """Let go of the engines of this process and of their temporary files; for the end of a program."""
    _lake.cache_clear()
    while _opened:
        _opened.pop().close()
