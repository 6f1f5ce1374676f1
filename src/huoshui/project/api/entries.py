"""Values of metrics that people enter by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from huoshui.kernel import clock
from huoshui.measure.metrics import entered, entering, queries
from huoshui.project.api.shapes import Day, Moment
from huoshui.web import shell

router = Router(tags=["figures"])
Slug = Annotated[str, Field(max_length=60)]


class EntryIn(Schema):
    """What a source says of some days; both `since` and `until` belong to them."""

    since: Day
    until: Day
    value: Decimal = Field(ge=0, le=1, max_digits=7, decimal_places=6, description="A share from 0 to 1")
    source: str = Field(min_length=1, max_length=entering.LONGEST_SOURCE)


class EntryOut(Schema):
    """What somebody entered."""

    id: int
    since: date
    until: date
    value: str
    source: str
    by: str
    at: Moment


class Entries(Schema):
    """What counts for a metric, the newest days first."""

    items: list[EntryOut]


@router.get(
    "/metrics/{str:slug}/entries",
    response=Entries,
    url_name="metric_entries",
    operation_id="list_entries_of_metric",
)
def list_entries(request: HttpRequest, slug: Slug) -> Entries:
    """The values that were entered by hand for a metric; none for one that is computed."""
    queries.metric(slug)
    return Entries(items=[_shown(one) for one in entered.entries(slug)])


@router.post(
    "/metrics/{str:slug}/entries",
    response={201: Entries},
    url_name="metric_entries",
    operation_id="enter_value_of_metric",
)
def enter_value(request: HttpRequest, slug: Slug, body: EntryIn) -> Status[Entries]:
    """Enter a value with its source. Of two for the same days the later one counts."""
    entering.enter(
        actor=shell.actor_of(request),
        slug=slug,
        first_day=body.since,
        last_day=body.until,
        value=body.value,
        source=body.source,
        now=clock.now(),
    )
    return Status(201, list_entries(request, slug))


@router.delete(
    "/metrics/{str:slug}/entries/{int:entry_id}",
    response=Entries,
    url_name="metric_entry",
    operation_id="withdraw_value_of_metric",
)
def withdraw_value(request: HttpRequest, slug: Slug, entry_id: int) -> Entries:
    """Let a value count no longer."""
    entering.withdraw(actor=shell.actor_of(request), slug=slug, entry_id=entry_id, now=clock.now())
    return list_entries(request, slug)


def _shown(one: entered.Entry) -> EntryOut:
    return EntryOut(
        id=one.id,
        since=one.first_day,
        until=one.last_day,
        value=f"{one.value:f}",
        source=one.source,
        by=one.by,
        at=one.at,
    )
