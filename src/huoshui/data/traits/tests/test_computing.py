"""All traits as one expression: layers, presence, the registry's own rules."""

from __future__ import annotations

from datetime import UTC, datetime

import ibis
import pytest

from huoshui.data.traits import queries
from huoshui.data.traits.errors import TraitsInCircles, UnknownNeed
from huoshui.data.traits.tests.shop import LONDON, Shop, as_of, at
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import RELATIONS, Trait
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Text

TEXT = Text("x", "x")


def trait(slug, **parts):
    return Trait(slug=slug, label=TEXT, meaning=TEXT, **{"type": "int64"} | parts)


def registry(*traits):
    made: Registry[Trait] = Registry("trait")
    made.declare(*traits)
    return made


COUNT = trait("count", over="purchases", expression=lambda rows, _: rows.count(), empty=0)
DOUBLE = trait("double", needs=("count",), expression=lambda row, _: row["count"] * 2)
QUADRUPLE = trait("quadruple", needs=("double",), expression=lambda row, _: row.double * 2)


def test_traits_are_computed_after_what_they_need_whatever_the_order_of_declaration():
    shop = Shop()
    shop.customer(1)
    shop.order(1, "2024-01-05")
    table = queries.trait_table(shop, as_of("2024-02-01"), traits=registry(QUADRUPLE, DOUBLE, COUNT))
    assert table.columns == ("customer_id", "quadruple", "double", "count")
    assert shop.rows_of(table)[1] == {"customer_id": 1, "quadruple": 4, "double": 2, "count": 1}


def test_relations_kept_one_by_one_give_the_same_values():
    shop = Shop()
    for customer in (1, 2):
        shop.customer(customer, birth_year=1990)
    shop.order(1, "2024-01-05")
    age = trait("age", needs=("birth_year",), expression=lambda row, as_of: as_of.at.year - row.birth_year)
    traits = registry(QUADRUPLE, DOUBLE, age, COUNT)
    kept = []

    def keep(rows):
        kept.append(rows.columns)
        return shop.keep(rows)

    at_once = queries.trait_table(shop, as_of("2024-02-01"), traits=traits)
    one_by_one = queries.trait_table(shop, as_of("2024-02-01"), traits=traits, keep=keep)
    assert one_by_one.columns == at_once.columns
    assert shop.rows_of(one_by_one) == shop.rows_of(at_once)
    assert ["count" in columns for columns in kept] == [True, True]
    unneeded = queries.trait_table(shop, as_of("2024-02-01"), only=["count"], traits=traits, keep=shop.keep)
    assert shop.rows_of(unneeded)[1] == {"customer_id": 1, "count": 1}


@pytest.mark.parametrize("day", ["2023-06-01", "2024-01-01", "2024-07-01"])
def test_rows_of_a_later_moment_serve_for_all_before(day):
    """Whoever asks for many moments finds once what comes before each purchase."""
    shop = Shop()
    for n in range(1, 13):
        shop.customer(n)
        for times in range(n):
            shop.order(
                n,
                f"{2022 + times * n // 24}-{1 + times * n // 2 % 12:02}-{1 + n * 2:02} 10:00",
                str(20 + n * 3),
            )
            if times % 3 == 0:
                shop.order(
                    n, f"{2022 + times * n // 24}-{1 + times * n // 2 % 12:02}-{1 + n * 2:02} 18:00", "5"
                )
    later = RELATIONS["purchases_in_order"].build(shop, as_of("2024-12-31"))
    before = later.filter(later.ordered_at < ibis.literal(as_of(day).at))
    wanted = ["stage", "value_class", "purchase_rhythm", "orders_90d", "average_order_value"]
    found = shop.rows_of(queries.traits_of_rows(before, as_of(day), over="purchases_in_order", only=wanted))
    everybody = shop.rows_of(queries.trait_table(shop, as_of(day), only=[*wanted, "frequency"]))
    buyers = {who: row for who, row in everybody.items() if row.pop("frequency")}
    assert len({row["stage"] for row in buyers.values()}) > 1
    assert found == buyers


def test_rows_of_one_relation_do_not_make_traits_of_another():
    shop = Shop()
    rows = RELATIONS["purchases_in_order"].build(shop, as_of("2024-02-01"))
    with pytest.raises(UnknownNeed, match="returned"):
        queries.traits_of_rows(rows, as_of("2024-02-01"), over="purchases_in_order", only=["net_monetary"])


