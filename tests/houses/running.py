"""Runs commands of Huoshui, of this version or another, in one process of their own that serves many of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = {"HUOSHUI_CURRENCY": "CNY", "HUOSHUI_TIME_ZONE": "Asia/Shanghai", "LC_ALL": "C.UTF-8"}

# Starting Python and the engines takes two seconds; done once, a command takes a tenth of that.
SERVE = """
import contextlib, io, json, sys
from huoshui.project.cli import huoshui
from huoshui.project.cli.running import run
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(huoshui, json.loads(line))
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


class House:
    """The command line over the house in ``home``; made by `open_house`."""

    def __init__(self, home: Path, process: subprocess.Popen[str]) -> None:
        self.home = home
        self._process = process

    def attempt(self, *arguments: str | Path) -> Ended:
        """Run a command, whatever comes of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(a) for a in arguments]) + "\n")
        self._process.stdin.flush()
        return Ended(*json.loads(self._process.stdout.readline()))

    def __call__(self, *arguments: str | Path) -> Ended:
        """Run a command; raises ``AssertionError`` with what it said when it fails."""
        ended = self.attempt(*arguments)
        if ended.code:
            raise AssertionError(f"huoshui {' '.join(map(str, arguments))}: {ended.err}{ended.out}")
        return ended

    def json(self, *arguments: str | Path) -> Any:
        """What a command answers with ``--json``."""
        return json.loads(self(*arguments, "--json").out)


@contextmanager
def open_house(home: Path, *, code: Path = PROJECT, **settings: str) -> Iterator[House]:
    """Serve commands of the Huoshui in the folder ``code`` on the house in ``home``."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=home.parent,
        env=environment(home, code=code, **settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield House(home, process)
        finally:
            # Killed, not asked to leave: the interpreter's usual way out can hang on the threads of the engines.
            process.kill()


def environment(home: Path, *, code: Path = PROJECT, **settings: str) -> dict[str, str]:
    """The environment of a program over the house in ``home``, without the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUOSHUI_", "DJANGO_"))}
    return {**kept, **SETTINGS, "HUOSHUI_HOME": str(home), "PYTHONPATH": str(code / "src"), **settings}
