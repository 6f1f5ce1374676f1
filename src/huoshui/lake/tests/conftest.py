"""Fixtures of the lake's tests: a lake of the test's own, with its house versions in the test database.

The lake lies in a folder, or in a bucket of a local S3 server, as the mark ``lake_in`` says: ``lake_in("folder",
"bucket")`` runs the test twice. A test without the mark runs in a folder, and under HUOSHUI_TEST_BUCKETS=1 in both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend

from huoshui.lake.house import Lake
from huoshui.lake.object_store import Access, ObjectStore
from huoshui.lake.storage import LocalFolder, Storage
from huoshui.lake.tests.shop import engine_settings
from tests.plugins.databases import in_place_of_default

OpenLake = Callable[[], Lake]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "storage" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker("lake_in")
        thorough = os.environ.get("HUOSHUI_TEST_BUCKETS") == "1"
        places = marked.args if marked else ("folder", "bucket") if thorough else ("folder",)
        # Slow: each write of a table is fifty requests to a server that is not quick.
        asked = (pytest.mark.s3, pytest.mark.slow)
        metafunc.parametrize(
            "storage",
            [pytest.param(place, marks=asked if place == "bucket" else ()) for place in places],
            indirect=True,
        )


@pytest.fixture
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Storage]:
    """Where the lake of this test lies: a folder, or a bucket with its cache in a folder."""
    if request.param == "folder":
        return lambda: LocalFolder(tmp_path / "lake")
    s3 = request.getfixturevalue("s3")
    url = f"s3://{s3.new_bucket()}/house/lake"
    access = Access.read(s3.environment)
    return lambda: ObjectStore(url, access, tmp_path / "lake", limit=10**9)


@pytest.fixture
def open_another(tmp_path: Path, storage: Callable[[], Storage]) -> Iterator[OpenLake]:
    """Open the lake of this test once more, as another process would; all are closed in the end."""
    opened: list[Lake] = []

    def make() -> Lake:
        lake = Lake(storage(), engine_settings(tmp_path / f"tmp {len(opened)}"))
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
    """A database in a file, in place of the default one, that other processes and threads can open too."""
    path = tmp_path / "house.sqlite3"
    with django_db_blocker.unblock(), connected_to(path):
        call_command("migrate", "lake", verbosity=0)
        yield path


@contextmanager
def connected_to(path: Path) -> Iterator[None]:
    """Let this thread use the database in ``path`` in place of its default one."""
    engine = "django.db.backends.sqlite3"
    chosen = {"ENGINE": engine, "NAME": path, "OPTIONS": {"timeout": 20}}
    whole = connections.configure_settings({"default": chosen})["default"]
    wrapper = load_backend(engine).DatabaseWrapper(whole, "default")
    try:
        with in_place_of_default(wrapper):
            yield
    finally:
        wrapper.close()
