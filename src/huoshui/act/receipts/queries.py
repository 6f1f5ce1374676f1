"""Questions about why: one message with everything that decided about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from huoshui.act.campaigns import queries as campaigns
from huoshui.act.campaigns.errors import NoSuchCampaign
from huoshui.act.holdouts import queries as holdouts
from huoshui.act.holdouts.errors import NoSuchTrial
from huoshui.act.holdouts.queries import Lot
from huoshui.act.messages import queries as messages
from huoshui.act.messages.queries import Receipt
from huoshui.data.privacy import queries as privacy
from huoshui.data.privacy import words
from huoshui.data.privacy.queries import Statement
from huoshui.kernel.actors import Actor
from huoshui.kernel.clock import AsOf
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.plugs import HOUSE
from huoshui.know.segments import queries as segments
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.queries import Why
from huoshui.know.segments.rules import Every, Member, Not, Rule, Some

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

MARKETING, PROFILING = "marketing", "profiling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A message and all that decided about it.

    ``version`` is that of the campaign whose rule chose the person, and ``why`` the clauses with the values as of its
    start; both are None for what is no campaign, or where the rule cannot be read any more. ``consent`` is the
    statement that held when the message was settled, or holds now; None where the person never said anything.
    ``neutral`` people get nothing that is based on what they are like. ``lot`` is their place in the draw; None where
    no lots were drawn, or elsewhere, before the house knew of it (``drawn_elsewhere``).
    """

    receipt: Receipt
    version: int | None
    why: Why | None
    consent: Statement | None
    neutral: bool
    lot: Lot | None
    drawn_elsewhere: bool


def newest(customer_id: int, *, actor: Actor, most: int = 5) -> Sequence[Receipt]:
    """The newest messages that were wanted for a customer, sent or left out. Raises `NotAllowed`."""
    return messages.of_customer(customer_id, actor=actor, most=most)


def whole(message_id: int, *, actor: Actor, tables: Snapshot) -> Whole:
    """Why a message went out, or did not. Raises `NoSuchMessage`, `NotAllowed`."""
    receipt = messages.receipt(message_id, actor=actor)
    version, why = _rule(receipt, actor, tables) if receipt.origin == campaigns.ORIGIN else (None, None)
    said = privacy.statements(receipt.customer_id)
    at = receipt.settled_at
    before = [one for one in said if at is None or one.given_at <= at]
    # One that the house does not have may still be one that people agree to.
    usual = receipt.channel if receipt.channel in words.CHANNELS else privacy.ANY
    channel = CHANNELS[receipt.channel].consent if receipt.channel in CHANNELS else usual
    lot, elsewhere = _lot(receipt)
    about = privacy.newest(before, purpose=PROFILING, channel=privacy.ANY)
    return Whole(
        receipt=receipt,
        version=version,
        why=why,
        consent=privacy.newest(before, purpose=MARKETING, channel=channel),
        neutral=about is not None and about.state == "withdrawn",
        lot=lot,
        drawn_elsewhere=elsewhere,
    )


def _rule(receipt: Receipt, actor: Actor, tables: Snapshot) -> tuple[int | None, Why | None]:
    try:
        found = campaigns.campaign(receipt.origin_id, actor=actor)
    except NoSuchCampaign:
        return None, None
    started: datetime | None = found.started_at
    if found.draft.audience is None or started is None:
        return found.version, None
    try:
        written = segments.read(found.draft.audience)
        rule = _spelled_out(written, segments.resolve(written))
    except BadRule:  # a segment of it was put away since
        return found.version, None
    as_of = AsOf(at=started, zone=HOUSE().zone)
    return found.version, segments.why(tables=tables, as_of=as_of, rule=rule, customer_id=receipt.customer_id)


def _spelled_out(rule: Rule, others: Mapping[str, Rule]) -> Rule:
    """The rule with those of its segments in their places, so that their values are seen."""
    match rule:
        case Member(slug):
            return _spelled_out(others[slug], others)
        case Not(part):
            return Not(_spelled_out(part, others))
        case Every(parts):
            return Every(tuple(_spelled_out(part, others) for part in parts))
        case Some(parts):
            return Some(tuple(_spelled_out(part, others) for part in parts))
        case _:
            return rule


def _lot(receipt: Receipt) -> tuple[Lot | None, bool]:
    """The lot of a message, and whether it was drawn elsewhere."""
    what = f"{receipt.origin}:{receipt.origin_id}"
    try:
        if holdouts.trial(what).drawn_elsewhere:
            return None, True
        return holdouts.lot(what, receipt.customer_id), False
    except NoSuchTrial:
        return None, False
