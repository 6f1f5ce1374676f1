"""What is to come of each customer: by the model, by the rule that stands in, and where there is hardly anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from huoshui.data.traits import queries as traits
from huoshui.data.traits.tests.shop import Shop, as_of
from huoshui.kernel.actors import CONSOLE
from huoshui.know.models import queries as models
from huoshui.know.models import services
from huoshui.know.value import clv, forecasting
from huoshui.science.clv import BetaGeo, GammaGamma, ModifiedBetaGeo, purchase_summary

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 1, 1, tzinfo=UTC)
SLUGS = (
    "p_alive",
    "p_alive_low",
    "p_alive_high",
    "expected_orders_90d",
    "expected_orders_90d_low",
    "expected_orders_90d_high",
    "clv_12m",
    "clv_12m_low",
    "clv_12m_high",
    "margin_rate",
    "margin_12m",
    "margin_12m_low",
    "margin_12m_high",
)


def told(shop, day="2024-06-01", train=True):
    if train:
        services.train(actor=CONSOLE, slug=clv.SLUG, tables=shop, as_of=as_of(day), now=NOW)
    return shop.rows_of(traits.trait_table(shop, as_of(day), only=SLUGS))


def numbers(content: Any, path: str = "") -> dict[str, float]:
    """Every number of a kept model by its place. Sums of floats differ in their last digit from run to run."""
    if isinstance(content, dict | list):
        pairs = content.items() if isinstance(content, dict) else enumerate(content)
        return {at: one for key, part in pairs for at, one in numbers(part, f"{path}.{key}").items()}
    return {path: content} if isinstance(content, float) else {}


def learnt(day):
    version = models.at(clv.SLUG, as_of(day))
    assert version is not None
    return version.trained


def living(customers, seed=1):
    """A shop whose customers buy at rates of their own and leave at random."""
    draws, shop = np.random.default_rng(seed), Shop()
    for customer in range(1, customers + 1):
        shop.customer(customer)
        rate, leave = draws.gamma(1.0, 1 / 40), draws.beta(1.0, 3.0)
        day, mean = draws.uniform(0, 200), draws.gamma(6.0, 20.0)
        while day < 517:
            shop.order(
                customer,
                (date(2023, 1, 1) + timedelta(days=int(day))).isoformat(),
                Decimal(f"{mean * draws.gamma(4.0, 0.25) + 1:.2f}"),
            )
            if draws.random() < leave:
                break
            day += draws.exponential(1 / rate)
    return shop


def test_forecasts_are_those_of_the_library():
    shop = living(400)
    found = told(shop)
    kept = learnt("2024-06-01")
    orders = shop.table("orders")
    rows = orders.select("customer_id", "revenue", day=orders.ordered_at.date())
    table = shop.arrow(purchase_summary(rows, as_of=date(2024, 6, 1)))
    who, x, t, end, m = (table[name].to_numpy() for name in table.column_names)
    kinds = {kind.__name__: kind for kind in (BetaGeo, ModifiedBetaGeo)}
    buying, money = (
        kinds[kept.content["buying"]["model"]](unit="D").fit(x, t, end),
        GammaGamma(unit="D").fit(x, m),
    )
    assert kept.content["buying"]["params"] == pytest.approx(buying.params_, rel=1e-5)
    expected = buying.lifetime_value(x, t, end, money.expected_value(x, m), discount_rate=0.1)
    for place in range(0, 400, 37):
        row = found[who[place]]
        assert float(row["clv_12m"]) == pytest.approx(expected[place], rel=1e-4, abs=1e-3)
        assert row["p_alive"] == pytest.approx(buying.probability_alive(x, t, end)[place], rel=1e-4)
        assert row["clv_12m_low"] <= row["clv_12m_high"]
        assert row["p_alive_low"] <= row["p_alive"] <= row["p_alive_high"]
        assert row["expected_orders_90d_low"] <= row["expected_orders_90d_high"]
    assert any(row["p_alive_low"] < row["p_alive_high"] for row in found.values())
    chances = buying.purchase_distribution(90.0, x, t, end, 3)
    for customer, at_most_none in zip(who, chances[:, 0], strict=True):
        assert (found[customer]["expected_orders_90d_high"] == 0) == (at_most_none >= 0.95)
    assert kept.judged is not None
    assert kept.judged.actual > 0
    assert {one.name.en for one in kept.data} >= {"of them came back", "Nothing later than"}


def test_a_model_kept_by_an_older_version_has_no_ends_for_the_chance():
    shop = living(200)
    told(shop)
    version = models.at(clv.SLUG, as_of("2024-06-01"))
    assert version is not None
    content = dict(version.trained.content)
    content["buying"] = {name: value for name, value in content["buying"].items() if name != "covariance"}
    found = forecasting.told(content, clv.histories(shop, as_of("2024-06-01")))
    assert found["p_alive"].null_count == 0
    assert found["p_alive_low"].null_count == found.num_rows
    assert found["expected_orders_90d_high"].null_count == 0


def test_where_nobody_came_back_a_steady_rate_stands_in_and_says_so():
    shop = Shop()
    for customer in (1, 2, 3):
        shop.customer(customer)
        shop.order(customer, f"2024-03-0{customer}", "20")
    shop.customer(4)
    found = told(shop)
    kept = learnt("2024-06-01")
    assert not kept.enough
    assert "steady rate" in kept.reasons[0].en
    assert found[1]["p_alive"] is found[1]["p_alive_low"] is found[1]["p_alive_high"] is None
    assert found[1]["expected_orders_90d_high"] >= found[1]["expected_orders_90d"] > 0
    assert 0 < found[1]["clv_12m"] < 20
    assert (found[1]["clv_12m_low"], found[4]["clv_12m"]) == (0, None)
    assert found[1]["clv_12m_high"] >= found[1]["clv_12m"]


@pytest.mark.parametrize("orders", [[], [(1, "2024-05-31", "10")], [(1, "2024-05-01", "10")] * 3])
def test_a_house_with_hardly_anybody_is_told_so(orders):
    shop = Shop()
    shop.customer(1)
    for order in orders:
        shop.order(*order)
    found = told(shop)
    kept = learnt("2024-06-01")
    assert not kept.enough
    assert kept.reasons
    assert (found[1]["clv_12m"] is None) == (not orders)


def test_equal_customers_are_valued_equally_and_money_may_be_the_same_everywhere():
    shop = Shop()
    for customer in range(1, 21):
        shop.customer(customer)
        for month in (1, 2, 3):
            shop.order(customer, f"2024-0{month}-05", "10")
    found = told(shop)
    assert len({row["clv_12m"] for row in found.values()}) == 1
    assert 0 < found[1]["clv_12m"] < 1000


def test_before_the_first_training_nothing_is_foretold():
    shop = Shop()
    shop.customer(1)
    shop.order(1, "2024-05-01", "10")
    assert told(shop, train=False)[1] == {"customer_id": 1, **dict.fromkeys(SLUGS)}


def test_a_model_does_not_see_what_arrived_after_it_should_know():
    shop, same = living(120), living(120)
    late, later = NOW + timedelta(days=30), NOW + timedelta(days=60)
    for customer in range(1, 60):
        shop.order(customer, "2024-05-20", "500", ingested_at=late)
    day, then = as_of("2024-06-01"), replace(as_of("2024-06-01"), known_at=NOW + timedelta(days=1))

    def learn(tables, moment, now):
        return services.train(actor=CONSOLE, slug=clv.SLUG, tables=tables, as_of=moment, now=now)

    without, everything, asked = learn(same, day, NOW), learn(shop, day, later), learn(shop, then, later)
    assert asked.known_at == then.known_at
    assert replace(asked.trained, content={}) == replace(without.trained, content={})
    assert numbers(asked.trained.content) == pytest.approx(numbers(without.trained.content), rel=1e-6)
    assert everything.trained.content != without.trained.content
    # Of that moment speaks the newest version that knew no more.
    spoken = models.at(clv.SLUG, then)
    assert spoken is not None
    assert spoken.number == asked.number


def test_margin_is_known_where_costs_are():
    shop = Shop()
    for customer in (1, 2):
        shop.customer(customer)
        shop.order(customer, "2024-03-01", "100")
        shop.order(customer, "2024-04-01", "100")
    shop.line(1, "2024-03-01", "lamps", "100", order_id="o1", unit_cost=Decimal(30), quantity=Decimal(2))
    shop.line(1, "2024-04-01", None, "60", order_id="o2", unit_cost=Decimal(20), quantity=Decimal(1))
    shop.line(1, "2024-04-01", "lamps", "40", order_id="o2")
    shop.line(2, "2024-03-01", "lamps", "100", order_id="o3")
    found = told(shop)
    assert found[1]["margin_rate"] == pytest.approx(1 - 80 / 160)
    assert found[1]["margin_12m"] == pytest.approx(found[1]["clv_12m"] / 2, abs=Decimal("0.0001"))
    for end in ("low", "high"):
        half = found[1][f"clv_12m_{end}"] / 2
        assert found[1][f"margin_12m_{end}"] == pytest.approx(half, abs=Decimal("0.0001"))
    assert (found[2]["margin_rate"], found[2]["margin_12m"]) == (None, None)
    assert found[2]["margin_12m_high"] is None


def test_satisfaction_is_the_last_answer_on_it():
    shop = Shop()
    for customer in (1, 2):
        shop.customer(customer)
    shop.answer(1, "2024-01-01", "csat", 2.0)
    shop.answer(1, "2024-02-01", "csat", 5.0)
    shop.answer(1, "2024-03-01", "nps", 9.0)
    shop.answer(1, "2024-07-01", "csat", 1.0)
    found = shop.rows_of(traits.trait_table(shop, as_of("2024-06-01"), only=["satisfaction_latest"]))
    assert (found[1]["satisfaction_latest"], found[2]["satisfaction_latest"]) == (5.0, None)
