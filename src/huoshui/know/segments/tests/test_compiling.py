"""Rules mean what is written: as a person-by-person evaluation says (SEG-01), and by their laws (SEG-02)."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from huoshui.data.traits import queries as traits
from huoshui.data.traits.tests.shop import LONDON, Shop, as_of
from huoshui.know.segments import compiling
from huoshui.know.segments.reading import parse
from huoshui.know.segments.rules import Rule
from huoshui.know.segments.tests import people
from huoshui.know.segments.tests.oracle import Person

PEOPLE, RULES, AT_ONCE = 300, 1000, 100


@pytest.fixture(scope="module")
def shop():
    return people.shop_of(PEOPLE, Random(7))


@pytest.fixture(scope="module")
def persons(shop):
    moment = as_of(people.AS_OF)
    values = shop.rows_of(traits.trait_table(shop, moment, only=tuple(people.TRAITS)))
    attributes = {row["customer_id"]: row for row in shop.rows["customers"]}
    facts: dict[int, dict[str, list[dict[str, Any]]]] = {who: {} for who in values}
    for kind, rows in shop.rows.items():
        for row in rows:
            facts[row["customer_id"]].setdefault(kind, []).append(row)
    return {who: Person({**attributes[who], **values[who]}, facts[who], moment.at, LONDON) for who in values}


def read(written: Any) -> Rule:
    return parse(written, traits=people.TRAITS, attributes=people.ATTRIBUTES)


def columns(shop: Shop, rules: dict[str, Rule]) -> dict[int, dict[str, Any]]:
    return shop.rows_of(compiling.table(shop, as_of(people.AS_OF), rules, segments={}))


@pytest.mark.slow
def test_compiled_rules_agree_with_a_person_by_person_evaluation(shop, persons):
    random = Random(20240402)
    seen = {True: 0, False: 0}
    for first in range(0, RULES, AT_ONCE):
        written = {f"r{number}": people.rule_of(random) for number in range(first, first + AT_ONCE)}
        found = columns(shop, {name: read(rule) for name, rule in written.items()})
        for who, person in persons.items():
            for name, rule in written.items():
                expected = person.meets(rule)
                seen[expected] += 1
                assert found[who][name] is expected, (who, rule)
    assert min(seen.values()) > RULES * PEOPLE / 5  # neither answer is the easy one


@pytest.fixture(scope="module")
def pairs():
    random = Random(11)
    return [(people.rule_of(random, 2), people.rule_of(random, 2)) for _ in range(10)]


def test_the_laws_of_truth_hold(shop, pairs):
    """A or not A is everybody; A and A is A; De Morgan; the order of clauses does not matter."""
    rules: dict[str, Rule] = {}
    for number, (a, b) in enumerate(pairs):
        for name, written in {
            "everybody": {"any": [a, {"not": a}]},
            "a": a,
            "a_and_a": {"all": [a, a]},
            "not_both": {"not": {"all": [a, b]}},
            "either_not": {"any": [{"not": a}, {"not": b}]},
            "a_b": {"all": [a, b]},
            "b_a": {"all": [b, a]},
        }.items():
            rules[f"{name}_{number}"] = read(written)
    for row in columns(shop, rules).values():
        for number in range(len(pairs)):
            said = {name: row[f"{name}_{number}"] for name in ("everybody", "a", "a_and_a", "a_b", "b_a")}
            assert said["everybody"] is True
            assert said["a"] is said["a_and_a"]
            assert said["a_b"] is said["b_a"]
            assert row[f"not_both_{number}"] is row[f"either_not_{number}"]


def test_rules_of_other_segments_stand_for_their_members(shop):
    rule, other = read({"segment": "vips"}), read({"tag": "VIP"})
    table = compiling.table(
        shop,
        as_of(people.AS_OF),
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
    table, names = compiling.values(shop, as_of(people.AS_OF), rule, segments={})
    for who, row in shop.rows_of(table).items():
        assert row["holds"] is persons[who].meets(written)
        holds, value = names["all[0]"]
        assert row[holds] is (row[value] >= 1)
        holds, value = names["all[1].not"]
        assert row[holds] is (row[value] in (None, ""))
