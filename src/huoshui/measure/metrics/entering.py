"""Verbs of values that are entered by hand. Each is one transaction and is told to the audit log."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import METRICS
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.errors import NoSuchEntry, NotAnEntry
from huoshui.measure.metrics.models import EnteredValue

LONGEST_SOURCE = 300
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


def enter(
    *,
    actor: Actor,
    slug: str,
    first_day: date,
    last_day: date,
    value: Decimal,
    source: str,
    now: datetime,
) -> int:
    """Enter the value of a metric for the days from ``first_day`` to ``last_day``, and return its number.

    ``value`` is in the unit of the metric; a share lies between 0 and 1 and keeps six decimals. An earlier entry of the
    same days stays and no longer counts. Raises `NotAnEntry`, `NotAllowed`.
    """
    actor.require(Right.RESEARCH_EDIT)
    source = source.strip()
    if slug not in METRICS or not METRICS[slug].entered:
        raise NotAnEntry(
            Text("Values of this metric are computed, not entered", "这个指标由系统计算，不能手工录入"),
            received=slug[:60],
            valid=", ".join(one.slug for one in METRICS if one.entered),
        )
    if not EARLIEST <= first_day <= last_day <= LATEST:
        raise NotAnEntry(
            Text("The last day must not come before the first", "最后一天不能早于第一天"),
            received=f"{first_day} – {last_day}",
            valid="days from 1900 to 2200, the first before the last",
        )
    if not value.is_finite() or not 0 <= value <= 1:
        raise NotAnEntry(
            Text("A share lies between 0 and 100 %", "占比须介于 0 与 100% 之间"),
            received=str(value)[:40],
            valid="a number from 0 to 1",
        )
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise NotAnEntry(
            Text(
                f"Say where the value is from, in at most {LONGEST_SOURCE} characters",
                f"请注明数据来源，最多 {LONGEST_SOURCE} 个字",
            ),
            received=f"{len(source)} characters",
        )
    with transaction.atomic():
        row = EnteredValue.objects.create(
            metric=slug,
            first_day=first_day,
            last_day=last_day,
            value=round(value, 6),
            source=source,
            made_by_id=actor.user_id,
            made_at=now,
        )
        audit.record(
            actor=actor,
            act="metric.entered",
            subject=f"metric:{slug}",
            detail={"first_day": str(first_day), "last_day": str(last_day), "value": str(row.value)},
            now=now,
        )
    return row.id


def withdraw(*, actor: Actor, slug: str, entry_id: int, now: datetime) -> None:
    """Let an entry count no longer; it stays written down. Raises `NoSuchEntry`, `NotAllowed`."""
    _marked(actor, slug, entry_id, "metric.entry_withdrawn", now, at=now)


def put_back(*, actor: Actor, slug: str, entry_id: int, now: datetime) -> None:
    """Let a withdrawn entry count again. Raises `NoSuchEntry`, `NotAllowed`."""
    _marked(actor, slug, entry_id, "metric.entry_put_back", now, at=None)


def _marked(actor: Actor, slug: str, entry_id: int, act: str, now: datetime, *, at: datetime | None) -> None:
    actor.require(Right.RESEARCH_EDIT)
    with transaction.atomic():
        there = EnteredValue.objects.filter(metric=slug, id=entry_id, withdrawn_at__isnull=at is not None)
        if not there.update(withdrawn_at=at):
            raise NoSuchEntry("There is no such value", received=f"{slug[:60]} {entry_id}")
        audit.record(actor=actor, act=act, subject=f"metric:{slug}", detail={"entry": entry_id}, now=now)
