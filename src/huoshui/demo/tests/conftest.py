"""Two companies that the tests share: one as files with its truth, and a small one in a house."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from drills.forking import run
from huoshui.demo import company
from huoshui.demo.company import Life
from huoshui.demo.invention import Invention, World

UNTIL = date(2026, 6, 30)
MANY = Invention(customers=20_000, days=730, seed=1, until=UNTIL)
FEW = Invention(customers=1_500, days=730, seed=1, until=UNTIL)
FEW_PEOPLE = ("demo", "--customers", str(FEW.customers), "--days", str(FEW.days), "--until", UNTIL.isoformat(),
              "--months", "0", "--no-serve", "--json")  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """A company as it was written: its files and its truth."""

    files: Path
    truths: Path

    def file(self, kind):
        return pq.read_table(self.files / f"{kind}.parquet")

    def truth(self, name):
        return pq.read_table(self.truths / f"{name}.parquet")

    @property
    def story(self):
        return json.loads((self.truths / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def shop(tmp_path_factory) -> Shop:
    """The company of the defaults, as files."""
    made = Shop(tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("truth"))
    company.write(MANY, files=made.files, truths=made.truths)
    return made


@pytest.fixture(scope="session")
def world() -> World:
    """The world of the company of the defaults."""
    return World.of(MANY)


@pytest.fixture(scope="session")
def life(world) -> Life:
    """All its people, cast left out."""
    return company.live(world, 0, MANY.customers)


def huoshui(folder: Path, *arguments: str, home: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program in ``folder``."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUOSHUI_")}
    if home is not None:
        environment["HUOSHUI_HOME"] = home
    return run("huoshui", *arguments, environment={**environment, "LC_ALL": "C.UTF-8"}, folder=folder)


@dataclass(frozen=True)
class DemoHouse:
    """A small company in a house of its own, made by the program."""

    folder: Path
    figures: dict[str, Any]
    told: str

    def sql(self, query: str) -> list[dict[str, Any]]:
        done = huoshui(self.folder, "sql", query, "--json", home="huoshui-demo")
        assert done.returncode == 0, done.stderr
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows

    @property
    def truth(self) -> Path:
        return self.folder / "huoshui-demo-truth"


@pytest.fixture(scope="session")
def house(tmp_path_factory) -> DemoHouse:
    """The demo with 1,500 customers over 24 months."""
    folder = tmp_path_factory.mktemp("demo")
    done = huoshui(folder, *FEW_PEOPLE)
    assert done.returncode == 0, done.stderr
    return DemoHouse(folder, json.loads(done.stdout), done.stderr)
