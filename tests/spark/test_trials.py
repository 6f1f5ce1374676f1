"""Spark and the embedded engine say the same of what trials added: who was drawn, what they did, and the readings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from huoshui.act.holdouts import queries as holdouts
from huoshui.act.holdouts import services as control_groups
from huoshui.data.connectors.tests.house import House, founded
from huoshui.data.traits.tests.shop import at
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.duck import arrow_schema
from huoshui.measure.experiments.tests.test_trials import OVER, START, WHAT, Drawn, fixed, random_shop, stored
from huoshui.measure.experiments.trials import effects, people, total
from tests.spark.answers import NEAR, differences, same

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

AT_ONCE = "campaign:9"
"""A trial whose people were all drawn at one moment."""
UNKNOWN = "campaign:11"
"""A trial of which nobody was drawn yet."""
BEGAN = at("2024-01-15 10:00")
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Sixty people in two trials, of whom twelve were merged, with all that is measured of them."""
    with django_db_blocker.unblock(), founded(tmp_path_factory.mktemp("house")) as made:
        control_groups.set_group(actor=CONSOLE, share=0.2, now=BEGAN)
        fixed(variants={"a": 1, "b": 1}, cap=Decimal(700))
        fixed(what=AT_ONCE, goal="conversion")
        fixed(what=UNKNOWN)
        stored("vip", "asleep")
        shop, _ = random_shop(1)
        for who in range(1, 61):
            shop.draws(who, held=who % 3 == 0, variant="", what=AT_ONCE)
            if who % 2:
                shop.enters(who, "vip", "2024-01-01", left=START if who % 5 == 0 else None)
            if who % 7 == 0:
                shop.enters(who, "asleep", "2024-03-25 09:59")
        # Nobody is older than anybody else, which engines could decide each in its own way.
        for gone, stays in ((1, 2), (3, 4), (5, 6), (11, 12), (21, 22), (31, 32)):
            shop.merges(gone, stays)
        _write(made, shop)
        yield made


def _write(house: House, shop: Drawn) -> None:
    with house.lake.write("load") as tx:
        for slug, rows in shop.rows.items():
            table = LAKE_TABLES[slug]
            columns = tuple(c for c in table.all_columns if c.name != "superseded_by")
            told = [{c.name: row.get(c.name) for c in columns} for row in rows]
            content = pa.Table.from_pylist(told, schema=arrow_schema(columns))
            if table.fact:
                tx.put(slug, content, load_id=1, keys_are_new=True)
            else:
                tx.overwrite(slug, content)


def leaves(found: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in an answer, with the way to it."""
    if dataclasses.is_dataclass(found):
        found = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    if isinstance(found, Mapping):
        parts = [(str(name), value) for name, value in found.items()]
    elif isinstance(found, Sequence) and not isinstance(found, str):
        parts = [(str(place), value) for place, value in enumerate(found)]
    else:
        yield path, str(found) if isinstance(found, Exception) else found
        return
    for name, value in parts:
        yield from leaves(value, f"{path}.{name}")


def unlike(expected: Any, given: Any) -> list[str]:
    """In what two answers differ; intervals are solved for, so that figures may be a little further apart."""
    mine, theirs = dict(leaves(expected)), dict(leaves(given))
    assert list(mine) == list(theirs)
    return [
        f"{path}: {value!r} and {theirs[path]!r}"
        for path, value in mine.items()
        if not same(value, theirs[path])
        and not (isinstance(value, float) and theirs[path] == pytest.approx(value, rel=1000 * NEAR, abs=NEAR))
    ]


@pytest.mark.parametrize("what", [WHAT, AT_ONCE])
def test_who_was_drawn_and_what_each_of_them_did_is_the_same(house: House, what: str):
    picture, trial = house.lake.snapshot(), holdouts.trial(what)
    assert differences(picture, lambda tables: people.drawn(tables, trial)) == []
    last = START if what == AT_ONCE else "2024-04-02 09:30"
    span = people.Span(first=at(START), last=at(last), people={}, excluded=0, global_control=0)

    def outcomes(tables: Any) -> Any:
        return people.outcomes(tables, trial, people.drawn(tables, trial), span)

    assert differences(picture, outcomes) == []
    assert picture.arrow(outcomes(picture)).num_rows > 30


def test_what_everybody_did_between_two_moments_is_the_same(house: House):
    def done(tables: Any) -> Any:
        return people.done(tables, since=at(START), until=at("2024-04-02 09:30"))

    assert differences(house.lake.snapshot(), done) == []


@pytest.mark.parametrize(
    ("what", "now", "state"),
    [
        (WHAT, OVER, "final"),
        (WHAT, at(START) + timedelta(days=9), "running"),
        (AT_ONCE, OVER, "final"),
        (UNKNOWN, OVER, "waiting"),
    ],
)
def test_what_a_trial_added_is_the_same(house: House, what: str, now: datetime, state: str):
    picture = house.lake.snapshot()
    given, expected = (
        effects.effect(what, actor=CONSOLE, tables=tables, now=now)
        for tables in (picture, picture.embedded())
    )
    assert given.state == expected.state == state
    assert unlike(expected, given) == []
    if what == WHAT:
        assert expected.span is not None
        assert expected.span.excluded
        assert expected.reading is not None
        assert expected.reading.found.outcomes[2].groups


def test_what_everything_together_added_is_the_same(house: House):
    picture = house.lake.snapshot()
    given, expected = (
        total.total(actor=CONSOLE, tables=tables, zone=LONDON, now=at("2024-04-20 12:00"))
        for tables in (picture, picture.embedded())
    )
    assert expected is not None
    assert expected.months
    assert unlike(expected, given) == []
