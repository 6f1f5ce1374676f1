"""Cohorts: what their page shows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.know.lifecycle import queries
from huoshui.know.lifecycle.pages.cards import reasons_of_cohorts
from huoshui.know.lifecycle.populations import beginning
from huoshui.lake import open_lake
from huoshui.project.api.life import SurvivalStep, survival_steps
from huoshui.project.api.shapes import Money, money, said
from huoshui.project.api.value import Group
from huoshui.science.cohorts import Cohort, Grain
from huoshui.web import shell

if TYPE_CHECKING:
    pass

router = Router(tags=["know"])


class CohortAge(Schema):
    """A cohort at an age: who bought, then or later; the interval (95 %) is that of the share who bought."""

    age: int
    customers: int
    then_or_later: int
    purchases: int
    revenue: Money
    share: float
    low: float
    high: float
    over: bool = Field(description="Whether the period is over, so that the numbers stay")
    group: Group


class CohortOut(Schema):
    """Customers who began in one period."""

    start: date
    customers: int
    group: Group
    ages: list[CohortAge]


class RetentionPoint(Schema):
    """Of all cohorts that have reached an age: the share that bought, with its 95 % interval."""

    age: int
    cohorts: int
    customers: int
    bought: int
    share: float
    low: float
    high: float


class CohortCompared(Schema):
    """Who came back in the next period, beside the other cohorts; `stands_out` where that is more than chance."""

    start: date
    share: float
    others: float
    difference: float
    low: float
    high: float
    stands_out: bool


class AgeForetold(Schema):
    """An age in periods that were foretold: the share of customers who came, and the share foretold."""

    age: int
    customers: int
    came: float
    foretold: float


class CohortsJudged(Schema):
    """How well earlier cohorts foretold later ones. Errors are of the share that came, mean and absolute."""

    enough: bool = Field(description="Whether the data suffice")
    reasons: list[str] = Field(description="What to mind where they do not")
    periods: int = Field(description="So many of the last whole periods were foretold")
    came: int
    foretold: float
    error: float | None
    error_of_cohort_before: float | None
    error_of_period_before: float | None
    by_age: list[AgeForetold]


class CohortsOut(Schema):
    """Cohorts before `as_of`, oldest first; `left_out` older ones are not among them."""

    as_of: date
    grain: Grain
    customers: int
    left_out: int
    cohorts: list[CohortOut]
    curve: list[RetentionPoint]
    compared: list[CohortCompared]
    until_second: list[SurvivalStep] = Field(
        description="Days from the first purchase to the second day of purchase"
    )
    judged: CohortsJudged


@router.get("/cohorts", response=CohortsOut, url_name="cohorts", operation_id="get_cohorts")
def get_cohorts(
    request: HttpRequest, grain: Literal["day", "week", "month", "quarter"] = "month"
) -> CohortsOut:
    """Customers who began together: who came back, what they brought, which cohorts stand out."""
    tables = open_lake().snapshot()
    found = queries.cohorts(actor=shell.actor_of(request), tables=tables, grain=grain, now=clock.now())
    return cohorts_out(found, currency=HOUSE().currency)


def cohorts_out(found: queries.Cohorts, *, currency: str) -> CohortsOut:
    """The answer."""
    return CohortsOut(
        as_of=found.as_of,
        grain=found.grain,
        customers=found.customers,
        left_out=found.left_out,
        cohorts=[
            CohortOut(
                start=one.start,
                customers=one.size,
                group=beginning(found.grain, one.start, None, found.as_of),
                ages=_ages(one, found, currency),
            )
            for one in found.cohorts
        ],
        curve=[
            RetentionPoint(
                age=one.age,
                cohorts=one.cohorts,
                customers=one.customers,
                bought=one.active,
                share=one.share,
                low=one.low,
                high=one.high,
            )
            for one in found.curve
        ],
        compared=[
            CohortCompared(
                start=one.start,
                share=one.share,
                others=one.others,
                difference=one.difference,
                low=one.difference_low,
                high=one.difference_high,
                stands_out=one.stands_out,
            )
            for one in found.compared
        ],
        until_second=survival_steps(found.waiting),
        judged=_cohorts_judged(found),
    )


def _cohorts_judged(found: queries.Cohorts) -> CohortsJudged:
    test, reasons = found.test, reasons_of_cohorts(found.test)
    return CohortsJudged(
        enough=not reasons,
        reasons=[said(one) for one in reasons],
        periods=queries.FORETOLD_PERIODS[found.grain],
        came=test.came if test else 0,
        foretold=test.foretold if test else 0.0,
        error=test.error if test else None,
        error_of_cohort_before=test.cohort_before if test else None,
        error_of_period_before=test.period_before if test else None,
        by_age=[
            AgeForetold(age=one.age, customers=one.customers, came=one.came, foretold=one.foretold)
            for one in (test.ages if test else ())
        ],
    )


def _ages(one: Cohort, found: queries.Cohorts, currency: str) -> list[CohortAge]:
    ages = []
    for age, customers in enumerate(one.active):
        low, high = one.interval(age)
        ages.append(
            CohortAge(
                age=age,
                customers=customers,
                then_or_later=one.still[age],
                purchases=one.purchases[age],
                revenue=money(Decimal(one.value[age]), currency),
                share=one.retention(age),
                low=low,
                high=high,
                over=age < one.whole,
                group=beginning(found.grain, one.start, age, found.as_of) if customers else "",
            )
        )
    return ages
