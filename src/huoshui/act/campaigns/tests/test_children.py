"""Nobody under fourteen is written to unless a guardian agrees (PIPL 31), whenever that becomes known."""

from __future__ import annotations

import pytest

from huoshui.act.campaigns import reaching, services
from huoshui.act.campaigns.tests.conftest import LONDON, Street
from huoshui.act.messages import queries as messages
from huoshui.data.customers import services as customers
from huoshui.data.customers.queries import values_of
from huoshui.data.privacy import services as privacy
from huoshui.data.privacy.queries import neutral
from huoshui.kernel.actors import CONSOLE

pytestmark = pytest.mark.django_db


def guardian(street: Street, child: int, state: str = "granted") -> None:
    privacy.say(
        actor=CONSOLE,
        customer_id=child,
        purpose="guardian",
        channel="any",
        state=state,
        wording="guardians 1",
        source="letter",
        evidence="letter 7",
        now=street.wall.now,
    )


def born(street: Street, who: int, year: str) -> None:
    known = values_of(who, in_lake={})
    customers.edit(
        actor=CONSOLE,
        customer_id=who,
        seen=known,
        typed={"birth_year": year},
        in_lake={},
        now=street.wall.now,
    )


def why(who: int) -> tuple[str, str]:
    [one] = messages.of_customer(who, actor=CONSOLE, most=5)
    return one.state, one.reason


def test_children_of_the_audience_are_counted_and_left_out_with_the_reason(street: Street):
    child, agreed, grown = street.people[:3]
    street.births = {child: 2015, agreed: 2015, grown: 1990}
    street.write()
    guardian(street, agreed)
    number = street.made()
    tables = street.lake.snapshot()
    reaching.count(number, tables=tables, zone=LONDON, now=street.wall.now)
    reach = street.look(number).reach
    assert reach is not None
    assert (reach.audience, reach.under_14, reach.reachable) == (12, 1, 11)
    services.submit(actor=CONSOLE, number=number, expected=12, zone=LONDON, now=street.wall.now)
    services.start(actor=CONSOLE, number=number, zone=LONDON, now=street.wall.now)
    street.follow()
    street.deliver()
    assert why(child) == ("suppressed", "under_14")
    assert sorted(street.post.to) == sorted(set(street.people) - {child})
    assert street.progress(number).by_reason["under_14"] == 1


def test_what_becomes_known_between_audience_and_hand_over_holds(street: Street):
    """The same as with consent that is withdrawn: whoever hands over asks again."""
    typed, alone, loaded = street.people[:3]
    street.births = {alone: 2016}
    street.write()
    guardian(street, alone)
    number = street.made()
    services.submit(actor=CONSOLE, number=number, expected=12, zone=LONDON, now=street.wall.now)
    services.start(actor=CONSOLE, number=number, zone=LONDON, now=street.wall.now)
    street.follow()
    born(street, typed, "2019")
    guardian(street, alone, "withdrawn")
    street.births |= {loaded: 2018}
    street.write()
    street.deliver()
    for who in (typed, alone, loaded):
        assert why(who) == ("suppressed", "under_14")
    assert sorted(street.post.to) == sorted(street.people[3:])


def test_a_child_gets_what_everybody_gets_until_a_guardian_agrees(street: Street):
    """Nobody profiles them: no lots are drawn, and they are not chosen by what they are like."""
    child = street.people[0]
    street.births = {child: 2015}
    street.write()
    assert neutral(street.people, now=street.wall.now) == {child}
    guardian(street, child)
    assert neutral(street.people, now=street.wall.now) == set()
