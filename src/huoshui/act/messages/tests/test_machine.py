"""Whatever happens, in whatever order: marketing once, the rest at least once, nobody against their will (OUT-03).

Hypothesis draws what happens; ``--hypothesis-seed`` repeats a run, SCRIPTS makes it longer.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from huoshui.act.messages import delivering, lanes, queries, services, settling, tuning
from huoshui.act.messages.keys import key_of
from huoshui.act.messages.models import Errand, Message
from huoshui.act.messages.tests.conftest import NOON, Clock, Post, agree, want
from huoshui.act.messages.tests.machine import ALL_ANSWERS, PLACE, Provider, Step, Truth
from huoshui.act.messages.words import REASONS
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.outreach import CHANNELS, Handed, Outcome

SCRIPTS = int(os.environ.get("SCRIPTS", "10"))
STEPS = 20

ERRANDS = {
    1: ("post", True, 0),
    2: ("post", True, 5),
    3: ("other", True, 0),
    4: ("post", False, 0),
    5: ("other", False, 0),
}
"""By number: on which lane, whether it is marketing, how important."""
LANES = ("post", "other")
ZONES = ("", "America/New_York", "Asia/Shanghai", "Pacific/Auckland")

person, errand, lane = st.integers(0, 3), st.sampled_from(sorted(ERRANDS)), st.sampled_from(LANES)
happening = st.one_of(
    st.tuples(st.just("withdraw"), person),
    st.tuples(st.sampled_from(("pause", "stop")), errand),
    st.tuples(st.sampled_from(("stop_lane", "another_works", "taken_for_dead")), lane),
    st.tuples(st.just("clock"), st.sampled_from((-180, -1, 1, 90, 1500))),
)
steps = st.lists(st.tuples(st.sampled_from(ALL_ANSWERS), st.none() | happening, st.booleans()), max_size=6)


class Outbox(RuleBasedStateMachine):
    """The verbs of the outbox in any order, on a database that is as before after each script."""

    post: Post
    wall: Clock
    people: list[int]

    def __init__(self) -> None:
        super().__init__()
        self._undone = transaction.atomic()
        self._undone.__enter__()
        self.wall.now = NOON
        self.truth = Truth(agreed=set(self.people))
        self.provider = Provider(self.post, self.wall, self.truth)
        self._clocks = self.provider.clocks()
        self._clocks.__enter__()
        self.audience: dict[int, set[tuple[int, str]]] = {number: set() for number in ERRANDS}
        self.stopped: set[int] = set()

    @initialize(begun=st.lists(errand, min_size=1, max_size=3))
    def begin(self, begun):
        for number in begun:
            self.want(number, [0, 1, 2, 3], "", 0, 0, "")

    @rule(
        number=errand,
        some=st.lists(person, min_size=1, max_size=4, unique=True),
        occurrence=st.sampled_from(("", "2")),
        later=st.sampled_from((0, 0, 60)),
        zone=st.integers(0, len(ZONES) - 1),
        out=st.sampled_from(("", "", "", "holdout", "no_address")),
    )
    def want(self, number, some, occurrence, later, zone, out):
        channel, marketing, priority = ERRANDS[number]
        said = {"occurrence": occurrence, "zone": ZONES[zone], "suppressed": out or None}
        who = [self.people[one] for one in some]
        try:
            want(
                who,
                of=number,
                channel=channel,
                marketing=marketing,
                priority=priority,
                not_before=self.wall.now + timedelta(minutes=later),
                expires=self.wall.now + timedelta(days=2) if later else None,
                **said,
            )
        except services.ErrandStopped:
            assert number in self.stopped
            return
        assert number not in self.stopped
        self.audience[number] |= {(one, occurrence) for one in who}

    @rule(who=person)
    def withdraw(self, who):
        if self.people[who] in self.provider.working:
            return  # it would be answered when that message is gone
        agree(self.people[who], "withdrawn")
        delivering.settle(self.people[who])
        self.truth.agreed.discard(self.people[who])

    @rule(who=person)
    def agree(self, who):
        agree(self.people[who])
        self.truth.agreed.add(self.people[who])

    @rule(number=errand)
    def pause(self, number):
        services.pause(actor=CONSOLE, origin="test", origin_id=number, now=self.wall.now)
        if Errand.objects.filter(origin_id=number).exists():
            self.truth.resting.add(number)

    @rule(number=errand)
    def resume(self, number):
        try:
            services.resume(actor=CONSOLE, origin="test", origin_id=number, now=self.wall.now)
            self.truth.resting.discard(number)
        except services.ErrandStopped:
            assert number in self.stopped

    @rule(number=errand)
    def stop(self, number):
        services.stop(actor=CONSOLE, origin="test", origin_id=number, now=self.wall.now)
        if Errand.objects.filter(origin_id=number).exists():
            self.truth.resting.add(number)
            self.stopped.add(number)

    @rule(channel=lane)
    def stop_lane(self, channel):
        tuning.stop_lane(actor=CONSOLE, channel=channel, now=self.wall.now)
        self.truth.shut.add(channel)

    @rule(channel=lane)
    def start_lane(self, channel):
        tuning.start_lane(actor=CONSOLE, channel=channel, now=self.wall.now)
        self.truth.shut.discard(channel)

    @rule(
        day=st.sampled_from((None, 1, 2)),
        week=st.sampled_from((None, 2, 3)),
        quiet=st.sampled_from(((21 * 60, 8 * 60), (0, 0), (12 * 60, 13 * 60))),
    )
    def set_rules(self, day, week, quiet):
        tuning.set_rules(
            actor=CONSOLE,
            quiet_from=quiet[0],
            quiet_until=quiet[1],
            cap_day=day,
            cap_week=week,
            grace_minutes=120,
            now=self.wall.now,
        )
        self.truth.caps, self.truth.quiet = (day, week), quiet

    @rule(minutes=st.sampled_from((-1440, -60, 1, 5, 30, 61, 300, 1440)))
    def clock(self, minutes):
        self.wall.pass_(minutes=minutes)

    @rule()
    def a_lease_ends(self):
        self.provider.sleep(PLACE)

    @rule(channel=lane, worker=st.sampled_from("ab"), plan=steps)
    def work(self, channel, worker, plan):
        done = len(self.provider.taken)
        now = self.wall.now
        shut = lanes.why_not(lanes.lane_of(channel, now), CHANNELS[channel], now)
        self.provider.look(channel, worker, [self._step(*one) for one in plan])
        assert shut is None or len(self.provider.taken) == done, "a lane that is shut hands something over"

    @rule(inside=lane)
    def fence(self, inside):
        organisation.fence(actor=CONSOLE, now=self.wall.now)
        assert not self.provider.look(inside, "b")
        organisation.unfence(actor=CONSOLE)

    @rule(choice=st.sampled_from(sorted(tuning.CHOICES)))
    def decide(self, choice):
        unclear = Message.objects.filter(state="uncertain").select_related("errand")
        keys = {key_of(row.pk, row.seal): row.errand.origin_id for row in unclear}
        for number in set(keys.values()):
            tuning.decide_uncertain(
                actor=CONSOLE, choice=choice, origin="test", origin_id=number, now=self.wall.now
            )
        if choice != "sent":
            self.truth.forgiven |= set(keys)
        if choice == "again":
            self.truth.again.update(keys.keys())

    @rule(place=st.integers(0, 9), came_back=st.booleans())
    def hear(self, place, came_back):
        if not self.provider.taken:
            return
        key = self.provider.taken[place % len(self.provider.taken)].key
        outcome = Outcome.REFUSED if came_back else Outcome.SENT
        settling.hear(key, Handed(outcome=outcome, answer="later"), self.wall.now)
        (self.truth.forgiven.add if came_back else self.truth.forgiven.discard)(key)

    # -- what holds after everything -----------------------------------------------------------------------------

    @invariant()
    def nothing_came_that_should_not(self):
        assert self.provider.wrong == []

    @invariant()
    def every_person_is_in_one_state_and_the_sum_is_the_audience(self):
        for number, wanted in self.audience.items():
            counts = queries.counts(origin="test", origin_id=number, now=self.wall.now)
            assert counts.audience == len(wanted)
            assert set(
                Message.objects.filter(errand__origin_id=number).values_list("customer_id", "occurrence")
            ) == set(wanted)

    @invariant()
    def who_is_left_out_has_a_reason_in_words(self):
        out = Message.objects.filter(state__in=("suppressed", "failed", "held_out", "uncertain"))
        assert not set(out.values_list("reason", flat=True)) - REASONS.keys()

    @invariant()
    def what_is_no_marketing_comes_under_one_key(self):
        keys = {(one.errand, one.customer_id): set[str]() for one in self.provider.taken}
        for one in self.provider.taken:
            keys[one.errand, one.customer_id].add(one.key)
        for (number, who), theirs in keys.items():
            assert len(theirs) <= sum(one == who for one, _ in self.audience[number])

    def teardown(self):
        try:
            self._come_to_an_end()
        finally:
            self._clocks.__exit__(None, None, None)
            transaction.set_rollback(True)
            self._undone.__exit__(None, None, None)

    def _come_to_an_end(self) -> None:
        """When everything goes on and the other side takes everything, nothing stays behind."""
        self.set_rules(None, None, (0, 0))
        for _round in range(16):
            for channel in LANES:
                self.start_lane(channel)
            for number in set(ERRANDS) - self.stopped:
                self.resume(number)
            self.a_lease_ends()
            for worker in "ab":
                for channel in LANES:
                    while self.provider.look(channel, worker):
                        pass
            self.nothing_came_that_should_not()
            waits = Message.objects.filter(state__in=("pending", "claimed")).order_by("-not_before").first()
            if waits is None:
                break
            self.wall.now = max(self.wall.now, waits.not_before) + timedelta(minutes=1)
        self.every_person_is_in_one_state_and_the_sum_is_the_audience()
        open_ones = Message.objects.filter(state__in=("pending", "claimed"))
        assert not open_ones.exists(), list(open_ones.values())
        assert all(queries.is_over(origin="test", origin_id=number) for number in ERRANDS)
        came = Counter(one.key for one in self.provider.taken)
        for row in Message.objects.filter(Q(state="sent") | Q(errand__marketing=False)).select_related(
            "errand"
        ):
            times = came[key_of(row.pk, row.seal)]
            if row.errand.marketing:
                assert times <= 1 + self.truth.again[key_of(row.pk, row.seal)]
            elif row.state == "sent":
                assert times >= 1, "it was said to be sent and never came"

    def _step(self, answer, happens, before) -> Step:
        if happens is None:
            return Step(answer)
        what, value = happens
        acts = {
            "another_works": lambda: self._another_works(value),
            "taken_for_dead": lambda: self._taken_for_dead(value),
        }
        act = acts.get(what) or (lambda: getattr(self, what)(value))
        # Nobody is taken for dead before the other side has the message: no channel takes that long.
        return Step(answer, act, before and what != "taken_for_dead")

    def _another_works(self, channel: str) -> None:
        self.provider.look(channel, "c")

    def _taken_for_dead(self, channel: str) -> None:
        self.provider.look(channel, "c")
        self.a_lease_ends()
        self.provider.sleep(PLACE)
        self.provider.look(channel, "c")


@pytest.mark.slow
def test_whatever_happens_to_the_outbox_every_promise_holds(people, post, wall):
    class Here(Outbox):
        pass

    Here.post, Here.wall, Here.people = post, wall, people[:4]
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=SCRIPTS,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.reuse, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
