"""Who followed links and opened messages: recorded at once, judged a while later, then facts of the lake.

Following a link does nothing but this: it counts, and leads on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pyarrow as pa
from django.db import transaction
from django.db.models import Q

from huoshui.act.templates import machines
from huoshui.act.templates.errors import NoSuchLink
from huoshui.act.templates.links import Followed, tagged, utm_of
from huoshui.act.templates.machines import Came
from huoshui.act.templates.models import Hit, Target
from huoshui.data.facts import queue
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic
from huoshui.kernel.texts import Text

SETTLED = machines.WITHIN + timedelta(seconds=30)
"""After so long all that comes with a hit has come."""
AT_ONCE = 1_000
KEPT = timedelta(days=35)
"""How long hits are kept here once they are facts."""
MOST_OF_A_MESSAGE = 200
"""Hits of one message that are recorded: more are no reader's."""

MOVE = "templates.hits"


def follow(token: str, *, method: str, headers: Mapping[str, str], now: datetime) -> str:
    """Record that a link was followed, and return where it leads. Raises `NoSuchLink`."""
    said = Followed(token)
    target = _target(said, opening=False)
    _record(said, target, method, headers, now)
    return tagged(target)


def opened(token: str, *, method: str, headers: Mapping[str, str], now: datetime) -> None:
    """Record that a message was opened. Raises `NoSuchLink`."""
    said = Followed(token)
    _record(said, _target(said, opening=True), method, headers, now)


def move(*, now: datetime) -> int:
    """Judge the hits that have settled and queue them as facts ``touches``; returns how many. Each is queued once."""
    moved = 0
    while True:
        with transaction.atomic():
            rows = list(
                Hit.objects.filter(moved_at=None, at__lte=now - SETTLED)
                .select_related("target")
                .order_by("at", "pk")
                .select_for_update(of=("self",), skip_locked=True)[:AT_ONCE]
            )
            if not rows:
                return moved
            late = machines.of_company([_came(row) for row in rows], _around(rows))
            for row in rows:
                row.machine, row.moved_at = row.machine or late.get(row.pk, ""), now
            queue.enqueue(table="touches", rows=_facts(rows), now=now)
            Hit.objects.bulk_update(rows, ["machine", "moved_at"], batch_size=200)
        moved += len(rows)


def tidy(*, now: datetime) -> None:
    """Forget hits that have been facts for long."""
    Hit.objects.filter(moved_at__lt=now - KEPT).delete()


def run(job: JobContext) -> None:
    """A job: `move`, then `tidy`."""
    move(now=job.now)
    tidy(now=job.now)


def declare() -> None:
    """The job and its times."""
    label = Text("Counting opens and clicks", "统计打开与点击")
    KINDS.declare(JobKind(slug=MOVE, label=label, run=run, quick=True, hidden=True))
    PERIODIC.declare(Periodic(slug=MOVE, label=label, kind=MOVE, every=timedelta(minutes=1)))


def _target(said: Followed, *, opening: bool) -> Target:
    target = Target.objects.filter(pk=said.target_id).first()
    if target is None or bool(target.url) == opening:
        raise NoSuchLink("This link leads nowhere", received=str(said.target_id))
    return target


def _record(said: Followed, target: Target, method: str, headers: Mapping[str, str], now: datetime) -> None:
    if Hit.objects.filter(key=said.key).count() < MOST_OF_A_MESSAGE:
        Hit.objects.create(
            target=target,
            customer_id=said.customer_id,
            key=said.key,
            at=now,
            machine=machines.of_request(method, headers, said.written_at, now),
        )


def _around(rows: list[Hit]) -> list[Came]:
    """All hits of the same messages near these."""
    near = Q(at__gte=rows[0].at - machines.WITHIN, at__lte=rows[-1].at + machines.WITHIN)
    keys = {row.key for row in rows}
    return [_came(row) for row in Hit.objects.filter(near, key__among=sorted(keys)).select_related("target")]


def _came(row: Hit) -> Came:
    return Came(row.pk, row.target_id, not row.target.url, row.key, row.at, row.machine)


def _facts(rows: list[Hit]) -> pa.Table:
    said = [
        {
            "touch_id": f"hit:{row.pk}",
            "customer_id": row.customer_id,
            "occurred_at": row.at,
            "kind": ("machine_" if row.machine else "") + ("click" if row.target.url else "open"),
            "channel": row.target.channel,
            "campaign": row.target.campaign,
            "variant": row.target.variant,
            **utm_of(row.target),
        }
        for row in rows
    ]
    return pa.Table.from_pylist(said)
