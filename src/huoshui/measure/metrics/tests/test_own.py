"""Metrics that people define: what they count, what is refused, what happens when their ground is gone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from huoshui.data.traits.tests.shop import LONDON, Shop
from huoshui.desk.threads import queries as threads
from huoshui.desk.threads import services as versions
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.measure.metrics import definitions, own, queries, services
from huoshui.measure.metrics.definitions import OPERATORS, SCHEMA, SOURCES, TAKES
from huoshui.measure.metrics.errors import (
    BrokenMetric,
    MetricChanged,
    NoSuchDefinition,
    NotADefinition,
    NotAMetric,
    UnknownDimension,
    UnknownMetric,
)
from huoshui.measure.metrics.own import Content
from huoshui.measure.metrics.periods import Period, months_between

pytestmark = pytest.mark.django_db

MARCH = Period.month(2024, 3, LONDON)
NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop():
    made = Shop()
    made.customer(1, city="Leeds", birth_year=1980)
    made.customer(2, city="Bath", birth_year=1990)
    made.customer(3, created="2024-04-01", city="Bath")
    made.product("lamp", "light")
    made.order(
        1, "2024-03-01 00:00", "100", channel="web", order_id="A", discount=Decimal(5), coupon="SPRING"
    )
    made.order(1, "2024-03-31 23:59", "50", channel="shop", discount=Decimal(1))
    made.order(2, "2024-03-15", "30", discount=Decimal("0.5"))
    made.order(None, "2024-03-20", "20", channel="web", coupon="")
    made.order(2, "2024-03-21", "0", channel="shop")
    made.line(1, "2024-03-01", "light", "60", order_id="A", product_id="lamp")
    made.line(1, "2024-03-01", "cable", "40", order_id="A", product_id="wire")
    made.change(1, "2024-03-05", "-40", order_id="A", product_id="lamp", kind="refund")
    made.change(2, "2024-04-02", "-7", kind="return")
    made.event(1, "2024-03-02")
    made.event(1, "2024-03-03")
    made.event(2, "2024-03-03", "Newsletter Opened")
    return made


def part(of: str, take: str = "rows", column: str = "", *filters: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "of": of,
        "take": take,
        **({"column": column} if column else {}),
        "filters": [
            {"column": name, "operator": operator, **({"value": value[0]} if value else {})}
            for name, operator, *value in filters
        ],
    }


def defined(numerator: dict[str, Any], denominator: dict[str, Any] | None = None, slug: str = "mine") -> str:
    plain = {"numerator": numerator, **({"denominator": denominator} if denominator else {})}
    content = Content(label_en=slug, definition=definitions.read(plain))
    return services.define(actor=CONSOLE, slug=slug, content=content, now=NOW)


def value(shop, slug, **asked):
    (cell,) = queries.evaluate(slug, tables=shop, period=MARCH, **asked)
    return cell.value


def by(shop, slug, *dimensions):
    cells = queries.evaluate(slug, tables=shop, period=MARCH, by=dimensions)
    return {cell.dimensions[dimensions[0]]: cell.value for cell in cells}


WEB = ("channel", "=", "web")


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (part("orders"), None, 4),
        (part("orders", "rows", "", WEB), None, 2),
        (part("orders", "rows", "", ("channel", "!=", "web")), None, 2),
        (part("orders", "rows", "", ("channel", "in", ["web", "shop"])), None, 3),
        (part("orders", "rows", "", ("coupon", "empty")), None, 3),
        (part("orders", "rows", "", ("revenue", "between", [30, 50])), None, 2),
        (part("orders", "rows", "", ("revenue", ">", "30"), ("revenue", "<=", 100)), None, 2),
        (part("orders", "rows", "", ("ordered_at", ">=", "2024-03-20")), None, 2),
        (part("orders", "customers"), None, 2),
        (part("orders", "sum", "discount"), None, Decimal("6.5")),
        (part("orders", "average", "revenue"), None, 50),
        (part("order_lines", "sum", "revenue", ("category", "=", "light")), None, 60),
        (part("order_changes", "rows", "", ("kind", "=", "refund")), None, 1),
        (part("events", "customers", "", ("name", "=", "Product Viewed")), None, 1),
        (part("customers", "rows", "", ("city", "=", "Bath")), None, 1),
        (part("customers", "average", "birth_year"), None, 1985),
        (part("orders", "sum", "revenue"), part("orders", "customers"), 100),
        (part("order_changes", "sum", "revenue"), part("orders", "sum", "revenue"), -0.2),
        (part("orders", "customers", "", WEB), part("customers"), 0.5),
        (part("events"), part("orders", "rows", "", ("channel", "=", "none")), None),
    ],
    ids=str,
)
def test_a_definition_counts_what_it_says(shop, numerator, denominator, expected):
    assert value(shop, defined(numerator, denominator)) == expected


def test_defined_metrics_of_many_periods_are_those_asked_for_one_by_one(shop):
    slugs = [
        defined(part("orders", "average", "revenue"), slug="average"),
        defined(part("customers", "rows", "", ("city", "=", "Bath")), slug="people"),
        defined(part("order_changes", "sum", "revenue"), part("orders", "customers"), slug="ratio"),
    ]
    months = months_between(date(2024, 3, 1), date(2024, 5, 1), LONDON)
    many = queries.evaluate_many(slugs, tables=shop, periods=months, by=["city"])
    for slug in slugs:
        one_by_one = [queries.evaluate(slug, tables=shop, period=month, by=["city"]) for month in months]
        assert [cells for _, cells in many[slug]] == one_by_one


def test_defined_metrics_are_split_and_open_to_their_customers(shop):
    sales = defined(part("orders", "sum", "revenue"), slug="sales")
    assert by(shop, sales, "channel") == {"web": 120, "shop": 50, None: 30}
    assert by(shop, sales, "city") == {"Leeds": 150, "Bath": 30, None: 20}
    assert value(shop, sales, where={"channel": "web", "city": "Leeds"}) == 100
    assert set(shop.rows_of(queries.population(sales, tables=shop, period=MARCH))) == {1, 2}
    assert queries.anonymous(sales, tables=shop, period=MARCH) == 1
    lines = defined(part("order_lines", "sum", "revenue"), slug="lines")
    assert by(shop, lines, "product", "channel") == {"lamp": 60, "wire": 40}
    back = defined(part("order_changes", "sum", "revenue"), slug="back")
    assert by(shop, back, "category", "channel") == {"light": -40}
    with pytest.raises(UnknownDimension, match="no such dimension"):
        by(shop, sales, "product")
    people = defined(part("customers"), slug="people")
    with pytest.raises(UnknownDimension, match="people"):
        by(shop, people, "channel")
    assert {d.slug for d in queries.splits(people, tables=shop)} >= {"city", "stage"}
    assert "product" not in {d.slug for d in queries.splits(sales, tables=shop)}


def test_a_metric_whose_attribute_is_gone_says_so_and_is_never_nothing(shop):
    attributes = apps.get_model("customers", "Attribute").objects
    attributes.create(slug="pets", label_en="Pets", label_zh="宠物", type="integer", kind="ordinary")
    slug = defined(part("customers", "sum", "pets"))
    attributes.filter(slug="pets").delete()
    with pytest.raises(BrokenMetric, match="needs the column pets") as refused:
        value(shop, slug)
    assert "pets" in refused.value.words.zh
    with pytest.raises(BrokenMetric):
        queries.evaluate_many([slug], tables=shop, periods=[MARCH])
    with pytest.raises(BrokenMetric):
        queries.population(slug, tables=shop, period=MARCH)


def test_a_change_is_a_version_with_who_and_when_and_can_be_taken_back(shop):
    slug = defined(part("orders"))
    old = own.one(slug)
    new = Content(label_en="Web", definition=definitions.read({"numerator": part("orders", "rows", "", WEB)}))
    assert services.change(actor=CONSOLE, slug=slug, seen=1, content=new, now=NOW) == 2
    assert value(shop, slug) == 2
    with pytest.raises(MetricChanged):
        services.change(actor=CONSOLE, slug=slug, seen=1, content=old.content, now=NOW)
    changes = threads.difference(actor=CONSOLE, subject=f"metric:{slug}", a=1, b=2)
    assert any("filters" in str(change) for change in changes)
    versions.restore_version(actor=CONSOLE, subject=f"metric:{slug}", number=1, now=NOW)
    assert own.one(slug).content == old.content
    assert value(shop, slug) == 4


def test_a_retired_metric_leaves_the_catalogue_and_still_answers(shop):
    slug = defined(part("orders"))
    assert slug in {metric.slug for metric in queries.catalogue()}
    services.retire(actor=CONSOLE, slug=slug, now=NOW)
    assert slug not in {metric.slug for metric in queries.catalogue()}
    assert value(shop, slug) == 4
    services.bring_back(actor=CONSOLE, slug=slug, now=NOW)
    assert slug in {metric.slug for metric in queries.catalogue()}
    with pytest.raises(NoSuchDefinition):
        services.retire(actor=CONSOLE, slug="revenue", now=NOW)


def test_names_that_are_taken_and_roles_that_only_look_are_refused():
    content = Content(label_zh="网店订单", definition=definitions.read({"numerator": part("orders")}))
    for slug in ("revenue", "Web", "new", ""):
        with pytest.raises(NotAMetric):
            services.define(actor=CONSOLE, slug=slug, content=content, now=NOW)
    assert services.define(actor=CONSOLE, slug="web_orders", content=content, now=NOW) == "web_orders"
    assert queries.metric("web_orders").label.en == "网店订单"
    with pytest.raises(NotAMetric, match="taken"):
        services.define(actor=CONSOLE, slug="web_orders", content=content, now=NOW)
    viewer = actor_of_role("looker", Role.VIEWER)
    with pytest.raises(NotAllowed):
        services.define(actor=viewer, slug="mine", content=content, now=NOW)
    with pytest.raises(UnknownMetric, match="web_orders"):
        queries.metric("turnover")


@pytest.mark.parametrize(
    "numerator",
    [
        part("orders", "sum", "channel"),
        part("orders", "rows", "", ("revenue", ">", "much")),
        part("orders", "rows", "", ("ordered_at", ">", "yesterday")),
    ],
    ids=str,
)
def test_what_a_column_cannot_do_is_refused_in_a_sentence(numerator):
    with pytest.raises(NotADefinition):
        defined(numerator)


NAMES = st.sampled_from(["revenue", "Channel", "", "c", 7])
VALUES = st.one_of(st.none(), st.sampled_from(["web", 5, True, [], ["a"], ["a", "b"], ["a", "b", 3], {}]))
FILTERS = st.fixed_dictionaries(
    {"column": NAMES, "operator": st.sampled_from([*OPERATORS, "like"])}, optional={"value": VALUES}
)
PARTS = st.fixed_dictionaries(
    {"of": st.sampled_from([*SOURCES, "touches"]), "take": st.sampled_from([*TAKES, "median"])},
    optional={"column": NAMES, "filters": st.lists(FILTERS, max_size=2), "more": st.just(1)},
)


@given(st.fixed_dictionaries({"numerator": PARTS}, optional={"denominator": PARTS}))
def test_the_published_schema_takes_what_the_reader_takes(plain):
    by_schema = jsonschema_rs.validator_for(SCHEMA).is_valid(plain)
    try:
        found = definitions.read(plain)
    except NotADefinition:
        assert not by_schema
    else:
        assert by_schema
        assert definitions.read(definitions.plain(found)) == found
