"""Fixtures of the lake's tests: a lake of the test's own, with its house versions in the test database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend

from huoshui.lake.house import Lake
from huoshui.lake.tests.shop import engine_settings

OpenLake = Callable[[], Lake]


@pytest.fixture
def open_another(tmp_path: Path) -> Iterator[OpenLake]:
    """Open the lake of this test once more, as another process would; all are closed in the end."""
    opened: list[Lake] = []

    def make() -> Lake:
        lake = Lake(tmp_path / "lake", engine_settings(tmp_path / f"tmp {len(opened)}"))
        opened.append(lake)
        return lake

    yield make
    for lake in opened:
        lake.close()


@pytest.fixture
def lake(transactional_db: None, open_another: OpenLake) -> Lake:
    """An empty lake, its house versions in the test database."""
    return open_another()


@pytest.fixture
def database_file(tmp_path: Path, django_db_blocker) -> Iterator[Path]:
    """A database in a file, in place of the default one, that other processes can open too."""
    path = tmp_path / "house.sqlite3"
    engine = "django.db.backends.sqlite3"
    chosen = {"ENGINE": engine, "NAME": path, "OPTIONS": {"timeout": 20}}
    whole = connections.configure_settings({"default": chosen})["default"]
    wrapper = load_backend(engine).DatabaseWrapper(whole, "default")
    before = connections["default"]
    with django_db_blocker.unblock():
        connections["default"] = wrapper
        try:
            call_command("migrate", "lake", verbosity=0)
            yield path
        finally:
            connections["default"] = before
            wrapper.close()
