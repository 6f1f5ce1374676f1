"""The figures of the overview: those that the page and ``huoshui overview`` show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from huoshui.kernel import clock
from huoshui.kernel.actors import Scope
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE, METRICS
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.measure.dashboards import queries
from huoshui.measure.dashboards.queries import Flow, Overview
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.queries import Number
from huoshui.project.api.shapes import Amount, Day, Moment, Money, amount, money, slice_of
from huoshui.web import shell

router = Router(tags=["figures"])
MOST_DAYS = 1_100
"""Three years: each of them has its figures in the answer of the engine."""

OneDay = Annotated[Day, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
Figures = dict[str, Amount | None]


class TooManyDays(HuoshuiError):
    """More days than one overview holds, or none."""

    code = "too_many_days"
    says = Text("An overview is of 1 to 1,100 days", "总览的期间应为 1 至 1100 天")


class Asked(Schema):
    """Of which days, and of what slice."""

    since: OneDay | None = Field(None, description="First day; 30 days in all where it is not given")
    until: OneDay | None = Field(None, description="Last day; that of the last refresh where it is not given")
    where: list[str] = Field([], max_length=10, description="A slice: `dimension:value`")


class ComparedOut(Schema):
    """The figures of other days; all empty where the house had not begun to sell."""

    kind: str = Field(
        description="`previous`, `year`, or `festival`: the days a year before with the same festival"
    )
    since: Day
    until: Day
    values: Figures


class MonthOut(Schema):
    """Revenue of a calendar month, the last one as far as it has come."""

    month: str = Field(examples=["2024-03"])
    revenue: Money
    year_before: Money | None


class ProductOut(Schema):
    """A product by what it brought in the days, after returns."""

    product_id: str
    name: str
    revenue: Money


class PlaceOut(Schema):
    """Revenue of the days by where customers are."""

    place: str
    revenue: Money
    previously: Money | None


class MoveOut(Schema):
    """How many went from one stage to another; `from_stage` is empty for who was not there yet."""

    from_stage: str | None
    to_stage: str
    customers: int


class CellOut(Schema):
    """Customers by R and F score."""

    r_score: int
    f_score: int
    customers: int
    net_monetary: Money


class FirstBuyers(Schema):
    """Who bought first in a month, and how many of them bought in each month since, that month first."""

    month: str
    customers: int
    bought: list[int]


class OverviewOut(Schema):
    """The figures of the house as of `as_of`, the moment of the last refresh; every figure under the slug of its
    metric. `stale` says that something was loaded since."""

    as_of: Moment
    computed_at: Moment | None
    stale: bool
    currency: str
    time_zone: str
    totals: Figures = Field(description="Everything before `as_of`")
    since: Day
    until: Day
    values: Figures = Field(description="Those of the days and the slice")
    compared: list[ComparedOut]
    customers: dict[str, dict[str, int]] = Field(
        description="By trait and code; `none` are those without a purchase"
    )
    revenue_by_month: list[MonthOut]
    top_products: list[ProductOut]
    places_by: str = Field(description="Empty where the house does not know where its customers are")
    places: list[PlaceOut]
    moves: list[MoveOut] = Field(description="Between stages, since the first of the days")
    r_and_f: list[CellOut]
    cohorts: list[FirstBuyers]


@router.get("/overview", response=OverviewOut, url_name="overview", operation_id="get_overview")
def get_overview(request: HttpRequest, asked: Query[Asked]) -> OverviewOut:
    """The figures of the overview: totals, some days beside those before and a year ago, who the customers are."""
    actor, house, now = shell.actor_of(request), HOUSE(), clock.now()
    tables = open_lake().snapshot()
    end = queries.end_of_figures(tables=tables, zone=house.zone, now=now)
    if asked.until:
        end = asked.until + timedelta(days=1)
    first = asked.since or end - timedelta(days=30)
    if not 1 <= (end - first).days <= MOST_DAYS:
        raise TooManyDays(
            "These are no days of an overview",
            received=f"{first} to {end - timedelta(days=1)}",
            valid=f"1 to {MOST_DAYS} days",
        )
    view = queries.overview(
        actor=actor,
        tables=tables,
        zone=house.zone,
        now=now,
        lately=Period.days(first, end, house.zone),
        where=slice_of(asked.where),
    )
    if actor.scope != Scope.ALL:
        # Where customers are says something of those whom they do not see.
        view = replace(view, places=None)
    return _plain(view, house.currency, str(house.zone))


def _plain(view: Overview, currency: str, time_zone: str) -> OverviewOut:
    last = timedelta(days=1)
    return OverviewOut(
        as_of=view.as_of,
        computed_at=view.computed_at,
        stale=view.stale,
        currency=currency,
        time_zone=time_zone,
        totals=_figures(view.totals, currency),
        since=view.period.first_day,
        until=view.period.end_day - last,
        values=_figures(view.lately, currency),
        compared=[
            ComparedOut(
                kind=kind,
                since=other.period.first_day,
                until=other.period.end_day - last,
                values=_figures(other.values, currency),
            )
            for kind, other in view.compared.items()
        ],
        customers={
            group: {code or "none": number for code, number in found.items()}
            for group, found in view.groups.items()
        },
        revenue_by_month=[
            MonthOut(
                month=f"{month:%Y-%m}",
                revenue=money(revenue, currency),
                year_before=None if before is None else money(before, currency),
            )
            for month, revenue, before in view.by_month
        ],
        top_products=[
            ProductOut(product_id=one.product_id, name=one.name, revenue=money(one.revenue, currency))
            for one in view.top_products
        ],
        places_by=view.places.by if view.places else "",
        places=[
            PlaceOut(
                place=place,
                revenue=money(revenue, currency),
                previously=None if before is None else money(before, currency),
            )
            for place, revenue, before in (view.places.rows if view.places else ())
        ],
        moves=_moves(view.flow),
        r_and_f=[
            CellOut(r_score=r, f_score=f, customers=number, net_monetary=money(brought, currency))
            for (r, f), (number, brought) in sorted(view.grid.items())
        ],
        cohorts=[
            FirstBuyers(month=f"{one.start:%Y-%m}", customers=one.size, bought=list(one.active))
            for one in view.cohorts
        ],
    )


def _figures(found: Mapping[str, Number | None], currency: str) -> Figures:
    return {
        slug: None if value is None else amount(METRICS[slug], value, currency)
        for slug, value in found.items()
    }


def _moves(flow: Flow | None) -> list[MoveOut]:
    if flow is None:
        return []
    return [
        MoveOut(from_stage=was, to_stage=to, customers=number) for (was, to), number in flow.moves.items()
    ]
