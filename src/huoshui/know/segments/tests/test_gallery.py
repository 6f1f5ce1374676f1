"""Rules to begin with speak of what the house really has."""

from __future__ import annotations

import pytest

from huoshui.know.segments import gallery
from huoshui.know.segments.offering import Offers


class Tiers(Offers):
    """The tiers of cities that a house has, most frequent first."""

    def __init__(self, *values: str) -> None:
        self.values = values

    def of(self, key: str) -> list[tuple[str, int]]:
        return [(value, 1) for value in self.values] if key == "attribute:city_tier" else []


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        (("新一线", "一线", "二线"), ["一线", "新一线"]),
        ((), ["一线", "新一线"]),
        (("New first tier", "Second tier", "First tier"), ["First tier", "New first tier"]),
        (("FIRST TIER",), ["FIRST TIER"]),
        (("First tier", "一线"), ["一线", "新一线", "First tier"]),
        (("A", "B"), ["一线", "新一线"]),
    ],
)
def test_the_largest_cities_are_asked_for_as_the_house_calls_them(there, asked):
    found = gallery.rule_of("large-cities", Tiers(*there))
    assert found is not None
    assert found[1]["all"] == [{"attribute": "city_tier", "op": "in", "value": asked}]
