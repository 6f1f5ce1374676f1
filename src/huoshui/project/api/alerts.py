"""Alerts: colleagues are told when a metric leaves a line, or is unusual for its past."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from huoshui.kernel import clock
from huoshui.lake import open_lake
from huoshui.measure.metrics.alerts import queries, services
from huoshui.measure.metrics.alerts.queries import AlertSeen
from huoshui.project.api.shapes import Day, Moment, Number, Said, said
from huoshui.web import shell

router = Router(tags=["alerts"])
Kind = Literal["below", "above", "unusual"]
Grain = Literal["day", "week", "month", "quarter"]
State = Literal["new", "quiet", "firing", "unknown", "learning"]
Cut = dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=200)] | None]


class AlertIn(Said):
    """Tell me when `metric` of a `grain` leaves a line, or is `unusual`: then there is no `bound`."""

    metric: str = Field(min_length=1, max_length=60, examples=["revenue"])
    kind: Kind
    grain: Grain = "week"
    bound: str | None = Field(
        None,
        pattern=r"^-?\d{1,15}(\.\d{1,6})?$",
        description="In the unit of the metric; shares as parts of one",
        examples=["100000"],
    )
    slice: Cut = Field({}, max_length=5, examples=[{"channel": "web"}])
    mail: bool = True


class AlertChange(Said):
    """What an alert waits for from now on; its metric and slice stay."""

    kind: Kind
    grain: Grain
    bound: str | None = Field(
        None,
        pattern=r"^-?\d{1,15}(\.\d{1,6})?$",
        description="In the unit of the metric; shares as parts of one",
        examples=["100000"],
    )
    mail: bool = True


class AlertOut(Schema):
    """An alert and what was found last: `said` in your language, `task_id` the task of the last time it rang."""

    id: int
    metric: str
    rule: str
    kind: Kind
    grain: Grain
    bound: str | None
    slice: dict[str, str | int | float | bool | None]
    mail: bool
    owner_id: int
    owner: str
    state: State
    said: str
    period: Day | None = Field(description="First day of what was looked at last")
    checked_at: Moment | None
    fired_at: Moment | None
    task_id: int | None = Field(description="Lists leave it out")


class AlertList(Schema):
    """Those that ring first, then the newest."""

    items: list[AlertOut]


@router.get("/alerts", response=AlertList, url_name="alerts", operation_id="list_alerts")
def list_alerts(request: HttpRequest, metric: Annotated[str, Query(max_length=60)] = "") -> AlertList:
    """All alerts of the house, or those of one metric."""
    found = queries.alerts(actor=shell.actor_of(request), metric=metric)
    return AlertList(items=[alert_told(one) for one in found])


@router.post("/alerts", response={201: AlertOut}, url_name="alerts", operation_id="ask_for_alert")
def ask_for_alert(request: HttpRequest, response: HttpResponse, sent: AlertIn) -> Status[AlertOut]:
    """Ask to be told; it is looked at within some minutes. It is an alert of the colleague of the token."""
    made = services.ask(
        actor=shell.actor_of(request),
        metric=sent.metric,
        kind=sent.kind,
        grain=sent.grain,
        bound=None if sent.bound is None else Decimal(sent.bound),
        where=sent.slice,
        mail=sent.mail,
        tables=open_lake().snapshot(),
        now=clock.now(),
    )
    response["Location"] = reverse("api:alert", args=[made])
    return Status(201, get_alert(request, made))


@router.get("/alerts/{int:alert}", response=AlertOut, url_name="alert", operation_id="get_alert")
def get_alert(request: HttpRequest, alert: Number) -> AlertOut:
    """One alert, and what was found last."""
    return alert_told(queries.alert(actor=shell.actor_of(request), alert_id=alert))


@router.put("/alerts/{int:alert}", response=AlertOut, url_name="alert", operation_id="change_alert")
def change_alert(request: HttpRequest, alert: Number, sent: AlertChange) -> AlertOut:
    """Wait for something else of the same metric and slice; it is looked at anew. When it rang stays known."""
    services.change(
        actor=shell.actor_of(request),
        alert_id=alert,
        kind=sent.kind,
        grain=sent.grain,
        bound=None if sent.bound is None else Decimal(sent.bound),
        mail=sent.mail,
        tables=open_lake().snapshot(),
        now=clock.now(),
    )
    return get_alert(request, alert)


@router.post(
    "/alerts/{int:alert}/restore",
    response=AlertOut,
    url_name="restore_alert",
    operation_id="restore_alert",
)
def restore_alert(request: HttpRequest, alert: Number) -> AlertOut:
    """Ask again as before it ended."""
    services.restore(actor=shell.actor_of(request), alert_id=alert, now=clock.now())
    return get_alert(request, alert)


@router.delete("/alerts/{int:alert}", response={204: None}, url_name="alert", operation_id="end_alert")
def end_alert(request: HttpRequest, alert: Number) -> Status[None]:
    """Ask no longer; tasks that it made stay."""
    services.end(actor=shell.actor_of(request), alert_id=alert, now=clock.now())
    return Status(204, None)


def alert_told(one: AlertSeen) -> AlertOut:
    """An alert as programs read it."""
    return AlertOut.model_validate(
        {
            "id": one.id,
            "metric": one.slug,
            "rule": said(one.rule),
            "kind": one.kind,
            "grain": one.grain,
            "bound": None if one.bound is None else f"{one.bound.normalize():f}",
            "slice": dict(one.where),
            "mail": one.mail,
            "owner_id": one.owner_id,
            "owner": one.owner,
            "state": one.state,
            "said": said(one.said) if one.said else "",
            "period": one.period,
            "checked_at": one.checked_at,
            "fired_at": one.fired_at,
            "task_id": one.task_id,
        }
    )
