"""Campaigns use only what customers gave for marketing (R4)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from huoshui.act.campaigns import services
from huoshui.act.campaigns.errors import NotReady
from huoshui.act.campaigns.tests.conftest import LONDON, Street
from huoshui.act.templates import services as templates
from huoshui.act.templates.content import Content, Words
from huoshui.data.customers import services as customers
from huoshui.data.customers.purposes import PURPOSES
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.texts import Language

pytestmark = pytest.mark.django_db


def close(street: Street, slug: str = "city", *, to: str = "marketing") -> None:
    others = [one for one in PURPOSES if one != to]
    customers.allow_attribute(actor=CONSOLE, slug=slug, purposes=others, now=street.wall.now)


def refusal(street: Street, number: int) -> NotReady:
    with pytest.raises(NotReady) as refused:
        services.submit(actor=CONSOLE, number=number, expected=12, zone=LONDON, now=street.wall.now)
    return refused.value


def test_an_audience_by_an_attribute_that_is_not_for_marketing_is_refused_with_the_segment(street: Street):
    number = street.made()
    close(street)
    said = refusal(street, number).words
    assert "in the segment “north”" in said.en
    assert "in the segment “south”" in said.en
    assert "分群“north”" in said.zh
    close(street, to="research")
    services.submit(actor=CONSOLE, number=number, expected=12, zone=LONDON, now=street.wall.now)


def test_a_clause_of_the_audience_itself_is_found_however_deep_it_lies(street: Street):
    deep = {"attribute": "city", "op": "=", "value": "north"}
    number = street.made(audience={"all": [{"not": {"any": [deep]}}]})
    close(street)
    said = refusal(street, number).words.en
    assert "asks for “City”, which may not" in said


@pytest.mark.parametrize(
    "clause",
    [
        {"did": "Diagnosis Viewed", "op": ">=", "value": 1},
        {"did": "Product Viewed", "then": "Diagnosis Viewed", "within_days": 7},
    ],
)
def test_an_audience_by_an_event_that_is_not_for_marketing_is_refused(street: Street, clause):
    rule = {"all": [clause]}
    number = street.made(audience={"any": [{"segment": "north"}, {"not": rule}]})
    services.submit(actor=CONSOLE, number=number, expected=12, zone=LONDON, now=street.wall.now)
    others = [one for one in PURPOSES if one != "marketing"]
    customers.allow_event(actor=CONSOLE, name="Diagnosis Viewed", purposes=others, now=street.wall.now)
    number = street.made(audience=rule)
    said = refusal(street, number).words
    assert "asks for the event “Diagnosis Viewed”, which may not" in said.en
    assert "“Diagnosis Viewed”，而该行为事件未允许" in said.zh


def test_a_message_that_names_such_an_attribute_is_refused(street: Street):
    words: Mapping[Language, Words] = {"en": Words(subject="AD: spring", body="Hello in {{ city|there }}")}
    named = templates.create(actor=CONSOLE, content=Content(name="Named", words=words), now=street.wall.now)
    variant = street.draft().variants[0]
    number = street.made(
        audience={"tag": "vip"}, variants=[type(variant)(template_id=named, template_version=1)]
    )
    close(street)
    assert "The message names “City”" in refusal(street, number).words.en


def test_one_that_sends_pauses_when_an_attribute_closes_and_goes_on_when_it_opens(street: Street):
    number = street.started(waves=2)
    street.follow()
    street.deliver()
    sent = len(street.post.to)
    assert 0 < sent < 12
    close(street)
    street.wall.pass_(days=1)
    street.follow()
    street.deliver()
    assert street.look(number).state == "paused"
    because = street.look(number).because
    assert because is not None
    assert "marketing" in because.en
    assert len(street.post.to) == sent
    customers.allow_attribute(actor=CONSOLE, slug="city", purposes=list(PURPOSES), now=street.wall.now)
    services.resume(actor=CONSOLE, number=number, now=street.wall.now)
    street.follow()
    street.deliver()
    assert sorted(street.post.to) == sorted(street.people)
