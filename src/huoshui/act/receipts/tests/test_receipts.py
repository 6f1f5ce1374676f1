"""Receipts: whoever was chosen by a campaign learns why they got a message, or why not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huoshui.act.campaigns.tests.conftest import engine, post, street, wall  # noqa: F401 fixtures
from huoshui.act.messages import queries as messages
from huoshui.act.messages.tests.conftest import agree
from huoshui.act.receipts import queries, words
from huoshui.kernel.actors import CONSOLE

EVERY_REASON = {
    value
    for module in ("claiming", "settling", "holding", "tuning", "services")
    for name, value in vars(__import__(f"huoshui.act.messages.{module}", fromlist=["_"])).items()
    if name
    in (
        "UNDER_14",
        "NO_CONSENT",
        "NO_ADDRESS",
        "EXPIRED",
        "CAP_DAY",
        "CAP_WEEK",
        "QUIET",
        "RIVAL",
        "STOPPED",
        "DROPPED",
    )
    or name in ("LATER", "GAVE_UP", "REFUSED", "NO_ANSWER", "HEARD", "NO_WORD")
}


@pytest.fixture
def told(street, monkeypatch):  # noqa: F811 a fixture
    """A campaign that half of the people are held out of; one withdrew before."""
    street.wall.pass_(minutes=1)
    agree(street.people[0], "withdrawn")
    number = street.started(choice="draw", share=0.5)
    street.follow()
    street.deliver()
    monkeypatch.setattr("huoshui.act.receipts.views.open_lake", lambda: street.lake)
    monkeypatch.setattr("huoshui.project.api.receipts.open_lake", lambda: street.lake)
    street.number = number
    return street


def of(street, who):  # noqa: F811
    (receipt,) = messages.of_customer(who, actor=CONSOLE)
    return queries.whole(receipt.id, actor=CONSOLE, tables=street.lake.snapshot())


def test_every_reason_of_the_outbox_has_its_words():
    assert len(EVERY_REASON) > 12
    assert set(words.REASONS) >= EVERY_REASON


def test_a_receipt_says_rule_values_consent_and_lot(told):
    sent = next(who for who in told.post.to)
    found = of(told, sent)
    assert (found.receipt.state, found.receipt.answer) == ("sent", "250")
    assert found.version == told.look(told.number).version
    assert {one.value for one in found.why.verdicts if one.holds} == {told.cities[sent]}
    assert found.consent.state == "granted"
    assert found.lot.place >= found.lot.share == 0.5
    assert not found.lot.held


def test_who_is_left_out_learns_of_lots_and_who_withdrew_of_consent(told):
    silent = of(told, told.people[0])
    assert (silent.receipt.state, silent.receipt.reason) == ("suppressed", "no_consent")
    assert silent.consent.state == "withdrawn"
    held = [who for who in told.people[1:] if who not in told.post.to]
    assert held
    for who in held:
        found = of(told, who)
        assert found.receipt.state == "held_out"
        assert found.lot.held
        assert found.lot.place < found.lot.share


def test_pages_and_programs_say_it(told, pages):
    who = told.post.to[0]
    (receipt,) = messages.of_customer(who, actor=CONSOLE)
    listed = pages.get(reverse("receipts:of_customer", args=[who])).content.decode()
    assert "Spring mail" in listed
    assert "the other side took it" in listed
    seen = pages.get(reverse("receipts:receipt", args=[receipt.id])).content.decode()
    assert told.cities[who] in seen
    assert "to be reached" in seen
    assert pages.get(reverse("receipts:receipt", args=[receipt.id + 1000])).status_code == 404
    assert pages.get(reverse("receipts:of_customer", args=[1])).status_code == 404
