"""A house of the test's own, and the command line over it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture
def home(db, settings, tmp_path: Path) -> Iterator[Path]:
    """The folder of a house that was not founded yet."""
    folder = tmp_path / "home"
    folder.mkdir()
    settings.HUOSHUI_HOME = folder
    settings.HUOSHUI_LAKE = str(folder / "lake")
    settings.HUOSHUI_CURRENCY, settings.HUOSHUI_TIME_ZONE = "GBP", "Europe/London"
    settings.HUOSHUI_STATED = frozenset({"currency", "time_zone"})
    yield folder
    from huoshui.desk.organisation import queries
    from huoshui.lake import open_lake

    if queries.is_founded():
        open_lake().close()


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command of the command line in this process."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("HUOSHUI_HOME", str(home))

    def runner(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = run_command(huoshui, [str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return runner


SALES = """\
Invoice,Customer ID,Date,Stock Code,Description,Quantity,Unit Price,Country,Phone
1001,10,2024-01-01 10:00,L1,灯 Lamp,2,10.50,France,+44 7400 000001
1002,10,2024-02-01 10:00,L1,灯 Lamp,1,10.50,France,+44 7400 000001
1003,11,2024-02-05 10:00,K1,=Lock,1,100,Spain,+44 7400 000001
C1004,11,2024-02-06 10:00,K1,=Lock,-1,100,Spain,+44 7400 000001
1005,,2024-02-07 10:00,L1,灯 Lamp,1,10.50,,
"""


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """Three customers' worth of invoices: a return, an anonymous sale, one phone of two customers."""
    path = tmp_path / "sales.csv"
    path.write_text(SALES, encoding="utf-8")
    return path
