"""Houses for this room's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from huoshui.data.connectors.tests.house import House, founded

__all__ = ["house", "shared_house"]


@pytest.fixture
def house(db, tmp_path: Path) -> Iterator[House]:
    """An empty house in London with pounds."""
    with founded(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared_house(
    django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A house in London with pounds for all tests of a module: for those that leave it as it was, or load under a
    source of their own."""
    with django_db_blocker.unblock(), founded(tmp_path_factory.mktemp("house")) as made:
        yield made
