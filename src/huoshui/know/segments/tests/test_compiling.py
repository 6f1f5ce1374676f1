"""Rules mean what is written: as a person-by-person evaluation says (SEG-01), and by their laws (SEG-02)."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from huoshui.data.traits.tests.shop import Shop
from huoshui.know.segments import compiling
from huoshui.know.segments.rules import Rule
from huoshui.know.segments.tests import agreeing, people
from huoshui.know.segments.tests.agreeing import MOMENT, read

pytestmark = pytest.mark.django_db  # a house may have traits of its own

PEOPLE, RULES = 300, 200  # a thousand are asked of a house: test_counting


@pytest.fixture(scope="module")
def shop():
    return people.shop_of(PEOPLE, Random(7))


@pytest.fixture(scope="module")
def persons(shop, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return agreeing.persons_of(shop)


def columns(shop: Shop, rules: dict[str, Rule]) -> dict[int, dict[str, Any]]:
    return shop.rows_of(compiling.table(shop, MOMENT, rules, segments={}))


@pytest.mark.slow
def test_compiled_rules_agree_with_a_person_by_person_evaluation(shop, persons):
    verdict = agreeing.agree(shop, shop.rows_of, persons, Random(20240402), rules=RULES)
    assert not verdict.wrong, verdict.wrong[0]
    assert min(verdict.held, verdict.not_held) > RULES * PEOPLE / 5  # neither answer is the easy one


@pytest.fixture(scope="module")
def pairs():
    random = Random(11)
    return [(people.rule_of(random, 2), people.rule_of(random, 2)) for _ in range(10)]


def test_the_laws_of_truth_hold(shop, pairs):
    """A or not A is everybody, A and not A nobody; A and A is A; De Morgan; the order of clauses does not matter."""
    rules: dict[str, Rule] = {}
    for number, (a, b) in enumerate(pairs):
        for name, written in {
            "everybody": {"any": [a, {"not": a}]},
            "nobody": {"all": [a, {"not": a}]},
            "a": a,
            "a_and_a": {"all": [a, a]},
            "not_both": {"not": {"all": [a, b]}},
            "either_not": {"any": [{"not": a}, {"not": b}]},
            "neither": {"not": {"any": [a, b]}},
            "both_not": {"all": [{"not": a}, {"not": b}]},
            "a_b": {"all": [a, b]},
            "b_a": {"all": [b, a]},
            "a_or_b": {"any": [a, b]},
            "b_or_a": {"any": [b, a]},
        }.items():
            rules[f"{name}_{number}"] = read(written)
    for row in columns(shop, rules).values():
        for number in range(len(pairs)):
            said = {name: row[f"{name}_{number}"] for name in LAWS}
            assert said["everybody"] is True
            assert said["nobody"] is False
            for one, other in SAME:
                assert said[one] is said[other], (one, other)


SAME = (
    ("a", "a_and_a"),
    ("not_both", "either_not"),
    ("neither", "both_not"),
    ("a_b", "b_a"),
    ("a_or_b", "b_or_a"),
)
LAWS = ("everybody", "nobody", *(name for pair in SAME for name in pair))


def test_another_person_changes_nobody_else(pairs):
    """Whether somebody belongs is their own affair: with all the others there, or with none."""
    rules = {f"r{number}": read({"any": [a, {"not": b}]}) for number, (a, b) in enumerate(pairs[:3])}
    few, many = (columns(people.shop_of(count, Random(5)), rules) for count in (20, 60))
    assert len(many) == 60
    assert all(many[who] == row for who, row in few.items())


def test_a_rule_that_was_stored_says_what_it_said(pairs):
    for written in (rule for pair in pairs for rule in pair):
        stored = json.loads(json.dumps(written, ensure_ascii=False, default=float))
        assert read(stored) == read(written)


def test_the_members_of_a_rule_are_those_for_whom_it_holds(shop):
    """Putting aside whom attributes and traits rule out changes nobody."""
    random = Random(13)
    others = {"vips": read({"tag": "VIP"}), "known": read({"not": {"attribute": "city", "op": "empty"}})}
    quick = [{"segment": "known"}, {"segment": "vips"}, {"trait": "frequency", "op": ">=", "value": 1}]
    for first in quick:
        rule = read({"all": [first, people.rule_of(random, 1), people.rule_of(random, 1)]})
        rows = shop.rows_of(compiling.table(shop, MOMENT, {"holds": rule}, segments=others))
        found = shop.arrow(compiling.members(shop, MOMENT, rule, segments=others))["customer_id"].to_pylist()
        assert sorted(found) == sorted(who for who, row in rows.items() if row["holds"])


def test_rules_of_other_segments_stand_for_their_members(shop):
    rule, other = read({"segment": "vips"}), read({"tag": "VIP"})
    table = compiling.table(
        shop,
        MOMENT,
        {"a": rule, "b": other, "c": read({"not": {"segment": "vips"}})},
        segments={"vips": other},
    )
    found = shop.rows_of(table).values()
    assert all(row["a"] is row["b"] is not row["c"] for row in found)
    assert any(row["a"] for row in found)


def test_every_clause_says_whether_it_holds_and_by_which_value(shop, persons):
    written = {
        "all": [{"orders": "times", "op": ">=", "value": 1}, {"not": {"attribute": "city", "op": "empty"}}]
    }
    rule = read(written)
    table, names = compiling.values(shop, MOMENT, rule, segments={})
    for who, row in shop.rows_of(table).items():
        assert row["holds"] is persons[who].meets(written)
        holds, value = names["all[0]"]
        assert row[holds] is (row[value] >= 1)
        holds, value = names["all[1].not"]
        assert row[holds] is (row[value] in (None, ""))
