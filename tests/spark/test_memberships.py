"""Memberships that Spark brings up to date are those that the embedded engine computes of everybody."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from huoshui.know.segments import built_in, compiling, memberships, queries
from huoshui.know.segments.choosing import Chosen
from huoshui.know.segments.tests.test_memberships import FURTHER, RULES, House, day
from huoshui.lake.duck import EngineSettings
from tests.spark.conftest import MASTER

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def watched(tmp_path: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Six people and ten segments."""
    monkeypatch.setattr(built_in, "TRAITS_OF_CLASSES", ())
    settings = EngineSettings("1GiB", 1, "Asia/Shanghai", tmp_path, engine="spark", spark_master=MASTER)
    house = House(tmp_path / "lake", settings, RULES | FURTHER)
    yield house
    house.lake.close()


def test_following_on_spark_gives_what_the_embedded_engine_computes_of_everybody(watched: House):
    watched.event(1, day(3).at)
    bought = {"order_id": "a", "customer_id": 2, "ordered_at": day(3).at, "revenue": Decimal(12)}
    load = watched.put("orders", bought)
    watched.refresh(day(4), {1: 2})
    watched.event(4, day(3, 23).at)
    watched.put("customer_tags", {"customer_id": 5, "tag": "VIP", "valid_from": day(1).at})
    watched.cities[5] = "杭州"
    watched.put(
        "customer_attributes",
        {"customer_id": 5, "name": "city", "valid_from": day(1).at, "value": watched.cities[5]},
    )
    watched.people()
    assert watched.follow(day(4), cause="live").customers in range(2, 6)
    assert stored(watched) == computed(watched, 4)
    assert ("Segment Entered", "viewers", 4) in watched.told()

    watched.undo(load)
    assert watched.follow(day(4)).left > 0
    assert stored(watched) == computed(watched, 4)

    assert watched.follow(day(7)).customers < 6
    assert stored(watched) == computed(watched, 7)


def stored(house: House) -> dict[str, set[int]]:
    """Who belongs, as it was stored."""
    tables = house.lake.snapshot().embedded()
    found: dict[str, set[int]] = {slug: set() for slug in house.rules}
    for row in tables.arrow(memberships.open_rows(tables.table("memberships"))).to_pylist():
        if row["segment"] in found:
            found[row["segment"]].add(row["customer_id"])
    return found


def computed(house: House, number: int) -> dict[str, set[int]]:
    """Who belongs, by the rules, as the embedded engine says of everybody."""
    tables = Chosen(house.lake.snapshot().embedded(), day(number))
    rules = {slug: queries.rule_of(slug) for slug in house.rules}
    others = {slug: rule for one in rules.values() for slug, rule in queries.resolve(one).items()}
    rows = tables.arrow(compiling.table(tables, day(number), rules, segments=others)).to_pylist()
    return {slug: {row["customer_id"] for row in rows if row[slug]} for slug in house.rules}
