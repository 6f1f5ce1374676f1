"""What rooms declare: kinds of jobs, and what is started by the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Text

LEASE = timedelta(seconds=30)
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a job ends with: a sentence, and the address of a page or a file in the job's folder."""

    text: Text
    url: str = ""
    file: Path | None = None


class JobContext(Protocol):
    """What a running job is given."""

    @property
    def id(self) -> int:
        """The number of the job."""

    @property
    def actor(self) -> Actor:
        """Who started it, with the rights they have now."""

    @property
    def now(self) -> datetime:
        """When this attempt began."""

    @property
    def attempt(self) -> int:
        """1 the first time, more after a failure or a killed worker."""

    def folder(self) -> Path:
        """An empty folder for the file of the result; it goes with the job."""

    def progress(self, done: int, of: int | None = None, note: Text | None = None) -> None:
        """Say how far the work is, as often as you like, at best several times a second: that is also how a job learns
        that it was cancelled. Raises `Cancelled`, `Stopping` and `LeaseLost`, which are to be let through."""


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """A kind of job. ``run(job, **arguments)`` does the work.

    People need ``right`` to start one. A refusal (`HuoshuiError`) ends it with that sentence; after anything else that
    is raised it is run up to ``retries`` times more, each time later. It belongs to its worker for ``lease``, which is
    renewed as long as the process lives. ``quick`` is for what takes moments and should not wait behind exports. Files
    are kept for ``kept``. ``hidden`` jobs are nobody's business but the machine's: they are not listed.
    """

    slug: str
    label: Text
    run: Callable[..., JobResult | None]
    right: Right | None = None
    retries: int = 2
    lease: timedelta = LEASE
    kept: timedelta = KEPT
    quick: bool = False
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """A job that the clock starts: each day ``at`` a time of the house, or ``every`` so long.

    One that was due while no worker ran is started once when there is one again. Exactly one is started however many
    workers there are, and none while the last one is not finished.
    """

    slug: str
    label: Text
    kind: str
    at: time | None = None
    every: timedelta | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.at is None) == (self.every is None):
            raise ValueError(f"periodic {self.slug!r} says either at what time or how often")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Work that every worker does all the time, in a thread of its own: handing messages over, for instance.

    ``work(worker, stopping)`` is called again and again and says whether there was anything to do; where there was
    nothing it is left alone for a second. ``worker`` is the name under which the supervisor starts it again when it
    died. It ends soon once ``stopping`` is set.
    """

    slug: str
    work: Callable[[str, Event], bool]


KINDS: Registry[JobKind] = Registry("kind of job")
PERIODIC: Registry[Periodic] = Registry("periodic job")
STANDING: Registry[Standing] = Registry("standing work")


class NoSuchKind(HuoshuiError):
    """No room declares this kind of job."""

    code = "no_such_kind_of_job"
    says = Text("There is no such kind of job", "没有这种后台任务")


class NoSuchJob(HuoshuiError):
    """There is no job of this number, or it is somebody else's."""

    code = "no_such_job"
    says = Text("There is no such job", "没有这个后台任务")


class NoFile(HuoshuiError):
    """The job has no file, or it has expired."""

    code = "no_such_file"
    says = Text(
        "The file is not there any more: files of jobs are kept for some days",
        "文件已不在：后台任务的文件只保留若干天",
    )


class TryAgain(HuoshuiError):
    """Raised by a job that cannot be done now and may be later: it is run again while it has retries left."""

    code = "try_again"


class Cancelled(HuoshuiError):
    """The job was cancelled by who started it."""

    code = "cancelled"
    says = Text("It was cancelled", "已取消")


class Stopping(Exception):
    """The worker is being stopped; the job goes back and is run again by the next one."""


class LeaseLost(Exception):
    """Another worker has taken the job over, because this one had not been heard of for too long."""
