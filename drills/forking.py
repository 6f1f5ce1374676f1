"""Begin processes of a house quickly: each is a fork of one that has loaded what all of them need.

Starting Python and the engines takes two seconds of a processor, most of what a small house does in a command; a fork
takes a hundredth of that, and a kill at a random moment falls into the work instead.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["drills.loaded"])


def begin(
    *words: str, environment: Mapping[str, str], out: Path | None = None, err: Path | None = None
) -> ForkServerProcess:
    """Begin ``python -m WORDS`` with these settings; what it writes goes to the files, if any.

    The process has ``pid``, ``kill``, ``join`` and ``exitcode``: ``-9`` when it was killed, none while it runs.
    """
    process = FORKS.Process(target=_run, args=(words, dict(environment), out, err))
    process.start()
    return process


def _run(words: tuple[str, ...], environment: dict[str, str], out: Path | None, err: Path | None) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((1, out), (2, err)):
        os.dup2(os.open(path or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    sys.argv = list(words)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
