"""The truth about the company, which no house knows: written beside it, so that every model can be judged.

Parquet, one file per subject, and ``truth.json`` with the parameters, what the campaigns and rules did, the totals of
the files, and the meaning of every column. Times are local times of the house.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from huoshui.demo.campaigns import Assignments
from huoshui.demo.catalogue import CAMPAIGNS, CHANNELS, FOLLOW_UPS, SEGMENTS
from huoshui.demo.columns import only, texts
from huoshui.demo.draws import Numbers
from huoshui.demo.experience import Experience
from huoshui.demo.invention import AFTERWARDS, Invention, World
from huoshui.demo.orders import ORIGINS, Orders, Sequences
from huoshui.demo.parameters import meanings
from huoshui.demo.people import People, company_names
from huoshui.demo.sales import CENTS, Lines, order_number
from huoshui.demo.saying import said
from huoshui.demo.seasons import DAY
from huoshui.demo.visits import visitor_ids
from huoshui.kernel.texts import Language

NEAR = 90

COLUMNS: dict[str, dict[str, str]] = {
    "customers": {
        "customer": "the shop's number",
        "role": "the part of a member of the cast, whose life is written by hand; empty for all others",
        "segment": "the group of people with the same wants",
        "joined_at": "when they came",
        "buys": "whether they ever buy of their own accord",
        "rate": "λ: own purchases per day at season 1, while they stay",
        "leaving_rate": "μ: drop-out per day",
        "order_budget": "p ÷ ν: mean of what an order may cost",
        "mildness": "standard normal: how mildly they judge",
        "channel": "how they came",
        "acquisition_cost": "CAC of that channel",
        "company": "the company they buy for",
        "left_at": "when they left; empty where they have not, 365 days after the last day",
        "left_because": "silence or complaint",
        "alive": "whether they had not left at the end of the last day",
        "expected_purchases_90d": "own purchases expected in the 90 days after the last one, knowing the rates",
        "expected_purchases_365d": "the same for 365 days",
        "orders": "orders up to the last day",
        "revenue": "what they paid, before returns",
        "orders_next_90d": "orders that come in the 90 days after the last one",
        "orders_next_365d": "orders that come in the 365 days after the last one",
        "revenue_next_365d": "and what they will pay",
    },
    "orders": {
        "order": "the shop's number; orders up to the last day",
        "origin": "own, follow_up, campaign (would not have come without it) or walk_in",
        "campaign": "the campaign it is counted to in the house, whether it caused it or not",
        "delivery_days": "days until delivery",
        "late": "later than promised",
        "fault": "the main product had a fault",
        "complained": "the customer complained",
        "resolved": "and the complaint was resolved",
    },
    "assignments": {
        "customer": "who was eligible",
        "campaign": "for which campaign",
        "assigned_at": "when lots were drawn",
        "treated": "written to, or kept in the control group",
        "effect": "true uplift: odds of one order more within the window, if treated",
        "came": "that order came",
        "opted_out": "the message made them withdraw their consent",
    },
    "sequences": {
        "customer": "who bought the first product as main product of an order",
        "first": "that product",
        "then": "what follows on it",
        "started_at": "when the first was bought",
        "follows": "whether it would be followed",
        "follows_at": "when it would be",
        "happened": "whether the customer was still there then, so that it happened (maybe after the last day)",
    },
    "visitors": {"visitor": "id of an anonymous visitor", "customer": "who that is"},
}


def expected_purchases(people: People, season: Numbers, left_at: Numbers, end: int, days: int) -> Numbers:
    """Own purchases expected of each person in the ``days`` after ``end``, knowing λ, μ and who is alive.

        λ Σ_d s(d) exp(-μ (d + ½))      over the days d = 0, 1, … after the last one; 0 for who has left

    Complaints to come, follow-ups and campaigns are left out. ``season`` has the factors from ``end`` on.
    """
    decay = np.exp(-people.leaving)
    staying = np.exp(-people.leaving / 2)
    total = np.zeros(len(people))
    for day in range(days):
        total += season[day] * staying
        staying *= decay
    return np.where(left_at > end, people.rate * total, 0.0)


def customers_table(
    world: World, people: People, orders: Orders, lines: Lines, left_at: Numbers, driven_away: Numbers
) -> pa.Table:
    """The rows of ``customers``; ``orders`` go on to the horizon."""
    end, season = world.end, world.season.by_day[world.invention.days :]
    known = orders.buyer >= 0
    cents = np.bincount(lines.order, CENTS[lines.price] * lines.quantity, len(orders))

    def summed(since: int, until: int, weights: Numbers | None = None) -> Numbers:
        chosen = known & (orders.at >= since) & (orders.at < until)
        told = None if weights is None else weights[chosen]
        return np.bincount(orders.buyer[chosen], told, len(people)).astype(np.int64)

    after = end + AFTERWARDS * DAY
    gone = left_at < world.horizon
    near, far = (expected_purchases(people, season, left_at, end, n) for n in (NEAR, AFTERWARDS))
    return pa.table(
        {
            "customer": people.numbers,
            "role": pa.nulls(len(people), pa.string()),
            "segment": texts([s.slug for s in SEGMENTS], people.segment),
            "joined_at": world.clock(people.joined),
            "buys": people.buys,
            "rate": people.rate,
            "leaving_rate": people.leaving,
            "order_budget": world.parameters.amount_shape / people.budget,
            "mildness": people.mildness,
            "channel": texts([world.said(c.name) for c in CHANNELS], people.channel),
            "acquisition_cost": np.array([c.cac for c in CHANNELS])[people.channel],
            "company": company_names(world, people.company),
            "left_at": only(gone, world.clock(np.minimum(left_at, world.horizon))),
            "left_because": only(gone, texts(("silence", "complaint"), (driven_away == left_at).astype(int))),
            "alive": left_at > end,
            "expected_purchases_90d": near,
            "expected_purchases_365d": far,
            "orders": summed(0, end),
            "revenue": summed(0, end, cents) / 100.0,
            "orders_next_90d": summed(end, end + NEAR * DAY),
            "orders_next_365d": summed(end, after),
            "revenue_next_365d": summed(end, after, cents) / 100.0,
        }
    )


def orders_table(orders: Orders, lived: Experience, first: int) -> pa.Table:
    """The rows of ``orders`` up to the last day."""
    return pa.table(
        {
            "order": order_number(first + np.arange(len(orders))),
            "origin": texts(ORIGINS, orders.origin),
            "campaign": only(
                orders.campaign >= 0, texts([c.slug for c in CAMPAIGNS], np.maximum(orders.campaign, 0))
            ),
            "delivery_days": lived.days,
            "late": lived.late,
            "fault": lived.fault,
            "complained": lived.complains,
            "resolved": lived.complains & lived.resolved,
        }
    )


def assignments_table(world: World, people: People, assigned: Assignments) -> pa.Table:
    """The rows of ``assignments``."""
    return pa.table(
        {
            "customer": people.numbers.take(pa.array(assigned.buyer)),
            "campaign": texts([c.slug for c in CAMPAIGNS], assigned.campaign),
            "assigned_at": world.clock(assigned.at),
            "treated": assigned.treated,
            "effect": assigned.effect,
            "came": assigned.came,
            "opted_out": assigned.opted_out,
        }
    )


def sequences_table(world: World, people: People, sequences: Sequences, left_at: Numbers) -> pa.Table:
    """The rows of ``sequences`` that started up to the last day, of people who had not left."""
    kept = (sequences.started_at < world.end) & (sequences.started_at < left_at[sequences.buyer])
    told = sequences.take(kept)
    return pa.table(
        {
            "customer": people.numbers.take(pa.array(told.buyer)),
            "first": texts([r.first for r in FOLLOW_UPS], told.rule),
            "then": texts([r.then for r in FOLLOW_UPS], told.rule),
            "started_at": world.clock(told.started_at),
            "follows": told.follows,
            "follows_at": world.clock(told.follows_at),
            "happened": told.follows & (told.follows_at < left_at[told.buyer]),
        }
    )


def visitors_table(people: People, visitors: Numbers, first: int) -> pa.Table:
    """The rows of ``visitors``: those who joined later stand first among the visitors of their part."""
    return pa.table(
        {
            "visitor": visitor_ids(first + np.arange(len(visitors))),
            "customer": people.numbers.take(pa.array(visitors)),
        }
    )


def write_story(folder: Path, invention: Invention, totals: dict[str, int], views: dict[str, int]) -> None:
    """Write ``truth.json`` beside the Parquet files, from which it counts what campaigns and rules did.

    ``totals`` counts the rows of each file of the shop; ``views`` the times that a product was viewed three times or
    more within three days, before an order of it and without one.
    """
    ordered = views["ordered"] / max(1, sum(views.values()))
    story: dict[str, Any] = {
        "about": "The truth about an invented company. Nobody in it is real.",
        "invention": {
            "customers": invention.customers,
            "days": invention.days,
            "seed": invention.seed,
            "first_day": invention.first_day.isoformat(),
            "until": invention.until.isoformat(),
        },
        "parameters": {
            name: {"value": getattr(invention.parameters, name), "meaning": meaning.en}
            for name, _, meaning in meanings()
        },
        "channels": said(CHANNELS, invention.language),
        "segments": [
            {
                "slug": s.slug,
                "share": s.share,
                "response": s.response,
                "tastes": said(s.tastes, invention.language),
            }
            for s in SEGMENTS
        ],
        "sequences": [asdict(rule) for rule in FOLLOW_UPS],
        "campaigns": _campaigns(pq.read_table(folder / "assignments.parquet"), invention.language),
        "three_views": {**views, "share_that_orders": round(ordered, 4)},
        "rows": totals,
        "files": COLUMNS,
    }
    (folder / "truth.json").write_text(
        json.dumps(story, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


def _campaigns(assignments: pa.Table, language: Language) -> list[dict[str, Any]]:
    """What each campaign did: ``true_effect`` is the mean uplift of those treated, per person."""
    slug, treated = assignments["campaign"].to_numpy(), assignments["treated"].to_numpy()
    effect, came = assignments["effect"].to_numpy(), assignments["came"].to_numpy()
    found = []
    for campaign in CAMPAIGNS:
        ours = slug == campaign.slug
        reached = ours & treated
        found.append(
            {
                **said(campaign, language),
                "eligible": int(ours.sum()),
                "treated": int(reached.sum()),
                "true_effect": round(float(effect[reached].mean()), 6) if reached.any() else None,
                "orders_more": int(came[reached].sum()),
            }
        )
    return found
