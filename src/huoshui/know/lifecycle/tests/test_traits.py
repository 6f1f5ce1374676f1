"""Rhythm and stage of customers in a small shop."""

from __future__ import annotations

import pytest

from huoshui.data.traits import queries
from huoshui.data.traits.tests.shop import Shop, as_of
from huoshui.kernel.plugs import TRAITS, Trait
from huoshui.kernel.registries import Registry
from huoshui.know.lifecycle.traits import stage_trait
from huoshui.science.errors import NotASetting
from huoshui.science.lifecycle import STAGES, FixedDays

OF_LIFE = (
    "recency",
    "median_purchase_interval",
    "purchase_intervals",
    "purchase_rhythm",
    "overdue_ratio",
    "stage",
)


@pytest.fixture
def shop():
    made = Shop()
    made.customer(1)  # every 20 days, last 30 days ago: 1.5 rhythms
    for day in (
        "2024-01-10 09:00",
        "2024-01-30 20:00",
        "2024-01-30 20:05",
        "2024-02-19 08:00",
        "2024-03-10 23:00",
    ):
        made.order(1, day)
    made.customer(2)  # every 20 days, last 60 days ago
    for day in ("2023-12-11", "2023-12-31", "2024-01-20", "2024-02-09"):
        made.order(2, day)
    made.customer(3)  # every 20 days, last 90 days ago
    for day in ("2023-11-11", "2023-12-01", "2023-12-21", "2024-01-10"):
        made.order(3, day)
    made.customer(4)
    made.order(4, "2024-03-30")
    made.customer(5)
    return made


def test_stages_follow_the_customers_own_rhythm(shop):
    found = shop.rows_of(queries.trait_table(shop, as_of("2024-04-09"), only=OF_LIFE))
    assert {c: row["stage"] for c, row in found.items()} == {
        1: "active", 2: "silent", 3: "lost", 4: "new", 5: "potential",
    }  # fmt: skip
    assert found[1]["median_purchase_interval"] == 20
    assert found[1]["purchase_intervals"] == 3  # two orders of one day are one occasion
    assert found[2]["overdue_ratio"] == pytest.approx(60 / 20, abs=0.06)
    assert found[4]["purchase_rhythm"] == 20  # typical of the house
    assert found[5]["purchase_rhythm"] is None


def test_the_house_can_set_fixed_days_instead(shop):
    fixed: Registry[Trait] = Registry("trait")
    fixed.declare(
        *(t for t in TRAITS if t.slug != "stage"), stage_trait(FixedDays(new=5, active=61, silent=100))
    )
    found = shop.rows_of(queries.trait_table(shop, as_of("2024-04-09"), only=["stage"], traits=fixed))
    assert {c: row["stage"] for c, row in found.items()} == {
        1: "active", 2: "active", 3: "silent", 4: "active", 5: "potential",
    }  # fmt: skip
    assert "61" in fixed["stage"].meaning.en


def test_days_of_the_house_count_not_those_of_utc():
    shop = Shop()
    shop.customer(1)
    shop.order(1, "2024-06-01 00:30")  # still 31 May in UTC
    shop.order(1, "2024-06-01 12:00")
    shop.order(1, "2024-06-03 12:00")
    found = shop.rows_of(queries.trait_table(shop, as_of("2024-07-01"), only=OF_LIFE))
    assert (found[1]["purchase_intervals"], found[1]["median_purchase_interval"]) == (1, 2)


def test_the_stages_of_the_trait_are_the_five_of_the_trade():
    assert list(TRAITS["stage"].values) == ["potential", "new", "active", "silent", "lost"] == list(STAGES)


def test_fixed_days_without_meaning_are_refused():
    with pytest.raises(NotASetting):
        stage_trait(FixedDays(new=30, active=200, silent=100))
