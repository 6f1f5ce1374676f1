"""Questions about alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import get_language

from huoshui.desk.worklist import queries as tasks
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE, House, Metric, SubjectKind
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics import models
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.alerts import words
from huoshui.measure.metrics.alerts.errors import NoSuchAlert
from huoshui.measure.metrics.dimensions import Value, attribute_labels
from huoshui.measure.metrics.errors import UnknownMetric

KIND = SOURCE = "alert"
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeen:
    """An alert as values. ``said`` is what was found last, ``task_id`` the task of the last time it fired,
    which lists leave out."""

    id: int
    metric: Metric | None
    slug: str
    rule: Text
    cut: Text | None
    where: Mapping[str, Value]
    kind: str
    grain: str
    bound: Decimal | None
    mail: bool
    owner_id: int
    owner: str
    state: str
    said: Text | None
    period: date | None
    checked_at: datetime | None
    fired_at: datetime | None
    task_id: int | None


def alerts(*, actor: Actor, metric: str = "") -> Sequence[AlertSeen]:
    """All alerts, or those of one metric; those that fire first, then the newest. Raises `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    rows = models.Alert.objects.filter(ended_at=None).select_related("owner").order_by("-made_at", "-pk")
    wanted = list(rows.filter(metric=metric) if metric else rows)
    found = _together(wanted)
    return sorted(found, key=lambda one: {"firing": 0, "unknown": 1}.get(one.state, 2))


def alert(*, actor: Actor, alert_id: int) -> AlertSeen:
    """One of them. Raises `NoSuchAlert`, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    row = (
        models.Alert.objects.select_related("owner")
        .filter(pk=alert_id if alert_id <= LARGEST_ID else 0, ended_at=None)
        .first()
    )
    if row is None:
        raise NoSuchAlert("There is no such alert", received=str(alert_id)[:40])
    return seen(row)


def seen(row: models.Alert) -> AlertSeen:
    """A row as values, with its task; a metric that is gone has none, and is called by its name."""
    return replace(_together([row])[0], task_id=task_of(row))


def task_of(row: models.Alert) -> int | None:
    """The task of the last time it fired."""
    return tasks.made_by_rule(source=SOURCE, key=f"{row.pk}:{row.fired}") if row.fired else None


def _together(rows: Sequence[models.Alert]) -> list[AlertSeen]:
    """Rows as values: metrics and names of attributes are asked for once, tasks not at all."""
    known: dict[str, Metric | None] = {}
    if len(rows) > 1:
        known.update((one.slug, one) for one in metrics.catalogue())
    labels = attribute_labels() if any(row.where for row in rows) else {}
    house = HOUSE()
    found = []
    for row in rows:
        if row.metric not in known:
            known[row.metric] = _metric(row.metric)
        found.append(_seen(row, known[row.metric], labels, house))
    return found


def _metric(slug: str) -> Metric | None:
    try:
        return metrics.metric(slug)
    except UnknownMetric:
        return None


def _seen(row: models.Alert, metric: Metric | None, labels: Mapping[str, Text], house: House) -> AlertSeen:
    rule = Text(row.metric, row.metric)
    if metric is not None:
        rule = words.rule(metric, kind=row.kind, grain=row.grain, bound=row.bound, house=house)
    return AlertSeen(
        id=int(row.pk),
        metric=metric,
        slug=row.metric,
        rule=rule,
        cut=words.cut(row.where, labels),
        where=row.where,
        kind=row.kind,
        grain=row.grain,
        bound=row.bound,
        mail=row.mail,
        owner_id=row.owner_id,
        owner=row.owner.name,
        state=row.state,
        said=Text(row.said["en"], row.said["zh"]) if row.said else None,
        period=row.period,
        checked_at=row.checked_at,
        fired_at=row.fired_at,
        task_id=None,
    )


def _titles(actor: Actor, ids: Sequence[str]) -> Mapping[str, str]:
    if not actor.may(Right.CUSTOMERS_VIEW):
        return {}
    language: Language = "zh" if (get_language() or "").startswith("zh") else "en"
    wanted = [int(one) for one in ids if one.isascii() and one.isdecimal() and len(one) < 18]
    rows = models.Alert.objects.select_related("owner").filter(pk__in=wanted)
    return {str(one.id): one.rule.in_(language) for one in _together(list(rows))}


SUBJECT = SubjectKind(
    slug=KIND, label=Text("Alert", "预警"), url="metrics:alert", argument="alert_id", titles=_titles
)
