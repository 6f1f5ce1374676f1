from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.core.mail import EmailMessage
from django.db import transaction

from huoshui.desk.jobs import running
from huoshui.desk.mail import delivery, queries, services
from huoshui.desk.mail.backend import OutboxBackend
from huoshui.desk.mail.models import Enclosure, Letter
from huoshui.desk.mail.services import NotAHeader
from huoshui.desk.mail.tests.server import Smtp, serving
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed

Job = apps.get_model("jobs", "Job")
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
TEXT = "王梅，你好！\n\n请打开：\nhttps://crm.example.com/account/link/abc?x=1&y=2\n\n<b>不是 HTML</b>"


@pytest.fixture
def smtp(settings):
    """A real server, set as the one of the house."""
    with serving() as (server, port):
        settings.HUOSHUI_SMTP = Smtp(port)
        yield server


@pytest.fixture
def house(db):
    return organisation.found(
        actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW, name="活水\r\n商城"
    )


def work() -> str:
    return running.run_now(Job.objects.filter(state="waiting").order_by("id").values_list("pk", flat=True)[0])


def send(to="mei@example.org", subject="邀请你加入活水", text=TEXT) -> bool:
    return services.send(to=to, subject=subject, text=text, now=NOW)


def test_a_letter_arrives_as_plain_text_and_html_and_is_forgotten(house, smtp):
    assert send()
    assert not smtp.taken
    assert work() == "done"
    [(envelope, letter)] = smtp.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("crm@example.org", ["mei@example.org"])
    assert letter["Subject"] == "邀请你加入活水"
    assert str(letter["From"]) == "活水 商城 <crm@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    assert plain.replace("\r\n", "\n").strip() == TEXT
    assert '<a href="https://crm.example.com/account/link/abc?x=1&amp;y=2">' in html
    assert "&lt;b&gt;不是 HTML" in html
    row = Letter.objects.get()
    assert (row.state, row.text) == ("sent", "")


def test_a_letter_of_another_sender_leaves_by_them_and_one_of_no_address_does_not(house, smtp):
    sender = services.From(
        name="小店\r\nBcc: x@example.org", address="shop@商店.example", reply_to="ask@example.org"
    )
    assert services.send(to="mei@example.org", subject="试", text=TEXT, sender=sender, now=NOW)
    assert work() == "done"
    [(envelope, letter)] = smtp.taken
    assert envelope.mail_from == "shop@xn--czrs0t.example"
    assert str(letter["From"]) == '"小店 Bcc: x@example.org" <shop@xn--czrs0t.example>'
    assert str(letter["Reply-To"]) == "ask@example.org"
    assert letter["Bcc"] is None
    for wrong in ("no address", "a@b\r\nBcc: x@example.org"):
        with pytest.raises(NotAHeader):
            services.send(
                to="mei@example.org",
                subject="试",
                text=TEXT,
                sender=services.From(name="x", address="shop@example.org", reply_to=wrong),
                now=NOW,
            )
    assert len(smtp.taken) == 1


PICTURE = services.PNG + b"not more than its beginning"


def test_a_letter_with_a_picture_shows_it_in_its_page_and_forgets_it(house, smtp):
    html = '<!doctype html><p>净收入</p><img src="cid:c1" alt="净收入">'
    leave = "https://crm.example.com/boards/letters/x"
    assert services.send(
        to="mei@example.org",
        subject="周报",
        text="净收入",
        now=NOW,
        html=html,
        pictures={"c1": PICTURE},
        leave=leave,
    )
    assert work() == "done"
    [(_envelope, letter)] = smtp.taken
    assert letter.get_body(("plain",)).get_content().strip() == "净收入"
    assert letter.get_body(("html",)).get_content().strip() == html
    [shown] = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert shown["Content-ID"] == "<c1>"
    assert shown.get_content_disposition() == "inline"
    assert shown.get_payload(decode=True) == PICTURE
    assert letter["List-Unsubscribe"] == f"<{leave}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not Enclosure.objects.exists()
    assert Letter.objects.get().html == ""


def test_what_is_no_picture_is_not_put_into_a_letter(house, smtp):
    for pictures in ({"c1": b"<svg onload=alert(1)>"}, {"c1>\r\nX: y": PICTURE}, {"": PICTURE}):
        with pytest.raises((services.NotAPicture, NotAHeader)):
            services.send(to="mei@example.org", subject="x", text="x", now=NOW, pictures=pictures)
    assert not Letter.objects.exists()


