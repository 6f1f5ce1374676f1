"""Consent withdrawn between the audience and the hand-over: by five doors, at ten moments (P6, OUT-07, R3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
from django.test import Client

from huoshui.act.messages import claiming, delivering, queries, services, tuning
from huoshui.act.messages.models import Lane, Message
from huoshui.act.messages.tests import conftest
from huoshui.act.messages.tests.conftest import NOON, agree, want, work
from huoshui.data.privacy import links
from huoshui.data.privacy import services as privacy
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.outreach import CHANNELS, ORIGINS, Handed, Outcome
from tests.plugins.programs import program

# -- five doors ------------------------------------------------------------------------------------------------------


def by_link(customer_id: int) -> None:
    path = urlsplit(links.leave_address(customer_id, "email", "m-1")).path
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200


def by_page(customer_id: int) -> None:
    path = urlsplit(links.preferences_address(customer_id, "m-1")).path
    assert Client().post(path, {"choice": "marketing:any:withdrawn"}).status_code == 200


def by_colleague(customer_id: int) -> None:
    agree(customer_id, "withdrawn")


def by_program(customer_id: int) -> None:
    sent = {"channel": "email", "state": "withdrawn", "source": "app", "evidence": "request 9"}
    answer = program("operator").send("POST", f"/api/customers/{customer_id}/consents", sent)
    assert answer.status_code == 201, answer.content


def by_import(customer_id: int) -> None:
    row = {
        "customer_id": customer_id,
        "purpose": "marketing",
        "channel": "email",
        "state": "withdrawn",
        "wording": "",
        "source": "file",
        "given_at": clock.now(),
        "evidence": "line 2",
    }
    rows = pa.Table.from_pylist([row], privacy.ROWS)
    privacy.record_many(actor=CONSOLE, rows=rows, load_id=7, now=clock.now())


# -- ten moments -----------------------------------------------------------------------------------------------------


class Moments:
    """The work of a worker with a place in it at which the door opens."""

    def __init__(self, post, wall, monkeypatch, people, door: Callable[[int], None]) -> None:
        self.post, self.wall, self.patch = post, wall, monkeypatch
        self.first, self.who = people[:2]
        self._door = door
        self.before: int | None = None

    def opens(self) -> None:
        """They withdraw, once; from here on nothing may come."""
        if self.before is None:
            self._door(self.who)
            self.before = self.post.to.count(self.who)

    def after(self, where, name: str) -> None:
        usual = getattr(where, name)

        def then(*given, **named):
            found = usual(*given, **named)
            self.opens()
            return found

        self.patch.setattr(where, name, then)

    # each does the work, with the door open at its moment

    def once_it_is_wanted(self) -> None:
        self.opens()
        work()

    def when_it_has_a_worker(self) -> None:
        self.after(claiming, "reserve")
        work()

    def when_all_were_asked(self) -> None:
        self.after(claiming, "sift")
        work()

    def while_addresses_are_looked_up(self) -> None:
        channel = CHANNELS["post"]

        def addresses(ids):
            self.opens()
            return channel.addresses(ids)

        changed = self.post.channel("post")
        object.__setattr__(changed, "addresses", addresses)
        self.patch.setitem(CHANNELS._by_slug, "post", changed)
        work()

    def while_it_is_written(self) -> None:
        def write(origin_id, wanted):
            self.opens()
            return conftest.write(origin_id, wanted)

        changed = ORIGINS["test"]
        object.__setattr__(changed, "write", write)
        work()

    def while_the_one_before_is_handed_over(self) -> None:
        def answer(message):
            self.opens()
            return Handed(outcome=Outcome.SENT)

        self.post.answer = answer
        work()

    def while_the_lane_waits_for_its_pace(self) -> None:
        work()  # the first one goes, the lane has its row
        want([self.who], of=2)
        Lane.objects.update(rate=60, next_at=self.wall.now + timedelta(seconds=1))
        moments = self

        class Waits(Event):
            def wait(self, timeout=None):
                moments.opens()
                moments.wall.pass_(seconds=timeout)
                return False

        serving = delivering.Serving("post")
        while serving.look("w", Waits()):
            pass

    def before_it_is_tried_again(self) -> None:
        self.post.answer = lambda one: Handed(
            outcome=Outcome.LATER if one.customer_id == self.who else Outcome.SENT, answer="451"
        )
        work()
        self.opens()
        self.wall.pass_(hours=1)
        self.post.answer = lambda _one: Handed(outcome=Outcome.SENT)
        work()

    def while_it_is_paused(self) -> None:
        services.pause(actor=CONSOLE, origin="test", origin_id=1, now=NOON)
        work()
        self.opens()
        services.resume(actor=CONSOLE, origin="test", origin_id=1, now=NOON)
        work()

    def before_somebody_decides_that_it_goes_again(self) -> None:
        self.post.answer = lambda one: Handed(
            outcome=Outcome.UNKNOWN if one.customer_id == self.who else Outcome.SENT, answer="dropped"
        )
        work()
        self.opens()
        tuning.decide_uncertain(actor=CONSOLE, choice="again", origin="test", origin_id=1, now=self.wall.now)
        self.wall.pass_(minutes=1)
        work()


DOORS = [by_link, by_page, by_colleague, by_program, by_import]
MOMENTS = [
    name for name, value in vars(Moments).items() if name.split("_")[0] in {"once", "when", "while", "before"}
]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize("moment", MOMENTS)
def test_nothing_comes_after_a_withdrawal_whenever_and_by_whatever_door(
    people, post, wall, monkeypatch, moment, door
):
    withdraw_at(moment, Moments(post, wall, monkeypatch, people, door))


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("moment", MOMENTS)
def test_so_it_is_on_postgresql(people_of_both, post, wall, monkeypatch, moment):
    withdraw_at(moment, Moments(post, wall, monkeypatch, people_of_both, by_link))


def withdraw_at(moment: str, moments: Moments) -> None:
    """Let the work come to this moment, and look at what came of it."""
    if moment == "while_the_lane_waits_for_its_pace":
        want([moments.first])
    else:
        want([moments.first, moments.who])
    getattr(moments, moment)()
    assert moments.before is not None, "the moment never came"
    assert moments.post.to.count(moments.who) == moments.before
    assert moments.post.to.count(moments.first) == 1
    theirs = Message.objects.get(customer_id=moments.who)
    assert (theirs.state, theirs.reason) == ("suppressed", "no_consent")
    assert queries.is_over(origin="test", origin_id=1)


def test_these_are_fifty_interleavings():
    assert len(DOORS) * len(MOMENTS) == 50
