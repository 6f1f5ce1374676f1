"""Messages go out once, to whom they may, when they may; everything else is counted with its reason."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Event

import pyarrow as pa
import pytest
from django.apps import apps

from huoshui.act.messages import claiming, delivering, holding, lanes, queries, services, settling, tuning
from huoshui.act.messages.models import Errand, Holder, Lane, Message, Rules
from huoshui.act.messages.tests.conftest import NOON, agree, want, work
from huoshui.data.facts import queue
from huoshui.data.privacy import links
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.outreach import Handed, Outcome


def states(of: int = 1) -> dict[str, int]:
    found = queries.counts(origin="test", origin_id=of, now=NOON)
    return {state: number for state, number in found.by_state.items() if number}


def reasons(of: int = 1) -> dict[str, int]:
    return dict(queries.counts(origin="test", origin_id=of, now=NOON).by_reason)


def answer(outcome: Outcome) -> object:
    return lambda _message: Handed(outcome=outcome, answer="said so")


def test_everybody_who_agrees_gets_it_once_and_the_rest_is_counted(people_of_both, post):
    people = people_of_both
    assert want(people) == 6
    assert want(people) == 0
    work()
    assert sorted(post.to) == sorted(people[:5])
    assert states() == {"sent": 5, "suppressed": 1}
    assert reasons() == {"no_consent": 1}
    assert queries.is_over(origin="test", origin_id=1)


def test_who_is_held_out_or_left_out_before_is_part_of_the_audience(people_of_both, post):
    people = people_of_both
    want(people[:2], suppressed="holdout")
    want(people[2:4], suppressed="merged")
    want(people[4:5])
    work()
    assert states() == {"held_out": 2, "suppressed": 2, "sent": 1}
    assert post.to == people[4:5]


def test_a_message_carries_its_key_and_the_ways_to_refuse(people, post):
    want(people[:1])
    work()
    [message] = post.handed
    row = Message.objects.get()
    assert message.key == f"{row.pk:x}-{row.seal}"
    assert len(message.key) <= 32
    assert message.leave == links.leave_address(people[0], "email", message.key)
    assert message.preferences == links.preferences_address(people[0], message.key)


def test_what_is_no_marketing_asks_no_consent_and_carries_no_refusal(people, post):
    want(people[5:], marketing=False)
    work()
    assert post.to == people[5:]
    assert post.handed[0].leave == ""


def test_a_withdrawal_after_the_enqueueing_holds(people, post):
    want(people[:2])
    agree(people[0], "withdrawn")
    work()
    assert post.to == [people[1]]
    assert reasons() == {"no_consent": 1}


def test_a_withdrawal_between_the_sifting_and_the_claim_holds(people, post):
    want(people[:2])

    def withdraw(message):
        agree(people[1], "withdrawn")
        return Handed(outcome=Outcome.SENT)

    post.answer = withdraw
    work()
    assert post.to == [people[0]]
    assert states() == {"sent": 1, "suppressed": 1}


def test_whoever_has_no_address_is_left_out(people, post):
    post.nowhere = {people[0]}
    want(people[:2])
    work()
    assert reasons() == {"no_address": 1}


def test_nothing_leaves_while_paused_and_everything_after(people, post):
    want(people[:3], paused=True)
    work()
    assert post.to == []
    services.resume(actor=CONSOLE, origin="test", origin_id=1, now=NOON)
    work()
    assert len(post.to) == 3


def test_a_pause_in_the_middle_of_a_batch_holds_the_rest(people, post):
    want(people[:3])

    def pause(message):
        services.pause(actor=CONSOLE, origin="test", origin_id=1, now=NOON)
        return Handed(outcome=Outcome.SENT)

    post.answer = pause
    work()
    assert states() == {"sent": 1, "pending": 2}


def test_a_lane_that_is_stopped_in_the_middle_of_a_batch_hands_nothing_more_over(people, post):
    want(people[:3])

    def stop(message):
        tuning.stop_lane(actor=CONSOLE, channel="post", now=NOON)
        return Handed(outcome=Outcome.SENT)

    post.answer = stop
    work()
    assert states() == {"sent": 1, "pending": 2}
    tuning.start_lane(actor=CONSOLE, channel="post", now=NOON)
    work()
    assert len(post.to) == 2


def test_stopping_leaves_out_who_has_not_got_it_and_cannot_be_taken_back(people, post):
    want(people[:3], not_before=NOON + timedelta(hours=1))
    assert services.stop(actor=CONSOLE, origin="test", origin_id=1, now=NOON) == 3
    assert reasons() == {"stopped": 3}
    for verb in (services.resume,):
        with pytest.raises(services.ErrandStopped):
            verb(actor=CONSOLE, origin="test", origin_id=1, now=NOON)
    with pytest.raises(services.ErrandStopped):
        want(people[3:])


@pytest.mark.parametrize(
    ("marketing", "expected"),
    [(True, {"uncertain": 1}), (False, {"pending": 1})],
    ids=["marketing", "service"],
)
def test_what_nobody_knows_is_uncertain_or_tried_again_under_the_same_key(
    people, post, wall, marketing, expected
):
    want(people[:1], marketing=marketing)
    post.answer = answer(Outcome.UNKNOWN)
    work()
    assert states() == expected
    wall.pass_(minutes=2)
    post.answer = answer(Outcome.SENT)
    work()
    assert len(post.handed) == (1 if marketing else 2)
    assert len({message.key for message in post.handed}) == 1


def test_poison_is_parked_after_its_attempts_and_others_go_out(people, post, wall):
    want(people[:3])
    bad = people[0]
    post.answer = lambda one: Handed(
        outcome=Outcome.LATER if one.customer_id == bad else Outcome.SENT, answer="451"
    )
    for _ in range(10):
        work()
        wall.pass_(hours=1)
    assert states() == {"sent": 2, "failed": 1}
    assert reasons() == {"gave_up": 1}
    assert post.to.count(bad) == settling.MOST_ATTEMPTS


def test_what_is_refused_failed_with_the_answer(people, post):
    want(people[:1])
    post.answer = answer(Outcome.REFUSED)
    work()
    assert Message.objects.values_list("state", "reason", "answer").get() == ("failed", "refused", "said so")


def test_a_channel_that_raises_leaves_the_message_uncertain(people, post):
    def explode(message):
        raise RuntimeError

    want(people[:2])
    post.answer = explode
    work()
    assert states() == {"uncertain": 2}


def test_one_content_that_cannot_be_written_keeps_nobody_waiting(people, post, monkeypatch):
    from huoshui.act.messages.tests import conftest
    from huoshui.kernel.outreach import ORIGINS

    def write(origin_id, wanted):
        if any(one.customer_id == people[0] for one in wanted):
            raise ValueError
        return conftest.write(origin_id, wanted)

    origin = ORIGINS["test"]
    monkeypatch.setitem(
        ORIGINS._by_slug,
        "test",
        type(origin)(slug="test", label=origin.label, write=write, title=str, address=str),
    )
    want(people[:3])
    work()
    assert states() == {"sent": 2, "pending": 1}
    assert Message.objects.get(customer_id=people[0]).reason == "unwritten"


def test_a_dead_worker_leaves_one_uncertain_and_the_next_does_the_rest(people_of_both, post):
    people = people_of_both
    want(people[:3])

    def die(message):
        raise SystemExit

    post.answer = die
    ends = holding.end
    holding.end = lambda *_a, **_k: 0  # a killed process does no such thing
    try:
        with pytest.raises(SystemExit):
            work()
    finally:
        holding.end = ends
    assert states() == {"claimed": 1, "pending": 2}
    post.answer = answer(Outcome.SENT)
    work(worker="w")  # the supervisor starts it again under its name
    assert states() == {"sent": 2, "uncertain": 1}
    assert len(set(post.to)) == len(post.to) == 3


def test_a_worker_that_sleeps_is_taken_for_dead_by_beats_and_can_do_nothing_more(people, post, monkeypatch):
    want(people[:2])
    lane, now = lanes.lane_of("post", NOON), NOON
    from huoshui.desk.organisation import queries as house

    terms = claiming.Terms(
        holder_id=holding.begin("zombie", "post"),
        channel="post",
        consent="email",
        lane=lane,
        rules=lanes.rules(),
        house=house.current().zone,
        alive=frozenset(),
    )
    first, second = claiming.reserve(terms, now=now, most=2)
    assert claiming.claim(terms, first.pk, now=now).mine
    watch, moment = holding.Watch("post"), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])
    assert watch.fence_dead(now=now) == 0
    moment[0] += holding.DEAD_AFTER + 1
    assert watch.fence_dead(now=now) == 1
    assert states() == {"uncertain": 1, "pending": 1}
    with pytest.raises(holding.HolderGone):
        claiming.claim(terms, second.pk, now=now)
    settling.settle(first.pk, holder_id=terms.holder_id, handed=Handed(outcome=Outcome.SENT), now=now)
    assert states() == {"sent": 1, "pending": 1}


def test_a_worker_whose_beats_rise_is_not_taken_for_dead(people, post, monkeypatch):
    holder, moment = holding.begin("busy", "post"), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])
    watch = holding.Watch("post")
    for _ in range(5):
        assert watch.fence_dead(now=NOON) == 0
        moment[0] += holding.DEAD_AFTER - 1
        holding.beat(holder)


def test_the_breaker_opens_after_failures_in_a_row_and_tries_one_afterwards(people, post, wall):
    lanes.lane_of("post", NOON)
    Lane.objects.update(breaker_after=2, breaker_minutes=5)
    want(people[:5])
    post.answer = answer(Outcome.LATER)
    work()
    assert len(post.handed) == 2
    work()
    assert len(post.handed) == 2
    wall.pass_(minutes=6)
    work(times=1)
    assert len(post.handed) == 3  # one, and the breaker opens again
    wall.pass_(minutes=6)
    post.answer = answer(Outcome.SENT)
    work(times=9)
    assert Lane.objects.get(pk="post").failures == 0
    assert set(states()) == {"sent"}


def test_a_clock_that_goes_back_does_not_keep_a_lane_broken(people, post, wall):
    lanes.lane_of("post", NOON)
    Lane.objects.update(broken_until=NOON + timedelta(hours=1), failures=99)
    want(people[:1])
    work()
    assert len(post.handed) == 1


def test_the_pace_of_a_lane_is_kept(people, post, wall, monkeypatch):
    lanes.lane_of("post", NOON)
    Lane.objects.update(rate=60)
    want(people[:3])

    class Waits(Event):
        def wait(self, timeout=None):
            wall.pass_(seconds=timeout)
            return False

    began = wall.now
    serving = delivering.Serving("post")
    while serving.look("w", Waits()):
        pass
    assert len(post.handed) == 3
    assert wall.now - began >= timedelta(seconds=1.9)


def test_a_lane_that_is_not_ready_or_stopped_hands_nothing_over(people, post):
    from huoshui.kernel.texts import Text

    want(people[:1])
    post.why = Text("no server", "没有服务器")
    work()
    post.why = None
    Lane.objects.update(stopped_at=NOON)
    work()
    assert post.handed == []


def test_a_restored_copy_is_fenced(people, post, wall):
    want(people[:1])
    organisation.fence(actor=CONSOLE, now=NOON)
    work()
    assert post.handed == []
    organisation.unfence(actor=CONSOLE)
    work()
    assert len(post.handed) == 1


def test_what_is_overdue_beyond_the_grace_waits_for_a_person(people, post, wall):
    work()  # the lane is there
    want(people[:2], not_before=NOON + timedelta(minutes=5))
    wall.pass_(hours=6)
    want(people[2:3], of=2)
    work()
    assert post.to == people[2:3]  # what is due just now goes
    assert Errand.objects.get(origin_id=1).waits_since == wall.now
    services.resume(actor=CONSOLE, origin="test", origin_id=1, now=wall.now)
    work()
    assert sorted(post.to) == sorted(people[:3])


def test_a_lane_that_works_all_the_time_has_nothing_overdue(people, post, wall):
    lanes.lane_of("post", NOON)
    Lane.objects.update(rate=1)
    want(people[:5])
    for _ in range(5):
        wall.pass_(minutes=40)
        work(times=1)
    assert states() == {"sent": 5}


def test_quiet_hours_hold_and_do_not_drop(people, post, wall):
    want(people[:1], zone="America/New_York")  # 07:00 there
    want(people[1:2])
    work()
    assert post.to == people[1:2]
    held = Message.objects.get(customer_id=people[0])
    assert (held.state, held.reason) == ("pending", "quiet_hours")
    assert held.not_before == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    assert queries.counts(origin="test", origin_id=1, now=wall.now).held == 1
    wall.pass_(hours=1)
    work()
    assert len(post.to) == 2


def test_what_has_expired_is_left_out_also_when_it_was_held(people, post, wall):
    want(people[:1], zone="America/New_York", expires=NOON + timedelta(minutes=30))
    work()
    wall.pass_(hours=1)
    work()
    assert reasons() == {"expired": 1}


def test_caps_hold_over_campaigns_and_channels_by_the_persons_day(people_of_both, post, wall):
    people = people_of_both
    for of in range(1, 5):
        want(people[:1], of=of, channel="post" if of % 2 else "other")
    work()
    work("other")
    wall.pass_(seconds=10)
    for _ in range(3):
        work()
        work("other")
    assert len(post.handed) == 1
    assert post.handed[0].content.subject == "1"
    assert [reasons(of) for of in range(2, 5)] == [{"cap_day": 1}] * 3
    wall.pass_(hours=15)  # 03:00 of the next day: quiet there
    want(people[:1], of=9)
    work()
    assert len(post.handed) == 1
    wall.pass_(hours=6)
    work()
    assert len(post.handed) == 2


def test_who_wins_under_a_cap_is_the_higher_priority_whichever_lane_comes_first(people, post, wall):
    work("other")
    want(people[:1], of=1, channel="post")
    want(people[:1], of=2, channel="other", priority=5)
    work("post")  # comes first, and yields
    assert post.handed == []
    work("other")
    wall.pass_(seconds=10)
    work("post")
    assert [message.content.subject for message in post.handed] == ["2"]
    assert reasons(1) == {"cap_day": 1}


def test_the_weekly_cap_counts_seven_local_days(people, post, wall):
    lanes.rules()
    Rules.objects.create(id=1, cap_day=None, cap_week=2)
    for day in range(9):
        want(people[:1], of=day + 1)
        work()
        wall.pass_(days=1)
    assert [int(message.content.subject) for message in post.handed] == [1, 2, 8, 9]


def test_the_lake_learns_of_each_message_that_went_out_once(people_of_both, post):
    people = people_of_both
    from decimal import Decimal

    want(people, cost=Decimal("0.05"))
    work()
    settling.tell(now=NOON)
    assert settling.tell(now=NOON) == 0
    [rows] = [
        queue.unpacked(parcel.rows)
        for parcel in apps.get_model("facts", "Parcel").objects.filter(table="touches")
    ]
    assert rows["campaign"].to_pylist() == ["test:1"] * 5
    assert set(rows["cost"].to_pylist()) == {Decimal("0.05")}
    assert sorted(rows["customer_id"].to_pylist()) == sorted(people[:5])


def test_what_is_heard_later_settles_a_message_and_other_keys_are_passed_over(people, post):
    want(people[:1])
    work()
    key = post.handed[0].key
    for wrong in ("", "1", "1-0000000000000000", key[:-1], "x" * 40):
        settling.hear(wrong, Handed(outcome=Outcome.REFUSED), NOON)
    assert states() == {"sent": 1}
    settling.hear(key, Handed(outcome=Outcome.REFUSED, answer="550"), NOON)
    assert reasons() == {"heard_back": 1}
    settling.hear(key, Handed(outcome=Outcome.SENT), NOON)
    assert states() == {"sent": 1}


def test_a_withdrawal_waits_for_what_is_being_handed_over(people, post, monkeypatch):
    want(people[:1])
    Message.objects.update(state="claimed", holder_id=1)
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        Message.objects.update(state="pending", holder_id=None)

    monkeypatch.setattr(time, "sleep", sleep)
    delivering.settle(people[0])
    assert waited


@pytest.mark.parametrize(
    ("rows", "channel"),
    [
        (pa.table({"customer": [1]}), "post"),
        (pa.table({"customer_id": ["x"]}), "post"),
        (pa.table({"customer_id": pa.array([None], pa.int64())}), "post"),
        (pa.table({"customer_id": [1]}), "pigeon"),
    ],
    ids=["column", "type", "nobody", "channel"],
)
def test_what_are_no_messages_is_refused(people, rows, channel):
    with pytest.raises(services.NotMessages):
        services.enqueue(
            actor=CONSOLE, origin="test", origin_id=1, channel=channel, marketing=True, rows=rows, now=NOON
        )


def test_what_a_dead_worker_had_of_something_that_was_stopped_never_goes_out(people, post):
    want(people[:1], marketing=False)
    holder = holding.begin("a", "post")
    Message.objects.update(state="claimed", holder_id=holder)
    assert services.stop(actor=CONSOLE, origin="test", origin_id=1, now=NOON) == 0
    holding.end(holder, now=NOON)
    assert Message.objects.get().state == "pending"
    lanes.settle_over("post", now=NOON)
    row = Message.objects.get()
    assert (row.state, row.reason) == ("suppressed", settling.STOPPED)
    assert Errand.objects.get().over
    work()
    assert post.to == []


def test_an_errand_with_nothing_pending_is_looked_at_again_when_something_is_added(people, post):
    want(people[:1])
    work()
    lanes.settle_over("post", now=NOON)
    assert Errand.objects.get().over
    want(people[1:2])
    work()
    assert len(post.to) == 2
    assert not Holder.objects.exists()
