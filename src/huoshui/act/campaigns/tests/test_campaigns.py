"""Campaigns from draft to end: each person of the audience is accounted for, and nobody gets it twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from huoshui.act.campaigns import reaching, sending, services
from huoshui.act.campaigns.drafts import VariantDraft
from huoshui.act.campaigns.errors import CampaignChanged, NeedsAnother, NotACampaign, NotNow, NotReady
from huoshui.act.campaigns.models import Portion
from huoshui.act.campaigns.tests.conftest import LONDON, MANAGER, OPERATOR, actor
from huoshui.act.messages.tests.conftest import NOON, agree
from huoshui.data.facts import queue
from huoshui.data.privacy import services as privacy
from huoshui.kernel.actors import CONSOLE, Role
from huoshui.kernel.errors import NotAllowed
from huoshui.know.segments import services as segments

EVERY = ("sent", "uncertain", "pending", "suppressed", "failed", "held_out")


def test_each_person_of_the_audience_gets_it_once_and_the_campaign_ends(street):
    number = street.started()
    assert street.look(number).state == "sending"
    street.follow()
    assert street.progress(number).by_state["pending"] == 12
    street.follow()
    street.deliver()
    assert sorted(street.post.to) == sorted(street.people)
    assert street.look(number).state == "sending"
    street.follow()
    assert street.look(number).state == "finished"
    assert street.progress(number).by_state["sent"] == 12


def test_what_one_leaves_who_died_while_another_froze_the_audience_counts_nobody(street, monkeypatch):
    monkeypatch.setattr(sending, "AT_ONCE", 5)
    number = street.started()
    with monkeypatch.context() as early:
        early.setattr(sending, "settle", lambda *_args, **_named: False)
        early.setattr(sending, "sweep", lambda: None)
        street.follow()
        (first, *_rest) = kept = list(Portion.objects.filter(campaign_id=number))
        Portion.objects.create(
            campaign_id=number, attempt="died", number=0, people=first.people, rows=first.rows
        )
        begun = street.progress(number)
        assert (begun.adds_up, begun.by_state["pending"]) == (True, 12)
    street.follow()
    street.deliver()
    assert sorted(street.post.to) == sorted(street.people)
    assert [one.pk for one in Portion.objects.filter(campaign_id=number)] == [one.pk for one in kept]
    assert street.progress(number).by_state["sent"] == 12


def test_who_did_not_agree_or_has_no_address_is_accounted_for_with_the_reason(street):
    silent, nowhere = street.people[0], street.people[1]
    street.wall.pass_(minutes=1)
    agree(silent, "withdrawn")
    street.post.nowhere.add(nowhere)
    number = street.started()
    reaching.count(number, tables=street.lake.snapshot(), zone=LONDON, now=street.wall.now)
    street.follow()
    street.deliver()
    found = street.progress(number)
    assert found.by_state == dict.fromkeys(EVERY, 0) | {"sent": 10, "suppressed": 2}
    assert dict(found.by_reason) == {"no_consent": 1, "no_address": 1}
    assert not {silent, nowhere} & set(street.post.to)
    reach = street.look(number).reach
    assert (reach.audience, reach.reachable, reach.no_consent, reach.no_address) == (12, 10, 1, 1)


def test_segments_are_joined_and_left_out_by_their_own_rules(street):
    rule = {"all": [{"any": [{"segment": "north"}, {"segment": "south"}]}, {"not": {"segment": "south"}}]}
    street.started(audience=rule, expected=6)
    street.follow()
    street.deliver()
    assert sorted(street.post.to) == sorted(street.of("north"))


def test_people_who_are_held_out_get_nothing_and_stand_in_the_decisions(street):
    number = street.started(choice="draw", share=0.5)
    street.follow()
    street.deliver()
    found = street.progress(number)
    assert 0 < found.by_state["held_out"] < 12
    assert found.by_state["sent"] == 12 - found.by_state["held_out"]
    queue.drain(lake=street.lake, now=street.wall.now)
    tables = street.lake.snapshot()
    decisions = tables.arrow(tables.table("decisions")).to_pylist()
    assert {row["customer_id"] for row in decisions if row["holdout"]} == set(street.people) - set(
        street.post.to
    )
    assert {row["what"] for row in decisions} == {f"campaign:{number}"}
    assert len(decisions) == 12


def test_variants_are_dealt_and_each_person_reads_their_own(street):
    variants = [VariantDraft(template_id=street.template, template_version=1) for _ in "AB"]
    number = street.started(variants=variants)
    street.follow()
    street.deliver()
    assert len(street.post.to) == 12
    queue.drain(lake=street.lake, now=street.wall.now)
    tables = street.lake.snapshot()
    dealt = [row["variant"] for row in tables.arrow(tables.table("decisions")).to_pylist()]
    assert set(dealt) == {"A", "B"}
    assert street.progress(number).by_state["sent"] == 12


def test_who_wants_nothing_of_what_they_are_like_gets_the_first_variant_and_is_not_drawn(street):
    plain = street.people[0]
    privacy.say(
        actor=CONSOLE,
        customer_id=plain,
        purpose="profiling",
        channel="any",
        state="withdrawn",
        wording="",
        source="test",
        evidence="a form",
        now=street.wall.now,
    )
    number = street.started(choice="draw", share=0.5)
    street.follow()
    street.deliver()
    queue.drain(lake=street.lake, now=street.wall.now)
    tables = street.lake.snapshot()
    decided = {row["customer_id"] for row in tables.arrow(tables.table("decisions")).to_pylist()}
    assert plain in street.post.to
    assert decided == set(street.people) - {plain}
    assert street.progress(number).audience == 12


# -- approval -------------------------------------------------------------------------------------------------------


def test_an_operator_needs_a_second_person_with_the_right(street):
    lin, zheng = actor(1, Role.OPERATOR), actor(2, Role.MANAGER)
    number = street.made()
    assert (
        services.submit(actor=lin, number=number, expected=12, zone=LONDON, now=street.wall.now)
        == "submitted"
    )
    with pytest.raises(NotNow):
        services.start(actor=lin, number=number, zone=LONDON, now=street.wall.now)
    with pytest.raises(NotAllowed):
        services.approve(actor=lin, number=number, zone=LONDON, now=street.wall.now)
    with pytest.raises(NeedsAnother):
        services.approve(actor=actor(1, Role.MANAGER), number=number, zone=LONDON, now=street.wall.now)
    services.approve(actor=zheng, number=number, zone=LONDON, now=street.wall.now)
    services.start(actor=lin, number=number, zone=LONDON, now=street.wall.now)
    assert [one.act for one in street.look(number).steps] == ["make", "submit", "approve", "start"]


def test_who_may_approve_need_not_ask_somebody_else(street):
    number = street.made()
    assert (
        services.submit(actor=MANAGER, number=number, expected=12, zone=LONDON, now=street.wall.now)
        == "approved"
    )


def test_a_campaign_that_is_sent_back_is_a_draft_again_with_the_remark(street):
    number = street.made()
    services.submit(actor=OPERATOR, number=number, expected=12, zone=LONDON, now=street.wall.now)
    services.send_back(actor=MANAGER, number=number, remark="fewer people", now=street.wall.now)
    assert street.look(number).state == "draft"
    assert street.look(number).steps[-1].remark == "fewer people"


def test_a_draft_that_lacks_something_says_all_of_it(street):
    number = services.make(
        actor=OPERATOR, draft=replace(street.draft(), audience=None, plan=""), now=street.wall.now
    )
    with pytest.raises(NotReady) as told:
        services.submit(actor=OPERATOR, number=number, expected=0, zone=LONDON, now=street.wall.now)
    assert "who is to get it" in told.value.words.en
    assert "when it is due" in told.value.words.en


def test_what_is_started_cannot_be_changed(street):
    number = street.started()
    with pytest.raises(NotNow):
        services.change(actor=CONSOLE, number=number, version=1, draft=street.draft(), now=street.wall.now)


def test_two_people_do_not_overwrite_each_other(street):
    number = street.made()
    services.change(
        actor=CONSOLE, number=number, version=1, draft=street.draft(name="One"), now=street.wall.now
    )
    with pytest.raises(CampaignChanged):
        services.change(
            actor=CONSOLE, number=number, version=1, draft=street.draft(name="Other"), now=street.wall.now
        )


WRONG: tuple[dict[str, Any], ...] = (
    {"name": " "},
    {"name": "a\nb"},
    {"choice": "draw", "share": 0.9},
    {"horizon_days": 0},
    {"goal": "fame"},
    {"waves": 99},
    {"plan": "house"},
    {"channel": "smoke"},
    {"variants": [VariantDraft(template_id=1, template_version=1, weight=-1)]},
)


def test_drafts_that_mean_nothing_are_refused(street):
    for wrong in WRONG:
        with pytest.raises(NotACampaign):
            street.made(**wrong)


# -- the brake ------------------------------------------------------------------------------------------------------


def test_an_audience_that_became_empty_pauses_and_says_why(street):
    number = street.made(plan="house", day=date(2026, 3, 3), time=time(12))
    services.submit(actor=CONSOLE, number=number, expected=12, zone=LONDON, now=street.wall.now)
    services.start(actor=CONSOLE, number=number, zone=LONDON, now=street.wall.now)
    street.cities = dict.fromkeys(street.people, "elsewhere")
    street.write()
    street.wall.pass_(days=1)
    street.follow()
    paused = street.look(number)
    assert paused.state == "paused"
    assert "empty" in paused.because.en
    assert street.progress(number).audience == 0
    services.resume(actor=CONSOLE, number=number, now=street.wall.now)
    street.follow()
    assert street.look(number).state == "paused"


def test_an_audience_that_doubled_pauses_and_goes_on_when_somebody_says_that_it_is_right(street):
    number = street.started(expected=6)
    street.follow()
    paused = street.look(number)
    assert (paused.state, paused.frozen) == ("paused", False)
    assert "twice the 6 expected" in paused.because.en
    street.deliver()
    assert street.post.to == []
    services.resume(actor=CONSOLE, number=number, now=street.wall.now)
    street.follow()
    street.deliver()
    assert len(street.post.to) == 12


def test_one_that_was_due_while_nothing_ran_waits_for_a_person(street):
    number = street.made(plan="house", day=date(2026, 3, 2), time=time(13))
    services.submit(actor=CONSOLE, number=number, expected=12, zone=LONDON, now=street.wall.now)
    services.start(actor=CONSOLE, number=number, zone=LONDON, now=street.wall.now)
    street.follow()
    assert street.look(number).state == "scheduled"
    street.wall.pass_(hours=6)
    street.follow()
    assert street.look(number).state == "paused"
    services.resume(actor=CONSOLE, number=number, now=street.wall.now)
    street.follow()
    assert street.progress(number).audience == 12


def test_a_segment_that_means_nothing_any_more_pauses_the_campaign(street):
    number = street.started()
    segments.retire(actor=CONSOLE, slug="south", now=street.wall.now)
    street.follow()
    assert street.look(number).state == "paused"
    assert "means nothing" in street.look(number).because.en


# -- pause, stop, copy ----------------------------------------------------------------------------------------------


def test_a_paused_campaign_lets_nothing_leave_and_goes_on_where_it_was(street):
    number = street.started()
    street.follow()
    services.pause(actor=CONSOLE, number=number, now=street.wall.now)
    street.follow()
    street.deliver()
    assert street.post.to == []
    services.resume(actor=CONSOLE, number=number, now=street.wall.now)
    street.follow()
    street.deliver()
    street.follow()
    assert street.look(number).state == "finished"
    assert sorted(street.post.to) == sorted(street.people)


def test_what_has_not_left_when_a_campaign_is_stopped_never_does(street):
    number = street.started()
    street.follow()
    services.stop(actor=CONSOLE, number=number, now=street.wall.now)
    street.follow()
    street.deliver()
    assert street.post.to == []
    assert street.progress(number).by_reason["stopped"] == 12
    with pytest.raises(NotNow):
        services.resume(actor=CONSOLE, number=number, now=street.wall.now)


def test_a_copy_has_no_schedule_and_no_approval_and_sends_nothing(street):
    number = street.started(plan="house", day=date(2026, 3, 2), time=time(18))
    copy = services.duplicate(actor=OPERATOR, number=number, name="Again", now=street.wall.now)
    found = street.look(copy)
    assert (found.state, found.draft.plan, found.draft.day, found.expected) == ("draft", "", None, None)
    with pytest.raises(NotReady):
        services.submit(actor=CONSOLE, number=copy, expected=12, zone=LONDON, now=street.wall.now)
    street.wall.pass_(hours=7)
    street.follow()
    street.deliver()
    assert len(street.post.to) == 12
    assert street.progress(copy).audience == 0


def test_waves_go_out_on_days_of_their_own(street):
    number = street.started(waves=3)
    street.follow()
    sent = []
    for _ in range(3):
        street.deliver()
        sent.append(len(street.post.to))
        street.wall.pass_(days=1)
    assert sent[0] < sent[1] < sent[2] == 12
    street.follow()
    assert street.look(number).state == "finished"


def test_costs_are_booked_once_and_by_message(street):
    number = street.started(fixed_cost=100, message_cost=2)
    street.follow()
    street.deliver()
    street.follow()
    assert street.progress(number).cost == 124
    street.wall.pass_(minutes=5)
    queue.drain(lake=street.lake, now=street.wall.now)
    tables = street.lake.snapshot()
    (spent,) = tables.arrow(tables.table("spend")).to_pylist()
    assert (spent["campaign"], spent["channel"], spent["amount"]) == (f"campaign:{number}", "post", 100)


def test_consent_withdrawn_between_audience_and_hand_over_is_kept(street):
    number = street.started()
    street.follow()
    street.wall.pass_(minutes=1)
    agree(street.people[3], "withdrawn")
    street.deliver()
    assert street.people[3] not in street.post.to
    assert street.progress(number).by_state["suppressed"] == 1


def test_messages_are_due_in_the_time_of_each_recipient(street, monkeypatch):
    # The city of these people stands for an attribute that a house keeps.
    monkeypatch.setattr(sending, "ZONE_ATTRIBUTE", "city")
    zones = ("Asia/Shanghai", "America/New_York", "nowhere")
    street.cities = {who: zones[at % 3] for at, who in enumerate(street.people)}
    street.write()
    segments.add(
        actor=CONSOLE,
        name="all",
        rule={"not": {"attribute": "city", "op": "=", "value": "x"}},
        now=street.wall.now,
    )
    number = street.started(
        audience={"segment": "all"}, plan="recipient", day=date(2026, 3, 3), time=time(10)
    )
    assert street.look(number).state == "scheduled"
    hours: dict[str, int] = {}
    for hour in (20, 25, 26, 33, 34, 38, 39):
        street.wall.now = NOON.replace(hour=0) + timedelta(hours=hour)
        street.follow()
        before = len(street.post.to)
        street.deliver()
        hours |= {street.cities[who]: hour for who in street.post.to[before:]}
    assert hours == {"Asia/Shanghai": 26, "nowhere": 34, "America/New_York": 39}


@pytest.mark.slow
def test_who_moves_to_another_zone_on_the_day_gets_it_once(street, monkeypatch):
    monkeypatch.setattr(sending, "ZONE_ATTRIBUTE", "city")
    zones = ("Asia/Shanghai", "America/New_York")
    street.cities = {who: zones[at % 2] for at, who in enumerate(street.people)}
    street.write()
    everybody = {"not": {"attribute": "city", "op": "=", "value": "x"}}
    segments.add(actor=CONSOLE, name="all", rule=everybody, now=street.wall.now)
    street.started(audience={"segment": "all"}, plan="recipient", day=date(2026, 3, 3), time=time(10))
    for hour in (20, 25, 26, 30, 38, 39, 50):
        street.wall.now = NOON.replace(hour=0) + timedelta(hours=hour)
        street.follow()
        street.deliver()
        if hour in (25, 30):  # before those of the east are due, and between both
            street.cities = {who: zones[1 - zones.index(zone)] for who, zone in street.cities.items()}
            street.write()
    assert sorted(street.post.to) == sorted(street.people)
