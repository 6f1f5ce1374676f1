"""Pages, commands and addresses for programs of webhooks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from standardwebhooks.webhooks import Webhook

from huoshui.act.channels.webhook_models import Delivery, Endpoint
from huoshui.data.customers.tests.factories import make_house
from huoshui.kernel import clock
from huoshui.kernel.tests.trap import Trap
from tests.plugins.programs import program

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


def added(pages: Client, trap: Trap) -> tuple[int, str]:
    answer = pages.post(reverse("webhooks:new"), {"name": "Gateway", "url": trap.url, "contact": "none"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", html.unescape(answer.content.decode()))
    assert found
    return Endpoint.objects.get().pk, found.group()


def test_a_webhook_is_added_tested_and_its_secret_shown_once(pages: Client, trap: Trap):
    assert "No webhooks yet" in pages.get(reverse("webhooks:list")).content.decode()
    number, secret = added(pages, trap)
    pages.post(reverse("webhooks:test", args=[number]))
    Webhook(secret).verify(trap.bodies[0], trap.headers[0])
    page = pages.get(reverse("webhooks:webhook", args=[number])).content.decode()
    assert "HTTP 200" in page
    assert "whsec_" not in page
    rotated = pages.post(reverse("webhooks:rotate", args=[number])).content.decode()
    assert "whsec_" in rotated
    assert secret not in html.unescape(rotated)


def test_an_address_inside_is_refused_at_its_field(pages: Client, trap: Trap):
    answer = pages.post(
        reverse("webhooks:new"), {"name": "x", "url": "https://169.254.169.254/", "contact": "none"}
    )
    assert answer.status_code == 400
    assert "The host is no name of the public Internet" in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_what_was_given_up_is_sent_again_from_the_page(pages: Client, trap: Trap):
    number, _secret = added(pages, trap)
    now = clock.now()
    one = Delivery.objects.create(
        endpoint_id=number, key="k", type="message.requested", body="{}", state="dead", due_at=now, made_at=now,
        ended_at=now, answer="HTTP 500, 10 ×", attempts=10,
    )  # fmt: skip
    page = pages.get(reverse("webhooks:webhook", args=[number]) + "?state=dead").content.decode()
    assert reverse("webhooks:again", args=[one.pk]) in page
    pages.post(reverse("webhooks:again", args=[one.pk]))
    one.refresh_from_db()
    assert (one.state, one.attempts) == ("waiting", 0)
    pages.post(reverse("webhooks:switch", args=[number]), {"on": "no"})
    assert (
        "switched off by a colleague"
        in pages.get(reverse("webhooks:webhook", args=[number])).content.decode()
    )


def test_the_pages_ask_the_same_few_questions_however_much_was_delivered(
    pages: Client, trap: Trap, django_assert_max_num_queries
):
    number, _secret = added(pages, trap)
    now = clock.now()
    Delivery.objects.bulk_create(
        Delivery(
            endpoint_id=number,
            key=f"k{n}",
            type="t",
            state="delivered",
            due_at=now,
            made_at=now,
            ended_at=now,
        )
        for n in range(60)
    )
    pages.get(reverse("webhooks:list"))
    with django_assert_max_num_queries(14):
        page = pages.get(reverse("webhooks:webhook", args=[number])).content.decode()
    assert "Older ones" in page


def test_tasks_of_messages_get_their_team(pages: Client):
    assert pages.get(reverse("message_tasks:settings")).status_code == 200
    assert pages.post(reverse("message_tasks:settings"), {"team": "", "days": "99"}).status_code == 400
    assert pages.post(reverse("message_tasks:settings"), {"team": "", "days": "3"}).status_code == 302
    assert 'value="3"' in pages.get(reverse("message_tasks:settings")).content.decode()


def test_who_does_not_manage_the_house_sees_no_webhook(signed_in):
    for name in ("webhooks:list", "message_tasks:settings"):
        assert signed_in("manager").get(reverse(name)).status_code == 403


def test_a_program_adds_tests_and_replays_a_webhook(db, trap: Trap):
    api = program()
    made = api.send("POST", "/api/webhooks", {"name": "Gateway", "url": trap.url})
    assert made.status_code == 201
    number, secret = made.json()["webhook_id"], made.json()["secret"]
    assert api.send("POST", f"/api/webhooks/{number}/test", {}).json()["state"] == "delivered"
    Webhook(secret).verify(trap.bodies[0], trap.headers[0])
    trap.says = (500, {}, b"")
    assert api.send("POST", f"/api/webhooks/{number}/test", {}).json()["tries"][0]["status"] == 500
    found = api.get(f"/api/webhooks/{number}/deliveries?state=dead").json()["items"]
    assert [one["answer"] for one in found] == ["HTTP 500"]
    assert api.send("POST", f"/api/deliveries/{found[0]['delivery_id']}/replay", {}).status_code == 404
    assert api.send("POST", f"/api/webhooks/{number}/replay", {}).json() == {"deliveries": 0}
    assert "secret" not in api.get(f"/api/webhooks/{number}").json()
    refused = api.send("POST", "/api/webhooks", {"name": "x", "url": "https://[::ffff:7f00:1]/"})
    assert (refused.status_code, refused.json()["code"]) == (400, "address_refused")
