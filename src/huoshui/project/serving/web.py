"""The web server process: ``python -m huoshui.project.serving.web HOST PORT THREADS``, started by the supervisor."""

from __future__ import annotations

import signal
import sys

from granian import Granian
from granian.constants import Interfaces

from huoshui.project.serving import lifeline

LONGEST_STOP = 8
"""Seconds that running requests get when the server stops."""


def main(host: str, port: int, threads: int) -> None:
    """Serve until told to stop."""
    lifeline.end_with_parent(signal.SIGKILL)
    lifeline.be_parent()  # of the process that answers the requests
    Granian(
        "huoshui.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=threads,
        websockets=False,
        workers_kill_timeout=LONGEST_STOP,
        log_dictconfig={"loggers": {"_granian": {"level": "WARNING"}}},
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
