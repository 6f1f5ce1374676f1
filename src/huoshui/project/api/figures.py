"""Traits of a customer, metrics and populations: what there is, and what they say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from huoshui.data.customers import listing
from huoshui.data.customers.conditions import Conditions, population
from huoshui.data.traits.queries import TraitValue
from huoshui.desk.audit import services as audit
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE, POPULATIONS, TRAITS, Metric
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.measure.dashboards.pages.why import require
from huoshui.measure.dashboards.queries import person as persons
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.periods import Period, months_between
from huoshui.project.api import cursors
from huoshui.project.api.shapes import (
    MOST,
    SIZE,
    Amount,
    CustomerId,
    Day,
    Moment,
    Value,
    Words,
    amount,
    said,
    slice_of,
    values,
)
from huoshui.web import shell

router = Router(tags=["figures"])
MOST_PERIODS = 60


class TooManyPeriods(HuoshuiError):
    """More months than one answer holds."""

    code = "too_many_periods"
    says = Text("These are too many months at once", "一次查询的月份太多")


class TraitOfCustomer(Schema):
    """One trait of one customer, with where it comes from."""

    slug: str
    value: Value
    as_of: Moment
    computed_at: Moment
    computed_from: list[str]


class TraitsOfCustomer(Schema):
    """The traits of a customer; none before the first refresh."""

    customer_id: int
    items: list[TraitOfCustomer]


class Earlier(Schema):
    """A value that a trait had."""

    as_of: Moment
    value: Value


class Why(TraitOfCustomer):
    """A trait with its reason: what it was made of, and what it was before, oldest first."""

    meaning: str
    made_of: dict[str, Value]
    history: list[Earlier]


class MetricOut(Schema):
    """A figure of the house: the sum of its numerator, divided by that of its denominator where there is one."""

    slug: str
    label: str
    meaning: str
    numerator: str
    denominator: str
    unit: str
    grain: str
    direction: str
    alternatives: list[str] = Field(description="Other metrics that answer the same question")
    slow: bool = Field(description="Asks for traits of past days, which takes as long as a refresh for each")
    entered: bool = Field(description="Values are entered by hand")


class MetricCatalogue(Schema):
    """All metrics, and the dimensions that they are split and cut by; not every metric has each."""

    items: list[MetricOut]
    dimensions: list[Words]


class Cell(Schema):
    """One figure. `value` is empty where the denominator is zero or nothing is known; `why` says it in words."""

    dimensions: dict[str, str | bool | int | float | None]
    value: Amount | None
    numerator: Amount
    denominator: Amount | None
    why: str


class Figures(Schema):
    """Of which days, and split by what."""

    since: Day = Field(description="First day, in the zone of the house")
    until: Day = Field(description="Last day")
    by: list[str] = Field([], max_length=3, description="Dimensions to split by")
    where: list[str] = Field([], max_length=10, description="A slice: `dimension:value`")
    each: Literal["period", "month"] = Field("period", description="One figure, or one for each month")


class PeriodOut(Schema):
    """The figures of one period; `until` is its last day."""

    since: Day
    until: Day
    cells: list[Cell]


class MetricValues(Schema):
    """What a metric says."""

    slug: str
    unit: str
    periods: list[PeriodOut]


class PopulationKind(Schema):
    """A kind of groups of customers; one group is written `slug:argument`."""

    slug: str
    label: str


class PopulationCatalogue(Schema):
    """All kinds of populations."""

    items: list[PopulationKind]


class Members(Schema):
    """Who is in a population, by their number. `sentence` says who they are."""

    sentence: str
    total: int
    items: list[int]
    next_cursor: str


@router.get(
    "/customers/{int:customer_id}/traits",
    response=TraitsOfCustomer,
    url_name="customer_traits",
    operation_id="get_traits_of_customer",
)
def get_traits(request: HttpRequest, customer_id: CustomerId) -> TraitsOfCustomer:
    """The traits of a customer as last computed."""
    found = _person(request, customer_id)
    currency = HOUSE().currency
    return TraitsOfCustomer(
        customer_id=customer_id, items=[_of_customer(one, currency) for one in found.traits.values()]
    )


@router.get(
    "/customers/{int:customer_id}/traits/{str:slug}",
    response=Why,
    url_name="customer_trait",
    operation_id="why",
)
def get_why(request: HttpRequest, customer_id: CustomerId, slug: str) -> Why:
    """Why a trait of a customer is what it is."""
    found = _person(request, customer_id)
    require(found, slug)
    trait, currency = TRAITS[slug], HOUSE().currency
    history = persons.history(tables=open_lake().snapshot(), customer_id=customer_id, slug=slug)
    made_of = {
        need: found.traits[need].value if need in found.traits else found.current.get(need)
        for need in trait.needs
    }
    return Why(
        **_of_customer(found.traits[slug], currency).model_dump(),
        meaning=said(trait.meaning),
        made_of=values(made_of, currency),
        history=[Earlier(as_of=at, value=values({slug: value}, currency)[slug]) for at, value in history],
    )


@router.get("/metrics", response=MetricCatalogue, url_name="metrics", operation_id="list_metrics")
def list_metrics(request: HttpRequest) -> MetricCatalogue:
    """Every metric: what it counts, its unit and direction."""
    dimensions = metrics.dimensions(open_lake().snapshot())
    return MetricCatalogue(
        items=[_metric(metric) for metric in metrics.catalogue()],
        dimensions=[Words(code=one.slug, label=said(one.label)) for one in dimensions],
    )


@router.get("/metrics/{str:slug}", response=MetricValues, url_name="metric", operation_id="evaluate_metric")
def evaluate_metric(
    request: HttpRequest,
    slug: str,
    asked: Query[Figures],
) -> MetricValues:
    """The figure of a period, or of each of its months, split by dimensions: the number that the pages show."""
    shell.actor_of(request).require(Right.CUSTOMERS_VIEW)
    house = HOUSE()
    declared, zone, currency = metrics.metric(slug), house.zone, house.currency
    after = date.fromordinal(min(asked.until.toordinal(), date.max.toordinal() - 1) + 1)
    if asked.each == "period":
        periods = [Period.days(asked.since, after, zone)]
    elif (after.year - asked.since.year) * 12 > MOST_PERIODS + 12:
        raise TooManyPeriods("These are too many months", valid=f"at most {MOST_PERIODS}")
    else:
        periods = months_between(asked.since, after, zone)
    cut = slice_of(asked.where)
    found = metrics.series(slug, tables=open_lake().snapshot(), periods=periods, by=asked.by, where=cut)
    return MetricValues(
        slug=slug,
        unit=declared.unit,
        periods=[
            PeriodOut(
                since=period.first_day,
                until=period.end_day - timedelta(days=1),
                cells=[_cell(declared, cell, currency) for cell in cells],
            )
            for period, cells in found
        ],
    )


@router.get(
    "/populations", response=PopulationCatalogue, url_name="populations", operation_id="list_populations"
)
def list_populations(request: HttpRequest) -> PopulationCatalogue:
    """The kinds of populations. A group is used as `in=slug:argument` of customers, exports and here."""
    return PopulationCatalogue(
        items=[PopulationKind(slug=one.slug, label=said(one.label)) for one in POPULATIONS]
    )


@router.get("/populations/members", response=Members, url_name="members", operation_id="list_members")
def list_members(
    request: HttpRequest,
    in_: Annotated[str, Query(alias="in", min_length=3, max_length=500)],
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = SIZE,
) -> Members:
    """Those of a population whom the token's colleague sees, by their number."""
    actor, listed = shell.actor_of(request), f"members?{in_}"
    _declared, _argument, sentence = population(in_)
    found = listing.by_number(
        actor=actor,
        tables=open_lake().snapshot(),
        conditions=Conditions(populations=(in_,)),
        after=cursors.read(cursor, listed),
        size=limit,
    )
    ids = [row.customer_id for row in found.rows]
    audit.record(actor=actor, act="customers.viewed", detail={"customers": len(ids)}, now=clock.now())
    return Members(
        sentence=said(sentence),
        total=found.total,
        items=ids,
        next_cursor=cursors.after(ids[-1], listed) if found.more else "",
    )


