"""Why somebody got a message, and why not."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from huoshui.act.messages.queries import Receipt
from huoshui.act.receipts import queries, words
from huoshui.data.customers.scope import require_seen
from huoshui.kernel.plugs import HOUSE
from huoshui.know.segments import pages
from huoshui.lake import open_lake
from huoshui.project.api.consents import ConsentOut
from huoshui.project.api.shapes import CustomerId, Moment
from huoshui.web import shell

router = Router(tags=["customers"])

MOST = 200
State = Literal["pending", "claimed", "sent", "uncertain", "failed", "suppressed", "held_out"]


class ReceiptLine(Schema):
    """A message that was wanted for a customer, sent or left out."""

    id: int
    origin: str = Field(description="What wanted it said, such as campaign")
    origin_id: int
    title: str
    channel: str
    variant: str
    state: State
    reason: str = Field(description="A code; empty for what is sent or waits")
    says: str = Field(description="Why it is so")
    not_before: Moment
    settled_at: Moment | None
    attempts: int
    answer: str = Field(description="Of the other side")


class Receipts(Schema):
    """The newest messages that were wanted for a customer."""

    items: list[ReceiptLine]


class ReceiptClauseOut(Schema):
    """A clause of the rule that chose people: whether it held, and by which value."""

    path: str
    sentence: str
    holds: bool
    shown: str = Field(description="The value that it looked at, in words")


class LotOut(Schema):
    """How lots fell: below `share` means left out."""

    place: float
    share: float
    held: bool
    by_global: bool


class ReceiptOut(ReceiptLine):
    """A message with everything that decided about it."""

    customer_id: CustomerId
    version: int | None = Field(description="Of the campaign whose rule chose the person")
    as_of: Moment | None = Field(description="When the values of the clauses are of")
    clauses: list[ReceiptClauseOut]
    consent: ConsentOut | None = Field(
        description="The statement on marketing that held; none was ever made: null"
    )
    neutral: bool = Field(description="They want nothing that is based on what they are like")
    lot: LotOut | None


@router.get(
    "/customers/{int:customer_id}/messages",
    response=Receipts,
    url_name="customer_messages",
    operation_id="list_customer_messages",
)
def list_customer_messages(request: HttpRequest, customer_id: int) -> Receipts:
    """The newest 200 messages that were wanted for a customer, sent or left out, each with why."""
    actor = shell.actor_of(request)
    require_seen(actor, customer_id)
    return Receipts(
        items=[ReceiptLine(**line(one)) for one in queries.newest(customer_id, actor=actor, most=MOST)]
    )


@router.get("/messages/{int:number}", response=ReceiptOut, url_name="message", operation_id="get_message")
def get_message(request: HttpRequest, number: int) -> ReceiptOut:
    """Why a message went out, or did not: the rule and its values, consent, lots, times, the answer."""
    found = queries.whole(number, actor=shell.actor_of(request), tables=open_lake().snapshot())
    consent, lot, why, language = found.consent, found.lot, found.why, shell.language_now()
    return ReceiptOut(
        **line(found.receipt),
        customer_id=found.receipt.customer_id,
        version=found.version,
        as_of=why.as_of if why else None,
        clauses=[
            ReceiptClauseOut(
                path=one.path,
                sentence=one.sentence.in_(language),
                holds=one.holds,
                shown=pages.value_in_words(one.clause, one.value, HOUSE(), language),
            )
            for one in (why.verdicts if why else ())
        ],
        consent=ConsentOut.model_validate(consent, from_attributes=True) if consent else None,
        neutral=found.neutral,
        lot=LotOut(place=lot.place, share=lot.share, held=lot.held, by_global=lot.by_global) if lot else None,
    )


def line(one: Receipt) -> dict[str, Any]:
    """The values of a `ReceiptLine`."""
    plain = ("id", "origin", "origin_id", "title", "channel", "variant", "state", "reason")
    times = ("not_before", "settled_at", "attempts", "answer")
    told = {name: getattr(one, name) for name in (*plain, *times)}
    return {**told, "says": words.says(one.state, one.reason).in_(shell.language_now())}
