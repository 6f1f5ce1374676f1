"""A house of the test's own, and the command line over it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from huoshui.project.cli import huoshui
from huoshui.project.cli.running import run as run_command


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Answer]


@contextmanager
def settings_of(folder: Path) -> Iterator[None]:
    """The settings of a house in ``folder``, and its engine let go of in the end."""
    folder.mkdir()
    with override_settings(
        HUOSHUI_HOME=folder,
        HUOSHUI_LAKE=str(folder / "lake"),
        HUOSHUI_CURRENCY="GBP",
        HUOSHUI_TIME_ZONE="Europe/London",
        HUOSHUI_STATED=frozenset({"currency", "time_zone"}),
    ):
        yield
        from huoshui.desk.organisation import queries
        from huoshui.lake import open_lake

        if queries.is_founded():
            open_lake().close()


@contextmanager
def loaded(folder: Path, **files: str) -> Iterator[Path]:
    """The folder of a house as of 2024-03-01 that is taken back in the end; ``files`` are kind and content of what
    a source named shop has loaded into it."""
    with transaction.atomic(), settings_of(folder / "home"):
        for kind, content in files.items():
            (folder / f"{kind}.csv").write_text(content, encoding="utf-8")
            file = str(folder / f"{kind}.csv")
            assert run_command(huoshui, ["import", file, "--as", kind, "--source", "shop"]) == 0
        assert run_command(huoshui, ["refresh", "--as-of", "2024-03-01"]) == 0
        yield folder / "home"
        transaction.set_rollback(True)


@pytest.fixture
def home(db, tmp_path: Path) -> Iterator[Path]:
    """The folder of a house that was not founded yet."""
    folder = tmp_path / "home"
    with settings_of(folder):
        yield folder


@pytest.fixture
def command_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command of the command line in this process."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def runner(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = run_command(huoshui, [str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return runner


@pytest.fixture
def run(home: Path, command_line: Run) -> Run:
    """The command line over a house of the test's own, which is not founded yet."""
    return command_line


SALES = """\
Invoice,Customer ID,Date,Stock Code,Description,Quantity,Unit Price,Country,Phone
1001,10,2024-01-01 10:00,L1,灯 Lamp,2,10.50,France,+44 7400 123456
1002,10,2024-02-01 10:00,L1,灯 Lamp,1,10.50,France,+44 7400 123456
1003,11,2024-02-05 10:00,K1,=Lock,1,100,Spain,+44 7400 123456
C1004,11,2024-02-06 10:00,K1,=Lock,-1,100,Spain,+44 7400 123456
1005,,2024-02-07 10:00,L1,灯 Lamp,1,10.50,,
"""


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """Invoices of two customers who share a phone, with a return and an anonymous sale."""
    path = tmp_path / "sales.csv"
    path.write_text(SALES, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def shop_home(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A house with `SALES` in it as of 2024-03-01, made once for all tests of a module that only read."""
    folder = tmp_path_factory.mktemp("shop")
    path = folder / "sales.csv"
    path.write_text(SALES, encoding="utf-8")
    with django_db_blocker.unblock(), transaction.atomic(), settings_of(folder / "home"):
        assert run_command(huoshui, ["import", str(path), "--as", "transactions"]) == 0
        assert run_command(huoshui, ["refresh", "--as-of", "2024-03-01"]) == 0
        yield folder / "home"
        transaction.set_rollback(True)


@pytest.fixture
def shop(shop_home: Path, command_line: Run) -> Run:
    """The command line over the house that all tests of the module share."""
    return command_line
