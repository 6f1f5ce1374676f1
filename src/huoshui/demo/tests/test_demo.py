"""``huoshui demo``: one command to a house with figures; the same again is quick, another one replaces it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = ("demo", "--customers", "60", "--days", "120", "--until", "2024-06-30", "--no-serve", "--json")


def huoshui(folder: Path, *arguments: str, home: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUOSHUI_")}
    if home is not None:
        environment["HUOSHUI_HOME"] = home
    return subprocess.run(
        [sys.executable, "-m", "huoshui", *arguments],
        cwd=folder,
        env={**environment, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.slow
def test_the_demo_is_made_once_and_replaced_by_another(tmp_path: Path):
    first = huoshui(tmp_path, *SMALL)
    assert first.returncode == 0, first.stderr
    figures = json.loads(first.stdout)
    assert figures["totals"]["customers"] == 60
    assert figures["totals"]["revenue"] > 0
    assert figures["as_of"].startswith("2024-06-30T16:00:00")
    assert (tmp_path / "huoshui-demo").is_dir()

    again = huoshui(tmp_path, *SMALL)
    assert json.loads(again.stdout)["computed_at"] == figures["computed_at"]
    assert "already" in again.stderr

    other = huoshui(tmp_path, *SMALL, "--seed", "2")
    assert other.returncode == 0, other.stderr
    changed = json.loads(other.stdout)
    assert changed["totals"]["revenue"] != figures["totals"]["revenue"]
    assert changed["loads"] == figures["loads"]

    person = huoshui(tmp_path, "customer", "K100001", "--json", home="huoshui-demo")
    assert json.loads(person.stdout)["profile"]["name"]
