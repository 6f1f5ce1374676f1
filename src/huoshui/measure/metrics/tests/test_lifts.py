"""What campaigns added, as one figure: in a small shop computed by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from huoshui.act.holdouts import services as holdouts
from huoshui.data.traits.tests.shop import LONDON, Shop, at
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period

pytestmark = pytest.mark.django_db

START = "2024-03-25 10:00"
"""Some days before the clocks of London go forward: fourteen days of 24 hours end an hour later on the wall."""
END = at(START) + timedelta(days=14)
APRIL = Period.month(2024, 4, LONDON)
MARCH = Period.month(2024, 3, LONDON)
SLUG = "campaign_lift"


class Drawn(Shop):
    """A shop with decisions."""

    def table(self, slug: str) -> Any:
        if slug != "decisions":
            return super().table(slug)
        if slug not in self._read:
            columns = [c for c in LAKE_TABLES[slug].all_columns if c.name != "superseded_by"]
            schema = ibis.schema({c.name: c.type for c in columns}).to_pyarrow()
            rows = [{c.name: row.get(c.name) for c in columns} for row in self.rows.get(slug, [])]
            self._read[slug] = ibis.memtable(pa.Table.from_pylist(rows, schema=schema))
        return self._read[slug]

    def draws(
        self, *who: int, held: bool = False, what: str = "campaign:1", when: str = START, reason: str = ""
    ):
        for one in who:
            self._add(
                "decisions",
                customer_id=one,
                what=what,
                decided_at=at(when),
                holdout=held,
                reason=reason or ("held_out" if held else "drawn"),
                decision_id=f"{what}/{one}",
            )


def fixed(what: str = "campaign:1", **terms: Any) -> None:
    usual: dict[str, Any] = {
        "actor": CONSOLE,
        "what": what,
        "title": "Spring",
        "share": 0.5,
        "variants": {"": 1},
        "goal": "conversion",
        "horizon_days": 14,
        "cap": None,
        "choice": "draw",
        "eligible": 10,
        "now": at("2024-03-20"),
    }
    holdouts.fix(**{**usual, **terms})


def spring() -> Drawn:
    """Six people to be reached, of whom three buy in time, and four left out, of whom one does."""
    shop = Drawn()
    for who in range(1, 21):
        shop.customer(who, city="Leeds" if who % 2 else "York")
    shop.draws(1, 2, 3, 4, 5, 6)
    shop.draws(7, 8, 9, 10, held=True)
    shop.order(1, START)
    shop.order(1, "2024-04-01", "30")
    shop.order(2, "2024-03-26", ordered_at=END - timedelta(microseconds=1))
    shop.order(3, "2024-04-02")
    shop.order(4, "2024-03-26", ordered_at=END)
    shop.order(5, "2024-03-26", ordered_at=at(START) - timedelta(microseconds=1))
    shop.order(6, "2024-04-02", "0")
    shop.order(7, "2024-04-02")
    shop.order(8, "2024-03-01")
    shop.order(None, "2024-04-03")
    shop.order(20, "2024-04-30")
    return shop


def cell(shop, period=APRIL, **asked):
    (found,) = queries.evaluate(SLUG, tables=shop, period=period, **asked)
    return found


def test_it_is_the_share_of_buyers_less_that_of_those_left_out():
    fixed()
    found = cell(spring())
    assert found.value == pytest.approx(3 / 6 - 1 / 4)
    assert (found.numerator, found.denominator) == (pytest.approx(3 - 6 / 4), 6)


def test_a_campaign_counts_in_the_period_in_which_its_horizon_ends():
    fixed()
    shop = spring()
    assert cell(shop, MARCH).value is None
    assert cell(shop, Period.days(date(2024, 4, 8), date(2024, 4, 9), LONDON)).value is not None
    assert cell(shop, Period.days(date(2024, 4, 1), date(2024, 4, 8), LONDON)).value is None
    assert cell(shop, Period.month(2024, 5, LONDON)).value is None


def test_several_campaigns_are_weighted_by_the_people_to_be_reached():
    fixed()
    fixed("campaign:2", horizon_days=7)
    shop = spring()
    shop.draws(11, 12, what="campaign:2", when="2024-04-10")
    shop.draws(13, 14, held=True, what="campaign:2", when="2024-04-10")
    shop.order(11, "2024-04-11")
    shop.order(12, "2024-04-16")
    shop.order(13, "2024-04-18")
    assert cell(shop).value == pytest.approx(((3 / 6 - 1 / 4) * 6 + 1.0 * 2) / 8)
    by_city = {
        one.dimensions["city"]: one.value
        for one in queries.evaluate(SLUG, tables=shop, period=APRIL, by=["city"])
    }
    # Leeds: 1, 3, 5 and 11 against 7, 9 and 13; York: 2, 4, 6 and 12 against 8, 10 and 14.
    assert by_city == {
        "Leeds": pytest.approx(((2 / 3 - 1 / 2) * 3 + 1.0) / 4),
        "York": pytest.approx(((1 / 3 - 0) * 3 + 1.0) / 4),
    }
    assert cell(shop, where={"city": "York"}).value == by_city["York"]


def test_many_periods_at_once_say_the_same_as_each():
    fixed()
    shop = spring()
    periods = [MARCH, APRIL, Period.days(date(2024, 3, 1), date(2024, 5, 1), LONDON)]
    alone = [cell(shop, one).value for one in periods]
    assert alone[0] is None
    assert alone[1] == alone[2] == pytest.approx(0.25)


def test_who_was_drawn_in_waves_has_a_horizon_of_their_own_and_the_last_ends_it():
    fixed()
    shop = spring()
    shop.draws(11, when="2024-04-20")
    shop.order(11, "2024-05-03")
    shop.order(20, "2024-05-06")
    assert cell(shop).value is None
    assert cell(shop, Period.month(2024, 5, LONDON)).value == pytest.approx(4 / 7 - 1 / 4)


def test_orders_that_are_not_loaded_to_the_end_say_nothing():
    fixed()
    shop = Drawn()
    for who in range(1, 5):
        shop.customer(who)
    shop.draws(1, 2)
    shop.draws(3, 4, held=True)
    shop.order(1, "2024-04-01")
    assert cell(shop).value is None


def test_who_was_merged_of_both_sides_is_on_neither_and_others_count_once():
    fixed()
    shop = spring()
    shop._add("identity_links", from_id=7, customer_id=1, valid_from=at("2024-06-01"))
    shop._add("identity_links", from_id=3, customer_id=2, valid_from=at("2024-06-01"))
    # Left: 2 (with 3), 4, 5, 6 against 8, 9, 10.
    assert cell(shop).value == pytest.approx(1 / 4 - 0)


def test_the_global_control_group_is_apart_unless_it_is_all_there_is_to_compare_with():
    fixed()
    shop = spring()
    shop.draws(11, 12, held=True, reason="global_control")
    shop.order(11, "2024-04-02")
    assert cell(shop).value == pytest.approx(3 / 6 - 1 / 4)
    holdouts.set_group(actor=CONSOLE, share=0.1, now=at("2024-03-01"))
    fixed("campaign:2", share=0.0, choice="global_only")
    other = spring()
    other.draws(11, 12, what="campaign:2")
    other.draws(13, 14, held=True, what="campaign:2", reason="global_control")
    other.order(13, "2024-04-02")
    assert cell(other).value == pytest.approx(((3 / 6 - 1 / 4) * 6 - 0.5 * 2) / 8)


@pytest.mark.parametrize("choice", ["none", "unknown", "no control", "something else"])
def test_without_somebody_to_compare_with_there_is_no_figure_and_never_zero(choice):
    shop = spring()
    if choice == "unknown":
        fixed(share=0.0, choice="unknown")
    if choice == "something else":
        fixed("survey:1")
        shop.draws(11, what="survey:1")
        shop.draws(12, held=True, what="survey:1")
    if choice == "no control":
        fixed("campaign:2")
        shop.draws(11, 12, what="campaign:2")
    found = cell(shop)
    assert found.value is None
    why = queries.why_unknown(queries.metric(SLUG), found)
    assert why is not None
    assert "campaigns" in why.en
    assert cell(shop, by=[]).value is None
    assert queries.evaluate(SLUG, tables=shop, period=APRIL, by=["city"]) == []


def test_what_people_became_afterwards_divides_nothing():
    fixed()
    shop = spring()
    for refused in ("stage", "value_class", "channel", "month"):
        with pytest.raises(UnknownDimension):
            queries.evaluate(SLUG, tables=shop, period=APRIL, by=[refused])
    for where in ({"stage": "active"}, {"in": "segment:vip"}):
        with pytest.raises(UnknownDimension, match="afterwards"):
            cell(shop, where=where)
    declared = queries.metric(SLUG)
    assert queries.can_split(declared, ("city",), tables=shop)
    assert not queries.can_split(declared, ("stage",), tables=shop)
    assert not queries.can_split(declared, ("in",), tables=shop)


def test_the_figure_opens_to_those_who_were_to_be_reached():
    fixed()
    shop = spring()
    assert set(shop.rows_of(queries.population(SLUG, tables=shop, period=APRIL))) == {1, 2, 3, 4, 5, 6}
    assert set(shop.rows_of(queries.population(SLUG, tables=shop, period=MARCH))) == set()
