"""What stands still is told on the home page and by ``/healthz`` (P14, OUT-08)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.template.loader import render_to_string

from huoshui.act.messages import lanes, services, watching
from huoshui.act.messages.models import Lane
from huoshui.act.messages.tests.conftest import NOON, want, work
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.outreach import Handed, Outcome
from huoshui.kernel.plugs import PANELS
from huoshui.kernel.texts import Text
from huoshui.kernel.watching import WATCHES


def told(wall) -> list[str]:
    return [trouble.text.en for trouble in watching.look(wall.now)]


def health(client) -> str:
    return str(client.get("/healthz").json()["sending"])


def test_an_outbox_at_work_says_nothing_however_much_waits(people, post, wall, stranger):
    work()
    assert told(wall) == []
    want(people[:5])
    wall.pass_(hours=1)
    lanes.serving(Lane.objects.get(pk="post"), wall.now)  # a slow lane, served this minute
    assert told(wall) == []
    assert health(stranger) == "ok"


def test_what_is_due_and_served_by_nobody_is_told_within_minutes(people, post, wall, stranger):
    work()
    want(people[:5])
    wall.pass_(minutes=4)
    assert told(wall) == ["Post: nothing leaves (no worker hands them over). Due: 5"]
    assert health(stranger) == "troubled"
    work()
    assert told(wall) == []


@pytest.mark.parametrize("why", ["broken", "unready", "fenced"])
def test_a_lane_that_cannot_says_why(people, post, wall, why):
    lanes.lane_of("post", NOON)
    want(people[:2])
    if why == "broken":
        Lane.objects.update(breaker_after=1, breaker_minutes=9)
        post.answer = lambda _one: Handed(outcome=Outcome.LATER, answer="421")
        work()
        wall.pass_(minutes=5)
    elif why == "unready":
        post.why = Text("no server", "没有服务器")
        wall.pass_(minutes=5)
    else:
        organisation.fence(actor=CONSOLE, now=NOON)
        wall.pass_(minutes=5)
    [line] = told(wall)
    assert {"broken": "after failures", "unready": "no server", "fenced": "is a copy"}[why] in line


def test_what_a_colleague_stopped_or_paused_is_no_trouble(people, post, wall):
    lanes.lane_of("post", NOON)
    want(people[:2])
    services.pause(actor=CONSOLE, origin="test", origin_id=1, now=NOON)
    wall.pass_(hours=1)
    assert told(wall) == []
    services.resume(actor=CONSOLE, origin="test", origin_id=1, now=NOON)
    Lane.objects.update(stopped_at=NOON)
    assert told(wall) == []


def test_what_a_person_has_to_decide_is_told(people, post, wall):
    want(people[:1])
    post.answer = lambda _one: Handed(outcome=Outcome.UNKNOWN, answer="dropped")
    work()
    assert told(wall) == ["May have gone out or not, for somebody to decide: 1"]
    want(people[1:2], of=2)
    wall.pass_(hours=6)
    work()
    assert len(told(wall)) == 2
    assert told(wall)[0].startswith("Overdue")


def test_a_webhook_that_does_not_answer_is_told_to_who_can_do_something_about_it(people, wall, stranger):
    endpoint = apps.get_model("channels", "Endpoint").objects.create(
        slug="shop", name="Shop", url="https://hooks.example.com/", secret="x", made_at=NOON, resumes_at=NOON
    )
    delivery = apps.get_model("channels", "Delivery")
    delivery.objects.create(
        endpoint=endpoint,
        key="k",
        type="t",
        body="{}",
        state="dead",
        due_at=NOON,
        made_at=NOON,
        ended_at=NOON,
    )
    [trouble] = WATCHES["webhooks"].look(NOON)
    assert trouble.text.en == "The webhook Shop does not answer. Given up: 1"
    assert health(stranger) == "troubled"
    seen = {
        role: [
            text
            for text, _url in watching.PANEL.context(actor_of_role(role.value, role), "", "en")["troubles"]
        ]
        for role in (Role.ADMINISTRATOR, Role.VIEWER)
    }
    assert len(seen[Role.ADMINISTRATOR]) == 1
    assert seen[Role.VIEWER] == []


def test_the_home_page_leads_to_what_stands_still(people, post, wall):
    work()
    want(people[:2])
    wall.pass_(minutes=9)
    panel = PANELS["troubles"]
    assert panel.page == "overview"
    [(text, address)] = panel.context(CONSOLE, "", "zh")["troubles"]
    assert text == "信：2 条消息到期却未发出（没有工作进程在发送）"
    assert address == "/outbox/"
    shown = render_to_string(panel.template, {"troubles": [(text, address)]})
    assert f'<a class="m" href="/outbox/">{text}</a>' in shown
    assert render_to_string(panel.template, {"troubles": []}).strip() == ""
