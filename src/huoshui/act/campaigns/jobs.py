"""Campaigns in the background: each minute, and at once when one is started."""

from __future__ import annotations

from datetime import timedelta

from huoshui.act.campaigns import following, reaching
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, JobResult, Periodic
from huoshui.kernel.actors import Right
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake

LABEL = Text("Campaigns go on", "推进营销活动")


def follow(job: JobContext) -> JobResult | None:
    """Begin what is due, go on with what sends, end what is over."""
    following.follow(actor=job.actor, lake=open_lake(), now=job.now, progress=job.progress)
    return None


def declare() -> None:
    """The kinds, and how often the first is due."""
    KINDS.declare(
        JobKind(slug=following.KIND, label=LABEL, run=follow, right=Right.CAMPAIGNS_EDIT, hidden=True),
        JobKind(
            slug=reaching.KIND,
            label=Text("Count an audience", "清点受众"),
            run=reaching.run,
            right=Right.CAMPAIGNS_EDIT,
        ),
    )
    PERIODIC.declare(
        Periodic(slug=following.KIND, label=LABEL, kind=following.KIND, every=timedelta(minutes=1))
    )
