"""Begin processes of a house quickly: each is a fork of one that has loaded what all of them need.

Starting Python and the engines takes two seconds of a processor, most of what a small house does in a command; a fork
takes a hundredth of that, and a kill at a random moment falls into the work instead. A fork differs from a program
that is started in this alone: its modules were loaded by another process (`loaded`), and that one's ``PYTHON…``
settings hold. Its settings are its own, and what its apps declare it says itself.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["drills.loaded"])


class _Stream:
    """An open file that a fork gets as its standard input, output or error; there it is a number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Callable[[Any], int], tuple[Any]]:
        return _number, (DupFd(self.number),)


def _number(sent: Any) -> int:
    number: int = sent.detach()
    return number


def begin(
    *words: str,
    environment: Mapping[str, str],
    folder: Path | None = None,
    given: FileDescriptorLike | None = None,
    out: Path | FileDescriptorLike | None = None,
    err: Path | FileDescriptorLike | None = None,
) -> ForkServerProcess:
    """Begin ``python -m WORDS`` with these settings, in ``folder``, or ``python -c CODE …`` with the words "-c", CODE.

    It reads what is ``given``, an open file or a socket; what it writes goes to such ones or to paths, if any. The
    process has ``pid``, ``kill``, ``join`` and ``exitcode``: ``-9`` when it was killed, none while it runs.
    """
    with ExitStack() as opened:
        streams = []
        for stream, mode in ((given, "rb"), (out, "wb"), (err, "wb")):
            if stream is None or isinstance(stream, Path):
                stream = opened.enter_context(open(stream or os.devnull, mode))
            streams.append(_Stream(stream if isinstance(stream, int) else stream.fileno()))
        process = FORKS.Process(target=_run, args=(words, dict(environment), folder, streams))
        process.start()
    return process


def run(
    *words: str, environment: Mapping[str, str], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Begin a process, see `begin`, wait for its end, and answer what it wrote."""
    with ExitStack() as opened:
        out, err = (opened.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(2))
        process = begin(*words, environment=environment, folder=folder, out=out, err=err)
        process.join()
        told = [file.read() for file in (out, err) if not file.seek(0)]
    return subprocess.CompletedProcess(words, process.exitcode or 0, *told)


def _run(
    words: tuple[str, ...], environment: dict[str, str], folder: Path | None, streams: list[int]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder or os.curdir)
    for stream, number in enumerate(streams):
        os.dup2(number, stream)
        os.close(number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(stream, mode, buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115 open to the end
        for stream, mode in enumerate(("r", "w", "w"))
    )
    if words[0] == "-c":
        sys.argv = ["-c", *words[2:]]
        exec(words[1], vars(sys.modules["__main__"]))  # noqa: S102 this is what python -c does
    else:
        sys.argv = list(words)
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
