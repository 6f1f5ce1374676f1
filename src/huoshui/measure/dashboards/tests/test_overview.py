"""The overview of the house and the view of one customer, from facts in a real lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from huoshui.data.connectors.services import ImportOptions, import_file
from huoshui.data.customers import queries as customers
from huoshui.data.traits import services as traits
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE, Actor, Role, actor_of_role
from huoshui.kernel.clock import AsOf, zone_named
from huoshui.kernel.errors import NotAllowed
from huoshui.lake import open_lake
from huoshui.lake.house import Lake
from huoshui.measure.dashboards import queries
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.periods import Period

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ZONE = zone_named("Europe/London")
NOW = datetime(2024, 6, 1, tzinfo=UTC)
STRANGER = Actor(name="stranger", rights=frozenset())

SALES = """\
invoice,customer,date,sku,description,quantity,price
1,mei,2023-02-10 09:00,lamp,Lamp,1,30
2,mei,2024-02-20 09:00,lamp,Lamp,1,20
3,tom,2024-01-05 09:00,lock,Lock,1,100
C4,tom,2024-01-06 09:00,lock,Lock,-1,100
5,,2024-02-25 09:00,plug,Plug,2,5
6,mei,2024-02-26 09:00,POST,POSTAGE,1,500
"""


@dataclass(frozen=True)
class House:
    lake: Lake

    def overview(self, actor: Actor = CONSOLE) -> queries.Overview:
        return queries.overview(actor=actor, tables=self.lake.snapshot(), zone=ZONE, now=NOW)


@contextmanager
def house_in(home: Path) -> Iterator[House]:
    """A founded house in the folder ``home``."""
    with override_settings(HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"), HUOSHUI_STATED=frozenset()):
        organisation.found(actor=CONSOLE, currency="GBP", time_zone="Europe/London", now=NOW)
        house = House(open_lake())
        yield house
        house.lake.close()


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    """A house with the sales in it as of 1 March 2024, made once."""
    home: Path = tmp_path_factory.mktemp("house")
    (home / "sales.csv").write_text(SALES)
    with django_db_blocker.unblock(), transaction.atomic(), house_in(home) as made:
        import_file(
            actor=CONSOLE,
            lake=made.lake,
            path=home / "sales.csv",
            kind="transactions",
            options=ImportOptions(strict=True),
            now=NOW,
        )
        traits.refresh(actor=CONSOLE, lake=made.lake, as_of=AsOf.day(date(2024, 3, 1), ZONE), now=NOW)
        yield made
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def view(house: House, django_db_blocker) -> queries.Overview:
    """The overview of that house, computed once."""
    with django_db_blocker.unblock():
        return house.overview()


def test_totals_are_what_the_evaluator_says(house, view):
    period = Period.all_until(AsOf.day(date(2024, 3, 1), ZONE))
    tables = house.lake.snapshot()
    for slug, value in view.totals.items():
        assert value == metrics.evaluate(slug, tables=tables, period=period)[0].value


def test_revenue_is_net_and_includes_anonymous_sales(view):
    assert view.totals["gross_revenue"] == Decimal(660)
    assert view.totals["returns"] == Decimal(100)
    assert view.totals["revenue"] == Decimal(560)


def test_every_customer_is_in_exactly_one_cell_of_each_group(view):
    for counts in view.groups.values():
        assert sum(counts.values()) == view.totals["customers_by_stage"] == 2
    assert set(view.groups["stage"]) == {"potential", "new", "active", "silent", "lost"}


def test_the_last_days_stand_beside_as_many_before(view):
    assert view.lately["orders"] == 3
    assert view.previously["orders"] == 1
    assert view.lately["new_customers"] == 0


def test_months_without_sales_are_there_with_nothing(view):
    assert len(view.months) == 12
    assert view.months[0] == (date(2023, 3, 1), Decimal(0))
    assert view.months[-2:] == [(date(2024, 1, 1), Decimal(0)), (date(2024, 2, 1), Decimal(530))]


def test_top_products_leave_out_services_and_what_came_back(view):
    assert [(p.product_id, p.revenue) for p in view.top_products] == [
        ("lamp", Decimal(20)),
        ("plug", Decimal(10)),
    ]


def test_what_is_loaded_is_told_to_those_who_may_load(house, view):
    assert view.loads == 1
    assert house.overview(actor_of_role("mei", Role.VIEWER)).loads == 0


def test_strangers_see_nothing(house):
    with pytest.raises(NotAllowed):
        house.overview(STRANGER)
    with pytest.raises(NotAllowed):
        queries.customer(actor=STRANGER, tables=house.lake.snapshot(), customer_id=1)


def test_a_customer_comes_with_orders_newest_first(house):
    (mei,) = customers.find("mei")
    view = queries.customer(actor=CONSOLE, tables=house.lake.snapshot(), customer_id=mei.customer_id, last=2)
    assert [order.order_id for order in view.orders] == ["6", "2"]
    assert view.orders_in_all == 3
    assert view.changes == ()
    assert view.traits["frequency"].value == 3


def test_an_unknown_customer_is_refused(house):
    with pytest.raises(customers.NoSuchCustomer):
        queries.customer(actor=CONSOLE, tables=house.lake.snapshot(), customer_id=1)
