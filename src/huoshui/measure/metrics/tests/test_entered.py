"""Values that people enter: what counts for which days, what is refused, what is told to the audit log."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from huoshui.data.traits.tests.shop import LONDON, Shop
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.measure.metrics import entered, entering, queries
from huoshui.measure.metrics.errors import NoSuchEntry, NotAnEntry, UnknownDimension
from huoshui.measure.metrics.periods import Period, months_between
from tests.plugins.signed_in import Signed

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 5, 1, tzinfo=UTC)
ADDRESS = "/metrics/market_share/values/"


@pytest.fixture(scope="module")
def shop():
    made = Shop()
    made.customer(1, city="Leeds")
    made.order(1, "2024-03-01")
    return made


def enter(first: str, last: str, share: str, **other: Any) -> int:
    usual: dict[str, Any] = {
        "actor": CONSOLE,
        "slug": "market_share",
        "first_day": date.fromisoformat(first),
        "last_day": date.fromisoformat(last),
        "value": Decimal(share),
        "source": "Yearbook, p. 12",
        "now": NOW,
    }
    return entering.enter(**usual | other)


def value(shop, period: Period):
    (cell,) = queries.evaluate("market_share", tables=shop, period=period)
    return cell.value


def test_a_period_has_the_value_of_the_entry_that_touches_it_and_ends_last(shop):
    enter("2023-01-01", "2023-12-31", "0.03")
    enter("2024-01-01", "2024-02-29", "0.041")
    quarter = enter("2023-10-01", "2023-12-31", "0.035")
    months = months_between(date(2023, 1, 1), date(2024, 5, 1), LONDON)
    found = queries.series("market_share", tables=shop, periods=months)
    shares = [cells[0].value for _, cells in found]
    assert shares == [0.03] * 9 + [0.035] * 3 + [0.041] * 2 + [None] * 2
    assert [value(shop, month) for month in months] == shares
    assert value(shop, Period.days(date(2023, 1, 1), date(2024, 5, 1), LONDON)) == 0.041
    entering.withdraw(actor=CONSOLE, slug="market_share", entry_id=quarter, now=NOW)
    assert value(shop, months[11]) == 0.03
    entering.put_back(actor=CONSOLE, slug="market_share", entry_id=quarter, now=NOW)
    assert value(shop, months[11]) == 0.035


def test_of_two_for_the_same_days_the_later_one_counts(shop):
    enter("2024-01-01", "2024-01-31", "0.04")
    enter("2024-01-01", "2024-01-31", "0.05", source="corrected")
    assert value(shop, Period.month(2024, 1, LONDON)) == 0.05
    assert [one.source for one in entered.entries("market_share")] == ["corrected", "Yearbook, p. 12"]


def test_days_without_an_entry_have_no_value_and_say_why(shop):
    (cell,) = queries.evaluate("market_share", tables=shop, period=Period.month(2024, 3, LONDON))
    assert cell.value is None
    why = queries.why_unknown(queries.metric("market_share"), cell)
    assert why is not None
    assert "source" in why.en
    assert queries.anonymous("market_share", tables=shop, period=Period.month(2024, 3, LONDON)) == 0
    assert not queries.opens(queries.metric("market_share"))


def test_what_is_entered_is_of_the_whole_house(shop):
    enter("2024-03-01", "2024-03-31", "0.04")
    march = Period.month(2024, 3, LONDON)
    for where in ({"city": "Leeds"}, {"in": "segment:vip"}, {"channel": "web"}):
        with pytest.raises(UnknownDimension):
            queries.evaluate("market_share", tables=shop, period=march, where=where)
        assert not queries.can_split(queries.metric("market_share"), where, tables=shop)


def test_a_metric_means_something_else_when_something_is_entered():
    before = queries.metric("market_share")
    assert before == queries.metric("market_share")
    enter("2024-03-01", "2024-03-31", "0.04")
    assert before != queries.metric("market_share")
    assert queries.metric("market_share") in queries.catalogue()


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "revenue"},
        {"slug": "nothing"},
        {"value": Decimal("1.01")},
        {"value": Decimal("-0.01")},
        {"value": Decimal("NaN")},
        {"source": "  "},
        {"source": "x" * 301},
        {"first_day": date(2024, 4, 2)},
        {"first_day": date(1, 1, 1)},
    ],
    ids=str,
)
def test_what_cannot_be_entered_is_refused_and_nothing_is_stored(wrong):
    with pytest.raises(NotAnEntry):
        enter("2024-04-01", "2024-04-01", "0.1", **wrong)
    assert entered.entries("market_share") == ()


def test_who_only_looks_enters_nothing():
    viewer = actor_of_role("viewer", Role.VIEWER)
    number = enter("2024-04-01", "2024-04-01", "0.1")
    with pytest.raises(NotAllowed):
        enter("2024-04-01", "2024-04-01", "0.2", actor=viewer)
    with pytest.raises(NotAllowed):
        entering.withdraw(actor=viewer, slug="market_share", entry_id=number, now=NOW)
    with pytest.raises(NoSuchEntry):
        entering.withdraw(actor=CONSOLE, slug="other", entry_id=number, now=NOW)
    entering.withdraw(actor=CONSOLE, slug="market_share", entry_id=number, now=NOW)
    with pytest.raises(NoSuchEntry):
        entering.withdraw(actor=CONSOLE, slug="market_share", entry_id=number, now=NOW)
    acts = apps.get_model("audit", "Entry").objects.values_list("act", flat=True)
    assert list(acts) == ["metric.entered", "metric.entry_withdrawn"]


TYPED = {"first_day": "2024-01-01", "last_day": "2024-03-31", "percent": "4.25", "source": "<b>Bureau</b>"}


def test_the_page_takes_a_value_and_shows_it_with_its_source(pages: Client, stranger: Client):
    assert "Nothing is entered yet" in pages.get(ADDRESS, headers={"accept-language": "en"}).content.decode()
    answer = pages.post(ADDRESS, TYPED)
    assert (answer.status_code, answer["Location"]) == (302, ADDRESS)
    shown = pages.get(ADDRESS).content.decode()
    assert "4.25%" in shown
    assert "&lt;b&gt;Bureau&lt;/b&gt;" in shown
    (there,) = entered.entries("market_share")
    assert there.value == Decimal("0.0425")
    assert pages.post(f"{ADDRESS}{there.id}/withdraw/").status_code == 302
    assert entered.entries("market_share") == ()
    assert pages.post(f"{ADDRESS}{there.id}/put-back/").status_code == 302
    assert entered.entries("market_share") == (there,)
    assert pages.post(f"{ADDRESS}999/withdraw/").status_code == 404
    assert pages.get(f"{ADDRESS}{there.id}/withdraw/").status_code == 405
    assert stranger.get(ADDRESS).status_code == 302


@pytest.mark.parametrize(
    "wrong", [{"percent": "101"}, {"percent": "much"}, {"source": ""}, {"last_day": "2023-01-01"}], ids=str
)
def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(pages: Client, wrong):
    answer = pages.post(ADDRESS, TYPED | wrong)
    assert answer.status_code == 400
    assert 'value="2024-01-01"' in answer.content.decode()
    assert entered.entries("market_share") == ()


def test_readers_see_the_values_and_no_form(signed_in: Signed):
    enter("2024-04-01", "2024-04-01", "0.1")
    viewer = signed_in("viewer")
    shown = viewer.get(ADDRESS).content.decode()
    assert "10%" in shown
    assert 'name="percent"' not in shown
    assert viewer.post(ADDRESS, TYPED).status_code == 403
    assert viewer.get("/metrics/revenue/values/").status_code == 404
