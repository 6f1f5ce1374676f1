"""What the test plugins promise: rooms by path, budgets with patience, data and servers on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.contracts import owner_of_models
from tests.plugins import budget, house
from tests.plugins.budget import Budgets, Ledger, room_of
from tests.plugins.postgres import PostgresServer

BUDGETS = Budgets(default=10, rooms={"lake": 20})


@dataclass(frozen=True)
class Found:
    """A test as pytest has collected it."""

    path: str
    name: str
    slow: bool = False

    def get_closest_marker(self, name: str) -> bool:
        return self.slow and name == "slow"


@pytest.mark.parametrize(
    ("nodeid", "room"),
    [
        ("src/huoshui/data/customers/tests/test_queries.py::test_x[a::b]", "data.customers"),
        ("src/huoshui/data/customers/tests/deep/test_x.py::test_x", "data.customers"),
        ("src/huoshui/lake/tests/test_merge.py::TestX::test_y", "lake"),
        ("src/huoshui/test_x.py::test_y", "house"),
        ("tests/test_locks.py::test_x", "house"),
    ],
)
def test_a_test_belongs_to_the_room_beside_it(nodeid: str, room: str):
    assert room_of(nodeid) == room


def test_a_room_may_take_three_times_its_budget_and_no_more():
    ledger = Ledger(BUDGETS)
    for number in range(6):
        ledger.add(f"src/huoshui/lake/tests/test_{number}.py::test", 10.0)
    assert ledger.complaints() == []
    ledger.add("src/huoshui/lake/tests/test_7.py::test", 0.1)
    assert ledger.complaints() == [
        "TIME BUDGET: the tests of lake took 60.1 s; the budget is 20 s, 3 times that is the limit"
    ]


def test_a_long_test_is_remarked_upon_and_a_very_long_one_fails_unless_marked_slow():
    ledger = Ledger(Budgets(default=1000, rooms={}))
    ledger.add("tests/test_a.py::quick", 4.9)
    ledger.add("tests/test_a.py::long", 6.0)
    ledger.add("tests/test_a.py::very_long", 16.0)
    ledger.add("tests/test_a.py::long_on_purpose", 16.0, slow=True)
    assert ledger.remarks() == ["longer than 5 s without the mark slow: tests/test_a.py::long (6.0 s)"]
    assert [line.split()[2] for line in ledger.complaints()] == ["tests/test_a.py::very_long"]


def test_the_wait_for_a_session_fixture_is_not_charged_to_the_first_test():
    ledger = Ledger(BUDGETS)
    ledger.add("tests/test_a.py::first", 30.0, shared=29.0)
    assert ledger.by_room() == {"house": 1.0}
    assert ledger.shared == 29.0


def test_files_with_slow_tests_begin_first_and_stay_together():
    found = [Found("a", "one"), Found("b", "two"), Found("b", "three", slow=True), Found("c", "four")]
    budget.pytest_collection_modifyitems(found)  # type: ignore[arg-type] # it asks no more of a test than that
    assert [test.name for test in found] == ["two", "three", "one", "four"]


def test_the_files_that_take_longest_begin_and_are_there():
    budgets = Budgets.read()
    assert budgets.of("house") > 0
    longest = [Path(__file__).parents[1] / name for name in budgets.first]
    assert all(path.is_file() for path in longest)
    found = [Found("/a", "one", slow=True), *(Found(str(path), path.name) for path in reversed(longest))]
    budget.pytest_collection_modifyitems(found)  # type: ignore[arg-type] # as above
    assert [test.name for test in found] == [*(path.name for path in longest), "one"]


def test_missing_data_skips_or_fails_as_required(
    test_data: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv(house.TEST_DATA, str(tmp_path))
    (tmp_path / "cdnow").mkdir()
    assert test_data("cdnow") == tmp_path / "cdnow"
    monkeypatch.delenv(house.REQUIRE_TEST_DATA, raising=False)
    with pytest.raises(pytest.skip.Exception, match="open data set not found"):
        test_data("lost")
    monkeypatch.setenv(house.REQUIRE_TEST_DATA, "1")
    with pytest.raises(pytest.fail.Exception, match="open data set not found"):
        test_data("lost")


def test_the_models_of_a_room_belong_to_it():
    assert owner_of_models("huoshui.data.customers.models") == "huoshui.data.customers"
    assert owner_of_models("huoshui.data.customers.models.person") == "huoshui.data.customers"
    assert owner_of_models("huoshui.lake.models") == "huoshui.lake"
    assert owner_of_models("huoshui.know.models.queries") is None
    assert owner_of_models("huoshui.know.models.models") == "huoshui.know.models"
    assert owner_of_models("huoshui.data.customers.queries") is None


def test_each_database_of_the_postgres_server_is_new_and_speaks_utf8(postgres: PostgresServer):
    first, second = postgres.new_database(), postgres.new_database()
    assert first != second
    with psycopg.connect(first) as connection:
        assert connection.execute("SELECT '活水', current_setting('server_encoding')").fetchone() == (
            "活水",
            "UTF8",
        )
