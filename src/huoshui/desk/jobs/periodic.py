"""What the clock starts. Any number of workers may look; the database lets one of them start each."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from huoshui.desk.jobs import services
from huoshui.desk.jobs.kinds import PERIODIC, Periodic
from huoshui.desk.jobs.models import Due, Job
from huoshui.kernel.actors import Actor, Right

CLOCK = Actor(name="clock", rights=frozenset(Right))
"""Who starts what nobody started."""


def following(periodic: Periodic, *, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after ``after`` at which ``periodic`` is due.

    A time of day that a change of clocks leaves out comes as much later as the clock jumps.
    """
    if periodic.every is not None:
        return after + periodic.every
    day = after.astimezone(zone).date()
    at = periodic.at
    assert at is not None  # noqa: S101 Periodic sees to it that one of the two is said
    while True:
        moment = datetime.combine(day, at, tzinfo=zone).astimezone(after.tzinfo)
        if moment > after:
            return moment
        day += timedelta(days=1)


def start_due(*, now: datetime, zone: ZoneInfo) -> list[int]:
    """Start what is due, once however many ask at the same moment, and return the numbers of the jobs."""
    started = []
    known = {due.slug: due for due in Due.objects.all()}
    for periodic in PERIODIC:
        due = known.get(periodic.slug)
        if due is None:
            # New here: first due at its next time, what comes every so often at once.
            first = now if periodic.every is not None else following(periodic, after=now, zone=zone)
            due, _fresh = Due.objects.get_or_create(slug=periodic.slug, defaults={"next_at": first})
        if due.next_at > now:
            continue
        with transaction.atomic():
            moved = Due.objects.filter(slug=periodic.slug, next_at=due.next_at).update(
                next_at=following(periodic, after=now, zone=zone)
            )
            if not moved:
                continue  # another worker was here first
            if Job.objects.filter(pk=due.last_job_id or 0, state__in=("waiting", "running")).exists():
                continue
            job_id = services.start(actor=CLOCK, slug=periodic.kind, arguments=periodic.arguments, now=now)
            Due.objects.filter(slug=periodic.slug).update(last_job_id=job_id)
            started.append(job_id)
    return started
