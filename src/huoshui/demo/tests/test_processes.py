"""The processes do what docs/demo.md says: drawn for twenty thousand people, judged by tests of chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from huoshui.demo import campaigns, company, orders, people
from huoshui.demo.catalogue import CAMPAIGNS, CHANNELS, FOLLOW_UPS, SEGMENTS
from huoshui.demo.experience import live_through
from huoshui.demo.invention import Invention, World
from huoshui.demo.parameters import PARAMETERS
from huoshui.demo.places import DELIVERY_DAYS, PLACES
from huoshui.demo.seasons import DAY
from huoshui.demo.tests.conftest import MANY
from huoshui.demo.tests.judging import REJECTED, deviation, same_distribution, share_deviates
from huoshui.demo.truth import expected_purchases

P = PARAMETERS
LIKELY = 0.001


def test_rates_of_buying_leaving_and_budgets_have_the_distributions_of_the_models(life):
    draw, folk = np.random.default_rng(5), life.people
    private = folk.buys & (folk.company < 0)
    for found, shape, rate in (
        (folk.rate[private], P.rate_shape, P.rate_scale),
        (folk.leaving, P.leaving_shape, P.leaving_scale),
        (folk.budget, P.budget_shape, P.budget_scale),
    ):
        assert same_distribution(found, draw.gamma(shape, 1 / rate, 200_000)) > LIKELY
    lifetimes = (folk.leaves_at - folk.joined - 600) / DAY * folk.leaving
    short = lifetimes[lifetimes < 1]
    assert share_deviates(lifetimes < 1, 1 - np.exp(-1)) == pytest.approx(0, abs=REJECTED)
    assert same_distribution(short, _below_one(draw)) > LIKELY


def _below_one(draw):
    times = draw.standard_exponential(300_000)
    return times[times < 1]


def test_people_arrive_evenly_along_the_growing_season(world, life):
    joined = life.people.joined
    assert (np.diff(joined) >= 0).all()
    for share in (0.25, 0.5, 0.75):
        expected = world.arriving(np.array([share]))[0]
        assert abs(np.mean(joined < expected) - share) < 1 / MANY.customers * 2
    first, second = np.mean(joined < world.end / 2), np.mean(joined >= world.end / 2)
    assert second > 1.4 * first


def test_own_orders_come_at_the_rate_of_each_person_times_the_season(world, life):
    folk = life.people
    own = orders.own_orders(world, folk)
    until = np.minimum(folk.leaves_at, world.horizon)
    expected = folk.rate * (world.season.at(until) - world.season.at(folk.joined))
    further = np.bincount(own.buyer, minlength=len(folk)) - folk.buys
    assert deviation(further.sum(), expected.sum(), expected.sum()) == pytest.approx(0, abs=REJECTED)
    # Poisson within people: the variance around each one's own expectation is that expectation.
    squares = (further - expected) ** 2 - expected
    assert deviation(squares.sum(), 0, (squares**2).sum()) == pytest.approx(0, abs=REJECTED)
    for month, day, factor in ((11, 11, 4), (6, 18, 4)):
        days = _days(world)
        chosen = [place for place, one in enumerate(days) if (one.month, one.day) == (month, day)]
        usual = world.season.by_day.mean()
        assert all(world.season.by_day[place] > factor * usual for place in chosen)
        inner = sum(_expected_between(world, folk, place * DAY, (place + 1) * DAY) for place in chosen)
        found = sum(((own.at >= p * DAY) & (own.at < (p + 1) * DAY)).sum() for p in chosen)
        arrivals = sum(
            (folk.buys & (folk.joined + 300 >= p * DAY) & (folk.joined + 300 < (p + 1) * DAY)).sum()
            for p in chosen
        )
        assert deviation(found - arrivals, inner, inner) == pytest.approx(0, abs=REJECTED)


def _days(world):
    return [
        world.invention.first_day.fromordinal(world.invention.first_day.toordinal() + p) for p in range(1095)
    ]


def _expected_between(world, folk, start, stop):
    since = np.clip(folk.joined, start, stop)
    until = np.clip(np.minimum(folk.leaves_at, world.horizon), start, stop)
    return (folk.rate * (world.season.at(until) - world.season.at(since)).clip(0)).sum()


def test_what_follows_follows_with_the_probability_of_its_rule(life):
    told = life.sequences
    for place, rule in enumerate(FOLLOW_UPS):
        ours = told.take(told.rule == place)
        assert share_deviates(ours.follows, rule.probability) == pytest.approx(0, abs=REJECTED)
        lag = (ours.follows_at - ours.started_at) / DAY
        assert lag.min() > 0
        assert lag.max() <= rule.days


def test_the_main_product_depends_on_taste_and_budget(life):
    own = life.orders.take(life.orders.origin == orders.OWN)
    segment = life.people.segment[own.buyer]
    savers = [s.slug for s in SEGMENTS].index("time_savers")
    vacuum = own.main == orders.PLACE_OF["QM-R01"]
    assert vacuum[segment == savers].mean() > 2 * vacuum[segment != savers].mean()
    rich = life.people.budget[own.buyer] < np.median(life.people.budget)
    prices = orders.PRICES[own.main]
    assert prices[rich].mean() > 1.5 * prices[~rich].mean()


def test_late_deliveries_faults_and_complaints_have_their_odds(world, life):
    folk = life.people
    own = orders.own_orders(world, folk)
    lived = live_through(world, folk, own, "experience")
    tier = np.array([PLACES[place].tier for place in folk.place[own.buyer]])
    for name, mean in DELIVERY_DAYS.items():
        late = 1 - np.exp(-mean) * (1 + mean + mean**2 / 2)
        assert share_deviates(lived.late[tier == name], late) == pytest.approx(0, abs=REJECTED)
    kept = 1 - P.other_complaint
    for late, fault, silent in (
        (False, False, kept),
        (True, False, kept * (1 - P.late_complaint)),
        (False, True, kept * (1 - P.fault_complaint)),
    ):
        chosen = (lived.late == late) & (lived.fault == fault)
        assert share_deviates(lived.complains[chosen], 1 - silent) == pytest.approx(0, abs=REJECTED)
    assert share_deviates(lived.resolved, P.resolved) == pytest.approx(0, abs=REJECTED)
    unresolved = lived.complains & ~lived.resolved
    assert share_deviates(lived.drives_away[unresolved], P.leaves_unresolved) == pytest.approx(
        0, abs=REJECTED
    )


def test_nobody_buys_after_leaving_but_those_who_are_won_back(world, life):
    late = life.orders.at > life.left_at[life.orders.buyer]
    assert set(life.orders.origin[late]) == {orders.CAMPAIGN}
    # Others had not left when the message reached them.
    for place, campaign in enumerate(CAMPAIGNS):
        after = life.left_at[life.orders.buyer[late & (life.orders.campaign == place)]]
        sent = campaigns.starts_at(world, campaign)
        assert campaign.audience == "silent" or (after > sent).all()


def test_lots_decide_who_is_treated_and_the_effect_is_the_true_one(life):
    told = life.assigned
    assert share_deviates(told.treated, 1 - P.control) == pytest.approx(0, abs=REJECTED)
    assert not told.came[~told.treated].any()
    assert share_deviates(told.came[told.treated], told.effect[told.treated]) == pytest.approx(
        0, abs=REJECTED
    )


@pytest.mark.parametrize("slug", [campaign.slug for campaign in CAMPAIGNS])
def test_treated_against_control_finds_the_true_effect(world, life, slug):
    place = [c.slug for c in CAMPAIGNS].index(slug)
    campaign = CAMPAIGNS[place]
    told = life.assigned.take(life.assigned.campaign == place)
    start = told.at[0]
    window = (life.orders.at >= start) & (life.orders.at < start + campaign.window * DAY)
    made = np.bincount(life.orders.buyer[window], minlength=len(life.people))[told.buyer]
    treated, control = made[told.treated], made[~told.treated]
    lift = treated.mean() - control.mean()
    error = np.sqrt(treated.var() / len(treated) + control.var() / len(control))
    assert (lift - told.effect[told.treated].mean()) / error == pytest.approx(0, abs=REJECTED)


def test_orders_with_the_coupon_overstate_the_effect(life):
    told = life.assigned
    counted = np.isin(life.orders.campaign, range(len(CAMPAIGNS))).sum()
    assert told.came.sum() < 0.9 * counted


def test_expected_purchases_are_those_that_come_when_nobody_is_driven_away():
    calm = replace(PARAMETERS, leaves_unresolved=0.0)
    world = World.of(replace(MANY, parameters=calm))
    one = company.live(world, 0, MANY.customers)
    season = world.season.by_day[MANY.days :]
    for days in (90, 365):
        expected = expected_purchases(one.people, season, one.left_at, world.end, days).sum()
        comes = (one.orders.origin == orders.OWN) & (one.orders.at >= world.end)
        found = (comes & (one.orders.at < world.end + days * DAY)).sum()
        assert deviation(found, expected, 1.5 * expected) == pytest.approx(0, abs=REJECTED)


def test_people_come_through_the_channels_and_agree_by_their_shares(world, life):
    folk = life.people
    for place, channel in enumerate(CHANNELS):
        assert share_deviates(folk.channel == place, channel.share) == pytest.approx(0, abs=REJECTED)
    agreed = people.consents(world, folk)
    for name, share in (("sms", P.consent_sms), ("email", P.consent_email), ("wecom", P.consent_wecom)):
        assert share_deviates(agreed[name].granted, share) == pytest.approx(0, abs=REJECTED)


def test_campaigns_reach_only_whom_they_may(world, life):
    told = life.assigned
    for place, campaign in enumerate(CAMPAIGNS):
        ours = told.take(told.campaign == place)
        agreed = life.agreed[campaign.channel]
        assert agreed.granted[ours.buyer].all()
        assert (agreed.withdrawn_at[ours.buyer] > ours.at).all()
    assert (
        campaigns.starts_at(World.of(Invention(customers=1, days=90, seed=1, until=MANY.until)), CAMPAIGNS[0])
        is None
    )
