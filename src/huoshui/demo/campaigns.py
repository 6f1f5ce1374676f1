"""Campaigns with a control group drawn at random and an effect that is known.

Whoever may be written to on the channel, has joined a month ago and belongs to the audience is eligible; of them a
share is kept in the control group, by lot. A treated person makes one order more within the window with odds

    δ = effect of the campaign × response of the segment        (0 for who has left, except when winning back)

and uses the coupon for orders that were coming anyway, too, so that orders with the coupon overstate the effect.
Who has left and is won back comes for that one order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from huoshui.demo.catalogue import CAMPAIGNS, SEGMENTS, SILENT_DAYS, Campaign
from huoshui.demo.draws import Numbers
from huoshui.demo.invention import World
from huoshui.demo.orders import CAMPAIGN, Columns, Orders, further_products, new_orders
from huoshui.demo.people import Agreed, People
from huoshui.demo.seasons import DAY

KNOWN_FOR = 30 * DAY
HOUR_OF_SENDING = 10 * 3_600


@dataclass(frozen=True, slots=True)
class Assignments(Columns):
    """Who was eligible: in which arm, with which true odds of an order more, and whether it came."""

    buyer: Numbers
    campaign: Numbers
    at: Numbers
    treated: Numbers
    effect: Numbers
    came: Numbers
    opted_out: Numbers


def starts_at(world: World, campaign: Campaign) -> int | None:
    """When a campaign's messages go out; nothing where the shop had not been open for two months by then."""
    at = world.end - campaign.days_before * DAY + HOUR_OF_SENDING
    return at if at >= 2 * KNOWN_FOR else None


def run(
    world: World, people: People, orders: Orders, left_at: Numbers, agreed: dict[str, Agreed]
) -> tuple[Orders, Assignments]:
    """``orders`` with what the campaigns bring and who used their coupon; and who was in which arm."""
    nothing = np.empty(0, np.int64)
    assigned = Assignments(nothing, nothing, nothing, nothing > 0, nothing * 1.0, nothing > 0, nothing > 0)
    out = {name: one.withdrawn_at.copy() for name, one in agreed.items()}
    for place, campaign in sorted(enumerate(CAMPAIGNS), key=lambda one: -one[1].days_before):
        at = starts_at(world, campaign)
        if at is None:
            continue
        may = agreed[campaign.channel].granted & (people.joined + 60 < at) & (out[campaign.channel] > at)
        found = _assign(world, people, orders, left_at, place, at, may)
        assigned = assigned.and_then(found)
        out[campaign.channel][found.buyer[found.opted_out]] = at
        orders = _order(world, orders, found, place, at)
    return orders, assigned


def _assign(
    world: World, people: People, orders: Orders, left_at: Numbers, place: int, at: int, may: Numbers
) -> Assignments:
    campaign, p = CAMPAIGNS[place], world.parameters
    draw = world.draws.of(f"campaign {campaign.slug}")
    last = np.full(len(people), -1)
    before = orders.at < at
    np.maximum.at(last, orders.buyer[before], orders.at[before])
    eligible = may & (people.joined < at - KNOWN_FOR) & (last >= 0)
    if campaign.audience == "silent":
        eligible &= last < at - SILENT_DAYS * DAY
    # Lots are drawn for everybody, so that who is eligible does not change the lot of another.
    treated = draw.random(len(people)) >= p.control
    effect = campaign.effect * np.array([s.response for s in SEGMENTS])[people.segment]
    effect = np.where((left_at > at) | (campaign.audience == "silent"), effect, 0.0)
    comes = draw.random(len(people)) < effect
    opts_out = draw.random(len(people)) < p.opts_out
    who = np.flatnonzero(eligible)
    return Assignments(
        who,
        np.full(len(who), place),
        np.full(len(who), at),
        treated[who],
        effect[who],
        (treated & comes)[who],
        (treated & opts_out)[who],
    )


def _order(world: World, orders: Orders, found: Assignments, place: int, at: int) -> Orders:
    """The further orders, and the coupon on those that were coming anyway."""
    campaign = CAMPAIGNS[place]
    draw = world.draws.of(f"orders of campaign {campaign.slug}")
    reached = np.zeros(1 + max(int(orders.buyer.max(initial=0)), int(found.buyer.max(initial=0))), bool)
    reached[found.buyer[found.treated]] = True
    open_ = (orders.at >= at) & (orders.at < at + campaign.window * DAY) & (orders.campaign < 0)
    used = open_ & reached[orders.buyer] & (draw.random(len(orders)) < world.parameters.coupon_anyway)
    anyway = Orders(
        orders.buyer,
        orders.at,
        orders.main,
        orders.origin,
        np.where(used, place, orders.campaign).astype(np.int8),
    )
    who = found.buyer[found.came]
    day = at // DAY + 1 + draw.integers(0, campaign.window - 1, len(who))
    when = world.season.shopping_hour(day, draw.random(len(who)))
    more = new_orders(who, when, further_products(draw, len(who)), CAMPAIGN, place)
    return anyway.and_then(more)


def opted_out(assigned: Assignments) -> pa.Table:
    """Who was made to withdraw by a message: ``customer``, ``channel``, ``at``."""
    upset = assigned.take(assigned.opted_out)
    channels = [campaign.channel for campaign in CAMPAIGNS]
    return pa.table(
        {
            "customer": pa.array(upset.buyer),
            "channel": pa.array([channels[place] for place in upset.campaign], pa.string()),
            "at": pa.array(upset.at + 7_200),
        }
    )
