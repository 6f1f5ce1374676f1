"""Spark and the embedded engine give equal answers about the same house, for all that is declared.

The tests go through the registries: what is declared later is compared without a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from operator import methodcaller
from pathlib import Path
from typing import Any

import ibis
import pytest

from huoshui.data.connectors.tests.house import House
from huoshui.data.traits import queries as traits
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf, now
from huoshui.kernel.plugs import HOUSE_ZONE, LAKE_TABLES, METRICS, RELATIONS, TRAITS
from huoshui.lake.care import compact, events_by_name
from huoshui.measure.metrics import definitions
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import names
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.own import Content
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.services import define
from tests.spark import shop
from tests.spark.answers import differences, expression_of, together

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

AT_ONCE = 8
"""So many metrics are asked for in one question; all of them together do not fit into the memory of the engine."""

SLICES: tuple[dict[str, Any], ...] = (
    {"channel": "web"},
    {"store": None},
    {"month": "2023-05-01"},
    {"city": "上海"},
    {"birth_year": 1999},
    {"stage": "lost"},
    {"value_class": None},
    {"in": "segment:stage-lost"},
)


def moments() -> dict[str, AsOf]:
    """Moments to look from: after everything, beside a change of clocks, inside a day, before anything was known."""
    zone = HOUSE_ZONE()
    after = AsOf.day(shop.LAST, zone)
    return {
        "the end": after,
        "after the clocks changed": AsOf.day(date(2023, 10, 30), zone),
        "inside a day": AsOf(at=after.at - timedelta(days=60, hours=5, microseconds=1), zone=zone),
        "known to nobody": AsOf(at=after.at, zone=zone, known_at=after.at - timedelta(days=1)),
        "the beginning": AsOf.day(date(2021, 1, 1), zone),
    }


def periods() -> dict[str, Period]:
    """A month with a change of clocks, all there is, and one with nothing."""
    zone = HOUSE_ZONE()
    ever = Period.all_until(AsOf.day(shop.LAST, zone))
    return {"march": Period.month(2024, 3, zone), "ever": ever, "before": Period.month(2020, 2, zone)}


# -- traits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["the end", "after the clocks changed", "inside a day"])
def test_every_trait_is_the_same(house: House, moment: str):
    as_of = moments()[moment]
    assert differences(house.lake.snapshot(), lambda tables: traits.trait_table(tables, as_of)) == []


def test_every_trait_is_the_same_where_nothing_is_known(house: House):
    at = moments()

    def both(tables: Any) -> Any:
        tables_of = [traits.trait_table(tables, at[name]) for name in ("known to nobody", "the beginning")]
        return ibis.union(*tables_of)

    assert differences(house.lake.snapshot(), both) == []


def test_the_shop_has_what_traits_could_differ_in(house: House):
    # Without ties, averages between two amounts and missing values the tests above would prove little.
    embedded = house.lake.snapshot().embedded()
    found = embedded.arrow(traits.trait_table(embedded, moments()["the end"])).to_pylist()
    assert len({row["monetary"] for row in found}) < len(found) - 20
    assert {row["stage"] for row in found} == {"potential", "new", "active", "silent", "lost"}
    assert {row["r_score"] for row in found} == {None, 1, 2, 3, 4, 5}
    assert any(row["net_monetary"] < 0 for row in found)
    empty = {trait.slug for trait in TRAITS if all(row[trait.slug] is None for row in found)}
    assert not empty, "no customer has a value of these traits"


# -- relations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", RELATIONS.slugs())
def test_every_relation_is_the_same(house: House, slug: str):
    as_of = moments()["inside a day"]
    assert differences(house.lake.snapshot(), lambda tables: RELATIONS[slug].build(tables, as_of)) == []


def test_every_table_is_the_same(house: House):
    picture = house.lake.snapshot()
    for slug in LAKE_TABLES.slugs():
        assert differences(picture, methodcaller("table", slug)) == [], slug


def test_the_narrow_form_of_events_is_the_same(house: House):
    compact(house.lake, everything=True)
    assert differences(house.lake.snapshot(), events_by_name) == []


# -- metrics -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", METRICS.slugs())
def test_every_metric_split_by_every_dimension_is_the_same(house: House, slug: str):
    picture = house.lake.snapshot()
    embedded = picture.embedded()
    # Sales have all dimensions, people some, and spending others.
    every = names(embedded)
    by = tuple(name for name in every if metrics.can_split(METRICS[slug], (name,), tables=embedded))
    # What compares with the time before has nothing to say of all time.
    for name in ("ever", "march"):
        expected = metrics.evaluate(slug, tables=embedded, period=periods()[name], by=by)
        given = metrics.evaluate(slug, tables=picture, period=periods()[name], by=by)
        assert [repr(cell) for cell in given] == [repr(cell) for cell in expected]
        if expected:
            return
    pytest.fail("there was nothing to compare")


OWN = {
    "own_counted": {"numerator": {"of": "events", "take": "customers"}},
    "own_averaged": {"numerator": {"of": "orders", "take": "average", "column": "revenue"}},
    "own_divided": {
        "numerator": {
            "of": "order_lines",
            "take": "sum",
            "column": "quantity",
            "filters": [{"column": "category", "operator": "empty"}],
        },
        "denominator": {"of": "order_lines", "take": "sum", "column": "quantity"},
    },
    "own_narrowed": {
        "numerator": {
            "of": "orders",
            "take": "rows",
            "filters": [
                {"column": "channel", "operator": "in", "value": ["web", "store"]},
                {"column": "ordered_at", "operator": "between", "value": ["2022-01-01", "2024-03-15"]},
                {"column": "revenue", "operator": ">=", "value": 10},
            ],
        }
    },
    "own_known": {"numerator": {"of": "customers", "take": "rows"}},
}
"""Metrics that people could define: each source with another way to take of it, and filters of each type."""


def test_metrics_that_people_define_are_the_same(house: House):
    for slug, written in OWN.items():
        content = Content(label_en=slug, definition=definitions.read(written))
        define(actor=CONSOLE, slug=slug, content=content, now=now())
    picture = house.lake.snapshot()

    def figures(tables: Any) -> list[str]:
        ever = periods()["ever"]
        return [
            repr((slug, metrics.evaluate(slug, tables=tables, period=ever, by=by)))
            for slug in OWN
            for by in ((), ("city",))
        ]

    expected = figures(picture.embedded())
    assert figures(picture) == expected
    assert "上海" in "".join(expected)


def test_every_metric_of_every_period_and_slice_is_the_same(house: House):
    slugs = METRICS.slugs()
    for start in range(0, len(slugs), AT_ONCE):
        ask = partial(_together, slugs[start : start + AT_ONCE])
        assert differences(house.lake.snapshot(), ask) == []


def _together(slugs: Sequence[str], tables: Any) -> Any:
    return together(dict(_figures(slugs, tables)))


def _figures(slugs: Sequence[str], tables: Any) -> Any:
    for metric in map(METRICS.__getitem__, slugs):
        for name, period in periods().items():
            for where in ({}, *(SLICES if name == "ever" else ())):

                def ask(asking: Any, metric=metric, period=period, where=where) -> Any:
                    return metrics.evaluate(metric.slug, tables=asking, period=period, where=where)

                try:
                    yield f"{metric.slug} {name} {where}", expression_of(ask, tables)
                except UnknownDimension:
                    continue


def test_the_customers_behind_every_metric_are_the_same(house: House):
    def ask(tables: Any) -> Any:
        behind = {
            m.slug: metrics.population(m.slug, tables=tables, period=periods()["march"]) for m in METRICS
        }
        return ibis.union(*(rows.mutate(metric=ibis.literal(slug)) for slug, rows in behind.items()))

    assert differences(house.lake.snapshot(), ask) == []


# -- a real shop -------------------------------------------------------------------------------------------------


@pytest.mark.real_data
def test_traits_and_figures_of_a_real_shop_are_the_same(
    founded_house: House, test_data: Callable[[str], Path]
):
    founded_house.load(test_data("online_retail/online_retail.parquet"), time_zone="Europe/London")
    zone = HOUSE_ZONE()
    as_of = AsOf.day(date(2011, 12, 10), zone)
    picture = founded_house.lake.snapshot()
    assert differences(picture, lambda tables: traits.trait_table(tables, as_of)) == []
    ever = Period.all_until(as_of)

    def by_month(slug: str, tables: Any) -> Any:
        def ask(asking: Any) -> Any:
            return metrics.evaluate(slug, tables=asking, period=ever, by=["month", "country"])

        return expression_of(ask, tables)

    for slug in ("revenue", "returns", "orders", "new_customers", "repeat_rate"):
        assert differences(picture, partial(by_month, slug)) == [], slug
