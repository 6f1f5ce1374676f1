"""The list against a plain oracle, on a real lake; what is typed in shows at once; many at once, and back."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.data.customers import listing, queries, ranking, services
from huoshui.data.customers.conditions import NOBODY, Conditions, NotAColumn, NotACondition, known
from huoshui.data.customers.models import Act, Customer, HandValue
from huoshui.data.customers.services.bulk import packed, unpacked
from huoshui.data.customers.tests.factories import NOW, make_colleague, make_customers, make_house, tell
from huoshui.kernel.actors import CONSOLE, RIGHTS, Actor, Role, Scope
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import LAKE_TABLES, POPULATIONS, TRAITS
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake

LATER = NOW + timedelta(days=1)
CITIES = ["上海", "北京", "Paris", None]
STAGES = ["new", "active", "silent", None]
FREQUENCIES = [None, 0, 1, 2, 5]
LAST = [None, *(datetime(2026, 1, day, 12, tzinfo=UTC) for day in (1, 2, 3))]


@pytest.fixture
def lake(tmp_path, db):
    make_house()
    lake = Lake(
        tmp_path / "lake",
        EngineSettings(memory="500MiB", threads=1, time_zone="Europe/London", temporary=tmp_path / "tmp"),
    )
    yield lake
    lake.close()


def people(lake, number=24):
    """Customers with every mix of values, and two of whom no traits are known; returns rows by id."""
    ids = make_customers(*(f"n{at}" for at in range(number)))
    tell(ids, name=[f"人{at}" for at in range(number)])
    rows = {}
    for at, pk in enumerate(ids):
        rows[pk] = {
            "customer_id": pk,
            "city": CITIES[at % 4],
            "stage": STAGES[at * 7 % 4],
            "frequency": FREQUENCIES[at % 5],
            "last_order_at": LAST[at * 3 % 4],
        }
    without = set(ids[-2:])
    for pk in without:
        rows[pk] |= dict.fromkeys(("stage", "frequency", "last_order_at"))
    attributes = [
        {"customer_id": pk, "name": "city", "valid_from": NOW, "value": row["city"]}
        for pk, row in rows.items()
    ]
    columns = LAKE_TABLES["traits"].all_columns
    traits = {c.name: [row.get(c.name) for pk, row in rows.items() if pk not in without] for c in columns}
    count = len(rows) - len(without)
    traits |= {"as_of": [NOW] * count, "computed_at": [NOW] * count}
    with lake.write("a house") as tx:
        facts = [row for row in attributes if row["value"] is not None]
        told = pa.table({name: [row[name] for row in facts] for name in facts[0]})
        for name, value in (("source", "shop"), ("load_id", 1), ("ingested_at", NOW)):
            told = told.append_column(name, pa.array([value] * told.num_rows))
        tx.put("customer_attributes", told, load_id=1)
        base = tx.session.hold(queries.base_rows())
        tx.overwrite("customers", queries.current_customers(tx.snapshot, base))
        tx.overwrite("traits", pa.table({n: pa.array(v, type=_type(n)) for n, v in traits.items()}))
    return rows


def _type(name):
    types = {"stage": pa.string(), "frequency": pa.int64(), "customer_id": pa.int64()}
    return types.get(name, pa.timestamp("us", "UTC") if name.endswith("_at") or name == "as_of" else None)


def ids_of(lake, sort="-last_order_at", actor=CONSOLE, **conditions):
    found = listing.matching(
        actor=actor, tables=lake.snapshot(), conditions=Conditions(**conditions), sort=sort
    )
    return found.tolist()


def oracle(rows, sort, conditions):
    """What the list should be, said in plain Python."""

    def meets(row):
        day = {slug: row[slug].date() if row[slug] else None for slug in ("last_order_at",)}
        return (
            all(row[s] in codes for s, codes in conditions.any_of.items())
            and all(row[s] is not None and row[s] >= v for s, v in conditions.least.items())
            and all(row[s] is not None and row[s] <= v for s, v in conditions.most.items())
            and all(day[s] is not None and day[s] >= v for s, v in conditions.since.items())
            and all(day[s] is not None and day[s] <= v for s, v in conditions.until.items())
            and all(row[s] is not None and v.lower() in row[s].lower() for s, v in conditions.has.items())
            and all(row[s] is None for s in conditions.empty)
            and all(row[s] is not None for s in conditions.filled)
        )

    by, found = (
        sort.removeprefix("-"),
        sorted((r for r in rows.values() if meets(r)), key=lambda r: r["customer_id"]),
    )
    filled = [row for row in found if row[by] is not None]
    filled.sort(key=lambda row: row[by], reverse=sort.startswith("-"))
    if sort.startswith("-"):  # equal ones by id, also falling
        filled = sorted(filled, key=lambda r: r["customer_id"])
        filled.sort(key=lambda row: row[by], reverse=True)
    return [row["customer_id"] for row in filled] + [row["customer_id"] for row in found if row[by] is None]


SLUGS = st.sampled_from(["city", "stage", "frequency", "last_order_at"])
DAYS = st.dates(date(2025, 12, 30), date(2026, 1, 5))
CONDITIONS = st.builds(
    Conditions,
    any_of=st.dictionaries(st.just("stage"), st.lists(st.sampled_from(STAGES[:3]), min_size=1, max_size=2)),
    least=st.dictionaries(st.just("frequency"), st.decimals(0, 5, places=1)),
    most=st.dictionaries(st.just("frequency"), st.decimals(0, 5, places=1)),
    since=st.dictionaries(st.just("last_order_at"), DAYS),
    until=st.dictionaries(st.just("last_order_at"), DAYS),
    has=st.dictionaries(st.just("city"), st.sampled_from(["海", "PAR", "%", "_", "'"])),
    empty=st.lists(SLUGS, max_size=1),
    filled=st.lists(SLUGS, max_size=1),
)


@pytest.mark.slow
def test_any_list_is_what_a_plain_oracle_says(lake):
    rows = people(lake)

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(CONDITIONS, SLUGS, st.booleans())
    def check(conditions, by, falling):
        sort = f"-{by}" if falling else by
        found = listing.matching(actor=CONSOLE, tables=lake.snapshot(), conditions=conditions, sort=sort)
        assert found.tolist() == oracle(rows, sort, conditions)

    check()


def test_pages_cut_the_list_and_name_whom_they_show(lake, monkeypatch):
    monkeypatch.setattr(ranking, "STEP", 7)  # pages begin and end between two looks at the order
    rows = people(lake)
    whole = ids_of(lake)
    pages = [
        listing.find(
            actor=CONSOLE,
            tables=lake.snapshot(),
            conditions=Conditions(),
            columns=["city", "frequency"],
            page=p,
            size=10,
        )
        for p in (1, 2, 3)
    ]
    assert [row.customer_id for page in pages for row in page.rows] == whole
    assert {page.total for page in pages} == {len(rows)}
    for row in pages[0].rows:
        assert row.values["city"] == rows[row.customer_id]["city"]
        assert row.values["frequency"] == rows[row.customer_id]["frequency"]
        assert row.name.startswith("人")
    with pytest.raises(listing.NoSuchPage):
        listing.find(
            actor=CONSOLE, tables=lake.snapshot(), conditions=Conditions(), columns=[], page=4, size=10
        )


def test_what_is_typed_in_shows_at_once_and_the_same_after_it_is_settled(lake):
    rows = people(lake)
    edited = next(pk for pk, row in rows.items() if row["city"] == "上海")
    cleared = next(pk for pk, row in rows.items() if row["city"] == "Paris")
    in_lake = {"city": "上海"}
    services.edit(
        actor=CONSOLE,
        customer_id=edited,
        seen={"city": "上海"},
        typed={"city": "昆明"},
        in_lake=in_lake,
        now=LATER,
    )
    services.edit(
        actor=CONSOLE,
        customer_id=cleared,
        seen={"city": "Paris"},
        typed={"city": ""},
        in_lake={"city": "Paris"},
        now=LATER,
    )
    new = services.create(actor=CONSOLE, typed={"name": "新人", "city": "昆明"}, now=LATER)
    gone = next(pk for pk, row in rows.items() if row["city"] == "北京")
    services.delete(actor=CONSOLE, customer_id=gone, now=LATER)

    def now_listed():
        page = listing.find(
            actor=CONSOLE, tables=lake.snapshot(), conditions=Conditions(has={"city": "昆"}), columns=["city"]
        )
        return (
            {row.customer_id: row.values["city"] for row in page.rows},
            cleared in ids_of(lake, empty=["city"]),
            gone in ids_of(lake),
            len(ids_of(lake)),
            ids_of(lake, sort="city"),
        )

    before = now_listed()
    assert before[:4] == ({edited: "昆明", new: "昆明"}, True, False, len(rows))
    assert services.settle(actor=CONSOLE, now=LATER, lake=lake) == 3
    assert not HandValue.objects.exists()
    assert now_listed() == before
    assert services.settle(actor=CONSOLE, now=LATER, lake=lake) == 0


def test_customers_of_a_population_are_listed_in_scope_and_order(lake, of_city):
    rows = people(lake)
    there = [pk for pk in ids_of(lake) if rows[pk]["city"] == "上海"]
    assert ids_of(lake, populations=["of_city:上海"]) == there
    assert ids_of(lake, populations=["of_city:上海", "of_city:北京"]) == []
    assert ids_of(lake, populations=["of_city:上海"], least={"frequency": Decimal(1)}) == [
        pk for pk in there if (rows[pk]["frequency"] or 0) >= 1
    ]
    me = make_colleague("me@example.com")
    services.assign_owner(actor=CONSOLE, customer_ids=there[:2], owner_id=me, now=NOW)
    own = Actor(name="me", rights=RIGHTS[Role.OPERATOR], user_id=me, scope=Scope.OWN)
    assert ids_of(lake, actor=own, populations=["of_city:上海"]) == there[:2]


def test_a_group_whose_rule_is_changed_lists_whom_it_means_now(lake, of_city, monkeypatch):
    rows = people(lake)
    assert {rows[pk]["city"] for pk in ids_of(lake, populations=["of_city:x"])} == set()
    group = POPULATIONS["of_city"]
    changed = replace(
        group, members=lambda tables, _argument: group.members(tables, "北京"), state=lambda _argument: "北京"
    )
    monkeypatch.setitem(POPULATIONS._by_slug, "of_city", changed)
    assert {rows[pk]["city"] for pk in ids_of(lake, populations=["of_city:x"])} == {"北京"}


def test_owners_teams_and_scopes_cut_the_list(lake):
    rows = people(lake)
    first, second, *rest = rows
    me = make_colleague("me@example.com")
    services.assign_owner(actor=CONSOLE, customer_ids=[first, second], owner_id=me, now=NOW)
    own = Actor(name="me", rights=RIGHTS[Role.OPERATOR], user_id=me, scope=Scope.OWN)
    assert set(ids_of(lake, actor=own)) == set(ids_of(lake, owners=[str(me)])) == {first, second}
    assert set(ids_of(lake, owners=[NOBODY])) == set(rest)
    assert ids_of(lake, owners=[NOBODY], actor=own) == []
    assert set(ids_of(lake, sources=["shop"])) == set(rows)
    assert ids_of(lake, sources=["nowhere"]) == []
    assert ids_of(lake, words="人3", actor=own) == []
    assert ids_of(lake, words="人0") == [first]
    with pytest.raises(NotAllowed):
        ids_of(lake, actor=Actor(name="x", rights=frozenset()))


@pytest.mark.parametrize(
    ("conditions", "refusal"),
    [
        ({"any_of": {"nonsense": ["x"]}}, NotAColumn),
        ({"any_of": {"stage": ["nonsense"]}}, NotACondition),
        ({"least": {"stage": Decimal(1)}}, NotACondition),
        ({"since": {"frequency": date(2024, 1, 1)}}, NotACondition),
        ({"has": {"frequency": "1"}}, NotACondition),
        ({"empty": ["nonsense"]}, NotAColumn),
        ({"owners": ["x' OR 1=1"]}, NotACondition),
        ({"populations": ["nowhere:x"]}, NotACondition),
        ({"populations": ["x" * 600]}, NotACondition),
    ],
)
def test_what_was_never_offered_is_refused(lake, conditions, refusal):
    with pytest.raises(refusal):
        ids_of(lake, **conditions)
    with pytest.raises(NotAColumn):
        ids_of(lake, sort="customer_id; DROP TABLE x")


def test_tags_of_many_are_taken_back_exactly(lake):
    rows = people(lake)
    ids = list(rows)
    services.tag_many(actor=CONSOLE, customer_ids=ids[:2], tag="VIP", now=NOW, lake=lake)
    act, count = services.tag_many(actor=CONSOLE, customer_ids=ids[:6], tag="VIP", now=LATER, lake=lake)
    assert (count, set(ids_of(lake, tags=["VIP"]))) == (4, set(ids[:6]))
    again = LATER + timedelta(hours=1)
    services.tag_many(actor=CONSOLE, customer_ids=[ids[5]], tag="VIP", now=again, lake=lake, take=True)
    services.tag_many(
        actor=CONSOLE, customer_ids=[ids[5]], tag="VIP", now=again + timedelta(hours=1), lake=lake
    )
    assert services.undo_act(actor=CONSOLE, act_id=act, now=again + timedelta(hours=2), lake=lake) == 3
    assert set(ids_of(lake, tags=["VIP"])) == {ids[0], ids[1], ids[5]}
    with pytest.raises(services.NoSuchAct):
        services.undo_act(actor=CONSOLE, act_id=act, now=again, lake=lake)
    act, count = services.tag_many(
        actor=CONSOLE, customer_ids=ids, tag="VIP", now=again + timedelta(hours=3), lake=lake, take=True
    )
    assert (count, ids_of(lake, tags=["VIP"])) == (3, [])
    assert services.undo_act(actor=CONSOLE, act_id=act, now=again + timedelta(hours=4), lake=lake) == 3
    assert set(ids_of(lake, tags=["VIP"])) == {ids[0], ids[1], ids[5]}


def test_owners_of_many_are_taken_back_where_nobody_changed_them_since(lake):
    ids = list(people(lake))[:4]
    one, two = make_colleague("one@example.com"), make_colleague("two@example.com")
    services.assign_owner(actor=CONSOLE, customer_ids=[ids[0]], owner_id=one, now=NOW)
    act, count = services.assign_many(actor=CONSOLE, customer_ids=ids, owner_id=two, now=LATER)
    assert count == 4
    services.assign_owner(actor=CONSOLE, customer_ids=[ids[3]], owner_id=one, now=LATER + timedelta(hours=1))
    boss = Actor(name="somebody else", rights=RIGHTS[Role.OPERATOR], user_id=one)
    with pytest.raises(services.NoSuchAct):
        services.undo_act(actor=boss, act_id=act, now=LATER, lake=lake)
    assert services.undo_act(actor=CONSOLE, act_id=act, now=LATER + timedelta(hours=2), lake=lake) == 3
    owners = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "owner_id"))
    assert [owners[pk] for pk in ids] == [one, None, None, one]


def test_an_act_on_many_changes_only_whom_the_actor_sees(lake):
    ids = list(people(lake))[:3]
    me = make_colleague("me@example.com")
    services.assign_owner(actor=CONSOLE, customer_ids=ids[:1], owner_id=me, now=NOW)
    own = Actor(name="me", rights=RIGHTS[Role.MANAGER], user_id=me, scope=Scope.OWN)
    _act, count = services.tag_many(actor=own, customer_ids=ids, tag="mine", now=LATER, lake=lake)
    assert (count, ids_of(lake, tags=["mine"])) == (1, ids[:1])
    with pytest.raises(NotAllowed):
        services.assign_many(actor=own, customer_ids=ids, owner_id=None, now=LATER)


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
def test_a_file_holds_what_the_list_shows_and_runs_nothing(lake, tmp_path, format):
    ids = list(people(lake))[:3]
    tell(
        ids[:1],
        name=["=1+1"],
        email=["evil@example.com"],
        phone=["+447700900123"],
        load_id=9,
        valid_from=LATER,
    )

    def export(actor, name):
        file = tmp_path / f"{name}.{format}"
        services.export(
            actor=actor,
            tables=lake.snapshot(),
            customer_ids=ids,
            columns=["city", "frequency", "last_order_at"],
            format=format,
            file=file,
            language="en",
            now=LATER,
        )
        return read(file, format)

    rows = export(CONSOLE, "whole")
    assert len(rows) == 3
    first = rows[0]
    assert str(first[0]) == str(ids[0])
    assert first[1] == ("'=1+1" if format != "parquet" else "=1+1")
    assert first[2].lstrip("'") == "+447700900123"
    blind = Actor(name="blind", rights=RIGHTS[Role.MANAGER] - {"contacts.reveal"})
    masked = export(blind, "masked")[0]
    assert "900123" not in masked[2]
    assert "evil" not in masked[3]
    with pytest.raises(NotAllowed):
        export(Actor(name="op", rights=RIGHTS[Role.OPERATOR]), "none")
    assert not (tmp_path / f"none.{format}").exists()


def read(file, format):
    if format == "csv":
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.reader(lines))[1:]
    if format == "parquet":
        return [list(row.values()) for row in pq.read_table(file).to_pylist()]
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()[1:]


@given(st.lists(st.integers(0, 2**53), unique=True))
def test_ids_of_an_act_are_packed_and_come_back(ids):
    assert unpacked(packed(ids)) == ids


def test_everything_that_customers_have_values_of_is_offered(lake):
    offered = known()
    assert set(TRAITS.slugs()) <= set(offered)
    assert offered["city"].kind == "text"
    assert not Act.objects.exists()
