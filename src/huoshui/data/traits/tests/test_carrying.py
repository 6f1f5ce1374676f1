"""A refresh takes over what still holds, and nothing else."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from huoshui.data.traits import carrying, queries, services
from huoshui.data.traits.tests.shop import rows_for
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf
from huoshui.lake import care
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake

FAVOURITE = "favourite_category"
PEOPLE = range(100_000_000_000_001, 100_000_000_000_009)
NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
BEGIN = datetime(2024, 5, 1, tzinfo=UTC)


def line(customer, number, day, category, revenue, load_id=1):
    facts = {"customer_id": customer, "order_id": str(number), "line_no": 1, "category": category}
    moment = BEGIN + timedelta(days=day, hours=number % 24)
    provenance = {"source": "till", "load_id": load_id, "ingested_at": NOW}
    return {**facts, "ordered_at": moment, "revenue": Decimal(revenue), **provenance}


@pytest.fixture
def lake(tmp_path, db):
    made = Lake(
        tmp_path / "lake",
        EngineSettings(memory="500MiB", threads=1, time_zone="UTC", temporary=tmp_path / "tmp"),
    )
    with made.write("a small shop") as tx:
        tx.overwrite("customers", rows_for("customers", [{"customer_id": who} for who in PEOPLE]))
        lines = [line(who, n, 0, "ab"[n % 2], 5 + n) for n, who in enumerate(PEOPLE)]
        tx.append("order_lines", rows_for("order_lines", lines))
    yield made
    made.close()


@pytest.fixture
def computed(monkeypatch):
    """Of how many customers lines were looked at, where a refresh had another to go by; -1 where of everybody."""
    monkeypatch.setattr(carrying, "MOST_ANEW", 1.0)
    monkeypatch.setattr(services, "CONSEQUENCES", ())
    asked: list[int] = []
    rest = carrying.Carried.rest

    def spied(self, relation, slugs):
        found = rest(self, relation, slugs)
        if relation.slug == "favourite_categories":
            lines = found and self.now.arrow(found[0].table("order_lines"))
            asked.append(-1 if lines is None else len(set(lines["customer_id"].to_pylist())))
        return found

    monkeypatch.setattr(carrying.Carried, "rest", spied)
    return asked


def refresh(lake, day, now=NOW):
    as_of = AsOf(at=BEGIN + timedelta(days=day), zone=ZoneInfo("UTC"))
    services.refresh(actor=CONSOLE, lake=lake, as_of=as_of, now=now, prepare=False)
    tables = lake.snapshot()
    stored = tables.table("traits").select("customer_id", FAVOURITE).order_by("customer_id")
    anew = queries.trait_table(tables, as_of, only=[FAVOURITE]).order_by("customer_id")
    found = tables.arrow(stored).to_pylist()
    assert found == tables.arrow(anew).to_pylist()
    return {row["customer_id"]: row[FAVOURITE] for row in found}


def add(lake, *lines):
    with lake.write("more") as tx:
        tx.append("order_lines", rows_for("order_lines", lines))


def test_only_those_with_other_lines_are_computed(lake, computed):
    first, second, *_ = PEOPLE
    refresh(lake, 10)
    add(lake, line(first, 90, 3, "c", 100), line(second, 91, 11, "d", 100))
    assert refresh(lake, 11)[first] == "c"
    assert refresh(lake, 11)[second] == "b"
    assert refresh(lake, 20)[second] == "d", "its moment passed, though no file came"
    assert computed == [2, 0, 1]


def test_somebody_who_was_not_there_yet_is_computed(lake, computed):
    late = PEOPLE[-1]
    with lake.write("known later than they bought") as tx:
        people = [{"customer_id": who, "created_at": BEGIN} for who in PEOPLE]
        people[-1]["created_at"] = BEGIN + timedelta(days=11)
        tx.overwrite("customers", rows_for("customers", people))
    assert late not in refresh(lake, 10)
    assert refresh(lake, 12)[late] == "b"
    assert computed == [1]


def test_after_a_load_is_taken_back_its_customers_are_what_they_were(lake, computed):
    first = PEOPLE[0]
    before = refresh(lake, 10)
    with lake.write("a load") as tx:
        tx.put("order_lines", rows_for("order_lines", [line(first, 90, 3, "c", 100, 7)]), load_id=7)
    assert refresh(lake, 10)[first] == "c"
    with lake.write("undo") as tx:
        tx.undo(7)
    assert refresh(lake, 10) == before
    assert computed[:1] == [1]


@pytest.mark.parametrize(
    "what",
    [
        *("another program", "an earlier moment", "long ago", "many changes"),
        *("another table", "a new trait", "an erasure"),
    ],
)
def test_everybody_is_computed_where_it_cannot_be_told_what_changed(lake, computed, monkeypatch, what):
    refresh(lake, 10)
    day, now = 11, NOW
    if what == "another program":
        monkeypatch.setattr(carrying, "__version__", "0.0.9")
    if what == "an earlier moment":
        day = 9
    if what == "long ago":
        now = NOW + timedelta(days=7)
    if what == "many changes":
        monkeypatch.setattr(carrying, "MOST_ANEW", 0.1)
        add(lake, line(PEOPLE[0], 90, 3, "c", 100))
    if what == "another table":
        with lake.write("as an older program would") as tx:
            stored = tx.table("traits")
            tx.overwrite("traits", tx.snapshot.arrow(stored.mutate(computed_at=NOW - timedelta(hours=1))))
    if what == "a new trait":
        note = carrying.note

        def without(*args, slugs, **more):
            return note(*args, slugs=[slug for slug in slugs if slug != FAVOURITE], **more)

        monkeypatch.setattr(carrying, "note", without)
        refresh(lake, 10)
        computed.clear()
    if what == "an erasure":
        with lake.write("erasure") as tx:
            tx.remove("order_lines", "ordered_at", [BEGIN + timedelta(hours=1)])
        with lake.exclusive("erasure"):
            lake.vacuum(timedelta(0))
    refresh(lake, day, now)
    assert set(computed) <= {-1}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_between_two_refreshes_both_ways_agree(lake, computed, seed):
    dice = random.Random(seed)
    loads: list[int] = []
    day, number = 10, 100

    def some(load_id):
        nonlocal number
        number += 1
        kept = dice.random() < 0.5
        return line(
            dice.choice(PEOPLE),
            number if kept else dice.randrange(100, number + 1),
            dice.randint(0, 25),
            dice.choice(["a", "b", "c", "=postage", None]),
            dice.randint(-3, 9),
            load_id,
        )

    refresh(lake, day)
    for step in range(2, 14):
        happens = dice.choice(["more", "load", "load", "undo", "merge", "gone", "time"])
        if happens == "more":
            add(lake, some(1), some(1))
        elif happens == "load":
            rows = {row["order_id"]: row for row in (some(step), some(step))}
            with lake.write("a load") as tx:
                tx.put("order_lines", rows_for("order_lines", rows.values()), load_id=step)
            loads.append(step)
        elif happens == "undo" and loads:
            with lake.write("undo") as tx:
                tx.undo(loads.pop(dice.randrange(len(loads))))
        elif happens == "merge":
            care.compact(lake, everything=True)
        elif happens == "gone":
            with lake.write("erasure") as tx:
                moments = tx.snapshot.arrow(
                    tx.table("order_lines").select("ordered_at").order_by("ordered_at")
                )
                tx.remove("order_lines", "ordered_at", [dice.choice(moments["ordered_at"].to_pylist())])
        day += dice.choice([0, 0, 1, 5]) if happens != "time" else dice.choice([1, 3, -2])
        refresh(lake, day)
    assert any(0 <= count < len(PEOPLE) for count in computed)