def _person(request: HttpRequest, customer_id: int) -> persons.Person:
    actor = shell.actor_of(request)
    found = persons.person(
        actor=actor, tables=open_lake().snapshot(), customer_id=customer_id, now=clock.now()
    )
    audit.record(
        actor=actor,
        act="customer.viewed",
        subject=f"customer:{customer_id}",
        detail={"page": "api traits"},
        now=clock.now(),
    )
    return found


def _of_customer(known: TraitValue, currency: str) -> TraitOfCustomer:
    return TraitOfCustomer(
        slug=known.slug,
        value=values({known.slug: known.value}, currency)[known.slug],
        as_of=known.as_of,
        computed_at=known.computed_at,
        computed_from=list(known.computed_from),
    )


def _metric(metric: Metric) -> MetricOut:
    return MetricOut(
        slug=metric.slug,
        label=said(metric.label),
        meaning=said(metric.meaning),
        numerator=said(metric.numerator),
        denominator=said(metric.denominator) if metric.denominator else "",
        unit=metric.unit,
        grain=metric.grain,
        direction=metric.direction,
        alternatives=list(metric.alternatives),
        slow=metric.slow,
        entered=metric.entered,
    )


def _cell(declared: Metric, cell: metrics.Cell, currency: str) -> Cell:
    why = metrics.why_unknown(declared, cell)
    return Cell(
        dimensions={
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in cell.dimensions.items()
        },
        value=None if cell.value is None else amount(declared, cell.value, currency),
        numerator=amount(declared, cell.numerator, currency),
        denominator=None if cell.denominator is None else amount(declared, cell.denominator, currency),
        why=said(why) if why else "",
    )
