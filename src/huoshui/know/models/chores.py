"""Training in the background: when somebody asks, each week, and before traits are computed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from huoshui.data.traits import queries as traits
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, JobResult, Periodic
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE, PREPARATIONS, Preparation
from huoshui.kernel.texts import Text
from huoshui.know.models import services
from huoshui.know.models.kinds import named
from huoshui.lake import open_lake

SLUG = "models.train"
WEEKLY = "models.weekly"
LABEL = Text("Training models", "训练模型")


def train(job: JobContext, *, model: str) -> JobResult:
    """Train one model from what is loaded by now, as of the last refresh: so its values join in with the next one."""
    tables = open_lake().snapshot()
    refreshed = traits.last_refresh(tables=tables)
    as_of = AsOf(at=refreshed[0] if refreshed else job.now, zone=HOUSE().zone)
    done = services.train(actor=job.actor, slug=model, tables=tables, as_of=as_of, now=job.now)
    name = named(model).label
    return JobResult(
        text=Text(
            f"{name.en}: version {done.number} trained; the next refresh uses it",
            f"{name.zh}：已训练第 {done.number} 版，下次计算特征时启用",
        )
    )


def weekly(job: JobContext) -> JobResult:
    """Train what is due. The days of an invented company do not go on."""
    if HOUSE().demo:
        return JobResult(text=Text("A demo house stays at its last day", "演示组织停留在其最后一天"))
    as_of = AsOf(at=job.now, zone=HOUSE().zone)
    done = services.train_due(actor=job.actor, tables=open_lake().snapshot(), as_of=as_of, now=job.now)
    return JobResult(text=Text(f"{len(done)} models trained", f"已训练 {len(done)} 个模型"))


def _before_traits(*, actor: Actor, tables: Any, as_of: AsOf, now: datetime) -> None:
    services.train_due(actor=actor, tables=tables, as_of=as_of, now=now)


def declare() -> None:
    """Called once, when the app starts."""
    KINDS.declare(
        JobKind(slug=SLUG, label=LABEL, run=train, right=Right.TRAITS_REFRESH),
        JobKind(slug=WEEKLY, label=LABEL, run=weekly, right=Right.TRAITS_REFRESH),
    )
    PERIODIC.declare(Periodic(slug=WEEKLY, label=LABEL, kind=WEEKLY, every=timedelta(days=7)))
    PREPARATIONS.declare(Preparation(slug="models", run=_before_traits))
