"""Spark gets a Java that it starts on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from huoshui.lake import java
from huoshui.lake.errors import EngineMissing


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own Javas do not count."""
    monkeypatch.setattr(java, "_PLACES", ())
    monkeypatch.setattr(java, "packaged_home", lambda: None)


def installed(home: Path, number: str) -> Path:
    """A Java of a version, that says so as Javas do and repeats what it is asked for."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"""#!/bin/sh
[ "$1" = "-version" ] && echo 'openjdk version "{number}" 2025-04-15' >&2 && exit 0
for word in "$@"; do echo "$word"; done
"""
    )
    program.chmod(0o755)
    return home


@pytest.mark.parametrize(("text", "expected"), [("17.0.15", 17), ("21", 21), ("25-ea", 25), ("1.8.0_402", 1)])
def test_a_java_is_asked_for_its_version(tmp_path, text, expected):
    assert java.version(installed(tmp_path, text)) == expected


def test_where_there_is_no_java_there_is_no_version(tmp_path):
    assert java.version(tmp_path) is None


def test_the_one_that_was_chosen_comes_first(tmp_path):
    chosen, other = installed(tmp_path / "chosen", "21.0.1"), installed(tmp_path / "other", "17.0.1")
    environment = {"JAVA_HOME": str(chosen), "PATH": str(other / "bin")}
    assert java.java_home(environment, tmp_path) == chosen


def test_one_that_spark_does_not_start_on_is_passed_over(tmp_path):
    chosen, other = installed(tmp_path / "chosen", "25"), installed(tmp_path / "other", "17.0.1")
    environment = {"JAVA_HOME": str(chosen), "PATH": str(other / "bin")}
    assert java.java_home(environment, tmp_path) == other


def test_without_any_the_one_of_the_package_is_started_without_its_missing_module(tmp_path, monkeypatch):
    packaged = installed(tmp_path / "it's packaged", "21.0.8")
    monkeypatch.setattr(java, "packaged_home", lambda: packaged)
    home = java.java_home({"PATH": str(tmp_path)}, tmp_path / "own")
    assert java.version(home) == 21
    words = ["-cp", "a b", "--add-modules=jdk.incubator.vector", "", "Main"]
    done = subprocess.run(
        [home / "bin" / "java", *words], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.splitlines() == ["-cp", "a b", "", "Main"]


def test_without_any_it_is_said_what_was_found_and_what_would_do(tmp_path):
    old = installed(tmp_path / "old", "11.0.2")
    with pytest.raises(EngineMissing, match=r"Java 11.*Java 17 or Java 21|Java 11.*17 or 21"):
        java.java_home({"JAVA_HOME": str(old), "PATH": ""}, tmp_path)
