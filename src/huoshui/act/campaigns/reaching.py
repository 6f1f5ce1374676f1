"""How many people an audience has, and how many of them can be reached: counted at once, or in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from huoshui.act.campaigns import eligible, queries, services
from huoshui.desk.jobs import services as jobs
from huoshui.desk.jobs.kinds import JobContext, JobResult
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries as segments
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot

KIND = "campaigns.reach"
AT_ONCE = 20_000
"""People of an audience that is counted while somebody waits."""


def size(*, tables: Snapshot, rule: Any, zone: ZoneInfo, now: datetime) -> int:
    """How many people a rule has, as segments count. Raises `BadRule`, `QueryTooLong`."""
    as_of = segments.moment(tables=tables, zone=zone, now=now)
    return segments.count(tables=tables, as_of=as_of, rule=segments.read(rule)).count


def look(*, actor: Actor, number: int, tables: Snapshot, zone: ZoneInfo, now: datetime) -> int | None:
    """Count whom a campaign reaches and keep it; of many people in the background: then the number of the job."""
    actor.require(Right.CAMPAIGNS_EDIT)
    row = queries.found(number)
    if row.audience is None or not row.channel:
        return None
    if size(tables=tables, rule=row.audience, zone=zone, now=now) > AT_ONCE:
        return jobs.start(actor=actor, slug=KIND, arguments={"number": number}, now=now)
    count(number, tables=tables, zone=zone, now=now)
    return None


def look_if_few(*, actor: Actor, number: int, tables: Snapshot, zone: ZoneInfo, now: datetime) -> None:
    """Count whom a campaign reaches where that takes moments; else it waits until somebody asks."""
    row = queries.found(number)
    if row.reach is not None or row.audience is None or not row.channel:
        return
    if size(tables=tables, rule=row.audience, zone=zone, now=now) <= AT_ONCE:
        count(number, tables=tables, zone=zone, now=now)


def submit(*, actor: Actor, number: int, tables: Snapshot, zone: ZoneInfo, now: datetime) -> str:
    """Say that a draft is ready, with as many people as its audience has now. Raises as `services.submit`."""
    rule = queries.found(number).audience
    expected = 0 if rule is None else size(tables=tables, rule=rule, zone=zone, now=now)
    return services.submit(actor=actor, number=number, expected=expected, zone=zone, now=now)


def count(number: int, *, tables: Snapshot, zone: ZoneInfo, now: datetime) -> None:
    """Count whom a campaign reaches, person by person, and keep it. Raises `BadRule`."""
    row = queries.found(number)
    as_of = segments.moment(tables=tables, zone=zone, now=now)
    those = segments.members(tables, as_of, segments.read(row.audience))
    ids = tables.arrow(those.select("customer_id").order_by("customer_id"))["customer_id"].to_numpy()
    services.remember_reach(
        number=number, version=row.version, reach=eligible.counted(ids, row.channel, now=now)
    )


def run(job: JobContext, *, number: int) -> JobResult:
    """The job."""
    from huoshui.act.campaigns import writing
    from huoshui.kernel.plugs import HOUSE

    count(number, tables=open_lake().snapshot(), zone=HOUSE().zone, now=job.now)
    return JobResult(text=Text("The audience was counted", "受众已清点"), url=writing.address(number))
