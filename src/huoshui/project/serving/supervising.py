"""The supervisor: starts the children, starts again what dies, stops all of them.

A program of its own, ``python -m huoshui.project.serving.supervising``, that loads nothing of the house: what
does nothing but wait should not hold the memory of all rooms.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import NoReturn

from huoshui.project.serving.lifeline import be_parent

PLAN = "HUOSHUI_PLAN"

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
LIVED = 60.0
"""Seconds after which a child is taken for healthy, and the next wait begins anew."""

STILLBORN = 5
"""A child that never lived that long, this many times in a row, ends the supervisor."""

GRACE = 12.0
"""Seconds that children get to stop; more than a worker gives its jobs."""

Say = Callable[[str], None]


FIRST_ANSWER = 60.0
"""Seconds that the pages may take to answer for the first time before it is said that they do not."""


@dataclass(frozen=True)
class Plan:
    """What is to be kept alive, and what is told once the pages answer: ``said`` on stderr, ``link`` on stdout."""

    children: Sequence[tuple[str, Sequence[str]]]
    environment: Mapping[str, str]
    host: str
    port: int
    said: Sequence[str]
    link: str


@dataclass
class Child:
    """A process to keep alive."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    failures: int = 0
    next_start: float = 0.0


class Supervisor:
    """Keeps children alive until it gets SIGTERM or SIGINT."""

    def __init__(self, children: Sequence[Child], say: Say) -> None:
        self.children, self.say = children, say
        self.stopping = threading.Event()

    def stop(self, *_signal: int | FrameType | None) -> None:
        """Stop all."""
        self.stopping.set()

    def run(self, ready: Callable[[], None] | None = None) -> int:
        """Start all and keep them alive; returns the exit code: 0 when it was told to stop.

        ``ready`` is called once in a thread after the first start.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        code = 0
        try:
            for child in self.children:
                self._start(child)
            if ready is not None:
                threading.Thread(target=ready, daemon=True, name="ready").start()
            while not self.stopping.wait(0.1):
                worth_it = [self._look_after(child) for child in self.children]
                if not all(worth_it):
                    code = 1
                    break
        finally:
            self._end_all()
        return code

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            child.command,
            env={**os.environ, **child.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C goes to the supervisor, which stops them in order
        )
        child.began = time.monotonic()

    def _look_after(self, child: Child) -> bool:
        """Start a child again when it is time; says no when it is not worth it any more."""
        now = time.monotonic()
        if child.process is None:
            if now >= child.next_start:
                self._start(child)
            return True
        code = child.process.poll()
        if code is None:
            return True
        child.process = None
        child.failures = 1 if now - child.began > LIVED else child.failures + 1
        if child.failures >= STILLBORN:
            self.say(f"the {child.name} ended {child.failures} times in a row; the reason stands above")
            return False
        wait = min(FIRST_WAIT * 2 ** (child.failures - 1), LONGEST_WAIT)
        child.next_start = now + wait
        how = f"signal {-code}" if code < 0 else f"code {code}"
        self.say(f"the {child.name} ended with {how}; it is started again in {wait:.1f} s")
        return True

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + GRACE
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def python(*arguments: str) -> list[str]:
    """The command that runs a module of this installation, whatever lies in the folder one is in."""
    return [sys.executable, "-P", "-m", *arguments]


def become(plan: Plan) -> NoReturn:
    """Turn this process into the supervisor of ``plan``."""
    # By the environment, not as an argument: everybody on the machine can read those, and the link opens the house.
    os.environ[PLAN] = json.dumps(asdict(plan))
    command = python("huoshui.project.serving.supervising")
    os.execv(command[0], command)


def _say(text: str) -> None:
    sys.stderr.write(f"huoshui: {text}\n")
    sys.stderr.flush()


def _welcome(plan: Plan) -> None:
    until = time.monotonic() + FIRST_ANSWER
    while not _answers(plan.host, plan.port):
        if time.monotonic() > until:
            _say("the pages do not answer yet; what the web server says stands above")
            return
        time.sleep(0.1)
    for sentence in plan.said:
        _say(sentence)
    if plan.link:
        sys.stdout.write(f"{plan.link}\n")
        sys.stdout.flush()


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        return connection.getresponse().status < 600
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    """Supervise the plan of the environment; returns the exit code."""
    plan = Plan(**json.loads(os.environ.pop(PLAN)))
    be_parent()
    children = [Child(name, command, plan.environment) for name, command in plan.children]
    return Supervisor(children, _say).run(lambda: _welcome(plan))


if __name__ == "__main__":
    sys.exit(main())
