"""Rules of segments hold on Spark for whom they hold anywhere: as a person-by-person evaluation says."""

from __future__ import annotations

from random import Random

import pytest

from huoshui.data.connectors.tests.house import House
from huoshui.data.traits.tests.shop import Shop
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.know.segments import compiling, profiles, queries
from huoshui.know.segments.rules import Every
from huoshui.know.segments.tests import agreeing, people
from tests.spark import shop

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PEOPLE, RULES = 300, 100
OVER_THE_CHANGE = (("2024-03-31 00:00", "2024-04-01 01:30"), ("2023-10-29 00:30", "2023-10-30 01:00"))
"""London's clocks went forward in the first, back in the second: 24.5 and 25.5 hours."""


def test_a_profile_and_the_overlaps_of_a_segment_are_the_same_on_spark(house: House):
    tables, as_of = house.lake.snapshot(), AsOf.day(shop.LAST, HOUSE_ZONE())
    rule = queries.rule_of("stage-lost")
    # Said otherwise, so that the second is not the answer that was kept of the first.
    found, same = (
        profiles.profile(tables=picture, as_of=as_of, rule=said)
        for picture, said in ((tables, rule), (tables.embedded(), Every((rule,))))
    )
    assert found == same
    assert 0 < found.size < found.customers
    assert any(one.ratio not in (None, 1.0) for one in found.middles)
    for one in profiles.overlaps(tables=tables, as_of=as_of, slug="stage-lost"):
        other = queries.count(tables=tables.embedded(), as_of=as_of, rule=queries.rule_of(one.slug))
        assert other.count == one.both + one.only_other


def test_rules_compiled_for_spark_agree_with_a_person_by_person_evaluation(founded_house: House):
    met = people.shop_of(PEOPLE, Random(3))
    tables = agreeing.Elsewhere(met, founded_house.lake.snapshot().session)
    verdict = agreeing.agree(tables, tables.rows_of, agreeing.persons_of(met), Random(20240403), rules=RULES)
    assert not verdict.wrong, verdict.wrong[0]
    assert min(verdict.held, verdict.not_held) > RULES * PEOPLE / 5


def test_hours_between_two_events_are_hours_where_clocks_are_changed(founded_house: House):
    met = Shop()
    for customer, (first, then) in enumerate(OVER_THE_CHANGE, 1):
        met.customer(customer)
        met.event(customer, first, "Cart Updated")
        met.event(customer, then, "Product Viewed")
    tables = agreeing.Elsewhere(met, founded_house.lake.snapshot().session)
    rules = {
        f"within {hours}": agreeing.read(
            {"did": "Cart Updated", "then": "Product Viewed", "within_hours": hours}
        )
        for hours in (24, 25, 26)
    }
    found = tables.rows_of(compiling.table(tables, agreeing.MOMENT, rules, segments={}))
    told = [[found[customer][name] for name in rules] for customer in (1, 2)]
    assert told == [[False, True, True], [False, False, True]]
