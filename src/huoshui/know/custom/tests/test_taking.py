"""What definitions take of facts is what counting by hand takes, fact by fact."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from huoshui.data.traits import queries as traits
from huoshui.kernel.plugs import Trait
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Text
from huoshui.know.custom import definitions, made
from huoshui.know.custom.definitions import Aggregate
from huoshui.know.custom.errors import NotADefinition
from huoshui.know.custom.tests import histories
from huoshui.know.custom.tests.histories import MOMENTS, PEOPLE, History
from huoshui.know.segments.reading import OWN

AT_ONCE = 40
LABEL = Text("x", "x")


def registry(written: dict[str, dict[str, Any]]) -> Registry[Trait]:
    found: Registry[Trait] = Registry("trait")
    for slug, one in written.items():
        found.declare(made.trait(slug, definitions.read(one), label=LABEL, known={}))
    return found


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, float) and found is not None:
        return math.isclose(float(found), expected, rel_tol=1e-12, abs_tol=1e-12)
    if isinstance(found, datetime):
        return bool(found.astimezone(UTC) == expected)
    return (found is None) == (expected is None) and bool(expected is None or found == expected)


@settings(max_examples=2, phases=[Phase.generate])
@given(seed=st.integers(0, 2**32), moment=st.sampled_from(MOMENTS))
def test_every_aggregate_agrees_with_counting_by_hand(seed, moment):
    history = History(seed)
    written = {f"t{n}": one for n, one in enumerate(histories.some_definitions(seed, AT_ONCE))}
    found = history.shop.rows_of(traits.trait_table(history.shop, moment, traits=registry(written)))
    for slug, one in written.items():
        definition = definitions.read(one)
        assert isinstance(definition, Aggregate)
        for who in PEOPLE:
            expected = histories.by_brute_force(definition, history, who, moment)
            assert same(found[who][slug], expected), (one, who, found[who][slug], expected)


def test_no_value_is_ever_not_a_number():
    history = History(7)
    every = {
        f"{take}_{n}": {"of": "events", "event": event, "take": take, "property": name, **more}
        for take in definitions.OF_NUMBERS
        for n, (event, name, more) in enumerate(
            (event, name, more)
            for event in histories.EVENTS
            for name, more in (("value", {}), ("a", {"type": "number"}))
        )
    }
    for row in history.shop.rows_of(
        traits.trait_table(history.shop, MOMENTS[0], traits=registry(every))
    ).values():
        assert all(value is None or math.isfinite(value) for value in row.values())


@pytest.mark.parametrize("text", histories.HOSTILE)
def test_hostile_texts_are_values_and_never_names_of_properties(text):
    definitions.read({"of": "events", "event": text, "take": "count"})
    for name in (text, f"a{text}", f"a.{text}"):
        if OWN.fullmatch(name):
            continue
        with pytest.raises(NotADefinition):
            definitions.read({"of": "events", "event": "x", "take": "first", "property": name})
        with pytest.raises(NotADefinition):
            definitions.read(
                {"of": "events", "event": "x", "take": "count", "where": [{"property": name, "op": "empty"}]}
            )
