"""What customers are worth: what the page of value shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from huoshui.data.customers.listing import Row
from huoshui.desk.audit import services as audit
from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE, TRAITS
from huoshui.know.value import queries
from huoshui.know.value.page import DESERVES
from huoshui.know.value.populations import in_cell_of, moving, worth_of
from huoshui.lake import open_lake
from huoshui.project.api.shapes import Moment, Money, Value, money, said, values
from huoshui.science import rfm
from huoshui.web import shell

router = Router(tags=["know"])
LONGEST = 3653
Days = Annotated[int, Query(ge=1, le=LONGEST, description="Compared with how many days before the refresh")]
Group = Annotated[
    str, Field(description="Who they are: `in` of customers, exports and populations; or empty")
]


class ValueClass(Schema):
    """A class of customers. `expected` is before returns and discounted; empty, as `alive`, without a model."""

    code: str
    label: str
    customers: int
    spent: Money
    expected: Money | None = Field(description="In the next 12 months")
    alive: float | None = Field(description="How many of them are customers still, expected")
    should_get: str


class RfmCell(Schema):
    """A cell of recency × frequency, with its customers now and before."""

    r: int
    f: int
    segment: str
    customers: int
    before: int
    group: Group


class ValueMatrixCell(Schema):
    """A cell of the value matrix: recency and worth (F + M), and the class that it belongs to."""

    r: int
    worth: int
    value_class: str
    customers: int
    spent: Money
    group: Group


class ClassMovement(Schema):
    """Customers by class before and now; a class is empty for those who had not bought."""

    before: str
    after: str
    customers: int
    group: Group


class ValueBin(Schema):
    """Customers whose value of 12 months is at least `low` and below `high`."""

    low: float
    high: float
    customers: int


class Concentration(Schema):
    """The part of all value that the best `customers` (a share) make up; empty without value."""

    customers: float
    spent: float | None
    expected: float | None


class Valuable(Schema):
    """A customer of whom much is expected; the range holds what they will spend in 95 of 100 cases."""

    customer_id: int
    values: dict[str, Value]


class ValueOut(Schema):
    """Value as of the last refresh; all is empty before the first."""

    as_of: Moment | None = None
    since: date | None = Field(default=None, description="The day that `before` speaks of")
    until: date | None = None
    customers: int = 0
    spent: Money
    expected: Money | None = None
    classes: list[ValueClass] = Field(default_factory=list)
    cells: list[RfmCell] = Field(default_factory=list)
    matrix: list[ValueMatrixCell] = Field(default_factory=list)
    movement: list[ClassMovement] = Field(default_factory=list)
    distribution: list[ValueBin] = Field(default_factory=list)
    concentration: list[Concentration] = Field(default_factory=list)
    most_valuable: list[Valuable] = Field(
        default_factory=list, description="Of the customers that the token's colleague sees"
    )


@router.get("/value", response=ValueOut, url_name="value", operation_id="get_value")
def get_value(request: HttpRequest, days: Days = 30) -> ValueOut:
    """What customers spent and what can be expected of them, who moved, how value is spread."""
    actor, tables = shell.actor_of(request), open_lake().snapshot()
    found = queries.value(actor=actor, tables=tables, days=days)
    top = queries.most_valuable(actor=actor, tables=tables) if found else ()
    if top:
        audit.record(actor=actor, act="customers.viewed", detail={"customers": len(top)}, now=clock.now())
    return value_out(found, top, currency=HOUSE().currency)


def value_out(found: queries.Value | None, top: Sequence[Row], *, currency: str) -> ValueOut:
    """The answer, in the language of the caller."""
    if found is None:
        return ValueOut(spent=money(Decimal(0), currency))

    def amount(number: float) -> Money:
        return money(Decimal(f"{number:.4f}"), currency)

    labels = TRAITS["value_class"].values
    return ValueOut(
        as_of=found.as_of,
        since=found.since,
        until=found.until,
        customers=found.customers,
        spent=amount(found.spent),
        expected=None if found.expected is None else amount(found.expected),
        classes=[
            ValueClass(
                code=code,
                label=said(labels[code]),
                customers=one.customers,
                spent=amount(one.spent),
                expected=None if one.expected is None else amount(one.expected),
                alive=one.alive,
                should_get=said(DESERVES[code]),
            )
            for code, one in found.classes.items()
        ],
        cells=[
            RfmCell(
                r=one.r,
                f=one.f,
                segment=rfm.SEGMENT_GRID[one.r][one.f - 1],
                customers=one.customers,
                before=one.before,
                group=in_cell_of(one.r, one.f) if one.customers else "",
            )
            for one in found.cells
        ],
        matrix=[
            ValueMatrixCell(
                r=one.r,
                worth=one.worth,
                value_class=one.value_class,
                customers=one.customers,
                spent=amount(one.spent),
                group=worth_of(one.r, one.worth) if one.customers else "",
            )
            for one in found.matrix
        ],
        movement=[
            ClassMovement(
                before=before or "",
                after=after or "",
                customers=number,
                group=moving("value_class", before, after, found.since, found.until) if number else "",
            )
            for (before, after), number in sorted(
                found.moves.items(), key=lambda one: tuple(code or "" for code in one[0])
            )
        ],
        distribution=[ValueBin(low=low, high=high, customers=number) for low, high, number in found.bins],
        concentration=[
            Concentration(
                customers=(place + 1) / queries.STEPS,
                spent=found.spent_share[place] if found.spent_share else None,
                expected=found.expected_share[place] if found.expected_share else None,
            )
            for place in range(queries.STEPS)
        ]
        if found.spent_share or found.expected_share
        else [],
        most_valuable=[
            Valuable(customer_id=row.customer_id, values=values(row.values, currency)) for row in top
        ],
    )
