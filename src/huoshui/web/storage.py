"""Addresses of static files."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class VersionedStaticFiles(StaticFilesStorage):
    """Gives each file's address a digest of its content, so that browsers may keep it and still see every change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: dict[tuple[str | None, str | None], str] = {}

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> str:
        """The address of the static file ``name``; raises ``FileNotFoundError`` for a file that is not there."""
        key = (self.base_url, name)
        if key not in self._known:
            self._known[key] = f"{super().url(name, *args, **kwargs)}?v={_digest(name or '')}"
        return self._known[key]


@cache
def _digest(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"there is no static file {name!r}; ./huoshui makes those under vendor/")
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