def test_pictures_of_a_letter_that_was_not_sent_go_with_its_words(house, settings):
    settings.HUOSHUI_SMTP = None
    services.send(to="mei@example.org", subject="x", text="x", now=NOW, pictures={"c1": PICTURE})
    assert Enclosure.objects.count() == 1
    services.tidy(now=NOW + timedelta(days=8))
    assert not Enclosure.objects.exists()


def test_a_letter_of_a_transaction_that_is_rolled_back_is_not_sent(house, smtp):
    with transaction.atomic():
        send()
        transaction.set_rollback(True)
    assert not Letter.objects.exists()
    assert not Job.objects.exists()


def test_a_server_that_is_away_is_asked_again(house, smtp, settings):
    send()
    working, settings.HUOSHUI_SMTP = (
        settings.HUOSHUI_SMTP,
        Smtp(9),
    )
    assert work() == "waiting"
    row = Letter.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert "could not be reached" in row.error
    settings.HUOSHUI_SMTP = working
    assert work() == "done"
    assert len(smtp.taken) == 1


@pytest.mark.parametrize(("answer", "state"), [("550 no such user", "failed"), ("451 try later", "waiting")])
def test_a_refusal_for_good_ends_it_and_one_for_now_does_not(house, smtp, answer, state):
    smtp.answers["mei@example.org"] = answer
    send()
    work()
    row = Letter.objects.get()
    assert row.state == state
    assert answer[:3] in row.error
    assert "mei@" not in row.error


def test_a_letter_that_failed_can_be_sent_again_by_an_administrator(house, smtp):
    smtp.answers["mei@example.org"] = "550 no such user"
    send()
    work()
    smtp.answers.clear()
    letter_id = Letter.objects.get().pk
    with pytest.raises(NotAllowed):
        services.send_again(actor=actor_of_role("x", Role.MANAGER), letter_id=letter_id, now=NOW)
    services.send_again(actor=CONSOLE, letter_id=letter_id, now=NOW)
    work()
    assert len(smtp.taken) == 1
    with pytest.raises(services.NoSuchLetter):
        services.send_again(actor=CONSOLE, letter_id=letter_id, now=NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", "Hello\r\nBcc: all@example.org"),
        ("subject", "Hello\nX: y"),
        ("subject", "Hello\x00"),
        ("subject", " "),
        ("to", "mei@example.org\r\nBcc: all@example.org"),
        ("to", "mei@example.org, all@example.org"),
        ("to", "Mei <mei@example.org>"),
        ("to", "mei"),
        ("to", f"{'m' * 250}@example.org"),
    ],
)
def test_nothing_becomes_a_header(house, smtp, name, value):
    with pytest.raises(NotAHeader):
        send(**{name: value})
    assert not Letter.objects.exists()


def test_without_a_mail_server_letters_stay_and_can_be_read_for_a_week(house, settings):
    settings.HUOSHUI_SMTP = None
    assert send() is False
    [letter] = queries.letters(actor=CONSOLE)
    assert (letter.state, letter.text) == ("kept", TEXT)
    assert not Job.objects.exists()
    with pytest.raises(NotAllowed):
        queries.letters(actor=actor_of_role("x", Role.MANAGER))
    services.tidy(now=NOW + timedelta(days=8))
    assert queries.letters(actor=CONSOLE)[0].text == ""


def test_a_restored_house_and_a_demo_send_nothing(house, smtp):
    assert send()
    organisation.fence(actor=CONSOLE, now=NOW)
    assert work() == "done"
    assert send() is False
    assert not smtp.taken
    assert {letter.state for letter in queries.letters(actor=CONSOLE)} == {"kept"}


def test_what_django_sends_goes_through_the_outbox(house, smtp):
    messages = [EmailMessage("Hello", "words", to=["a@example.org", "b@example.org"])]
    assert OutboxBackend().send_messages(messages) == 1
    assert work() == work() == "done"
    assert {letter["To"] for _envelope, letter in smtp.taken} == {"a@example.org", "b@example.org"}


def test_html_of_a_letter_holds_nothing_of_its_text_but_paragraphs_and_links():
    html = delivery.html_of('<script>alert(1)</script>\n\nhttps://x.example/"onclick="y')
    assert "<script>" not in html
    assert 'href="https://x.example/"' in html
    assert 'onclick="' not in html
