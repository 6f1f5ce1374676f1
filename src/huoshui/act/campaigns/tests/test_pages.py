"""Pages of campaigns: from the empty list through the steps to a campaign that sends."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.urls import reverse

from huoshui.act.campaigns import drafts, stages
from huoshui.act.campaigns.tests.conftest import LONDON, Street
from huoshui.act.channels import queries as mail
from huoshui.act.channels import services as channels
from huoshui.act.channels.services import Draft as SenderDraft
from huoshui.act.messages.tests.conftest import NOON
from huoshui.desk.audit import words
from huoshui.desk.jobs import running
from huoshui.desk.mail.tests.server import Smtp, serving
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import CONSOLE, Role


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
    assert "= 6</span> customers of the audience" in " ".join(sending.split())
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


@pytest.fixture
def senders(street: Street) -> list[str]:
    """Two whom everybody may write as, and one of another team."""
    for slug, teams in (("shop", ()), ("mei", ()), ("north", (users.teams()[0].id,))):
        channels.add_sender(
            actor=CONSOLE,
            draft=SenderDraft(name=slug.title(), address=f"{slug}@shop.example", team_ids=teams),
            now=NOON,
        )
    return ["shop", "mei", "north"]


def sent_message(client, street, number, **said):
    version = street.look(number).version
    sent = {"version": version, "template.0": street.template, "weight.0": "1", **said}
    return client.post(reverse("campaigns:edit", args=[number, "message"]), sent)


def test_no_step_of_the_form_changes_who_it_comes_from_unless_somebody_else_is_chosen(
    open_street, signed_in, senders
):
    lin = signed_in(Role.OPERATOR)
    number = open_street.made(channel="email", sender="mei")
    for slug, said in (
        ("message", {"channel": "email", "template.0": open_street.template, "weight.0": "2"}),
        ("measuring", {"choice": "unknown", "goal": "orders", "horizon_days": "7"}),
        ("schedule", {"plan": "now", "waves": "1"}),
        ("audience", {"name": "Summer", "s.north": "in"}),
    ):
        sent = {"version": open_street.look(number).version, **said}
        answer = lin.post(reverse("campaigns:edit", args=[number, slug]), sent)
        assert answer.status_code == 302, answer.content.decode()
        assert open_street.look(number).draft.sender == "mei", slug


def test_a_sender_who_does_not_say_how_they_are_reached_sends_no_campaign(open_street, senders):
    def missing(sender: str) -> list[str]:
        draft = open_street.draft(channel="email", sender=sender)
        return [one.en for one in drafts.missing(draft, now=NOON, zone=LONDON)]

    silent = "A marketing message says how its sender is reached"
    assert any(silent in one for one in missing("mei"))
    channels.add_sender(
        actor=CONSOLE,
        draft=SenderDraft(name="Open", address="open@shop.example", contact="1 Road, London"),
        now=NOON,
    )
    assert not any(silent in one for one in missing("open"))


def test_a_person_chooses_who_it_comes_from_among_those_they_may_write_as(open_street, signed_in, senders):
    lin = signed_in(Role.OPERATOR)
    number = open_street.made(channel="email")
    step = page(lin, "campaigns:edit", number, "message")
    assert "shop@shop.example" in step
    assert "mei@shop.example" in step
    assert "north@shop.example" not in step
    assert sent_message(lin, open_street, number, channel="email", sender="mei").status_code == 302
    assert open_street.look(number).draft.sender == "mei"
    for wrong in ("north", "nobody"):
        answer = sent_message(lin, open_street, number, channel="email", sender=wrong)
        assert answer.status_code == 400
        assert "You may not write as this sender" in answer.content.decode()
    assert open_street.look(number).draft.sender == "mei"
    assert sent_message(lin, open_street, number, channel="email", sender="").status_code == 302
    assert open_street.look(number).draft.sender == ""


def test_another_channel_takes_no_sender_of_e_mail_along(open_street, signed_in, senders):
    lin = signed_in(Role.OPERATOR)
    number = open_street.made(channel="email", sender="mei")
    assert sent_message(lin, open_street, number, channel="post", sender="mei").status_code == 302
    assert open_street.look(number).draft.sender == ""


def test_the_sender_that_others_chose_stays_and_one_that_is_gone_stops_the_campaign(
    open_street, signed_in, senders
):
    lin = signed_in(Role.OPERATOR)
    number = open_street.made(channel="email", sender="north")
    assert "north@shop.example" in page(lin, "campaigns:edit", number, "message")
    assert sent_message(lin, open_street, number, channel="email", sender="north").status_code == 302
    (north,) = [one.id for one in mail.all_senders(actor=CONSOLE) if one.slug == "north" and one.id]
    channels.retire_sender(actor=CONSOLE, sender_id=north, now=NOON)
    assert "no such sender any more" in page(lin, "campaigns:edit", number, "message")
    assert drafts.NO_SENDER in drafts.missing(open_street.look(number).draft, now=NOON, zone=LONDON)


def test_the_message_is_read_as_a_customer_would_get_it_and_tried_on_oneself(open_street, signed_in, senders):
    lin = signed_in(Role.OPERATOR, email="lin@shop.example")
    empty = open_street.made(channel="email", variants=[])
    assert "they are checked here" in page(lin, "campaigns:edit", empty, "message")
    number = open_street.made(channel="email")
    address = reverse("campaigns:edit", args=[number, "message"])
    step = page(lin, "campaigns:edit", number, "message")
    assert "a sample with invented values" in step
    assert "everybody gets the other language" in step
    who = open_street.people[3]
    seen = lin.get(address, {"who": str(who)})
    assert "You get what" in seen.content.decode(), re.findall(
        r"hs-facts.*?</dl>|hs-alert.*?</div>|alert.*?</div>", seen.content.decode(), re.S
    )
    assert "frame-src 'self'" in seen["Content-Security-Policy"]
    (letter,) = re.findall(r'<iframe[^>]* src="([^"]+)"', seen.content.decode())
    assert f"who={who}" in letter
    assert "version=1" in letter
    assert "Hello" in lin.get(letter.replace("&amp;", "&")).content.decode()
    assert "Nobody is known" in lin.get(address, {"who": "stranger", "letter": "Q"}).content.decode()
    sent = {"who": str(who), "language": "en", "version": "1", "next": f"{address}?who={who}"}
    answer = lin.post(reverse("templates:test", args=[open_street.template]), sent)
    assert answer["Location"] == f"{address}?who={who}"
    assert apps.get_model("mail", "Letter").objects.get().to == "lin@shop.example"
    elsewhere = lin.post(
        reverse("templates:test", args=[open_street.template]), {**sent, "next": "https://evil.example/"}
    )
    assert elsewhere["Location"].startswith("/templates/")


def test_a_test_leaves_by_the_sender_of_the_campaign(open_street, signed_in, senders, settings):
    lin = signed_in(Role.OPERATOR, email="lin@shop.example")
    number = open_street.made(channel="email", sender="mei")
    asked = {"who": str(open_street.people[3]), "language": "en"}
    step = lin.get(reverse("campaigns:edit", args=[number, "message"]), asked).content.decode()
    assert "It comes from Mei (mei@shop.example)." in step
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', step[step.index("/test/") :])
    letters = apps.get_model("mail", "Letter").objects
    with serving() as (server, port):
        settings.HUOSHUI_SMTP = Smtp(port)
        assert (
            lin.post(reverse("templates:test", args=[open_street.template]), dict(fields)).status_code == 302
        )
        (job,) = apps.get_model("jobs", "Job").objects.filter(state="waiting", kind="mail.deliver")
        assert running.run_now(job.pk) == "done"
        [(envelope, letter)] = server.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("mei@shop.example", ["lin@shop.example"])
    assert str(letter["From"]) == "Mei <mei@shop.example>"
    assert letters.get().state == "sent"
    for wrong in ("north", "nobody"):
        sent = {**dict(fields), "sender": wrong}
        answer = lin.post(reverse("templates:test", args=[open_street.template]), sent)
        assert answer.status_code == 404
        assert "sender" in answer.content.decode()
    assert letters.count() == 1


def test_every_act_of_a_person_has_words_in_the_audit_log():
    acts = [f"campaign.{act}" for act in stages.ACTS if act not in ("begin", "finish", stages.RECORD)]
    assert [act for act in acts if words.said(act, "zh") == act] == []
