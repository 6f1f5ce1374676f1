"""Runs commands of Huoshui, of this version or another, in one process of their own that serves many of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, TextIO

from drills.forking import begin

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = {"HUOSHUI_CURRENCY": "CNY", "HUOSHUI_TIME_ZONE": "Asia/Shanghai", "LC_ALL": "C.UTF-8"}

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

    def __init__(self, home: Path, line: TextIO) -> None:
        self.home = home
        self._line = line

    def attempt(self, *arguments: str | Path) -> Ended:
        """Run a command, whatever comes of it."""
        self._line.write(json.dumps([str(a) for a in arguments]) + "\n")
        self._line.flush()
        return Ended(*json.loads(self._line.readline()))

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
    settings = environment(home, code=code, **settings)
    ours, theirs = socket.socketpair()
    line = ours.makefile("rw", encoding="utf-8")
    process: ForkServerProcess | subprocess.Popen[bytes]
    with theirs:
        if code == PROJECT:
            process = begin(
                "-c", SERVE, environment=settings, folder=home.parent, given=theirs, out=theirs, err=2
            )
        else:
            process = subprocess.Popen(
                [sys.executable, "-c", SERVE],
                cwd=home.parent,
                env=settings,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
            )
    try:
        yield House(home, line)
    finally:
        # Killed, not asked to leave: the interpreter's usual way out can hang on the threads of the engines.
        process.kill()
        process.wait() if isinstance(process, subprocess.Popen) else process.join()
        line.close()
        ours.close()


def environment(home: Path, *, code: Path = PROJECT, **settings: str) -> dict[str, str]:
    """The environment of a program over the house in ``home``, without the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUOSHUI_", "DJANGO_"))}
    return {**kept, **SETTINGS, "HUOSHUI_HOME": str(home), "PYTHONPATH": str(code / "src"), **settings}
