"""Verbs of alerts. Each is one transaction and is told to the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE_ZONE
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
    declared, cut = metrics.metric(metric), dict(where or {})
    if actor.user_id is None:
        raise NotAnAlert(Text("An alert is for a colleague: sign in first", "预警须由同事本人设置，请先登录"))
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
    with transaction.atomic():
        if Alert.objects.filter(owner_id=actor.user_id).count() >= MOST:
            raise NotAnAlert(Text(f"You have {MOST} alerts already", f"你已有 {MOST} 个预警"))
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
        subject = f"{queries.KIND}:{row.pk}"
        audit.record(actor=actor, act="alert.asked", subject=subject, detail={"metric": metric}, now=now)
    return int(row.pk)


def end(*, actor: Actor, alert_id: int, now: datetime) -> None:
    """Ask no longer; its tasks stay. By who asked, or a manager. Raises `NoSuchAlert`, `NotYourAlert`, `NotAllowed`."""
    actor.require(Right.COMMENTS_WRITE)
    with transaction.atomic():
        row = Alert.objects.select_for_update().filter(pk=min(alert_id, queries.LARGEST_ID)).first()
        if row is None:
            raise NoSuchAlert("There is no such alert", received=str(alert_id)[:40])
        if row.owner_id != actor.user_id and not actor.may(Right.CAMPAIGNS_APPROVE):
            raise NotYourAlert(
                "Somebody else asked for this alert", received=str(alert_id), next_step="Ask them to end it"
            )
        row.delete()
        subject = f"{queries.KIND}:{alert_id}"
        audit.record(actor=actor, act="alert.ended", subject=subject, detail={"metric": row.metric}, now=now)
