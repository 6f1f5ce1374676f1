from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from huoshui.act.channels import mailing, queries, services, verp
from huoshui.act.channels.models import Unreachable
from huoshui.act.channels.services import Draft
from huoshui.act.channels.tests.letters import LEAVE, MESSAGE, message
from huoshui.data.customers import services as customers
from huoshui.desk.mail.tests.server import Smtp, serving
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.outreach import CHANNELS, Content, Outcome

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SHOP = Draft(
    name="活水商城",
    address="shop@example.org",
    reply_to="service@example.org",
    contact="杭州市西湖区文三路 1 号 · 400-000-0000",
)


@pytest.fixture(scope="module")
def running():
    with serving() as found:
        yield found


@pytest.fixture
def house(db):
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW, name="活水")


@pytest.fixture
def post(house, running, settings):
    """A house with a mail server and a sender."""
    server, port = running
    server.taken.clear(), server.answers.clear(), server.verdicts.clear()
    settings.HUOSHUI_SMTP = Smtp(port)
    services.add_sender(actor=CONSOLE, draft=SHOP, now=NOW)
    return server


def hand_over(*messages):
    with CHANNELS["email"].open() as line:
        return [line.hand_over(one) for one in messages]


def text_of(letter, kind="plain"):
    return letter.get_body((kind,)).get_content()


def test_a_marketing_message_can_be_ended_by_one_click_and_says_who_sends_it(post):
    assert [h.outcome for h in hand_over(MESSAGE)] == [Outcome.SENT]
    [(envelope, letter)] = post.taken
    assert envelope.mail_from == "shop@example.org"
    assert envelope.rcpt_tos == ["mei.wang@example.com"]
    assert str(letter["From"]) == "活水商城 <shop@example.org>"
    assert str(letter["To"]) == "王梅 <mei.wang@example.com>"
    assert letter["Reply-To"] == "service@example.org"
    assert letter["List-Unsubscribe"] == f"<{LEAVE}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Subject"] == "春季上新"
    for kind in ("plain", "html"):
        said = text_of(letter, kind)
        assert "你好，王梅" in said
        assert "文三路 1 号" in said
        assert "退订" in said
        assert LEAVE in said
        assert "/preferences/" in said
    assert max(bytes([b]) for b in envelope.content) < b"\x80", (
        "a server on the way would have to write it anew"
    )


def test_the_foot_stands_inside_the_page_of_a_template(post):
    page = "<!doctype html><html><body><p>你好</p></BODY></html>"
    hand_over(message(content=Content(subject="x", text="你好", html=page)))
    html = text_of(post.taken[0][1], "html")
    assert re.search(r"<p>你好</p><div .*退订.*</div>\s*</BODY></html>", html, re.DOTALL)


def test_a_message_of_service_says_only_what_it_says(post):
    hand_over(message(marketing=False, leave="", preferences=""))
    letter = post.taken[0][1]
    assert letter["Subject"] == "春季上新"
    assert letter["List-Unsubscribe"] is None
    assert "退订" not in text_of(letter)


def test_every_attempt_has_the_same_name_and_no_other_message_has(post):
    services.set_mailing(actor=CONSOLE, bounce_address="bounces@example.org", plus=True, now=NOW)
    hand_over(MESSAGE, MESSAGE, message(key="20-0123456789abcdef"), message(address="other@example.com"))
    names = [letter["Message-ID"] for _, letter in post.taken]
    backs = [envelope.mail_from for envelope, _ in post.taken]
    assert names[0] == names[1]
    assert len(set(names)) == 3
    assert backs[0] == backs[1]
    assert len(set(backs)) == 3
    local, _, host = backs[0].partition("@")
    assert host == "example.org"
    assert len(local) <= 64
    [found] = verp.names_in([backs[0].upper()])
    assert (found.key, found.customer_id) == (MESSAGE.key, MESSAGE.customer_id)
    assert found.is_of("mei.wang@example.com")
    assert not found.is_of("other@example.com")


def test_a_bounce_address_without_plus_or_too_long_is_used_as_it_is():
    named = verp.name(key="f" * 32, customer_id=999_999_999_999_999, address="mei@example.com")
    assert verp.envelope("bounces@example.org", named, plus=True) == f"bounces+{named}@example.org"
    assert verp.envelope("bounces@example.org", named, plus=False) == "bounces@example.org"
    long = "returned-mail@example.org"
    assert verp.envelope(long, named, plus=True) == long


