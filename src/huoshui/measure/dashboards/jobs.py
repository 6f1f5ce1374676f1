"""The overview made ready after facts have changed, by the clock."""

from __future__ import annotations

from datetime import timedelta

from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.measure.dashboards.queries import usual

READY = "overview.ready"
LABEL = Text("Making the overview ready", "预先准备总览")


def make_ready(job: JobContext) -> None:
    """See that the overview of the newest facts need not be waited for."""
    usual.prepare(
        tables=open_lake().snapshot(), house=HOUSE(), calendar=organisation.festivals(), now=job.now
    )


def declare() -> None:
    """The kind and its times."""
    KINDS.declare(JobKind(slug=READY, label=LABEL, run=make_ready, retries=0, hidden=True))
    PERIODIC.declare(Periodic(slug=READY, label=LABEL, kind=READY, every=timedelta(minutes=1)))
