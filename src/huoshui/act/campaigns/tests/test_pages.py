"""Pages of campaigns: from the empty list through the steps to a campaign that sends."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huoshui.act.campaigns.tests.conftest import Street
from huoshui.kernel.actors import Role


@pytest.fixture
def open_street(street: Street, monkeypatch: pytest.MonkeyPatch) -> Street:
    """The street as the house whose pages are opened."""
    monkeypatch.setattr("huoshui.act.campaigns.views.open_lake", lambda: street.lake)
    monkeypatch.setattr("huoshui.act.campaigns.leading.open_lake", lambda: street.lake)
    return street


def page(client, name, *arguments):
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_a_campaign_is_made_in_steps_approved_started_paused_and_copied(open_street, signed_in, pages):
    lin, zheng = signed_in(Role.OPERATOR), signed_in(Role.MANAGER)
    assert "no campaigns yet" in page(lin, "campaigns:list")
    assert "is left out" in page(lin, "campaigns:new")
    answer = lin.post(reverse("campaigns:new"), {"name": "Spring", "s.north": "in", "s.south": "out"})
    assert answer.status_code == 302, answer.content
    number = int(answer.url.split("/")[2])
    assert answer.url == reverse("campaigns:edit", args=[number, "message"])
    assert "north" in page(lin, "campaigns:edit", number, "audience")

    def step(slug, **sent):
        page(lin, "campaigns:edit", number, slug)
        version = open_street.look(number).version
        found = lin.post(reverse("campaigns:edit", args=[number, slug]), {"version": version, **sent})
        assert found.status_code == 302, found.content.decode()

    step("message", channel="post", **{"template.0": open_street.template, "weight.0": "1"})
    assert open_street.look(number).reach.audience == 6
    step("measuring", choice="draw", share="20", goal="revenue", horizon_days="14", cap="500")
    step("schedule", plan="now", waves="1")
    whole = page(lin, "campaigns:campaign", number)
    assert "It is complete" in whole
    assert "20.0%" in whole

    def act(client, slug, expected=302, **sent):
        found = client.post(reverse("campaigns:act", args=[number, slug]), sent)
        assert found.status_code == expected, found.content.decode()

    act(lin, "submit")
    act(lin, "approve", 403)
    act(zheng, "return", remark="fewer")
    assert "fewer" in page(lin, "campaigns:campaign", number)
    act(lin, "submit")
    act(zheng, "approve")
    act(lin, "start")
    open_street.follow()
    sending = page(lin, "campaigns:campaign", number)
    assert "= 6 customers of the audience" in " ".join(sending.split())
    act(lin, "pause")
    assert "Somebody paused it" in page(lin, "campaigns:campaign", number)
    act(lin, "resume")
    act(lin, "stop")
    act(lin, "resume", 400)
    copied = lin.post(reverse("campaigns:act", args=[number, "duplicate"]))
    assert "Copy of Spring" in page(lin, "campaigns:list")
    assert open_street.look(int(copied.url.split("/")[2])).draft.plan == ""


def test_what_the_form_cannot_read_is_said_and_nothing_is_kept(open_street, signed_in):
    lin = signed_in(Role.OPERATOR)
    number = open_street.made()
    for slug, wrong in (
        ("measuring", {"share": "many"}),
        ("schedule", {"plan": "house"}),
        ("audience", {"name": ""}),
    ):
        sent = {"version": 1, "choice": "draw", "goal": "orders", "horizon_days": "7", **wrong}
        answer = lin.post(reverse("campaigns:edit", args=[number, slug]), sent)
        assert answer.status_code == 400
        assert b"hs-form-errors" in answer.content
    assert open_street.look(number).version == 1


def test_strangers_viewers_and_bad_numbers_are_refused(open_street, signed_in, stranger):
    number = open_street.made()
    viewer = signed_in(Role.VIEWER)
    assert "Spring mail" in page(viewer, "campaigns:list")
    page(viewer, "campaigns:campaign", number)
    assert viewer.get(reverse("campaigns:new")).status_code == 403
    assert viewer.post(reverse("campaigns:act", args=[number, "submit"])).status_code == 403
    assert viewer.get(reverse("campaigns:campaign", args=[number + 1])).status_code == 404
    lin = signed_in(Role.OPERATOR)
    assert lin.get(reverse("campaigns:edit", args=[number, "colours"])).status_code == 404
    assert lin.post(reverse("campaigns:act", args=[number, "explode"])).status_code == 404
    assert lin.get(reverse("campaigns:act", args=[number, "submit"])).status_code == 405
    assert stranger.get(reverse("campaigns:list")).status_code == 302


def test_the_list_asks_no_more_of_the_database_for_more_campaigns(
    open_street, signed_in, django_assert_max_num_queries
):
    lin = signed_in(Role.OPERATOR)
    for place in range(5):
        open_street.made(name=f"C{place}")
    with django_assert_max_num_queries(14):
        page(lin, "campaigns:list")
