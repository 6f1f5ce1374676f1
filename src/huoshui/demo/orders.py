"""What is bought, when: orders of one's own accord, what follows on them, and anonymous ones in stores.

* Own orders: the first on arrival, then a Poisson process of rate λ s(t) until the customer leaves (see `people`,
  `seasons`).
* The main product k: odds ∝ weight × taste of the segment × exp(-(ln price - ln z)² ÷ 2σ²), z ~ Gamma(p, ν).
* Follow-ups: an order whose main product starts a rule is followed with the rule's probability, as long as the
  customer is still there; follow-ups start rules themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from huoshui.demo.catalogue import FOLLOW_UPS, PRODUCTS, SEGMENTS
from huoshui.demo.draws import Numbers, chosen, race
from huoshui.demo.invention import World
from huoshui.demo.people import People
from huoshui.demo.seasons import DAY

OWN, FOLLOW_UP, CAMPAIGN, WALK_IN = range(4)
ORIGINS = ("own", "follow_up", "campaign", "walk_in")

PLACE_OF = {product.number: place for place, product in enumerate(PRODUCTS)}
PRICES = np.array([float(product.price) for product in PRODUCTS])


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one length."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, places: Numbers | slice) -> Self:
        """The rows at ``places``, or where a mask is true."""
        return self._of(lambda name: getattr(self, name)[places])

    def and_then(self, other: Self) -> Self:
        """These rows and those of ``other``."""
        return self._of(lambda name: np.concatenate([getattr(self, name), getattr(other, name)]))

    def _of(self, column: Any) -> Self:
        return type(self)(**{f.name: column(f.name) for f in fields(self)})


@dataclass(frozen=True, slots=True)
class Orders(Columns):
    """Orders. ``buyer`` is a place among the people, -1 for nobody known; ``main`` a place in the catalogue;
    ``campaign`` the place of the campaign it is counted to, or -1.
    """

    buyer: Numbers
    at: Numbers
    main: Numbers
    origin: Numbers
    campaign: Numbers


@dataclass(frozen=True, slots=True)
class Sequences(Columns):
    """Every order that started a rule: whether it makes a follow-up (if the customer is still there), and when."""

    buyer: Numbers
    rule: Numbers
    started_at: Numbers
    follows: Numbers
    follows_at: Numbers


def new_orders(buyer: Numbers, at: Numbers, main: Numbers, origin: int, campaign: int = -1) -> Orders:
    """Orders of one origin."""
    same = np.full(len(buyer), origin, np.int8), np.full(len(buyer), campaign, np.int8)
    return Orders(buyer.astype(np.int64), at, main.astype(np.int8), *same)


def own_orders(world: World, people: People) -> Orders:
    """Orders of one's own accord, up to the horizon."""
    draw = world.draws.of("orders")
    until = np.minimum(people.leaves_at, world.horizon)
    begin = world.season.at(people.joined)
    length = world.season.at(until) - begin
    further = draw.poisson(people.rate * length)
    first = np.flatnonzero(people.buys)
    who = np.repeat(np.arange(len(people)), further)
    at = world.season.when(begin[who] + draw.random(len(who)) * length[who])
    who = np.concatenate([first, who])
    at = np.concatenate([people.joined[first] + 300, at])
    return new_orders(who, at, main_products(world, people, who, draw), OWN)


def main_products(world: World, people: People, who: Numbers, draw: np.random.Generator) -> Numbers:
    """The main product of an order of each of ``who``."""
    p = world.parameters
    tastes = np.array(
        [[s.tastes.get(product.category, 1.0) * product.weight for product in PRODUCTS] for s in SEGMENTS],
        np.float32,
    )
    budget = np.log(draw.gamma(p.amount_shape, 1.0, len(who)) / people.budget[who]).astype(np.float32)
    distance = np.log(PRICES).astype(np.float32)[None, :] - budget[:, None]
    odds = tastes[people.segment[who]] * np.exp(-(distance**2) / np.float32(2.0 * p.price_distance**2))
    return race(draw, odds + np.float32(1e-12))


def follow_ups(world: World, people: People, orders: Orders) -> tuple[Orders, Sequences]:
    """``orders`` with what follows on them, and how every rule went that was started."""
    everything, last, started = orders, orders, list[Sequences]()
    while not started or len(last):
        draw = world.draws.of(f"follow-ups, generation {len(started)}")
        found = [_started(world, last, rule, draw) for rule in range(len(FOLLOW_UPS))]
        together = found[0]
        for more in found[1:]:
            together = together.and_then(more)
        started.append(together)
        in_time = together.follows_at < np.minimum(people.leaves_at, world.horizon)[together.buyer]
        happens = together.take(together.follows & in_time)
        then = np.array([PLACE_OF[rule.then] for rule in FOLLOW_UPS])[happens.rule]
        last = new_orders(happens.buyer, happens.follows_at, then, FOLLOW_UP)
        everything = everything.and_then(last)
    sequences = started[0]
    for more in started[1:]:
        sequences = sequences.and_then(more)
    return everything, sequences


def _started(world: World, orders: Orders, rule: int, draw: np.random.Generator) -> Sequences:
    told = FOLLOW_UPS[rule]
    start = orders.take(orders.main == PLACE_OF[told.first])
    count = len(start)
    lag = 1.0 + draw.beta(told.early, told.late, count) * (told.days - 2)
    day = (start.at + (lag * DAY).astype(np.int64)) // DAY
    return Sequences(
        start.buyer,
        np.full(count, rule, np.int8),
        start.at,
        draw.random(count) < told.probability,
        world.season.shopping_hour(day, draw.random(count)),
    )


def walk_ins(world: World, orders: int) -> Orders:
    """Anonymous orders in stores, in proportion to ``orders`` of the part; over the days of the house only."""
    draw = world.draws.of("walk-ins")
    count = draw.poisson(orders * world.parameters.walk_ins)
    at = world.season.when(draw.random(count) * world.season.inner[world.invention.days * 24])
    main = further_products(draw, count)
    return new_orders(np.full(count, -1), np.minimum(at, world.end - 1), main, WALK_IN)


def further_products(draw: np.random.Generator, count: int) -> Numbers:
    """Small things that are put into the basket too; none of them starts a rule."""
    return chosen(draw, np.array([product.further for product in PRODUCTS], float), count)
