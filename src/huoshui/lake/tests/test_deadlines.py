"""What takes too long is broken off, and what comes after it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from huoshui.lake.duck import DuckEngine
from huoshui.lake.errors import QueryFailed, QueryTooLong
from huoshui.lake.tests.shop import engine_settings

ENDLESS = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckEngine]:
    made = DuckEngine(engine_settings(tmp_path))
    yield made
    made.close()


def test_a_question_that_takes_too_long_is_broken_off_with_a_sentence(engine: DuckEngine):
    session = engine.session()
    with pytest.raises(QueryTooLong, match=r"longer than 0\.05 seconds"), session.at_most(0.05):
        session.arrow(ENDLESS)
    with session.at_most(60):
        assert session.arrow("SELECT 1 AS one").to_pylist() == [{"one": 1}]


def test_other_failures_stay_what_they_are(engine: DuckEngine):
    session = engine.session()
    with pytest.raises(QueryFailed) as failed, session.at_most(60):
        session.arrow("SELECT nothing")
    assert not isinstance(failed.value, QueryTooLong)
