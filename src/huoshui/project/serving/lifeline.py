"""A child process that ends when its parent does, also when that was killed and could tell nobody."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
PARENT = "HUOSHUI_PARENT"
LOOK = 0.5
"""Seconds between two looks at the parent, where the system does not tell by itself."""


def end_with_parent(how: signal.Signals) -> None:
    """Let this process get the signal ``how`` when its parent ends, which is the process that said `be_parent`.

    Called by the child. On Linux the kernel sends it; elsewhere a thread looks whether the parent is still the same.
    """
    parent = int(os.environ[PARENT])
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent, how), daemon=True, name="lifeline").start()
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), how)


def be_parent() -> None:
    """Children that are started from now on can tell when this process is gone."""
    os.environ[PARENT] = str(os.getpid())


def is_supervised() -> bool:
    """Whether this process belongs to a ``huoshui serve``."""
    return PARENT in os.environ


def _watch(parent: int, how: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os.kill(os.getpid(), how)
