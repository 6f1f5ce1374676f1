"""Campaigns under random scripts of people, clocks, changing segments and deaths (OUT-02, OUT-03)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.act.campaigns import eligible, following, sending, services
from huoshui.act.campaigns.errors import NotNow
from huoshui.act.campaigns.tests.conftest import LONDON, Street
from huoshui.act.holdouts import services as holdouts
from huoshui.act.messages.tests.conftest import work
from huoshui.kernel.actors import CONSOLE

ACTS = (
    "pause",
    "resume",
    "stop",
    "follow",
    "follow",
    "deliver",
    "deliver",
    "move",
    "die",
    "copy",
    "edit",
    "wait",
)


class Died(BaseException):
    """The process was killed."""


@pytest.mark.slow
@settings(
    max_examples=5,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(script=st.lists(st.sampled_from(ACTS), min_size=20, max_size=20), after=st.integers(0, 40))
def test_whatever_happens_each_person_gets_it_at_most_once_and_nobody_is_lost(street, script, after):
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(sending, "AT_ONCE", 5)
        street.post.handed.clear()
        number = street.started(choice="draw", share=0.2)
        for act in script:
            _do(street, number, act, after)
            found = street.progress(number)
            assert found.adds_up
            state = street.look(number).state
            assert state != "finished" or (found.is_over and found.settled == found.audience)
            assert max(Counter(street.post.to).values(), default=0) <= 1
        _to_the_end(street, number)
        transaction.set_rollback(True)


def _do(street: Street, number: int, act: str, after: int) -> None:
    asked: dict[str, Any] = {"actor": CONSOLE, "number": number, "now": street.wall.now}
    street.wall.pass_(minutes=1)
    try:
        match act:
            case "pause":
                services.pause(**asked)
            case "resume":
                services.resume(**asked)
            case "stop" if after < 10:
                services.stop(**asked)
            case "follow":
                street.follow()
            case "deliver":
                work("post", times=1)
            case "move":
                street.cities = dict.fromkeys(street.people, "north")
            case "die":
                _die(street, after)
            case "copy":
                copy = services.duplicate(**asked, name="Copy")
                assert street.look(copy).draft.plan == ""
            case "edit":
                services.change(**asked, version=1, draft=street.draft(name="Other"))
    except NotNow:
        assert act in ("pause", "resume", "stop", "edit")


def _die(street: Street, after: int) -> None:
    """Follow, and be killed after so many steps: between portions, or in the middle of what one transaction writes."""
    left = after % 5
    record: Callable[..., int] = holdouts.record

    def dying(**said: Any) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise Died
        return record(**said)

    with pytest.MonkeyPatch.context() as inner:
        inner.setattr(holdouts, "record", dying)
        with suppress(Died):  # what was committed stays, what was not is gone
            street.follow()


def _to_the_end(street: Street, number: int) -> None:
    """Everything goes on: who agreed and was not held out has it once, or it was stopped."""
    for _ in range(4):
        if street.look(number).state == "paused":
            services.resume(actor=CONSOLE, number=number, now=street.wall.now)
        street.wall.pass_(minutes=1)
        street.follow()
        street.deliver()
    found = street.progress(number)
    assert found.adds_up
    assert street.look(number).state in ("finished", "stopped")
    if street.look(number).state == "finished":
        assert found.by_state["sent"] == len(street.post.to) == 12 - found.by_state["held_out"]


def test_two_schedulers_of_one_moment_begin_a_campaign_once(street):
    number = street.started()
    rows = []
    for _ in range(2):
        tables = street.lake.snapshot()
        rows.append(
            sending.freeze(
                number, tables=tables, house=LONDON, now=street.wall.now, accepts=following.is_expected
            )
        )
    assert [one.kept for one in rows] == [True, False]
    street.follow()
    street.follow()
    assert street.progress(number).audience == 12
    street.deliver()
    assert len(street.post.to) == 12


def test_one_that_wakes_up_after_a_stop_puts_nothing_into_the_outbox(street, monkeypatch):
    number = street.started()
    usual = eligible.ruled_out

    def slow(ids: Any, channel: Any, **when: Any) -> Any:
        services.stop(actor=CONSOLE, number=number, now=street.wall.now)
        return usual(ids, channel, **when)

    monkeypatch.setattr(eligible, "ruled_out", slow)
    street.follow()
    street.deliver()
    assert street.post.to == []
    assert street.progress(number).by_reason == {"stopped": 12}
