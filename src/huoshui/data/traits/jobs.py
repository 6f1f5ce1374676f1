"""Computing all traits in the background: when somebody asks for it, and every night."""

from __future__ import annotations

from datetime import time

from huoshui.data.traits import queries, services
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, JobResult, Periodic, TryAgain
from huoshui.kernel.actors import Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.lake.errors import LakeBusy

SLUG = "traits.refresh"
NIGHTLY = "traits.nightly"
AGAIN = "traits.again"
LABEL = Text("Computing traits", "计算客户特征")
AFTER_MIDNIGHT = time(0, 10)


def refresh(job: JobContext) -> JobResult:
    """Compute all traits as of now."""
    return _refresh(job, AsOf(at=job.now, zone=HOUSE().zone))


def again(job: JobContext) -> JobResult:
    """Compute all traits anew as of the moment of the last refresh: the days before it are others in another zone."""
    last = queries.last_refresh(tables=open_lake().snapshot())
    if last is None:
        return JobResult(text=Text("Nothing was computed before", "此前没有计算过"))
    return _refresh(job, AsOf(at=last[0], zone=HOUSE().zone))


def nightly(job: JobContext) -> JobResult:
    """Compute all traits as of the beginning of this day. The days of an invented company do not go on."""
    if HOUSE().demo:
        return JobResult(text=Text("A demo house stays at its last day", "演示组织停留在其最后一天"))
    zone = HOUSE().zone
    return _refresh(job, AsOf.day(job.now.astimezone(zone).date(), zone))


def declare() -> None:
    """The kinds, and when the night's is due."""
    KINDS.declare(
        JobKind(slug=SLUG, label=LABEL, run=refresh, right=Right.TRAITS_REFRESH),
        JobKind(slug=AGAIN, label=LABEL, run=again, right=Right.TRAITS_REFRESH),
        JobKind(slug=NIGHTLY, label=LABEL, run=nightly, right=Right.TRAITS_REFRESH),
    )
    PERIODIC.declare(Periodic(slug=NIGHTLY, label=LABEL, kind=NIGHTLY, at=AFTER_MIDNIGHT))


def _refresh(job: JobContext, as_of: AsOf) -> JobResult:
    try:
        done = services.refresh(actor=job.actor, lake=open_lake(), as_of=as_of, now=job.now)
    except LakeBusy as error:
        raise TryAgain("Something else writes the lake now") from error
    at = f"{as_of.at.astimezone(as_of.zone):%Y-%m-%d %H:%M}"
    return JobResult(
        text=Text(
            f"{done.traits} traits of {done.customers:,} customers as of {at}",
            f"{done.customers:,} 位客户的 {done.traits} 项特征，截至 {at}",
        )
    )
