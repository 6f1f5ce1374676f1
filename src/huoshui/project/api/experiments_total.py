"""What everything together added: everybody against the global control group."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.measure.experiments.reading import Line
from huoshui.measure.experiments.trials import total as totals
from huoshui.measure.experiments.trials.total import WINSORISED, Cap, Month, Total
from huoshui.project.api.experiments import LiftOut, lifted
from huoshui.project.api.shapes import Moment
from huoshui.web import shell

router = Router(tags=["experiments"])


class CapOut(Schema):
    """How orders were winsorised: the money of a person counts up to `amount`, in house currency, in either direction.

    It is the smallest amount that `share` of the people of both sides together do not exceed.
    """

    amount: float
    share: float
    people: int = Field(description="Had more, and count with `amount`; 0: nothing was cut")


class TotalLine(Schema):
    """What was added of one outcome, per person; `unknown` says why nothing can be said."""

    name: Literal["conversion", "orders", "revenue", "margin"]
    lift: LiftOut | None
    unknown: str
    winsorised: CapOut | None = Field(description="Of money; shares and numbers of orders count whole")


class TotalMonth(Schema):
    """Revenue per person in a whole month of the house. It is over and read once: its interval is the usual one."""

    since: Moment
    lift: LiftOut | None
    unknown: str
    winsorised: CapOut


class TotalOut(Schema):
    """What everything together added since the global control group of now began.

    Never the sum of single lifts. The intervals of `outcomes` stay valid however often they are looked at.
    """

    share: float = Field(description="Held out")
    since: Moment
    treated: int
    control: int
    excluded: int = Field(description="Merged of profiles on both sides")
    adjusted: bool = Field(description="Whether what people did in the 180 days before is used (CUPED)")
    currency: str
    added: float | None = Field(description="Revenue of all treated people together; null: not known yet")
    low: float | None
    high: float | None
    outcomes: list[TotalLine]
    months: list[TotalMonth] = Field(description="The last twelve whole months, the newest first")


@router.get(
    "/experiments/total", response=TotalOut, url_name="experiments_total", operation_id="get_total_effect"
)
def get_total_effect(request: HttpRequest) -> TotalOut:
    """What all campaigns and actions added together: everybody against the global control group, since it began."""
    found = totals.required(
        actor=shell.actor_of(request),
        tables=open_lake().snapshot(),
        zone=HOUSE().zone,
        now=clock.now(),
    )
    return told(found, HOUSE().currency)


def told(found: Total, currency: str) -> TotalOut:
    """The total as plain values."""
    return TotalOut(
        share=found.group.share,
        since=found.group.since,
        treated=found.treated,
        control=found.control,
        excluded=found.excluded,
        adjusted=found.adjusted,
        currency=currency,
        added=found.added,
        low=found.low,
        high=found.high,
        outcomes=[
            TotalLine(
                name=name,
                lift=_lift(line),
                unknown=_why(line),
                winsorised=_cap(found.caps[name]) if name in found.caps else None,
            )
            for name, line in found.lines.items()
            if name != "others"
        ],
        months=[_month(one) for one in found.months],
    )


def _month(one: Month) -> TotalMonth:
    return TotalMonth(since=one.since, lift=_lift(one.line), unknown=_why(one.line), winsorised=_cap(one.cap))


def _lift(line: Line) -> LiftOut | None:
    return lifted(line.lift) if line.lift else None


def _why(line: Line) -> str:
    return str(line.unknown) if line.unknown else ""


def _cap(cap: Cap) -> CapOut:
    return CapOut(amount=cap.amount, share=WINSORISED, people=cap.people)
