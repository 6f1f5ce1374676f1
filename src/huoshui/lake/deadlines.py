"""Breaking off what takes too long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from huoshui.lake.errors import QueryFailed, QueryTooLong

EVERY = 0.05


@contextmanager
def at_most(seconds: float, interrupt: Callable[[], object], sign: type[Exception]) -> Iterator[None]:
    """Call ``interrupt`` when the block takes longer; a `QueryFailed` because of ``sign`` is then `QueryTooLong`."""
    ended = threading.Event()

    def watch() -> None:
        # An interrupt between two questions is forgotten: the next one is interrupted, too.
        late = not ended.wait(seconds)
        while late and not ended.wait(EVERY):
            interrupt()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    except QueryFailed as error:
        if not isinstance(error.__cause__, sign):
            raise
        raise QueryTooLong(
            f"The question took longer than {seconds:g} seconds and was broken off",
            next_step="Ask for less: fewer clauses, or windows of days in those that look at facts",
        ) from error
    finally:
        ended.set()
