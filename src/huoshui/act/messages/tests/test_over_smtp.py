"""The outbox over a real mail server: poison among the receivers (OUT-04), scanners that open everything (OUT-09)."""

from __future__ import annotations

import os
import re
from collections import Counter
from datetime import timedelta
from threading import Event
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.test import Client

from huoshui.act.channels import services as channels
from huoshui.act.messages import delivering, settling
from huoshui.act.messages.models import Message
from huoshui.act.messages.tests.conftest import agree, want, work
from huoshui.act.templates import hits
from huoshui.act.templates.links import Addresses
from huoshui.data.customers.tests.factories import make_customers, make_house, tell
from huoshui.data.facts import queue
from huoshui.data.privacy import queries as privacy
from huoshui.desk.mail import wire
from huoshui.desk.mail.tests.server import Server, Smtp, serving
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.outreach import ORIGINS, Content, Origin, Said
from huoshui.kernel.texts import Text

SCANNED = int(os.environ.get("SCANNED", "20"))
"""Messages whose links are opened; 200 in the long run."""
INJECTING = "Eve\r\nBcc: everybody@example.com"
SCANNERS = (
    "Barracuda Sentinel (EE)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "Mozilla/5.0",
)
SHOP = "https://shop.example.com/new"


@pytest.fixture(scope="module")
def running():
    with serving() as found:
        yield found


@pytest.fixture
def server(db, wall, post, running, settings, monkeypatch) -> Server:
    """A house that sends letters with a link, a picture and an evil name."""
    found: Server
    found, port = running
    for kept in (found.taken, found.answers, found.verdicts):
        kept.clear()
    make_house()
    settings.HUOSHUI_SMTP = Smtp(port)
    sender = channels.Draft(name="Shop", address="shop@example.org", contact="1 High Street")
    channels.add_sender(actor=CONSOLE, draft=sender, now=wall.now)
    addresses = Addresses(campaign="test:1", channel="email")

    def write(origin_id, wanted):
        said = {}
        for one in wanted:
            link = addresses.click(SHOP, one.customer_id, one.key)
            seen = addresses.opened(one.customer_id, one.key)
            html = f'<html><body><a href="{link}">New</a><img src="{seen}"></body></html>'
            content = Content(subject="Spring", text=f"New: {link}", html=html)
            said[one.key] = Said(content=content, language="en", name=INJECTING)
        return said

    label = Text("Letters", "信件")
    letters = Origin(slug="test", label=label, write=write, title=str, address=lambda _n: "/")
    monkeypatch.setitem(ORIGINS._by_slug, "test", letters)
    return found


def readers(count: int) -> list[int]:
    """Customers with an address who agreed."""
    ids = make_customers(*(f"p{number}" for number in range(count)))
    tell(ids, email=[address(number) for number in range(count)])
    for one in ids:
        agree(one)
    return ids


def address(number: int) -> str:
    return f"p{number}@example.com"


@pytest.mark.slow
def test_poison_ends_no_batch_and_everybody_else_gets_it_once(server, wall, monkeypatch):
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    people = readers(24)
    server.answers |= {
        address(1): "554 5.7.1 not wanted",
        address(2): "421 4.3.2 busy",
        address(3): "451 4.7.1 greylisted",
        address(4): "drop",
    }
    server.verdicts |= {
        address(5): "drop",
        address(6): "hang",
        address(7): "554 5.6.0 not this",
        address(8): "452 full",
    }
    want(people, channel="email")
    work("email", times=9)
    for now_taken in (2, 3):
        server.answers.pop(address(now_taken))
    for _round in range(8):
        wall.pass_(minutes=61)
        work("email", times=9)
    came = Counter(envelope.rcpt_tos[0] for envelope, _letter in server.taken)
    poisoned = {address(number) for number in (1, 4, 5, 6, 7, 8)}
    assert came == {address(number): 1 for number in range(24) if address(number) not in poisoned}
    rows = {row.customer_id: row for row in Message.objects.all()}
    found = {
        number: (rows[people[number]].state, rows[people[number]].reason) for number in (1, 4, 5, 6, 7, 8)
    }
    assert found == {
        1: ("failed", "refused"),
        4: ("failed", "gave_up"),
        5: ("uncertain", "no_answer"),
        6: ("uncertain", "no_answer"),
        7: ("failed", "refused"),
        8: ("failed", "gave_up"),
    }
    assert all(rows[people[number]].answer for number in found)
    assert rows[people[4]].attempts == settling.MOST_ATTEMPTS
    for _envelope, letter in server.taken:
        assert letter["Bcc"] is None
        assert "Bcc: everybody@example.com" in str(letter["To"])


@pytest.mark.slow
def test_scanners_open_every_link_and_nothing_happens_but_that_they_are_counted_as_machines(server, wall):
    people = readers(SCANNED)
    want(people, channel="email")
    serving_ = delivering.Serving("email")
    while serving_.look("w", Event()):
        pass
    assert len(server.taken) == SCANNED
    wall.pass_(days=1)
    leave = {}
    for envelope, letter in server.taken:
        html, text = (letter.get_body((kind,)).get_content() for kind in ("html", "plain"))
        urls = set(re.findall(r'https?://[^\s"<>]+', html + text)) | {letter["List-Unsubscribe"].strip("<>")}
        leave[envelope.rcpt_tos[0]] = letter["List-Unsubscribe"].strip("<>")
        paths = {urlsplit(url.replace("&amp;", "&")).path for url in urls}
        assert len(paths) == 4, paths
        for agent in SCANNERS:
            scanner = Client(headers={"user-agent": agent})
            for path in sorted(paths):
                assert scanner.head(path).status_code < 400
                assert scanner.get(path).status_code < 400
    assert privacy.allowed(people, purpose="marketing", channel="email", now=wall.now) == set(people)
    assert all(len(privacy.statements(one)) == 1 for one in people)
    assert not Message.objects.exclude(state="sent").exists()
    hits.move(now=wall.now + timedelta(hours=1))
    parcels = apps.get_model("facts", "Parcel").objects.filter(table="touches")
    kinds = Counter(row["kind"] for parcel in parcels for row in queue.unpacked(parcel.rows).to_pylist())
    kinds.pop("message", None)
    assert set(kinds) == {"machine_click", "machine_open"}, kinds
    # The button of the mail program: no cookie, no page before, and it holds.
    first = urlsplit(leave[address(0)]).path
    answer = Client(enforce_csrf_checks=True).post(first, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert privacy.allowed(people, purpose="marketing", channel="email", now=wall.now) == set(people[1:])
