"""Rules for every test: clean settings, the open data sets, marks that follow from fixtures."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[2]

TEST_DATA = "HUOSHUI_TEST_DATA"
REQUIRE_TEST_DATA = "HUOSHUI_REQUIRE_TEST_DATA"

# A fixture that makes a test need something outside gives the test the mark of the same promise.
MARKS_BY_FIXTURE = {"test_data": "real_data", "postgres": "postgres", "s3": "s3"}


def forget_own_settings() -> Path:
    """Drop the developer's HUOSHUI_* settings and give the tests an empty home; returns that home."""
    for name in list(os.environ):
        if name.startswith("HUOSHUI_") and not name.startswith(("HUOSHUI_TEST_", REQUIRE_TEST_DATA)):
            del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="huoshui-test-home-"))
    os.environ["HUOSHUI_HOME"] = str(home)
    return home


# When this module is imported, and not in a hook: pytest-django reads the settings before the first hook that a
# plugin could use.
_HOME = forget_own_settings()

# All modules of the house are loaded now, and stay; looking through them for garbage again and again is a tenth of the
# time of the tests.
gc.disable()

hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_collection_finish() -> None:
    gc.freeze()
    # Expressions are many small things that live for one question: to look every 700 of them is a tenth of the time.
    gc.set_threshold(100_000, 50, 50)
    gc.enable()


def pytest_unconfigure() -> None:
    gc.unfreeze()
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, mark in MARKS_BY_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


def test_data_folder() -> Path:
    return Path(os.environ.get(TEST_DATA) or ROOT.parent / "shared" / "data")


def test_data_is_required() -> bool:
    return os.environ.get(REQUIRE_TEST_DATA) == "1"


@pytest.fixture(scope="session")
def test_data() -> Callable[[str], Path]:
    """Give the path of an open data set, as ``test_data("cdnow")`` or ``test_data("cdnow/README.md")``.

    The test is skipped when the set is not on this machine, and fails instead when HUOSHUI_REQUIRE_TEST_DATA=1.
    """

    def path_of(name: str) -> Path:
        path = test_data_folder() / name
        if not path.exists():
            reason = f"open data set not found: {path} (set {TEST_DATA} to the folder that holds {name})"
            if test_data_is_required():
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return path_of


class RequiredData:
    """Fails the session when a test on real data was skipped although the data is required."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and "real_data" in report.keywords and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for nodeid in self.skipped:
            terminalreporter.write_line(f"skipped although {REQUIRE_TEST_DATA}=1: {nodeid}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    # In a run over several processes, the one that collects all reports judges.
    if test_data_is_required() and not hasattr(config, "workerinput"):
        config.pluginmanager.register(RequiredData(), "huoshui-required-data")
