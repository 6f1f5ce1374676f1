"""The time budget of each room's tests, so that the suite stays quick as the house grows.

budgets.toml beside this folder gives each room its seconds. Machines differ and are busy, so a run fails only when
a room takes PATIENCE times its budget, or when a test without the mark ``slow`` takes longer than UNBEARABLE
seconds. Session-wide fixtures (the test database, a server) are counted on a line of their own, not for the test
that happened to come first.
"""

from __future__ import annotations

import time
import tomllib
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

BUDGETS = Path(__file__).resolve().parents[1] / "budgets.toml"
PATIENCE = 3
SLOW = 5.0
UNBEARABLE = 15.0
SHOWN = 20

_SHARED = "seconds in session fixtures"


def room_of(nodeid: str) -> str:
    """Return "data.customers" for a test beside that room, "house" or "spark" for one in the tests folder."""
    parts = PurePosixPath(nodeid.partition("::")[0]).parts
    if parts[:2] == ("tests", "spark"):
        return "spark"
    if parts[:2] != ("src", "huoshui"):
        return "house"
    folders = parts[2:-1]
    if "tests" in folders:
        folders = folders[: folders.index("tests")]
    return ".".join(folders) or "house"


@dataclass(frozen=True)
class Budgets:
    """Seconds per room; ``default`` for a room that is not named. ``first`` are the files that take longest."""

    default: float
    rooms: dict[str, float]
    first: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path = BUDGETS) -> Budgets:
        with path.open("rb") as file:
            content = tomllib.load(file)
        return cls(
            default=float(content["default"]),
            rooms={k: float(v) for k, v in content["rooms"].items()},
            first=tuple(content["first"]),
        )

    def of(self, room: str) -> float:
        return self.rooms.get(room, self.default)


class Ledger:
    """Adds up what the tests took and says what was too long."""

    def __init__(self, budgets: Budgets) -> None:
        self.budgets = budgets
        self.by_test: dict[str, float] = defaultdict(float)
        self.shared = 0.0
        self.marked_slow: set[str] = set()

    def add(self, nodeid: str, seconds: float, *, shared: float = 0.0, slow: bool = False) -> None:
        self.by_test[nodeid] += seconds - shared
        self.shared += shared
        if slow:
            self.marked_slow.add(nodeid)

    def by_room(self) -> dict[str, float]:
        rooms: dict[str, float] = defaultdict(float)
        for nodeid, seconds in self.by_test.items():
            rooms[room_of(nodeid)] += seconds
        return dict(rooms)

    def slowest(self) -> list[tuple[str, float]]:
        return sorted(self.by_test.items(), key=lambda pair: -pair[1])[:SHOWN]

    def complaints(self) -> list[str]:
        """What fails the run."""
        lines = [
            f"TIME BUDGET: the tests of {room} took {seconds:.1f} s; the budget is {self.budgets.of(room):g} s, "
            f"{PATIENCE} times that is the limit"
            for room, seconds in sorted(self.by_room().items())
            if seconds > PATIENCE * self.budgets.of(room)
        ]
        lines += [
            f"TIME BUDGET: {nodeid} took {seconds:.1f} s and is not marked slow; make it quicker, or mark it"
            for nodeid, seconds in self._unmarked(above=UNBEARABLE)
        ]
        return lines

    def remarks(self) -> list[str]:
        """What is said without failing the run."""
        return [
            f"longer than {SLOW:g} s without the mark slow: {nodeid} ({seconds:.1f} s)"
            for nodeid, seconds in self._unmarked(above=SLOW)
            if seconds <= UNBEARABLE
        ]

    def _unmarked(self, *, above: float) -> list[tuple[str, float]]:
        return [
            (nodeid, seconds)
            for nodeid, seconds in sorted(self.by_test.items())
            if seconds > above and nodeid not in self.marked_slow
        ]


class SharedFixtureClock:
    """Notes, beside each test's report, how long it waited for session-wide fixtures. Runs where the tests run."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._depth = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        if fixturedef.scope != "session":
            return (yield)
        started = time.perf_counter()
        self._depth += 1
        try:
            return (yield)
        finally:
            self._depth -= 1
            if self._depth == 0:  # one session fixture that asks for another is counted once
                self._seconds += time.perf_counter() - started

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        report.user_properties.append((_SHARED, self._seconds))
        self._seconds = 0.0
        return report


class BudgetReport:
    """Collects the reports of all processes, prints the table and fails the session when something took too long."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.ledger = Ledger(Budgets.read())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        shared = sum(float(str(value)) for name, value in report.user_properties if name == _SHARED)
        # Teardown of session fixtures falls to the last test; nobody can help that, so it is left out.
        if report.when != "teardown":
            slow = "slow" in report.keywords
            self.ledger.add(report.nodeid, report.duration, shared=shared, slow=slow)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.ledger.complaints() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        if self.config.args_source is pytest.Config.ArgsSource.TESTPATHS and self.ledger.by_test:
            terminalreporter.section("time by room")
            for room, seconds in sorted(self.ledger.by_room().items(), key=lambda pair: -pair[1]):
                write(f"{seconds:8.2f} s  of {self.ledger.budgets.of(room):4g} s  {room}")
            write(f"{self.ledger.shared:8.2f} s             session fixtures")
            terminalreporter.section(f"slowest {SHOWN} tests")
            for nodeid, seconds in self.ledger.slowest():
                write(f"{seconds:8.2f} s  {nodeid}")
        for line in self.ledger.remarks():
            write(line, yellow=True)
        for line in self.ledger.complaints():
            write(line, red=True, bold=True)
        if self.config.pluginmanager.hasplugin("randomly"):
            seed = self.config.getoption("randomly_seed", default=None)
            write(f"order of this run: --randomly-seed={seed}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, then with those that have slow tests: in a run over several processes,
    none shall sit over one of them in the end while the others have nothing left to do."""
    first = Budgets.read().first
    long = {item.path for item in items if item.get_closest_marker("slow")}

    def place(item: pytest.Item) -> tuple[int, bool]:
        path = PurePosixPath(item.path).as_posix()
        rank = next((at for at, name in enumerate(first) if path.endswith(f"/{name}")), len(first))
        return rank, item.path not in long

    places = {item.path: place(item) for item in items}
    items.sort(key=lambda item: places[item.path])


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SharedFixtureClock(), "huoshui-shared-fixture-clock")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(BudgetReport(config), "huoshui-budget-report")
