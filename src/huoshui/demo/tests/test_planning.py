"""The company's plan: complete in both languages, with figures that filled in by themselves."""

from __future__ import annotations

import json

import pytest

from huoshui.demo.planning import composing, known, steps
from huoshui.demo.planning.words import PLAN
from huoshui.demo.tests.conftest import huoshui
from huoshui.plan.plans.document.checking import pages_of
from huoshui.plan.plans.document.content import PARTS


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_plan_has_every_part_of_the_mission_and_an_overview_of_one_page(language):
    content = PLAN.content(language)
    assert [part.slug for part in content.parts] == [slug for slug in PARTS if slug != "appendix"]
    assert pages_of(content.part("overview").blocks) <= 1
    assert sum(one.kind == "persona" for one in content) == 3
    assert all(one["case"] and one["segment"] for one in content if one.kind == "persona")


def test_every_measure_supports_a_promise_and_waits_only_for_earlier_ones():
    promises = sum(one.kind == "proposition" for one in PLAN.content("en"))
    for place, step in enumerate(steps.STEPS):
        assert 0 <= step.proposition < promises
        assert all(0 <= before < place for before in step.after)


def test_all_that_is_known_is_said_to_be_invented_and_compares_with_the_company():
    assert "Invented" in known.INVENTED.en
    assert [one.ours for one in known.RIVALS].count(True) == 1
    assert all(len(one.scores) == len(one.remarks) == len(known.CRITERIA) for one in known.RIVALS)


@pytest.mark.slow
def test_every_figure_of_the_plan_fills_in_by_itself(house):
    for number in ("1", "2"):
        shown = huoshui(house.folder, "plan", "show", number, "--json", home="huoshui-demo")
        assert shown.returncode == 0, shown.stderr
        paper = json.loads(shown.stdout)
        elements = [one for part in paper["parts"] for block in part["blocks"] for one in block["elements"]]
        facts = [fact for one in elements if one["is"] == "facts" for fact in one["facts"]]
        assert len(facts) > 15
        assert all(fact["value"] not in ("", "–") for fact in facts)
        assert [one["text"] for one in elements if one["is"] == "notice"] == []
        (goals,) = (one for one in elements if one["is"] == "grid" and len(one["head"]) == 7)
        assert len(goals["rows"]) == len(composing.GOALS)
        assert all(actual != "–" for _name, _target, actual, *_rest in goals["rows"])
        (schedule,) = (one for one in elements if one["is"] == "schedule")
        assert len(schedule["bars"]) == len(steps.STEPS)
        assert len(paper["sources"]) == len(known.SIZES) + len(known.INTERVIEWS)
