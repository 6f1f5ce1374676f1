"""Campaigns of the past: written down as they were, and nothing leaves again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from django.urls import reverse

from huoshui.act.campaigns import following, past, queries, services
from huoshui.act.campaigns.errors import NotACampaign
from huoshui.act.campaigns.past import Past
from huoshui.act.campaigns.tests.conftest import LONDON
from huoshui.act.holdouts import queries as holdouts
from huoshui.act.holdouts.errors import NoSuchTrial, NotTerms
from huoshui.act.messages import queries as messages
from huoshui.act.messages import tuning
from huoshui.act.messages.tests.conftest import NOON
from huoshui.data.facts import queue
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.texts import Text

SENT = NOON - timedelta(days=60)
ONCE = Past(
    name="Autumn letter",
    note="From the tool before",
    channel="sms",
    at=SENT,
    goal="orders",
    horizon_days=14,
    share=0.25,
    message_cost=Decimal("0.06"),
)


def list_of(people, *, held=3, suppressed=(), **changes: Any):
    """The people as a table: the first ``held`` were left out, the last ones had the reasons ``suppressed``."""
    why = [None] * (len(people) - len(suppressed)) + list(suppressed)
    columns = {
        "customer_id": pa.array(people, pa.int64()),
        "held": pa.array([place < held for place in range(len(people))]),
        "suppressed": pa.array(why, pa.string()),
    }
    return pa.table(columns | changes)


def recorded(street, table=None, **changes: Any):
    return past.record(
        actor=CONSOLE,
        past=replace(ONCE, **changes),
        people=list_of(street.people) if table is None else table,
        zone=LONDON,
        now=street.wall.now,
    )


def facts(street, table):
    queue.drain(lake=street.lake, now=street.wall.now)
    tables = street.lake.snapshot()
    return tables.arrow(tables.table(table)).to_pylist()


def test_everybody_has_one_place_and_the_sum_is_the_audience(street):
    number = recorded(street, list_of(street.people, suppressed=["no_address", "no_consent"]))
    found = street.progress(number)
    assert found.is_over
    assert found.audience == 12
    assert {state: n for state, n in found.by_state.items() if n} == {
        "sent": 7,
        "held_out": 3,
        "suppressed": 2,
    }
    assert dict(found.by_reason) == {"holdout": 3, "no_address": 1, "no_consent": 1}
    assert found.cost == 7 * Decimal("0.06")
    one = street.look(number)
    assert (one.state, one.started_at, one.recorded, one.draft.share) == ("finished", SENT, True, 0.25)


def test_touches_and_decisions_come_to_the_lake_with_the_moment_of_then(street):
    number = recorded(street, list_of(street.people, suppressed=["no_address"]))
    touches, decisions = facts(street, "touches"), facts(street, "decisions")
    assert {row["customer_id"] for row in touches} == set(street.people[3:-1])
    assert {
        (row["occurred_at"], row["kind"], row["channel"], row["campaign"], row["cost"]) for row in touches
    } == {(SENT, "message", "sms", f"campaign:{number}", Decimal("0.06"))}
    assert len({row["touch_id"] for row in touches}) == 8
    assert {row["customer_id"]: row["holdout"] for row in decisions} == {
        who: place < 3 for place, who in enumerate(street.people)
    }
    assert {(row["decided_at"], row["what"]) for row in decisions} == {(SENT, f"campaign:{number}")}


def test_nothing_leaves_and_nobody_is_told_to_the_lake_again(street):
    number = recorded(street)
    street.follow()
    street.deliver()
    following.follow(actor=CONSOLE, lake=street.lake, now=street.wall.now)
    assert street.post.to == []
    assert street.look(number).state == "finished"
    assert len(facts(street, "touches")) == 9
    assert messages.is_over(origin=queries.ORIGIN, origin_id=number)


def test_a_message_of_this_week_counts_for_the_caps_and_an_older_one_does_not(street):
    tuning.set_rules(
        actor=CONSOLE,
        quiet_from=0,
        quiet_until=0,
        cap_day=None,
        cap_week=1,
        grace_minutes=120,
        now=street.wall.now,
    )
    recorded(street)
    assert messages.capped(street.people, channel="post", now=street.wall.now) == set()
    recorded(street, name="This week", at=street.wall.now - timedelta(days=2))
    assert messages.capped(street.people, channel="post", now=street.wall.now) == set(street.people[3:])


def test_lots_of_elsewhere_are_not_drawn_again(street):
    what = f"campaign:{recorded(street)}"
    trial = holdouts.trial(what)
    assert trial.drawn_elsewhere
    assert (trial.terms.share, trial.terms.goal, trial.terms.choice) == (0.25, "orders", "draw")
    with pytest.raises(NoSuchTrial):
        holdouts.lot(what, street.people[0])


def test_one_without_a_control_group_says_so(street):
    number = recorded(street, list_of(street.people, held=0), share=0.0)
    assert holdouts.trial(f"campaign:{number}").terms.choice == "unknown"


def test_it_can_be_copied_as_a_draft_that_can_be_sent(street):
    number = recorded(street)
    copy = services.duplicate(actor=CONSOLE, number=number, name="Again", now=street.wall.now)
    one = street.look(copy)
    assert (one.state, one.draft.channel, one.draft.plan, one.recorded) == ("draft", "", "", False)


def test_the_page_says_where_it_comes_from_and_where_its_people_are(street, pages):
    number = recorded(street)
    shown = pages.get(reverse("campaigns:campaign", args=[number])).content.decode()
    assert "It was sent elsewhere" in shown
    assert "SMS" in shown
    assert "9 + 0 + 0 + 0 + 0 + 3 = 12" in shown
    assert "Nobody is chosen yet" not in shown
    listed = pages.get(reverse("campaigns:list")).content.decode()
    assert "Autumn letter" in listed
    assert "SMS" in listed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"at": NOON + timedelta(days=1)}, "at"),
        ({"at": SENT.replace(tzinfo=None)}, "at"),
        ({"channel": "pigeon"}, "channel"),
        ({"channel": "any"}, "channel"),
        ({"share": 0.0}, "share"),
        ({"share": 0.7}, "share"),
        ({"goal": "love"}, "goal"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"name": " "}, "name"),
        ({"message_cost": Decimal(-1)}, "message_cost"),
    ],
)
def test_what_cannot_have_been_is_refused_and_leaves_nothing(street, changes, field):
    with pytest.raises(NotACampaign) as caught:
        recorded(street, **changes)
    assert caught.value.field == field
    assert queries.campaigns(actor=CONSOLE) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda people: list_of([]),
        lambda people: list_of([*people, people[0]]),
        lambda people: list_of([*people, 12345]),
        lambda people: list_of(people).drop(["held"]),
        lambda people: list_of(people).drop(["customer_id"]),
        lambda people: list_of(people).set_column(1, "held", pa.array([None] * len(people), pa.bool_())),
        lambda people: list_of(people, customer_id=pa.array(["x"] * len(people))),
        lambda people: list_of(people, suppressed=["a reason that is much longer than a reason may ever be"]),
        lambda people: list_of(people, held=0),
    ],
    ids=["nobody", "twice", "stranger", "no held", "no id", "empty", "text", "long reason", "nobody held"],
)
def test_a_list_that_is_none_is_refused_and_leaves_nothing(street, spoil):
    waiting = queue.waiting()
    with pytest.raises(NotACampaign):
        recorded(street, spoil(street.people))
    assert queries.campaigns(actor=CONSOLE) == []
    assert queue.waiting() == waiting


def test_who_may_not_write_campaigns_may_not_write_them_down(street):
    with pytest.raises(NotAllowed):
        past.record(
            actor=actor_of_role("Guo", Role.VIEWER),
            past=ONCE,
            people=list_of(street.people),
            zone=LONDON,
            now=street.wall.now,
        )


def test_a_refusal_of_the_last_room_takes_everything_back(street, monkeypatch):
    def refuse(**_: Any) -> None:
        raise NotTerms(Text("no", "不"))

    monkeypatch.setattr("huoshui.act.holdouts.services.record_past", refuse)
    waiting = queue.waiting()
    with pytest.raises(NotTerms):
        recorded(street)
    assert queries.campaigns(actor=CONSOLE) == []
    assert queue.waiting() == waiting
