"""A house that runs on Spark does what every house does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huoshui.data.connectors.tests.house import House
from huoshui.data.customers import queries as customers
from huoshui.data.traits import carrying, services
from huoshui.data.traits import queries as traits
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE_ZONE, LAKE_TABLES, Relation
from huoshui.lake.errors import LakeDamaged, QueryFailed
from huoshui.lake.sql import select
from huoshui.measure.dashboards import queries as dashboards
from tests.spark import shop
from tests.spark.answers import differences, unlike

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ORDERS = LAKE_TABLES["orders"]


def left_behind(house: House) -> list[Path]:
    """What is in the folders of the tables beside the files and the log of each."""
    return [p for p in house.lake.root.glob("*/*") if p.suffix != ".parquet" and p.name != "_delta_log"]


# -- computed tables ---------------------------------------------------------------------------------------------


def test_a_refresh_stores_what_the_embedded_engine_would_compute(house: House):
    as_of = AsOf.day(date(2024, 5, 1), HOUSE_ZONE())
    done = services.refresh(actor=CONSOLE, lake=house.lake, as_of=as_of, now=shop.NOW)
    stored = house.lake.snapshot().embedded()
    computed = stored.arrow(traits.trait_table(stored, as_of))
    for slug in ("traits", "traits_history"):
        rows = stored.table(slug)
        assert (
            unlike(computed, stored.arrow(rows.filter(rows.as_of == as_of.at).select(*computed.schema.names)))
            == []
        )
    assert done.customers == computed.num_rows
    assert traits.last_refresh(tables=house.lake.snapshot()) == (as_of.at, shop.NOW)
    assert left_behind(house) == []


def test_the_same_moment_refreshed_again_is_kept_once(house: House):
    as_of = AsOf.day(date(2024, 5, 20), HOUSE_ZONE())
    for _ in range(2):
        done = services.refresh(actor=CONSOLE, lake=house.lake, as_of=as_of, now=shop.NOW)
    picture = house.lake.snapshot().embedded()
    rows = picture.table("traits_history")
    assert picture.arrow(rows.filter(rows.as_of == as_of.at)).num_rows == done.customers


def test_a_refresh_takes_over_what_still_holds(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(carrying, "MOST_ANEW", 1.0)
    rest, asked = carrying.Carried.rest, []

    def spied(self: carrying.Carried, relation: Relation, slugs: list[str]) -> Any:
        found = rest(self, relation, slugs)
        if found is not None:
            asked.append(relation.slug)
        return found

    monkeypatch.setattr(carrying.Carried, "rest", spied)
    for day in (1, 20):
        as_of = AsOf.day(date(2024, 5, day), HOUSE_ZONE())
        services.refresh(actor=CONSOLE, lake=house.lake, as_of=as_of, now=shop.NOW)
    assert "favourite_categories" in asked
    stored = house.lake.snapshot().embedded()
    computed = stored.arrow(traits.trait_table(stored, as_of))
    assert unlike(computed, stored.arrow(stored.table("traits").select(*computed.schema.names))) == []


def test_pages_show_the_same(house: House):
    services.refresh(
        actor=CONSOLE, lake=house.lake, as_of=AsOf.day(date(2024, 5, 31), HOUSE_ZONE()), now=shop.NOW
    )
    picture = house.lake.snapshot()
    given, expected = (
        dashboards.overview(actor=CONSOLE, tables=tables, zone=HOUSE_ZONE(), now=shop.NOW)
        for tables in (picture, picture.embedded())
    )
    assert given == expected
    assert given.totals["orders"]
    someone = customers.find("C7")[0].customer_id
    given_view, expected_view = (
        dashboards.customer(actor=CONSOLE, tables=tables, customer_id=someone)
        for tables in (picture, picture.embedded())
    )
    assert given_view == expected_view
    assert given_view.traits


# -- facts -------------------------------------------------------------------------------------------------------


def test_facts_are_loaded_and_taken_back_as_in_every_house(founded_house: House):
    content = "order id,customer,order date,amount\n1,a,2024-03-01,10\n2,,2024-03-02,5.5\n"
    report = founded_house.load(content, "orders")
    picture = founded_house.lake.snapshot()
    revenue = picture.table("orders").revenue.sum().name("revenue").as_table()
    assert picture.arrow(revenue)["revenue"].to_pylist() == [Decimal("15.5")]
    founded_house.undo(report)
    after = founded_house.lake.snapshot()
    assert after.arrow(after.table("orders")).num_rows == 0


def test_an_empty_house_answers(founded_house: House):
    as_of = AsOf.day(date(2024, 5, 1), HOUSE_ZONE())
    assert differences(founded_house.lake.snapshot(), lambda tables: traits.trait_table(tables, as_of)) == []
    done = services.refresh(actor=CONSOLE, lake=founded_house.lake, as_of=as_of, now=shop.NOW)
    assert done.customers == 0
    picture = founded_house.lake.snapshot()
    given, expected = (
        dashboards.overview(actor=CONSOLE, tables=tables, zone=HOUSE_ZONE(), now=shop.NOW)
        for tables in (picture, picture.embedded())
    )
    assert given == expected
    assert given.empty


def test_sql_is_answered_by_the_embedded_engine(house: House):
    answer = select(house.lake.snapshot(), "SELECT count(*) FILTER (revenue > 0)::BIGINT AS n FROM orders")
    assert answer["n"][0].as_py() > 100


def test_older_versions_can_be_read(founded_house: House):
    for number in (1, 2):
        founded_house.load(f"order id,customer,order date,amount\n{number},a,2024-03-01,10\n", "orders")
    newest = founded_house.lake.snapshot()
    counts = []
    for picture in (newest, founded_house.lake.snapshot(newest.version - 1)):
        counts.append(picture.arrow(picture.table("orders").count().name("n").as_table())["n"][0].as_py())
    assert counts == [2, 1]


# -- the engine --------------------------------------------------------------------------------------------------


def test_files_say_the_same_of_themselves_whoever_wrote_them(house: House, tmp_path: Path):
    picture = house.lake.snapshot()
    embedded = picture.embedded()
    statistics = ("customer_id", "ordered_at", "superseded_by", "revenue")
    found = []
    for tables, folder in ((embedded, tmp_path / "embedded"), (picture, tmp_path / "spark [1]")):
        folder.mkdir()
        rows = tables.rows("orders").order_by("order_id").limit(50)
        [file] = tables.session.write_files(rows, folder, ORDERS.all_columns, statistics)
        assert file.size == (folder / file.name).stat().st_size
        assert [p.name for p in folder.iterdir()] == [file.name]
        found.append((file, pq.read_table(folder / file.name)))
    (mine, expected), (theirs, given) = found
    assert unlike(expected, given) == []
    assert {f.name: f.type for f in given.schema} == {f.name: f.type for f in expected.schema}
    assert theirs.rows == mine.rows == 50
    for name in ("customer_id", "ordered_at"):
        assert (theirs.minima[name], theirs.maxima[name]) == (mine.minima[name], mine.maxima[name])
    assert theirs.nulls == mine.nulls


def test_nothing_to_write_makes_no_file(house: House, tmp_path: Path):
    picture = house.lake.snapshot()
    rows = picture.rows("orders").limit(0)
    assert picture.session.write_files(rows, tmp_path, ORDERS.all_columns, ("customer_id",)) == []
    assert list(tmp_path.iterdir()) == []


def test_a_table_in_many_chunks_is_held_whole(house: House):
    parts = [pa.table({"n": pa.array(numbers, pa.int64())}) for numbers in ([], [1], [2], [3, 4], [], [5])]
    session = house.lake.snapshot().session
    assert sorted(session.arrow(session.hold(pa.concat_tables(parts)))["n"].to_pylist()) == [1, 2, 3, 4, 5]


def test_tables_can_be_held_and_kept_and_let_go(house: House):
    picture = house.lake.snapshot()
    moment = datetime(2024, 3, 31, 1, 0, 0, 1, tzinfo=UTC)
    table = pa.table(
        {"n": pa.array([1, None], pa.int64()), "at": pa.array([moment, None], pa.timestamp("us", "UTC"))}
    )
    held = picture.session.hold(table)
    orders = picture.table("orders")
    kept = picture.session.keep(held.mutate(m=held.n + 1).cross_join(orders.aggregate(orders=orders.count())))
    rows = picture.arrow(kept.select("n", "at", "m")).to_pylist()
    assert sorted(rows, key=str) == sorted(
        [{"n": 1, "at": moment, "m": 2}, {"n": None, "at": None, "m": None}], key=str
    )
    picture.session.drop(kept)
    with pytest.raises(QueryFailed):
        picture.arrow(kept)


def test_moments_carry_the_zone_of_the_house(house: House):
    picture = house.lake.snapshot()
    answer = picture.arrow(picture.table("orders").select("ordered_at").limit(1))
    assert answer.schema.field("ordered_at").type == pa.timestamp("us", HOUSE_ZONE().key)


def test_counting_where_nothing_holds_is_zero(house: House):
    # Adding up ones would give nothing for no rows.
    def counted(tables: Any) -> Any:
        orders = tables.table("orders")
        none = orders.filter(orders.revenue < -1)
        return none.aggregate(n=none.count(where=none.revenue > 0))

    assert differences(house.lake.snapshot(), counted) == []


def test_arithmetic_that_does_not_fit_is_an_error_and_no_number(house: House):
    picture = house.lake.snapshot()
    orders = picture.table("orders")
    with pytest.raises(QueryFailed):
        picture.arrow(orders.select(n=orders.load_id + 9_223_372_036_854_775_807))


def test_a_lost_file_is_named_as_damage(founded_house: House):
    founded_house.load("order id,customer,order date,amount\n1,a,2024-03-01,10\n", "orders")
    [file] = [Path(f) for f in founded_house.lake.snapshot().files("orders")]
    file.write_bytes(file.read_bytes()[:50])
    picture = founded_house.lake.snapshot()
    orders = picture.table("orders")
    with pytest.raises(LakeDamaged):
        picture.arrow(orders)
    file.unlink()
    picture = founded_house.lake.snapshot()
    with pytest.raises(LakeDamaged, match=file.name):
        picture.table("orders")