def test_asking_for_one_trait_computes_what_it_needs_and_shows_it_alone():
    shop = Shop()
    shop.customer(1)
    table = queries.trait_table(
        shop, as_of("2024-02-01"), only=["quadruple"], traits=registry(COUNT, DOUBLE, QUADRUPLE)
    )
    assert shop.rows_of(table)[1] == {"customer_id": 1, "quadruple": 0}


def test_a_trait_may_need_an_attribute_of_customers():
    age = trait("age", needs=("birth_year",), expression=lambda row, as_of: as_of.at.year - row.birth_year)
    shop = Shop()
    shop.customer(1, birth_year=1990)
    shop.customer(2)
    found = shop.rows_of(queries.trait_table(shop, as_of("2024-02-01"), traits=registry(age)))
    assert (found[1]["age"], found[2]["age"]) == (34, None)


def test_a_customer_without_rows_has_the_empty_value():
    last = trait(
        "last", over="purchases", expression=lambda rows, _: rows.revenue.max(), type="decimal(18, 4)"
    )
    shop = Shop()
    shop.customer(1)
    found = shop.rows_of(queries.trait_table(shop, as_of("2024-02-01"), traits=registry(COUNT, last)))
    assert found[1] == {"customer_id": 1, "count": 0, "last": None}


def test_traits_that_need_each_other_are_refused():
    a = trait("a", needs=("b",), expression=lambda row, _: row.b)
    b = trait("b", needs=("c",), expression=lambda row, _: row.c)
    c = trait("c", needs=("a",), expression=lambda row, _: row.a)
    with pytest.raises(TraitsInCircles, match="a → b → c → a"):
        queries.in_layers(("a",), registry(a, b, c))


@pytest.mark.parametrize(
    ("traits", "wanted"),
    [
        ((trait("a", needs=("nothing",), expression=lambda row, _: row.nothing),), "a"),
        ((trait("a", over="nothing", expression=lambda rows, _: rows.count()),), "a"),
        ((COUNT,), "nothing"),
    ],
)
def test_what_nobody_declared_is_refused_by_name(traits, wanted):
    with pytest.raises(UnknownNeed, match="nothing"):
        queries.in_layers((wanted,), registry(*traits))


def test_a_customer_is_there_once_created_or_once_a_fact_happened():
    shop = Shop()
    shop.customer(1, created="2024-01-01")
    shop.customer(2, created="2024-02-01")
    shop.customer(3, created="2024-02-01")
    shop.order(3, "2024-01-15")
    shop.customer(4, created="2024-02-01")
    shop.change(4, "2024-01-15", "-5")
    shop.customer(5, created="2024-02-01")
    shop.event(5, "2024-01-15")
    shop.customer(6, created="2024-02-01")
    shop.order(6, "2024-02-01")
    shop._add("customers", customer_id=7, created_at=None)
    assert set(shop.rows_of(queries.customers_present(shop, as_of("2024-02-01")))) == {1, 3, 4, 5, 7}


def test_only_what_happened_and_was_known_before_counts():
    shop = Shop()
    shop.customer(1)
    shop.order(1, "2024-01-05", ingested_at=datetime(2024, 1, 6, tzinfo=UTC))
    shop.order(1, "2024-01-07", ingested_at=datetime(2024, 3, 1, tzinfo=UTC))
    shop.order(1, "2024-02-01")
    early = AsOf(at=at("2024-02-01"), zone=LONDON, known_at=datetime(2024, 2, 1, tzinfo=UTC))
    traits = registry(COUNT)
    assert shop.rows_of(queries.trait_table(shop, as_of("2024-02-01"), traits=traits))[1]["count"] == 2
    assert shop.rows_of(queries.trait_table(shop, early, traits=traits))[1]["count"] == 1


def test_each_relation_is_read_once():
    sum_ = trait(
        "sum", over="purchases", expression=lambda rows, _: rows.revenue.sum(), type="decimal(18, 4)"
    )
    shop = Shop()
    shop.customer(1)
    many = registry(
        COUNT, sum_, *(trait(f"n{i}", over="purchases", expression=COUNT.expression) for i in range(9))
    )
    one = ibis.to_sql(queries.trait_table(shop, as_of("2024-02-01"), traits=registry(COUNT)))
    all_ = ibis.to_sql(queries.trait_table(shop, as_of("2024-02-01"), traits=many))
    assert all_.count('"orders"') == one.count('"orders"')
