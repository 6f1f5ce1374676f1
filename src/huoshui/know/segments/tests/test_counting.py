"""Counting from memory: what a house answers from held columns is what the engine reads, and what is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from huoshui.data.customers import columns
from huoshui.data.customers.services import declare_attribute
from huoshui.data.traits.tests.shop import PROVENANCE
from huoshui.kernel.actors import CONSOLE
from huoshui.know.segments import compiling, counting, measuring
from huoshui.know.segments.choosing import Chosen
from huoshui.know.segments.rules import Did
from huoshui.know.segments.tests import agreeing, people
from huoshui.know.segments.tests.agreeing import MOMENT, read
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake
from huoshui.lake.snapshot import Snapshot

SECOND = timedelta(seconds=1)
VIEWED = {"did": "Product Viewed", "op": ">=", "value": 1, "within_days": 30}


@pytest.fixture
def lake(tmp_path, db, monkeypatch):
    declare_attribute(actor=CONSOLE, slug="birthday", label_en="Birthday", label_zh="生日", type="date")
    monkeypatch.setattr(columns, "_kept", type(columns._kept)())
    settings = EngineSettings(memory="400MiB", threads=1, time_zone="Europe/London", temporary=tmp_path)
    lake = Lake(tmp_path / "lake", settings)
    yield lake
    lake.close()


@pytest.mark.slow
def test_rules_of_a_house_agree_with_a_person_by_person_evaluation(lake):
    shop = people.shop_of(300, Random(7))
    tables = agreeing.put_into(lake, shop)

    def rows_of(expression):
        return {row["customer_id"]: row for row in tables.arrow(expression).to_pylist()}

    verdict = agreeing.agree(tables, rows_of, agreeing.persons_of(shop), Random(20240402), rules=1000)
    assert not verdict.wrong, verdict.wrong[0]
    assert min(verdict.held, verdict.not_held) > 1000 * 300 / 5  # neither answer is the easy one
    assert at_hand(tables, VIEWED)


def at_hand(tables: Snapshot, written: dict[str, Any]) -> bool:
    """Whether memory answers what a clause measures."""
    clause = read(written)
    assert isinstance(clause, Did)
    measure = measuring.measure_of(clause)
    return measure in measuring.at_hand(tables, MOMENT, (), {measure: "m0"})[1]


def windows() -> Iterator[dict[str, Any]]:
    """Rules about events of the people in windows around the borders of days and months."""
    for name in people.EVENTS[:2]:
        for window in ({"within_days": 1}, {"within_days": 32}, {"within_days": 380}, {"within_hours": 25}):
            yield {"did": name, "op": ">=", "value": 1, **window}
            yield {"did": name, "op": "=", "value": 2, **window}
            for time in ("first", "last"):
                yield {"did": name, "time": time, "op": "after", "value": "2024-03-01", **window}


RULES = {f"r{number}": read(written) for number, written in enumerate(windows())}


def answers(tables: Snapshot) -> list[dict[str, Any]]:
    found = tables.arrow(compiling.table(tables, MOMENT, RULES, segments={}))
    return list(found.sort_by("customer_id").to_pylist())


def test_memory_counts_what_the_engine_counts(lake, monkeypatch):
    shop = people.shop_of(40, Random(3))
    tables = agreeing.put_into(lake, shop)
    before = answers(tables)
    assert at_hand(tables, VIEWED)
    assert before == answers(Chosen(tables, MOMENT))
    assert all(any(row[name] for row in before) for name in ("r0", "r2", "r4"))

    later = {
        "message_id": "later",
        "customer_id": 7,
        "name": "Product Viewed",
        "occurred_at": MOMENT.at - SECOND,
    }
    with lake.write("one more") as tx:
        tx.put("events", agreeing.as_stored("events", [{**PROVENANCE, **later}]), load_id=2)
    tables = lake.snapshot()
    after = answers(tables)
    assert [row["customer_id"] for row, was in zip(after, before, strict=True) if row != was] == [7]
    assert after == answers(Chosen(tables, MOMENT))

    monkeypatch.setattr(counting, "MOST_EVENTS", 3)
    columns._kept.clear()
    assert not at_hand(tables, VIEWED), "too many are left to the engine"
    assert answers(tables) == after
