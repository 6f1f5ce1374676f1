"""Webhooks out (OUT-11): the official library verifies them; repeated, ended and replayed as the standard says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.db import transaction
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from huoshui.act.channels import webhook_delivery as delivering
from huoshui.act.channels import webhook_queries as queries
from huoshui.act.channels import webhook_services as services
from huoshui.act.channels.webhook import CHANNEL
from huoshui.act.channels.webhook_delivery import WAITS
from huoshui.act.channels.webhook_errors import NoSuchDelivery, NoSuchEndpoint, NotAnEndpoint
from huoshui.act.channels.webhook_models import Attempt, Delivery, Endpoint
from huoshui.data.customers.tests.factories import make_customers, make_house, tell
from huoshui.data.privacy import services as privacy
from huoshui.data.privacy.tests.factories import record, statements
from huoshui.desk.organisation import services as organisation
from huoshui.desk.organisation.queries import Fenced
from huoshui.kernel import clock, outside
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.outreach import Content, Handed, Outcome, Outgoing
from huoshui.kernel.outside import AddressRefused
from huoshui.kernel.tests.trap import Trap

NOW = datetime(2026, 1, 16, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house() -> None:
    make_house()


@pytest.fixture
def trap(settings) -> Iterator[Trap]:
    made = Trap()
    settings.HUOSHUI_INNER_HOSTS = made.inner
    yield made
    made.close()


@pytest.fixture
def heard(monkeypatch) -> list[tuple[str, str, str]]:
    """What the outbox is told: key, outcome, answer."""
    told: list[tuple[str, str, str]] = []
    monkeypatch.setattr(
        delivering, "hear", lambda key, handed, now: told.append((key, handed.outcome.value, handed.answer))
    )
    return told


def endpoint(trap: Trap, **values) -> tuple[int, str]:
    return services.add(actor=CONSOLE, name="Gateway", url=trap.url, now=NOW, **values)


def agreed() -> int:
    (person,) = make_customers("n1")
    record(statements(person, channel="any"))
    return person


def message(person: int, key: str = "k1", *, marketing: bool = True, text: str = "你好 吴明") -> Outgoing:
    return Outgoing(
        key=key,
        customer_id=person,
        address=str(person),
        name="吴明",
        language="zh",
        marketing=marketing,
        content=Content(subject="新品", text=text),
        leave="https://crm.example.com/privacy/leave/x",
    )


def hand_over(*messages: Outgoing) -> list[Handed]:
    with CHANNEL.open() as line:
        return [line.hand_over(one) for one in messages]


def run(endpoint_id: int, now: datetime) -> int:
    before = Attempt.objects.count()
    while delivering.batch(endpoint_id=endpoint_id, now=lambda: now):
        pass
    return Attempt.objects.count() - before


def the_delivery() -> Delivery:
    return Delivery.objects.get()


def test_the_official_library_verifies_what_is_posted(trap: Trap, heard):
    number, secret = endpoint(trap)
    person = agreed()
    (handed,) = hand_over(message(person))
    assert handed.outcome is Outcome.SENT
    assert run(number, clock.now()) == 1
    said = Webhook(secret).verify(trap.bodies[0], trap.headers[0])
    assert said["type"] == "message.requested"
    assert said["data"] == {
        "key": "k1", "customer_id": person, "name": "吴明", "language": "zh", "marketing": True, "subject": "新品",
        "text": "你好 吴明", "leave": "https://crm.example.com/privacy/leave/x",
    }  # fmt: skip
    assert datetime.fromisoformat(said["timestamp"]).tzinfo is not None
    assert trap.headers[0]["webhook-id"] == "msg_k1"
    assert heard == [("k1", "sent", "HTTP 200")]
    assert (the_delivery().state, the_delivery().body) == ("delivered", "")
    for changed in (trap.bodies[0] + b" ", trap.bodies[0].replace(b"true", b"false")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(changed, trap.headers[0])


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_receiver_refuses_what_was_posted_at_another_time(trap: Trap, heard, minutes: int):
    number, secret = endpoint(trap)
    hand_over(message(agreed(), marketing=False))
    Delivery.objects.update(due_at=NOW)
    run(number, clock.now() + timedelta(minutes=minutes))
    with pytest.raises(WebhookVerificationError, match="timestamp"):
        Webhook(secret).verify(trap.bodies[0], trap.headers[0])


def test_both_secrets_sign_while_one_is_changed_and_then_the_new_one_alone(trap: Trap, heard):
    number, old = endpoint(trap)
    now = clock.now()
    new = services.rotate(actor=CONSOLE, endpoint_id=number, now=now)
    person = agreed()
    hand_over(message(person, "a"))
    run(number, clock.now())
    for secret in (old, new):
        Webhook(secret).verify(trap.bodies[0], trap.headers[0])
    services.rotate(actor=CONSOLE, endpoint_id=number, now=now - services.BOTH_SIGN)
    hand_over(message(person, "b"))
    run(number, clock.now())
    assert " " not in trap.headers[1]["webhook-signature"]
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(trap.bodies[1], trap.headers[1])


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_failure_is_repeated_at_the_times_of_the_standard_and_then_given_up(trap: Trap, heard, status: int):
    trap.says = (status, {"Location": trap.url}, b"")
    number, _secret = endpoint(trap)
    hand_over(message(agreed()))
    at = the_delivery().due_at
    for count, wait in enumerate(WAITS):
        at += wait
        Endpoint.objects.update(resumes_at=None)
        assert run(number, at - timedelta(milliseconds=1)) == 0
        assert run(number, at) == 1
        assert trap.reached == count + 1
    assert sum(WAITS, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert {one["webhook-id"] for one in trap.headers} == {"msg_k1"}
    assert the_delivery().state == "dead"
    assert heard == [("k1", "refused", f"HTTP {status}, 10 ×")]
    assert run(number, at + timedelta(days=1)) == 0


def test_an_answer_410_ends_the_webhook(trap: Trap, heard):
    trap.says = (410, {}, b"")
    number, _secret = endpoint(trap)
    person = agreed()
    hand_over(message(person))
    run(number, clock.now())
    seen = queries.endpoint(actor=CONSOLE, endpoint_id=number)
    assert (seen.active, seen.because) == (False, "gone")
    assert heard == [("k1", "refused", "HTTP 410")]
    assert CHANNEL.unready() is not None
    assert hand_over(message(person, "k2"))[0].outcome is Outcome.LATER
    trap.says = (200, {}, b"")
    services.switch(actor=CONSOLE, endpoint_id=number, on=True, now=clock.now())
    assert hand_over(message(person, "k2"))[0].outcome is Outcome.SENT


@pytest.mark.parametrize(
    ("marketing", "repeats", "state"),
    [(True, False, "uncertain"), (True, True, "waiting"), (False, False, "waiting")],
)
def test_a_receiver_that_hangs_leaves_marketing_uncertain_where_a_repetition_would_count_twice(
    trap: Trap, heard, monkeypatch, marketing: bool, repeats: bool, state: str
):
    monkeypatch.setattr(outside, "SECONDS", 0.3)
    trap.drips = True
    number, _secret = endpoint(trap, repeats=repeats)
    hand_over(message(agreed(), marketing=marketing))
    run(number, clock.now())
    assert the_delivery().state == state
    assert heard == ([("k1", "unknown", "it took too long")] if state == "uncertain" else [])


def test_a_message_taken_twice_is_posted_once(trap: Trap, heard):
    number, _secret = endpoint(trap)
    person = agreed()
    hand_over(message(person), message(person))
    run(number, clock.now())
    (handed,) = hand_over(message(person))
    assert (handed.outcome, handed.answer) == (Outcome.SENT, "delivered")
    run(number, clock.now())
    assert trap.reached == 1


def test_what_a_dead_worker_held_is_repeated_or_uncertain(trap: Trap, heard):
    number, _secret = endpoint(trap)
    person = agreed()
    hand_over(message(person, "m"), message(person, "t", marketing=False))
    now = clock.now()
    Delivery.objects.update(state="trying", claimed_at=now, attempts=1)
    assert run(number, now + timedelta(seconds=1)) == 0
    run(number, now + delivering.LEASE)
    assert dict(Delivery.objects.values_list("key", "state")) == {"m": "uncertain", "t": "waiting"}
    assert trap.reached == 0


def test_who_withdraws_before_a_repetition_gets_nothing_more(trap: Trap, heard):
    trap.says = (500, {}, b"")
    number, _secret = endpoint(trap)
    person = agreed()
    hand_over(message(person), message(person, "order", marketing=False))
    run(number, clock.now())
    privacy.say(
        actor=CONSOLE, customer_id=person, purpose="marketing", channel="any", state="withdrawn", wording="v3",
        source="letter", evidence="page 1", now=clock.now(),
    )  # fmt: skip
    trap.says = (200, {}, b"")
    run(number, clock.now() + timedelta(seconds=6))
    assert dict(Delivery.objects.values_list("key", "state")) == {"k1": "stopped", "order": "delivered"}
    assert [b"order" in body for body in trap.bodies].count(False) == 1
    assert ("k1", "refused", "no consent any more") in heard
    assert Delivery.objects.get(key="k1").body == ""


def test_a_fenced_house_posts_nothing(trap: Trap, heard):
    number, _secret = endpoint(trap)
    organisation.fence(actor=CONSOLE, now=NOW)
    hand_over(message(agreed()))
    assert not delivering.work("worker", Event())
    with pytest.raises(Fenced):
        services.test(actor=CONSOLE, endpoint_id=number, now=clock.now())
    assert trap.reached == 0
    organisation.unfence(actor=CONSOLE)
    assert delivering.work("worker", Event())
    assert trap.reached == 1


def test_what_is_long_overdue_waits_for_a_person(trap: Trap, heard):
    number, _secret = endpoint(trap)
    hand_over(message(agreed()))
    run(number, clock.now() + timedelta(hours=3))
    assert (the_delivery().state, trap.reached) == ("uncertain", 0)
    services.again(actor=CONSOLE, delivery_id=the_delivery().pk, now=clock.now())
    run(number, clock.now())
    assert (the_delivery().state, trap.reached) == ("delivered", 1)
    with pytest.raises(NoSuchDelivery):
        services.again(actor=CONSOLE, delivery_id=the_delivery().pk, now=clock.now())


def test_all_that_was_given_up_is_replayed_under_its_old_id(trap: Trap, heard):
    trap.says = (410, {}, b"")
    number, _secret = endpoint(trap)
    person = agreed()
    hand_over(*(message(person, f"k{n}") for n in range(3)))
    run(number, clock.now())
    trap.says = (204, {}, b"")
    services.switch(actor=CONSOLE, endpoint_id=number, on=True, now=clock.now())
    assert services.all_again(actor=CONSOLE, endpoint_id=number, now=clock.now()) == 3
    run(number, clock.now())
    ids = [one["webhook-id"] for one in trap.headers]
    assert sorted(ids[:3]) == sorted(ids[3:]) == ["msg_k0", "msg_k1", "msg_k2"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_a_webhook_that_fails_again_and_again_is_only_probed(trap: Trap, heard):
    trap.says = (503, {}, b"")
    number, _secret = endpoint(trap)
    person = agreed()
    hand_over(*(message(person, f"k{n}") for n in range(20)))
    now = clock.now()
    assert run(number, now) == 8
    assert run(number, now + timedelta(seconds=10)) == 0
    assert run(number, now + timedelta(minutes=6)) == 1
    trap.says = (200, {}, b"")
    assert run(number, now + timedelta(minutes=12)) == 20
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_a_test_says_at_once_how_it_went(trap: Trap):
    number, secret = endpoint(trap)
    seen = queries.delivery(
        actor=CONSOLE, delivery_id=services.test(actor=CONSOLE, endpoint_id=number, now=clock.now())
    )
    assert (seen.state, seen.tries[0].status, seen.customer_id) == ("delivered", 200, None)
    assert Webhook(secret).verify(trap.bodies[0], trap.headers[0])["type"] == "endpoint.test"
    trap.says = (500, {}, b"")
    seen = queries.delivery(
        actor=CONSOLE, delivery_id=services.test(actor=CONSOLE, endpoint_id=number, now=clock.now())
    )
    assert (seen.state, seen.again) == ("dead", False)


def test_a_contact_goes_along_only_where_the_webhook_asks(trap: Trap, heard):
    (person,) = make_customers("n1")
    endpoint(trap, contact="phone")
    assert hand_over(message(person))[0] == Handed(outcome=Outcome.REFUSED, answer="no phone")
    tell([person], phone=["+8613800138000"])
    hand_over(message(person))
    assert json.loads(the_delivery().body)["data"]["phone"] == "+8613800138000"
    assert "email" not in the_delivery().body


def test_a_message_that_is_too_long_is_refused(trap: Trap):
    endpoint(trap)
    assert CHANNEL.problems(Content(text="字" * 7000), False)
    assert hand_over(message(agreed(), text="字" * 7000))[0].outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://localhost/", "https://169.254.169.254/", "file:///x"]
)
def test_an_address_inside_is_refused_by_create_change_and_test(trap: Trap, settings, url: str):
    with pytest.raises(AddressRefused):
        services.add(actor=CONSOLE, name="x", url=url, now=NOW)
    number, _secret = endpoint(trap)
    with pytest.raises(AddressRefused):
        services.change(
            actor=CONSOLE, endpoint_id=number, name="x", url=url, contact="none", repeats=False, now=NOW
        )
    Endpoint.objects.update(url=url)
    delivery_id = services.test(actor=CONSOLE, endpoint_id=number, now=clock.now())
    assert queries.delivery(actor=CONSOLE, delivery_id=delivery_id).state == "dead"
    settings.HUOSHUI_INNER_HOSTS = frozenset()
    Endpoint.objects.update(url=trap.url)
    services.test(actor=CONSOLE, endpoint_id=number, now=clock.now())
    assert trap.reached == 0


def test_a_webhook_needs_a_name_and_the_right(trap: Trap):
    with pytest.raises(NotAnEndpoint):
        services.add(actor=CONSOLE, name=" ", url=trap.url, now=NOW)
    with pytest.raises(NotAllowed):
        services.add(actor=actor_of_role("m", Role.MANAGER), name="x", url=trap.url, now=NOW)
    with pytest.raises(NoSuchEndpoint):
        services.rotate(actor=CONSOLE, endpoint_id=2**70, now=NOW)


def test_old_deliveries_are_forgotten(trap: Trap, heard):
    number, _secret = endpoint(trap)
    hand_over(message(agreed()))
    run(number, clock.now())
    with transaction.atomic():
        services.forget(now=clock.now() + services.REMEMBERED + timedelta(days=1))
    assert not Delivery.objects.exists()
