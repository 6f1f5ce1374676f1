"""The campaigns of the past: written down by the door that everybody uses, and read as the pages read any other."""

from __future__ import annotations

import json

import pyarrow.compute as pc
import pytest

from huoshui.demo import past
from huoshui.demo.catalogue import CAMPAIGNS
from huoshui.demo.parameters import PARAMETERS
from huoshui.demo.planning import steps
from huoshui.demo.tests.conftest import huoshui

pytestmark = pytest.mark.slow

OLDEST_FIRST = sorted(CAMPAIGNS, key=lambda one: -one.days_before)
PLACES = """
SELECT d.what, count(*) AS people, sum(CASE WHEN d.holdout THEN 1 ELSE 0 END) AS held,
       count(t.customer_id) AS reached, count(DISTINCT d.decided_at) AS moments,
       sum(CASE WHEN t.customer_id IS NOT NULL AND d.holdout THEN 1 ELSE 0 END) AS both_sides,
       sum(t.cost) AS cost
FROM decisions AS d LEFT JOIN touches AS t ON t.customer_id = d.customer_id AND t.campaign = d.what
GROUP BY d.what ORDER BY d.what
"""


def asked(house, *words):
    done = huoshui(house.folder, *words, "--json", home="huoshui-demo")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def truths(house):
    story = json.loads((house.truth / "truth.json").read_text(encoding="utf-8"))
    return {campaign["slug"]: campaign for campaign in story["campaigns"]}


def test_the_intervals_of_the_pages_hold_the_true_effect_of_every_campaign(house):
    for number, campaign in enumerate(OLDEST_FIRST, 1):
        told, truth = asked(house, "experiment", "of", f"campaign:{number}"), truths(house)[campaign.slug]
        assert (told["title"], told["state"], told["goal"]) == (campaign.name.zh, "final", past.GOAL)
        assert told["people"] == {
            "control": truth["eligible"] - truth["treated"],
            "treated": truth["treated"],
        }
        assert (told["share"], told["seed"], told["unequal_draw"]) == (PARAMETERS.control, "", False)
        (orders,) = (one for one in told["outcomes"] if one["name"] == past.GOAL)
        ((lift, why),) = ((arm["lift"], arm["unknown"]) for arm in orders["arms"])
        if truth["eligible"] - truth["treated"] < 2:
            assert "fewer than two" in why
        else:
            assert lift["low"] <= truth["true_effect"] <= lift["high"], campaign.slug
            assert lift["high"] - lift["low"] < 1  # of few people it is wide


def test_who_was_written_to_and_who_was_left_out_are_those_of_the_truth(house):
    rows = {row["what"]: row for row in house.sql(PLACES)}
    assert len(rows) == len(CAMPAIGNS)
    for number, campaign in enumerate(OLDEST_FIRST, 1):
        row, truth = rows[f"campaign:{number}"], truths(house)[campaign.slug]
        assert (row["people"], row["reached"]) == (truth["eligible"], truth["treated"])
        assert (row["held"], row["both_sides"], row["moments"]) == (row["people"] - row["reached"], 0, 1)
        assert row["cost"] == pytest.approx(truth["treated"] * campaign.message_cost)


def test_every_campaign_is_finished_and_its_people_add_up(house):
    assert len(asked(house, "campaign", "list")) == len(CAMPAIGNS)
    for number, campaign in enumerate(OLDEST_FIRST, 1):
        one, truth = asked(house, "campaign", "show", str(number)), truths(house)[campaign.slug]
        assert (one["name"], one["state"], one["channel"]) == (campaign.name.zh, "finished", campaign.channel)
        places = {name: n for name, n in one["progress"].items() if isinstance(n, int) and n}
        assert places == {
            "audience": truth["eligible"],
            "sent": truth["treated"],
            "held_out": truth["eligible"] - truth["treated"],
        }
        assert float(one["progress"]["cost"]) == pytest.approx(truth["treated"] * campaign.message_cost)


@pytest.mark.parametrize("plan", ["1", "2"])
def test_a_measure_of_the_plan_shows_what_its_campaign_really_added(house, plan):
    told = asked(house, "experiment", "of", f"campaign:{len(CAMPAIGNS)}")
    (orders,) = (one for one in told["outcomes"] if one["name"] == past.GOAL)
    lift = orders["arms"][0]["lift"]
    (step,) = (one for one in steps.STEPS if one.campaign == OLDEST_FIRST[-1].slug)
    paper = asked(house, "plan", "show", plan)
    elements = [one for part in paper["parts"] for block in part["blocks"] for one in block["elements"]]
    names = {step.name.en, step.name.zh}
    rows = [
        row
        for one in elements
        if one["is"] in ("grid", "table")
        for row in one["rows"]
        if names & {str(cell) for cell in row}
    ]
    assert rows
    added = f"{lift['estimate'] * lift['treated']:,.0f}"
    assert any(added in str(cell) for row in rows for cell in row), (added, rows)


def test_the_same_company_is_written_down_the_same(shop):
    drawn = shop.truth("assignments")
    slugs = pc.unique(drawn["campaign"]).to_pylist()
    assert set(slugs) == {campaign.slug for campaign in CAMPAIGNS}
    for slug in slugs:
        ours = drawn.filter(pc.equal(drawn["campaign"], slug))
        assert len(pc.unique(ours["assigned_at"])) == 1
        assert len(pc.unique(ours["customer"])) == ours.num_rows
