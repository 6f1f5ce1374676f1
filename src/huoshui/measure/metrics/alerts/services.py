"""Verbs of alerts. Each is one transaction and is told to the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE_ZONE, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.alerts import queries, words
from huoshui.measure.metrics.alerts.errors import NoSuchAlert, NotAnAlert, NotYourAlert
from huoshui.measure.metrics.dimensions import IN, Value
from huoshui.measure.metrics.models import Alert
from huoshui.measure.metrics.periods import Period

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

MOST = 200
LARGEST = Decimal(10) ** 15


def ask(
    *,
    actor: Actor,
    metric: str,
    kind: str,
    grain: str,
    bound: Decimal | None = None,
    where: Mapping[str, Value] | None = None,
    mail: bool = True,
    tables: Snapshot,
    now: datetime,
) -> int:
    """Ask to be told, and return the number of the alert. A bound of a share is between 0 and 1, as figures are.

    Raises `UnknownMetric`, `NotAnAlert`, `NotAllowed`, and what the slice raises where it means nothing.
    """
    actor.require(Right.COMMENTS_WRITE)
    if actor.user_id is None:
        raise NotAnAlert(Text("An alert is for a colleague: sign in first", "预警须由同事本人设置，请先登录"))
    cut = dict(where or {})
    bound = _sound(metrics.metric(metric), kind, grain, bound, cut, tables, now)
    with transaction.atomic():
        _room(actor.user_id)
        row = Alert.objects.create(
            metric=metric,
            kind=kind,
            grain=grain,
            bound=bound,
            where=cut,
            mail=mail,
            owner_id=actor.user_id,
            made_at=now,
        )
        _told(actor, row, "alert.asked", now)
    return int(row.pk)


def change(
    *,
    actor: Actor,
    alert_id: int,
    kind: str,
    grain: str,
    bound: Decimal | None = None,
    mail: bool = True,
    tables: Snapshot,
    now: datetime,
) -> None:
    """Wait for something else of the same metric and slice. By who asked, or a manager.

    What was found of the old line is forgotten, and it is looked at anew; when it rang stays known. Raises as `ask`,
    and `NoSuchAlert`, `NotYourAlert`.
    """
    seen = queries.alert(actor=actor, alert_id=alert_id)
    _own(actor, seen.id, seen.owner_id)
    bound = _sound(metrics.metric(seen.slug), kind, grain, bound, dict(seen.where), tables, now)
    with transaction.atomic():
        row = _held(alert_id, ended=False)
        if (row.kind, row.grain, row.bound) != (kind, grain, bound):
            row.kind, row.grain, row.bound, row.changed_at = kind, grain, bound, now
            row.state, row.said, row.seen, row.period = Alert.State.NEW, {}, "", None
        row.mail = mail
        row.save()
        _told(actor, row, "alert.changed", now)


def end(*, actor: Actor, alert_id: int, now: datetime) -> None:
    """Ask no longer; its tasks stay. By who asked, or a manager. Raises `NoSuchAlert`, `NotYourAlert`, `NotAllowed`."""
    actor.require(Right.COMMENTS_WRITE)
    with transaction.atomic():
        row = _held(alert_id, ended=False)
        _own(actor, row.pk, row.owner_id)
        row.ended_at = now
        row.save()
        _told(actor, row, "alert.ended", now)


def restore(*, actor: Actor, alert_id: int, now: datetime) -> None:
    """Ask again as before it ended; it is looked at anew. Raises as `end`, and `NotAnAlert` for too many."""
    actor.require(Right.COMMENTS_WRITE)
    with transaction.atomic():
        row = _held(alert_id, ended=True)
        _own(actor, row.pk, row.owner_id)
        _room(row.owner_id)
        row.ended_at, row.seen = None, ""
        row.save()
        _told(actor, row, "alert.restored", now)


def _sound(
    declared: Metric,
    kind: str,
    grain: str,
    bound: Decimal | None,
    cut: Mapping[str, Value],
    tables: Snapshot,
    now: datetime,
) -> Decimal | None:
    """The bound, where metric, slice and line can be an alert."""
    if kind not in words.KINDS or grain not in words.GRAINS:
        raise NotAnAlert(
            Text("There is no such alert", "没有这种预警"),
            received=f"{kind}, {grain}"[:80],
            valid=f"{', '.join(words.KINDS)}; {', '.join(words.GRAINS)}",
        )
    if kind == "unusual" and (declared.slow or declared.entered):
        raise NotAnAlert(
            Text(
                "This metric has too few past figures to say what is usual: set a line instead",
                "该指标的历史数值不足以判断异常，请改用固定界限",
            )
        )
    if kind == "unusual":
        bound = None
    elif bound is None or not bound.is_finite() or abs(bound) >= LARGEST:
        raise NotAnAlert(Text("Say which figure is the line", "请填写界限数值"), received=str(bound))
    if not metrics.can_split(declared, cut, tables=tables) or (IN in cut and not declared.of_people):
        raise NotAnAlert(
            Text("This metric cannot be cut by this slice", "该指标不能按此条件筛选"),
            received=", ".join(cut)[:80],
        )
    if cut:  # values that the slice cannot have are refused here, not by the clock
        some = Period.month(now.year, now.month, HOUSE_ZONE())
        metrics.evaluate_metrics([declared], tables=tables, periods=[some], where=cut)
    return bound


def _held(alert_id: int, *, ended: bool) -> Alert:
    rows = Alert.objects.select_for_update().filter(pk=min(alert_id, queries.LARGEST_ID))
    row = rows.filter(ended_at__isnull=not ended).first()
    if row is None:
        raise NoSuchAlert("There is no such alert", received=str(alert_id)[:40])
    return row


def _own(actor: Actor, alert_id: int, owner_id: int) -> None:
    actor.require(Right.COMMENTS_WRITE)
    if owner_id != actor.user_id and not actor.may(Right.CAMPAIGNS_APPROVE):
        raise NotYourAlert(
            "Somebody else asked for this alert",
            received=str(alert_id),
            next_step="Ask them to change or end it",
        )


def _room(owner_id: int) -> None:
    if Alert.objects.filter(owner_id=owner_id, ended_at=None).count() >= MOST:
        raise NotAnAlert(Text(f"You have {MOST} alerts already", f"你已有 {MOST} 个预警"))


def _told(actor: Actor, row: Alert, act: str, now: datetime) -> None:
    subject = f"{queries.KIND}:{row.pk}"
    audit.record(actor=actor, act=act, subject=subject, detail={"metric": row.metric}, now=now)
