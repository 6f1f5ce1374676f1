"""Memberships: those of whom something changed are computed as all would be, and only what really happened is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.data.facts import queue
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.know.segments import built_in, compiling, computing, memberships, queries, refreshing, services
from huoshui.know.segments.choosing import Chosen
from huoshui.know.segments.computing import Computation
from huoshui.know.segments.models import Segment
from huoshui.lake.duck import EngineSettings, arrow_schema
from huoshui.lake.house import Lake

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
NOW = datetime(2024, 5, 1, 8, tzinfo=UTC)
RULES = {
    "viewers": {"did": "Product Viewed", "op": ">=", "value": 1, "within_days": 3},
    "often": {"trait": "frequency", "op": ">=", "value": 2},
    "vips": {"all": [{"tag": "VIP"}, {"not": {"attribute": "city", "op": "=", "value": "上海"}}]},
    "mixed": {"any": [{"segment": "viewers"}, {"segment": "vips"}]},
}
FURTHER = {
    "lately": {"did": "Product Viewed", "op": ">=", "value": 2, "within_hours": 30},
    "never": {"did": "Product Viewed", "op": "=", "value": 0},
    "after": {"did": "Cart Updated", "then": "Product Viewed", "within_days": 2},
    "buyers": {"orders": "amount", "op": ">=", "value": 10, "within_days": 5},
    "told": {"consent": "email", "value": "granted"},
    "both": {"all": [{"segment": "mixed"}, {"not": {"segment": "buyers"}}]},
}


def day(number: int, hour: int = 0) -> AsOf:
    """The hour of a day of May 2024."""
    return AsOf(at=datetime(2024, 5, 1, hour, tzinfo=ZONE) + (number - 1) * DAY, zone=ZONE)


class House:
    """A lake with people 1 to 6, and segments."""

    def __init__(self, folder, engine, rules=RULES) -> None:
        self.lake = Lake(folder, engine)
        self.rules = rules
        self.loads = 0
        self.now = NOW
        self.cities = dict.fromkeys(range(1, 7), "上海")
        for name, rule in rules.items():
            services.add(actor=CONSOLE, name=name, rule=rule, now=NOW)
        self.people()

    def people(self) -> None:
        rows = [
            {"customer_id": who, "created_at": NOW - 400 * DAY, "load_id": 1, "city": city}
            for who, city in self.cities.items()
        ]
        with self.lake.write("people") as tx:
            tx.overwrite("customers", self.rows("customers", rows))

    def rows(self, slug, rows):
        provenance = {"source": "till", "load_id": self.loads, "ingested_at": NOW}
        provenance = provenance if LAKE_TABLES[slug].fact else {}
        schema = arrow_schema(LAKE_TABLES[slug].all_columns)
        return pa.Table.from_pylist([{**provenance, **row} for row in rows], schema=schema)

    def put(self, slug, *rows, by_hand=False) -> int:
        """One load of facts, or what a colleague typed; its number."""
        self.loads += 1
        number = -self.loads if by_hand else self.loads
        with self.lake.write("load") as tx:
            tx.put(slug, self.rows(slug, [{**row, "load_id": number} for row in rows]), load_id=number)
        return number

    def event(self, who, when, name="Product Viewed", **more) -> int:
        row = {"message_id": f"e{self.loads}", "customer_id": who, "name": name, "occurred_at": when}
        return self.put("events", row, **more)

    def undo(self, number) -> None:
        with self.lake.write("undo") as tx:
            tx.undo(number)

    def refresh(self, as_of, frequencies=()) -> None:
        """New traits, of which the number of purchases is given, and what follows from them."""
        self.now += DAY / 24
        rows = [
            {"customer_id": who, "as_of": as_of.at, "computed_at": self.now, "frequency": 0}
            | ({"frequency": dict(frequencies)[who]} if who in dict(frequencies) else {})
            for who in self.cities
        ]
        with self.lake.write("refresh", computing=True) as tx:
            tx.overwrite("traits", self.rows("traits", rows))
            refreshing.after_traits(tx=tx, as_of=as_of, now=self.now)
        queue.drain(lake=self.lake, now=self.now)

    def follow(self, as_of, **more):
        self.now += DAY / 24
        return refreshing.follow(actor=CONSOLE, lake=self.lake, as_of=as_of, now=self.now, **more)

    def members(self, slug):
        found = self.lake.snapshot()
        ids = found.arrow(memberships.current(found, slug))["customer_id"].to_pylist()
        assert len(ids) == len(set(ids))
        assert memberships.states([slug])[slug].size == len(ids)
        return set(ids)

    def expected(self, as_of):
        """Who belongs to each segment, by its rule."""
        tables = Chosen(self.lake.snapshot(), as_of)
        rules = {slug: queries.rule_of(slug) for slug in self.rules}
        others = {slug: rule for one in rules.values() for slug, rule in queries.resolve(one).items()}
        rows = tables.arrow(compiling.table(tables, as_of, rules, segments=others)).to_pylist()
        return {slug: {row["customer_id"] for row in rows if row[slug]} for slug in self.rules}

    def told(self):
        tables = self.lake.snapshot()
        rows = tables.arrow(tables.table("events")).to_pylist()
        return [
            (row["name"], json.loads(row["properties"])["segment"], row["customer_id"])
            for row in rows
            if row["source"] == "huoshui"
        ]

    def reasons(self, slug):
        tables = self.lake.snapshot()
        rows = tables.arrow(memberships.moves(tables, slug)).sort_by("at").to_pylist()
        return [(row["customer_id"], row["move"], row["reason"]) for row in rows]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    return EngineSettings(memory="400MiB", threads=1, time_zone="Asia/Shanghai", temporary=folder)


@pytest.fixture(autouse=True)
def _few_segments(monkeypatch):
    """Those out of the box are rules on traits like one of these."""
    monkeypatch.setattr(built_in, "TRAITS_OF_CLASSES", ())


@pytest.fixture
def house(tmp_path, db, engine):
    made = House(tmp_path / "lake", engine)
    yield made
    made.lake.close()


# -- what is told, and why -----------------------------------------------------------------------------------------


def test_the_first_computation_tells_nothing(house):
    house.event(1, day(3).at)
    house.refresh(day(4))
    assert house.members("viewers") == {1}
    assert house.reasons("viewers") == [(1, "entered", "first")]
    assert house.told() == []
    state = memberships.states(["viewers"])["viewers"]
    assert (state.as_of, state.problem) == (day(4).at, None)


def test_passing_time_lets_leave_and_tells_it_once(house):
    house.event(1, day(3).at)
    house.refresh(day(4))
    house.refresh(day(8))
    house.refresh(day(8))
    assert house.members("viewers") == set()
    assert house.reasons("viewers")[-1] == (1, "left", "time")
    told = house.told()
    assert ("Segment Exited", "viewers", 1) in told
    assert len(told) == len(set(told))
    assert [(one.size, one.entered, one.left, one.cause) for one in memberships.sizes("viewers")] == [
        (1, 1, 0, "first"),
        (0, 0, 1, "time"),
    ]


def test_a_move_says_which_clause_changed_with_its_values_before_and_now(house):
    house.event(1, day(3).at)
    house.refresh(day(4))
    house.refresh(day(8), {1: 2})
    tables = house.lake.snapshot()
    facts = [row for row in tables.arrow(tables.table("events")).to_pylist() if row["source"] == "huoshui"]
    said = {json.loads(row["properties"])["segment"]: json.loads(row["properties"]) for row in facts}
    assert said["viewers"]["clauses"] == [{"clause": "", "was": 1, "is": 0}]
    assert said["often"]["clauses"] == [{"clause": "", "was": 0, "is": 2}]
    assert said["mixed"]["clauses"] == [{"clause": "any[0]", "was": True, "is": False}]
    assert memberships.sizes("viewers")[-1].clauses == {"": 1}
    assert memberships.sizes("viewers")[0].clauses == {}


def test_what_the_house_told_before_is_no_news_that_moves_anybody(house):
    house.event(1, day(3).at)
    house.refresh(day(4))
    house.refresh(day(8), {1: 2})
    house.refresh(day(9))
    assert house.reasons("often") == [(1, "entered", "time"), (1, "left", "time")]


def test_an_import_and_its_undoing_move_customers_and_tell_nothing(house):
    house.refresh(day(4))
    load = house.event(1, day(3).at)
    done = house.follow(day(4))
    assert (done.customers, done.told) == (1, 0)
    assert house.members("viewers") == {1}
    house.undo(load)
    house.follow(day(4))
    assert [(move, why) for _, move, why in house.reasons("viewers")] == [
        ("entered", "import"),
        ("left", "undo"),
    ]
    assert house.told() == []


def test_what_an_import_changes_in_traits_later_is_not_told_either(house):
    house.refresh(day(4))
    house.event(1, day(1).at)
    house.follow(day(4))
    house.refresh(day(5), {1: 2, 2: 2})
    assert sorted(house.reasons("often")) == [(1, "entered", "import"), (2, "entered", "time")]
    assert [one for one in house.told() if one[1] == "often"] == [("Segment Entered", "often", 2)]


def test_live_facts_are_told_with_their_reason(house):
    house.refresh(day(4))
    house.event(1, day(3).at)
    assert house.follow(day(4), cause="live").told
    assert ("Segment Entered", "viewers", 1) in house.told()
    assert house.reasons("viewers") == [(1, "entered", "live")]


def test_what_a_colleague_types_counts_as_live(house):
    house.cities[2] = "杭州"
    house.people()
    house.refresh(day(4))
    house.put(
        "customer_tags",
        {"customer_id": 2, "tag": "VIP", "valid_from": day(2).at, "valid_to": None},
        by_hand=True,
    )
    house.follow(day(4))
    assert house.reasons("vips") == [(2, "entered", "live")]


def test_a_changed_definition_moves_and_tells_nothing_also_where_another_segment_builds_on_it(house):
    house.event(1, day(3).at, name="Cart Updated")
    house.refresh(day(4))
    assert house.members("mixed") == set()
    rule = {"did": "Cart Updated", "op": ">=", "value": 1}
    services.change(actor=CONSOLE, slug="viewers", version=1, name="viewers", rule=rule, now=NOW)
    house.follow(day(5))
    assert house.reasons("viewers") == [(1, "entered", "definition")]
    assert house.reasons("mixed") == [(1, "entered", "definition")]
    assert [one for one in house.told() if one[1] in ("viewers", "mixed")] == []


def test_a_broken_segment_keeps_its_last_membership_and_says_what_is_wrong(house):
    house.event(1, day(3).at)
    house.refresh(day(4))
    Segment.objects.filter(slug="viewers").update(rule={"trait": "gone", "op": "=", "value": 1})
    house.refresh(day(9))
    state = memberships.states(["viewers"])["viewers"]
    assert state.problem is not None
    assert "gone" in state.problem.en
    assert state.is_stale(version=1, as_of=day(9).at)
    assert house.members("viewers") == {1}
    assert memberships.states(["mixed"])["mixed"].problem is not None
    Segment.objects.filter(slug="viewers").update(rule=RULES["viewers"])
    house.refresh(day(10))
    assert house.members("viewers") == set()
    assert house.reasons("viewers")[-1] == (1, "left", "definition")


def test_a_rule_that_the_engine_refuses_breaks_its_segment_and_no_other(house, monkeypatch):
    house.event(1, day(3).at)
    house.refresh(day(4))
    compiled = compiling.table

    def refused(tables, as_of, rules, *, segments):
        often = any(getattr(rule, "slug", "") == "frequency" for rule in rules.values())
        found = compiled(tables, as_of, rules, segments=segments)
        return found.mutate(h0=found.customer_id.cast("string").cast("date").notnull()) if often else found

    monkeypatch.setattr(compiling, "table", refused)
    house.refresh(day(8))
    assert house.members("viewers") == set()
    assert "cannot be computed" in str(memberships.states(["often"])["often"].problem)
    assert memberships.states(["viewers"])["viewers"].problem is None


def test_a_segment_that_comes_back_tells_nothing_of_the_time_between(house):
    house.event(1, day(3).at)
    house.refresh(day(4))
    services.retire(actor=CONSOLE, slug="mixed", now=NOW)
    services.retire(actor=CONSOLE, slug="viewers", now=NOW)
    house.refresh(day(9))
    services.bring_back(actor=CONSOLE, slug="viewers", now=NOW)
    house.refresh(day(10))
    assert house.reasons("viewers")[-1] == (1, "left", "definition")
    assert not any(one[1] == "viewers" for one in house.told())


def test_a_write_that_fails_leaves_memberships_and_facts_as_they_were(house, monkeypatch):
    house.event(1, day(3).at)
    house.refresh(day(4))
    with monkeypatch.context() as broken:
        broken.setattr(Computation, "_publish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            house.refresh(day(8))
    assert house.members("viewers") == {1}
    assert queue.waiting().facts == 0
    house.refresh(day(8))
    assert house.members("viewers") == set()
    assert house.told().count(("Segment Exited", "viewers", 1)) == 1


def test_moments_of_a_segment_rise_also_when_the_house_looks_back(house):
    house.event(1, day(3).at)
    for number in (4, 8, 4, 8):
        house.refresh(day(number))
    moves = house.reasons("viewers")
    assert [move for _, move, _ in moves] == ["entered", "left", "entered", "left"]
    assert house.members("viewers") == set()


def test_nothing_is_computed_where_nothing_changed(house):
    house.refresh(day(4))
    house.follow(day(4))
    version = house.lake.snapshot().version
    assert house.follow(day(4)).segments == 0
    assert house.lake.snapshot().version == version


def test_many_files_of_moves_become_one(house, monkeypatch):
    monkeypatch.setattr(computing, "MANY_FILES", 2)
    house.refresh(day(4))
    for who in (1, 2, 3):
        house.event(who, day(3).at)
        house.follow(day(4))
    assert len(house.lake.snapshot().sizes("memberships")) == 1
    assert house.members("viewers") == {1, 2, 3}


def test_following_lets_time_pass_for_those_of_whom_a_fact_begins_or_ceases_to_count(house):
    house.cities = dict.fromkeys(house.cities, "杭州")
    house.people()
    house.event(1, day(3).at)
    house.event(2, day(5).at)
    house.put(
        "customer_tags", {"customer_id": 3, "tag": "VIP", "valid_from": day(1).at, "valid_to": day(5).at}
    )
    house.refresh(day(4))
    assert (house.members("viewers"), house.members("vips")) == ({1}, {3})
    done = house.follow(day(7))
    assert done.customers == 3
    assert (house.members("viewers"), house.members("vips")) == ({2}, set())
    assert house.members("mixed") == {2}
    assert {(name, who) for name, slug, who in house.told() if slug == "viewers"} == {
        ("Segment Exited", 1),
        ("Segment Entered", 2),
    }


# -- incremental is full ---------------------------------------------------------------------------------------------

WHO = st.integers(1, 6)
MOMENT = st.builds(lambda d, h: day(d, h).at, st.integers(1, 12), st.integers(0, 23))
STEPS = st.one_of(
    st.tuples(st.just("event"), WHO, MOMENT, st.sampled_from(["Product Viewed", "Cart Updated"])),
    st.tuples(st.just("order"), WHO, MOMENT, st.sampled_from(["a", "b", "c"]), st.sampled_from([5, 10])),
    st.tuples(st.just("tag"), WHO, MOMENT, st.one_of(st.none(), MOMENT)),
    st.tuples(st.just("consent"), WHO, MOMENT, st.sampled_from(["granted", "withdrawn"])),
    st.tuples(st.just("city"), WHO, st.sampled_from(["上海", "杭州"])),
    st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(st.just("merge files")),
    st.tuples(st.just("time"), st.integers(1, 60)),
)


@pytest.mark.slow
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=4, max_size=8))
def test_those_whom_something_changed_are_computed_as_all_would_be(tmp_path_factory, db, engine, steps):
    with transaction.atomic():
        house = House(tmp_path_factory.mktemp("history") / "lake", engine, RULES | FURTHER)
        moment = day(4)
        house.refresh(moment, {1: 2})
        loaded: list[int] = []
        for number, step in enumerate([*steps, ("time", 30)]):
            match step:
                case "event", who, when, name:
                    loaded.append(house.event(who, when, name))
                case "order", who, when, order, amount:
                    row = {
                        "order_id": order,
                        "customer_id": who,
                        "ordered_at": when,
                        "revenue": Decimal(amount),
                    }
                    loaded.append(house.put("orders", row))
                case "tag", who, since, until:
                    row = {"customer_id": who, "tag": "VIP", "valid_from": since, "valid_to": until}
                    loaded.append(house.put("customer_tags", row))
                case "consent", who, since, state:
                    row = {"purpose": "marketing", "channel": "email", "valid_from": since, "state": state}
                    loaded.append(house.put("consents", {"customer_id": who, **row}))
                case "city", who, city:
                    house.cities[who] = city
                    row = {
                        "customer_id": who,
                        "name": "city",
                        "valid_from": NOW + number * DAY,
                        "value": city,
                    }
                    house.put("customer_attributes", row)
                    house.people()
                case "undo", which:
                    if which < len(loaded):
                        house.undo(loaded.pop(which))
                case ("merge files",):
                    from huoshui.lake import care

                    care.compact(house.lake, everything=True)
                case "time", hours:
                    moment = AsOf(at=moment.at + timedelta(hours=hours), zone=ZONE)
            if number % 2 or number == len(steps):
                house.follow(moment)
                assert {slug: house.members(slug) for slug in house.rules} == house.expected(moment)
        transaction.set_rollback(True)
    house.lake.close()
