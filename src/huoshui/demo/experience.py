"""What people live through with an order, and what it makes them do.

* Delivery takes 1 + Poisson(m of the city's tier) days; later than promised is late. The main product has a fault with
  the product's odds.
* A complaint comes with 1 - Π (1 - odds) of late, fault and other reasons; it is resolved or not.
* An unresolved complaint makes the customer leave at once with its odds. All others who leave do so in silence, when
  their lifetime ends (`people`).
* Answers follow: recommendation (NPS, 0 to 10) = usual + mildness + what happened + noise, rounded and kept in
  its scale; satisfaction (CSAT, 1 to 5) and effort (CES, 1 to 7, 7 is easy) after a contact with service.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from huoshui.demo.catalogue import PRODUCTS
from huoshui.demo.columns import numbered, texts
from huoshui.demo.draws import Numbers
from huoshui.demo.invention import World
from huoshui.demo.orders import Columns, Orders
from huoshui.demo.people import People
from huoshui.demo.places import DELIVERY_DAYS, PLACES
from huoshui.demo.seasons import DAY
from huoshui.kernel.texts import Text

NO_REASON, LATE, FAULT = range(3)
TOPICS = ("question", "delivery", "fault")

AFTER_PURCHASE = Text("After purchase", "购后回访 After purchase")
AFTER_SERVICE = Text("After service", "服务回访 After service")
QUESTIONS = (
    ("nps", AFTER_PURCHASE, Text("Would you recommend us?", "推荐意愿 Would you recommend us?")),
    ("csat", AFTER_SERVICE, Text("How satisfied are you?", "满意度 How satisfied are you?")),
    (
        "ces",
        AFTER_SERVICE,
        Text("How easy was it? (7 = very easy)", "费力度 How easy was it? (7 = very easy)"),
    ),
)
ANSWER_AFTER = 10 * DAY


@dataclass(frozen=True, slots=True)
class Experience(Columns):
    """What became of each order, row by row beside the orders."""

    days: Numbers
    late: Numbers
    fault: Numbers
    complains: Numbers
    complains_at: Numbers
    resolved: Numbers
    drives_away: Numbers


def live_through(world: World, people: People, orders: Orders, process: str) -> Experience:
    """What becomes of ``orders`` of known people."""
    p, count, draw = world.parameters, len(orders), world.draws.of(process)
    slowness = np.array([DELIVERY_DAYS[city.tier] for city in PLACES])[people.place]
    days = 1 + draw.poisson(slowness[orders.buyer])
    late = days > p.promised_days
    fault = draw.random(count) < np.array([product.fault for product in PRODUCTS])[orders.main]
    silent = (1 - p.other_complaint) * np.where(late, 1 - p.late_complaint, 1.0)
    silent = silent * np.where(fault, 1 - p.fault_complaint, 1.0)
    complains = draw.random(count) >= silent
    after = (0.1 + draw.exponential(1.5, count)) * DAY
    resolved = draw.random(count) < p.resolved
    drives_away = complains & ~resolved & (draw.random(count) < p.leaves_unresolved)
    at = orders.at + days * DAY + after.astype(np.int64)
    return Experience(days, late, fault, complains, at, resolved, drives_away)


def driven_away_at(people: People, orders: Orders, lived: Experience, never: int) -> Numbers:
    """For each person when the first unresolved complaint makes them leave; ``never`` where none does."""
    at = np.full(len(people), never)
    away = lived.drives_away & (lived.complains_at < people.leaves_at[orders.buyer])
    np.minimum.at(at, orders.buyer[away], lived.complains_at[away])
    return at


def answers_file(world: World, people: People, orders: Orders, lived: Experience, first: int) -> pa.Table:
    """The rows of the file ``answers``; ``first`` is the number of the first one."""
    p = world.parameters
    draw = world.draws.of("answers on recommendation")
    asked = np.flatnonzero(draw.random(len(orders)) < p.answers_nps)
    at = np.maximum(orders.at[asked] + ANSWER_AFTER, lived.complains_at[asked] * lived.complains[asked])
    nps = (
        p.nps_usual
        + p.nps_mildness * people.mildness[orders.buyer[asked]]
        + p.nps_late * lived.late[asked]
        + p.nps_fault * lived.fault[asked]
        + p.nps_unresolved * (lived.complains & ~lived.resolved)[asked]
        + draw.normal(0.0, p.nps_noise, len(asked))
    )
    draw = world.draws.of("answers on service")
    served = np.flatnonzero(lived.complains & (draw.random(len(orders)) < p.answers_service))
    served_at = lived.complains_at[served] + 3 * DAY
    mild = 0.5 * people.mildness[orders.buyer[served]]
    good = lived.resolved[served]
    csat = np.where(good, p.csat_resolved, p.csat_unresolved) + mild + draw.normal(0.0, 0.7, len(served))
    ces = np.where(good, p.ces_resolved, p.ces_unresolved) + mild + draw.normal(0.0, 0.9, len(served))
    score = np.concatenate([_kept(nps, 0, 10), _kept(csat, 1, 5), _kept(ces, 1, 7)])
    question = np.repeat([0, 1, 2], [len(asked), len(served), len(served)])
    order = np.concatenate([asked, served, served])
    at = np.concatenate([at, served_at, served_at])
    kept = np.flatnonzero(at < world.end)
    question, order = question[kept], order[kept]
    return pa.table(
        {
            "answer_id": numbered("a-", first + np.arange(len(kept))),
            "customer": people.numbers.take(pa.array(orders.buyer[order])),
            "answered_at": world.clock(at[kept]),
            "survey": texts([world.said(q[1]) for q in QUESTIONS], question),
            "question": texts([world.said(q[2]) for q in QUESTIONS], question),
            "metric": texts([q[0] for q in QUESTIONS], question),
            "score": pa.array(score[kept]),
        }
    )


def _kept(score: Numbers, least: int, most: int) -> Numbers:
    return np.clip(np.rint(score), least, most).astype(np.int64)