@pytest.mark.parametrize(
    "changes",
    [
        {"content": Content(subject="Hello\r\nBcc: all@example.org", text="x")},
        {"content": Content(subject="Hello\u2028X: y", text="x")},
        {"address": "mei@example.com\r\nBcc: all@example.org"},
        {"address": "mei@example.com, all@example.org"},
        {"address": "<mei@example.com>"},
        {"address": "mei"},
        {"leave": "https://x.example/\r\nBcc: all@example.org"},
        {"key": "x\r\nBcc: all@example.org"},
        {"leave": ""},
    ],
)
def test_nothing_becomes_a_header_and_nothing_leaves_without_a_way_to_refuse(post, changes):
    [handed] = hand_over(message(**changes))
    assert handed.outcome is Outcome.REFUSED
    assert not post.taken


NAME = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    [
        "Mei\r\nBcc: all@example.org",
        "a\x00b",
        '"\\',
        "x" * 300,
        "=?utf-8?q?x?=",
        "<a@b.example>,",
        "\u2028\u202e",
    ]
)


@hypothesis_settings(max_examples=40, deadline=None)
@given(name=NAME, subject=NAME, text=NAME, html=NAME)
def test_whatever_a_name_or_a_template_says_there_is_one_receiver_and_our_headers(name, subject, text, html):
    identity = queries.Identity(
        id=1, slug="shop", name=name, address="shop@example.org", reply_to="", contact="x",
        selector="", usual=True, team_ids=frozenset(), retired=False,
    )  # fmt: skip
    said = message(name=name, content=Content(subject=subject, text=text, html=html))
    try:
        raw = mailing.written(said, identity, message_id="n", now=NOW)
    except ValueError:
        assert re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", subject)
        return
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert sorted(names) == [
        "Auto-Submitted", "Content-Type", "Date", "From", "List-Unsubscribe", "List-Unsubscribe-Post",
        "MIME-Version", "Message-ID", "Subject", "To",
    ]  # fmt: skip
    unfolded = re.sub(r"\r\n[ \t]", " ", head)
    [to] = [line for line in unfolded.split("\r\n") if line.startswith("To:")]
    assert parseaddr(to[3:])[1] == "mei.wang@example.com"


def test_who_cannot_be_reached_has_no_address(post):
    ids = [
        customers.create(actor=CONSOLE, typed={"name": "x", **typed}, now=NOW)
        for typed in ({"email": "Mei@example.com"}, {"email": "gone@example.com"}, {"phone": "13800138000"})
    ]
    services.close(actor=CONSOLE, address=" GONE@example.com ", why="asked\nby phone", now=NOW)
    assert CHANNELS["email"].addresses(ids) == {ids[0]: "mei@example.com"}


def test_an_address_that_the_server_refuses_for_good_gets_no_further_message(post):
    post.answers["mei.wang@example.com"] = "550 5.1.1 no such user"
    post.answers["full@example.com"] = "552 5.2.2 mailbox full"
    handed = hand_over(MESSAGE, message(address="full@example.com"))
    assert [h.outcome for h in handed] == [Outcome.REFUSED, Outcome.REFUSED]
    [closed] = Unreachable.objects.all()
    assert (closed.address, closed.reason, closed.key) == ("mei.wang@example.com", "gone", MESSAGE.key)


def test_a_sender_that_was_retired_sends_for_nobody(post):
    other = services.add_sender(
        actor=CONSOLE, draft=Draft(name="B", address="b@example.org", contact="x"), now=NOW
    )
    slug = queries.sender(other, actor=CONSOLE).slug
    services.retire_sender(actor=CONSOLE, sender_id=other, now=NOW)
    assert [h.outcome for h in hand_over(message(sender=slug))] == [Outcome.LATER]
    services.bring_back_sender(actor=CONSOLE, sender_id=other, now=NOW)
    assert [h.outcome for h in hand_over(message(sender=slug))] == [Outcome.SENT]


def test_what_stands_in_the_way_is_said_in_both_languages(house, settings):
    settings.HUOSHUI_SMTP = None
    assert "HUOSHUI_SMTP_URL" in str(mailing.unready())
    assert [h.outcome for h in hand_over(MESSAGE)] == [Outcome.LATER]
    settings.HUOSHUI_SMTP = Smtp(9)
    assert mailing.unready() is None
    organisation.fence(actor=CONSOLE, now=NOW)
    why = mailing.unready()
    assert why is not None
    assert "副本" in why.zh
    found = mailing.problems(Content(subject="a\nb" * 60, text=" ", html="x" * 100_001), True)
    assert len(found) == 5
    assert mailing.problems(Content(subject="a", text="b"), False) == []
