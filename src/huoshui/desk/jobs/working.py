"""The loop of a worker: two lanes of jobs, standing work, the clock, and a sign of life."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

from django.db import DatabaseError, close_old_connections, connection

from huoshui.desk.jobs import periodic, running
from huoshui.desk.jobs.kinds import STANDING, Standing
from huoshui.desk.jobs.models import Job, Worker
from huoshui.kernel import clock
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE_ZONE

POLL = 0.5
"""Seconds between two looks for jobs."""

LEFT_ALONE = 1.0
"""Seconds between two looks at standing work that has nothing to do."""

BEAT = 5.0
"""Seconds between two signs of life, and between two looks at the clock and for jobs of killed workers."""

GRACE = 8.0
"""Seconds that running jobs get to come to a stop."""

FORGOTTEN = timedelta(days=1)

log = logging.getLogger("huoshui.jobs")


def new_name() -> str:
    """A name for a worker that no other has."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(6)}"


class Loop:
    """Works jobs off until it is told to `stop`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stopping = threading.Event()
        self._held: dict[str, Job] = {}

    def stop(self, *_signal: int | FrameType | None) -> None:
        """Take no more jobs; running ones come to a stop when they next say how far they are."""
        self.stopping.set()

    def run(self) -> None:
        """Work until stopped. Signals TERM and INT stop it, when called in the main thread."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self.stop)
            signal.signal(signal.SIGINT, self.stop)
        # The supervisor gives a worker the name of the one that died: nobody else can be at its jobs.
        self._surely(lambda: running.take_back(now=clock.now(), worker=self.name))
        lanes = [
            threading.Thread(target=self._lane, args=(quick,), name=name, daemon=True)
            for quick, name in ((True, "quick"), (False, "long"))
        ]
        lanes += [
            threading.Thread(target=self._stand, args=(one,), name=one.slug, daemon=True) for one in STANDING
        ]
        for lane in lanes:
            lane.start()
        self._keep_time()
        until = time.monotonic() + GRACE
        for lane in lanes:
            lane.join(max(0.0, until - time.monotonic()))
        self._surely(lambda: running.hand_back_all(worker=self.name))
        self._surely(lambda: Worker.objects.filter(name=self.name).delete())
        connection.close()

    def _lane(self, quick: bool) -> None:
        lane = threading.current_thread().name
        while not self.stopping.is_set():
            if not self._surely(lambda: self._one(quick, lane)):
                self.stopping.wait(POLL)
        connection.close()

    def _stand(self, standing: Standing) -> None:
        while not self.stopping.is_set():
            if not self._surely(lambda: standing.work(self.name, self.stopping)):
                self.stopping.wait(LEFT_ALONE)
        connection.close()

    def _one(self, quick: bool, lane: str) -> bool:
        # The connection stays: opening one for each look is most of what a worker with nothing to do would cost. One
        # that broke is closed by `_surely`.
        job = running.take(worker=self.name, quick=quick, now=clock.now())
        if job is None:
            return False
        self._held[lane] = job
        try:
            running.run(job, self.stopping)
        finally:
            self._held.pop(lane, None)
        return True

    def _keep_time(self) -> None:
        """In the main thread: the sign of life, leases of running jobs, lost jobs, the clock."""
        last = 0.0
        while not self.stopping.is_set():
            if time.monotonic() - last >= BEAT:
                last = time.monotonic()
                for task in (self._beat, self._look_around):
                    self._surely(task)
            self.stopping.wait(0.2)

    def _beat(self) -> None:
        close_old_connections()
        now = clock.now()
        if not Worker.objects.filter(name=self.name).update(seen_at=now):
            Worker.objects.filter(seen_at__lt=now - FORGOTTEN).delete()
            Worker.objects.create(name=self.name, started_at=now, seen_at=now)
        for job in list(self._held.values()):
            running.renew(job=job, now=now)

    def _look_around(self) -> None:
        now = clock.now()
        running.take_back(now=now)
        periodic.start_due(now=now, zone=HOUSE_ZONE())

    def _surely(self, work: Callable[[], object]) -> object:
        """Do ``work``; a database that is away, or not founded yet, ends nobody's loop."""
        try:
            return work()
        except (DatabaseError, HuoshuiError) as error:
            log.warning("the worker waits: %s", type(error).__name__)
            connection.close()
        except Exception:  # a lane that ends in silence would leave its jobs waiting for ever
            log.exception("the worker goes on after a failure")
        self.stopping.wait(2.0)
        return None
