"""Two versions of a rule stand beside each other, and every difference is marked."""

from __future__ import annotations

from random import Random

import pytest

from huoshui.know.segments.differing import differences
from huoshui.know.segments.reading import parse
from huoshui.know.segments.sentences import Words
from huoshui.know.segments.tests import people

WORDS = Words(labels={}, codes={}, segments={})
A, B, C, D = ({"tag": name} for name in "abcd")


def read(written):
    return parse(written, traits=people.TRAITS, attributes=people.ATTRIBUTES)


@pytest.mark.parametrize(
    ("old", "new", "marks"),
    [
        ({"all": [A, B]}, {"all": [A, B]}, ["same", "same", "same"]),
        ({"all": [A]}, {"all": [A, B]}, ["same", "same", "added"]),
        ({"all": [A, B, C]}, {"all": [A, C]}, ["same", "same", "removed", "same"]),
        ({"all": [A, B]}, {"all": [A, D]}, ["same", "same", "changed"]),
        ({"all": [A, B]}, {"any": [A, B]}, ["changed", "same", "same"]),
        ({"all": [A, B]}, {"all": [A, {"not": B}]}, ["same", "same", "changed"]),
        ({"not": {"not": A}}, A, ["same"]),
    ],
)
def test_every_difference_is_marked(old, new, marks):
    assert [one.mark for one in differences(read(old), read(new), WORDS)] == marks


def test_a_rule_differs_from_itself_in_nothing_and_both_sides_are_whole():
    random = Random(9)
    for _ in range(100):
        one, other = read(people.rule_of(random)), read(people.rule_of(random))
        assert {line.mark for line in differences(one, one, WORDS)} == {"same"}
        found = differences(one, other, WORDS)
        assert [line.old for line in found if line.old] == [line.old for line in differences(one, one, WORDS)]
        assert [line.new for line in found if line.new] == [
            line.new for line in differences(other, other, WORDS)
        ]
