"""The outbox for programs: lanes, messages by state and reason, deciding on what is uncertain."""

from __future__ import annotations

import pytest
from django.apps import apps

from huoshui.act.messages.models import Lane, Message
from huoshui.act.messages.tests.conftest import agree, want, work
from huoshui.kernel.outreach import Handed, Outcome
from tests.plugins.programs import program

PACE = {"rate": 60, "breaker_after": 3, "breaker_minutes": 7, "cap_day": 1}


@pytest.fixture
def unclear(people, post) -> list[Message]:
    """Two uncertain messages, one that went out and one that was left out."""
    want([*people[:3], people[5]])
    post.answer = lambda one: Handed(
        outcome=Outcome.SENT if one.customer_id == people[2] else Outcome.UNKNOWN, answer="no answer"
    )
    work()
    return list(Message.objects.filter(state="uncertain").order_by("pk"))


def test_a_lane_is_read_set_paused_and_goes_on(people, post):
    shop = program("administrator")
    want(people[:2])
    [mine] = [one for one in shop.send("GET", "/api/lanes").json()["items"] if one["channel"] == "post"]
    assert (mine["label"], mine["pending"], mine["stopped"], mine["why_not"]) == ("Post", 2, False, None)
    told = shop.send("PUT", "/api/lanes/post", PACE).json()
    assert {name: told[name] for name in PACE} == PACE
    assert told["cap_week"] is None
    told = shop.send("POST", "/api/lanes/post/pause").json()
    assert told["stopped"]
    assert told["why_not"] == "stopped by a colleague"
    work()
    assert post.to == []
    assert not shop.send("POST", "/api/lanes/post/resume").json()["stopped"]
    Lane.objects.update(rate=0)
    work()
    assert len(post.to) == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/api/lanes/pigeon", PACE, 404),
        ("POST", "/api/lanes/pigeon/pause", None, 404),
        ("POST", "/api/lanes/pigeon/resume", None, 404),
        ("PUT", "/api/lanes/post", {**PACE, "rate": -1}, 422),
        ("PUT", "/api/lanes/post", {**PACE, "cap_day": 0}, 422),
        ("PUT", "/api/lanes/post", {**PACE, "speed": 1}, 422),
        ("GET", "/api/messages?state=lost", None, 422),
        ("GET", "/api/messages?cursor=x", None, 400),
        ("POST", "/api/messages/decide", {"choice": "maybe"}, 422),
        ("POST", "/api/lanes", None, 405),
    ],
)
def test_what_means_nothing_is_refused(people, post, method, path, body, status):
    answer = program("administrator").send(method, path, body)
    assert answer.status_code == status, answer.content


def test_who_looks_only_neither_paces_nor_decides(unclear):
    reader = program("viewer")
    assert reader.send("GET", "/api/lanes").status_code == 200
    assert reader.send("GET", "/api/messages").status_code == 200
    for method, path, body in (
        ("PUT", "/api/lanes/post", PACE),
        ("POST", "/api/lanes/post/pause", None),
        ("POST", "/api/lanes/post/resume", None),
        ("POST", "/api/messages/decide", {"choice": "sent", "origin": "test", "origin_id": 1}),
    ):
        assert reader.send(method, path, body).status_code == 403
    assert Message.objects.filter(state="uncertain").count() == 2


def test_messages_are_listed_by_state_and_reason_page_by_page(unclear):
    shop = program("manager")
    pages, cursor = [], ""
    for _page in range(3):
        told = shop.send("GET", f"/api/messages?limit=2&cursor={cursor}").json()
        pages.append([one["id"] for one in told["items"]])
        cursor = told["next_cursor"]
        if not cursor:
            break
    assert [len(page) for page in pages] == [2, 2]
    ids = [number for page in pages for number in page]
    assert ids == sorted(ids, reverse=True)
    [out] = shop.send("GET", "/api/messages?state=suppressed").json()["items"]
    assert (out["reason"], out["title"]) == ("no_consent", "Test 1")
    by_reason = shop.send("GET", "/api/messages?reason=no_answer&origin=test&origin_id=1").json()["items"]
    assert {one["id"] for one in by_reason} == {one.pk for one in unclear}
    assert shop.send("GET", "/api/messages?origin_id=2").json()["items"] == []


def test_a_person_decides_through_a_program(unclear, post, wall):
    shop = program("manager")
    one, other = unclear
    sent = {"choice": "sent", "messages": [one.pk]}
    assert shop.send("POST", "/api/messages/decide", sent).json() == {"messages": 1}
    assert shop.send("POST", "/api/messages/decide", sent).json() == {"messages": 0}
    again = {"choice": "again", "origin": "test", "origin_id": 1}
    assert shop.send("POST", "/api/messages/decide", again).json() == {"messages": 1}
    keys = {message.key for message in post.handed}
    post.answer = lambda _one: Handed(outcome=Outcome.SENT)
    work()
    assert Message.objects.get(pk=other.pk).state == "sent"
    assert {message.key for message in post.handed} == keys


def test_who_sees_some_customers_decides_on_and_lists_theirs_only(unclear):
    own = program("manager", scope="own")
    one, other = unclear
    apps.get_model("customers", "Customer").objects.filter(pk=one.customer_id).update(owner_id=own.user.pk)
    assert [line["id"] for line in own.send("GET", "/api/messages").json()["items"]] == [one.pk]
    both = {"choice": "drop", "messages": [one.pk, other.pk]}
    assert own.send("POST", "/api/messages/decide", both).json() == {"messages": 1}
    assert Message.objects.get(pk=other.pk).state == "uncertain"


def test_why_somebody_got_a_message_is_told_to_programs(unclear, people):
    shop = program("manager")
    told = shop.send("GET", f"/api/customers/{people[5]}/messages").json()["items"]
    assert [(line["state"], line["reason"], line["says"] != "") for line in told] == [
        ("suppressed", "no_consent", True)
    ]
    assert (
        program("operator", scope="own").send("GET", f"/api/customers/{people[5]}/messages").status_code
        == 404
    )
    agree(people[5])
    whole = shop.send("GET", f"/api/messages/{unclear[0].pk}").json()
    assert (whole["customer_id"], whole["state"]) == (unclear[0].customer_id, "uncertain")
    assert whole["consent"]["state"] == "granted"
    assert shop.send("GET", "/api/messages/999999").status_code == 404
