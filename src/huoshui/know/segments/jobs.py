"""Memberships in the background: each minute of those whom something changed; all of them when somebody asks."""

from __future__ import annotations

from datetime import timedelta

from huoshui.data.traits import queries as traits
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, JobResult, Periodic, TryAgain
from huoshui.kernel.actors import Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.know.segments import refreshing
from huoshui.know.segments.computing import Done
from huoshui.lake import open_lake
from huoshui.lake.errors import LakeBusy

FOLLOW, REFRESH = "segments.follow", "segments.refresh"
LABEL = Text("Bringing segments up to date", "更新分群成员")


def follow(job: JobContext) -> JobResult | None:
    """Those whom new facts or a changed rule can move, as of the last refresh."""
    return _run(job, everybody=False)


def refresh(job: JobContext) -> JobResult | None:
    """Everybody, as of the last refresh."""
    return _run(job, everybody=True)


def declare() -> None:
    """The kinds, and how often the first is due."""
    right = Right.TRAITS_REFRESH
    KINDS.declare(
        JobKind(slug=FOLLOW, label=LABEL, run=follow, right=right, hidden=True),
        JobKind(slug=REFRESH, label=LABEL, run=refresh, right=right),
    )
    PERIODIC.declare(Periodic(slug=FOLLOW, label=LABEL, kind=FOLLOW, every=timedelta(minutes=1)))


def _run(job: JobContext, *, everybody: bool) -> JobResult | None:
    lake = open_lake()
    refreshed = traits.last_refresh(tables=lake.snapshot())
    if refreshed is None:  # memberships begin with the first traits
        return None
    as_of = AsOf(at=refreshed[0], zone=HOUSE().zone)
    verb = refreshing.refresh if everybody else refreshing.follow
    try:
        return JobResult(text=words(verb(actor=job.actor, lake=lake, as_of=as_of, now=job.now)))
    except LakeBusy as error:
        raise TryAgain(error.problem, next_step=error.next_step) from error


def words(done: Done) -> Text:
    """What a computation did."""
    return Text(
        f"{done.segments:,} segments: {done.entered:,} entered, {done.left:,} left",
        f"{done.segments:,} 个分群：进入 {done.entered:,} 人次，离开 {done.left:,} 人次",
    )
