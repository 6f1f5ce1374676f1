"""What people do besides buying: looking at products, getting messages, calling service; some of it anonymously.

* Before an order its main product is viewed 0, 1 or 2 times, or, with its odds, 3 + Poisson(½) times within three days.
* Visits without an order: Poisson per customer, at any time from joining to leaving; of a product that suits them.
* Before they join, some of the customers come as visitors; others who come so never join.
* Messages of campaigns reach all who are treated; whoever comes because of one has clicked on it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from huoshui.demo.campaigns import Assignments
from huoshui.demo.catalogue import CAMPAIGNS, PRODUCTS
from huoshui.demo.columns import numbered, only, texts
from huoshui.demo.draws import Numbers
from huoshui.demo.experience import FAULT, LATE, NO_REASON, TOPICS, Experience
from huoshui.demo.invention import World
from huoshui.demo.orders import Columns, Orders, further_products, main_products
from huoshui.demo.people import People
from huoshui.demo.seasons import DAY

VIEWED, ADDED, DELAYED, CONTACTED, RESOLVED, DELIVERED, OPENED, CLICKED, RECEIVED, FOLLOWED = range(10)
NAMES = (
    "Product Viewed",
    "Product Added",
    "Order Delayed",
    "Service Contacted",
    "Complaint Resolved",
    "Email Delivered",
    "Email Opened",
    "Email Link Clicked",
    "Message Delivered",
    "Message Link Clicked",
)
WITHIN = 3 * DAY
OPENS, CLICKS, ADDS = 0.30, 0.05, 0.6

_OF_CAMPAIGN = len(TOPICS)


@dataclass(frozen=True, slots=True)
class Events(Columns):
    """Events. ``who`` is a place among the people or, where ``anonymous``, the number of a visitor; ``product``,
    ``properties`` and ``session`` are -1 where there is none.
    """

    who: Numbers
    anonymous: Numbers
    name: Numbers
    at: Numbers
    product: Numbers
    properties: Numbers
    session: Numbers


@dataclass(frozen=True, slots=True)
class Visits:
    """The events of a part of the people; for each visitor who joined later, who that is; and, for the truth, how
    many times a product was viewed three times or more within three days, before an order of it and without one.
    """

    events: Events
    visitors: Numbers
    three_views_ordered: int
    three_views_idle: int


def _events(
    who: Numbers,
    name: Numbers | int,
    at: Numbers,
    *,
    product: Numbers | int = -1,
    properties: Numbers | int = -1,
    session: Numbers | int = -1,
    anonymous: bool = False,
) -> Events:
    def full(value: Numbers | int, type_: type[np.signedinteger]) -> Numbers:
        return np.broadcast_to(np.asarray(value, type_), len(who))

    return Events(
        who.astype(np.int64),
        np.full(len(who), anonymous),
        full(name, np.int8),
        at.astype(np.int64),
        full(product, np.int8),
        full(properties, np.int8),
        full(session, np.int64),
    )


def visit(
    world: World, people: People, orders: Orders, lived: Experience, assigned: Assignments, left_at: Numbers
) -> Visits:
    """What the people do up to the end of the last day; ``orders`` are theirs up to then."""
    looking, often_ordered = _before_orders(world, people, orders)
    idle, often_idle = _without_order(world, people, left_at, sessions=len(orders))
    anonymous, visitors = _anonymous(world, people)
    events = looking
    for more in (idle, anonymous, _with_service(world, orders, lived), _messages(world, assigned)):
        events = events.and_then(more)
    events = events.take(events.at < world.end)
    events = events.take(np.argsort(events.at, kind="stable"))
    return Visits(events, visitors, often_ordered, often_idle)


def _before_orders(world: World, people: People, orders: Orders) -> tuple[Events, int]:
    draw = world.draws.of("views before orders")
    often = draw.random(len(orders)) < world.parameters.three_views_before_order
    views = np.where(often, 3 + draw.poisson(0.5, len(orders)), draw.integers(0, 3, len(orders)))
    order = np.repeat(np.arange(len(orders)), views)
    since = np.maximum(orders.at[order] - WITHIN, people.joined[orders.buyer[order]])
    at = since + (draw.random(len(order)) * (orders.at[order] - since)).astype(np.int64)
    viewed = _events(orders.buyer[order], VIEWED, at, product=orders.main[order], session=order)
    added = np.flatnonzero(draw.random(len(orders)) < ADDS)
    put = _events(
        orders.buyer[added], ADDED, orders.at[added] - 120, product=orders.main[added], session=added
    )
    return viewed.and_then(put), int(often.sum())


def _without_order(world: World, people: People, left_at: Numbers, sessions: int) -> tuple[Events, int]:
    p, draw = world.parameters, world.draws.of("visits without an order")
    who = np.repeat(np.arange(len(people)), draw.poisson(p.idle_visits, len(people)))
    until = np.minimum(left_at, world.end)[who]
    begin = world.season.at(people.joined[who])
    start = world.season.when(begin + draw.random(len(who)) * (world.season.at(until) - begin))
    often = draw.random(len(who)) < p.three_views_idle
    views = np.where(often, 3 + draw.poisson(0.5, len(who)), draw.integers(1, 3, len(who)))
    product = main_products(world, people, who, draw)
    visited = np.repeat(np.arange(len(who)), views)
    at = start[visited] + (draw.random(len(visited)) * WITHIN).astype(np.int64)
    at = np.minimum(at, until[visited] - 1)
    return (
        _events(who[visited], VIEWED, at, product=product[visited], session=sessions + visited),
        int(often.sum()),
    )


def _anonymous(world: World, people: People) -> tuple[Events, Numbers]:
    p, draw = world.parameters, world.draws.of("anonymous visits")
    known = np.flatnonzero(draw.random(len(people)) < p.known_by_visit)
    strangers = draw.poisson(p.strangers * len(people))
    first = np.concatenate(
        [
            people.joined[known] - (draw.random(len(known)) * 10 * DAY).astype(np.int64),
            world.season.when(draw.random(strangers) * world.season.inner[world.invention.days * 24]),
        ]
    )
    latest = np.concatenate([people.joined[known], np.full(strangers, world.end)]) - 1
    visitor = np.repeat(np.arange(len(first)), draw.integers(1, 3, len(first)))
    at = first[visitor] + (draw.random(len(visitor)) * 1_800).astype(np.int64)
    at = np.clip(at, 0, latest[visitor])
    product = further_products(draw, len(visitor))
    return _events(visitor, VIEWED, at, product=product, anonymous=True), known


def _with_service(world: World, orders: Orders, lived: Experience) -> Events:
    draw = world.draws.of("service")
    late, contact = np.flatnonzero(lived.late), np.flatnonzero(lived.complains)
    topic = np.where(lived.fault, FAULT, np.where(lived.late, LATE, NO_REASON))
    settled = contact[lived.resolved[contact]]
    settled_at = lived.complains_at[settled] + draw.integers(3_600, 3 * DAY, len(settled))
    events = _events(orders.buyer[late], DELAYED, orders.at[late] + 3 * DAY)
    contacts = _events(
        orders.buyer[contact], CONTACTED, lived.complains_at[contact], properties=topic[contact]
    )
    answers = _events(orders.buyer[settled], RESOLVED, settled_at, properties=topic[settled])
    return events.and_then(contacts).and_then(answers)


def _messages(world: World, assigned: Assignments) -> Events:
    draw = world.draws.of("messages")
    reached = assigned.take(assigned.treated)
    by_email = np.array([c.channel == "email" for c in CAMPAIGNS])[reached.campaign]
    opens = draw.random(len(reached)) < OPENS
    clicks = reached.came | (draw.random(len(reached)) < CLICKS)
    at = reached.at + draw.integers(0, 300, len(reached))
    told = _OF_CAMPAIGN + reached.campaign
    sent = _events(reached.buyer, np.where(by_email, DELIVERED, RECEIVED), at, properties=told)
    seen = np.flatnonzero(by_email & (opens | clicks))
    opened = _events(reached.buyer[seen], OPENED, at[seen] + 1_800, properties=told[seen])
    on = np.flatnonzero(clicks)
    clicked = _events(
        reached.buyer[on], np.where(by_email, CLICKED, FOLLOWED)[on], at[on] + 2_000, properties=told[on]
    )
    return sent.and_then(opened).and_then(clicked)


def events_file(world: World, people: People, events: Events, first: int, first_visitor: int) -> pa.Table:
    """The rows of the file ``events``; ``first`` and ``first_visitor`` count on from the part before."""
    known = pa.array(np.where(events.anonymous, 0, events.who))
    properties = [
        *(json.dumps({"topic": topic}) for topic in TOPICS),
        *(
            json.dumps({"campaign": world.said(c.name), "channel": c.channel}, ensure_ascii=False)
            for c in CAMPAIGNS
        ),
    ]
    return pa.table(
        {
            "message_id": numbered("e-", first + np.arange(len(events))),
            "customer": only(~events.anonymous, people.numbers.take(known)),
            "visitor": only(events.anonymous, visitor_ids(first_visitor + events.who)),
            "event": texts(NAMES, events.name),
            "occurred_at": world.clock(events.at),
            "session_id": only(events.session >= 0, numbered(f"s{world.draws.part}-", events.session)),
            "product_id": only(
                events.product >= 0, texts([p.number for p in PRODUCTS], np.maximum(events.product, 0))
            ),
            "properties": only(events.properties >= 0, texts(properties, np.maximum(events.properties, 0))),
        }
    )


def visitor_ids(numbers: Numbers) -> pa.Array:
    """The ids under which a site knows visitors."""
    return numbered("v-", numbers)
