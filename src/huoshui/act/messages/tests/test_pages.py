"""The pages of the outbox: what is on its way can be seen, decided on and tuned."""

from __future__ import annotations

import pytest

from huoshui.act.messages import lanes, queries, tuning
from huoshui.act.messages.models import Errand, Lane, Message
from huoshui.act.messages.tests.conftest import NOON, want, work
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.outreach import Handed, Outcome


@pytest.fixture
def unclear(people, post) -> list[Message]:
    """Two uncertain messages of campaign 1."""
    want(people[:3])
    post.answer = lambda one: Handed(
        outcome=Outcome.SENT if one.customer_id == people[2] else Outcome.UNKNOWN, answer="no answer"
    )
    work()
    post.answer = lambda _one: Handed(outcome=Outcome.SENT)
    return list(Message.objects.filter(state="uncertain").order_by("pk"))


def test_an_empty_outbox_says_what_comes_first(people, pages):
    body = pages.get("/outbox/").content.decode()
    assert "Nothing has been sent to customers yet" in body


def test_the_page_counts_every_message_and_says_why(people, post, pages, django_assert_max_num_queries):
    want(people)
    work()
    with django_assert_max_num_queries(40):
        body = pages.get("/outbox/").content.decode()
    assert "Test 1" in body
    assert "no consent 1" in " ".join(body.split())


@pytest.mark.parametrize(("choice", "state"), [("sent", "sent"), ("drop", "failed"), ("again", "pending")])
def test_uncertain_messages_are_decided_one_by_one(unclear, pages, choice, state):
    assert "no answer" in pages.get("/outbox/").content.decode()
    pages.post("/outbox/decide/", {"choice": choice, "message": [unclear[0].pk]})
    assert Message.objects.get(pk=unclear[0].pk).state == state
    assert Message.objects.get(pk=unclear[1].pk).state == "uncertain"


def test_uncertain_messages_are_decided_all_at_once_and_go_out_again(unclear, post, pages, wall):
    pages.post("/outbox/decide/", {"choice": "again", "all": "test:1"})
    keys = {one.key for one in post.handed}
    work()
    assert queries.counts(origin="test", origin_id=1, now=NOON).by_state["sent"] == 3
    assert {one.key for one in post.handed} == keys


def test_only_a_manager_decides(unclear, signed_in):
    assert signed_in("operator").post("/outbox/decide/", {"choice": "sent"}).status_code == 403
    with pytest.raises(NotAllowed):
        tuning.decide_uncertain(
            actor=actor_of_role("a", Role.OPERATOR), choice="sent", message_ids=[1], now=NOON
        )


def test_a_choice_that_is_none_is_refused(unclear, pages):
    assert pages.post("/outbox/decide/", {"choice": "maybe", "all": "test:1"}).status_code == 400


def test_what_is_overdue_is_let_go_on_the_page(people, post, pages):
    want(people[:1])
    Errand.objects.update(waits_since=NOON)
    assert "waits for your word" in pages.get("/outbox/").content.decode()
    pages.post("/outbox/overdue/test/1/", {"act": "go"})
    work()
    assert len(post.to) == 1


def test_a_lane_is_stopped_and_goes_on_by_the_page(people, post, pages):
    want(people[:1])
    pages.post("/outbox/channel/post/", {"act": "stop"})
    work()
    assert post.to == []
    pages.post("/outbox/channel/post/", {"act": "start"})
    work()
    assert len(post.to) == 1


def test_rules_and_lanes_are_set_on_the_page_and_wrong_numbers_explained(people, post, pages):
    answer = pages.post(
        "/outbox/settings/",
        {
            "about": "",
            "quiet_from": "22:00",
            "quiet_until": "07:30",
            "cap_day": "",
            "cap_week": "4",
            "grace_minutes": "60",
        },
    )
    assert answer.status_code == 302
    rules = queries.all_rules()
    assert (rules.quiet_from, rules.quiet_until, rules.cap_day, rules.cap_week) == (1320, 450, None, 4)
    said = {"about": "post", "rate": "600", "breaker_after": "3", "breaker_minutes": "2", "cap_day": "1"}
    assert pages.post("/outbox/settings/", said).status_code == 302
    lane = Lane.objects.get(pk="post")
    assert (lane.rate, lane.breaker_after, lane.cap_day, lane.cap_week) == (600, 3, 1, None)
    wrong = pages.post("/outbox/settings/", {**said, "rate": "-1"})
    assert wrong.status_code == 200
    assert b"greater than or equal to 0" in wrong.content
    with pytest.raises(tuning.NotARule):
        tuning.set_rules(
            actor=CONSOLE, quiet_from=1440, quiet_until=0, cap_day=1, cap_week=1, grace_minutes=1, now=NOON
        )


def test_who_has_had_enough_is_known_beforehand(people, post):
    want(people[:1])
    work()
    assert queries.capped(people, channel="post", now=NOON) == {people[0]}
    lanes.rules()
    tuning.set_rules(
        actor=CONSOLE, quiet_from=0, quiet_until=0, cap_day=None, cap_week=None, grace_minutes=1, now=NOON
    )
    assert queries.capped(people, channel="post", now=NOON) == set()


def test_a_receipt_shows_only_to_who_sees_the_customer(people, post, signed_in):
    want(people[:1])
    work()
    number = Message.objects.values_list("pk", flat=True).get()
    assert queries.receipt(number, actor=CONSOLE).state == "sent"
    assert [one.id for one in queries.of_customer(people[0], actor=CONSOLE)] == [number]
    assert queries.number_of(post.handed[0].key) == number
    with pytest.raises(queries.NoSuchMessage):
        queries.receipt(number + 1, actor=CONSOLE)
