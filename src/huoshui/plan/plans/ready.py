"""The figures of running plans made ready after facts have changed, by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from huoshui.data.traits import queries as traits
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE, House
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.plan.plans import queries
from huoshui.plan.plans.document import reading
from huoshui.plan.plans.figures import Figures
from huoshui.plan.plans.goals import queries as goals
from huoshui.plan.plans.goals import standing

READY = "plans.ready"
LABEL = Text("Making plans ready", "预先准备计划")
MOST = 12
"""So many of the plans, the newest: nobody has dozens run at once."""
SEEN = "seen"
"""Written when a house version is met for the first time: while files come in one by one, each has its own."""


def make_ready(job: JobContext) -> None:
    """See that the plans of the newest facts need not be waited for, once those have rested for a minute."""
    prepare(tables=open_lake().snapshot(), house=HOUSE(), now=job.now)


def prepare(*, tables: Snapshot, house: House, now: datetime) -> bool:
    """Evaluate and write down what the plans ask for, unless that is done; whether that was to be done.

    Before the first refresh there is nothing to write down, and a house version that is new is left alone for once.
    """
    running = queries.plans(CONSOLE)[:MOST]
    if not running or traits.last_refresh(tables=tables) is None:
        return False
    figures = Figures(tables)
    state, before = repr([(one.id, one.version, one.words) for one in running]), figures.written_for
    if before == state:
        return False
    if before is None:
        figures.write(SEEN, now)
        return False
    for one in running:
        try:
            reading.paper(actor=CONSOLE, plan_id=one.id, tables=tables, house=house, language="zh", now=now)
            asked = goals.goals(actor=CONSOLE, plan_id=one.id)
            standing.standings(plan_id=one.id, goals=asked, tables=tables, house=house, now=now)
        except HuoshuiError:
            continue  # its page says why
    figures.write(state, now)
    return True


def declare() -> None:
    """The kind and its times."""
    KINDS.declare(JobKind(slug=READY, label=LABEL, run=make_ready, retries=0, hidden=True))
    PERIODIC.declare(Periodic(slug=READY, label=LABEL, kind=READY, every=timedelta(minutes=1)))
